import type { Period } from './periods.ts';
import type { Replayed } from './replay.ts';
import type { Stretch } from './stretch.ts';

/** Share of the time that a market may be halted, and seconds at a stretch. */
export const MOST_HALTED = 0.01;
export const LONGEST_HALTED = 600;

/** A market in a period, replayed. */
export interface Run {
  readonly period: Period;
  readonly stretch: Stretch;
  readonly replayed: Replayed;
  /** Prices that the contract's bytecode and the model agreed on around the peak. */
  readonly held: number;
}

/** A limit that a replay breaks, in a line. */
export interface Breach {
  readonly period: string;
  readonly symbol: string;
  readonly what: string;
}

/** Which limits a run breaks: of the time in Halted, of who is liquidated, and of the sources' distance. */
export function breaches({ period, stretch, replayed }: Omit<Run, 'held'>): Breach[] {
  const { seconds, states, longestHalted, unhealthy } = replayed;
  const { percentile, peak } = stretch;
  const found: string[] = [];
  const halted = states.Halted / seconds;
  if (halted > MOST_HALTED) found.push(`Halted ${percent(halted)} of the time, at most ${percent(MOST_HALTED)} may be`);
  if (longestHalted > LONGEST_HALTED)
    found.push(`Halted for ${longestHalted} s at a stretch, at most ${LONGEST_HALTED} may be`);
  if (unhealthy.length > 0)
    found.push(`${unhealthy.length} liquidations of accounts that were healthy at ${namesOf(replayed)}`);
  const outside = (value: number, [least, most]: readonly [number, number]) => value < least || value > most;
  if (outside(percentile, period.spread.percentile))
    found.push(`the 99th percentile ${percent(percentile)} is not what was measured`);
  if (outside(peak, period.spread.peak)) found.push(`the peak ${percent(peak)} is not what was measured`);
  return found.map((what) => ({ period: period.title, symbol: stretch.symbol, what }));
}

/** A share as per cent with three decimals. */
export const percent = (share: number): string => `${(100 * share).toFixed(3)} %`;

const namesOf = ({ unhealthy }: Replayed) => [...new Set(unhealthy.flatMap(({ healthyAt }) => healthyAt))].join(', ');
