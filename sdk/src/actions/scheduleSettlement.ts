import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Announces a market's end. Needs CONFIGURATOR_ROLE.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function scheduleSettlement(
  client: AnyClient,
  { market, at, ...tx }: scheduleSettlement.Parameters,
): Promise<scheduleSettlement.ReturnType> {
  return writeEngine(client, tx, 'scheduleSettlement', [market, at]);
}

export declare namespace scheduleSettlement {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
    /** Seconds, a day from now at least. */
    at: number;
  }
  type ReturnType = Hash;
}
