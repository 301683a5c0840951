import { max, min, mulDivUp, PPM, sqrt } from './fixedPoint.ts';

// The time-weighted mean of a market's own validated prices, mirror of PriceHistory.sol.

export const SIZE = 64;
/** Least seconds between two observations, so that 64 of them reach back beyond the window. */
export const SPACING = 30n;
/** Seconds of the mean. */
export const WINDOW = 900n;
/** The mean is none of fewer observations, nor when the newest is older, nor over a longer gap; seconds. */
export const MIN_OBSERVATIONS = 8;
export const MAX_AGE = 600n;
export const MAX_GAP = 300n;
/** How far an observation may lie from the last one: by its distance in time, from 1 % to 15 %. Parts per million. */
export const STEP_PPM_PER_SECOND = 2000n;
export const MIN_STEP_PPM = 10_000n;
export const MAX_STEP_PPM = 150_000n;

/** A price from its time to the next one's; `cumulative` is ∫ price dt up to `time`, USD (18 decimals) · seconds. */
export interface Observation {
  time: bigint;
  /** USD, 18 decimals. */
  price: bigint;
  cumulative: bigint;
}

/** What a market's validated prices were. */
export interface History {
  /** The newest validated price, USD, 18 decimals, not clamped. */
  lastGood: bigint;
  /** When the first observation after the last gap was written, seconds. */
  unbrokenSince: bigint;
  /** The oldest first, at most 64. */
  observations: readonly Observation[];
}

export const emptyHistory = (): History => ({ lastGood: 0n, unbrokenSince: 0n, observations: [] });

/**
 * A price moved to within what may lie between it and the one observed before, rounded inward.
 * @param elapsed Seconds between them.
 */
export function clamp(price: bigint, before: bigint, elapsed: bigint): bigint {
  const step = min(max(STEP_PPM_PER_SECOND * elapsed, MIN_STEP_PPM), MAX_STEP_PPM);
  return min(max(price, mulDivUp(before, PPM - step, PPM)), (before * (PPM + step)) / PPM);
}

/** Whether an observation may be written: the first, or one far enough from the last. */
export function isDue({ observations }: History, time: bigint): boolean {
  const newest = observations.at(-1);
  return !newest || time >= newest.time + SPACING;
}

/** The history with one more observation. @param price Validated, USD, 18 decimals. @param time Seconds, {@link isDue}. */
export function record({ unbrokenSince, observations }: History, price: bigint, time: bigint): History {
  const newest = observations.at(-1);
  if (!newest) return { lastGood: price, unbrokenSince: time, observations: [{ time, price, cumulative: 0n }] };
  const elapsed = time - newest.time;
  const next: Observation = {
    time,
    price: clamp(price, newest.price, elapsed),
    cumulative: newest.cumulative + newest.price * elapsed,
  };
  return {
    lastGood: price,
    unbrokenSince: elapsed > MAX_GAP ? time : unbrokenSince,
    observations: [...observations, next].slice(-SIZE),
  };
}

/**
 * The mean over the last 900 s, rounded down. The newest observation has weight only for the time since it was written.
 * @param time The present, seconds.
 * @returns USD, 18 decimals; zero when it is not ready.
 */
export function meanAt({ unbrokenSince, observations }: History, time: bigint): bigint {
  const newest = observations.at(-1);
  const start = time - WINDOW;
  if (!newest || time > newest.time + MAX_AGE || unbrokenSince > start) return 0n;
  const later = observations.filter((one) => one.time > start);
  const inForce = observations[observations.length - later.length - 1];
  if (!inForce || later.length < MIN_OBSERVATIONS) return 0n;
  const upTo = ({ cumulative, price, time: since }: Observation, end: bigint) => cumulative + price * (end - since);
  return (upTo(newest, time) - upTo(inForce, start)) / WINDOW;
}

/**
 * Standard deviation of the price over the window by its observations' steps, parts per million, rounded down.
 * @param time The present, seconds; the mean is ready.
 */
export function deviationAt({ observations }: History, time: bigint): bigint {
  let sum = 0n;
  for (let i = observations.length - 1; i > 0; i--) {
    const [before, later] = [observations[i - 1], observations[i]];
    if (!before || !later || later.time <= time - WINDOW) break;
    const step = ((max(before.price, later.price) - min(before.price, later.price)) * PPM) / before.price;
    sum += step * step;
  }
  return sqrt(sum);
}

/**
 * How far a price lies from those observed since a time, the farthest of them. Parts per million of the lower one,
 * rounded down.
 */
export function changeSince({ observations }: History, price: bigint, since: bigint): bigint {
  let [least, most] = [price, price];
  for (let i = observations.length - 1; i >= 0; i--) {
    const one = observations[i];
    if (!one || one.time < since) break;
    least = min(least, one.price);
    most = max(most, one.price);
  }
  // The farthest is the lowest or the highest, the price itself among them.
  return max(((most - price) * PPM) / price, ((price - least) * PPM) / least);
}
