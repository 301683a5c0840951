import { PRICE_STATES } from '../sdk/src/errors/index.ts';
import { BLOCK } from './feeds.ts';
import { type Breach, breaches, percent, type Run } from './limits.ts';
import type { Variant } from './variants.ts';

/** States that a replay reaches: the sequencer is up all the time. */
const SHOWN = PRICE_STATES.filter((name) => name !== 'SequencerDown');

/** The time in each state, what the sources did, and who was liquidated. */
export function tables(runs: readonly Run[]): string {
  return [
    `| Period | Market |${SHOWN.map((name) => ` ${name} |`).join('')} longest in Halted, s |`,
    `| --- | --- |${' ---: |'.repeat(SHOWN.length + 1)}`,
    ...runs.map(({ period, stretch, replayed: { states, seconds, longestHalted } }) => {
      const shares = SHOWN.map((name) => (states[name] === 0 ? '' : percent(states[name] / seconds)));
      return row(period.title, stretch.symbol, ...shares, longestHalted);
    }),
    '',
    '| Period | Market | bars, min | spread to volatility | 99th percentile of the distance | its peak | halted for good |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...runs.map(({ period, stretch: { symbol, interval, scale, percentile, peak }, replayed: { halts } }) =>
      row(period.title, symbol, interval / 60, scale, percent(percentile), percent(peak), halts),
    ),
    '',
    '| Period | Market | accounts | liquidated | liquidations | healthy on a source | healthy at Chainlink’s venue a moment later | equal to the bytecode |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...runs.map(({ period, stretch: { symbol }, replayed, held }) => {
      const { accounts, liquidatedAccounts, liquidations, unhealthy, healthyBeyond } = replayed;
      return row(
        period.title,
        symbol,
        accounts,
        liquidatedAccounts,
        liquidations,
        unhealthy.length,
        healthyBeyond,
        held,
      );
    }),
  ].join('\n');
}

/** The limits that do not hold, first of all. */
export function verdict(runs: readonly Omit<Run, 'held'>[]): string {
  const broken = runs.flatMap(breaches);
  if (broken.length === 0) return 'Every limit holds.';
  return [`**${broken.length} limits are broken by the rules as they stand:**`, '', ...broken.map(line)].join('\n');
}

const line = ({ period, symbol, what }: Breach) => `- ${period}, ${symbol}: ${what}`;

/** Longest time in Halted and its share by what is not known of the spread, and by another way out of a halt. */
export function variantTable(variants: readonly Variant[]): string {
  if (variants.length === 0) return '';
  return [
    '| Way out of a halt | spread reverts in, s | seeds | most of the time in Halted | longest in Halted, s | runs that break a limit |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...variants.map(({ way, reversion, seeds, share, longest, broken, runs }) =>
      row(way, reversion, seeds, percent(share), longest, `${broken} of ${runs}`),
    ),
  ].join('\n');
}

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

/** What is generated of docs/replays.md. */
export const generated = (runs: readonly Run[], variants: readonly Variant[], seed: number): string =>
  [
    `Seed ${seed}, a price every ${BLOCK} s.`,
    verdict(runs),
    tables(runs),
    ...(variants.length === 0 ? [] : [variantTable(variants)]),
  ].join('\n\n');
