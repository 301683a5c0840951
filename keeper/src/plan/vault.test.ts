import { describe, expect, it } from 'vitest';
import { at, kinds, NOW, planned, quoted, stored, UNIT, USD } from './fixtures.ts';

describe('the vault', () => {
  const vault = { settledEpoch: NOW / 3600n - 2n, requests: 1n };
  const boundary = NOW - 1800n;

  it('settles an epoch 15 s after its boundary', () => {
    const young = (now: bigint) => [
      at(0, { market: stored({ accruedAt: now, indexAt: now }), quote: quoted({ publishTime: now }) }),
    ];
    const last = { settledEpoch: boundary / 3600n - 1n, requests: 1n };
    for (const [now, expected] of [
      [boundary + 14n, []],
      [boundary + 15n, ['settleEpoch']],
    ] as const) {
      expect(kinds(planned(young(now), { now, vault: last }))).toEqual(expected);
    }
  });

  it('leaves an epoch without requests for a day, or without prices', () => {
    const idle = (epochs: bigint) => planned([at(0)], { vault: { settledEpoch: NOW / 3600n - epochs, requests: 0n } });
    expect(idle(23n)).toEqual([]);
    expect(kinds(idle(24n))).toEqual(['settleEpoch']);
    const held = stored({ shorts: UNIT });
    expect(planned([at(0), at(1, { market: held, quote: quoted({ publishTime: NOW - 16n }) })], { vault })).toEqual([]);
  });

  it('brings the prices of markets with open interest, whatever the others’ are', () => {
    const held = at(1, { market: stored({ longs: UNIT }) });
    expect(planned([at(0, { quote: null }), held], { vault })).toMatchObject([{ kind: 'settleEpoch', markets: [1] }]);
    expect(planned([at(0, { quote: null })], { vault })).toMatchObject([{ kind: 'settleEpoch', markets: [] }]);
  });

  it('divides the fees once they are large', () => {
    const pool = { cash: 10n ** 24n, claims: 0n, insurance: 0n, treasury: 0n };
    expect(planned([at(0)], { pool: { ...pool, fees: 10_000n * USD - 1n } })).toEqual([]);
    const large = { pool: { ...pool, fees: 10_000n * USD } };
    expect(planned([at(0)], large)).toEqual([{ key: 'divideReserves', kind: 'divideReserves' }]);
    expect(kinds(planned([at(0)], { ...large, pauseLevel: 2 }))).toEqual(['divideReserves']);
  });
});
