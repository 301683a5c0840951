import type { Hash } from 'viem';
import type { OrderFields } from '../math/orderWords.ts';
import { orderOf } from '../orders/orderOf.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Commits a batch of orders of the sender's accounts, or of those whose owners made the sender a delegate. It settles at the
 * first price published 2 to 12 s later, within 60 s, and cannot be cancelled. One that is refused stops them all.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {OrderInvalidError}
 * @throws {TidemarkError}
 */
export async function commit(
  client: AnyClient,
  { market, orders, ...tx }: commit.Parameters,
): Promise<commit.ReturnType> {
  return writeEngine(client, tx, 'commit', [market, orders.map(orderOf)]);
}

export declare namespace commit {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
    /** 1 to 32; `marketOrder` and its like make them. */
    orders: readonly OrderFields[];
  }
  type ReturnType = Hash;
}
