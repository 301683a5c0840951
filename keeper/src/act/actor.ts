import {
  type AnyClient,
  ContractRefusedError,
  getOrdersLeftOut,
  OrderWords,
  RpcUnreachableError,
  type SignedOrder,
  TidemarkError,
  toTidemarkError,
} from '@tidemark/sdk';
import type { Hash, Hex, Log } from 'viem';
import { getLogs } from 'viem/actions';
import type { Action } from '../actions.ts';
import type { Signer } from '../chain/signers.ts';
import { EtherPriceUnknownError, GasLimitError } from '../errors.ts';
import type { KeeperEvent } from '../events.ts';
import { INCLUSION_WINDOW } from '../plan/index.ts';
import { type Role, roleOf } from '../roles.ts';
import type { Snapshot } from '../snapshot.ts';
import type { OrderFeed } from '../triggers/orderFeed.ts';
import { divide } from './divide.ts';
import { type Call, type EncodeOptions, encode } from './encode.ts';
import { earned, PAYING, Pricer, toUsd } from './price.ts';
import { cameSecond, PushTurns } from './pushTurns.ts';
import { type Followed, type Receipt, Sender } from './sender.ts';
import { MAX_GAS, type On, PENDING_AHEAD, Simulator } from './simulate.ts';

export interface ActorOptions extends EncodeOptions {
  client: AnyClient;
  chainId: number;
  signer: Signer;
  roles: readonly Role[];
  /** Which of the paid roles act though it costs more than it brings. */
  atLoss: readonly Role[];
  etherPrice?: bigint | undefined;
  dryRun: boolean;
  /** As of {@link Sender}. */
  patience: bigint;
  depth: bigint;
  maxFee: bigint;
  priorityFee?: bigint | undefined;
  orders?: OrderFeed | undefined;
  onEvent: (event: KeeperEvent) => void;
  /** Told an action that is included, and what was known when it was sent. */
  onIncluded: (action: Action, seen: Snapshot) => void;
}

/** What is on its way. */
interface Work {
  readonly action: Action;
  readonly call: Call;
  readonly seen: Snapshot;
}

/** Ready to be sent. */
interface Ready extends Work {
  /** The transaction's limit. */
  readonly gas: bigint;
}

/** Pyth's contract says by these that the bytes are wrong: another service may serve better ones. */
const WRONG_BYTES = ['InvalidArgument', 'InvalidUpdateData', 'InvalidUpdateDataSource', 'InvalidWormholeVaa'];
/** What a transaction may need beyond twice what its simulation did. */
const MORE_GAS = 100_000n;
/** Chain seconds after which a proposal that was refused is tried again. */
const PROPOSAL_RETRY = 3_600n;

/**
 * Does what a plan asks for: simulates each action, holds what it costs against what it brings, sends it, and looks after
 * it until it is final. A refusal is told and costs nothing: who loses a race has lost nothing.
 */
export class Actor {
  readonly #options: ActorOptions;
  readonly #sender: Sender<Work>;
  readonly #simulator: Simulator;
  readonly pricer: Pricer;
  /** What is being prepared, by key; each ends when it is sent or refused. */
  readonly #busy = new Map<string, Promise<unknown>>();
  /** Nonces at which a replacement is being prepared. */
  readonly #repairing = new Set<number>();
  /** The newest block that was planned for. */
  #newest = -1n;
  /** What was refused, and in view of what: it is tried again when something has changed. */
  readonly #refused = new Map<string, string>();
  /** What the last attempt at was refused, so that the next one does not count on what waits in the pool. */
  readonly #lost = new Set<string>();
  readonly #unprofitable = new Set<string>();
  readonly #pushTurns = new PushTurns();
  /** Why proposals are refused, as it was told. */
  readonly #told = new Map<string, string>();
  #reverted: string[] = [];

  constructor(options: ActorOptions) {
    this.#options = options;
    const { client, signer } = options;
    this.#sender = new Sender(options);
    this.#simulator = new Simulator({ client, from: signer.address });
    this.pricer = new Pricer({ ...options, settles: options.roles.includes('settler') });
  }

  /** The signed orders of commits that are on their way. */
  get committing(): readonly SignedOrder[] {
    return this.#sender.onItsWay.flatMap(({ action }) => (action.kind === 'commitSigned' ? action.orders : []));
  }

  /** Tells what came of what was sent. @throws {TidemarkError} when the chain cannot be read. */
  async follow(): Promise<Followed<Work>> {
    const followed = await this.#sender.follow();
    for (const { variant, receipt } of followed.included) {
      if (!variant.work) continue;
      const { work, raw } = variant.work;
      const { action, seen } = work;
      const event = receipt.status === 'success' ? 'included' : 'reverted';
      const inclusion = {
        action,
        ...(await this.#paid(receipt, raw)),
        reward: earned(receipt.logs, this.#options.engine),
      };
      if (event === 'included') {
        if (action.kind === 'updateIndices') await this.#notePush(receipt);
        this.#options.onIncluded(action, seen);
      } else this.#reverted.push(action.key);
      this.#options.onEvent({ event, ...inclusion });
    }
    return followed;
  }

  /** Attempts what a plan asks for, and looks after what is stuck. Resolves when all of it has been attempted. */
  async attempt(
    actions: readonly Action[],
    seen: Snapshot,
    { stuck, gaps }: Pick<Followed<Work>, 'stuck' | 'gaps'>,
  ): Promise<void> {
    const view = [seen.block, ...seen.markets.map(({ quote }) => quote?.publishTime)].join(' ');
    const views = { view, slow: `${seen.now / PROPOSAL_RETRY} slow` };
    this.#newest = seen.block;
    this.#forget(actions, views);
    for (const key of this.#reverted.splice(0)) this.#refused.set(key, view);
    const wanted = new Map(actions.map((action) => [action.key, action]));
    const repairs = [
      ...stuck.map(async ({ nonce, variants, dropped }) => {
        const stuck = variants.findLast(({ work }) => work)?.work?.work.action;
        await this.#replace(
          { nonce, hash: variants.at(-1)?.hash, stuck, dropped },
          stuck && wanted.get(stuck.key),
          seen,
        );
      }),
      ...gaps.map((nonce) => this.#sender.fill(nonce)),
    ];
    // What an earlier life of the keeper sent may be the same.
    const attempted = this.#pushTurns.take(actions, seen);
    const groups = this.#sender.waitsForOthers ? [] : groupsOf(attempted);
    const attempts = groups.map((group) => this.#attemptGroup(group, seen, views));
    await Promise.all([...repairs, ...attempts].map((one) => one.catch((error) => this.#trouble(error))));
  }

  /** Whether it was the first of its block decides about the next; without an answer nothing changes. */
  async #notePush(receipt: Receipt): Promise<void> {
    const { client, engine } = this.#options;
    const logs = await getLogs(client, { address: engine, blockHash: receipt.blockHash }).catch(() => null);
    if (logs) this.#pushTurns.note(cameSecond(receipt, logs, engine));
  }

  #forget(actions: readonly Action[], { view, slow }: Views): void {
    for (const [key, of] of this.#refused) if (of !== view && of !== slow) this.#refused.delete(key);
    const keys = new Set(actions.map(({ key }) => key));
    for (const told of [this.#unprofitable, this.#lost]) for (const key of told) if (!keys.has(key)) told.delete(key);
    for (const key of this.#told.keys()) if (!keys.has(key)) this.#told.delete(key);
  }

  /** One action, or what works off the queue of one market: each needs those before. */
  async #attemptGroup(group: readonly Action[], seen: Snapshot, views: Views): Promise<void> {
    // What is prepared in view of an earlier block is decided first, and then in view of this one.
    for (let busy = this.#busyOf(group); busy; busy = this.#busyOf(group)) {
      await busy.catch(() => undefined);
      if (seen.block < this.#newest) return;
    }
    const before: Call[] = [];
    const todo: Action[] = [];
    const onItsWay = new Map(this.#sender.onItsWay.map(({ action, call }) => [action.key, call]));
    for (const action of group) {
      const call = onItsWay.get(action.key);
      if (call) before.push(call);
      else if (this.#isRefused(action, views)) break;
      else todo.push(action);
    }
    const attempt = this.#attemptInTurn(todo, before, seen, views);
    for (const { key } of todo) this.#busy.set(key, attempt);
    try {
      await attempt;
    } finally {
      for (const { key } of todo) this.#busy.delete(key);
    }
  }

  #busyOf(group: readonly Action[]): Promise<unknown> | undefined {
    return group.map(({ key }) => this.#busy.get(key)).find((busy) => busy !== undefined);
  }

  #isRefused({ key }: Action, { view, slow }: Views): boolean {
    const of = this.#refused.get(key);
    return of === view || of === slow;
  }

  async #attemptInTurn(todo: readonly Action[], before: readonly Call[], seen: Snapshot, views: Views): Promise<void> {
    if (todo.length === 0) return;
    const inTime = !isLastChance(todo, seen);
    const on: On = inTime && !todo.some(({ key }) => this.#lost.has(key)) ? 'pending' : 'latest';
    const now = inTime ? newestTime(seen) : seen.now;
    const prepared = await this.#prepare(todo, before, { seen, on, now });
    for (const [i, action] of todo.entries()) {
      const ready = prepared[i];
      if (this.#sender.onItsWay.some((one) => one.action.key === action.key)) continue;
      // What follows what was not sent would only revert.
      if (!ready) return;
      if (ready instanceof TidemarkError) {
        this.#refuse(action, ready, views);
        const parts = divide(action, ready);
        if (parts.length === 0) return;
        const rest = parts[0]?.kind === 'settle' ? [...parts, ...todo.slice(i + 1)] : [];
        const again = rest.length > 0 ? [rest] : parts.map((part) => [part]);
        for (const one of again) await this.#attemptInTurn(one, [], seen, views);
        return;
      }
      if (!(await this.#isWorth(ready, views))) return;
      try {
        const onSending = () => this.#options.onEvent({ event: 'sending', action });
        const hash = await this.#sender.send(messageOf(ready), workOf(ready), { onSending });
        this.#options.onEvent({ event: 'sent', action, hash });
      } catch (error) {
        if (error instanceof RpcUnreachableError || !(error instanceof TidemarkError)) throw error;
        this.#refuse(action, error, views);
        return;
      }
    }
  }

  /** Encodes and simulates actions of which each needs those before. Ends at the first that is refused. */
  async #prepare(
    todo: readonly Action[],
    before: readonly Call[],
    { seen, on, now }: { seen: Snapshot; on: On; now: bigint },
  ): Promise<(Priced | TidemarkError)[]> {
    const encoded = await Promise.all(todo.map((action) => encode(action, this.#options).catch(refusalOf)));
    const calls: Call[] = [];
    for (const one of encoded) {
      if (one instanceof TidemarkError) break;
      calls.push(one);
    }
    const { block } = seen;
    const { baseFee } = this.#sender.price;
    const simulated = calls.length === 0 ? [] : await this.#simulator.run({ calls, before, on, block, now, baseFee });
    const prepared: (Priced | TidemarkError)[] = [];
    for (const [i, action] of todo.entries()) {
      const [call, result] = [encoded[i] as Call | TidemarkError, simulated[i]];
      if (call instanceof TidemarkError) return [...prepared, call];
      if (!result || result instanceof TidemarkError) {
        if (result instanceof ContractRefusedError && WRONG_BYTES.includes(result.error)) {
          this.#options.prices.distrust(call.update, result);
        }
        return result ? [...prepared, result] : prepared;
      }
      if (result.gas + result.gas / 2n > MAX_GAS) return [...prepared, new GasLimitError(result.gas, MAX_GAS)];
      if (action.kind === 'commitSigned' && result.logs) this.#tellLeftOut(action, result.logs);
      // Refunds of a fifth come after, each call inside has a 64th less, and more is done the later it is included.
      const limit = 2n * result.gas + MORE_GAS;
      const price = this.#sender.price;
      const cost = await this.pricer.costOf(call, result.gas, price, block);
      const reward = await this.pricer.rewardOf(action, result, seen, price);
      const ether = await this.pricer.etherPrice(seen);
      prepared.push({ action, call, seen, gas: limit < MAX_GAS ? limit : MAX_GAS, reward, cost, ether });
    }
    return prepared;
  }

  /** Whether to send it: it brings what it costs, or is done all the same; in a dry run nothing is. */
  async #isWorth({ action, reward, cost: wei, ether }: Priced, views: Views): Promise<boolean> {
    const role = roleOf(action);
    const atLoss = !PAYING.includes(role) || this.#options.atLoss.includes(role);
    if (ether === null && !atLoss) {
      this.#refuse(action, new EtherPriceUnknownError(), views);
      return false;
    }
    const cost = toUsd(wei, ether ?? 0n);
    if (!atLoss && cost > reward) {
      this.#refused.set(action.key, views.view);
      if (!this.#unprofitable.has(action.key)) this.#options.onEvent({ event: 'unprofitable', action, reward, cost });
      this.#unprofitable.add(action.key);
      return false;
    }
    this.#unprofitable.delete(action.key);
    if (!this.#options.dryRun) return true;
    this.#refused.set(action.key, views.view);
    this.#options.onEvent({ event: 'would', action, reward, cost });
    return false;
  }

  /** At a nonce whose transaction stays out of the blocks: the same action if it still is wanted and worth it, or nothing. */
  async #replace(one: Stuck, action: Action | undefined, seen: Snapshot): Promise<void> {
    const { nonce } = one;
    if (this.#repairing.has(nonce)) return;
    this.#repairing.add(nonce);
    try {
      await this.#replaceNow(one, action, seen);
    } finally {
      this.#repairing.delete(nonce);
    }
  }

  async #replaceNow({ nonce, hash, stuck, dropped }: Stuck, action: Action | undefined, seen: Snapshot): Promise<void> {
    const work = action && (await this.#again(action, nonce, seen));
    // Nothing is there to be cancelled; what waits behind has its gap filled.
    if (!work && dropped) return this.#sender.forget(nonce);
    const by = work
      ? await this.#sender.send(messageOf(work), workOf(work), { nonce })
      : await this.#sender.cancel(nonce);
    if (stuck && hash)
      this.#options.onEvent({ event: 'replaced', action: work ? action : stuck, hash, by, cancelled: !work });
  }

  async #again(action: Action, nonce: number, seen: Snapshot): Promise<Ready | null> {
    const role = roleOf(action);
    // What waits in the pool is what is to be replaced.
    const before = this.#sender.pendingBelow(nonce).filter((one) => isBefore(one.action, action));
    const [ready] = await this.#prepare(
      [action],
      before.map(({ call }) => call),
      { seen, on: 'latest', now: newestTime(seen) },
    );
    if (!ready || ready instanceof TidemarkError) return null;
    const atLoss = !PAYING.includes(role) || this.#options.atLoss.includes(role);
    if (!atLoss && (ready.ether === null || toUsd(ready.cost, ready.ether) > ready.reward)) return null;
    return ready;
  }

  #refuse(action: Action, why: TidemarkError, { view, slow }: Views): void {
    this.#lost.add(action.key);
    this.#refused.set(action.key, isProposal(action) ? slow : view);
    if (isProposal(action) && this.#told.get(action.key) === why.line) return;
    if (isProposal(action)) this.#told.set(action.key, why.line);
    this.#options.onEvent({ event: 'refused', action, why });
  }

  #tellLeftOut({ orders }: Action & { kind: 'commitSigned' }, logs: readonly Log[]): void {
    for (const { account, nonce, reason } of getOrdersLeftOut({ engine: this.#options.engine, logs })) {
      const order = orders.find(({ order }) => order.account === account && OrderWords.nonceOf(order.terms) === nonce);
      if (order) this.#options.orders?.refused(order, reason);
    }
  }

  async #paid(receipt: Receipt, raw: Hex) {
    const { transactionHash: hash, blockNumber: block, gasUsed, effectiveGasPrice } = receipt;
    const beside = await this.pricer.paidBeside(raw, gasUsed, block);
    const l2Fee = gasUsed * effectiveGasPrice + beside.operatorFee;
    return { hash, block, gasUsed, l2Fee, l1Fee: receipt.l1Fee ?? beside.l1Fee };
  }

  #trouble(error: unknown): void {
    this.#options.onEvent({ event: 'trouble', why: toTidemarkError(error) });
  }
}

interface Priced extends Ready {
  readonly reward: bigint;
  /** Wei. */
  readonly cost: bigint;
  /** USD per ether, 18 decimals. */
  readonly ether: bigint | null;
}

interface Stuck {
  readonly nonce: number;
  /** Of the newest transaction at the nonce, and what was to be done there. */
  readonly hash: Hash | undefined;
  readonly stuck: Action | undefined;
  readonly dropped: boolean;
}

interface Views {
  /** Changes with whatever may change a refusal. */
  readonly view: string;
  /** What refuses a proposal seldom passes. */
  readonly slow: string;
}

const isProposal = ({ kind }: Action) => kind === 'queueProposal' || kind === 'executeProposal';
const isBefore = (one: Action, other: Action) =>
  other.kind === 'settle' &&
  ((one.kind === 'settle' && one.index < other.index) || one.kind === 'expire') &&
  one.market === other.market;
/** Prices may be newer than the newest block, and the next one is later than they are. */
const newestTime = ({ markets, now }: Snapshot) =>
  markets.reduce((time, { quote }) => (quote && quote.publishTime > time ? quote.publishTime : time), now);
/** Whether the pending state comes after the last block that may include one of them. */
const isLastChance = (actions: readonly Action[], seen: Snapshot) =>
  actions.some((one) => one.kind === 'settle' && newestTime(seen) + PENDING_AHEAD > one.committedAt + INCLUSION_WINDOW);
const messageOf = ({ call: { to, data, value }, gas }: Ready) => ({ to, data, value, gas });
const workOf = ({ action, call, seen }: Ready): Work => ({ action, call, seen });

/** A refusal as a value. */
function refusalOf(error: unknown): TidemarkError {
  if (error instanceof TidemarkError && !(error instanceof RpcUnreachableError)) return error;
  throw error;
}

/** What works off the queue of a market together, in its order; every other action by itself. */
function groupsOf(actions: readonly Action[]): Action[][] {
  const groups: Action[][] = [];
  const queues = new Map<number, Action[]>();
  for (const action of actions) {
    const market = action.kind === 'expire' || action.kind === 'settle' ? action.market : undefined;
    const group = market === undefined ? undefined : queues.get(market);
    if (group) group.push(action);
    else {
      const fresh = [action];
      groups.push(fresh);
      if (market !== undefined) queues.set(market, fresh);
    }
  }
  return groups;
}
