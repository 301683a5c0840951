import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { breaches, type Run } from './limits.ts';
import { marketOf } from './market.ts';
import { PERIODS, type Period } from './periods.ts';
import { replay } from './replay.ts';
import { tables, verdict } from './report.ts';
import { feedsAt, START } from './synthetic.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const period = PERIODS.find(({ name }) => name === '2021-05-19') as Period;

function runOf(difference: { from: number; to: number }, distance = { percentile: 0.03, peak: 0.05 }): Run {
  const { from, to } = difference;
  const feeds = feedsAt(
    7200,
    (second) => (second >= from && second < to ? 2200 : 2000),
    () => 2000,
  );
  const stretch = { symbol: 'ETH', feeds, from: START, interval: 60, scale: 1, peakAt: START, ...distance };
  return { period, stretch, replayed: replay(feeds, marketOf('ETH'), START), held: 0 };
}
const of = (run: Run) => breaches(run).map(({ what }) => what);

test('a run within the limits breaks none', () => {
  expect(of(runOf({ from: 1000, to: 1018 }))).toEqual([]);
  expect(verdict([runOf({ from: 1000, to: 1018 })])).toBe('Every limit holds.');
});

test('a halt of too large a share is told, and one of more than ten minutes', () => {
  expect(of(runOf({ from: 1000, to: 1060 }))).toEqual(['Halted 1.694 % of the time, at most 1.000 % may be']);
  const long = of(runOf({ from: 1000, to: 1600 }));
  expect(long).toContain('Halted for 662 s at a stretch, at most 600 may be');
});

test('a distance that is not what was measured is told', () => {
  const run = runOf({ from: 0, to: 0 }, { percentile: 0.01, peak: 0.2 });
  expect(of(run)).toEqual([
    'the 99th percentile 1.000 % is not what was measured',
    'the peak 20.000 % is not what was measured',
  ]);
});

test('a liquidation of a healthy account is told', () => {
  const run = runOf({ from: 0, to: 0 });
  const unhealthy = [{ healthyAt: ['Chainlink'] }] as unknown as Run['replayed']['unhealthy'];
  const broken = { ...run, replayed: { ...run.replayed, unhealthy } };
  expect(of(broken)).toEqual(['1 liquidations of accounts that were healthy at Chainlink']);
});

test('the tables have a row for each run and no state of the sequencer', () => {
  const text = tables([runOf({ from: 1000, to: 1018 })]);
  expect(text.match(/19 May 2021/g)).toHaveLength(3);
  expect(text).not.toContain('SequencerDown');
});

test('the page tells of every market of every period', () => {
  const page = readFileSync(`${root}docs/replays.md`, 'utf8');
  for (const { title, symbols } of PERIODS)
    for (const symbol of symbols) expect(page).toContain(`| ${title} | ${symbol} |`);
});

test('without market data the command ends in a line, with 2', () => {
  const { status, stderr } = spawnSync(`${root}node_modules/.bin/tsx`, [`${root}lab/main.ts`, `${root}nowhere`], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^There is no folder .*nowhere\/prices/)]);
}, 60_000);
