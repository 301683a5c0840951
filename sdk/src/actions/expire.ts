import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Passes batches whose window has ended without their contents. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function expire(client: AnyClient, { market, count, ...tx }: expire.Parameters): Promise<expire.ReturnType> {
  return writeEngine(client, tx, 'expire', [market, count]);
}

export declare namespace expire {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
    /** At most so many batches. */
    count: bigint;
  }
  type ReturnType = Hash;
}
