import {
  type AnyClient,
  batchOf,
  emergencyGuardianAbi,
  getAccount,
  getClaim,
  getDoubt,
  getFeed,
  getMarket,
  getMarketConfig,
  getMarketCount,
  getOracle,
  getPool,
  getPosition,
  getQueue,
  getQueueItem,
  getUnpaidClaim,
  governanceAbi,
  liquidityVaultAbi,
  MarketFlags,
  marketsOf,
  type Order,
  onChain,
  PauseBits,
  ProposalState,
  parseEngineEvents,
  priceOracleAbi,
  TidemarkError,
  widen,
} from '@tidemark/sdk';
import type { Address, Hex } from 'viem';
import { getBlock, getLogs, readContract } from 'viem/actions';
import type { PriceClient } from '../prices/priceSources.ts';
import type {
  AccountSnapshot,
  MarketSnapshot,
  PendingBatch,
  ProposalSnapshot,
  Push,
  Quote,
  Snapshot,
  VaultSnapshot,
} from '../snapshot.ts';

/** Blocks of one log request. */
const LOG_RANGE = 5_000n;
/** Batches read from the head of a queue. */
const MAX_PENDING = 64n;
/** Proposals first heard of, and those looked at again, at one look at the chain. */
const MAX_PROPOSALS = 64;
/** As in Governance.sol, seconds. */
const GRACE = 14n * 86_400n;
/** The states of a proposal that no other follows. */
const OVER: readonly number[] = [
  ProposalState.Canceled,
  ProposalState.Defeated,
  ProposalState.Expired,
  ProposalState.Executed,
];

export interface ObserverOptions {
  client: AnyClient;
  prices: PriceClient;
  engine: Address;
  vault?: Address;
  governor?: Address;
  guardian?: Address;
  /** Where the exchange was deployed, or any earlier block. */
  startBlock?: bigint;
  /** Told what a snapshot lacks: orders whose event is too old. */
  onTrouble?: (error: TidemarkError) => void;
}

/**
 * Builds snapshots from the chain alone: a new observer of the same chain comes to the same ones, but for what was pushed
 * and observed before it began, so that it pushes once.
 */
export class Observer {
  readonly #options: ObserverOptions;
  /** Pyth's feed of each market. */
  readonly #feeds: Hex[] = [];
  readonly #batches = new Map<string, readonly Order[]>();
  readonly #traders = new Set<Hex>();
  readonly #claimants = new Set<Hex>();
  readonly #pushes = new Map<number, Push>();
  /** Publish times of what is known to be included, until the next look at the chain. */
  readonly #included = new Map<number, bigint>();
  /** The price that the oracle observed last, and when it was first seen; the chain does not tell when it was written. */
  readonly #observations = new Map<number, { price: bigint; at: bigint }>();
  /** Those that are not over, as they were looked at last, longest ago first; and how many were ever heard of. */
  readonly #proposals = new Map<bigint, ProposalSnapshot | null>();
  #heardProposals = 0n;
  #oracle: Address | undefined;
  #scanned: bigint;
  #appraisedAt = 0n;
  #state: Omit<Snapshot, 'markets'> & { markets: Omit<MarketSnapshot, 'quote' | 'pushed'>[] } = {
    block: -1n,
    now: 0n,
    pauseLevel: 2,
    pegChanged: false,
    appraisedAt: 0n,
    markets: [],
    accounts: [],
    orders: [],
    vault: null,
    proposals: [],
    pauseExpired: false,
  };

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#scanned = (options.startBlock ?? 0n) - 1n;
  }

  /** Pyth's feed ids of markets, in their order. */
  feedsOf(markets: readonly number[]): Hex[] {
    return markets.map((market) => this.#feeds[market] as Hex);
  }

  /** The time of the last block it looked at, seconds. */
  get now(): bigint {
    return this.#state.now;
  }

  /** Notes that a push is included: the publish time by market. */
  notePush(publishTimes: ReadonlyMap<number, bigint>): void {
    for (const [market, publishTime] of publishTimes) this.#included.set(market, publishTime);
  }

  /** @throws {TidemarkError} when the chain cannot be read. */
  async observe(): Promise<Snapshot> {
    const { client } = this.#options;
    const { number, timestamp } = await onChain(() => getBlock(client, { blockTag: 'latest' }));
    if (number < this.#scanned) this.#forget();
    if (number !== this.#state.block) {
      await this.#scan(number);
      this.#state = await this.#read(number, timestamp);
    }
    for (const [market, publishTime] of this.#included) this.#pushes.set(market, { publishTime, at: this.now });
    this.#included.clear();
    const quotes = await this.#quotes();
    const markets = this.#state.markets.map((market) => {
      const pushed = this.#pushes.get(market.id) ?? null;
      const observedAt = pushed && pushed.at > market.observedAt ? pushed.at : market.observedAt;
      return { ...market, quote: quotes.get(market.id) ?? null, pushed, observedAt };
    });
    return { ...this.#state, markets };
  }

  /** The chain is another one than before. */
  #forget(): void {
    this.#scanned = (this.#options.startBlock ?? 0n) - 1n;
    this.#appraisedAt = 0n;
    this.#feeds.length = 0;
    this.#oracle = undefined;
    this.#heardProposals = 0n;
    for (const memory of [this.#batches, this.#traders, this.#claimants, this.#proposals]) memory.clear();
    for (const memory of [this.#pushes, this.#included, this.#observations]) memory.clear();
  }

  async #timeOf(blockNumber: bigint): Promise<bigint> {
    return (await onChain(() => getBlock(this.#options.client, { blockNumber }))).timestamp;
  }

  /** Learns from events which orders wait, which accounts trade and when the pool was appraised. */
  async #scan(to: bigint): Promise<void> {
    const { client, engine } = this.#options;
    while (this.#scanned < to) {
      const fromBlock = this.#scanned + 1n;
      const toBlock = fromBlock + LOG_RANGE - 1n < to ? fromBlock + LOG_RANGE - 1n : to;
      const logs = await onChain(() => getLogs(client, { address: engine, fromBlock, toBlock }));
      let appraisedIn: bigint | null = null;
      for (const { eventName, args, blockNumber } of parseEngineEvents({ engine, logs })) {
        if (eventName === 'BatchCommitted') {
          const { market, index, orders } = batchOf(args);
          this.#batches.set(`${market} ${index}`, orders);
        }
        if (eventName === 'OrderFilled') this.#traders.add(args.account);
        if (eventName === 'ClaimOpened') this.#claimants.add(args.account);
        if (eventName === 'PoolAppraised') appraisedIn = blockNumber;
      }
      if (appraisedIn !== null) this.#appraisedAt = await this.#timeOf(appraisedIn);
      this.#scanned = toBlock;
    }
  }

  async #read(block: bigint, now: bigint) {
    const { client, engine } = this.#options;
    const at = { engine, blockNumber: block };
    const [pool, count] = await Promise.all([getPool(client, at), getMarketCount(client, at)]);
    await this.#learnFeeds(Number(count));
    const ids = Array.from({ length: Number(count) }, (_, id) => id);
    const offPeg = (BigInt(pool.pauseLevel) & PauseBits.OffPeg) !== 0n;
    const [pegChanged, markets, accounts, vault, proposals, pauseExpired] = await Promise.all([
      this.#hasPegChanged(offPeg, block),
      Promise.all(ids.map((id) => this.#readMarket(id, block, now))),
      Promise.all([...new Set([...this.#traders, ...this.#claimants])].map((id) => this.#readAccount(id, block))),
      this.#readVault(block),
      this.#readProposals(block),
      this.#hasPauseExpired(block, now),
    ]);
    return {
      block,
      now,
      pauseLevel: pool.pauseLevel & Number(PauseBits.Level),
      pegChanged,
      appraisedAt: this.#appraisedAt,
      markets,
      accounts: accounts.filter((account) => account !== null),
      orders: [],
      vault,
      proposals,
      pauseExpired,
    };
  }

  async #learnFeeds(count: number): Promise<void> {
    const { client, engine } = this.#options;
    this.#oracle ??= await getOracle(client, { engine });
    const oracle = this.#oracle;
    for (let id = this.#feeds.length; id < count; id++) {
      const { pythId } = await getFeed(client, { oracle, market: BigInt(id) });
      this.#feeds[id] = pythId;
    }
  }

  async #readMarket(id: number, blockNumber: bigint, now: bigint): Promise<Omit<MarketSnapshot, 'quote' | 'pushed'>> {
    const { client, engine } = this.#options;
    const at = { engine, market: BigInt(id), blockNumber };
    const [market, config, queue, sources] = await Promise.all([
      getMarket(client, at),
      getMarketConfig(client, at),
      getQueue(client, at),
      this.#readSources(id, blockNumber, now),
    ]);
    const head = BigInt(queue.head);
    const length = BigInt(queue.tail) - head;
    const shown = Number(length < MAX_PENDING ? length : MAX_PENDING);
    const pending = await Promise.all(
      Array.from({ length: shown }, async (_, i): Promise<PendingBatch> => {
        const index = head + BigInt(i);
        const { committedAt } = await getQueueItem(client, { ...at, index });
        return { index, committedAt: BigInt(committedAt), orders: this.#ordersOf(id, index) };
      }),
    );
    for (let index = head - 1n; this.#batches.delete(`${id} ${index}`); index--);
    return { id, market: widen(market), config: widen(config), pending, ...sources };
  }

  async #hasPegChanged(before: boolean, blockNumber: bigint): Promise<boolean> {
    const call = {
      address: this.#oracle as Address,
      abi: priceOracleAbi,
      functionName: 'offPeg',
      args: [before],
    } as const;
    const off = await onChain(() => readContract(this.#options.client, { ...call, blockNumber }));
    return off !== before;
  }

  async #readSources(market: number, blockNumber: bigint, now: bigint) {
    const address = this.#oracle as Address;
    const call = {
      address,
      abi: priceOracleAbi,
      functionName: 'explain',
      args: [BigInt(market)],
      blockNumber,
    } as const;
    const { lastGood, state, quote, anchor } = await onChain(() => readContract(this.#options.client, call));
    const { value: price, confidence, time: publishTime } = anchor;
    return {
      observedAt: this.#observedAt(market, lastGood, now),
      state,
      storedAt: quote.time,
      anchor: price === 0n ? null : { price, confidence, publishTime },
    };
  }

  #observedAt(market: number, price: bigint, now: bigint): bigint {
    const seen = this.#observations.get(market);
    if (seen?.price === price) return seen.at;
    const at = seen ? now : 0n;
    this.#observations.set(market, { price, at });
    return at;
  }

  #ordersOf(market: number, index: bigint): readonly Order[] | null {
    const orders = this.#batches.get(`${market} ${index}`);
    if (orders) return orders;
    const what = `No event tells the orders of batch ${index} of market ${market}.`;
    this.#options.onTrouble?.(new TidemarkError(what, { next: 'Start at an earlier block.' }));
    return null;
  }

  async #readAccount(id: Hex, blockNumber: bigint): Promise<AccountSnapshot | null> {
    const { client, engine } = this.#options;
    const at = { engine, account: id, blockNumber };
    const claims = this.#claimants.has(id);
    const [account, { flaggedAt }, claim, unpaid] = await Promise.all([
      getAccount(client, at),
      getDoubt(client, at),
      claims ? getClaim(client, at) : 0n,
      claims ? getUnpaidClaim(client, at) : 0n,
    ]);
    // Whoever trades or wins again tells it by an event.
    if (claim === 0n) this.#claimants.delete(id);
    if (account.markets === 0n) {
      this.#traders.delete(id);
      if (claim === 0n) return null;
    }
    const positions = await Promise.all(
      marketsOf(account.markets).map(
        async (market) => [market, widen(await getPosition(client, { ...at, market: BigInt(market) }))] as const,
      ),
    );
    return {
      id,
      account: widen(account),
      positions: new Map(positions),
      claim,
      collectable: claim > unpaid,
      flaggedAt: BigInt(flaggedAt),
    };
  }

  async #readVault(blockNumber: bigint): Promise<VaultSnapshot | null> {
    const { client, vault } = this.#options;
    if (!vault) return null;
    const call = { address: vault, abi: liquidityVaultAbi, functionName: 'getVault', blockNumber } as const;
    const { settledEpoch, ...vaultState } = await onChain(() => readContract(client, call));
    const { depositsWaiting, depositsOpen, redemptionsWaiting, redemptionsCooling } = vaultState;
    const requests = depositsWaiting + depositsOpen + redemptionsWaiting + redemptionsCooling;
    return { settledEpoch: BigInt(settledEpoch), requests };
  }

  async #readProposals(blockNumber: bigint): Promise<ProposalSnapshot[]> {
    const { client, governor: address } = this.#options;
    if (!address) return [];
    const at = { address, abi: governanceAbi, blockNumber } as const;
    const count = await onChain(() => readContract(client, { ...at, functionName: 'proposalCount' }));
    const from = this.#heardProposals;
    const heard = await Promise.all(
      Array.from({ length: Math.min(Number(count - from), MAX_PROPOSALS) }, (_, i) => {
        const args = [from + BigInt(i)] as const;
        return onChain(() => readContract(client, { ...at, functionName: 'proposalDetailsAt', args }));
      }),
    );
    for (const [id] of heard) this.#proposals.set(id, null);
    this.#heardProposals += BigInt(heard.length);
    const looked = [...this.#proposals.keys()].slice(0, MAX_PROPOSALS);
    await Promise.all(looked.map((id) => this.#lookAtProposal(address, id, blockNumber)));
    return [...this.#proposals.values()].filter((proposal) => proposal !== null);
  }

  async #lookAtProposal(address: Address, id: bigint, blockNumber: bigint): Promise<void> {
    const at = { address, abi: governanceAbi, blockNumber, args: [id] } as const;
    const read = (functionName: 'state' | 'proposalDeadline' | 'proposalEta') =>
      onChain(() => readContract(this.#options.client, { ...at, functionName }));
    const state = Number(await read('state'));
    let proposal: ProposalSnapshot | null = null;
    if (state === ProposalState.Succeeded) {
      proposal = { id, dueAt: null, expiresAt: BigInt(await read('proposalDeadline')) + GRACE };
    } else if (state === ProposalState.Queued) {
      const dueAt = BigInt(await read('proposalEta'));
      proposal = { id, dueAt, expiresAt: dueAt + GRACE };
    }
    // To the end of those that are looked at.
    this.#proposals.delete(id);
    if (!OVER.includes(state)) this.#proposals.set(id, proposal);
  }

  async #hasPauseExpired(blockNumber: bigint, now: bigint): Promise<boolean> {
    const { client, guardian: address } = this.#options;
    if (!address) return false;
    const at = { address, abi: emergencyGuardianAbi, blockNumber } as const;
    const [{ level }, due] = await Promise.all([
      onChain(() => readContract(client, { ...at, functionName: 'getPause' })),
      onChain(() => readContract(client, { ...at, functionName: 'levelAt', args: [now] })),
    ]);
    return due < BigInt(level);
  }

  /** By market, without those that are settled, whose feed may be gone; none when no price service serves any. */
  async #quotes(): Promise<ReadonlyMap<number, Quote>> {
    const live = this.#state.markets.filter(({ config }) => (config.flags & MarketFlags.Settled) === 0n);
    const ids = live.map(({ id }) => id);
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
