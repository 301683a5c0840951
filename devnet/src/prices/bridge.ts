import { normal } from '../random.ts';

/**
 * A price's way from one value to another: a Brownian bridge of its logarithm, so that the way says nothing of its end.
 * @param deviation Standard deviation of the logarithm over the whole way.
 * @param uniform Draws of [0, 1).
 * @returns The price at each of `steps` steps, the first one `open`; `close` is where the next way begins.
 */
export function bridge(
  open: number,
  close: number,
  deviation: number,
  steps: number,
  uniform: () => number,
): Float64Array {
  const walk = new Float64Array(steps + 1);
  for (let i = 1; i <= steps; i++) walk[i] = (walk[i - 1] ?? 0) + (normal(uniform) * deviation) / Math.sqrt(steps);
  const drift = (Math.log(close / open) - (walk[steps] ?? 0)) / steps;
  return walk.subarray(0, steps).map((moved, i) => open * Math.exp(moved + drift * i));
}

/** Standard deviation of a logarithm over a stretch by its range (Parkinson, Journal of Business 53, 1980). */
export function deviationOfRange(high: number, low: number): number {
  return Math.log(high / low) / (2 * Math.sqrt(Math.LN2));
}
