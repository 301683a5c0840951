import type { Hash, Hex } from 'viem';
import { type AnyClient, type VaultWriteParameters, writeVault } from './vault.ts';

/**
 * Fixes the prices of the present hour's epoch and executes what has reached it. Anybody may, once an hour, from its
 * fifteenth second on.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function settleEpoch(
  client: AnyClient,
  { update, ...tx }: settleEpoch.Parameters,
): Promise<settleEpoch.ReturnType> {
  return writeVault(client, tx, 'settleEpoch', [update]);
}

export declare namespace settleEpoch {
  interface Parameters extends VaultWriteParameters {
    /** Signed updates of exactly the markets that are not settled and have open interest; empty where the stored prices
     * are young enough, or there is no such market. */
    update: readonly Hex[];
    /** Wei: the update's fee, see `getUpdateFee`; what is left comes back. */
    value?: bigint;
  }
  type ReturnType = Hash;
}
