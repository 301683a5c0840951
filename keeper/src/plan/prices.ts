import { OrderWords, type SignedOrder } from '@tidemark/sdk';
import type { Action } from '../actions.ts';
import type { MarketSnapshot, Snapshot } from '../snapshot.ts';
import { isUnsealed } from './funding.ts';
import { isSettled, isYoung } from './present.ts';
import type { PlanSettings } from './settings.ts';

const INDEX_PRICE_AGE = 60n;
const BPS = 10_000n;

/** Pushes what is due in one call, and what would soon be with it: another market costs less than another call. */
export function planPushes({ markets, orders, now, pegChanged }: Snapshot, settings: PlanSettings): Action[] {
  const actions: Action[] = [];
  // A part of every update of indices; by itself when only that is due, and cheaper so.
  if (pegChanged) actions.push({ key: 'updateIndices peg', kind: 'updateIndices', markets: [] });
  const live = markets.filter((market) => !isSettled(market));
  const awaited = awaitedOf(live, orders);
  const hasPrice = ({ market, quote }: MarketSnapshot) =>
    isYoung(quote, now, INDEX_PRICE_AGE) && quote.publishTime > market.indexAt;
  const due = live.filter(
    (one) =>
      hasPrice(one) &&
      (isUnsealed(one.market.accruedAt, now) ||
        isPushDue(one, now, settings) ||
        isAwaited(one, now, settings, awaited)),
  );
  if (due.length === 0) return actions;
  const { heartbeat, deviationBps } = settings;
  const soon = { ...settings, heartbeat: (heartbeat * 2n) / 3n, deviationBps: (deviationBps + 1n) / 2n };
  const pushed = live.filter((one) => due.includes(one) || (isPushDue(one, now, soon) && hasPrice(one)));
  actions.push({ key: 'updateIndices', kind: 'updateIndices', markets: pushed.map(({ id }) => id) });
  return actions;
}

/** The markets at whose quote a trigger is met that is not at the stored index, where the engine asks for it. */
function awaitedOf(markets: readonly MarketSnapshot[], orders: readonly SignedOrder[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { market, order } of orders) {
    const one = markets.find(({ id }) => id === Number(market));
    if (!one?.quote || found.has(one.id)) continue;
    const isMet = (price: bigint) => OrderWords.isTriggered(order.terms, order.extras, price);
    if (isMet(one.quote.price) && !isMet(one.market.index)) found.add(one.id);
  }
  return found;
}

const isAwaited = (one: MarketSnapshot, now: bigint, settings: PlanSettings, awaited: ReadonlySet<number>) =>
  awaited.has(one.id) && !hasLeftIndex(one, now, settings);

/** A push that left the index, because of the market's state: until the next heartbeat another changes nothing. */
const hasLeftIndex = ({ market, pushed }: MarketSnapshot, now: bigint, { heartbeat }: PlanSettings) =>
  pushed !== null && market.indexAt < pushed.publishTime && now - pushed.at < heartbeat;

/** By heartbeat, of the index and of the oracle's observations, which settlements do not make; or by deviation. */
function isPushDue(one: MarketSnapshot, now: bigint, settings: PlanSettings): boolean {
  const { market, quote, observedAt } = one;
  const { heartbeat, deviationBps } = settings;
  if (now - observedAt >= heartbeat) return true;
  if (hasLeftIndex(one, now, settings)) return false;
  if (now - market.indexAt >= heartbeat) return true;
  if (!quote) return false;
  const moved = quote.price > market.index ? quote.price - market.index : market.index - quote.price;
  return moved * BPS >= market.index * deviationBps;
}
