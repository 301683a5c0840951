import type { Hash } from 'viem';
import { encodeSigned, type SignedOrder } from '../orders/signedOrders.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Puts signed orders on the chain as an event, for anybody to commit, when nobody else keeps them. Nothing is checked.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function announce(
  client: AnyClient,
  { market, orders, ...tx }: announce.Parameters,
): Promise<announce.ReturnType> {
  const { orders: words, others } = encodeSigned(orders);
  return writeEngine(client, tx, 'announce', [market, words, others]);
}

export declare namespace announce {
  interface Parameters extends WriteParameters {
    /** Its id; the one that the orders were signed for. */
    market: bigint;
    /** 1 to 32. */
    orders: readonly Omit<SignedOrder, 'market'>[];
  }
  type ReturnType = Hash;
}
