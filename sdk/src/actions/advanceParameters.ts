import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Puts the parameters of a scheduled change that are due now in force. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function advanceParameters(
  client: AnyClient,
  { market, ...tx }: advanceParameters.Parameters,
): Promise<advanceParameters.ReturnType> {
  return writeEngine(client, tx, 'advanceParameters', [market]);
}

export declare namespace advanceParameters {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = Hash;
}
