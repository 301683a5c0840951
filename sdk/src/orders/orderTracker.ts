import type { Hex } from 'viem';
import type { EngineEvent } from '../actions/events.ts';
import { batchOf, tradeFillOf } from '../actions/eventWords.ts';
import { deadlineOf, flagsOf, nonceOf, OrderFlags } from '../math/orderWords.ts';
import { type GoneReason, type KeptOrder, orderIdOf } from './orderServiceWire.ts';
import type { SignedOrder } from './signedOrders.ts';

/** One thing that happened to an order, and in which block; null of what the chain knows nothing of. */
export type OrderMark =
  /** `turn`: which of its account's orders in the batch, from 0 on. */
  | { kind: 'committed'; block: bigint; index: bigint; turn: number }
  | { kind: 'released'; block: bigint }
  | { kind: 'gone'; block: bigint | null; reason: GoneReason };

/** An order and all that happened to it, in order. */
export interface TrackedOrder {
  readonly id: Hex;
  readonly signed: SignedOrder;
  readonly marks: OrderMark[];
}

/** What has become of an order. */
export function standingOf({ marks }: Pick<TrackedOrder, 'marks'>): Pick<KeptOrder, 'status' | 'reason'> {
  const last = marks.at(-1);
  if (last?.kind === 'gone') return { status: 'gone', reason: last.reason };
  if (last?.kind === 'committed') return { status: 'committed' };
  const cancelled = marks.some((mark) => mark.kind === 'gone' && mark.reason === 'cancelled');
  return cancelled ? { status: 'gone', reason: 'cancelled' } : { status: 'waiting' };
}

export const keptOf = (order: TrackedOrder): KeptOrder => ({
  id: order.id,
  ...standingOf(order),
  ...order.signed,
});

const isAttached = ({ order }: SignedOrder) => (flagsOf(order.terms) & OrderFlags.Attached) !== 0n;
const isWaiting = (order: TrackedOrder) => standingOf(order).status === 'waiting';

/**
 * What becomes of signed orders, from the engine's events alone. Every change is a mark with its block, so that a block that
 * is lost takes back what it brought.
 */
export class OrderTracker {
  readonly #orders = new Map<Hex, TrackedOrder>();
  readonly #byAccount = new Map<Hex, Set<TrackedOrder>>();

  get size(): number {
    return this.#orders.size;
  }

  get(id: Hex): TrackedOrder | undefined {
    return this.#orders.get(id);
  }

  /** All, in the order in which they were added. */
  list(): Iterable<TrackedOrder> {
    return this.#orders.values();
  }

  ofAccount(account: Hex): Iterable<TrackedOrder> {
    return this.#byAccount.get(account) ?? [];
  }

  /** Adds an order, or finds it. */
  add(signed: SignedOrder, marks: readonly OrderMark[] = []): TrackedOrder {
    const id = orderIdOf(signed);
    const known = this.#orders.get(id);
    if (known) return known;
    const order: TrackedOrder = { id, signed, marks: [...marks] };
    this.#orders.set(id, order);
    const { account } = signed.order;
    const others = this.#byAccount.get(account);
    if (others) others.add(order);
    else this.#byAccount.set(account, new Set([order]));
    return order;
  }

  remove(id: Hex): void {
    const order = this.#orders.get(id);
    if (!order) return;
    this.#orders.delete(id);
    const { account } = order.signed.order;
    const others = this.#byAccount.get(account);
    others?.delete(order);
    if (others?.size === 0) this.#byAccount.delete(account);
  }

  /** Takes back what happened from a block on. @returns Those that changed. */
  rewind(from: bigint): TrackedOrder[] {
    const changed: TrackedOrder[] = [];
    for (const order of this.#orders.values()) {
      const kept = order.marks.filter(({ block }) => block === null || block < from);
      if (kept.length === order.marks.length) continue;
      order.marks.splice(0, order.marks.length, ...kept);
      changed.push(order);
    }
    return changed;
  }

  /** Removes those that were gone before a block, which cannot come back. */
  forget(before: bigint): void {
    for (const order of this.#orders.values()) {
      const last = order.marks.at(-1);
      if (standingOf(order).status === 'gone' && (last?.block ?? -1n) < before) this.remove(order.id);
    }
  }

  /**
   * Learns from the engine's events, in their order.
   * @returns Those that changed, and those that only the chain can judge: released, since their nonce may have been
   * cancelled meanwhile, or attached to a position that has changed.
   */
  apply(events: readonly EngineEvent[]): { changed: Set<TrackedOrder>; doubtful: Set<TrackedOrder> } {
    const changed = new Set<TrackedOrder>();
    const doubtful = new Set<TrackedOrder>();
    const outcomes = new Map<string, number>();
    const note = (order: TrackedOrder, mark: OrderMark) => {
      order.marks.push(mark);
      changed.add(order);
    };
    const settle = (account: Hex, market: bigint, index: bigint, mark: OrderMark) => {
      const key = `${account} ${market} ${index}`;
      const turn = outcomes.get(key) ?? 0;
      outcomes.set(key, turn + 1);
      for (const order of this.ofAccount(account)) {
        const last = order.marks.at(-1);
        if (order.signed.market !== market || last?.kind !== 'committed') continue;
        if (last.index !== index || last.turn !== turn) continue;
        note(order, mark);
        if (mark.kind === 'released') doubtful.add(order);
      }
    };
    const doubt = (account: Hex, market: bigint) => {
      for (const order of this.ofAccount(account))
        if (order.signed.market === market && isAttached(order.signed)) doubtful.add(order);
    };

    for (const { eventName, args, blockNumber: block } of events) {
      if (eventName === 'BatchCommitted') this.#commit(batchOf(args), block, note);
      else if (eventName === 'OrderFilled') {
        const { market, index } = tradeFillOf(args);
        settle(args.account, market, index, { kind: 'gone', block, reason: 'filled' });
        doubt(args.account, market);
      } else if (eventName === 'OrderFailed')
        settle(args.account, args.market, args.index, { kind: 'gone', block, reason: 'failed' });
      else if (eventName === 'OrderReleased') {
        const { market, index, nonce } = args;
        settle(args.account, market, index, { kind: 'released', block });
        // Its commit may have been before it was tracked: all that was seen is a nonce in use.
        for (const order of this.ofAccount(args.account)) {
          const { reason } = standingOf(order);
          if (reason !== 'nonce used' && reason !== 'refused') continue;
          if (order.signed.market !== market || nonceOf(order.signed.order.terms) !== nonce) continue;
          note(order, { kind: 'released', block });
          doubtful.add(order);
        }
      } else if (eventName === 'PositionClosed') doubt(args.account, tradeFillOf(args).market);
      else if (eventName === 'PositionLiquidated' || eventName === 'PositionSettled') doubt(args.account, args.market);
      else if (eventName === 'NoncesCancelled') {
        for (const order of this.ofAccount(args.account)) {
          const nonce = nonceOf(order.signed.order.terms);
          if (nonce >> 8n !== args.word || ((args.nonces >> (nonce & 255n)) & 1n) === 0n) continue;
          if (isWaiting(order)) note(order, { kind: 'gone', block, reason: 'nonce used' });
        }
      } else if (eventName === 'BatchesExpired' || eventName === 'MarketClosed') {
        for (const order of this.#orders.values()) {
          const last = order.marks.at(-1);
          if (order.signed.market !== args.market) continue;
          if (eventName === 'MarketClosed') {
            if (isWaiting(order)) note(order, { kind: 'gone', block, reason: 'market closed' });
          } else if (last?.kind === 'committed' && last.index >= args.from && last.index < args.to)
            note(order, { kind: 'gone', block, reason: 'expired' });
        }
      }
    }
    return { changed, doubtful };
  }

  #commit(
    { market, index, orders }: ReturnType<typeof batchOf>,
    block: bigint,
    note: (order: TrackedOrder, mark: OrderMark) => void,
  ): void {
    const turns = new Map<Hex, number>();
    for (const words of orders) {
      const { account } = words;
      const turn = turns.get(account) ?? 0;
      turns.set(account, turn + 1);
      const nonce = nonceOf(words.terms);
      if (nonce === 0n || !this.#byAccount.has(account)) continue;
      const id = orderIdOf({ market, order: words });
      for (const order of this.ofAccount(account)) {
        if (nonceOf(order.signed.order.terms) !== nonce) continue;
        if (order.id === id) note(order, { kind: 'committed', block, index, turn });
        else if (isWaiting(order)) note(order, { kind: 'gone', block, reason: 'nonce used' });
      }
    }
  }

  /** Ends those that wait and can no longer be committed. @param time Of the block, seconds. @returns Those that changed. */
  expire(block: bigint, time: bigint): TrackedOrder[] {
    const changed: TrackedOrder[] = [];
    for (const order of this.#orders.values()) {
      const deadline = deadlineOf(order.signed.order.terms);
      if (deadline === 0n || time <= deadline || !isWaiting(order)) continue;
      order.marks.push({ kind: 'gone', block, reason: 'deadline passed' });
      changed.push(order);
    }
    return changed;
  }
}
