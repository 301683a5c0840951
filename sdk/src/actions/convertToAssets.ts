import type { ContractFunctionReturnType } from 'viem';
import type { liquidityVaultAbi } from '../abi/index.ts';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * Assets that shares are worth at the stored indices, USDC units, rounded down; an epoch's own price decides.
 * @throws {TidemarkError}
 */
export function convertToAssets(
  client: AnyClient,
  { shares, ...at }: convertToAssets.Parameters,
): Promise<convertToAssets.ReturnType> {
  return readVault(client, at, 'convertToAssets', [shares]);
}

export declare namespace convertToAssets {
  interface Parameters extends VaultReadParameters {
    /** 18 decimals. */
    shares: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof liquidityVaultAbi, 'view', 'convertToAssets'>;
}
