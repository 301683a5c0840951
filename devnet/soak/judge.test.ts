import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { type BlockRecord, type History, judge, lagsOf } from './judge.ts';
import type { FaultKind } from './schedule.ts';

const A: Hex = '0xaa';
const none: History = { committed: [], settled: [], expired: [], liquidated: [] };

/** Blocks of 2 s from 0 on. @param faulty By block, the fault that it lies in; 'after' in the ten blocks after one. */
function chain(count: number, faulty: (block: number) => FaultKind | 'after' | null, due: readonly number[] = []) {
  return Array.from({ length: count }, (_, i): BlockRecord => {
    const fault = faulty(i);
    return {
      number: BigInt(i),
      time: 2 * i,
      fault: fault === 'after' ? null : fault,
      counts: fault === null,
      liquidatable: due.includes(i) ? [A] : [],
    };
  });
}

const calm = () => null;
const batch = { market: 0n, index: 0n };
const committed = [{ ...batch, block: 1n, orders: 3 }];

describe('an order', () => {
  it('is well when it is settled in its minute, and its lag is counted for each of its batch', () => {
    const verdict = judge(chain(40, calm), { ...none, committed, settled: [{ ...batch, block: 31n }] });
    expect(verdict.violations).toEqual([]);
    expect(verdict.settlement.calm).toEqual({ count: 3, p50: 30, p99: 30, max: 30 });
  });

  it.each<[string, Partial<History>, string]>([
    ['is settled after its minute', { settled: [{ ...batch, block: 32n }] }, 'was settled 62 s later'],
    ['is never settled', {}, 'was neither settled nor expired'],
    [
      'is settled and expires',
      { settled: [{ ...batch, block: 3n }], expired: [{ market: 0n, from: 0n, to: 1n, block: 33n }] },
      'was settled and expired',
    ],
    [
      'expires though there were prices',
      { expired: [{ market: 0n, from: 0n, to: 1n, block: 33n }] },
      'expired although 30 blocks of its window had prices',
    ],
  ])('is a violation when it %s', (_, history, what) => {
    const { violations } = judge(chain(40, calm), { ...none, committed, ...history });
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(what);
  });

  it('may expire only while prices were stale for nearly all of its minute', () => {
    const expired = [{ market: 0n, from: 0n, to: 1n, block: 33n }];
    const stale = (from: number, to: number) => chain(40, (i) => (i >= from && i <= to ? 'stale' : null));
    expect(judge(stale(2, 22), { ...none, committed, expired })).toMatchObject({ excused: 1, violations: [] });
    expect(judge(stale(2, 21), { ...none, committed, expired }).violations).toHaveLength(1);
    const gas = chain(40, (i) => (i >= 2 ? 'gas' : null));
    expect(judge(gas, { ...none, committed, expired }).violations).toHaveLength(1);
  });

  it('does not count as calm when a fault touched it', () => {
    const blocks = chain(40, (i) => (i === 4 ? 'after' : null));
    const verdict = judge(blocks, { ...none, committed, settled: [{ ...batch, block: 4n }] });
    expect(verdict.settlement).toMatchObject({ calm: { count: 0 }, all: { count: 3, max: 3 } });
  });
});

describe('a liquidatable account', () => {
  it('is well when it is liquidated within two blocks', () => {
    const verdict = judge(chain(10, calm, [3, 4]), { ...none, liquidated: [{ account: A, block: 5n }] });
    expect(verdict.violations).toEqual([]);
    expect(verdict.liquidation.counted).toEqual({ count: 1, p50: 2, p99: 2, max: 2 });
  });

  it('is a violation when it is still so two blocks later, told once', () => {
    const verdict = judge(chain(10, calm, [3, 4, 5, 6, 7]), none);
    expect(verdict.violations).toEqual([`Account ${A} was liquidatable at block 3 and still is at block 5.`]);
  });

  it('begins anew when its price came back meanwhile', () => {
    expect(judge(chain(12, calm, [3, 4, 6, 7, 9]), none).violations).toEqual([]);
  });

  it('begins anew when a part was liquidated and the rest is due', () => {
    const liquidated = [{ account: A, block: 5n }];
    expect(judge(chain(12, calm, [3, 4, 5, 6]), { ...none, liquidated }).violations).toEqual([]);
    expect(judge(chain(12, calm, [3, 4, 5, 6, 7]), { ...none, liquidated }).violations).toHaveLength(1);
  });

  it('waits through a fault and the blocks after it', () => {
    const due = [3, 4, 5, 6, 7, 8];
    const blocks = chain(12, (i) => (i >= 4 && i <= 7 ? 'rpc' : null), due);
    const verdict = judge(blocks, { ...none, liquidated: [{ account: A, block: 9n }] });
    expect(verdict.violations).toEqual([]);
    expect(verdict.liquidation).toMatchObject({ counted: { max: 2 }, all: { max: 6 } });
  });
});

it('ranks lags by the nearest rank', () => {
  expect(lagsOf([])).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
  expect(lagsOf([3, 1, 2])).toEqual({ count: 3, p50: 2, p99: 3, max: 3 });
  expect(lagsOf(Array.from({ length: 200 }, (_, i) => i + 1))).toMatchObject({ p50: 100, p99: 198, max: 200 });
});
