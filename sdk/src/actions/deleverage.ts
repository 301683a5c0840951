import type { Hash } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Cuts every position of a market's larger side by one fraction, while the pool owes it too much. Anybody may;
 * `update` holds every market that is not settled.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function deleverage(
  client: AnyClient,
  { market, update, ...tx }: deleverage.Parameters,
): Promise<deleverage.ReturnType> {
  return writeEngine(client, tx, 'deleverage', [market, update]);
}

export declare namespace deleverage {
  interface Parameters extends PricedParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = Hash;
}
