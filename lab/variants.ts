import { PriceState } from '../sdk/src/math/index.ts';
import { LONGEST_HALTED, MOST_HALTED } from './limits.ts';
import { marketOf } from './market.ts';
import { type WayOut, WITHIN_BOUND } from './oracleModel.ts';
import { PERIODS } from './periods.ts';
import { replay } from './replay.ts';
import { stretchOf } from './stretch.ts';

// What the time in Halted depends on: how fast a spread reverts, which nobody has measured, and what ends a halt.

/** The contract's way, and what it could be instead. */
const WAYS: readonly WayOut[] = [
  { name: 'three in Normal', haltDivisor: 1n, mostState: PriceState.Normal },
  { name: 'three within half of D2', haltDivisor: 2n, mostState: PriceState.Guarded },
  WITHIN_BOUND,
];
/** Seconds. */
const REVERSIONS = [20, 60, 180] as const;
const SEEDS = 2;

/** All one-day crashes under one way and one reversion. */
export interface Variant {
  readonly way: string;
  /** Seconds. */
  readonly reversion: number;
  readonly seeds: number;
  /** Markets in periods, each with every seed; and how many of them are halted for too long. */
  readonly runs: number;
  readonly broken: number;
  /** The most of the time in Halted among them; and seconds at a stretch. */
  readonly share: number;
  readonly longest: number;
}

/** @param say Told what is being run. */
export function runVariants(folder: string, firstSeed: number, say: (line: string) => void): Variant[] {
  const crashes = PERIODS.filter(({ days }) => days === 1);
  const markets = crashes.flatMap((period) => period.symbols.map((symbol) => ({ period, symbol })));
  const found = REVERSIONS.flatMap((reversion) => {
    const sums = WAYS.map((way) => ({ way: way.name, runs: 0, broken: 0, share: 0, longest: 0 }));
    for (let seed = firstSeed; seed < firstSeed + SEEDS; seed++) {
      say(`the one-day crashes with spreads that revert in ${reversion} s, seed ${seed}`);
      for (const { period, symbol } of markets) {
        const { feeds, from } = stretchOf(folder, period, symbol, { seed, reversion });
        for (const [i, wayOut] of WAYS.entries()) {
          const { states, seconds, longestHalted } = replay(feeds, marketOf(symbol), from, {
            wayOut,
            withAccounts: false,
          });
          const sum = sums[i];
          if (!sum) continue;
          const share = states.Halted / seconds;
          sum.runs++;
          if (share > MOST_HALTED || longestHalted > LONGEST_HALTED) sum.broken++;
          sum.share = Math.max(sum.share, share);
          sum.longest = Math.max(sum.longest, longestHalted);
        }
      }
    }
    return sums.map((sum) => ({ ...sum, reversion, seeds: SEEDS }));
  });
  return WAYS.flatMap(({ name }) => found.filter(({ way }) => way === name));
}
