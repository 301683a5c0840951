import type { Market, MarketConfig } from './engineTypes.ts';
import { skewScale } from './fillMath.ts';
import { abs, clamp, min, mulDivDown, mulDivTrunc, WAD } from './fixedPoint.ts';

// Hour-sealed funding, accrued lazily in O(1), mirror of FundingMath.sol. Source: docs/mechanism.md#funding.

export const HOUR = 3600n;
/** |funding| ≤ 64 · index. */
export const MAX_FUNDING_RATIO = 64n;

/** The skew of a market: longs − shorts, base units, 12 decimals. */
export function skewOf(market: Market): bigint {
  return market.longs - market.shorts;
}

/**
 * Rate sealed for an hour from the skew of the hour before: clamp(coefficient · (skewSeconds / 3600) / S, ± cap).
 * @param skewSeconds ∫ skew dt over the hour, base units (12 decimals) · seconds.
 * @returns Per hour, 18 decimals, truncated toward zero; + longs pay.
 */
export function sealedRate(skewSeconds: bigint, config: MarketConfig): bigint {
  const coefficient = config.fundingCoefficientBps * 10n ** 14n;
  const cap = config.fundingCapPpm * 10n ** 12n;
  return clamp(mulDivTrunc(skewSeconds, coefficient, HOUR * skewScale(config)), -cap, cap);
}

/**
 * Rate in force at a skew: sign(skew) · min(|rate|, 2 · coefficient · |skew| / S), or zero when the sealed rate would let
 * the minority pay.
 * @returns Per hour, 18 decimals; + longs pay.
 */
export function effectiveRate(rate: bigint, skew: bigint, config: MarketConfig): bigint {
  if (rate === 0n || skew === 0n || rate > 0n !== skew > 0n) return 0n;
  const bound = mulDivDown(config.fundingCoefficientBps * 2n * 10n ** 14n, abs(skew), skewScale(config));
  const magnitude = min(abs(rate), bound);
  return skew > 0n ? magnitude : -magnitude;
}

/**
 * Brings a market's funding, rate and skew integral to `time`, at its stored index: the rest of this hour at its sealed
 * rate, the next hour at its own, all later ones at the rate of the standing skew; one division, truncated toward zero.
 * @param market Changed in place.
 * @param time Seconds, ≥ market.accruedAt.
 */
export function accrue(market: Market, config: MarketConfig, time: bigint): void {
  const from = market.accruedAt;
  if (time === from) return;
  const skew = skewOf(market);
  const hourEnd = from - (from % HOUR) + HOUR;
  let rateSeconds: bigint;
  if (time < hourEnd) {
    const elapsed = time - from;
    rateSeconds = effectiveRate(market.fundingRate, skew, config) * elapsed;
    market.skewSeconds = BigInt.asIntN(104, market.skewSeconds + skew * elapsed);
  } else {
    const rest = hourEnd - from;
    rateSeconds = effectiveRate(market.fundingRate, skew, config) * rest;
    let rate = sealedRate(market.skewSeconds + skew * rest, config);
    const nextEnd = hourEnd + HOUR;
    rateSeconds += effectiveRate(rate, skew, config) * (min(time, nextEnd) - hourEnd);
    if (time >= nextEnd) {
      rate = sealedRate(skew * HOUR, config);
      rateSeconds += effectiveRate(rate, skew, config) * (time - nextEnd);
    }
    market.fundingRate = BigInt.asIntN(56, rate);
    market.skewSeconds = BigInt.asIntN(104, skew * (time % HOUR));
  }
  market.accruedAt = BigInt.asUintN(40, time);
  market.funding = BigInt.asIntN(96, bounded(market, rateSeconds));
}

/** Funding after the change, stopped where it would leave ± 64 · index. */
function bounded(market: Market, rateSeconds: bigint): bigint {
  const before = market.funding;
  const bound = market.index * MAX_FUNDING_RATIO;
  const change = (market.index * rateSeconds) / (HOUR * WAD);
  if (change > 0n) return before >= bound ? before : clamp(before + change, before, bound);
  return before <= -bound ? before : clamp(before + change, -bound, before);
}
