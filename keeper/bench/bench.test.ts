import { describe, expect, it } from 'vitest';
import { syntheticPrices } from './prices.ts';
import { equal, run } from './run.ts';

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
});
