import { describe, expect, it } from 'vitest';
import { syntheticPrices } from './prices.ts';
import { equal, type Result, run } from './run.ts';
import { type Measured, shortcomings } from './verdict.ts';

const SPREAD = { p50: 1, p99: 50, max: 1000 };
const WITHIN: Measured = {
  ...({ accounts: 1, positions: 1, markets: 1, ticks: 1, seed: 1 } satisfies Partial<Result>),
  ...{ tickMs: SPREAD, cpuMs: SPREAD, changesMs: SPREAD, changes: 1, due: 1, mostDue: 1, uncertain: 1, checked: 1 },
  ...{ differences: 0, rssMiB: 1024, naive: { ms: 1, calls: 1, due: 1, differences: 0 }, ratio: 1 },
};

describe('bench', { timeout: 60_000 }, () => {
  it('lists what the exact model lists, through a crash', async () => {
    const size = { accounts: 2000, ticks: 50, seed: 1, threads: 0 };
    const { result, index } = await run(syntheticPrices(1, 50), size, () => {});
    expect(result).toMatchObject({ accounts: 2000, ticks: 50, differences: 0, checked: 100_000 });
    expect(result.due).toBeGreaterThan(500);
    // Those that are set to maintenance itself or one unit beside it, and hardly another.
    expect(result.uncertain).toBeGreaterThan(900);
    expect(result.uncertain).toBeLessThan(1000);
    expect(index.size).toBe(2000);
  });

  it('tells lists apart by what stands in them and where', () => {
    const one = { id: '0x01', equity: 1n, maintenance: 3n, shortfall: 2n } as const;
    const other = { ...one, id: '0x02' } as const;
    expect(equal([one, other], [{ ...one }, other])).toBe(true);
    for (const list of [[one], [other, one], [one, { ...other, equity: 2n }], []])
      expect(equal([one, other], list)).toBe(false);
  });

  it.each<[string, Partial<Measured>]>([
    ['too slow', { tickMs: { ...SPREAD, p99: 50.01 } }],
    ['too large', { rssMiB: 1025 }],
    ['another list than the exact one', { differences: 1 }],
    ['another list than the contract’s', { naive: { ms: 1, calls: 1, due: 1, differences: 1 } }],
  ])('fails by what is %s', (_, broken) => {
    expect(shortcomings(WITHIN)).toEqual([]);
    expect(shortcomings({ ...WITHIN, naive: null, ratio: null })).toEqual([]);
    expect(shortcomings({ ...WITHIN, ...broken })).toHaveLength(1);
  });
});
