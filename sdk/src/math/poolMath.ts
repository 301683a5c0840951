import type { Market } from './engineTypes.ts';
import { BPS, divUp, max } from './fixedPoint.ts';
import { skewOf } from './fundingMath.ts';

// What a market owes its traders and keeps of the pool for them, mirror of PoolMath.sol. Source: docs/mechanism.md#pool.

/** ℓ: the part of the larger side's notional that a market locks, basis points. */
export const LOCK_BPS = 2000n;

/**
 * U: what all positions of a market are worth: skew · (price − funding) + cash.
 * @param price USD per base unit, 18 decimals.
 * @returns USD, 30 decimals, signed: + the pool owes it. Exact.
 */
export function tradersValue(market: Market, price: bigint): bigint {
  return skewOf(market) * (price - market.funding) + market.cash;
}

/**
 * What a market locks of the pool's value: ⌈ℓ · max(longs, shorts) · price⌉ + max(U, 0).
 * @param price USD per base unit, 18 decimals.
 * @returns USD, 30 decimals, rounded up: against who wants to open or to redeem.
 */
export function lockOf(market: Market, price: bigint): bigint {
  const notional = max(market.longs, market.shorts) * price;
  return divUp(notional * LOCK_BPS, BPS) + max(tradersValue(market, price), 0n);
}
