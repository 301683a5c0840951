import {
  batchOf,
  failureName,
  type Order,
  OrderWords,
  orderRefusalName,
  parseEngineEvents,
  tradeFillOf,
} from '@tidemark/sdk';
import type { Address, Hex, Log } from 'viem';
import type { Outcome, Recorded, Told } from './record.ts';
import type { WaitingOrders } from './waitingOrders.ts';

/** A batch between commit and settlement. */
interface Batch {
  readonly market: number;
  readonly committedAt: number;
  /** Those without an outcome, in their order. */
  readonly orders: Order[];
}

/** Follows the engine's events, and takes out of those that wait what has come to its end. */
export class Ledger {
  readonly outcomes: Outcome[] = [];
  readonly commits: { id: number; committedAt: number }[] = [];
  readonly leftOut: Recorded['leftOut'][number][] = [];
  readonly accidents: string[] = [];
  readonly #engine: Address;
  readonly #told: readonly Told[];
  readonly #feed: WaitingOrders;
  readonly #batches = new Map<string, Batch>();

  constructor(engine: Address, told: readonly Told[], feed: WaitingOrders) {
    [this.#engine, this.#told, this.#feed] = [engine, told, feed];
  }

  /** Orders that were committed and have no outcome. */
  get pending(): string[] {
    return [...this.#batches.values()].flatMap(({ market, orders }) =>
      orders.map(({ account, terms }) => `Order ${OrderWords.nonceOf(terms)} of ${account} in market ${market}`),
    );
  }

  /** @param time Of the logs' block, seconds. */
  take(logs: readonly Log[], time: number): void {
    for (const { eventName, args } of parseEngineEvents({ engine: this.#engine, logs })) {
      if (eventName === 'BatchCommitted') {
        const { market, index, orders } = batchOf(args);
        this.#batches.set(`${market} ${index}`, { market: Number(market), committedAt: time, orders: [...orders] });
        for (const { account, terms } of orders) {
          const told = this.#find(account, OrderWords.nonceOf(terms));
          if (told) this.commits.push({ id: told.id, committedAt: time });
        }
      } else if (eventName === 'OrderFilled') {
        const { market, index, sizeDelta, cost } = tradeFillOf(args);
        this.#end(market, index, args.account, time, { status: 'filled', sizeDelta, cost });
      } else if (eventName === 'OrderFailed') {
        const reason = failureName(args.reason);
        this.#end(args.market, args.index, args.account, time, { status: 'failed', reason });
      } else if (eventName === 'OrderReleased') {
        this.#end(args.market, args.index, args.account, time, { status: 'released' });
      } else if (eventName === 'OrderLeftOut') {
        const told = this.#find(args.account, args.nonce);
        if (!told) this.accidents.push(`An order of ${args.account} that nobody told was left out at ${time}.`);
        else this.leftOut.push({ id: told.id, at: time, reason: orderRefusalName(args.reason) });
      } else if (eventName === 'BatchesExpired') {
        for (let index = args.from; index < args.to; index++) {
          const orders = this.#batches.get(`${args.market} ${index}`)?.orders ?? [];
          for (const { account } of [...orders]) this.#end(args.market, index, account, time, { status: 'expired' });
        }
      } else if (eventName === 'PositionLiquidated') {
        this.accidents.push(`${args.account} was liquidated at ${time}.`);
      }
    }
  }

  #find(account: Hex, nonce: bigint): Told | undefined {
    if (nonce === 0n) return undefined;
    return this.#told.find((one) => one.account === account && OrderWords.nonceOf(one.signed.order.terms) === nonce);
  }

  #end(market: bigint, index: bigint, account: Hex, settledAt: number, result: Outcome['result']): void {
    const key = `${market} ${index}`;
    const batch = this.#batches.get(key);
    const order = batch?.orders.shift();
    if (!batch || order?.account !== account) {
      this.accidents.push(`Batch ${key} ends with an order of ${account} that is not in its place.`);
      return;
    }
    if (batch.orders.length === 0) this.#batches.delete(key);
    const told = this.#find(account, OrderWords.nonceOf(order.terms));
    const { committedAt } = batch;
    this.outcomes.push({ id: told?.id ?? null, market: Number(market), account, committedAt, settledAt, result });
    if (told && result.status !== 'released') this.#feed.remove(told.signed);
  }
}
