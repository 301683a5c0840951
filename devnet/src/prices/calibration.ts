import type { Law } from './model.ts';
import type { Bar } from './replay.ts';

/** Logarithms of the closes of one UTC day's 1440 minutes; NaN where a minute is missing. */
export interface MinuteDay {
  /** Days since 1970. */
  readonly day: number;
  readonly logs: Float64Array;
}

const MINUTES = 1440;
/** A day with fewer minutes than this is left out. */
const LEAST_MINUTES = 0.95 * MINUTES;
/** An hour with fewer minutes than this says nothing of its volatility. */
const LEAST_OF_HOUR = 40;
/** A minute's move beyond this many times the hour's volatility per √minute is no diffusion's. */
const JUMP_THRESHOLD = 5;
/** Makes the mean of squared medians of three an estimate of variance. Source: Andersen, Dobrev, Schaumburg 2012. */
const MEDIAN_SCALE = Math.PI / (6 - 4 * Math.sqrt(3) + Math.PI);
/** Variance of that estimate's logarithm, times the number of moves; same source. */
const MEDIAN_NOISE = 2.96;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

/** The whole days of minute bars by opening time, in their order. */
export function minuteDays(bars: Iterable<readonly [time: number, bar: Pick<Bar, 'close'>]>): MinuteDay[] {
  const days = new Map<number, Float64Array>();
  for (const [time, { close }] of bars) {
    const day = Math.floor(time / 86_400);
    const logs = days.get(day) ?? new Float64Array(MINUTES).fill(Number.NaN);
    days.set(day, logs);
    logs[Math.floor((time % 86_400) / 60)] = Math.log(close);
  }
  return [...days]
    .filter(([, logs]) => logs.filter((log) => !Number.isNaN(log)).length >= LEAST_MINUTES)
    .sort(([a], [b]) => a - b)
    .map(([day, logs]) => ({ day, logs }));
}

/** Moves between minutes that follow each other, by hour. */
function movesByHour({ logs }: MinuteDay): number[][] {
  const hours: number[][] = Array.from({ length: 24 }, () => []);
  for (let i = 1; i < MINUTES; i++) {
    const move = (logs[i] ?? Number.NaN) - (logs[i - 1] ?? Number.NaN);
    if (!Number.isNaN(move)) hours[Math.floor(i / 60)]?.push(move);
  }
  return hours.filter((moves) => moves.length >= LEAST_OF_HOUR);
}

/** Variance of a minute's diffusion, from the median of each three moves: a jump is never the median. */
function diffusion(moves: readonly number[]): number {
  const sizes = moves.map(Math.abs);
  const squares = sizes.slice(2).map((c, i) => {
    const [a = 0, b = 0] = [sizes[i], sizes[i + 1]];
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c)) ** 2;
  });
  return MEDIAN_SCALE * mean(squares);
}

/** Mills' ratio of the normal, tail over density, as a continued fraction. @param x Positive. */
function mills(x: number): number {
  let fraction = 0;
  for (let n = 400; n > 0; n--) fraction = n / (x + fraction);
  return 1 / (x + fraction);
}

/**
 * Number and size of jumps behind the moves seen beyond the threshold: with jumps and diffusion both normal, such a move is
 * the tail of a normal whose width follows from the tail's mean, and the tail's share from the width.
 * @param seen Sizes beyond the threshold, in units of the hour's volatility per √minute.
 */
function jumps(seen: readonly number[], days: number): Pick<Law, 'jumpsPerDay' | 'jumpSize'> {
  if (seen.length === 0) return { jumpsPerDay: 0, jumpSize: 0 };
  const middle = mean(seen);
  let [narrow, wide] = [1, 100];
  while (wide - narrow > 1e-9) {
    const width = (narrow + wide) / 2;
    if (width / mills(JUMP_THRESHOLD / width) < middle) narrow = width;
    else wide = width;
  }
  const x = JUMP_THRESHOLD / narrow;
  const share = 2 * mills(x) * (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
  return { jumpsPerDay: seen.length / days / share, jumpSize: Math.sqrt(narrow ** 2 - 1) };
}

/**
 * The law behind days of minutes; docs/price-model.md has the method.
 * @param days At least two that follow each other, in their order.
 */
export function estimate(days: readonly MinuteDay[]): Law {
  const logs: number[] = [];
  const withinDay: number[] = [];
  const seen: number[] = [];
  for (const day of days) {
    const hours = movesByHour(day).map((moves) => ({ moves, variance: diffusion(moves) }));
    logs.push(Math.log(MINUTES * mean(hours.map(({ variance }) => variance))) / 2);
    const restless = hours.filter(({ variance }) => variance > 0);
    const noise = mean(restless.map(({ moves }) => MEDIAN_NOISE / 4 / moves.length));
    withinDay.push(variance(restless.map(({ variance }) => Math.log(variance) / 2)) - noise);
    for (const { moves, variance } of restless) {
      const deviation = Math.sqrt(variance);
      seen.push(...moves.map((move) => Math.abs(move) / deviation).filter((size) => size > JUMP_THRESHOLD));
    }
  }
  const middle = mean(logs);
  const spread = variance(logs);
  const pairs = days.flatMap(({ day }, i) =>
    days[i - 1]?.day === day - 1 ? [((logs[i] ?? 0) - middle) * ((logs[i - 1] ?? 0) - middle)] : [],
  );
  return {
    logVolatility: middle,
    volatilitySpread: Math.sqrt(spread),
    volatilityPersistence: mean(pairs) / spread,
    hourSpread: Math.sqrt(Math.max(0, mean(withinDay))),
    ...jumps(seen, days.length),
  };
}

/** What days looked like, for comparison. Parts of the price; quantiles rise. */
export interface Likeness {
  readonly days: number;
  /** Highest over lowest close of a day's minutes, less one, at 5, 25, 50, 75, 95 and 99 %. */
  readonly range: readonly number[];
  /** Size of a minute's move at 50, 90, 99, 99.9 and 99.99 %. */
  readonly move: readonly number[];
  /** Share of days that ranged, and that ended, more than 10 % away. */
  readonly wide: number;
  readonly far: number;
}

/** Describes days in the terms in which real and simulated ones are compared. */
export function likeness(days: readonly MinuteDay[]): Likeness {
  const closes = days.map(({ logs }) => logs.filter((log) => !Number.isNaN(log)));
  const ranges = closes.map(
    (logs) => Math.exp(logs.reduce((a, b) => Math.max(a, b)) - logs.reduce((a, b) => Math.min(a, b))) - 1,
  );
  const ends = closes.map((logs) => Math.abs(Math.expm1((logs.at(-1) ?? 0) - (logs[0] ?? 0))));
  const moves = Float64Array.from(
    days
      .flatMap(movesByHour)
      .flat()
      .map((move) => Math.abs(Math.expm1(move))),
  ).sort();
  const sorted = Float64Array.from(ranges).sort();
  const share = (values: readonly number[]) => values.filter((value) => value > 0.1).length / values.length;
  return {
    days: days.length,
    range: [0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map((p) => quantile(sorted, p)),
    move: [0.5, 0.9, 0.99, 0.999, 0.9999].map((p) => quantile(moves, p)),
    wide: share(ranges),
    far: share(ends),
  };
}

const quantile = (sorted: Float64Array, p: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
