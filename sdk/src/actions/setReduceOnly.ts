import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Lets a market's positions only shrink, or ends that. CONFIGURATOR_ROLE; GUARDIAN_ROLE may set, not end it.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function setReduceOnly(
  client: AnyClient,
  { market, on, ...tx }: setReduceOnly.Parameters,
): Promise<setReduceOnly.ReturnType> {
  return writeEngine(client, tx, 'setReduceOnly', [market, on]);
}

export declare namespace setReduceOnly {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
    /** Whether they may only shrink. */
    on: boolean;
  }
  type ReturnType = Hash;
}
