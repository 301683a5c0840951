import type { Hash } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Ends a market at the time announced. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function settleMarket(
  client: AnyClient,
  { market, update, ...tx }: settleMarket.Parameters,
): Promise<settleMarket.ReturnType> {
  return writeEngine(client, tx, 'settleMarket', [market, update]);
}

export declare namespace settleMarket {
  interface Parameters extends PricedParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = Hash;
}
