import { getOracle, getPyth, onChain, type TidemarkError, toTidemarkError } from '@tidemark/sdk';
import {
  type Address,
  createClient,
  defineChain,
  type Hash,
  type Hex,
  http,
  TransactionReceiptNotFoundError,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { getChainId, getTransactionReceipt } from 'viem/actions';
import { act, splitIndices } from './act/act.ts';
import type { Action } from './actions.ts';
import { refusePublicKey } from './chain/keys.ts';
import type { KeeperEvent } from './events.ts';
import { Observer } from './observe/observer.ts';
import { DEFAULT_SETTINGS, type PlanSettings, plan, waiting } from './plan/index.ts';
import { type PriceEndpoint, PriceSources } from './prices/priceSources.ts';
import type { Snapshot } from './snapshot.ts';

export interface KeeperOptions {
  /** The chain's RPC. */
  rpc: string;
  engine: Address;
  /** The price services, the preferred one first. */
  prices: readonly PriceEndpoint[];
  /** Pays gas and price fees, earns the orders' fees. */
  privateKey: Hex;
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
  /** Told everything that happens. */
  onEvent?: (event: KeeperEvent) => void;
}

export interface Keeper {
  /** Ends after the turn at hand. */
  stop(): Promise<void>;
  /** The last block it looked at; its age is the keeper's health. */
  readonly block: bigint;
}

/** Chain seconds after which a proposal that was refused is tried again. */
const PROPOSAL_RETRY = 3600n;

/** Seconds of chain time after which a transaction counts as lost and may be sent again. */
const LOST_AFTER = 60n;

/**
 * Runs a keeper until it is stopped. It remembers nothing that matters: killed at any moment and started again, it reads
 * from the chain what is to do.
 * @throws {TidemarkError} when the chain does not answer, is not the exchange's, or the key is a public one.
 */
export async function startKeeper(options: KeeperOptions): Promise<Keeper> {
  const { rpc, engine, privateKey, pollMs = 500, settings = DEFAULT_SETTINGS, onEvent = () => {} } = options;
  const account = privateKeyToAccount(privateKey);
  const transport = http(rpc, { batch: true, retryCount: 0 });
  const chainId = await onChain(() => getChainId(createClient({ transport })));
  refusePublicKey(chainId, account.address);
  const chain = defineChain({
    id: chainId,
    name: `Chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpc] } },
  });
  const client = createClient({ account, chain, transport, cacheTime: 0 });
  const pyth = await getPyth(client, { oracle: await getOracle(client, { engine }) });
  const trouble = (why: TidemarkError) => onEvent({ event: 'trouble', why });
  const now = (): bigint => observer.now;
  const prices = new PriceSources({ endpoints: options.prices, now, onEvent });
  const observer: Observer = new Observer({ ...options, client, prices, onTrouble: trouble });
  const feedsOf = (markets: readonly number[]) => observer.feedsOf(markets);
  const onSending = (action: Action) => onEvent({ event: 'sending', action });
  const actor = { ...options, client, prices, pyth, feedsOf, onSending };

  const inFlight = new Map<string, { action: Action; hash: Hash; seen: Snapshot }>();
  /** What was refused, and in view of what: it is tried again when something has changed. */
  const refused = new Map<string, string>();
  /** What was told of proposals, by key: why they are refused, and that they wait. */
  const told = new Map<string, string>();
  let block = -1n;

  async function follow(): Promise<void> {
    for (const [key, { action, hash, seen }] of inFlight) {
      const receipt = await getTransactionReceipt(client, { hash }).catch((error) => {
        if (error instanceof TransactionReceiptNotFoundError) return null;
        throw toTidemarkError(error);
      });
      if (receipt) {
        const event = receipt.status === 'success' ? 'included' : 'reverted';
        onEvent({ event, action, hash, block: receipt.blockNumber });
        if (event === 'included' && action.kind === 'updateIndices') observer.notePush(publishTimes(action, seen));
      }
      if (receipt || observer.now > seen.now + LOST_AFTER) inFlight.delete(key);
    }
  }

  async function attempt(action: Action, view: string, seen: Snapshot): Promise<void> {
    if (inFlight.has(action.key) || refused.get(action.key) === view) return;
    const outcome = await act(action, actor);
    if (outcome.status === 'sent') {
      inFlight.set(action.key, { action, hash: outcome.hash, seen });
      onEvent({ event: 'sent', action, hash: outcome.hash });
      return;
    }
    refused.set(action.key, view);
    if (isProposal(action) && told.get(action.key) === outcome.why.line) return;
    if (isProposal(action)) told.set(action.key, outcome.why.line);
    onEvent({ event: 'refused', action, why: outcome.why });
    for (const part of splitIndices(action, outcome)) await attempt(part, view, seen);
  }

  function tellWaiting(snapshot: Snapshot, actions: readonly Action[]): void {
    const waits = waiting(snapshot);
    const present = new Set([...waits, ...actions].map(({ key }) => key));
    for (const key of told.keys()) if (!present.has(key)) told.delete(key);
    for (const one of waits) {
      if (told.has(one.key)) continue;
      told.set(one.key, one.waits);
      onEvent({ event: 'waiting', waiting: one, now: snapshot.now });
    }
  }

  async function turn(): Promise<void> {
    // Before looking, so that what is no longer in flight shows in what is seen.
    await follow();
    const snapshot = await observer.observe();
    const isNew = snapshot.block !== block;
    block = snapshot.block;
    const view = [block, ...snapshot.markets.map(({ quote }) => quote?.publishTime)].join(' ');
    // What refuses a proposal seldom passes.
    const slowView = `${snapshot.now / PROPOSAL_RETRY} slow`;
    for (const [key, seen] of refused) if (seen !== view && seen !== slowView) refused.delete(key);
    const actions = plan(snapshot, settings);
    tellWaiting(snapshot, actions);
    const blocked = new Set<number>();
    for (const action of actions) {
      // What follows a settlement that was not sent would only revert.
      if (action.kind === 'settle' && action.follows && blocked.has(action.market)) continue;
      await attempt(action, isProposal(action) ? slowView : view, snapshot);
      if (action.kind === 'settle' && !inFlight.has(action.key)) blocked.add(action.market);
    }
    if (isNew) onEvent({ event: 'turn', block });
  }

  const first = await observer.observe();
  onEvent({ event: 'started', chainId, address: account.address, block: first.block });
  let stopping = false;
  let wake = () => {};
  const ended = (async () => {
    while (!stopping) {
      await turn().catch((error) => trouble(toTidemarkError(error)));
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
      return block;
    },
    stop: () => {
      stopping = true;
      wake();
      return ended.then(() => prices.idle());
    },
  };
}

const isProposal = ({ kind }: Action) => kind === 'queueProposal' || kind === 'executeProposal';

/** When the prices that a snapshot showed of an action's markets were published. */
function publishTimes({ markets }: { markets: readonly number[] }, seen: Snapshot): ReadonlyMap<number, bigint> {
  return new Map(markets.map((market) => [market, seen.markets[market]?.quote?.publishTime ?? 0n]));
}
