import { MARKETS } from '@tidemark/deploy';
import { type Keeper, type KeeperEvent, ROLES, type Role, startKeeper } from '@tidemark/keeper';
import {
  cancelNonces,
  commit,
  derivativesEngineAbi,
  FillMath,
  getMarketConfig,
  getOracle,
  getPosition,
  marketOrder,
  OrderFlags,
  OrderWords,
  onChain,
  priceOracleAbi,
  type SignedOrder,
  signOrder,
  signOrders,
  widen,
} from '@tidemark/sdk';
import { maxUint256 } from 'viem';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { chainlinkFeeder, fedAggregators } from '../src/feeder.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { generator } from '../src/random.ts';
import { type Stage, setStage } from '../test/stage.ts';
import { Ledger } from './ledger.ts';
import { accountsOf, type Place, type Placement, placements, rangeOf, type Start } from './placements.ts';
import type { BlockView, MarketFacts, Recorded, Told } from './record.ts';
import { WaitingOrders } from './waitingOrders.ts';

export interface RunOptions {
  readonly source: PriceSource;
  /** Chain time at which it ends, seconds. */
  readonly to: number;
  /** Chain seconds per second at most: the clock waits for the keeper. */
  readonly speed: number;
  /** Chain seconds between blocks. */
  readonly blockTime: number;
  /** Of each owner. */
  readonly accounts: number;
  readonly seed: number;
  readonly without: Role | undefined;
  readonly say: (line: string) => void;
}

/** Margin of an account, USDC of 6 decimals: none comes near to its maintenance. */
const MARGIN = 20_000n * 10n ** 6n;
/** USD of an account's first position. */
const NOTIONALS = [500n, 1_000n, 3_000n] as const;
const GAS = 5_000_000n;
/** Blocks until all first positions are open; later than that the prices permit none. */
const OPENING_BLOCKS = 30;
/** Blocks after the end in which what is on its way arrives. */
const LAST_BLOCKS = 12;
/** Price services of a busy machine answer late. */
const TIMEOUT_MS = 60_000;
const SAY_EVERY = 3600;

/**
 * Replays prices to an exchange with a keeper and orders that wait, block after block: the next is made when the keeper has
 * done all that the last one asks for, so that the same seed gives the same replay on every machine.
 */
export async function run(options: RunOptions): Promise<{ recorded: Recorded; told: readonly KeeperEvent[] }> {
  const stage = await setStage(options.source, false);
  let keeper: Keeper | undefined;
  try {
    const feed = new WaitingOrders();
    const events: KeeperEvent[] = [];
    let reached = -1n;
    let wake = () => {};
    const { engine, riskManager, vault } = stage.deployment;
    keeper = await startKeeper({
      rpcs: [stage.rpc],
      engine,
      riskManager,
      vault,
      prices: [{ url: stage.prices, timeout: TIMEOUT_MS }],
      signer: ACCOUNTS.keeper,
      atLoss: ROLES,
      roles: ROLES.filter((role) => role !== options.without),
      orders: feed,
      pollMs: 2,
      onEvent(event) {
        events.push(event);
        if (event.event !== 'turn') return;
        reached = event.block;
        wake();
      },
    });
    const turn = async () => {
      while (reached < stage.block) await new Promise<void>((resolve) => (wake = resolve));
    };
    const recorded = await new Replay(stage, feed, options, turn).run();
    return { recorded, told: events };
  } finally {
    await keeper?.stop();
    await stage.end();
  }
}

class Replay {
  readonly #stage: Stage;
  readonly #feed: WaitingOrders;
  readonly #options: RunOptions;
  readonly #turn: () => Promise<void>;
  readonly #ledger: Ledger;
  readonly #chainlink: (now: number) => Promise<unknown>;
  readonly #blocks: BlockView[] = [];
  readonly #told: Told[] = [];
  readonly #owners;

  constructor(stage: Stage, feed: WaitingOrders, options: RunOptions, turn: () => Promise<void>) {
    [this.#stage, this.#feed, this.#options, this.#turn] = [stage, feed, options, turn];
    this.#ledger = new Ledger(stage.deployment.engine, this.#told, feed);
    const feeder = connect(stage.rpc, ACCOUNTS.feeder);
    this.#chainlink = chainlinkFeeder(feeder, options.source, fedAggregators(stage.state), stage.faults);
    this.#owners = ACCOUNTS.traders.map((trader) => connect(stage.rpc, trader));
  }

  async run(): Promise<Recorded> {
    const { source, to, seed, speed, blockTime, say } = this.#options;
    const random = generator(seed);
    await this.#fund();
    const places = this.#stage.deployment.markets.map(({ id, symbol }) => {
      return { id, symbol, ...rangeOf(source, symbol, source.start, to) };
    });
    const markets = await Promise.all(this.#stage.deployment.markets.map(({ id, symbol }) => this.#facts(id, symbol)));
    const starts = await this.#open(places, random);
    const from = Number(this.#stage.now);
    const plan = placements(random, starts, { places, source, from, to });
    const cancels: Told[] = [];
    const total = plan.reduce((sum, { orders }) => sum + orders.length, 0);
    say(`${total} orders of ${starts.length} accounts, from ${new Date(from * 1000).toISOString()}`);
    let saidAt = from;
    for (let next = 0; this.#stage.now < to; ) {
      const started = performance.now();
      for (; (plan[next]?.at ?? to) <= this.#stage.now; next++) {
        const told = await this.#place(plan[next] as Placement);
        if (plan[next]?.cancelAt !== undefined) cancels.push(...told.map((one) => one));
        for (const one of told) this.#cancelAts.set(one.id, plan[next]?.cancelAt ?? to);
      }
      await this.#cancel(cancels);
      await this.#step(BigInt(blockTime));
      if (Number(this.#stage.now) - saidAt >= SAY_EVERY) {
        saidAt = Number(this.#stage.now);
        say(`${new Date(saidAt * 1000).toISOString()}, ${this.#ledger.outcomes.length} orders settled`);
      }
      const wait = (blockTime / speed) * 1000 - (performance.now() - started);
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
    for (const order of this.#feed.list()) this.#feed.remove(order);
    for (let i = 0; i < LAST_BLOCKS; i++) await this.#step(BigInt(blockTime));
    const { commits, outcomes, leftOut, accidents } = this.#ledger;
    const pending = this.#ledger.pending.map((what) => `${what} was never settled`);
    return {
      from: source.start,
      to,
      blockTime,
      markets,
      told: this.#told,
      blocks: this.#blocks,
      commits,
      outcomes,
      leftOut,
      accidents: [...accidents, ...pending],
    };
  }

  readonly #cancelAts = new Map<number, number>();

  /** A block, and everything it makes the keeper and the feeder do. */
  async #step(seconds?: bigint): Promise<void> {
    const { admin, deployment } = this.#stage;
    await this.#stage.mine(seconds);
    const { now, block } = this.#stage;
    const logs = await admin.getLogs({ address: deployment.engine, fromBlock: block, toBlock: block });
    // Before the keeper looks again, as a service that follows the chain would.
    this.#ledger.take(logs, Number(now));
    await this.#turn();
    await this.#chainlink(Number(now));
    this.#blocks.push({ time: Number(now), markets: await this.#views() });
  }

  async #views() {
    const { admin, deployment } = this.#stage;
    const address = await this.#oracle();
    return Promise.all(
      deployment.markets.map(async ({ id }) => {
        const call = { address, abi: priceOracleAbi, functionName: 'explain', args: [BigInt(id)] } as const;
        const { state, anchor, standing } = await admin.readContract(call);
        return { state, anchor, breaker: { from: standing.breakerFrom, until: standing.breakerUntil } };
      }),
    );
  }

  #oracleAddress: Promise<`0x${string}`> | undefined;
  #oracle() {
    this.#oracleAddress ??= getOracle(this.#stage.admin, { engine: this.#stage.deployment.engine });
    return this.#oracleAddress;
  }

  async #facts(id: number, symbol: string): Promise<MarketFacts> {
    const config = widen(
      await getMarketConfig(this.#stage.admin, { engine: this.#stage.deployment.engine, market: BigInt(id) }),
    );
    const { thresholdPpm, haltPpm, strainConfidencePpm } = MARKETS[symbol] as (typeof MARKETS)[string];
    return {
      symbol,
      skewScale: FillMath.skewScale(config),
      thresholdPpm: BigInt(thresholdPpm),
      haltPpm: BigInt(haltPpm),
      strainConfidencePpm: BigInt(strainConfidencePpm),
    };
  }

  /** Margin for each account. */
  async #fund(): Promise<void> {
    const { deployment, state, rpc } = this.#stage;
    const { accounts } = this.#options;
    const faucet = connect(rpc, ACCOUNTS.faucet);
    const token = { address: state.doubles.usdc, abi: tokenAbi } as const;
    const { engine } = deployment;
    for (const owner of this.#owners) {
      const me = owner.account.address;
      await faucet.writeContract({ ...token, functionName: 'mint', args: [me, MARGIN * BigInt(accounts)], gas: GAS });
      await owner.writeContract({ ...token, functionName: 'approve', args: [engine, maxUint256], gas: GAS });
    }
    await this.#stage.mine();
    const call = { address: engine, abi: derivativesEngineAbi, functionName: 'deposit', gas: 300_000n } as const;
    for (const owner of this.#owners)
      for (const account of accountsOf(owner.account.address, accounts))
        await owner.writeContract({ ...call, args: [account, MARGIN] });
    await this.#stage.mine();
  }

  /** Opens a position in each account, long or short, in one of the markets. */
  async #open(places: readonly Place[], random: () => number): Promise<Start[]> {
    const { source, accounts } = this.#options;
    const { admin, deployment } = this.#stage;
    const { engine } = deployment;
    const wanted = this.#owners.flatMap((owner) =>
      accountsOf(owner.account.address, accounts).map((account) => {
        const place = places[Math.floor(random() * places.length)] as Place;
        const notional = NOTIONALS[Math.floor(random() * NOTIONALS.length)] ?? 500n;
        const size = (notional * 10n ** 20n) / (source.quoteAt(place.symbol, source.start)?.price ?? 1n);
        return { owner, account, market: place.id, sizeDelta: random() < 0.5 ? size : -size };
      }),
    );
    for (const owner of this.#owners)
      for (const { id } of places) {
        const own = wanted.filter((one) => one.owner === owner && one.market === id);
        if (own.length === 0) continue;
        const orders = own.map(({ account, sizeDelta }) => marketOrder({ account, sizeDelta }));
        await commit(owner, { engine, market: BigInt(id), orders, gas: GAS });
      }
    for (let blocks = 0; blocks < OPENING_BLOCKS; blocks++) {
      await this.#step();
      if (this.#ledger.outcomes.length === wanted.length) break;
    }
    return Promise.all(
      wanted.map(async ({ owner, account, market }) => {
        const { size, generation } = widen(await getPosition(admin, { engine, account, market: BigInt(market) }));
        if (size === 0n) throw new Error(`A first position could not be opened in market ${market}: begin elsewhere.`);
        return { owner: owner.account.address, account, market, position: { size, generation } };
      }),
    );
  }

  /** Signs orders and tells them to the keepers. */
  async #place({ kind, owner, market, orders: fields }: Placement): Promise<Told[]> {
    const { engine } = this.#stage.deployment;
    const client = this.#clientOf(owner);
    const [only] = fields;
    const signed: SignedOrder[] =
      fields.length === 1 && only
        ? [await signOrder(client, { engine, market: BigInt(market), order: only })]
        : await signOrders(client, { engine, orders: fields.map((order) => ({ market: BigInt(market), order })) });
    const told = signed.map((one, i): Told => {
      const { terms } = one.order;
      const { account, limitPrice, sizeDelta, trigger, deadline } = fields[i] as (typeof fields)[number];
      return {
        id: this.#told.length + i,
        kind,
        market,
        account,
        trigger: trigger?.price ?? 0n,
        above: trigger?.above ?? false,
        limitPrice,
        sizeDelta,
        attached: (OrderWords.flagsOf(terms) & OrderFlags.Attached) !== 0n,
        reduceOnly: (OrderWords.flagsOf(terms) & OrderFlags.ReduceOnly) !== 0n,
        // What it sees first is the next block.
        placedAt: Number(this.#stage.now),
        deadline: deadline === undefined ? undefined : Number(deadline),
        cancelledAt: undefined,
        signed: one,
      };
    });
    this.#told.push(...told);
    this.#feed.add(signed);
    return told;
  }

  #clientOf(owner: string) {
    const found = this.#owners.find(({ account }) => account.address === owner);
    if (!found) throw new Error(`Nobody has the key of ${owner}.`);
    return found;
  }

  /** Cancels what is due and has not come to its end. */
  async #cancel(cancels: Told[]): Promise<void> {
    const { engine } = this.#stage.deployment;
    const now = Number(this.#stage.now);
    for (const told of cancels) {
      if (told.cancelledAt !== undefined || now < (this.#cancelAts.get(told.id) ?? 0)) continue;
      told.cancelledAt = now;
      if (!this.#feed.list().includes(told.signed)) continue;
      this.#feed.remove(told.signed);
      const nonce = OrderWords.nonceOf(told.signed.order.terms);
      const owner = this.#owners.find(({ account }) => told.account.startsWith(account.address.toLowerCase()));
      if (!owner) throw new Error(`Nobody has the key of ${told.account}.`);
      const nonces = { account: told.account, word: nonce >> 8n, nonces: 1n << (nonce & 255n) };
      await onChain(() => cancelNonces(owner, { engine, ...nonces, gas: 200_000n }));
    }
  }
}
