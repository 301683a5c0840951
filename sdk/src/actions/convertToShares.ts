import type { ContractFunctionReturnType } from 'viem';
import type { liquidityVaultAbi } from '../abi/index.ts';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * Shares that assets are worth at the stored indices, 18 decimals, rounded down; an epoch's own price decides.
 * @throws {TidemarkError}
 */
export function convertToShares(
  client: AnyClient,
  { assets, ...at }: convertToShares.Parameters,
): Promise<convertToShares.ReturnType> {
  return readVault(client, at, 'convertToShares', [assets]);
}

export declare namespace convertToShares {
  interface Parameters extends VaultReadParameters {
    /** USDC units, 6 decimals. */
    assets: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof liquidityVaultAbi, 'view', 'convertToShares'>;
}
