import { describe, expect, it } from 'vitest';
import { DevnetError } from '../src/errors.ts';
import { AFTER, DRAIN, FAULT_KINDS, scheduleFaults, WARM_UP } from './schedule.ts';

describe('the faults of a soak', () => {
  it.each([1, 2, 3, 4, 5])('are each kind once a round and never overlap, seed %i', (seed) => {
    const faults = scheduleFaults(seed, 600, 3, 2);
    for (let round = 0; round < 3; round++) {
      const kinds = faults.slice(round * 5, round * 5 + 5).map(({ kind }) => kind);
      expect(kinds.sort()).toEqual([...FAULT_KINDS].sort());
    }
    let over = WARM_UP;
    for (const { at, blocks } of faults) {
      expect(at).toBeGreaterThanOrEqual(over);
      over = at + blocks + AFTER;
    }
    expect(over).toBeLessThanOrEqual(600 - DRAIN);
    expect(new Set(faults.map(({ victim }) => victim))).toEqual(new Set([0, 1]));
    expect(faults.filter(({ kind, hard }) => kind === 'stale' && hard)).toHaveLength(1);
  });

  it('are the same for a seed and others for another', () => {
    expect(scheduleFaults(1, 600, 3, 2)).toEqual(scheduleFaults(1, 600, 3, 2));
    expect(scheduleFaults(1, 600, 3, 2)).not.toEqual(scheduleFaults(2, 600, 3, 2));
  });

  it('are refused when the blocks are too few', () => {
    expect(() => scheduleFaults(1, 150, 3, 2)).toThrow(DevnetError);
  });
});
