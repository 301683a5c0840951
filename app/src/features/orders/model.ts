import { describeFailure, type OrderFields } from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { Config } from '../../config.ts';
import { formatFixed, formatUsd } from '../../ui/format.ts';

/** Seconds after its commit up to which an order can settle; then it expires. */
export const INCLUSION_WINDOW = 60;

/** Why a committed order failed, by the contract's number, with what to do. */
export function failureText(reason: number): { reason: string; next: string } {
  const { what, next } = describeFailure(reason);
  return { reason: what, next };
}

/** Why an order was released, with what to do. */
export const releaseText = {
  reason: 'Its trigger price was not met at the price it would have filled at; the keeper fee is back.',
  next: 'Order again, or leave it to whoever holds your signature.',
};

/** One of the account's orders inside a committed batch. */
export interface CommittedOrder extends OrderFields {
  market: number;
  index: bigint;
  place: number;
  /** Taken at the commit, and given back only when the order is released; USD, 18 decimals. */
  keeperFee: bigint;
  committedAt: number;
  block: bigint;
  hash: Hex;
}

/** What one trade did. Sizes 12 decimals, cost 30, fee 18; `realised` is the closed part's result before fees, USD, 18 decimals. */
export interface Trade {
  sizeDelta: bigint;
  cost: bigint;
  fee: bigint;
  realised: bigint;
  at: number;
  hash: Hex;
}

/** How an order ended. */
export type Settlement =
  | ({ kind: 'filled' } & Trade)
  | { kind: 'failed'; reason: number; at: number; hash: Hex }
  | { kind: 'released'; at: number; hash: Hex };

export interface OrderRow extends CommittedOrder {
  settlement: Settlement | null;
}

export type OrderStatus = 'committed' | 'filled' | 'failed' | 'released' | 'expired';

/** @param now The chain's clock, seconds. */
export function statusOf(order: OrderRow, now: number): OrderStatus {
  if (order.settlement) return order.settlement.kind;
  return now > order.committedAt + INCLUSION_WINDOW ? 'expired' : 'committed';
}

/** USD per base unit, 18 decimals: the mean of a fill. Buys rounded up, sells down: against the trader. */
export function fillPrice(cost: bigint, sizeDelta: bigint): bigint {
  if (sizeDelta === 0n) return 0n;
  const quotient = cost / sizeDelta;
  return sizeDelta > 0n && quotient * sizeDelta !== cost ? quotient + 1n : quotient;
}

/** A trade's mean price and fees, in words: `2,001.25, fees $5.10`. */
export function tradeText(
  config: Config,
  market: number,
  { cost, sizeDelta, fee }: Pick<Trade, 'cost' | 'sizeDelta' | 'fee'>,
  keeperFee = 0n,
): string {
  const digits = config.markets.find(({ id }) => id === market)?.priceDecimals ?? 2;
  return `${formatFixed(fillPrice(cost, sizeDelta), 18, digits)}, fees ${formatUsd(fee + keeperFee, 2, 'ceil')}`;
}

/** Gives each order its settlement: the n-th of a batch in the chain's own order. */
export function matchSettlements(
  orders: readonly CommittedOrder[],
  settlements: ReadonlyMap<string, readonly Settlement[]>,
): OrderRow[] {
  const taken = new Map<string, number>();
  return [...orders]
    .sort((a, b) => a.place - b.place)
    .map((order) => {
      const key = batchKey(order.market, order.index);
      const next = taken.get(key) ?? 0;
      taken.set(key, next + 1);
      return { ...order, settlement: settlements.get(key)?.[next] ?? null };
    })
    .sort((a, b) => (a.block === b.block ? Number(b.index - a.index) : a.block < b.block ? 1 : -1));
}

export function batchKey(market: number, index: bigint | string): string {
  return `${market}/${index}`;
}
