import type { Action } from '../actions.ts';
import type { MarketSnapshot, PendingBatch } from '../snapshot.ts';
import type { PlanSettings } from './settings.ts';

/** Seconds after the commit: the price's window opens and closes, inclusion ends; as in EngineStorage.sol. */
export const PRICE_DELAY = 2n;
export const PRICE_WINDOW = 12n;
export const INCLUSION_WINDOW = 60n;

/** Groups of one market sent at once. */
const MAX_GROUPS = 4;

/**
 * What has to be passed over before the rest of the queue can settle. However many are asked for, only those are passed over
 * whose time is up when it is included: what comes too late by then holds up nothing behind it.
 */
export function planExpiry({ id, pending }: MarketSnapshot, now: bigint): Action[] {
  const head = pending[0];
  if (!head || overdue(pending, now) === 0) return [];
  return [{ key: `expire ${id} ${head.index}`, kind: 'expire', market: id, count: pending.length }];
}

/** Groups whose price is published and which a later block can still include, from the first on that is not passed over. */
export function planSettlements(market: MarketSnapshot, now: bigint, { maxOrders }: PlanSettings): Action[] {
  const { id, pending, quote } = market;
  const actions: Action[] = [];
  let rest = pending.slice(overdue(pending, now));
  while (actions.length < MAX_GROUPS) {
    const group = headGroup(rest, maxOrders);
    const [first] = group;
    if (!first?.orders || !quote || quote.publishTime < first.committedAt + PRICE_DELAY) break;
    actions.push({
      key: `settle ${id} ${first.index}`,
      kind: 'settle',
      market: id,
      index: first.index,
      committedAt: first.committedAt,
      batches: group.flatMap(({ orders }) => (orders ? [orders] : [])),
    });
    rest = rest.slice(group.length);
  }
  return actions;
}

/** How many batches at the head no later block can settle any more: the next one is later than this one. */
export function overdue(pending: readonly PendingBatch[], now: bigint): number {
  const live = pending.findIndex(({ committedAt }) => now < committedAt + INCLUSION_WINDOW);
  return live < 0 ? pending.length : live;
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
