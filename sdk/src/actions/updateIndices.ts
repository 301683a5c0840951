import type { Hash } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Accepts fresh prices as indices, accruing funding first, and notes whether USDC is on its peg. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function updateIndices(
  client: AnyClient,
  { markets, update, ...tx }: updateIndices.Parameters,
): Promise<updateIndices.ReturnType> {
  return writeEngine(client, tx, 'updateIndices', [markets, update]);
}

export declare namespace updateIndices {
  interface Parameters extends PricedParameters {
    /** Bit m set: market m; none notes the peg alone. */
    markets: bigint;
  }
  type ReturnType = Hash;
}
