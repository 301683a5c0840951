import type { ContractFunctionReturnType } from 'viem';
import type { liquidityVaultAbi } from '../abi/index.ts';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * The pool's net asset value at the stored indices, zero when negative. USDC units, rounded down.
 * @throws {TidemarkError}
 */
export function getTotalAssets(client: AnyClient, at: getTotalAssets.Parameters): Promise<getTotalAssets.ReturnType> {
  return readVault(client, at, 'totalAssets', []);
}

export declare namespace getTotalAssets {
  type Parameters = VaultReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof liquidityVaultAbi, 'view', 'totalAssets'>;
}
