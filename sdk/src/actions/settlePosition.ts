import type { Hash, Hex } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Takes a position out of a settled market at its last index, or what a deleveraging left of one. Anybody may, but
 * while orders of the account are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function settlePosition(
  client: AnyClient,
  { account, market, ...tx }: settlePosition.Parameters,
): Promise<settlePosition.ReturnType> {
  return writeEngine(client, tx, 'settlePosition', [account, market]);
}

export declare namespace settlePosition {
  interface Parameters extends WriteParameters {
    /** Whose position. */
    account: Hex;
    /** Of the position. */
    market: bigint;
  }
  type ReturnType = Hash;
}
