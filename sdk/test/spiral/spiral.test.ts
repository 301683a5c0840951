import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { plot, tables } from './report.ts';
import { runSpiral, type Spiral, sum } from './spiral.ts';
import { type Cash, RAW, UNIT, WAD } from './stage.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let spiral: Spiral;

beforeAll(async () => {
  spiral = await runSpiral(`${root}contracts/out`);
}, 120_000);

const flow = (stage: number): Cash => {
  const found = spiral.flows[stage];
  if (!found) throw new Error(`There is no stage ${stage}.`);
  return found.flow;
};

test('the pool stands at the market’s allocation when the price gaps', () => {
  const { locked, allotted } = spiral.allocation;
  expect(locked).toBeLessThanOrEqual(allotted);
  expect(allotted - locked).toBeLessThan(allotted / 1000n);
});

test('whoever pays pays somebody: every stage adds up to zero, and so do the tokens', () => {
  expect(spiral.flows.map(({ flow: cash }) => sum(cash))).toEqual(spiral.flows.map(() => 0n));
  expect(spiral.tokens.after).toBe(spiral.tokens.before);
});

test('nobody’s margin pays for another’s loss', () => {
  expect(spiral.strangers).toEqual([]);
  const [held, ...bankrupt] = spiral.after.longs;
  const [entered] = spiral.before.longs;
  expect(bankrupt.every((margin) => margin === 0n)).toBe(true);
  // 60 % of 4 · $2,000 are its own, and the premium that its opening cost.
  const own = (entered ?? 0n) - (held ?? 0n);
  expect(own - 4800n * WAD).toBeGreaterThan(0n);
  expect(own - 4800n * WAD).toBeLessThan(10n * WAD);
  for (const [i, margin] of spiral.after.shorts.entries())
    expect(margin).toBeGreaterThan(spiral.before.shorts[i] ?? 0n);
});

test('winners are paid from the pool until it is empty, and the rest is owed', () => {
  const { pool, shorts, longs, insurance } = flow(0);
  const [gapped] = spiral.moments;
  expect(-pool).toBe(gapped?.cash);
  expect(shorts).toBeGreaterThan(0n);
  expect([longs, insurance]).toEqual([0n, 0n]);
  expect(spiral.claims.most).toBeGreaterThan(0n);
});

test('crystallising moves a loss to the claims, and nothing to the pool', () => {
  const { longs, claims, pool } = flow(1);
  expect(longs).toBe(-spiral.claims.crystallised);
  expect(claims).toBe(spiral.claims.crystallised);
  expect(pool).toBe(0n);
});

test('a loss falls on equity, then on insurance up to its cap, then on the pool', () => {
  const { lost, equity, insurance, pool, covered, fund } = spiral.losses;
  expect(equity + insurance + pool).toBe(lost);
  const liquidated = spiral.before.longs.slice(1).reduce((total, margin) => total + margin, 0n);
  expect(equity).toBe(liquidated * RAW);
  // The fund raises each of eight rewards to $2 as well: half of that is off its cap.
  expect(insurance / RAW).toBeGreaterThanOrEqual(fund / 2n - 8n * WAD);
  expect(insurance / RAW).toBeLessThanOrEqual(fund / 2n);
  const first = covered.indexOf(0n);
  expect(first).toBeGreaterThan(0);
  expect(covered.slice(first).every((paid) => paid === 0n)).toBe(true);
  expect(pool).toBeGreaterThan(0n);
});

test('claims are senior: the pool has cash again only when none is left', () => {
  for (const { cash, claims } of spiral.moments) expect(cash === 0n || claims === 0n).toBe(true);
  expect(spiral.claims.atEnd).toBe(0n);
});

test('deleveraging comes after the losses and costs nobody anything', () => {
  const { before, rest, moved } = spiral.deleveraged;
  expect(Object.values(flow(4)).every((cash) => cash === 0n)).toBe(true);
  expect(before).toBe(10n * UNIT);
  expect(rest).toBe(4n * UNIT);
  expect(moved).toBe(0n);
});

test('final settlement leaves nothing open, and the other market opens on what is left', () => {
  // What the cut's rounding left as nobody's: one unit of size, a fifth of it at $800.
  expect(spiral.moments.at(-1)?.exposure).toBeLessThanOrEqual((160n * WAD) / UNIT);
  expect(flow(5).shorts).toBeGreaterThan(0n);
  expect(flow(6).pool).toBeGreaterThan(0n);
});

test('the page and its plot are what a run writes', () => {
  expect(readFileSync(`${root}docs/death-spiral.md`, 'utf8')).toContain(tables(spiral));
  expect(readFileSync(`${root}docs/death-spiral.svg`, 'utf8')).toBe(plot(spiral));
});
