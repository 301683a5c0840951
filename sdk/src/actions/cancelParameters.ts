import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Ends a scheduled change: what is in force stays. Needs CONFIGURATOR_ROLE or GUARDIAN_ROLE.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function cancelParameters(
  client: AnyClient,
  { market, ...tx }: cancelParameters.Parameters,
): Promise<cancelParameters.ReturnType> {
  return writeEngine(client, tx, 'cancelParameters', [market]);
}

export declare namespace cancelParameters {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = Hash;
}
