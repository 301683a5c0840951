import type { Hash } from 'viem';
import type { Order } from '../math/engineTypes.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Commits a batch of market orders of the sender's accounts. It settles at the first price published 2 to 12 s
 * later, within 60 s, and cannot be cancelled.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function commit(client: AnyClient, { market, orders, ...tx }: commit.Parameters): Promise<commit.ReturnType> {
  return writeEngine(client, tx, 'commit', [market, orders]);
}

export declare namespace commit {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
    /** 1 to 32. */
    orders: readonly Order[];
  }
  type ReturnType = Hash;
}
