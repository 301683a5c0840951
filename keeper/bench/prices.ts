import { replaySource } from '../../devnet/src/prices/replay.ts';
import { CONFIDENCE_BPS, type Quote } from '../../devnet/src/prices/source.ts';
import { generator, normal } from '../../devnet/src/random.ts';

/** A price of each market at each tick, USD, 8 decimals; every tick another one. */
export interface Prices {
  /** What each market follows, for people. */
  readonly series: readonly string[];
  quoteOf(market: number, tick: number): Pick<Quote, 'price' | 'confidence'>;
}

/** Seconds of chain time from one tick to the next. */
export const TICK_SECONDS = 10;

/**
 * What the markets follow: minutes of real crashes, each from a time of its own on, so that all of them fall at once. Those
 * that share a series stand minutes apart in it.
 */
const CRASHES: readonly (readonly [symbol: string, from: string])[] = [
  ['ETH', '2021-05-19T12:00Z'],
  ['BTC', '2021-05-19T12:00Z'],
  ['LINK', '2021-05-19T12:00Z'],
  ['ETH', '2021-12-04T04:40Z'],
  ['BTC', '2021-12-04T04:40Z'],
  ['SOL', '2021-09-21T20:20Z'],
  ['ETH', '2021-05-19T12:05Z'],
  ['BTC', '2021-05-19T12:10Z'],
  ['LINK', '2021-05-19T12:07Z'],
  ['SOL', '2023-04-19T07:30Z'],
];
export const MARKETS = CRASHES.length;
export const SYMBOLS = CRASHES.map(([symbol]) => symbol);

/**
 * Prices within real bars. Through a gap the last one stands; one that does not move is moved by its last decimal.
 * @param folder Of the files of bars.
 * @throws {DevnetError} When the folder lacks a stretch.
 */
export function crashPrices(folder: string, ticks: number): Prices {
  const rows = CRASHES.map(([symbol, from]) => {
    const start = Date.parse(from) / 1000;
    const source = replaySource(folder, start, undefined, [symbol]);
    return fill(ticks, (tick) => source.quoteAt(symbol, start + tick * TICK_SECONDS));
  });
  return pricesOf(
    rows,
    CRASHES.map(([symbol, from]) => `${symbol} from ${from}`),
  );
}

/** Made up: they wander and fall by a third in the middle. */
export function syntheticPrices(seed: number, ticks: number): Prices {
  const rows = SYMBOLS.map((symbol, market) => {
    const uniform = generator(seed * 100 + market);
    let price = 10 ** (1 + 4 * uniform());
    return fill(ticks, (tick) => {
      const falls = tick > ticks / 3 && tick < ticks / 2;
      price *= 1 + 0.002 * normal(uniform) - (falls ? 2.4 / ticks : 0);
      const confidence = (price * (CONFIDENCE_BPS[symbol] ?? 8)) / 1e4;
      return {
        price: BigInt(Math.round(price * 1e8)),
        confidence: BigInt(Math.round(confidence * 1e8)),
        publishTime: 0,
      };
    });
  });
  return pricesOf(
    rows,
    SYMBOLS.map(() => 'made up'),
  );
}

function fill(ticks: number, quoteAt: (tick: number) => Quote | undefined): Quote[] {
  const row: Quote[] = [];
  // The first is missing only in a series that begins with a gap.
  let last = quoteAt(0) ?? { price: 1n, confidence: 0n, publishTime: 0 };
  for (let tick = 0; tick <= ticks; tick++) {
    const quote = quoteAt(tick) ?? last;
    last = tick > 0 && quote.price === last.price ? { ...quote, price: quote.price + 1n } : quote;
    row.push(last);
  }
  return row;
}

const pricesOf = (rows: readonly (readonly Quote[])[], series: readonly string[]): Prices => ({
  series,
  quoteOf: (market, tick) => {
    const quote = rows[market]?.[tick];
    if (!quote) throw new RangeError(`Market ${market} has no price at tick ${tick}.`);
    return quote;
  },
});
