import {
  type Account,
  FundingMath,
  LiquidationMath,
  MarginMath,
  MarketFlags,
  PriceMath,
  PriceState,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { Action, Waiting } from '../actions.ts';
import type {
  AccountSnapshot,
  MarketSnapshot,
  PendingBatch,
  ProposalSnapshot,
  Quote,
  Snapshot,
  VaultSnapshot,
} from '../snapshot.ts';

/** Seconds after the commit: the price's window opens and closes, inclusion ends; as in EngineStorage.sol. */
export const PRICE_DELAY = 2n;
export const PRICE_WINDOW = 12n;
export const INCLUSION_WINDOW = 60n;

const HOUR = 3600n;
/** Seconds after an epoch's boundary before it can be settled; the oldest price it takes. */
const EPOCH_DELAY = 15n;
const EPOCH_PRICE_AGE = 15n;
/** Epochs after which one is settled though nothing waits, so that the cooldown follows the pool's utilisation. */
const APPRAISAL_EPOCHS = 24n;
const INDEX_PRICE_AGE = 60n;
const LIQUIDATION_PRICE_AGE = 15n;
/** Age of Pyth's stored price from which on Pyth is silent: 300 s after an observation at most 60 s younger. */
const SILENCE = 360n;
/** The pool is appraised at indices of 60 s at most: a later block is to find them young enough. */
const APPRAISAL_INDEX_AGE = 45n;
/** Groups of one market sent at once. */
const MAX_GROUPS = 4;
const MAX_EXPIRED = 64;
const BPS = 10_000n;

export interface PlanSettings {
  /** Seconds after which a market's price is pushed. */
  readonly heartbeat: bigint;
  /** How far a price has moved from the index when it is pushed before. */
  readonly deviationBps: bigint;
  /** Orders in one settlement at most. */
  readonly maxOrders: number;
}

/**
 * An opening needs indices of 60 s at most of the account's other markets, an appraisal likewise of all; the oracle's mean
 * needs an observation every 300 s and takes one every 30 s.
 */
export const DEFAULT_SETTINGS: PlanSettings = { heartbeat: 30n, deviationBps: 25n, maxOrders: 64 };

/** What to do, the most urgent first. Pure: the same snapshot gives the same plan. */
export function plan(snapshot: Snapshot, settings: PlanSettings = DEFAULT_SETTINGS): Action[] {
  const { now, pauseLevel, markets, accounts, vault } = snapshot;
  const actions = markets.flatMap((market) => planExpiry(market, now));
  const live = markets.filter((market) => !isSettled(market));
  if (pauseLevel < 2) {
    actions.push(...live.flatMap((market) => planSettlements(market, now, settings)));
    actions.push(...accounts.flatMap((account) => planLeaving(account, markets)));
    actions.push(...accounts.flatMap((account) => planLiquidation(account, markets, now)));
    // A part of every update of indices; by itself when only that is due, and cheaper so.
    if (snapshot.pegChanged) actions.push({ key: 'updateIndices peg', kind: 'updateIndices', markets: [] });
    actions.push(...planIndices(live, now, settings));
    actions.push(...planAppraisal({ ...snapshot, markets: live }));
  }
  const free = accounts.filter(({ account, collectable }) => collectable && !isBound(account, now));
  actions.push(...free.map(({ id }) => collect(id)));
  if (pauseLevel === 0 && vault) actions.push(...planEpoch(vault, live, now));
  if (snapshot.pauseExpired) actions.push({ key: 'expirePause', kind: 'expirePause' });
  actions.push(...snapshot.proposals.flatMap((proposal) => planProposal(proposal, now)));
  return actions;
}

/** What waits though it passed, for people to know. Pure. */
export function waiting({ now, proposals }: Snapshot): Waiting[] {
  return proposals.map(({ id, dueAt, expiresAt }) => {
    const wait = (waits: Waiting['waits'], until: bigint) => ({ key: `${id} ${waits}`, proposal: id, waits, until });
    if (dueAt === null) return wait('to be queued', expiresAt);
    return now < dueAt ? wait('for its time', dueAt) : wait('to be executed', expiresAt);
  });
}

function planProposal({ id: proposal, dueAt }: ProposalSnapshot, now: bigint): Action[] {
  if (dueAt === null) return [{ key: `queueProposal ${proposal}`, kind: 'queueProposal', proposal }];
  if (now < dueAt) return [];
  return [{ key: `executeProposal ${proposal}`, kind: 'executeProposal', proposal }];
}

const collect = (account: Hex): Action => ({ key: `collectClaim ${account}`, kind: 'collectClaim', account });

function planExpiry({ id, pending }: MarketSnapshot, now: bigint): Action[] {
  const head = pending[0];
  const live = pending.findIndex(({ committedAt }) => now <= committedAt + INCLUSION_WINDOW);
  const count = Math.min(live < 0 ? pending.length : live, MAX_EXPIRED);
  if (!head || count === 0) return [];
  return [{ key: `expire ${id} ${head.index}`, kind: 'expire', market: id, count }];
}

/** Groups from the head on whose price is published and which a later block can still include. */
function planSettlements(market: MarketSnapshot, now: bigint, { maxOrders }: PlanSettings): Action[] {
  const { id, pending, quote } = market;
  const actions: Action[] = [];
  let rest = pending;
  while (actions.length < MAX_GROUPS) {
    const group = headGroup(rest, maxOrders);
    const [first] = group;
    if (!first?.orders || !quote || quote.publishTime < first.committedAt + PRICE_DELAY) break;
    // The next block is later than this one.
    if (now >= first.committedAt + INCLUSION_WINDOW) break;
    actions.push({
      key: `settle ${id} ${first.index}`,
      kind: 'settle',
      market: id,
      index: first.index,
      committedAt: first.committedAt,
      batches: group.flatMap(({ orders }) => (orders ? [orders] : [])),
      follows: actions.length > 0,
    });
    rest = rest.slice(group.length);
  }
  return actions;
}

/** The batches at the head committed at one time, as many as are known and one settlement takes. */
function headGroup(pending: readonly PendingBatch[], maxOrders: number): readonly PendingBatch[] {
  const head = pending[0];
  if (!head) return [];
  let orders = 0;
  const end = pending.findIndex((batch, i) => {
    orders += batch.orders?.length ?? 0;
    return i > 0 && (batch.committedAt !== head.committedAt || !batch.orders || orders > maxOrders);
  });
  return end < 0 ? pending : pending.slice(0, end);
}

/** Whether orders of an account still bind it in a later block, so that no claim may be collected for it. */
const isBound = ({ pending, committedAt }: Account, now: bigint) =>
  pending > 0n && now < committedAt + INCLUSION_WINDOW;

const isSettled = ({ config }: MarketSnapshot) => (config.flags & MarketFlags.Settled) !== 0n;

/** Positions in settled markets: until they are out, their account can neither withdraw nor be liquidated. */
function planLeaving({ id, positions }: AccountSnapshot, markets: readonly MarketSnapshot[]): Action[] {
  const over = [...positions.keys()].filter((market) => markets.some((one) => one.id === market && isSettled(one)));
  return over.map((market) => ({ key: `settlePosition ${id} ${market}`, kind: 'settlePosition', account: id, market }));
}

/**
 * Below maintenance with each market at the end of its band that favours the account. Where one source stands for both, that
 * has to last: flagged first, unless nothing is left of the account, and again when a flag has ended.
 */
function planLiquidation(account: AccountSnapshot, markets: readonly MarketSnapshot[], now: bigint): Action[] {
  const sums = MarginMath.emptyPortfolio();
  const ids = [...account.positions.keys()].sort((a, b) => a - b);
  if (ids.length === 0) return [];
  const found: Present[] = [];
  for (const id of ids) {
    const market = markets[id];
    const position = account.positions.get(id);
    if (!market || !position || isSettled(market)) return [];
    const present = presentPrice(market, now);
    if (!present) return [];
    const accrued = { ...market.market };
    FundingMath.accrue(accrued, market.config, now);
    MarginMath.add(sums, position, accrued, market.config, position.size > 0n ? present.hi : present.lo);
    found.push(present);
  }
  const equity = MarginMath.equity(account.account.margin + account.claim, sums);
  if (equity >= MarginMath.maintenanceRequirement(sums) * 10n ** 12n) return [];
  const act = (kind: 'flag' | 'liquidate'): Action[] => {
    const brought = found.every(({ silent }) => !silent) ? ids : [];
    const key = `${kind} ${account.id}`;
    if (kind === 'flag') return [{ key, kind, account: account.id, markets: brought }];
    return [{ key, kind, accounts: [account.id], markets: brought }];
  };
  const single = found.some(({ state }) => state === PriceState.Single);
  if (equity < 0n || !single || !LiquidationMath.isStrict(PriceState.Single, account.flaggedAt, now))
    return act('liquidate');
  return now > account.flaggedAt + LiquidationMath.FLAG_UNTIL ? act('flag') : [];
}

/** What the oracle would judge a market by. */
interface Present {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly state: number;
  /** Whether Chainlink stands for both sources. */
  readonly silent: boolean;
}

/** As wide as the contract's band or less: it has the last word. Null when there is no price young enough. */
function presentPrice({ quote, anchor, state, storedAt }: MarketSnapshot, now: bigint): Present | null {
  const band = (mid: Quote, other: Quote | null, single: boolean) =>
    PriceMath.band(asSource(mid), asSource(other), {
      state: single ? 'Single' : 'Normal',
      thresholdPpm: 0n,
      spanning: true,
    });
  if (isYoung(quote, now, LIQUIDATION_PRICE_AGE))
    return { ...band(quote, anchor, state === PriceState.Single), state, silent: false };
  if (!anchor || now <= storedAt + SILENCE) return null;
  return { ...band(anchor, null, true), state: PriceState.Single, silent: true };
}

const asSource = (quote: Quote | null): PriceMath.Quote => ({
  value: quote?.price ?? 0n,
  confidence: quote?.confidence ?? 0n,
  time: quote?.publishTime ?? 0n,
});

/** Pushes what is due in one call, and what would soon be with it: another market costs less than another call. */
function planIndices(markets: readonly MarketSnapshot[], now: bigint, settings: PlanSettings): Action[] {
  const due = markets.filter((one) => isUnsealed(one.market.accruedAt, now) || isPushDue(one, now, settings));
  const hasPrice = ({ market, quote }: MarketSnapshot) =>
    isYoung(quote, now, INDEX_PRICE_AGE) && quote.publishTime > market.indexAt;
  const priced = due.filter(hasPrice);
  const actions: Action[] = [];
  if (priced.length > 0) {
    const { heartbeat, deviationBps } = settings;
    const soon = { ...settings, heartbeat: (heartbeat * 2n) / 3n, deviationBps: (deviationBps + 1n) / 2n };
    const pushed = markets.filter((one) => priced.includes(one) || (isPushDue(one, now, soon) && hasPrice(one)));
    actions.push({ key: 'updateIndices', kind: 'updateIndices', markets: pushed.map(({ id }) => id) });
  }
  for (const market of due) {
    // Without a price the hour is sealed at the index that there is.
    if (priced.includes(market) || !isUnsealed(market.market.accruedAt, now)) continue;
    actions.push({ key: `accrue ${market.id}`, kind: 'accrue', market: market.id });
  }
  return actions;
}

/**
 * By heartbeat, of the index and of the oracle's observations, which settlements do not make; or by deviation. A push that
 * left the index, because of the market's state, is not repeated before the next heartbeat: until then it changes nothing.
 */
function isPushDue(
  { market, quote, observedAt, pushed }: MarketSnapshot,
  now: bigint,
  { heartbeat, deviationBps }: PlanSettings,
): boolean {
  if (now - observedAt >= heartbeat) return true;
  if (pushed && market.indexAt < pushed.publishTime && now - pushed.at < heartbeat) return false;
  if (now - market.indexAt >= heartbeat) return true;
  if (!quote) return false;
  const moved = quote.price > market.index ? quote.price - market.index : market.index - quote.price;
  return moved * BPS >= market.index * deviationBps;
}

/** Once an hour, when the funding of every market is sealed: at its index, what the pool is worth. */
function planAppraisal({ markets, appraisedAt, now }: Snapshot): Action[] {
  const hour = now / HOUR;
  if (appraisedAt / HOUR >= hour || markets.length === 0) return [];
  const ready = ({ market }: MarketSnapshot) =>
    !isUnsealed(market.accruedAt, now) && now - market.indexAt <= APPRAISAL_INDEX_AGE;
  return markets.every(ready) ? [{ key: `appraise ${hour}`, kind: 'appraise' }] : [];
}

/** With the prices that decide what the pool is worth: those of markets without open interest are neither asked nor taken. */
function planEpoch(vault: VaultSnapshot, markets: readonly MarketSnapshot[], now: bigint): Action[] {
  const epoch = now / HOUR;
  if (epoch <= vault.settledEpoch || now < epoch * HOUR + EPOCH_DELAY || markets.length === 0) return [];
  if (vault.requests === 0n && epoch < vault.settledEpoch + APPRAISAL_EPOCHS) return [];
  const held = markets.filter(({ market }) => market.longs !== 0n || market.shorts !== 0n);
  if (!held.every(({ quote }) => isYoung(quote, now, EPOCH_PRICE_AGE))) return [];
  return [{ key: `settleEpoch ${epoch}`, kind: 'settleEpoch', markets: held.map(({ id }) => id) }];
}

const isUnsealed = (accruedAt: bigint, now: bigint) => accruedAt / HOUR < now / HOUR;

function isYoung(quote: Quote | null, now: bigint, limit: bigint): quote is Quote {
  return quote !== null && now - quote.publishTime <= limit;
}
