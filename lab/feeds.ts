import { CHAINLINK_LATENCY, type ChainlinkSettings, nextRound, type Round } from '../devnet/src/feeds/chainlinkFeed.ts';
import { CONFIDENCE_BPS, type Quote } from '../devnet/src/prices/source.ts';
import { generator } from '../devnet/src/random.ts';
import type { Course } from './course.ts';

/** Seconds between two blocks of OP: the grid on which Chainlink writes and the oracle is looked at. */
export const BLOCK = 2;
/** From a price's publication to the block that it is in, seconds. */
export const PYTH_LATENCY = 2;
/**
 * Volatility per minute on a quiet day, at which Pyth's confidence is {@link CONFIDENCE_BPS}: medians of the minutes from
 * 16 March to 1 May 2023, of LINK from 1 April on.
 */
const QUIET: Readonly<Record<string, number>> = { ETH: 3.5e-4, BTC: 3e-4, SOL: 7.2e-4, LINK: 4.5e-4 };
const LEAST_CONFIDENCE = 0.6;

/** What both sources say of a market, and what they look at. */
export interface Feeds {
  readonly start: number;
  readonly end: number;
  /** What Pyth published at a second; undefined while its venue was out. */
  quoteAt(time: number): Quote | undefined;
  /** Chainlink's, by time. */
  readonly rounds: readonly Round[];
  /** USD of the venue that Pyth follows; zero while it was out. */
  firstAt(time: number): number;
  /** USD of the one that Chainlink follows. */
  secondAt(time: number): number;
}

/**
 * Pyth follows the first venue, off by up to its confidence, which grows with the root of the volatility. That is a guess:
 * it gives ETH 3.6 to 10.8 bp over nine tenths of quiet minutes, where real values are 3.5 to 12.6, and 60 bp in the worst
 * of a crash, of which no real values are known here. Chainlink follows the second venue, by its threshold and heartbeat.
 */
export function feedsOf(
  symbol: string,
  course: Course,
  second: Float64Array,
  settings: Omit<ChainlinkSettings, 'latency'>,
  seed: number,
): Feeds {
  const { start, end, prices, volatility } = course;
  const errors = signs(prices.length, seed);
  const quiet = QUIET[symbol] ?? 5e-4;
  return {
    start,
    end,
    rounds: roundsOf(course, second, settings),
    firstAt: (time) => prices[time - start] ?? 0,
    secondAt: (time) => second[time - start] ?? 0,
    quoteAt(time) {
      const i = time - start;
      const price = prices[i] ?? 0;
      if (price === 0) return undefined;
      const growth = Math.max(LEAST_CONFIDENCE, Math.sqrt((volatility[i] ?? 0) / quiet));
      const confidence = (price * (CONFIDENCE_BPS[symbol] ?? 8) * growth) / 1e4;
      return {
        price: integer(price + confidence * (errors[i] ?? 0)),
        confidence: integer(confidence),
        publishTime: time,
      };
    },
  };
}

/** Chainlink's rounds on a venue's prices, the first at the beginning. */
export function roundsOf(
  { start, end }: Pick<Course, 'start' | 'end'>,
  venue: Float64Array,
  settings: Omit<ChainlinkSettings, 'latency'>,
): Round[] {
  const source = {
    quoteAt(_: string, time: number): Quote | undefined {
      const price = integer(venue[time - start] ?? 0);
      return price === 0n ? undefined : { price, confidence: 0n, publishTime: time };
    },
  };
  const first = integer(venue[0] ?? 0);
  const rounds: Round[] = first === 0n ? [] : [{ answer: first, updatedAt: start }];
  const known = { ...settings, latency: CHAINLINK_LATENCY };
  for (let now = start + BLOCK; now < end; now += BLOCK) {
    const last = rounds.at(-1) ?? { answer: 1n, updatedAt: 0 };
    const next = nextRound(last, source, '', now, known);
    if (next) rounds.push(next);
  }
  return rounds;
}

/** How far two sources stand apart over a stretch, shares of the lower price. */
export interface Distances {
  /** At each block at which both are there, ascending. */
  readonly sorted: Float64Array;
  /** When they are farthest apart, Unix seconds. */
  readonly peakAt: number;
}

/** The distance of Chainlink's newest round from the newest price of Pyth's venue at each block. @param from Unix seconds. */
export function distances(course: Course, rounds: readonly Round[], from: number): Distances {
  const found: number[] = [];
  let [newest, most, peakAt] = [-1, 0, from];
  for (let now = course.start; now < course.end; now += BLOCK) {
    while ((rounds[newest + 1]?.updatedAt ?? Number.POSITIVE_INFINITY) <= now) newest++;
    const price = course.prices[now - PYTH_LATENCY - course.start] ?? 0;
    const answer = Number(rounds[newest]?.answer ?? 0n) / 1e8;
    if (now < from || price === 0 || answer === 0) continue;
    const distance = Math.abs(answer - price) / Math.min(answer, price);
    found.push(distance);
    if (distance > most) [most, peakAt] = [distance, now];
  }
  return { sorted: Float64Array.from(found).sort(), peakAt };
}

/** @param sorted Ascending. @param share In [0, 1]. */
export const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

const integer = (dollars: number) => BigInt(Math.round(dollars * 1e8));

/** In [−1, 1], each its own. */
function signs(count: number, seed: number): Float64Array {
  const uniform = generator(seed);
  return new Float64Array(count).map(() => 2 * uniform() - 1);
}
