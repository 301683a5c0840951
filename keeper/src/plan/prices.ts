import type { Action } from '../actions.ts';
import type { MarketSnapshot, Snapshot } from '../snapshot.ts';
import { isUnsealed } from './funding.ts';
import { isSettled, isYoung } from './present.ts';
import type { PlanSettings } from './settings.ts';
import { wantsPush } from './trigger.ts';

const INDEX_PRICE_AGE = 60n;
const BPS = 10_000n;

/** Pushes what is due in one call, and what would soon be with it: another market costs less than another call. */
export function planPushes(snapshot: Snapshot, settings: PlanSettings): Action[] {
  const { markets, now, pegChanged } = snapshot;
  const actions: Action[] = [];
  // A part of every update of indices; by itself when only that is due, and cheaper so.
  if (pegChanged) actions.push({ key: 'updateIndices peg', kind: 'updateIndices', markets: [] });
  const live = markets.filter((market) => !isSettled(market));
  const awaited = wantsPush(snapshot, settings);
  const hasPrice = ({ market, quote }: MarketSnapshot) =>
    isYoung(quote, now, INDEX_PRICE_AGE) && quote.publishTime > market.indexAt;
  const due = live.filter(
    (one) =>
      hasPrice(one) &&
      (isUnsealed(one.market.accruedAt, now) || isPushDue(one, now, settings) || awaited.includes(one.id)),
  );
  if (due.length === 0) return actions;
  const { heartbeat, deviationBps } = settings;
  const soon = { ...settings, heartbeat: (heartbeat * 2n) / 3n, deviationBps: (deviationBps + 1n) / 2n };
  const pushed = live.filter((one) => due.includes(one) || (isPushDue(one, now, soon) && hasPrice(one)));
  actions.push({ key: 'updateIndices', kind: 'updateIndices', markets: pushed.map(({ id }) => id) });
  return actions;
}

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
