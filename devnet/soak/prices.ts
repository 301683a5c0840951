import { modelSource } from '../src/prices/model.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { generator, hash } from '../src/random.ts';

/** Seconds from one shock of a market to its next, and seconds that one takes, at least and at most. */
const PAUSE = [110, 170] as const;
const LENGTH = [60, 100] as const;
/** Its size, natural logarithm: it lasts. */
const SIZE = [0.03, 0.08] as const;
/** Beyond this many logarithms from where it began a market turns back. */
const FAR = 0.1;

interface Shock {
  readonly from: number;
  readonly to: number;
  /** Logarithms of the price relative to the model's, before and after. */
  readonly before: number;
  readonly after: number;
}

/**
 * The model's prices with shocks that last: each market's moves by 3 to 8 % within a minute or so, again and again, slowly
 * enough that Chainlink follows and no market halts. The same seed gives the same prices.
 * @param seconds How long shocks go on.
 */
export function shockedSource(seed: number, start: number, symbols: readonly string[], seconds: number): PriceSource {
  const model = modelSource(seed, start, symbols);
  const shocks = new Map(symbols.map((symbol) => [symbol, shocksOf(hash(seed, ...letters(symbol)), start, seconds)]));
  return {
    ...model,
    quoteAt(symbol, time) {
      const quote = model.quoteAt(symbol, time);
      if (!quote) return quote;
      const factor = Math.exp(shiftAt(shocks.get(symbol) ?? [], time));
      return { ...quote, price: BigInt(Math.round(Number(quote.price) * factor)) };
    },
  };
}

const letters = (symbol: string) => [...symbol].map((letter) => letter.charCodeAt(0));

function shocksOf(seed: number, start: number, seconds: number): Shock[] {
  const random = generator(seed);
  const between = ([least, most]: readonly [number, number]) => least + random() * (most - least);
  const shocks: Shock[] = [];
  let before = 0;
  for (let from = start + between(PAUSE) / 2; from < start + seconds; from += between(PAUSE)) {
    const up = Math.abs(before) > FAR ? before < 0 : random() < 0.5;
    const after = before + between(SIZE) * (up ? 1 : -1);
    shocks.push({ from, to: from + between(LENGTH), before, after });
    before = after;
  }
  return shocks;
}

function shiftAt(shocks: readonly Shock[], time: number): number {
  const last = shocks.findLast(({ from }) => from <= time);
  if (!last) return 0;
  const done = Math.min(1, (time - last.from) / (last.to - last.from));
  return last.before + done * (last.after - last.before);
}
