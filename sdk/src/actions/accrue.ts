import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Accrues a market's funding to now at its accepted index. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function accrue(client: AnyClient, { market, ...tx }: accrue.Parameters): Promise<accrue.ReturnType> {
  return writeEngine(client, tx, 'accrue', [market]);
}

export declare namespace accrue {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = Hash;
}
