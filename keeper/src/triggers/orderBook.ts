import {
  type AnyClient,
  MAX_REORG,
  type OrderRefusalName,
  OrderServiceClient,
  type OrderServiceOptions,
  OrderTracker,
  OrderWatch,
  onChain,
  orderIdOf,
  ownerOf,
  previewCommitSigned,
  recoverOrderSigner,
  SignatureUnreadableError,
  type SignedOrder,
  standingOf,
  type TidemarkError,
  type TrackedOrder,
  toTidemarkError,
} from '@tidemark/sdk';
import type { Address, Hex } from 'viem';
import { getChainId } from 'viem/actions';
import type { OrderFeed } from './orderFeed.ts';

/** What is told of an order service, once each time. */
export type OrderBookEvent =
  | { event: 'orders-lost'; source: string; why: TidemarkError }
  | { event: 'orders-back'; source: string };

export interface OrderBookOptions {
  client: AnyClient;
  engine: Address;
  /** Order services, all of which are listened to; none is needed. */
  services: readonly OrderServiceOptions[];
  /** From which on orders announced on the chain are taken; where the exchange was deployed, or any later block. */
  startBlock?: bigint;
  /** Milliseconds between two looks at the chain. */
  pollMs?: number;
  /** Orders that one source may have waiting here. */
  maxOrders?: number;
  onEvent?: (event: OrderBookEvent) => void;
  onTrouble?: (why: TidemarkError) => void;
}

/** What no time and no price makes good again. A nonce comes back with a release or with a block that is lost. */
const LASTING: readonly OrderRefusalName[] = [
  'SignatureInvalid',
  'ZeroSize',
  'TermsInvalid',
  'DeadlinePassed',
  'NonceUsed',
  'BuilderNotApproved',
  'PositionEnded',
  'AccountOfEarnings',
];
/** What passes when its owner does something, or another day: asked again ever more rarely. */
const SLOW: readonly OrderRefusalName[] = ['MarginTooLow', 'DelegateLimit', 'DelegateNotPermitted'];
/** Seconds of chain time until an order refused so is shown again, doubled each time. */
const FIRST_WAIT = 4n;
const LAST_WAIT = 64n;
const MAX_ORDERS = 100_000;
/** Markets that take no order, whose signatures the engine does not even look at. */
const NO_MARKET = ['UnknownMarket', 'MarketSettled'];
/** The source of what is announced in events. */
const CHAIN = 'the chain';

/**
 * Signed orders from any number of order services and from the chain's announcements. Nobody is believed: an order is shown
 * when its signature is good, by the key alone or by the engine's own judgement, and what becomes of it is learned from the
 * chain. A service that is lost loses nothing: what it told stays until it is back.
 */
export class OrderBook implements OrderFeed {
  readonly #tracker = new OrderTracker();
  readonly #watch: OrderWatch;
  readonly #client: AnyClient;
  readonly #options: OrderBookOptions;
  readonly #domain: { engine: Address; chainId: number };
  /** Who tells of each order. */
  readonly #sources = new Map<Hex, Set<string>>();
  readonly #counts = new Map<string, number>();
  /** Until when orders are not shown, and for how long that was. */
  readonly #hidden = new Map<Hex, { until: bigint; wait: bigint }>();
  readonly #ending = new AbortController();
  readonly #running: Promise<unknown>[] = [];
  #wake = () => {};
  #waiters: { block: bigint; resolve: () => void }[] = [];

  private constructor(options: OrderBookOptions, chainId: number) {
    const { client } = options;
    [this.#options, this.#client] = [options, client];
    this.#domain = { engine: options.engine, chainId };
    this.#watch = new OrderWatch({
      client,
      engine: options.engine,
      tracker: this.#tracker,
      startBlock: options.startBlock ?? 0n,
    });
  }

  /** Begins to listen. @throws {TidemarkError} When the chain cannot be read. */
  static async open(options: OrderBookOptions): Promise<OrderBook> {
    const book = new OrderBook(options, await onChain(() => getChainId(options.client)));
    await book.#look();
    book.#running.push(book.#follow());
    for (const service of options.services) book.#running.push(book.#listen(new OrderServiceClient(service)));
    return book;
  }

  list(): readonly SignedOrder[] {
    const now = this.#watch.time;
    const shown: SignedOrder[] = [];
    for (const order of this.#tracker.list()) {
      if (standingOf(order).status !== 'waiting' || !this.#sources.has(order.id)) continue;
      const hidden = this.#hidden.get(order.id);
      if (!hidden || hidden.until <= now) shown.push(order.signed);
    }
    return shown;
  }

  refused(signed: SignedOrder, reason: OrderRefusalName): void {
    const order = this.#tracker.get(orderIdOf(signed));
    if (!order || standingOf(order).status !== 'waiting') return;
    if (LASTING.includes(reason)) {
      order.marks.push({ kind: 'gone', block: this.#watch.block, reason: 'refused' });
    } else if (SLOW.includes(reason)) {
      const before = this.#hidden.get(order.id)?.wait;
      const doubled = before === undefined ? FIRST_WAIT : before * 2n;
      const wait = doubled < LAST_WAIT ? doubled : LAST_WAIT;
      this.#hidden.set(order.id, { until: this.#watch.time + wait, wait });
    }
  }

  /** Resolves when a block, or a later one, has been learned from. */
  reached(block: bigint): Promise<void> {
    if (this.#watch.block >= block) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ block, resolve }));
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#wake();
    await Promise.all(this.#running);
  }

  async #follow(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#look().catch((error) => this.#options.onTrouble?.(toTidemarkError(error)));
      if (this.#ending.signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.pollMs ?? 500);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #look(): Promise<void> {
    const news = await this.#watch.look();
    for (const order of news?.changed ?? []) this.#hidden.delete(order.id);
    for (const order of news?.announced ?? []) await this.#take(order, CHAIN);
    this.#tracker.forget(this.#watch.block - MAX_REORG);
    for (const id of this.#sources.keys()) if (!this.#tracker.get(id)) this.#drop(id);
    for (const order of this.#tracker.list())
      if (!this.#sources.has(order.id) && standingOf(order).status === 'waiting') this.#tracker.remove(order.id);
    for (const { block, resolve } of this.#waiters) if (block <= this.#watch.block) resolve();
    this.#waiters = this.#waiters.filter(({ block }) => block > this.#watch.block);
  }

  /** Listens to a service as fast as its orders can be verified: one that sends too many only waits. */
  async #listen(service: OrderServiceClient): Promise<void> {
    const { name: source, url } = service;
    const stream = service.stream({
      signal: this.#ending.signal,
      onLost: (why) => this.#options.onEvent?.({ event: 'orders-lost', source, why }),
      onBack: () => this.#options.onEvent?.({ event: 'orders-back', source }),
    });
    for await (const event of stream) {
      if (event.event === 'placed') await this.#takeWhole(event.order, url);
      else if (event.event === 'gone') this.#leave(event.id, url);
      else if (event.event === 'snapshot') {
        const told = new Set(event.orders.map(({ id }) => id));
        for (const [id, sources] of this.#sources) if (sources.has(url) && !told.has(id)) this.#leave(id, url);
        for (const order of event.orders) await this.#takeWhole(order, url);
      }
    }
  }

  /** Until it is verified, or the book is closed: the chain may be out of reach for a while. */
  async #takeWhole({ market, order, signature, byContract }: SignedOrder, source: string): Promise<void> {
    const signed = { market, order, signature, ...(byContract && { byContract }) };
    while (!this.#ending.signal.aborted) {
      try {
        return await this.#take(signed, source);
      } catch (error) {
        this.#options.onTrouble?.(toTidemarkError(error));
        await new Promise((resolve) => setTimeout(resolve, this.#options.pollMs ?? 500));
      }
    }
  }

  async #take(signed: SignedOrder, source: string): Promise<void> {
    const id = orderIdOf(signed);
    const known = this.#tracker.get(id);
    const count = this.#counts.get(source) ?? 0;
    if (this.#sources.get(id)?.has(source) || count >= (this.#options.maxOrders ?? MAX_ORDERS)) return;
    if (!known && !(await this.#isGood(signed))) return;
    const order: TrackedOrder = this.#tracker.add(signed);
    if (!known) this.#watch.doubt(order);
    const sources = this.#sources.get(id) ?? new Set();
    this.#sources.set(id, sources.add(source));
    this.#counts.set(source, count + 1);
  }

  /** A source does not tell of an order any more; who else does keeps it here. */
  #leave(id: Hex, source: string): void {
    const sources = this.#sources.get(id);
    if (!sources?.delete(source)) return;
    this.#counts.set(source, (this.#counts.get(source) ?? 1) - 1);
    const order = this.#tracker.get(id);
    // One that is committed is watched on: it may be released.
    if (sources.size === 0 && order && standingOf(order).status === 'waiting') this.#tracker.remove(id);
    if (sources.size === 0) this.#drop(id);
  }

  #drop(id: Hex): void {
    for (const source of this.#sources.get(id) ?? []) this.#counts.set(source, (this.#counts.get(source) ?? 1) - 1);
    this.#sources.delete(id);
    this.#hidden.delete(id);
  }

  /** Whether the signature is good: the owner's key needs no question, all others the engine judges. */
  async #isGood(signed: SignedOrder): Promise<boolean> {
    try {
      const signer = await recoverOrderSigner({ ...this.#domain, ...signed });
      if (signer === ownerOf(signed.order.account)) return true;
    } catch (error) {
      if (!(error instanceof SignatureUnreadableError)) throw error;
    }
    const refusal = await previewCommitSigned(this.#client, { ...this.#domain, order: signed });
    return !refusal || ![...LASTING, ...NO_MARKET].includes(refusal.reason);
  }
}
