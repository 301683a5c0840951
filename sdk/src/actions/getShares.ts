import type { Address, ContractFunctionReturnType } from 'viem';
import type { liquidityVaultAbi } from '../abi/index.ts';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * An owner's shares of the pool, 18 decimals, without those in keeping.
 * @throws {TidemarkError}
 */
export function getShares(client: AnyClient, { owner, ...at }: getShares.Parameters): Promise<getShares.ReturnType> {
  return readVault(client, at, 'balanceOf', [owner]);
}

export declare namespace getShares {
  interface Parameters extends VaultReadParameters {
    /** Address read. */
    owner: Address;
  }
  type ReturnType = ContractFunctionReturnType<typeof liquidityVaultAbi, 'view', 'balanceOf'>;
}
