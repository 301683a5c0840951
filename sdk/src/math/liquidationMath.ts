import type { Market, MarketConfig, Position, Price } from './engineTypes.ts';
import { cost as fillCost, skewScale } from './fillMath.ts';
import { abs, BPS, divUp, max, min, mulDivUp, RAW_PER_WAD } from './fixedPoint.ts';
import { skewOf } from './fundingMath.ts';
import { rewardOf } from './marginMath.ts';

// Whole liquidation: where it fills and who gets what is left, mirror of LiquidationMath.sol.
// Source: docs/mechanism.md#liquidation.

/** What closing all positions of an account comes to. `penalty` USD, 18 decimals; the others USD, 30 decimals. */
export interface Closing {
  realised: bigint;
  band: bigint;
  notional: bigint;
  penalty: bigint;
}

/** How a closing's result is divided. USD, 18 decimals; `poolPays` negative when the account pays the pool. */
export interface Division {
  margin: bigint;
  reward: bigint;
  penalty: bigint;
  badDebt: bigint;
  poolPays: bigint;
}

/** Surcharge of an immediate close, basis points of mid; at least the band's half-width. */
export const SURCHARGE_BPS = 10n;

/** The sums over no position. */
export function emptyClosing(): Closing {
  return { realised: 0n, band: 0n, notional: 0n, penalty: 0n };
}

/**
 * What an immediate close pays beside the curve: the band and a surcharge of max(10 bp, half-width).
 * @param buys Whether closing buys, as for a short.
 * @returns USD per base unit, 18 decimals, rounded up.
 */
export function closingSpread(price: Price, buys: boolean): bigint {
  const surcharge = max(mulDivUp(price.mid, SURCHARGE_BPS, BPS), price.halfWidth);
  return (buys ? price.hi - price.mid : price.mid - price.lo) + surcharge;
}

/**
 * Closes a whole position, where an immediate close would fill.
 * @param sums Grows by the position's result.
 * @param market Changed in place.
 * @param position Changed in place.
 * @returns Cost, USD, 30 decimals; + the account pays.
 */
export function closeWhole(
  sums: Closing,
  market: Market,
  config: MarketConfig,
  position: Position,
  price: Price,
): bigint {
  const size = position.size;
  const band = closingSpread(price, size < 0n) * abs(size);
  const cost = fillCost(price.mid, skewOf(market), -size, skewScale(config)) + band;
  const notional = abs(size) * price.mid;
  sums.realised += position.cash - size * market.funding - cost;
  sums.band += band;
  sums.notional += notional;
  sums.penalty += mulDivUp(notional, config.penaltyBps, BPS * RAW_PER_WAD);
  market.cash -= position.cash;
  if (size > 0n) market.longs -= size;
  else market.shorts += size;
  position.size = 0n;
  position.cash = 0n;
  return cost;
}

/**
 * Divides a closing. If only the bands make equity negative, the fill stops at zero equity; what is left pays the keeper,
 * then insurance, then the account.
 * @param margin Realised margin before, USD, 18 decimals.
 */
export function divide(sums: Closing, margin: bigint): Division {
  const division: Division = { margin: 0n, reward: 0n, penalty: 0n, badDebt: 0n, poolPays: 0n };
  const result = margin * RAW_PER_WAD + sums.realised;
  if (result < 0n) {
    const lost = -result;
    division.badDebt = divUp(lost - min(lost, sums.band), RAW_PER_WAD);
  } else {
    const left = result / RAW_PER_WAD;
    division.reward = min(left, rewardOf(sums.notional));
    division.penalty = min(left - division.reward, sums.penalty);
    division.margin = left - division.reward - division.penalty;
  }
  division.poolPays = division.margin + division.reward + division.penalty - margin;
  return division;
}
