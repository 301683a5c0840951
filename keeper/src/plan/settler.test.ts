import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import { at, batch, kinds, NOW, planned, quoted, snapshot } from './fixtures.ts';
import { DEFAULT_SETTINGS, plan } from './index.ts';

describe('settling', () => {
  const waiting = (age: bigint, published: bigint) =>
    planned([at(0, { pending: [batch(7n, NOW - age)], quote: quoted({ publishTime: NOW - age + published }) })]);

  it.each([
    [0n, []],
    [1n, []],
    [2n, ['settle']],
    [12n, ['settle']],
    [40n, ['settle']],
  ])('with a price published %s s after the commit plans %j', (published, expected) => {
    expect(kinds(waiting(published, published))).toEqual(expected);
  });

  it('is planned while a later block is still inside the minute, and expiry after it', () => {
    expect(kinds(waiting(59n, 59n))).toEqual(['settle']);
    expect(kinds(waiting(60n, 60n))).toEqual(['expire']);
  });

  it('takes together only what was committed at one time, in the order of the queue', () => {
    const pending = [batch(3n, NOW - 6n), batch(4n, NOW - 6n, 2), batch(5n, NOW - 4n)];
    const actions = planned([at(0, { pending })]);
    expect(actions).toMatchObject([
      { kind: 'settle', index: 3n, committedAt: NOW - 6n },
      { kind: 'settle', index: 5n, committedAt: NOW - 4n },
    ]);
    expect((actions[0] as Action & { kind: 'settle' }).batches).toEqual([pending[0]?.orders, pending[1]?.orders]);
  });

  it('leaves what is not published yet behind what is', () => {
    const actions = planned([at(0, { pending: [batch(3n, NOW - 2n), batch(4n, NOW - 1n)] })]);
    expect(actions).toMatchObject([{ kind: 'settle', index: 3n }]);
  });

  it('splits more orders than one call takes between batches', () => {
    const pending = [batch(0n, NOW - 4n, 32), batch(1n, NOW - 4n, 32), batch(2n, NOW - 4n, 1)];
    const actions = planned([at(0, { pending })]) as (Action & { kind: 'settle' })[];
    expect(actions.map(({ batches }) => batches.length)).toEqual([2, 1]);
  });

  it('never stops at a batch larger than the limit', () => {
    const [action] = plan(snapshot([at(0, { pending: [batch(0n, NOW - 4n, 32)] })]), {
      ...DEFAULT_SETTINGS,
      maxOrders: 8,
    });
    expect(action?.kind).toBe('settle');
  });

  it('settles in the same turn what is behind what is over, or a batch a block would keep the queue from ever moving', () => {
    const pending = [batch(1n, NOW - 90n), batch(2n, NOW - 60n), batch(3n, NOW - 58n), batch(4n, NOW - 10n)];
    expect(planned([at(0, { pending })])).toMatchObject([
      { kind: 'expire', market: 0, count: 4 },
      { kind: 'settle', market: 0, index: 3n },
      { kind: 'settle', market: 0, index: 4n },
    ]);
  });

  it('settles up to a batch whose orders are unknown, which can only expire', () => {
    const unknown = (index: bigint, age: bigint) => ({ ...batch(index, NOW - age), orders: null });
    expect(planned([at(0, { pending: [batch(0n, NOW - 4n), unknown(1n, 4n), batch(2n, NOW - 4n)] })])).toMatchObject([
      { kind: 'settle', index: 0n, batches: [[{}]] },
    ]);
    expect(planned([at(0, { pending: [unknown(1n, 4n)] })])).toEqual([]);
    expect(planned([at(0, { pending: [unknown(1n, 61n)] })])).toMatchObject([{ kind: 'expire', count: 1 }]);
  });

  it('waits for a price service that is lost', () => {
    expect(planned([at(0, { pending: [batch(0n, NOW - 4n)], quote: null })])).toEqual([]);
  });
});

describe('any queue', () => {
  /** mulberry32 */
  function seeded(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) % below;
    };
  }

  it('is planned from its head, whole batches of one time, in time, each action once', () => {
    const seen = { expire: 0, settle: 0, both: 0, none: 0 };
    for (let seed = 0; seed < 4_000; seed++) {
      const random = seeded(seed);
      let committedAt = NOW - BigInt(random(80));
      const pending = Array.from({ length: random(10) }, (_, i) => {
        committedAt += BigInt(random(3));
        return batch(BigInt(i + 40), committedAt > NOW ? NOW : committedAt, 1 + random(32));
      });
      const publishTime = NOW - BigInt(random(20));
      const actions = planned([at(0, { pending, quote: quoted({ publishTime }) })]);
      expect(new Set(actions.map(({ key }) => key)).size).toBe(actions.length);
      const [expiry] = actions.filter((action) => action.kind === 'expire');
      const settlements = actions.filter((action) => action.kind === 'settle');
      const expired = pending.filter((b) => NOW >= b.committedAt + 60n).length;
      const both = expiry && settlements.length > 0;
      expect(expiry?.count).toBe(expired > 0 ? pending.length : undefined);
      seen[both ? 'both' : expiry ? 'expire' : settlements.length > 0 ? 'settle' : 'none']++;
      const settled = settlements.flatMap(({ batches }) => batches);
      const live = pending.slice(expired).map(({ orders }) => orders);
      expect(settled).toEqual(live.slice(0, settled.length));
      for (const { index, batches, committedAt } of settlements) {
        const from = Number(index - 40n);
        expect(pending.slice(from, from + batches.length).every((b) => b.committedAt === committedAt)).toBe(true);
        expect(publishTime).toBeGreaterThanOrEqual(committedAt + 2n);
        expect(NOW).toBeLessThan(committedAt + 60n);
        expect(batches.length === 1 || batches.flat().length <= 64).toBe(true);
      }
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });
});
