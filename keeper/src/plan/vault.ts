import type { Action } from '../actions.ts';
import type { Snapshot } from '../snapshot.ts';
import { isSettled, isYoung } from './present.ts';

const HOUR = 3600n;
/** Seconds after an epoch's boundary before it can be settled; the oldest price it takes. */
const EPOCH_DELAY = 15n;
const EPOCH_PRICE_AGE = 15n;
/** Epochs after which one is settled though nothing waits, so that the cooldown follows the pool's utilisation. */
const APPRAISAL_EPOCHS = 24n;
/** Undivided fees from which on insurance and treasury are given their parts, USD, 18 decimals. */
const UNDIVIDED = 10_000n * 10n ** 18n;

/** With the prices that decide what the pool is worth: those of markets without open interest are neither asked nor taken. */
export function planEpoch({ vault, markets, now }: Snapshot): Action[] {
  const live = markets.filter((market) => !isSettled(market));
  const epoch = now / HOUR;
  if (!vault || epoch <= vault.settledEpoch || now < epoch * HOUR + EPOCH_DELAY || live.length === 0) return [];
  if (vault.requests === 0n && epoch < vault.settledEpoch + APPRAISAL_EPOCHS) return [];
  const held = live.filter(({ market }) => market.longs !== 0n || market.shorts !== 0n);
  if (!held.every(({ quote }) => isYoung(quote, now, EPOCH_PRICE_AGE))) return [];
  return [{ key: `settleEpoch ${epoch}`, kind: 'settleEpoch', markets: held.map(({ id }) => id) }];
}

/** Insurance divides them itself when it needs its part; the treasury is paid only what is divided. */
export function planDivision({ pool }: Snapshot): Action[] {
  return pool.fees >= UNDIVIDED ? [{ key: 'divideReserves', kind: 'divideReserves' }] : [];
}
