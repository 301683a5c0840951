import { describe, expect, it } from 'vitest';
import { at, kinds, NOW, planned, stored } from './fixtures.ts';

describe('appraising', () => {
  const last = { appraisedAt: NOW - 3600n };

  it('comes once an hour, when the funding of every market is sealed at a young index', () => {
    expect(planned([at(0), at(1)], last)).toMatchObject([{ kind: 'appraise' }]);
    expect(planned([at(0), at(1)], { appraisedAt: NOW - 1799n })).toEqual([]);
    expect(planned([], last)).toEqual([]);
  });

  it('waits for the index and the seal of each market', () => {
    const old = at(1, { market: stored({ indexAt: NOW - 46n }) });
    expect(kinds(planned([at(0), old], last))).toEqual(['updateIndices']);
    const unsealed = at(1, { market: stored({ accruedAt: NOW - 1801n, indexAt: NOW - 5n }) });
    expect(kinds(planned([at(0), unsealed], last))).toEqual(['updateIndices']);
    const young = at(1, { market: stored({ indexAt: NOW - 29n }) });
    expect(kinds(planned([at(0), young], last))).toEqual(['appraise']);
  });

  it('stops with everything else at level 2', () => {
    expect(kinds(planned([at(0)], { ...last, pauseLevel: 1 }))).toEqual(['appraise']);
    expect(planned([at(0)], { ...last, pauseLevel: 2 })).toEqual([]);
  });
});
