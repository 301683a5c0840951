import { ParameterRamp } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { MarketSnapshot } from '../snapshot.ts';
import { at, config, kinds, NOW, planned, snapshot, stored, USD } from './fixtures.ts';
import { waiting } from './index.ts';

describe('governing', () => {
  const passed = (dueAt: bigint | null) => [{ id: 7n, dueAt, expiresAt: NOW + 1000n }];

  it.each([
    [null, 'queueProposal', 'to be queued', NOW + 1000n],
    [NOW + 1n, undefined, 'for its time', NOW + 1n],
    [NOW, 'executeProposal', 'to be executed', NOW + 1000n],
    [NOW - 1n, 'executeProposal', 'to be executed', NOW + 1000n],
  ])('a proposal that is due at %s is planned as %s, and waits %s', (dueAt, kind, waits, until) => {
    const proposals = passed(dueAt);
    const actions = planned([at(0)], { proposals });
    expect(actions).toEqual(kind ? [{ key: `${kind} 7`, kind, proposal: 7n }] : []);
    const seen = snapshot([at(0)], { proposals });
    expect(waiting(seen)).toEqual([{ key: `7 ${waits}`, proposal: 7n, waits, until }]);
  });

  it('goes on under a full pause, and ends it when its time is over', () => {
    const under = { pauseLevel: 2, pauseExpired: true, proposals: passed(null) };
    expect(kinds(planned([at(0)], under))).toEqual(['expirePause', 'queueProposal']);
    expect(kinds(planned([at(0)], { ...under, pauseExpired: false }))).toEqual(['queueProposal']);
  });
});

describe('parameters on their way', () => {
  const HOUR = 3600n;
  const startedAt = NOW - 5n * HOUR;
  const to = { ...config, skewScale: config.skewScale * 2n, penaltyBps: 60n };
  const schedule = { from: config, to, startedAt, endsAt: startedAt + 100n * HOUR, keeperFeeCents: 60n };
  /** In force as of a time. */
  const advanced = (time: bigint, changes = {}) => {
    const { config: due, stepped } = ParameterRamp.dueAt(schedule, time);
    return at(0, { config: { ...due, flags: 1n }, keeperFeeCents: stepped ? 60n : 50n, schedule, ...changes });
  };
  const planning = (market: MarketSnapshot, now: bigint) => {
    const fresh = { ...market, quote: null, market: stored({ accruedAt: now, indexAt: now }), observedAt: now };
    return planned([fresh], { now, appraisedAt: now }).filter(({ kind }) => kind === 'advanceParameters');
  };

  it('are put in force once an hour', () => {
    const boundary = NOW - 1800n;
    const action = { key: `advanceParameters 0 ${NOW / HOUR}`, kind: 'advanceParameters', market: 0 };
    expect(planning(advanced(boundary - 60n), NOW)).toEqual([action]);
    for (const time of [boundary, boundary + 60n, NOW]) expect(planning(advanced(time), NOW)).toEqual([]);
    expect(planning(advanced(NOW), boundary + HOUR - 1n)).toEqual([]);
    expect(planning(advanced(NOW), boundary + HOUR)).toHaveLength(1);
  });

  it('take their step at its hour, though nothing else has moved', () => {
    const stepAt = ParameterRamp.stepAt(schedule);
    const still = { ...schedule, to: { ...config, penaltyBps: 60n } };
    const before = at(0, { schedule: still, keeperFeeCents: 60n });
    expect(planning(before, stepAt - 1n)).toEqual([]);
    expect(planning(before, stepAt)).toHaveLength(1);
    const feeAlone = at(0, { schedule: { ...still, to: config } });
    expect(planning(feeAlone, stepAt - 1n)).toEqual([]);
    expect(planning(feeAlone, stepAt)).toHaveLength(1);
    expect(planning({ ...feeAlone, keeperFeeCents: 60n }, stepAt)).toEqual([]);
  });

  it('end with their schedule, whatever is in force; those of a market that has ended stay', () => {
    const { endsAt } = schedule;
    const done = advanced(endsAt);
    expect(planning(done, endsAt - 1n)).toEqual([]);
    expect(planning(done, endsAt)).toHaveLength(1);
    expect(planning({ ...done, schedule: null }, endsAt)).toEqual([]);
    expect(planning({ ...done, config: { ...done.config, flags: 17n } }, endsAt)).toEqual([]);
  });
});

describe('the end of a market', () => {
  const ending = (changes: Partial<MarketSnapshot>) => planned([at(0, changes)]);
  const action = { key: 'settleMarket 0', kind: 'settleMarket', market: 0 };

  it('comes at its time, at a price in Normal', () => {
    expect(ending({ settlesAt: NOW + 1n })).toEqual([]);
    expect(ending({ settlesAt: NOW })).toEqual([{ ...action, markets: [0] }]);
    expect(ending({ settlesAt: NOW, anchor: null })).toEqual([]);
    expect(ending({ settlesAt: NOW, market: stored({ indexAt: NOW - 20n }), quote: null })).toEqual([]);
    expect(planned([at(0, { settlesAt: NOW })], { pauseLevel: 2 })).toEqual([]);
  });

  it('needs no price where the oracle has a closing price, and brings none', () => {
    expect(ending({ settlesAt: NOW, closingPrice: USD, quote: null, anchor: null })).toEqual([
      { ...action, markets: [] },
    ]);
    expect(ending({ settlesAt: NOW + 1n, closingPrice: USD })).toEqual([]);
  });
});
