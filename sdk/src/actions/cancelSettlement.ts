import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Takes the announcement of a market's end back. Needs CONFIGURATOR_ROLE.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function cancelSettlement(
  client: AnyClient,
  { market, ...tx }: cancelSettlement.Parameters,
): Promise<cancelSettlement.ReturnType> {
  return writeEngine(client, tx, 'cancelSettlement', [market]);
}

export declare namespace cancelSettlement {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = Hash;
}
