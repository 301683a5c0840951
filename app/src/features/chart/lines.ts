/** A line across the chart. Floats are for drawing only. */
export interface PriceLine {
  name: 'entry' | 'liquidation';
  price: number;
  title: string;
}

/** Where a line that is out of sight lies. */
export interface Pin {
  name: PriceLine['name'];
  text: string;
  edge: 'above' | 'below';
}

type Range = readonly [low: number, high: number];

/** How far the scale stretches for a line, in shares of what the candles need. */
const REACH = 0.6;

/** The range of the candles, with room for the lines that are near it. */
export function stretch([low, high]: Range, prices: readonly number[]): Range {
  const reach = (high - low) * REACH;
  const near = prices.filter((price) => price >= low - reach && price <= high + reach);
  return [Math.min(low, ...near), Math.max(high, ...near)];
}

/** The lines that a range does not show, and on which side they are. */
export function pinsOf(lines: readonly PriceLine[], [low, high]: Range): Pin[] {
  return lines
    .filter(({ price }) => price < low || price > high)
    .map(({ name, title, price }) => ({ name, text: title, edge: price > high ? 'above' : 'below' }));
}
