import {
  type Exposure,
  FillMath,
  FixedPoint,
  FundingMath,
  LiquidationPriceMath,
  type LiquidationPrices,
  MarginMath,
  type Portfolio,
  type Position,
} from '@tidemark/sdk/math';
import type { MarketInfo } from '../../config.ts';
import { judgePrice } from '../../data/oracle.ts';
import type { Tick } from '../../data/prices.ts';
import type { AccountState, MarketState, Snapshot } from '../../data/snapshot.ts';
import type { Entry } from './entry.ts';

const { RAW_PER_WAD } = FixedPoint;

/** Prices of some markets, USD per base unit, 18 decimals. */
export type Prices = ReadonlyMap<number, bigint>;

/** The present price of each market: the stream's where it is newer than the chain's accepted index. */
export function presentPrices(snapshot: Snapshot, ticks: Readonly<Record<number, Tick>>): Prices {
  return new Map(
    [...snapshot.markets].map(([id, { market }]) => {
      const tick = ticks[id];
      return [id, tick && tick.publishTime >= market.indexAt ? tick.price : market.index];
    }),
  );
}

/** Each market's price at its worst for a holding: the lowest its sources support for a long, the highest for a short. */
export function worstPrices(
  holdings: readonly Holding[],
  snapshot: Snapshot,
  ticks: Readonly<Record<number, Tick>>,
): Prices {
  const prices = new Map(presentPrices(snapshot, ticks));
  for (const { id, position, state } of holdings) {
    const tick = ticks[id];
    if (!tick) continue;
    const { lo, hi } = judgePrice(tick, state.sources);
    prices.set(id, position.size > 0n ? lo : hi);
  }
  return prices;
}

/** An account's positions with their markets; what equity and liquidation are calculated from. */
export interface Holding {
  id: number;
  position: Position;
  state: MarketState;
}

export function holdingsOf(account: AccountState, snapshot: Snapshot): Holding[] {
  return [...account.positions].flatMap(([id, position]) => {
    const state = snapshot.markets.get(id);
    return state ? [{ id, position, state }] : [];
  });
}

/** What an account is worth and needs. USD, 18 decimals; equity rounded down, requirements up. */
export interface Standing {
  equity: bigint;
  notional: bigint;
  initial: bigint;
  maintenance: bigint;
}

/** The sums the contract's verdicts are made of. */
export function portfolioOf(holdings: readonly Holding[], prices: Prices): Portfolio {
  const sums = MarginMath.emptyPortfolio();
  for (const { id, position, state } of holdings) {
    MarginMath.add(sums, position, state.market, state.config, prices.get(id) ?? state.market.index);
  }
  return sums;
}

export function standingOf(margin: bigint, holdings: readonly Holding[], prices: Prices): Standing {
  const sums = portfolioOf(holdings, prices);
  return {
    equity: FixedPoint.divFloor(MarginMath.equity(margin, sums), RAW_PER_WAD),
    notional: sums.notional / RAW_PER_WAD,
    initial: MarginMath.initialRequirement(sums),
    maintenance: MarginMath.maintenanceRequirement(sums),
  };
}

/** What is asked of an account's liquidation in one market. */
interface LiquidationQuestion {
  id: number;
  /** Unpaid claim, USD, 18 decimals: it counts for maintenance. */
  claim: bigint;
  /** The chain's clock, seconds. */
  time: number;
}

/**
 * Where one market alone makes the account liquidatable, everything else as it stands, now and as funding runs on.
 * The contract asks the end of the band that favours the account and this asks its middle, so that the account is liquidated
 * at this price or a little later, never before.
 * @returns USD per base unit, 18 decimals; null when no price of this market does. Of an account that is due already `now`
 * is the present price.
 */
export function liquidationOf(
  margin: bigint,
  holdings: readonly Holding[],
  prices: Prices,
  { id, claim, time }: LiquidationQuestion,
): LiquidationPrices {
  const exposures = holdings.map(({ id: held, position, state: { market, config } }): Exposure => {
    const mid = prices.get(held) ?? market.index;
    const price = { mid, lo: mid, hi: mid, halfWidth: 0n, publishTime: market.indexAt, state: 0 };
    return { id: BigInt(held), market, config, position, price };
  });
  const asked = exposures.find((exposure) => exposure.id === BigInt(id));
  const standing = { margin, claim, time: BigInt(time) };
  const found = LiquidationPriceMath.liquidationPrices(exposures, BigInt(id), standing);
  if (!asked || found.now === null) return found;
  const nearest = asked.position.size > 0n ? FixedPoint.min : FixedPoint.max;
  return { ...found, now: nearest(found.now, asked.price.mid) };
}

/** A row of the table. Sizes 12 decimals; money and prices 18. */
export interface PositionRow {
  market: MarketInfo;
  size: bigint;
  notional: bigint;
  entry: bigint | null;
  mark: bigint;
  liquidation: bigint | null;
  /** How near liquidation is, 0 = far, 1 = there. For drawing only. */
  danger: number;
  /** Price's part, funding and fees paid for what is open, together. */
  pnl: bigint;
  /** Its parts; null while the events are not read. */
  parts: { price: bigint; funding: bigint; fees: bigint } | null;
  leverage: bigint;
}

/** @param entry What is still open cost to enter; null while its events are not read. */
export function positionRow(
  market: MarketInfo,
  holding: Holding,
  {
    price,
    liquidation,
    entry,
    equity,
  }: { price: bigint; liquidation: bigint | null; entry: Entry | null; equity: bigint },
): PositionRow {
  const { position, state } = holding;
  const { size } = position;
  const magnitude = size < 0n ? -size : size;
  const value = FixedPoint.divFloor(MarginMath.value(position, price, state.market.funding), RAW_PER_WAD);
  const pricePart = entry && FixedPoint.divFloor(size * price - entry.cost, RAW_PER_WAD);
  const fees = entry?.fees ?? 0n;
  const safe = liquidation === null ? null : size > 0n ? price - liquidation : liquidation - price;
  const distance = safe === null ? 1 : Math.max(0, Number(safe)) / Number(price || 1n);
  const notional = (magnitude * price) / RAW_PER_WAD;
  return {
    market,
    size,
    notional,
    entry: entry && entry.cost / size,
    mark: FillMath.mark(price, FundingMath.skewOf(state.market), FillMath.skewScale(state.config)),
    liquidation,
    danger: Math.max(0, Math.min(1, 1 - distance * 5)),
    pnl: value - fees,
    parts: pricePart === null ? null : { price: pricePart, funding: value - pricePart, fees },
    leverage: equity > 0n ? (notional * 100n) / equity : 0n,
  };
}
