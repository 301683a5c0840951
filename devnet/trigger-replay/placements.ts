import {
  accountId,
  ladder,
  limitOrder,
  type OrderFields,
  type Position,
  stopLoss,
  stopOrder,
  takeProfit,
} from '@tidemark/sdk';
import type { Address, Hex } from 'viem';
import type { PriceSource } from '../src/prices/source.ts';

export const KINDS = ['limit', 'stop', 'take-profit', 'stop-loss', 'ladder'] as const;
export type Kind = (typeof KINDS)[number];

/** A market as orders are placed in it. */
export interface Place {
  readonly id: number;
  readonly symbol: string;
  /** The lowest and the highest price of the stretch, USD, 18 decimals. */
  readonly low: bigint;
  readonly high: bigint;
}

/** Orders to be signed together, and when they are told. */
export interface Placement {
  readonly kind: Kind;
  readonly owner: Address;
  readonly market: number;
  readonly orders: readonly OrderFields[];
  /** Chain time, seconds. */
  readonly at: number;
  /** When its owner cancels it, seconds; undefined when never. */
  readonly cancelAt: number | undefined;
}

/** What an account begins with in a market. */
export interface Start {
  readonly owner: Address;
  readonly account: Hex;
  readonly market: number;
  readonly position: Pick<Position, 'size' | 'generation'>;
}

/** USD, 18 decimals, of 8. */
export const toPrice = (digits: bigint): bigint => digits * 10n ** 10n;
/** Basis points of a size below which an order is a rung, and of prices outside of the stretch's. */
const BPS = 10_000n;
const HOUR = 3600;

/** Notional of an order, whole USD: too little for any cap, and for any liquidation. */
const NOTIONALS = [200n, 500n, 1_000n, 2_000n] as const;
const SHARES = [2_500n, 5_000n, 10_000n] as const;
/** What a limit order's trigger leaves for spread and impact, basis points: at times too little. */
const ROOMS = [10n, 50n, 150n] as const;

/** A market's prices over a stretch, USD, 18 decimals. */
export function rangeOf(source: PriceSource, symbol: string, from: number, to: number): Pick<Place, 'low' | 'high'> {
  let [low, high] = [2n ** 255n, 0n];
  for (let time = from; time < to; time++) {
    const digits = source.quoteAt(symbol, time)?.price;
    if (digits === undefined) continue;
    const price = toPrice(digits);
    if (price < low) low = price;
    if (price > high) high = price;
  }
  return { low, high };
}

/** Seeded orders of all kinds, their prices spread over what is still to come and a little beyond, in the order of time. */
export function placements(
  random: () => number,
  starts: readonly Start[],
  { places, source, from, to }: { places: readonly Place[]; source: PriceSource; from: number; to: number },
): Placement[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const between = (low: bigint, high: bigint) => low + ((high - low) * BigInt(Math.floor(random() * 1e6))) / 1_000_000n;
  const nonces = new Map<Hex, bigint>();
  const nonceOf = (account: Hex, count = 1n) => {
    const first = nonces.get(account) ?? 1n;
    nonces.set(account, first + count);
    return first;
  };
  const priceAt = (place: Place, time: number) =>
    toPrice(source.quoteAt(place.symbol, time)?.price ?? place.low / 10n ** 10n);
  /** A price on one side of the present one, up to a hundredth beyond the stretch's. */
  const beyond = (place: Place, time: number, above: boolean) => {
    const price = priceAt(place, time);
    return above ? between(price, (place.high * 101n) / 100n) : between((place.low * 99n) / 100n, price);
  };
  const when = () => from + Math.floor(random() ** 2 * (to - from) * 0.8);
  const found: Placement[] = [];
  const put = (kind: Kind, start: Start, market: number, at: number, orders: readonly OrderFields[]) => {
    const cancelAt = random() < 0.05 ? at + Math.floor(random() * (to - at)) : undefined;
    found.push({ kind, owner: start.owner, market, orders, at, cancelAt });
  };
  const deadlineOf = (at: number) =>
    random() < 0.2 ? { deadline: BigInt(at + Math.ceil(random() * Math.min(6 * HOUR, to - at))) } : {};

  for (const start of starts) {
    const { account, position } = start;
    const own = places.find(({ id }) => id === start.market) as Place;
    const long = position.size > 0n;
    for (const [kind, builder] of [
      ['take-profit', takeProfit],
      ['take-profit', takeProfit],
      ['stop-loss', stopLoss],
      ['stop-loss', stopLoss],
    ] as const) {
      const price = beyond(own, from, (kind === 'take-profit') === long);
      const order = builder({ account, position, price, shareBps: pick(SHARES), nonce: nonceOf(account) });
      put(kind, start, own.id, from, [order]);
    }
    for (let i = 0; i < 2; i++) {
      const place = pick(places);
      const at = when();
      const size = (pick(NOTIONALS) * 10n ** 30n) / priceAt(place, at);
      const buys = random() < 0.5;
      const sizeDelta = buys ? size : -size;
      const reduceOnly = random() < 0.2;
      const limit = beyond(place, at, !buys);
      const terms = { account, sizeDelta, reduceOnly, nonce: nonceOf(account), ...deadlineOf(at) };
      put('limit', start, place.id, at, [limitOrder({ ...terms, price: limit, roomBps: pick(ROOMS) })]);
      const stop = beyond(place, at, buys);
      // Half of the stops bear no more than 2 % beyond their trigger.
      const worst = (stop * (BPS + (buys ? 200n : -200n))) / BPS;
      const bound = random() < 0.5 ? { limitPrice: worst } : {};
      put('stop', start, place.id, at, [stopOrder({ ...terms, ...bound, nonce: nonceOf(account), price: stop })]);
    }
    if (random() < 0.5) {
      const place = pick(places);
      const at = when();
      const buys = random() < 0.5;
      const rungs = 3 + Math.floor(random() * 3);
      const size = (pick(NOTIONALS) * 10n ** 30n) / priceAt(place, at);
      const [first, last] = [priceAt(place, at), beyond(place, at, !buys)];
      const nonce = nonceOf(account, BigInt(rungs));
      const shape = { account, sizeDelta: buys ? size : -size, from: first, to: last, rungs, nonce, roomBps: 100n };
      put('ladder', start, place.id, at, ladder({ ...shape, rising: random() < 0.5, ...deadlineOf(at) }));
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** An owner's accounts that trade, the first of each left alone. */
export const accountsOf = (owner: Address, count: number): Hex[] =>
  Array.from({ length: count }, (_, i) => accountId(owner, BigInt(i + 1)));
