import type { Hash, Hex } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Closes a position or a part of it at once, without any operator, at the worse of both sources less a surcharge.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function closeNow(
  client: AnyClient,
  { account, market, size, limitPrice, update, ...tx }: closeNow.Parameters,
): Promise<closeNow.ReturnType> {
  return writeEngine(client, tx, 'closeNow', [account, market, size, limitPrice, update]);
}

export declare namespace closeNow {
  interface Parameters extends PricedParameters {
    /** Account of the sender's, or of an owner who lets the sender close. */
    account: Hex;
    /** Its id. */
    market: bigint;
    /** Base units, 12 decimals, positive; more than the position closes all of it. */
    size: bigint;
    /** USD per base unit, 18 decimals; 0 binds no sell, `NO_LIMIT` binds no buy. */
    limitPrice: bigint;
  }
  type ReturnType = Hash;
}
