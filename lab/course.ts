import { bridge, deviationOfRange } from '../devnet/src/prices/bridge.ts';
import type { Series } from '../devnet/src/prices/replay.ts';
import { generator } from '../devnet/src/random.ts';

/** Seconds over which the volatility is a mean of the past. */
const MEMORY = 300;

/** What a market was worth on one venue, second by second. */
export interface Course {
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
  /** USD; zero where the venue was out. */
  readonly prices: Float64Array;
  /** Standard deviation of the price's logarithm over a minute, by the ranges of the bars so far. */
  readonly volatility: Float64Array;
}

/** The bars are real, the seconds in them a Brownian bridge with the variance that the bar's range tells. */
export function courseOf(series: Series, from: number, to: number, seed: number): Course {
  const { interval, bars } = series;
  const start = Math.max(from, series.first);
  const end = Math.min(to, series.last);
  const prices = new Float64Array(end - start);
  const volatility = new Float64Array(end - start);
  const uniform = generator(seed);
  let level: number | undefined;
  for (let opened = start - (start % interval); opened < end; opened += interval) {
    const bar = bars.get(opened);
    if (!bar) continue;
    const deviation = deviationOfRange(bar.high, bar.low);
    const close = bars.get(opened + interval)?.open ?? bar.close;
    const seconds = bridge(bar.open, close, deviation, interval, uniform);
    const perMinute = deviation / Math.sqrt(interval / 60);
    level ??= perMinute;
    for (let i = 0; i < interval; i++) {
      level += (perMinute - level) / MEMORY;
      if (opened + i < start || opened + i >= end) continue;
      prices[opened + i - start] = seconds[i] ?? 0;
      volatility[opened + i - start] = level;
    }
  }
  return { start, end, prices, volatility };
}

/** A course of given prices. @param perMinute Their volatility, all along. */
export function courseFrom(start: number, prices: readonly number[], perMinute: number): Course {
  const volatility = new Float64Array(prices.length).fill(perMinute);
  return { start, end: start + prices.length, prices: Float64Array.from(prices), volatility };
}
