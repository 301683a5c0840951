import type { MarketConfig } from './engineTypes.ts';
import { abs, BPS, divUp, min, mulDivCeil, mulDivTrunc, mulDivUp, PPM, RAW_PER_WAD } from './fixedPoint.ts';

// What a trade costs, mirror of FillMath.sol. Source: docs/mechanism.md#fills.

/** S in the scale of sizes: base units, 12 decimals. */
export function skewScale(config: MarketConfig): bigint {
  return config.skewScale * 1_000_000n;
}

/**
 * Cost of trading `sizeDelta` while the skew moves from `skew` to `skew + sizeDelta`:
 * index · Δ + ⌈index · Δ · (2 · skew + Δ) / (2 · scale)⌉. One rounding, up: against the trader.
 * @param index USD per base unit, 18 decimals.
 * @param skew Longs − shorts before the trade, base units, 12 decimals.
 * @param sizeDelta Base units, 12 decimals, + buys.
 * @param scale S, base units, 12 decimals.
 * @returns USD, 30 decimals, signed: + the trader pays.
 */
export function cost(index: bigint, skew: bigint, sizeDelta: bigint, scale: bigint): bigint {
  const flat = index * sizeDelta;
  return flat + impact(flat, skew, sizeDelta, scale);
}

/**
 * What a trade costs beyond `flat`, its size at the index; the same when skew and trade both change sign.
 * @returns USD, 30 decimals, rounded up; + the trader pays.
 */
export function impact(flat: bigint, skew: bigint, sizeDelta: bigint, scale: bigint): bigint {
  return mulDivCeil(flat, 2n * skew + sizeDelta, 2n * scale);
}

/** mark = index · (1 + skew / S): USD per base unit, 18 decimals, truncated toward the index. */
export function mark(index: bigint, skew: bigint, scale: bigint): bigint {
  return index + mulDivTrunc(index, skew, scale);
}

/** The premium that unwinding the skew would pay back to traders: ⌈index · skew² / (2 · S)⌉, USD, 30 decimals. */
export function skewReserve(index: bigint, skew: bigint, scale: bigint): bigint {
  const magnitude = abs(skew);
  return mulDivUp(index * magnitude, magnitude, 2n * scale);
}

/**
 * Fee of a trade: maker for the part that reduces |skew|, taker for the part that grows it.
 * @param index USD per base unit, 18 decimals.
 * @returns USD, 18 decimals, rounded up once: against the trader.
 */
export function tradeFee(index: bigint, skew: bigint, sizeDelta: bigint, config: MarketConfig): bigint {
  const size = abs(sizeDelta);
  const maker = skew > 0n !== sizeDelta > 0n ? min(size, abs(skew)) : 0n;
  const weighted = maker * config.makerFeePpm + (size - maker) * config.takerFeePpm;
  return divUp(index * weighted, RAW_PER_WAD * PPM);
}

/**
 * How much of an opening trade the market's caps leave room for: |skew after| ≤ max(κ · S, |skew|), and ≤ κ · S once its
 * sign flips; open interest of the side ≤ ω · S.
 * @param skew Base units, 12 decimals, before the opening.
 * @param sideOpenInterest Of the side that opens, base units, 12 decimals.
 * @param buys Whether the opening is long.
 * @returns Base units, 12 decimals, rounded down.
 */
export function openingRoom(skew: bigint, sideOpenInterest: bigint, buys: boolean, config: MarketConfig): bigint {
  const scale = skewScale(config);
  const skewRoom = (scale * config.skewCapBps) / BPS - (buys ? skew : -skew);
  if (skewRoom <= 0n) return 0n;
  const cap = (scale * config.openInterestCapBps) / BPS;
  if (sideOpenInterest >= cap) return 0n;
  return min(skewRoom, cap - sideOpenInterest);
}
