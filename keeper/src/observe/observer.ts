import {
  type AnyClient,
  derivativesEngineAbi,
  emergencyGuardianAbi,
  getOracle,
  liquidityVaultAbi,
  MarketFlags,
  onChain,
  PauseBits,
  priceOracleAbi,
  type SignedOrder,
  TidemarkError,
} from '@tidemark/sdk';
import type { Address, Hash, Hex } from 'viem';
import { getBlock } from 'viem/actions';
import { HealthIndex } from '../health/healthIndex.ts';
import { type Endangered, findEndangered } from '../plan/endangered.ts';
import type { PriceClient } from '../prices/priceSources.ts';
import type { MarketSnapshot, PendingBatch, Push, Quote, Snapshot, VaultSnapshot } from '../snapshot.ts';
import { readAccount } from './accounts.ts';
import { ChainFollower, type Head } from './blocks.ts';
import { confirm } from './confirm.ts';
import { type ReadMarket, readMarket } from './markets.ts';
import { Memory } from './memory.ts';
import { Proposals } from './proposals.ts';
import { Reader } from './reader.ts';

/** Accounts read at one block: with more to read, the chain is looked at again in between. */
const MAX_ACCOUNTS = 2_000;

export interface ObserverOptions {
  client: AnyClient;
  prices: PriceClient;
  engine: Address;
  /** Whose verdict on endangered accounts is asked before anything is planned; without one the model's stands. */
  riskManager?: Address;
  vault?: Address;
  governor?: Address;
  guardian?: Address;
  /** Signed orders that wait, if any are known. */
  orders?: { list(): readonly SignedOrder[] };
  /** What commits that are on their way hold of them. */
  committing?: () => readonly SignedOrder[];
  /** Where the exchange was deployed, or any earlier block. */
  startBlock?: bigint;
  /** Told what a snapshot lacks: orders whose event is too old. */
  onTrouble?: (error: TidemarkError) => void;
  /** Told that blocks after `to` were replaced, up to `from`; `to` is −1 when all that was known was. */
  onReorg?: (reorg: { from: bigint; to: bigint }) => void;
  /** Told how many accounts of how many are read, while there are more than one look at the chain takes. */
  onProgress?: (read: number, of: number) => void;
}

/** What is known of a block, whatever the price services say. */
interface State extends Omit<Snapshot, 'markets' | 'endangered' | 'orders' | 'committing'> {
  readonly hash: Hash;
  readonly markets: readonly Omit<MarketSnapshot, 'quote' | 'pushed'>[];
}

/**
 * Builds snapshots from the chain alone: a new observer of the same chain comes to the same ones, but for what was pushed
 * and observed before it began, so that it pushes once. The accounts are read once, and then those that events name.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #proposals: Proposals | undefined;
  #follower: ChainFollower;
  #memory: Memory;
  #health = new HealthIndex();
  readonly #pushes = new Map<number, Push>();
  /** Publish times of what is known to be included, until the next look at the chain. */
  readonly #included = new Map<number, bigint>();
  /** The price that the oracle observed last, and when it was first seen; the chain does not tell when it was written. */
  readonly #observations = new Map<number, { price: bigint; at: bigint }>();
  /** Pyth's feed of each market. */
  #feeds: readonly Hex[] = [];
  #oracle: Address | undefined;
  #state: State | undefined;
  #endangered: { readonly view: string; readonly found: readonly Endangered[] } = { view: '', found: [] };

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#proposals = options.governor && new Proposals(options.governor);
    [this.#follower, this.#memory] = this.#begin();
  }

  #begin(): [ChainFollower, Memory] {
    const { client, engine, startBlock = 0n } = this.#options;
    return [new ChainFollower(client, engine, startBlock), new Memory(engine)];
  }

  /** Pyth's feed ids of markets, in their order. */
  feedsOf(markets: readonly number[]): Hex[] {
    return markets.map((market) => this.#feeds[market] as Hex);
  }

  /** The time of the last block it looked at, seconds. */
  get now(): bigint {
    return this.#state?.now ?? 0n;
  }

  /** Notes that a push is included: the publish time by market. */
  notePush(publishTimes: ReadonlyMap<number, bigint>): void {
    for (const [market, publishTime] of publishTimes) this.#included.set(market, publishTime);
  }

  /**
   * What there is to know now. Of an RPC that lags behind what was seen, the later block is kept.
   * @throws {TidemarkError} when the chain cannot be read.
   */
  async observe(): Promise<Snapshot> {
    const { head, behind } = await this.#follow();
    if (this.#state?.hash !== head.hash) this.#state = await this.#read(head);
    const state = this.#state;
    for (const [market, publishTime] of this.#included) this.#pushes.set(market, { publishTime, at: state.now });
    this.#included.clear();
    const quotes = await this.#quotes(state);
    const markets = state.markets.map((market) => {
      const pushed = this.#pushes.get(market.id) ?? null;
      const observedAt = pushed && pushed.at > market.observedAt ? pushed.at : market.observedAt;
      return { ...market, quote: quotes.get(market.id) ?? null, pushed, observedAt };
    });
    // A lagging RPC cannot be asked about a block that it does not have.
    if (!behind) await this.#judge(state, markets);
    const { hash: _, ...known } = state;
    const { orders, committing } = this.#options;
    const waiting = { orders: orders?.list() ?? [], committing: committing?.() ?? [] };
    return { ...known, markets, endangered: this.#endangered.found, ...waiting };
  }

  /** Goes where the chain has gone, until the accounts are known at its newest block. */
  async #follow(): Promise<{ head: Head; behind: boolean }> {
    let read = 0;
    for (;;) {
      const step = await this.#follower.step();
      if (step.kind === 'reorg') {
        this.#goBack(step.to);
        this.#options.onReorg?.({ from: step.from, to: step.to?.number ?? -1n });
        continue;
      }
      const { unread } = this.#memory;
      if (step.kind === 'ahead') this.#memory.learn(step.old, step.blocks, this.#health);
      const head = this.#follower.head as Head;
      if (unread.size === 0) return { head, behind: step.kind === 'behind' };
      const of = read + unread.size;
      read += await this.#readAccounts(head);
      if (of > MAX_ACCOUNTS) this.#options.onProgress?.(read, of);
      if (unread.size === 0) return { head, behind: step.kind === 'behind' };
    }
  }

  /** @param to The newest block that is still the chain's; null when none is known. */
  #goBack(to: Head | null): void {
    this.#proposals?.forget();
    this.#included.clear();
    const since = to?.timestamp ?? -1n;
    for (const [market, { at }] of this.#pushes) if (at > since) this.#pushes.delete(market);
    for (const [market, { at }] of this.#observations) if (at > since) this.#observations.delete(market);
    if (to) {
      this.#memory.unlearn(to);
      return;
    }
    [this.#follower, this.#memory] = this.#begin();
    this.#health = new HealthIndex();
    this.#observations.clear();
    this.#oracle = undefined;
    this.#state = undefined;
  }

  /** As many as one look takes. What is read at a block stays true until an event names it. @returns How many. */
  async #readAccounts({ hash }: Head): Promise<number> {
    const { unread, claimants } = this.#memory;
    const { client, engine } = this.#options;
    const reader = new Reader(client, hash);
    const ids = [...unread].slice(0, MAX_ACCOUNTS);
    const found = await Promise.all(ids.map((id) => readAccount(reader, { engine, id, claims: claimants.has(id) })));
    for (const [i, id] of ids.entries()) {
      const account = found[i];
      if (account) this.#health.setAccount(account);
      else this.#health.delete(id);
      if (!account?.claim) claimants.delete(id);
      unread.delete(id);
    }
    return ids.length;
  }

  async #read(head: Head): Promise<State> {
    const { client, engine, vault, guardian } = this.#options;
    const { number: block, hash, timestamp: now } = head;
    const memory = this.#memory;
    const reader = new Reader(client, hash);
    const own = { address: engine, abi: derivativesEngineAbi } as const;
    if (memory.upgraded) this.#oracle = undefined;
    memory.upgraded = false;
    this.#oracle ??= await getOracle(client, { engine });
    const oracle = this.#oracle;
    const asked = { address: oracle, abi: priceOracleAbi, functionName: 'offPeg' } as const;
    const [pool, claims, reserves, count, offBefore, onBefore, vaultState, proposals, pauseExpired] = await Promise.all(
      [
        reader.read({ ...own, functionName: 'getPool' }),
        reader.read({ ...own, functionName: 'getClaims' }),
        reader.read({ ...own, functionName: 'getReserves' }),
        reader.read({ ...own, functionName: 'marketCount' }),
        reader.read({ ...asked, args: [true] }),
        reader.read({ ...asked, args: [false] }),
        vault ? readVault(reader, vault) : null,
        this.#proposals?.read(reader) ?? [],
        guardian ? hasPauseExpired(reader, guardian, now) : false,
      ],
    );
    const ids = Array.from({ length: Number(count) }, (_, id) => id);
    const read = await Promise.all(ids.map((id) => readMarket(reader, { engine, oracle, id })));
    this.#feeds = read.map(({ feed }) => feed);
    const markets = read.map((market) => this.#describe(market, now));
    for (const { id, market, config } of markets) this.#health.setMarket(id, market, config);
    memory.prune(
      block,
      read.map(({ head }) => head),
    );
    const { appraisal } = memory;
    if ('block' in appraisal) memory.appraisal = { time: await this.#timeOf(appraisal.block) };
    const offPeg = (BigInt(pool.pauseLevel) & PauseBits.OffPeg) !== 0n;
    return {
      block,
      hash,
      now,
      pauseLevel: pool.pauseLevel & Number(PauseBits.Level),
      pegChanged: offPeg ? !offBefore : onBefore,
      offPeg,
      appraisedAt: 'time' in memory.appraisal ? memory.appraisal.time : 0n,
      pool: { cash: pool.cash, fees: pool.fees, claims: claims.outstanding, ...reserves },
      markets,
      health: this.#health,
      collectable: [...memory.claimants].flatMap((id) => {
        const account = this.#health.get(id);
        return account?.collectable ? [account] : [];
      }),
      leaving: markets.flatMap(({ id: market, config }) =>
        isOver(config) ? [...this.#health.holders(market)].map((account) => ({ account, market })) : [],
      ),
      vault: vaultState,
      proposals,
      pauseExpired,
    };
  }

  async #timeOf(blockNumber: bigint): Promise<bigint> {
    return (await onChain(() => getBlock(this.#options.client, { blockNumber }))).timestamp;
  }

  #describe({ feed: _, head: __, lastGood, pending, ...market }: ReadMarket, now: bigint): State['markets'][number] {
    const withOrders = pending.map(
      (batch): PendingBatch => ({ ...batch, orders: this.#ordersOf(market.id, batch.index) }),
    );
    return { ...market, pending: withOrders, observedAt: this.#observedAt(market.id, lastGood, now) };
  }

  #observedAt(market: number, price: bigint, now: bigint): bigint {
    const seen = this.#observations.get(market);
    if (seen?.price === price) return seen.at;
    const at = seen ? now : 0n;
    this.#observations.set(market, { price, at });
    return at;
  }

  #ordersOf(market: number, index: bigint): PendingBatch['orders'] {
    const orders = this.#memory.ordersOf(market, index);
    if (orders) return orders;
    const what = `No event tells the orders of batch ${index} of market ${market}.`;
    this.#options.onTrouble?.(new TidemarkError(what, { next: 'Start at an earlier block.' }));
    return null;
  }

  /** Finds who is endangered, once for each block and set of quotes. */
  async #judge({ hash, now, health }: State, markets: readonly MarketSnapshot[]): Promise<void> {
    const view = [hash, ...markets.map(({ quote }) => `${quote?.publishTime} ${quote?.price}`)].join(' ');
    if (this.#endangered.view === view) return;
    const { client, riskManager } = this.#options;
    const found = findEndangered(health, markets, now);
    this.#endangered = { view, found: await confirm(new Reader(client, hash), { riskManager, found }) };
  }

  /** By market, without those that are settled, whose feed may be gone; none when no price service serves any. */
  async #quotes({ markets }: State): Promise<ReadonlyMap<number, Quote>> {
    const ids = markets.filter(({ config }) => !isOver(config)).map(({ id }) => id);
    if (ids.length === 0) return new Map();
    const feeds = this.feedsOf(ids);
    try {
      const { prices } = await this.#options.prices.latest(feeds);
      const found = feeds.map((feed) => prices.find(({ id }) => id === feed.toLowerCase()) as Quote);
      return new Map(ids.map((id, i) => [id, found[i] as Quote]));
    } catch (error) {
      // Whoever serves the prices tells what is wrong, once.
      if (error instanceof TidemarkError) return new Map();
      throw error;
    }
  }
}

const isOver = ({ flags }: { flags: bigint }) => (flags & MarketFlags.Settled) !== 0n;

async function readVault(reader: Reader, address: Address): Promise<VaultSnapshot> {
  const { settledEpoch, ...state } = await reader.read({ address, abi: liquidityVaultAbi, functionName: 'getVault' });
  const { depositsWaiting, depositsOpen, redemptionsWaiting, redemptionsCooling } = state;
  const requests = depositsWaiting + depositsOpen + redemptionsWaiting + redemptionsCooling;
  return { settledEpoch: BigInt(settledEpoch), requests };
}

async function hasPauseExpired(reader: Reader, address: Address, now: bigint): Promise<boolean> {
  const at = { address, abi: emergencyGuardianAbi } as const;
  const [{ level }, due] = await Promise.all([
    reader.read({ ...at, functionName: 'getPause' }),
    reader.read({ ...at, functionName: 'levelAt', args: [now] }),
  ]);
  return due < BigInt(level);
}
