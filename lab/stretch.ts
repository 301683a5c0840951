import { finestSeries } from '../devnet/src/prices/replay.ts';
import { hash } from '../devnet/src/random.ts';
import { type Course, courseOf } from './course.ts';
import { distances, type Feeds, feedsOf, quantile, roundsOf } from './feeds.ts';
import { marketOf } from './market.ts';
import type { Period, SpreadTarget } from './periods.ts';
import { drift, REVERSION, secondVenue } from './spread.ts';

/** Seconds before a period, for the oracle's mean. */
const WARM_UP = 1200;
const DAY = 86_400;
const SCALE_STEP = 0.25;
const MOST_SCALE = 8;

/** A market in a period: what its sources say, and how far they stand apart. */
export interface Stretch {
  readonly symbol: string;
  readonly feeds: Feeds;
  /** When counting begins, Unix seconds. */
  readonly from: number;
  /** Seconds of the bars that it is made from. */
  readonly interval: number;
  /** Of the venues' spread to the volatility. */
  readonly scale: number;
  /** 99th percentile and largest of the sources' distance, shares of the lower price. */
  readonly percentile: number;
  readonly peak: number;
  /** When they stood so far apart, Unix seconds. */
  readonly peakAt: number;
}

/** What changes a stretch besides its bars. */
export interface StretchOptions {
  readonly seed: number;
  /** Seconds, see {@link REVERSION}. */
  readonly reversion?: number;
}

/**
 * Real bars as two sources. The same seed gives the same stretch.
 * @throws {DevnetError} When the folder has no bars of it.
 */
export function stretchOf(folder: string, period: Period, symbol: string, options: StretchOptions): Stretch {
  const { from, days, spread } = period;
  const series = finestSeries(folder, symbol, from);
  if (!series) throw new Error(`${folder} has no prices of ${symbol} on ${period.title}.`);
  const seed = hash(options.seed, from, ...Buffer.from(symbol));
  const course = courseOf(series, from - WARM_UP, from + days * DAY, seed);
  return { symbol, from, interval: series.interval, ...separated(symbol, course, from, spread, { ...options, seed }) };
}

/**
 * The course as two sources whose venues stand apart by the least scale, or by as much more as it takes for the 99th
 * percentile of the sources' distance to be what was measured.
 */
export function separated(
  symbol: string,
  course: Course,
  from: number,
  target: SpreadTarget,
  { seed, reversion = REVERSION }: StretchOptions,
): Pick<Stretch, 'feeds' | 'scale' | 'percentile' | 'peak' | 'peakAt'> {
  const { chainlink } = marketOf(symbol);
  const units = drift(course.prices.length, hash(seed, 1), reversion);
  for (let scale = target.leastScale; ; scale += SCALE_STEP) {
    const second = secondVenue(course, units, scale);
    const { sorted, peakAt } = distances(course, roundsOf(course, second, chainlink), from);
    const percentile = quantile(sorted, 0.99);
    if (percentile < target.percentile[0] && scale < MOST_SCALE) continue;
    const feeds = feedsOf(symbol, course, second, chainlink, hash(seed, 2));
    return { feeds, scale, percentile, peak: quantile(sorted, 1), peakAt };
  }
}
