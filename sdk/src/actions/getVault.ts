import type { ContractFunctionReturnType } from 'viem';
import type { liquidityVaultAbi } from '../abi/index.ts';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * What waits in the vault, its last epoch and its parameters.
 * @throws {TidemarkError}
 */
export function getVault(client: AnyClient, at: getVault.Parameters): Promise<getVault.ReturnType> {
  return readVault(client, at, 'getVault', []);
}

export declare namespace getVault {
  type Parameters = VaultReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof liquidityVaultAbi, 'view', 'getVault'>;
}
