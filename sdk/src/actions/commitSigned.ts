import type { Hash } from 'viem';
import { encodeSigned, type SignedOrder } from '../orders/signedOrders.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Commits orders by their signatures, whoever sends it. One that is refused is left out, which the receipt tells, see
 * `getOrdersLeftOut`; when all are, the call is refused with the last one's reason.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function commitSigned(
  client: AnyClient,
  { market, orders, ...tx }: commitSigned.Parameters,
): Promise<commitSigned.ReturnType> {
  const { orders: words, others } = encodeSigned(orders);
  return writeEngine(client, tx, 'commitSigned', [market, words, others]);
}

export declare namespace commitSigned {
  interface Parameters extends WriteParameters {
    /** Its id; the one that the orders were signed for. */
    market: bigint;
    /** 1 to 32; `signOrder` and `signOrders` make them. */
    orders: readonly Omit<SignedOrder, 'market'>[];
  }
  type ReturnType = Hash;
}
