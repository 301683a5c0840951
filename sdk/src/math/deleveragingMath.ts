import { type Checkpoint, type Market, type MarketConfig, MarketFlags, type Position } from './engineTypes.ts';
import { skewReserve, skewScale } from './fillMath.ts';
import {
  abs,
  BPS,
  clamp,
  divFloor,
  divUp,
  max,
  min,
  mulDivDown,
  mulDivTrunc,
  mulDivUp,
  RAW_PER_WAD,
} from './fixedPoint.ts';
import { skewOf } from './fundingMath.ts';
import { LOCK_BPS, tradersValue } from './poolMath.ts';

// Auto-deleveraging in O(1), pro rata; crystallising; leaving at the index: mirror of DeleveragingMath.sol.
// Source: docs/mechanism.md#deleveraging.

/** Of the allocation, percent: above the first a market is deleveraged, down to the second. */
export const TRIGGER_PERCENT = 140n;
export const TARGET_PERCENT = 120n;
/** One in the scale of multipliers. */
export const ONE = 2n ** 127n;
/** Below it a round ends: 2^-32. */
export const LEAST_MULTIPLIER = 2n ** 95n;

const LEAST_CASH = -(2n ** 135n);
const MOST_CASH = 2n ** 135n - 1n;

/** Where a side stands before its first deleveraging. */
export const BEGINNING: Checkpoint = { multiplier: ONE, round: 0n, cash: 0n };

/** What a deleveraging takes. `exposure` and `limit` USD, 30 decimals; `cut` and `least` base units, 12 decimals. */
export interface Reduction {
  exposure: bigint;
  limit: bigint;
  cut: bigint;
  least: bigint;
}

/** U + Res of a market at a price; a settled one has no reserve. @returns USD, 30 decimals, signed. */
export function owed(market: Market, config: MarketConfig, price: bigint): bigint {
  const value = tradersValue(market, price);
  if ((config.flags & MarketFlags.Settled) !== 0n) return value;
  return value + skewReserve(price, skewOf(market), skewScale(config));
}

/**
 * What brings U⁺ + ℓ · |skew| · index down to 120 % of allocation · NAV, the skew at most to zero.
 * @param market Accrued, at its new index.
 * @param netAssetValue USD, 30 decimals, signed; what is not positive allots nothing.
 */
export function reductionOf(market: Market, config: MarketConfig, netAssetValue: bigint): Reduction {
  const owedToTraders = max(tradersValue(market, market.index), 0n);
  const skew = abs(skewOf(market));
  const nav = max(netAssetValue, 0n);
  const target = mulDivDown(nav, config.allocationPercent * TARGET_PERCENT, 10_000n);
  const left =
    target > owedToTraders ? min(mulDivDown(target - owedToTraders, BPS, LOCK_BPS * market.index), skew) : 0n;
  return {
    exposure: owedToTraders + mulDivUp(skew * market.index, LOCK_BPS, BPS),
    limit: mulDivDown(nav, config.allocationPercent * TRIGGER_PERCENT, 10_000n),
    cut: skew - left,
    least: divUp(max(market.longs, market.shorts), 100n),
  };
}

/**
 * The state of a side after its open interest shrank; the multiplier rounded down, the cash per unit exact.
 * @param value index − funding, USD per base unit, 18 decimals, signed.
 */
export function advance(from: Checkpoint, before: bigint, rest: bigint, value: bigint): Checkpoint {
  const multiplier = mulDivDown(from.multiplier, rest, before);
  return { multiplier, round: from.round, cash: from.cash + (from.multiplier - multiplier) * value };
}

/**
 * Brings a position from one checkpoint of its side to a later one of the same round, in place: size and moved cash
 * truncated toward zero, cash stopped at its width.
 */
export function carry(position: Position, from: Checkpoint, to: Checkpoint): void {
  const { size } = position;
  const cash = position.cash + mulDivTrunc(size, to.cash - from.cash, from.multiplier);
  position.cash = clamp(cash, LEAST_CASH, MOST_CASH);
  position.size = mulDivTrunc(size, to.multiplier, from.multiplier);
}

/** A side's deleveragings, for {@link catchUp}. */
export interface Side {
  latest: bigint;
  /** By number. */
  checkpoint: (number: bigint) => Checkpoint;
  /** How a round ended. */
  roundEnd: (round: bigint) => Checkpoint;
}

/** Brings a position that has a size to its side's latest checkpoint, in place; at no size its life ends. */
export function catchUp(side: Side, position: Position): void {
  let from = side.checkpoint(position.checkpoint);
  const to = side.checkpoint(side.latest);
  while (position.size !== 0n && from.round !== to.round) {
    carry(position, from, side.roundEnd(from.round));
    from = { multiplier: ONE, round: from.round + 1n, cash: 0n };
  }
  if (position.size !== 0n) carry(position, from, to);
  position.checkpoint = side.latest;
  if (position.size === 0n) position.generation = BigInt.asUintN(16, position.generation + 1n);
}

/**
 * How much of a position's loss can move to unpaid claims.
 * @param price The price that favours the account, USD per base unit, 18 decimals.
 * @returns USD, 18 decimals: what moves, and the position's loss, rounded down.
 */
export function crystallisable(position: Position, price: bigint, funding: bigint, margin: bigint, claims: bigint) {
  const value = position.size * (price - funding) + position.cash;
  const loss = value < 0n ? -value / RAW_PER_WAD : 0n;
  return { amount: min(min(loss, margin), claims), loss };
}

/** Takes a whole position out of its market at the index, both in place. @returns USD, 18 decimals, rounded down. */
export function leave(market: Market, position: Position): bigint {
  const { size, cash } = position;
  const realised = divFloor(size * (market.index - market.funding) + cash, RAW_PER_WAD);
  market.cash -= cash;
  if (size > 0n) market.longs -= size;
  else market.shorts += size;
  position.size = 0n;
  position.cash = 0n;
  return realised;
}
