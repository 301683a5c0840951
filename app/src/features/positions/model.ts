import { FillMath, FixedPoint, FundingMath, MarginMath, type Portfolio, type Position } from '@tidemark/sdk/math';
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

/**
 * The first index at which one market alone takes the account below maintenance, everything else as it stands.
 * The contract asks the price that favours the account, so that it liquidates at this price or a little later, never before.
 * @param claim Unpaid claim, USD, 18 decimals: it counts for maintenance.
 * @returns USD per base unit, 18 decimals; null when no price of this market does.
 */
export function liquidationPrice(
  margin: bigint,
  holdings: readonly Holding[],
  prices: Prices,
  { id, claim }: { id: number; claim: bigint },
): bigint | null {
  const holding = holdings.find((candidate) => candidate.id === id);
  if (!holding) return null;
  const present = prices.get(id) ?? holding.state.market.index;
  const isSafe = (price: bigint) => {
    const { equity, maintenance } = standingOf(margin, holdings, new Map(prices).set(id, price));
    return equity + claim >= maintenance;
  };
  if (!isSafe(present)) return present;
  const long = holding.position.size > 0n;
  let safe = present;
  let unsafe = long ? 0n : present * 100n;
  if (isSafe(unsafe)) return null;
  while ((safe > unsafe ? safe - unsafe : unsafe - safe) > 1n) {
    const middle = (safe + unsafe) / 2n;
    if (isSafe(middle)) safe = middle;
    else unsafe = middle;
  }
  return unsafe;
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
  const distance = liquidation === null ? 1 : Math.abs(Number(price - liquidation)) / Number(price || 1n);
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
