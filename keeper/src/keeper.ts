import { type AnyClient, getOracle, getPyth, onChain, Rpcs, toTidemarkError } from '@tidemark/sdk';
import { type Address, createClient, defineChain } from 'viem';
import { getBalance, getCode } from 'viem/actions';
import { chainConfig } from 'viem/op-stack';
import { Actor } from './act/actor.ts';
import { PAYING } from './act/price.ts';
import type { Action } from './actions.ts';
import { refusePublicKey } from './chain/keys.ts';
import type { Signer } from './chain/signers.ts';
import { EtherPriceUnknownError, NoContractError, NoFundsError } from './errors.ts';
import type { KeeperEvent } from './events.ts';
import { Observer } from './observe/observer.ts';
import { DEFAULT_SETTINGS, type PlanSettings, plan, waiting } from './plan/index.ts';
import { type PriceEndpoint, PriceSources } from './prices/priceSources.ts';
import { ROLES, type Role } from './roles.ts';
import type { Snapshot } from './snapshot.ts';
import type { OrderFeed } from './triggers/orderFeed.ts';

export interface KeeperOptions {
  /** The chain's RPCs, the preferred one first. */
  rpcs: readonly string[];
  /** The chain that they have to be of; that of the first that answers when left out. */
  chainId?: number;
  engine: Address;
  /** The price services, the preferred one first. */
  prices: readonly PriceEndpoint[];
  /** Pays gas and price fees, earns the orders' fees. */
  signer: Signer;
  /** What it does; everything when left out. */
  roles?: readonly Role[];
  /** Which roles that are paid act though it costs more than it brings; none when left out. The others are never paid. */
  atLoss?: readonly Role[];
  /** USD per ether, 18 decimals, where the exchange names no market of ether. */
  etherPrice?: bigint;
  /** Whether it sends nothing, and tells what it would send. */
  dryRun?: boolean;
  /** Blocks after which a transaction that is not included is replaced by one that offers more. */
  patience?: number;
  /** Blocks on top of a transaction's own after which it is not looked after any more. */
  depth?: number;
  /** Wei per gas that a transaction offers at most. */
  maxFee?: bigint;
  /** Whose verdict on endangered accounts is asked, if any; without one the exact model's stands. */
  riskManager?: Address;
  /** Wei per gas for the block's builder; what the node suggests, up to ten times the base fee, when left out. */
  priorityFee?: bigint;
  /** Whose epochs are settled, if any. */
  vault?: Address;
  /** Whose proposals are queued and executed, if any. */
  governor?: Address;
  /** Emergency guardian whose pauses are ended in time, if any. */
  guardian?: Address;
  /** Milliseconds of wall-clock time between two looks at the chain. */
  pollMs?: number;
  /** Where the exchange was deployed, or any earlier block. */
  startBlock?: bigint;
  settings?: PlanSettings;
  /** Signed orders that wait to be committed, if anybody keeps any. */
  orders?: OrderFeed;
  /** Told everything that happens. */
  onEvent?: (event: KeeperEvent) => void;
  /** Told what is known of each new block, and what is to do. */
  onSnapshot?: (snapshot: Snapshot, actions: readonly Action[]) => void;
}

export interface Keeper {
  /** Ends after the turn at hand; what is on its way stays so. */
  stop(): Promise<void>;
  /** The last block it looked at. */
  readonly block: bigint;
  /** That block's time, seconds of chain time. */
  readonly blockTime: bigint;
  /** When it had looked at it, milliseconds of wall-clock time: its age is the keeper's health. */
  readonly lookedAt: number;
}

const PATIENCE = 3;
const DEPTH = 3;
const MAX_FEE = 500n * 10n ** 9n;
/** Bytes of calls in one read; its deployment must stay below what the EVM takes as a contract's creation. */
const READ_BYTES = 16_384;

/**
 * Runs a keeper until it is stopped. It remembers nothing that matters: killed at any moment and started again, it reads
 * from the chain what is to do.
 * @throws {TidemarkError} when the chain does not answer or is another one, is not the exchange's, the key is a public
 * one or has no ether.
 */
export async function startKeeper(options: KeeperOptions): Promise<Keeper> {
  const { engine, signer, pollMs = 500, settings = DEFAULT_SETTINGS, onEvent = () => {} } = options;
  const { roles = ROLES, atLoss = [], dryRun = false } = options;
  const rpcs = new Rpcs({
    urls: options.rpcs,
    caller: signer.address,
    onEvent,
    ...(options.chainId !== undefined && { chainId: options.chainId }),
  });
  const chainId = await rpcs.open();
  refusePublicKey(chainId, signer.address);
  const client = clientOf(rpcs, chainId, options.rpcs);
  await requireContracts(client, options, chainId);
  if (!dryRun && (await onChain(() => getBalance(client, { address: signer.address }))) === 0n) {
    throw new NoFundsError(signer.address);
  }
  const pyth = await getPyth(client, { oracle: await getOracle(client, { engine }) });
  const trouble = (error: unknown) => onEvent({ event: 'trouble', why: toTidemarkError(error) });
  const prices = new PriceSources({ endpoints: options.prices, now: () => observer.now, onEvent });
  const observer: Observer = new Observer({
    ...options,
    client,
    prices,
    committing: () => actor.committing,
    onTrouble: trouble,
    onReorg: (reorg) => onEvent({ event: 'reorg', ...reorg }),
  });
  const actor = new Actor({
    ...options,
    client,
    chainId,
    prices,
    pyth,
    roles,
    atLoss,
    dryRun,
    patience: BigInt(options.patience ?? PATIENCE),
    depth: BigInt(options.depth ?? DEPTH),
    maxFee: options.maxFee ?? MAX_FEE,
    feedsOf: (markets) => observer.feedsOf(markets),
    onEvent,
    onIncluded: (action, seen) => {
      if (action.kind === 'updateIndices') observer.notePush(publishTimes(action, seen));
    },
  });
  const first = await observer.observe();
  await requireEtherPrice(actor, first, options);
  onEvent({ event: 'started', chainId, address: signer.address, block: first.block, roles });

  const asked = new Set(roles);
  const toldWaiting = new Set<string>();
  let last = { block: -1n, time: 0n, at: Date.now() };
  /** Ends when everything that was begun has been attempted. */
  let attempts: Promise<unknown> = Promise.resolve();

  function tellWaiting(snapshot: Snapshot): void {
    const waits = waiting(snapshot);
    for (const key of toldWaiting) if (!waits.some((one) => one.key === key)) toldWaiting.delete(key);
    for (const one of waits) {
      if (toldWaiting.has(one.key)) continue;
      toldWaiting.add(one.key);
      onEvent({ event: 'waiting', waiting: one, now: snapshot.now });
    }
  }

  async function turn(tries = 3): Promise<void> {
    // Before looking, so that what is no longer on its way shows in what is seen.
    const followed = await actor.follow();
    const snapshot = await observer.observe();
    // A block came in between: what is on its way is of the one before.
    if (snapshot.block !== followed.block && tries > 1) return turn(tries - 1);
    const isNew = snapshot.block !== last.block;
    last = { block: snapshot.block, time: snapshot.now, at: isNew ? Date.now() : last.at };
    const actions = plan(snapshot, { ...settings, roles: asked });
    if (isNew) options.onSnapshot?.(snapshot, actions);
    if (asked.has('governance')) tellWaiting(snapshot);
    // What takes its time does not hold up the next look.
    const attempt = actor.attempt(actions, snapshot, followed);
    attempts = Promise.all([attempts, attempt]).then(() => {
      if (isNew) onEvent({ event: 'turn', block: snapshot.block });
    });
  }

  let stopping = false;
  let wake = () => {};
  const ended = (async () => {
    while (!stopping) {
      await turn().catch(trouble);
      if (stopping) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    get block() {
      return last.block;
    },
    get blockTime() {
      return last.time;
    },
    get lookedAt() {
      return last.at;
    },
    stop: async () => {
      stopping = true;
      wake();
      await ended;
      await attempts;
      await Promise.all([prices.idle(), rpcs.idle()]);
    },
  };
}

/** Reads go together, few requests a look; what is sent is signed elsewhere. */
function clientOf({ transport }: Rpcs, id: number, urls: readonly string[]): AnyClient {
  const chain = defineChain({
    id,
    name: `Chain ${id}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [...urls] } },
    formatters: { transactionReceipt: chainConfig.formatters.transactionReceipt },
  });
  const batch = { multicall: { deployless: true, batchSize: READ_BYTES } };
  return createClient({ chain, transport, batch, cacheTime: 0 }) as AnyClient;
}

/** @throws {NoContractError} */
async function requireContracts(client: AnyClient, options: KeeperOptions, chainId: number): Promise<void> {
  const { engine, riskManager, vault, governor, guardian } = options;
  const contracts = { engine, riskManager, vault, governor, guardian };
  for (const [what, address] of Object.entries(contracts)) {
    if (address === undefined) continue;
    if (!(await onChain(() => getCode(client, { address })))) throw new NoContractError(what, address, chainId);
  }
}

/** @throws {EtherPriceUnknownError} when costs could not be held against rewards. */
async function requireEtherPrice(actor: Actor, seen: Snapshot, options: KeeperOptions): Promise<void> {
  const { roles = ROLES, atLoss = [], etherPrice } = options;
  if (etherPrice !== undefined || !roles.some((role) => PAYING.includes(role) && !atLoss.includes(role))) return;
  if ((await actor.pricer.gasMarket(seen.now)) === null) throw new EtherPriceUnknownError();
}

/** When the prices that a snapshot showed of an action's markets were published. */
function publishTimes(
  { markets }: Action & { markets: readonly number[] },
  seen: Snapshot,
): ReadonlyMap<number, bigint> {
  return new Map(markets.map((market) => [market, seen.markets[market]?.quote?.publishTime ?? 0n]));
}
