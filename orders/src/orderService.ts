import {
  type AnyClient,
  type Cancellation,
  cancelTypedData,
  type KeptOrder,
  keptOf,
  MAX_CANCEL_SPAN,
  MAX_REORG,
  nonceKeyOf,
  type OrderServiceEvent,
  OrderTracker,
  OrderWatch,
  onChain,
  orderIdOf,
  ownerOf,
  type SignedOrder,
  type SigningDomain,
  standingOf,
  type TrackedOrder,
} from '@tidemark/sdk';
import { type Hex, isAddressEqual } from 'viem';
import { getBlock, verifyTypedData } from 'viem/actions';
import { checkOrder } from './checks.ts';
import { PlacementRefusedError, RequestRefusedError } from './errors.ts';
import type { OrderStore } from './orderStore.ts';

export interface OrderLimits {
  /** Orders of one account that wait or are committed. */
  readonly perAccount: number;
  /** Of all. */
  readonly total: number;
}

export const DEFAULT_LIMITS: OrderLimits = { perAccount: 64, total: 100_000 };
/** Of one account, those it has cancelled here and could otherwise be placed again by whoever has seen them. */
const MAX_CANCELLED = 1_000;
/** Orders of one page of a list. */
const PAGE = 1_000;
/** Blocks between two prunings of what has long been gone. */
const PRUNE_EVERY = 5_000n;

export interface OrderServiceParts extends SigningDomain {
  readonly client: AnyClient;
  readonly store: OrderStore;
  readonly limits?: OrderLimits;
  /** Where the exchange was deployed, or any earlier block. */
  readonly startBlock?: bigint;
}

export type OrderChange = Exclude<OrderServiceEvent, { event: 'snapshot' }>;

/** Keeps signed orders until they are committed, and tells what becomes of them. */
export class OrderService {
  readonly #parts: OrderServiceParts;
  readonly #limits: OrderLimits;
  readonly #tracker = new OrderTracker();
  readonly #watch: OrderWatch;
  readonly #listeners = new Set<(change: OrderChange) => void>();
  /** What was told of each order last. */
  readonly #told = new Map<Hex, KeptOrder['status']>();
  /** Changed, and not saved yet. */
  readonly #unsaved = new Set<TrackedOrder>();
  /** Nonces of the orders that are just being taken. */
  readonly #reserved = new Map<string, { signed: SignedOrder; id: Hex }>();
  #announced: SignedOrder[] = [];
  #pruned = 0n;

  private constructor(parts: OrderServiceParts, startBlock: bigint) {
    this.#parts = parts;
    this.#limits = parts.limits ?? DEFAULT_LIMITS;
    this.#watch = new OrderWatch({ ...parts, tracker: this.#tracker, startBlock });
  }

  /**
   * Goes on with what the database keeps: the last blocks are looked at again, as they may have been replaced meanwhile.
   * @throws {TidemarkError} When chain or database cannot be read.
   */
  static async open(parts: OrderServiceParts): Promise<OrderService> {
    const { client, store, startBlock = 0n } = parts;
    const [scanned = startBlock, { number: head }] = await Promise.all([
      store.scanned(),
      onChain(() => getBlock(client, { blockTag: 'latest' })),
    ]);
    const last = (scanned < head ? scanned : head) - MAX_REORG;
    const from = last > startBlock ? last : startBlock;
    const service = new OrderService(parts, from);
    for (const { signed, marks } of await store.load(from)) service.#tracker.add(signed, marks);
    for (const order of service.#tracker.rewind(from)) service.#unsaved.add(order);
    for (const { id, ...order } of service.#tracker.list()) service.#told.set(id, standingOf(order).status);
    await service.look();
    return service;
  }

  /** The last block learned from. */
  get block(): bigint {
    return this.#watch.block;
  }

  /** Learns what has happened on the chain. @returns Whether there was a new block. @throws {TidemarkError} */
  async look(): Promise<boolean> {
    const news = await this.#watch.look();
    if (news) {
      for (const order of news.changed) this.#unsaved.add(order);
      this.#announced.push(...news.announced);
    }
    while (this.#announced.length > 0) {
      const [order] = this.#announced;
      // What cannot wait is nobody's concern here.
      if (order) await this.#take([order]).catch(passRefusal);
      this.#announced.shift();
    }
    if (!news && this.#unsaved.size === 0) return false;
    const changed = [...this.#unsaved];
    await this.#parts.store.save(changed, this.#watch.block);
    for (const order of changed) this.#unsaved.delete(order);
    for (const order of changed) this.#tell(order);
    this.#tracker.forget(this.#watch.block - MAX_REORG);
    for (const id of this.#told.keys()) if (!this.#tracker.get(id)) this.#told.delete(id);
    if (this.#watch.block >= this.#pruned + PRUNE_EVERY) {
      await this.#parts.store.prune();
      this.#pruned = this.#watch.block;
    }
    return news !== null;
  }

  /**
   * Takes orders, all or none; they are durable when it returns. One that is kept already is no error.
   * @throws {PlacementRefusedError} With which of them is refused and why.
   * @throws {TidemarkError} When chain or database do not answer.
   */
  async place(orders: readonly SignedOrder[]): Promise<KeptOrder[]> {
    await this.#take(orders);
    return orders.map((order) =>
      keptOf(this.#tracker.get(orderIdOf(order)) ?? { id: orderIdOf(order), signed: order, marks: [] }),
    );
  }

  async #take(orders: readonly SignedOrder[]): Promise<void> {
    const { client, engine, chainId, store } = this.#parts;
    const isNew = ({ id }: { id: Hex }) => {
      const known = this.#tracker.get(id);
      return !known || standingOf(known).status === 'gone';
    };
    const fresh = orders.map((signed, place) => ({ signed, place, id: orderIdOf(signed) })).filter(isNew);
    if (fresh.length === 0) return;
    const cancelled = new Set((await store.find(fresh.map(({ id }) => id))).filter(isCancelled).map(({ id }) => id));
    // What is known here first: the chain is asked of what could be taken only.
    for (const [i, { signed, id, place }] of fresh.entries()) {
      this.#requireFree(signed, place, fresh.slice(0, i));
      if (cancelled.has(id)) throw new PlacementRefusedError(place, wasCancelled());
    }
    const checked = await Promise.allSettled(
      fresh.map(async ({ signed }) => {
        await checkOrder(client, { engine, chainId, ...signed });
        if ((await store.countCancelled(signed.order.account)) >= MAX_CANCELLED) throw tooManyCancelled();
      }),
    );
    for (const [i, { place }] of fresh.entries()) {
      const outcome = checked[i];
      if (outcome?.status === 'rejected') throw placed(outcome.reason, place);
    }
    // Some may have been placed by another request meanwhile.
    const taken = fresh.filter(isNew);
    const reserved: string[] = [];
    try {
      for (const { signed, id, place } of taken) {
        this.#requireFree(signed, place);
        const key = nonceKeyOf(signed);
        this.#reserved.set(key, { signed, id });
        reserved.push(key);
      }
      await store.save(taken.map(({ signed }) => ({ signed, marks: [] })));
      for (const { signed, id } of taken) {
        // One that came back: what happened to it in blocks that are lost is nothing.
        this.#tracker.remove(id);
        const order = this.#tracker.add(signed);
        this.#watch.doubt(order);
        this.#tell(order);
      }
    } finally {
      for (const key of reserved) this.#reserved.delete(key);
    }
  }

  /** Nonce and room, as far as is known here. @param before What comes before it in the same request. */
  #requireFree(signed: SignedOrder, place: number, before: readonly { signed: SignedOrder; id: Hex }[] = []): void {
    const { account } = signed.order;
    const id = orderIdOf(signed);
    const isOwn = (one: { signed: SignedOrder }) => one.signed.order.account === account;
    const live = [...this.#tracker.ofAccount(account)].filter((one) => standingOf(one).status !== 'gone');
    const coming = [...this.#reserved.values(), ...before].filter(isOwn);
    const nonce = nonceKeyOf(signed);
    const isOther = (one: { signed: SignedOrder; id: Hex }) => one.id !== id && nonceKeyOf(one.signed) === nonce;
    const refuse = (status: number, refusal: ConstructorParameters<typeof RequestRefusedError>[1]) => {
      throw new PlacementRefusedError(place, new RequestRefusedError(status, refusal));
    };
    if (live.some(isOther) || coming.some(({ signed: one }) => nonceKeyOf(one) === nonce)) {
      refuse(409, {
        code: 'NonceTaken',
        what: 'Another order of the account waits with the same nonce.',
        next: 'Sign with another nonce, or cancel the other order first.',
      });
    }
    const { perAccount, total } = this.#limits;
    if (live.length + coming.length >= perAccount) {
      refuse(409, {
        code: 'AccountFull',
        what: `As many orders of the account wait as may: ${perAccount}.`,
        next: 'Cancel one, or announce the order on the chain.',
      });
    }
    if (this.#told.size + this.#reserved.size >= total) {
      refuse(503, {
        code: 'ServiceFull',
        what: 'The service keeps as many orders as it can.',
        next: 'Use another service, or announce the order on the chain.',
        retryable: true,
      });
    }
  }

  /**
   * Forgets orders of an owner for good: they are not taken again.
   * @throws {RequestRefusedError} When the owner has not signed it for now, or the orders are not its own.
   */
  async cancel(cancellation: Cancellation & { signature: Hex }): Promise<KeptOrder[]> {
    const { client, engine, chainId, store } = this.#parts;
    const { owner, orders, expiry, signature } = cancellation;
    const now = this.#watch.time;
    if (expiry < now || expiry > now + MAX_CANCEL_SPAN) {
      throw new RequestRefusedError(422, {
        code: 'CancellationExpired',
        what: `The chain's time is ${now}; the cancellation counts until ${expiry}, at most ${MAX_CANCEL_SPAN} s ahead.`,
        next: 'Sign a new one.',
        actual: now,
        limit: expiry,
      });
    }
    const typedData = cancelTypedData({ engine, chainId, owner, orders, expiry });
    const isSigned = await onChain(() => verifyTypedData(client, { ...typedData, address: owner, signature } as never));
    if (!isSigned) {
      throw new RequestRefusedError(422, {
        code: 'SignatureInvalid',
        what: `The cancellation was not signed by ${owner}.`,
        next: 'Let the owner of the orders sign it, for this chain and this exchange.',
      });
    }
    const unknown = orders.filter((id) => !this.#tracker.get(id));
    const old = new Map((unknown.length === 0 ? [] : await store.find(unknown)).map((order) => [order.id, order]));
    const found = orders.map((id) => this.#tracker.get(id) ?? old.get(id));
    for (const [place, order] of found.entries()) {
      const words = order && ('signed' in order ? order.signed : order);
      if (words && isAddressEqual(ownerOf(words.order.account), owner)) continue;
      throw placed(
        new RequestRefusedError(404, {
          code: 'OrderUnknown',
          what: `No order ${orders[place]} of ${owner} is kept here.`,
          next: 'List the orders of the account.',
        }),
        place,
      );
    }
    const changed: TrackedOrder[] = [];
    for (const order of found) {
      if (!order || !('signed' in order) || standingOf(order).status === 'gone') continue;
      order.marks.push({ kind: 'gone', block: null, reason: 'cancelled' });
      this.#unsaved.add(order);
      changed.push(order);
    }
    if (changed.length > 0) await store.save(changed);
    for (const order of changed) {
      this.#unsaved.delete(order);
      this.#tell(order);
    }
    return found.flatMap((order) => (!order ? [] : 'signed' in order ? [keptOf(order)] : [order]));
  }

  /** All that wait or are committed. */
  snapshot(): KeptOrder[] {
    return [...this.#tracker.list()].map(keptOf).filter(({ status }) => status !== 'gone');
  }

  /** A page of the orders that wait or are committed. @param after The last one of the page before. */
  list({ account, owner, market, after }: { account?: Hex; owner?: Hex; market?: bigint; after?: Hex }): {
    orders: KeptOrder[];
    next: Hex | null;
  } {
    const orders: KeptOrder[] = [];
    let skipping = after !== undefined && this.#tracker.get(after) !== undefined;
    for (const order of account ? this.#tracker.ofAccount(account) : this.#tracker.list()) {
      if (skipping) {
        skipping = order.id !== after;
        continue;
      }
      const { signed } = order;
      if (market !== undefined && signed.market !== market) continue;
      if (owner !== undefined && !signed.order.account.startsWith(owner)) continue;
      const kept = keptOf(order);
      if (kept.status === 'gone') continue;
      if (orders.length === PAGE) return { orders, next: orders.at(-1)?.id ?? null };
      orders.push(kept);
    }
    return { orders, next: null };
  }

  /** One order, also when it is gone; undefined when it is not known, or not any more. */
  async find(id: Hex): Promise<KeptOrder | undefined> {
    const order = this.#tracker.get(id);
    return order ? keptOf(order) : (await this.#parts.store.find([id]))[0];
  }

  /** Tells each change from now on. @returns Ends it. */
  subscribe(listener: (change: OrderChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(order: TrackedOrder): void {
    const { id } = order;
    const kept = keptOf(order);
    const before = this.#told.get(id);
    if (before === kept.status || (before === undefined && kept.status === 'gone')) return;
    if (kept.status === 'gone') this.#told.delete(id);
    else this.#told.set(id, kept.status);
    const change: OrderChange =
      kept.status === 'waiting'
        ? { event: 'placed', order: kept }
        : kept.status === 'committed'
          ? { event: 'committed', id }
          : { event: 'gone', id, reason: kept.reason ?? 'refused' };
    for (const listener of this.#listeners) listener(change);
  }
}

const isCancelled = ({ reason }: KeptOrder) => reason === 'cancelled';

const placed = (error: unknown, place: number) =>
  error instanceof RequestRefusedError ? new PlacementRefusedError(place, error) : error;

function passRefusal(error: unknown): void {
  if (!(error instanceof RequestRefusedError)) throw error;
}

const wasCancelled = () =>
  new RequestRefusedError(409, {
    code: 'Cancelled',
    what: 'The order was cancelled here by its owner and is not taken again.',
    next: 'Sign a new one with another nonce.',
  });

const tooManyCancelled = () =>
  new RequestRefusedError(409, {
    code: 'AccountFull',
    what: `The account has cancelled ${MAX_CANCELLED} orders here.`,
    next: 'Use another sub-account, or announce the order on the chain.',
  });
