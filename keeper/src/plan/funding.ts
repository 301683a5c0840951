import type { Action } from '../actions.ts';
import type { Snapshot } from '../snapshot.ts';
import { isSettled } from './present.ts';

const HOUR = 3600n;
/** The pool is appraised at indices of 60 s at most: a later block is to find them young enough. */
const APPRAISAL_INDEX_AGE = 45n;

/** Whether the hour in which a market accrued last has ended since. Seconds. */
export const isUnsealed = (accruedAt: bigint, now: bigint) => accruedAt / HOUR < now / HOUR;

/** Seals an hour at the index that there is where no price that seals it is pushed. @param pushed Markets. */
export function planSeals({ markets, now }: Snapshot, pushed: ReadonlySet<number>): Action[] {
  return markets
    .filter((one) => !isSettled(one) && isUnsealed(one.market.accruedAt, now) && !pushed.has(one.id))
    .map(({ id }) => ({ key: `accrue ${id}`, kind: 'accrue', market: id }));
}

/** Once an hour, when the funding of every market is sealed: at its index, what the pool is worth. */
export function planAppraisal({ markets, appraisedAt, now }: Snapshot): Action[] {
  const hour = now / HOUR;
  const live = markets.filter((market) => !isSettled(market));
  if (appraisedAt / HOUR >= hour || live.length === 0) return [];
  const isReady = ({ market }: (typeof live)[number]) =>
    !isUnsealed(market.accruedAt, now) && now - market.indexAt <= APPRAISAL_INDEX_AGE;
  return live.every(isReady) ? [{ key: `appraise ${hour}`, kind: 'appraise' }] : [];
}
