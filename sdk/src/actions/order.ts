import type { Hex } from 'viem';
import type { Order } from '../math/engineTypes.ts';

/** A limit price that binds no buy. */
export const NO_LIMIT = (1n << 96n) - 1n;

/** An order that fills at whatever the market costs. */
export function marketOrder({
  account,
  sizeDelta,
  reduceOnly = false,
}: {
  account: Hex;
  sizeDelta: bigint;
  reduceOnly?: boolean;
}): Order {
  return { account, sizeDelta, limitPrice: sizeDelta > 0n ? NO_LIMIT : 0n, reduceOnly };
}
