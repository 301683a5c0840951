import type { MarketConfig, Pool } from './engineTypes.ts';
import { abs, BPS, divUp, max, min, mulDivCeil, mulDivTrunc, mulDivUp, PPM, RAW_PER_WAD, WAD } from './fixedPoint.ts';
import { LOCK_BPS } from './poolMath.ts';

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
 * @param discount Percent of the fee, see {@link FeeMath.discount}.
 * @returns USD, 18 decimals, rounded up once: against the trader.
 */
export function tradeFee(
  index: bigint,
  skew: bigint,
  sizeDelta: bigint,
  discount: bigint,
  config: MarketConfig,
): bigint {
  const size = abs(sizeDelta);
  const maker = skew > 0n !== sizeDelta > 0n ? min(size, abs(skew)) : 0n;
  const weighted = maker * config.makerFeePpm + (size - maker) * config.takerFeePpm;
  return divUp(index * weighted * (100n - discount), RAW_PER_WAD * PPM * 100n);
}

/**
 * What a builder asks for a trade. @param rate Tenths of a basis point of notional.
 * @returns USD, 18 decimals, rounded up: against the trader.
 */
export function builderFee(index: bigint, sizeDelta: bigint, rate: bigint): bigint {
  return rate === 0n ? 0n : divUp(index * abs(sizeDelta) * rate, RAW_PER_WAD * BPS * 10n);
}

/**
 * How much of an opening trade the market's and the account's caps leave room for: |skew after| ≤ max(κ · S, |skew|), and
 * ≤ κ · S once its sign flips; open interest of the side ≤ ω · S; the position ≤ accountCapPercent % of ω · S.
 * @param skew Base units, 12 decimals, before the opening.
 * @param side Open interest of the side that opens, base units, 12 decimals.
 * @param size Of the account's position before the opening, magnitude, base units, 12 decimals.
 * @param buys Whether the opening is long.
 * @returns Base units, 12 decimals, the caps rounded down.
 */
export function openingRoom(skew: bigint, side: bigint, size: bigint, buys: boolean, config: MarketConfig): bigint {
  const scale = skewScale(config);
  const skewRoom = (scale * config.skewCapBps) / BPS - (buys ? skew : -skew);
  const cap = (scale * config.openInterestCapBps) / BPS;
  const accountCap = (cap * config.accountCapPercent) / 100n;
  return max(min(min(skewRoom, cap - side), accountCap - size), 0n);
}

/** Halves what opening trades may reach, as where the price is strained; rounded down. */
export const halveCaps = (config: MarketConfig): MarketConfig => ({
  ...config,
  skewCapBps: config.skewCapBps / 2n,
  openInterestCapBps: config.openInterestCapBps / 2n,
});

/** What a market may lock of the pool: a_m · min(value, cash); USD, 18 decimals, rounded down. */
export function allowance(pool: Pick<Pool, 'value' | 'cash'>, config: MarketConfig): bigint {
  return (min(pool.value * WAD, pool.cash) * config.allocationPercent) / 100n;
}

/**
 * How much of an opening trade the market's allocation of the pool leaves room for: ℓ · max(side, other) · price +
 * max(value, 0) ≤ limit. Beyond it nothing opens, on either side.
 * @param limit See {@link allowance}; USD, 18 decimals.
 * @param price USD per base unit, 18 decimals, not zero.
 * @param value U: all traders' unrealised value at the price, USD, 30 decimals, signed.
 * @param side Open interest of the side that opens, base units, 12 decimals.
 * @param other Open interest of the other side.
 * @returns Base units, 12 decimals, the cap rounded down.
 */
export function allocationRoom(limit: bigint, price: bigint, value: bigint, side: bigint, other: bigint): bigint {
  const left = limit * RAW_PER_WAD - max(value, 0n);
  if (left <= 0n) return 0n;
  const cap = (left * BPS) / (LOCK_BPS * price);
  return max(side, other) >= cap ? 0n : cap - side;
}
