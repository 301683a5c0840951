import type { ContractFunctionReturnType } from 'viem';
import type { liquidityVaultAbi } from '../abi/index.ts';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * Shares of the pool, 18 decimals, those in keeping included.
 * @throws {TidemarkError}
 */
export function getShareSupply(client: AnyClient, at: getShareSupply.Parameters): Promise<getShareSupply.ReturnType> {
  return readVault(client, at, 'totalSupply', []);
}

export declare namespace getShareSupply {
  type Parameters = VaultReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof liquidityVaultAbi, 'view', 'totalSupply'>;
}
