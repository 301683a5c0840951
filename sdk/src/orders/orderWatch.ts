import type { Address, Hex } from 'viem';
import { getBlock, getLogs } from 'viem/actions';
import type { AnyClient } from '../actions/engine.ts';
import { parseEngineEvents } from '../actions/events.ts';
import { getNonces } from '../actions/getNonces.ts';
import { getPosition } from '../actions/getPosition.ts';
import { onChain, RpcFailedError } from '../errors/index.ts';
import { flagsOf, generationOf, nonceOf, OrderFlags } from '../math/orderWords.ts';
import { type OrderTracker, standingOf, type TrackedOrder } from './orderTracker.ts';
import { decodeSigned, type SignedOrder } from './signedOrders.ts';

/** Blocks of one log request. */
const LOG_RANGE = 5_000n;
/** Blocks that a reorganisation may replace. */
export const MAX_REORG = 512n;

export interface OrderWatchOptions {
  client: AnyClient;
  engine: Address;
  tracker: OrderTracker;
  /** The first block looked at. */
  startBlock: bigint;
}

/** What blocks brought. */
export interface OrderNews {
  /** The newest block. */
  block: bigint;
  /** Its time, seconds. */
  time: bigint;
  /** Orders of the tracker that have changed. */
  changed: readonly TrackedOrder[];
  /** Orders that the chain tells, whether or not they can be committed. */
  announced: readonly SignedOrder[];
  /** The first block that replaced another; null when none did. */
  reorgFrom: bigint | null;
}

/** Keeps a tracker up to date with the chain, through reorganisations of up to 512 blocks. */
export class OrderWatch {
  readonly #options: OrderWatchOptions;
  /** The blocks looked at, the newest last. */
  readonly #known: { number: bigint; hash: Hex }[] = [];
  #scanned: bigint;
  #time = 0n;
  // What is learned and not told yet, should a request fail between.
  readonly #changed = new Set<TrackedOrder>();
  readonly #doubtful = new Set<TrackedOrder>();
  #announced: SignedOrder[] = [];
  #reorgFrom: bigint | null = null;

  constructor(options: OrderWatchOptions) {
    this.#options = options;
    this.#scanned = options.startBlock - 1n;
  }

  /** The last block learned from. */
  get block(): bigint {
    return this.#scanned;
  }

  /** Of the newest block, seconds of chain time. */
  get time(): bigint {
    return this.#time;
  }

  /** Has an order judged at the next look: events of before it was tracked are not learned from. */
  doubt(order: TrackedOrder): void {
    this.#doubtful.add(order);
  }

  /** Looks at the chain. @returns Null when there is neither a new block nor an order to be judged. @throws {TidemarkError} When it cannot be read. */
  async look(): Promise<OrderNews | null> {
    const { client, tracker } = this.#options;
    const { number, hash, timestamp, parentHash } = await onChain(() => getBlock(client, { blockTag: 'latest' }));
    const newest = this.#known.at(-1);
    const isNew = newest?.hash !== hash;
    if (!isNew && this.#doubtful.size === 0) return null;
    if (isNew && newest && newest.hash !== parentHash) await this.#rewind(number);
    await this.#scan(number, hash);
    await this.#judge(number);
    for (const order of tracker.expire(number, timestamp)) this.#changed.add(order);
    if (isNew) this.#known.push({ number, hash });
    if (this.#known.length > Number(MAX_REORG)) this.#known.shift();
    this.#time = timestamp;
    const news = {
      block: number,
      time: timestamp,
      changed: [...this.#changed],
      announced: this.#announced,
      reorgFrom: this.#reorgFrom,
    };
    this.#changed.clear();
    [this.#announced, this.#reorgFrom] = [[], null];
    return news;
  }

  /** Goes back to the last block looked at that is still one of the chain. */
  async #rewind(head: bigint): Promise<void> {
    const { client, tracker, startBlock } = this.#options;
    let last = this.#known.at(-1);
    const newest = last?.number ?? head;
    while (last) {
      const { number: blockNumber, hash } = last;
      if (blockNumber <= head && (await onChain(() => getBlock(client, { blockNumber }))).hash === hash) break;
      this.#known.pop();
      last = this.#known.at(-1);
    }
    if (last?.number === newest) return;
    const oldest = newest - MAX_REORG > startBlock ? newest - MAX_REORG : startBlock;
    const from = last ? last.number + 1n : oldest;
    for (const order of tracker.rewind(from)) this.#changed.add(order);
    if (this.#scanned >= from) this.#scanned = from - 1n;
    this.#reorgFrom = from;
  }

  async #scan(to: bigint, hash: Hex): Promise<void> {
    const { client, engine, tracker } = this.#options;
    while (this.#scanned < to) {
      const fromBlock = this.#scanned + 1n;
      const toBlock = fromBlock + LOG_RANGE - 1n < to ? fromBlock + LOG_RANGE - 1n : to;
      const logs = await onChain(() => getLogs(client, { address: engine, fromBlock, toBlock }));
      if (logs.some((log) => log.blockNumber === to && log.blockHash !== hash))
        throw new RpcFailedError(new Error('the newest block was replaced while it was read'));
      const events = parseEngineEvents({ engine, logs });
      const { changed, doubtful } = tracker.apply(events);
      for (const order of changed) this.#changed.add(order);
      for (const order of doubtful) this.#doubtful.add(order);
      for (const { eventName, args } of events) {
        if (eventName !== 'OrdersAnnounced') continue;
        const { market, ...shown } = args;
        this.#announced.push(...decodeSigned(shown).map((order) => ({ market, ...order })));
      }
      this.#scanned = toBlock;
    }
  }

  /** Asks the chain of what events alone do not tell. */
  async #judge(block: bigint): Promise<void> {
    const { client, engine } = this.#options;
    for (const order of this.#doubtful) {
      const { market, order: words } = order.signed;
      const { account, terms } = words;
      if (standingOf(order).status === 'waiting') {
        const at = { engine, account, blockNumber: block };
        const nonce = nonceOf(terms);
        const nonces = await getNonces(client, { ...at, word: nonce >> 8n });
        const isUsed = ((nonces >> (nonce & 255n)) & 1n) === 1n;
        let hasEnded = false;
        if (!isUsed && (flagsOf(terms) & OrderFlags.Attached) !== 0n) {
          const { size, generation } = await getPosition(client, { ...at, market });
          hasEnded = size === 0n || BigInt(generation) !== generationOf(terms);
        }
        if (isUsed || hasEnded) {
          order.marks.push({ kind: 'gone', block, reason: isUsed ? 'nonce used' : 'position ended' });
          this.#changed.add(order);
        }
      }
      this.#doubtful.delete(order);
    }
  }
}
