import type { Hash, Hex } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Moves a position's loss out of its account's margin to unpaid claims. Anybody may, while there are any.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function crystallise(
  client: AnyClient,
  { account, market, update, ...tx }: crystallise.Parameters,
): Promise<crystallise.ReturnType> {
  return writeEngine(client, tx, 'crystallise', [account, market, update]);
}

export declare namespace crystallise {
  interface Parameters extends PricedParameters {
    /** Whose position. */
    account: Hex;
    /** Of the position. */
    market: bigint;
  }
  type ReturnType = Hash;
}
