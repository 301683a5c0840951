import { PriceState, type SignedOrder } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { Outcome, Recorded, Told } from './record.ts';
import { holdOf, judge } from './verdict.ts';

const UNIT = 10n ** 12n;
const USD = 10n ** 18n;
/** USD of 30 decimals. */
const COST = 10n ** 30n;
const [FROM, TO, BLOCK] = [1_000, 1_120, 6];
const ACCOUNT = '0xaa';
/** When the price falls from 2,000 to 1,990. */
const FALL = 1_030;

type Price = (time: number) => bigint;
const falls: Price = (time) => (time < FALL ? 2_000n : 1_990n);

/** The first position: one unit, bought with half the spread and, of the scale below, 5e-7 of impact. */
const opening: Outcome = {
  id: null,
  market: 0,
  account: ACCOUNT,
  committedAt: FROM,
  settledAt: FROM + 6,
  result: { status: 'filled', sizeDelta: UNIT, cost: (2_000_201n * COST) / 1_000n },
};
/** A stop-loss of all of it. */
const stop: Told = {
  id: 0,
  kind: 'stop-loss',
  market: 0,
  account: ACCOUNT,
  trigger: 1_995n * USD,
  above: false,
  limitPrice: 0n,
  sizeDelta: -10_000n,
  attached: true,
  reduceOnly: true,
  placedAt: FROM + 12,
  deadline: undefined,
  cancelledAt: undefined,
  signed: {} as SignedOrder,
};
const SOLD = -(1_989_801_995n * COST) / 1_000_000n;
const filled = { status: 'filled', sizeDelta: -UNIT, cost: SOLD } as const;
const ending = (result: Outcome['result'], committedAt = 1_036): Outcome => ({
  ...opening,
  id: 0,
  committedAt,
  settledAt: committedAt + 6,
  result,
});

interface Case {
  told?: Partial<Told>;
  ends?: readonly Outcome[];
  price?: Price;
  /** When it was committed; as its outcomes say when left out. */
  commits?: readonly number[];
  more?: Partial<Recorded>;
  state?: (time: number) => number;
  breaker?: { from: number; until: number };
}

function judged({
  told = {},
  ends = [ending(filled)],
  price = falls,
  commits,
  more = {},
  state,
  breaker = { from: 0, until: 0 },
}: Case = {}) {
  const times = Array.from({ length: (TO - FROM) / BLOCK }, (_, i) => FROM + BLOCK * i);
  const anchor = { value: 2_000n * USD, confidence: 0n, time: 0n };
  const recorded: Recorded = {
    from: FROM,
    to: TO,
    blockTime: BLOCK,
    markets: [
      { symbol: 'ETH', skewScale: 10n ** 18n, thresholdPpm: 1_500n, haltPpm: 30_000n, strainConfidencePpm: 5_000n },
    ],
    told: [{ ...stop, ...told }],
    blocks: times.map((time) => ({ time, markets: [{ state: state?.(time) ?? PriceState.Normal, anchor, breaker }] })),
    commits: (commits ?? ends.map(({ committedAt }) => committedAt)).map((committedAt) => ({ id: 0, committedAt })),
    outcomes: [opening, ...ends],
    leftOut: [],
    accidents: [],
    ...more,
  };
  const quoteAt = (_: string, time: number) => ({ price: price(time) * 10n ** 8n, confidence: 0n, publishTime: time });
  return judge(recorded, { quoteAt });
}

const violations = (one: Case) => judged(one).violations;

it('is content with an order that fires in time, at its price, in full', () => {
  const verdict = judged();
  expect(verdict.violations).toEqual([]);
  expect(verdict.kinds['stop-loss']).toMatchObject({ placed: 1, filled: 1, waiting: 0 });
  // From the fall to the block that filled it.
  expect(verdict.latencies).toEqual([12]);
});

describe('early', () => {
  it('is a commit before the trigger was met, though the settlement meets it', () => {
    const early = /committed at 1029, before its trigger was ever met/;
    expect(violations({ ends: [ending(filled, FALL - 1)] })).toEqual([expect.stringMatching(early)]);
    expect(violations({ ends: [ending(filled, FALL)] })).toEqual([]);
  });

  it('is a commit for a trigger that was met only before the order was placed', () => {
    const dip: Price = (time) => (time < FROM + 12 ? 1_990n : falls(time));
    const before = /before its trigger was ever met/;
    expect(violations({ price: dip, ends: [ending(filled, FALL - 1)] })).toContainEqual(expect.stringMatching(before));
  });

  it('is a fill at a price that does not meet the trigger', () => {
    // Met for a second, and left again.
    const dip: Price = (time) => (time === FALL ? 1_990n : 2_000n);
    const wrong = /filled at the price of 1038, which does not meet its trigger/;
    expect(violations({ price: dip })).toContainEqual(expect.stringMatching(wrong));
    expect(violations({ price: dip, ends: [ending({ status: 'released' })] })).toEqual([]);
  });

  it('is no release, which a price that meets the trigger does not permit', () => {
    const wrong = /released at the price of 1038, which meets its trigger/;
    expect(violations({ ends: [ending({ status: 'released' })] })).toContainEqual(expect.stringMatching(wrong));
  });
});

describe('missed', () => {
  const missed = [expect.stringMatching(/missed, its trigger held from 1030 for 20 s/)];

  it('is a trigger that holds for long enough without an outcome', () => {
    expect(holdOf(BLOCK)).toBe(20);
    expect(violations({ ends: [] })).toEqual(missed);
    expect(judged({ ends: [] }).kinds['stop-loss']).toMatchObject({ filled: 0, waiting: 1 });
  });

  it('is an outcome that comes too late', () => {
    expect(violations({ ends: [ending(filled, 1_049)] })).toEqual(missed);
    expect(violations({ ends: [ending(filled, 1_048)] })).toEqual([]);
  });

  it('is none that held for less', () => {
    const dip = (seconds: number): Price => {
      return (time) => (time >= FALL && time <= FALL + seconds ? 1_990n : 2_000n);
    };
    expect(violations({ ends: [], price: dip(19) })).toEqual([]);
    expect(violations({ ends: [], price: dip(20) })).toEqual(missed);
  });

  const opens = { told: { attached: false, reduceOnly: false, sizeDelta: UNIT } };
  it.each<[string, Case]>([
    ['whose deadline comes first', { told: { deadline: FALL + 19 } }],
    ['that is cancelled first', { told: { cancelledAt: FALL + 19 } }],
    ['whose position was gone', { told: { account: '0xbb' } }],
    ['that opens while a breaker guards its prices', { ...opens, breaker: { from: FALL, until: TO } }],
    ['while the oracle permits none', { state: (time) => (time > FALL ? PriceState.Halted : PriceState.Normal) }],
  ])('is none %s', (_, one) => {
    expect(violations({ ends: [], ...one })).toEqual([]);
  });
});

describe('filled otherwise than computed', () => {
  it.each<[string, Case, RegExp]>([
    [
      'a wrong share',
      { ends: [ending({ ...filled, sizeDelta: -UNIT / 2n, cost: -(99_490_124_625n * COST) / 10n ** 8n })] },
      /traded -500000000000 instead of -1000000000000/,
    ],
    ['a share of another size', { told: { sizeDelta: -5_000n } }, /traded -1000000000000 instead of -500000000000/],
    ['a cost beyond the limit', { told: { limitPrice: 1_990n * USD } }, /beyond its limit of 1990/],
    ['another cost', { ends: [ending({ ...filled, cost: SOLD + 1n })] }, /instead of -1989801995/],
    ['a commit after the deadline', { told: { deadline: 1_035 } }, /committed at 1036, after its deadline/],
    [
      'a failure without a reason',
      { ends: [ending({ status: 'failed', reason: 'LimitExceeded' })] },
      /failed at the price of 1038 by LimitExceeded, which is not computed/,
    ],
    [
      'an expiry at a price that settles',
      { ends: [ending({ status: 'expired' })] },
      /expired, though the price of 1038 settles it/,
    ],
    [
      'an order left out without a reason',
      { more: { leftOut: [{ id: 0, at: 1_036, reason: 'MarginTooLow' }] } },
      /left out at 1036 by MarginTooLow/,
    ],
  ])('is %s', (_, one, what) => {
    expect(violations(one)).toEqual([expect.stringMatching(what)]);
  });

  it('is no failure that the limit explains, and no order that came after its deadline', () => {
    const failed = ending({ status: 'failed', reason: 'LimitExceeded' });
    expect(judged({ told: { limitPrice: 1_990n * USD }, ends: [failed] })).toMatchObject({
      violations: [],
      failures: { LimitExceeded: 1 },
    });
    // Two dollars' worth beyond the position.
    const flip = { attached: false, reduceOnly: false, sizeDelta: -UNIT - UNIT / 1_000n };
    const dust = ending({ status: 'failed', reason: 'Dust' });
    expect(violations({ told: flip, ends: [dust] })).toEqual([]);
    expect(violations({ told: { ...flip, sizeDelta: -2n * UNIT }, ends: [dust] })).toHaveLength(1);
    const leftOut = [{ id: 0, at: 1_036, reason: 'DeadlinePassed' }] as const;
    expect(violations({ told: { deadline: 1_035 }, ends: [], more: { leftOut } })).toEqual([]);
  });

  it('is no trade that only closes while the oracle permits no opening', () => {
    const flip = { attached: false, reduceOnly: false, sizeDelta: -2n * UNIT };
    const state = (time: number) => (time >= 1_036 ? PriceState.Guarded : PriceState.Normal);
    expect(violations({ told: flip })).toEqual([expect.stringMatching(/traded -1000000000000 instead of -2/)]);
    // What it costs then is another matter.
    expect(violations({ told: flip, state }).filter((one) => one.includes('traded'))).toEqual([]);
  });

  it('is what should not have happened at all', () => {
    expect(violations({ more: { accidents: ['0xbb was liquidated at 1040.'] } })).toEqual([
      '0xbb was liquidated at 1040.',
    ]);
  });
});
