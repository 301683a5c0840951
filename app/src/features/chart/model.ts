import type { Candle } from '../../data/candles.ts';

export const intervals = [
  { id: '1m', seconds: 60 },
  { id: '5m', seconds: 300 },
  { id: '15m', seconds: 900 },
  { id: '1h', seconds: 3600 },
  { id: '4h', seconds: 14_400 },
  { id: '1D', seconds: 86_400 },
] as const;

export type IntervalId = (typeof intervals)[number]['id'];

/** How many candles are fetched at first. */
export const CANDLES = 300;

/** Candles with one more, which replaces the last when it is of the same time and is ignored when it is older. */
export function mergeCandle(candles: readonly Candle[], candle: Candle): readonly Candle[] {
  const last = candles.at(-1);
  if (!last || candle.time > last.time) return [...candles, candle];
  return candle.time === last.time ? [...candles.slice(0, -1), candle] : candles;
}

/** The last candle moved by a price, or a new one where the price belongs to a later interval; null when it is older. */
export function applyPrice(
  last: Candle | undefined,
  { price, time, seconds }: { price: number; time: number; seconds: number },
): Candle | null {
  const start = time - (time % seconds);
  if (!last || start > last.time) {
    const open = last?.close ?? price;
    return { time: start, open, high: Math.max(open, price), low: Math.min(open, price), close: price, volume: 0 };
  }
  if (start < last.time) return null;
  return { ...last, high: Math.max(last.high, price), low: Math.min(last.low, price), close: price };
}

/**
 * Candles with their newest part as the server has it. The forming one keeps what prices have made of it since.
 * @param tail In order; may be empty.
 */
export function spliceTail(candles: readonly Candle[], tail: readonly Candle[]): readonly Candle[] {
  const [first] = tail;
  if (!first) return candles;
  const last = candles.at(-1);
  const merged = tail.map((candle) => {
    if (candle.time !== last?.time) return candle;
    const { high, low, close } = last;
    return { ...candle, high: Math.max(candle.high, high), low: Math.min(candle.low, low), close };
  });
  const newer = candles.filter(({ time }) => time > (tail.at(-1)?.time ?? 0));
  return [...candles.filter(({ time }) => time < first.time), ...merged, ...newer];
}

/** Candles with older ones before them; what both hold is the newer's. */
export function prepend(older: readonly Candle[], candles: readonly Candle[]): readonly Candle[] {
  const first = candles[0]?.time ?? Number.POSITIVE_INFINITY;
  return [...older.filter(({ time }) => time < first), ...candles];
}

/** What the picture shows, in a sentence. */
export function summary(symbol: string, interval: string, candles: readonly Candle[], digits: number): string {
  const first = candles[0];
  const last = candles.at(-1);
  if (!first || !last) return `${symbol}: no candles yet.`;
  const high = Math.max(...candles.map((candle) => candle.high));
  const low = Math.min(...candles.map((candle) => candle.low));
  const change = ((last.close / first.open - 1) * 100).toFixed(2);
  return `${symbol}, ${candles.length} candles of ${interval}: from ${first.open.toFixed(digits)} to ${last.close.toFixed(digits)} (${change}%), between ${low.toFixed(digits)} and ${high.toFixed(digits)}.`;
}
