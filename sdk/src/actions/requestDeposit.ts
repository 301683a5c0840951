import type { Address, Hash } from 'viem';
import { type AnyClient, type VaultWriteParameters, writeVault } from './vault.ts';

/**
 * Puts tokens, approved to the engine, into the pool: shares at the price of the first epoch settled in a later hour. The
 * request's number is the present hour since 1970, as its `DepositRequest` says.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function requestDeposit(
  client: AnyClient,
  { assets, controller, owner, ...tx }: requestDeposit.Parameters,
): Promise<requestDeposit.ReturnType> {
  return writeVault(client, tx, 'requestDeposit', [assets, controller, owner]);
}

export declare namespace requestDeposit {
  interface Parameters extends VaultWriteParameters {
    /** USDC units, 6 decimals. */
    assets: bigint;
    /** Whose request it becomes. */
    controller: Address;
    /** Whose tokens: the sender's, or of who made the sender its operator. */
    owner: Address;
  }
  type ReturnType = Hash;
}
