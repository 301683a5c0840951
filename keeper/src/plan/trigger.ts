import {
  MarginMath,
  MarketFlags,
  type Order,
  OrderFlags,
  OrderWords,
  PriceState,
  type SignedOrder,
  TradeMath,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { Action } from '../actions.ts';
import type { MarketSnapshot, Quote, Snapshot } from '../snapshot.ts';
import { presentOf } from './present.ts';
import type { PlanSettings } from './settings.ts';
import { INCLUSION_WINDOW, PRICE_WINDOW } from './settler.ts';

/** Orders in one commit, and of one account that pend, at most; as in EngineStorage.sol, as the next. */
const MAX_BATCH = 32;
const MAX_PENDING = 8;
/** Commits of one market in a turn: as many orders as are surely settled within their minute. */
const MAX_BATCHES = 4;
/** A later block is no earlier than this, seconds. */
const BLOCK_TIME = 2n;
/** Of how far a price is beyond a trigger, relative to the price. */
const DEPTH_SCALE = 10n ** 9n;

/**
 * Commits signed orders whose trigger is met: at the stored index, as the contract asks, and at the newest quote too, since
 * one that the price has left again would only be released. Where the quote meets it and the index does not, the price is
 * pushed, and the commit follows once it is stored. What only its account's other orders hold up waits. Pure.
 */
export function planTriggers(snapshot: Snapshot, settings: PlanSettings): Action[] {
  const { due, pushes } = judge(snapshot, settings);
  const actions: Action[] = [];
  for (const { id: market } of snapshot.markets) {
    const orders = due.filter((one) => one.market === BigInt(market));
    for (let place = 0; place < MAX_BATCHES && orders.length > 0; place++) {
      // By place and not by orders: what is on its way is not sent again with one more.
      const key = `commitSigned ${market} ${place}`;
      actions.push({ key, kind: 'commitSigned', market, orders: orders.splice(0, MAX_BATCH) });
    }
  }
  if (pushes.length > 0) actions.push({ key: 'updateIndices', kind: 'updateIndices', markets: pushes });
  return actions;
}

/**
 * Markets whose price has to be pushed before an order that fires can be committed, ascending: its own, or one of its
 * account's others whose index is too old for it to open. For whoever plans pushes, so that each price is pushed once. Pure.
 */
export function wantsPush(snapshot: Snapshot, settings: PlanSettings): number[] {
  return judge(snapshot, settings).pushes;
}

/** Where an account's orders pend, and how many. */
interface Pending {
  readonly market: bigint;
  readonly count: number;
}

/** Which orders are to be committed now, those that were met first before others, and which prices that waits for. */
function judge(snapshot: Snapshot, { heartbeat }: PlanSettings): { due: SignedOrder[]; pushes: number[] } {
  const { orders, markets, now, pauseLevel } = snapshot;
  if (orders.length === 0 || pauseLevel >= 2) return { due: [], pushes: [] };
  const ready = byDepth(
    orders.filter((one) => isReady(one, snapshot)),
    markets,
  );
  const { used, pending } = pendingOf(snapshot, ready);
  const due: SignedOrder[] = [];
  const wanted = new Set<number>();
  for (const signed of ready) {
    const { market, order } = signed;
    const account = idOf(order);
    const before = pending.get(account);
    if (before && (before.market !== market || before.count >= MAX_PENDING)) continue;
    if (used.has(useOf(order))) continue;
    const missing = missingIndices(signed, snapshot);
    for (const id of missing) wanted.add(id);
    if (missing.length > 0) continue;
    due.push(signed);
    used.add(useOf(order));
    pending.set(account, { market, count: (before?.count ?? 0) + 1 });
  }
  const pushes = markets.filter((one) => wanted.has(one.id) && wouldMove(one, now, heartbeat));
  return { due, pushes: pushes.map(({ id }) => id) };
}

/** What orders that pend have used up, and where those of each account are. */
function pendingOf({ markets, health, now, committing }: Snapshot, ready: readonly SignedOrder[]) {
  const used = new Set<string>();
  const pending = new Map<string, Pending>();
  for (const { id, pending: batches } of markets) {
    for (const { committedAt, orders } of batches) {
      if (now >= committedAt + INCLUSION_WINDOW) continue;
      for (const order of orders ?? []) {
        used.add(useOf(order));
        const account = idOf(order);
        pending.set(account, { market: BigInt(id), count: (pending.get(account)?.count ?? 0) + 1 });
      }
    }
  }
  // What is on its way is planned as before, so that it is kept; orders of its accounts in other markets wait for it.
  for (const { market, order } of committing) {
    if (!pending.has(idOf(order))) pending.set(idOf(order), { market, count: 0 });
  }
  // The contract's own count, where the account is known: the batches shown may not be all.
  for (const { order } of ready) {
    const account = health.get(idOf(order))?.account;
    const binds = account && account.pending > 0n && now < account.committedAt + INCLUSION_WINDOW;
    if (binds) pending.set(idOf(order), { market: account.market, count: Number(account.pending) });
  }
  return { used, pending };
}

/** The account as accounts are known by. */
const idOf = ({ account }: Order): Hex => account.toLowerCase() as Hex;

/** What of its account an order uses up: a nonce, or a second. */
function useOf(order: Order): string {
  const { terms } = order;
  const moment = (OrderWords.flagsOf(terms) & OrderFlags.Moment) !== 0n;
  const what = moment ? `until ${OrderWords.deadlineOf(terms)}` : `nonce ${OrderWords.nonceOf(terms)}`;
  return `${idOf(order)} ${what}`;
}

/** Whether an order may be committed as soon as the indices are young and meet its trigger. */
function isReady(signed: SignedOrder, snapshot: Snapshot): boolean {
  const { terms, extras } = signed.order;
  const { now, markets } = snapshot;
  const market = markets[Number(signed.market)];
  if (!market || !isYoung(market.quote, now) || !takesOrders(market, now)) return false;
  if (OrderWords.sizeDeltaOf(terms) === 0n || !OrderWords.isSound(terms, extras) || !isTimely(terms, now)) return false;
  return OrderWords.isTriggered(terms, extras, market.quote.price) && isTradable(signed, market, snapshot);
}

/** Whether its orders are taken, and can be settled: refused they would wait until they expire, and be lost. */
function takesOrders(market: MarketSnapshot, now: bigint): boolean {
  const closed = (market.config.flags & (MarketFlags.Settled | MarketFlags.Halted)) !== 0n;
  return !closed && stateOf(market, now) <= PriceState.Guarded;
}

/** The worse of the states of the stored price and of the newest quote, which is closer to that of a settlement. */
function stateOf(market: MarketSnapshot, now: bigint): number {
  return Math.max(market.state, presentOf(market, now).brought?.state ?? PriceState.Halted);
}

/** A service whose newest price is older has none for the window in which a commit would be settled. */
const isYoung = (quote: Quote | null, now: bigint): quote is Quote =>
  quote !== null && now - quote.publishTime <= PRICE_WINDOW;

/** Whether it has a nonce, or a second, and the next block is no later than its deadline. */
function isTimely(terms: bigint, now: bigint): boolean {
  const deadline = OrderWords.deadlineOf(terms);
  const left = deadline - (now + BLOCK_TIME);
  if ((OrderWords.flagsOf(terms) & OrderFlags.Moment) !== 0n) return left >= 0n && left < OrderWords.MOMENT_SPAN;
  return OrderWords.nonceOf(terms) !== 0n && (deadline === 0n || left >= 0n);
}

/**
 * Whether something is left for it to trade: the position that it is attached to or reduces, or a market in which it may
 * open. An account that is not known has no position: what is left of one that ended must not hold up its other orders.
 */
function isTradable({ market: id, order }: SignedOrder, market: MarketSnapshot, snapshot: Snapshot): boolean {
  const { terms } = order;
  const has = (flag: bigint) => (OrderWords.flagsOf(terms) & flag) !== 0n;
  const position = snapshot.health.get(idOf(order))?.positions.get(Number(id));
  const size = position?.size ?? 0n;
  let sizeDelta = OrderWords.sizeDeltaOf(terms);
  if (has(OrderFlags.Attached)) {
    sizeDelta = OrderWords.partOf(size, sizeDelta);
    if (position?.generation !== OrderWords.generationOf(terms) || sizeDelta === 0n) return false;
  }
  if (TradeMath.closingPart(size, sizeDelta) !== 0n) return true;
  if (!OrderWords.mayOpen(terms)) return false;
  const reduceOnly = (market.config.flags & MarketFlags.ReduceOnly) !== 0n;
  return (
    snapshot.pauseLevel === 0 && !snapshot.offPeg && !reduceOnly && stateOf(market, snapshot.now) <= PriceState.Strained
  );
}

/** The markets whose stored index does not let an order in: its own, and for what may open those that it pins. */
function missingIndices({ market: id, order }: SignedOrder, { markets, health, now }: Snapshot): number[] {
  const { terms, extras } = order;
  const own = Number(id);
  const missing = OrderWords.isTriggered(terms, extras, markets[own]?.market.index ?? 0n) ? [] : [own];
  if (!OrderWords.mayOpen(terms)) return missing;
  const others = [...(health.get(idOf(order))?.positions.keys() ?? [])].filter((one) => one !== own);
  const isOld = (other: number) => {
    const pinned = markets[other];
    // A market that has ended does not age.
    if (!pinned || (pinned.config.flags & MarketFlags.Settled) !== 0n) return false;
    return now + BLOCK_TIME > pinned.market.indexAt + MarginMath.MAX_INDEX_AGE;
  };
  return [...missing, ...others.filter(isOld)];
}

/**
 * Whether a push would change the index. One that left it is not repeated before the next heartbeat while the market's state
 * is the same; once the stored price is trusted again, the next is taken.
 */
function wouldMove({ market, quote, pushed, state }: MarketSnapshot, now: bigint, heartbeat: bigint): boolean {
  if (!isYoung(quote, now) || quote.publishTime <= market.indexAt) return false;
  const left = pushed && market.indexAt < pushed.publishTime && state > PriceState.Guarded;
  return !left || now - pushed.at >= heartbeat;
}

/**
 * What is furthest beyond its trigger first, relative to the quote: a price that runs meets it first. What waits for none
 * comes before all; of equals the one that was told first.
 */
function byDepth(orders: readonly SignedOrder[], markets: readonly MarketSnapshot[]): SignedOrder[] {
  const depths = new Map(orders.map((one) => [one, depthOf(one, markets[Number(one.market)]?.quote?.price ?? 0n)]));
  const depth = (one: SignedOrder) => depths.get(one) ?? 0n;
  return [...orders].sort((a, b) => (depth(a) === depth(b) ? 0 : depth(a) > depth(b) ? -1 : 1));
}

/** Of the price, parts in {@link DEPTH_SCALE}. */
function depthOf({ order: { terms, extras } }: SignedOrder, price: bigint): bigint {
  const flags = OrderWords.flagsOf(terms);
  if ((flags & (OrderFlags.Above | OrderFlags.Below)) === 0n || price === 0n) return 2n ** 255n;
  const beyond = price - OrderWords.triggerPriceOf(extras);
  return (((flags & OrderFlags.Above) !== 0n ? beyond : -beyond) * DEPTH_SCALE) / price;
}
