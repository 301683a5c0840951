import type { Market, Order } from '../math/engineTypes.ts';

// What the engine's events carry packed: words as they are stored, and pairs of amounts.

const unsigned = (word: bigint, from: bigint, bits: number): bigint => BigInt.asUintN(bits, word >> from);
const signed = (word: bigint, from: bigint, bits: number): bigint => BigInt.asIntN(bits, word >> from);

/** The market that a `MarketUpdated` or a `BatchesSettled` tells of; scales as in {@link Market}. */
export function marketOf({ interest, pricing, totals }: { interest: bigint; pricing: bigint; totals: bigint }): Market {
  return {
    longs: unsigned(interest, 0n, 88),
    shorts: unsigned(interest, 88n, 88),
    accruedAt: unsigned(interest, 176n, 40),
    indexAt: unsigned(interest, 216n, 40),
    funding: signed(pricing, 0n, 96),
    index: unsigned(pricing, 96n, 96),
    fundingRate: signed(pricing, 192n, 56),
    cash: signed(totals, 0n, 152),
    skewSeconds: signed(totals, 152n, 104),
  };
}

/** A committed batch. */
export interface Batch {
  market: bigint;
  /** Its place in the queue. */
  index: bigint;
  /** Keeper fee of each order, US cents. */
  feeCents: bigint;
  orders: readonly Order[];
}

/** A batch's `place` as its event's topic has it. */
export function placeOf({ market, index, feeCents }: Omit<Batch, 'orders'>): bigint {
  return index | (feeCents << 40n) | (market << 56n);
}

/** What a `BatchCommitted` tells. */
export function batchOf({ place, orders }: { place: bigint; orders: readonly Order[] }): Batch {
  return { market: place >> 56n, index: unsigned(place, 0n, 40), feeCents: unsigned(place, 40n, 16), orders };
}

/** What an `OrderFilled` or a `PositionClosed` tells. */
export interface TradeFill {
  market: bigint;
  /** Base units, 12 decimals, + bought; smaller than asked for when a cap left less room. */
  sizeDelta: bigint;
  /** Spread included, USD, 30 decimals; + the account paid. */
  cost: bigint;
  /** USD, 18 decimals. */
  fee: bigint;
  /** Cash that moved from the pool to the margin, USD, 18 decimals; - the pool received. */
  poolPays: bigint;
  /** Of the position afterwards: base units, 12 decimals, + long. */
  size: bigint;
  /** Of the position afterwards: USD, 30 decimals. */
  cash: bigint;
  /** Of the account afterwards: USD, 18 decimals. */
  margin: bigint;
  /** The batch's place in the queue; zero of an immediate close. */
  index: bigint;
}

export function tradeFillOf(words: { change: bigint; position: bigint; paid: bigint; poolPays: bigint }): TradeFill {
  const { change, position, paid, poolPays } = words;
  return {
    market: paid >> 232n,
    sizeDelta: signed(change, 0n, 88),
    cost: signed(change, 88n, 168),
    fee: unsigned(paid, 96n, 96),
    poolPays,
    size: signed(position, 0n, 88),
    cash: signed(position, 88n, 136),
    margin: unsigned(paid, 0n, 96),
    index: unsigned(paid, 192n, 40),
  };
}

/** What a `PositionLiquidated` tells. */
export interface PositionLiquidation {
  /** Closed, base units, 12 decimals, + bought; zero where deleveraging had left no size and cash alone was realised. */
  sizeDelta: bigint;
  /** Of what was closed, spread included, USD, 30 decimals; + the account paid. */
  cost: bigint;
  /** What stays of the position: base units, 12 decimals, + long. */
  size: bigint;
  /** USD, 30 decimals. */
  cash: bigint;
  /** USD, 18 decimals, for all positions closed in the call; with the last of them only. */
  account: { reward: bigint; penalty: bigint; badDebt: bigint; margin: bigint } | null;
}

export function positionLiquidationOf(words: {
  change: bigint;
  position: bigint;
  paid: bigint;
  left: bigint;
}): PositionLiquidation {
  const { change, position, paid, left } = words;
  const last = unsigned(paid, 255n, 1) === 1n;
  return {
    sizeDelta: signed(change, 0n, 88),
    cost: signed(change, 88n, 168),
    size: signed(position, 0n, 88),
    cash: signed(position, 88n, 136),
    account: last
      ? {
          reward: unsigned(paid, 128n, 127),
          penalty: unsigned(paid, 0n, 128),
          badDebt: unsigned(left, 128n, 128),
          margin: unsigned(left, 0n, 128),
        }
      : null,
  };
}

/** What a `Credited` tells: the amount and the margin with it, USD, 18 decimals. */
export function creditOf(credit: bigint): { amount: bigint; margin: bigint } {
  return { amount: unsigned(credit, 128n, 128), margin: unsigned(credit, 0n, 128) };
}

/** What a `BatchesSettled` tells beside its market. */
export interface Settlement {
  /** Of the pool, USD, 18 decimals. */
  poolCash: bigint;
  /** Of the keeper's first sub-account, USD, 18 decimals. */
  margin: bigint;
  /** The keeper's fees that came to it, USD, 18 decimals. */
  fees: bigint;
}

/** @param cash The event's word: the fees are halves of US cents. */
export function settlementOf(cash: bigint): Settlement {
  return { poolCash: unsigned(cash, 0n, 96), margin: unsigned(cash, 96n, 96), fees: (cash >> 192n) * 5n * 10n ** 15n };
}
