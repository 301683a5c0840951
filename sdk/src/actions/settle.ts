import type { Hash } from 'viem';
import type { Order } from '../math/engineTypes.ts';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Settles the batches at the head of a market's queue that were committed in one block. Anybody may, for the fee.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function settle(
  client: AnyClient,
  { market, batches, update, ...tx }: settle.Parameters,
): Promise<settle.ReturnType> {
  return writeEngine(client, tx, 'settle', [market, batches, update]);
}

export declare namespace settle {
  interface Parameters extends PricedParameters {
    /** Its id. */
    market: bigint;
    /** Exactly what was committed, from the head on. */
    batches: readonly (readonly Order[])[];
  }
  type ReturnType = Hash;
}
