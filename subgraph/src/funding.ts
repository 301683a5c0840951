import { BigInt } from '@graphprotocol/graph-ts';
import { Market } from '../generated/schema';
import { clamp, HOUR, min, ONE, startOf, WAD, ZERO } from './numbers';

// Funding accrued to a trade's second, as fundingMath.ts does: events tell a market's state only after its trades.
// Source: docs/mechanism.md#funding.

const HOUR_SECONDS = BigInt.fromI64(HOUR);
const PER_BPS = BigInt.fromI64(100_000_000_000_000);
const PER_PPM = BigInt.fromI64(1_000_000_000_000);
/** |funding| is at most 64 times the index. */
const MAX_RATIO = BigInt.fromI32(64);

/** Rate sealed for an hour. @param skewSeconds Base 12 times seconds, over the hour before. @returns Per hour, 18 decimals. */
function sealedRate(market: Market, skewSeconds: BigInt): BigInt {
  const coefficient = BigInt.fromI32(market.fundingCoefficientBps).times(PER_BPS);
  const cap = BigInt.fromI32(market.fundingCapPpm).times(PER_PPM);
  return clamp(skewSeconds.times(coefficient).div(HOUR_SECONDS.times(market.skewScale)), cap.neg(), cap);
}

/** Rate in force at a skew: none where the sealed one would let the minority pay. @returns Per hour, 18 decimals. */
function effectiveRate(market: Market, rate: BigInt, skew: BigInt): BigInt {
  if (rate.isZero() || skew.isZero() || rate.gt(ZERO) != skew.gt(ZERO)) return ZERO;
  const coefficient = BigInt.fromI32(2 * market.fundingCoefficientBps).times(PER_BPS);
  const magnitude = min(rate.abs(), coefficient.times(skew.abs()).div(market.skewScale));
  return skew.gt(ZERO) ? magnitude : magnitude.neg();
}

/**
 * The market's cumulative funding at a second from its last accrual on, at its stored index.
 * @returns Price 18. Of a market that is settled, the final one.
 */
export function fundingAt(market: Market, time: BigInt): BigInt {
  if (market.state == 'settled' || time.le(market.accruedAt)) return market.funding;
  const skew = market.skew;
  const from = market.accruedAt.toI64();
  const to = time.toI64();
  const hourEnd = startOf(from, HOUR) + HOUR;
  if (to < hourEnd) {
    return grown(market, effectiveRate(market, market.fundingRate, skew).times(BigInt.fromI64(to - from)));
  }
  const rest = BigInt.fromI64(hourEnd - from);
  let rateSeconds = effectiveRate(market, market.fundingRate, skew).times(rest);
  const next = sealedRate(market, market.skewSeconds.plus(skew.times(rest)));
  const nextEnd = hourEnd + HOUR;
  const nextSpan = (to < nextEnd ? to : nextEnd) - hourEnd;
  rateSeconds = rateSeconds.plus(effectiveRate(market, next, skew).times(BigInt.fromI64(nextSpan)));
  if (to >= nextEnd) {
    const standing = sealedRate(market, skew.times(HOUR_SECONDS));
    rateSeconds = rateSeconds.plus(effectiveRate(market, standing, skew).times(BigInt.fromI64(to - nextEnd)));
  }
  return grown(market, rateSeconds);
}

/** Funding after the change, stopped where it would leave its bound. */
function grown(market: Market, rateSeconds: BigInt): BigInt {
  if (rateSeconds.isZero()) return market.funding;
  const before = market.funding;
  const bound = market.index.times(MAX_RATIO);
  const change = market.index.times(rateSeconds).div(HOUR_SECONDS.times(WAD));
  if (change.gt(ZERO)) return before.ge(bound) ? before : clamp(before.plus(change), before, bound);
  return before.le(bound.neg()) ? before : clamp(before.plus(change), bound.neg(), before);
}

/** What the pool owes to a market's traders and keeps for its skew, none once it is settled. @returns USD 30. */
export function owedOf(market: Market): BigInt {
  const skew = market.skew;
  const value = skew.times(market.index.minus(market.funding)).plus(market.cash);
  if (market.state == 'settled' || skew.isZero()) return value;
  const doubled = market.skewScale.plus(market.skewScale);
  const reserve = market.index.times(skew).times(skew).plus(doubled).minus(ONE).div(doubled);
  return value.plus(reserve);
}
