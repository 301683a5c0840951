import { accountId, MarketFlags, type OrderFields, packOrder, type SignedOrder } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import type { AccountSnapshot, MarketSnapshot, PendingBatch } from '../snapshot.ts';
import {
  at,
  type Changes,
  config,
  holder,
  NOW,
  OWNER,
  owned,
  position,
  quoted,
  snapshot,
  stored,
  UNIT,
  USD,
} from './fixtures.ts';
import { plan } from './index.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { planTriggers, wantsPush } from './trigger.ts';

const HELD = accountId(OWNER);
/** An account without positions, which the keeper knows nothing of. */
const other = (sub: number) => accountId(OWNER, BigInt(sub));
/** Met at 2,000 and below. */
const below = (price: bigint) => ({ trigger: { price: price * USD, above: false } });
const above = (price: bigint) => ({ trigger: { price: price * USD, above: true } });

let nonces = 1n;
function signed(fields: Partial<OrderFields> = {}, market = 0n): SignedOrder {
  const nonce = fields.moment ? undefined : nonces++;
  const order = packOrder({ account: other(1), sizeDelta: UNIT, limitPrice: 0n, ...(nonce && { nonce }), ...fields });
  return { market, order, signature: '0x' };
}

/** A market whose index is as old as its last push and whose quote is new. */
const priced = (index: bigint, quote: bigint, changes: Partial<MarketSnapshot> = {}) =>
  at(0, {
    market: stored({ index: index * USD, indexAt: NOW - 4n }),
    quote: quoted({ price: quote * USD, publishTime: NOW }),
    ...changes,
  });
const flagged = (flag: bigint): Partial<MarketSnapshot> => ({
  config: { ...config, flags: MarketFlags.Listed | flag },
});

const planned = (orders: SignedOrder[], markets: MarketSnapshot[] = [at(0)], changes: Changes = {}) =>
  planTriggers(snapshot(markets, { orders, ...changes }), DEFAULT_SETTINGS);
const committed = (actions: readonly Action[]) =>
  actions.flatMap((one) => (one.kind === 'commitSigned' ? [...one.orders] : []));
const pushed = (actions: readonly Action[]) =>
  actions.flatMap((one) => (one.kind === 'updateIndices' ? [...one.markets] : []));

describe('a trigger', () => {
  it.each([
    ['below', below(2000n), 1999n, 1999n, true],
    ['below, at the price itself', below(2000n), 2000n, 2000n, true],
    ['below, not met', below(2000n), 2001n, 2001n, false],
    ['above', above(2000n), 2001n, 2001n, true],
    ['above, at the price itself', above(2000n), 2000n, 2000n, true],
    ['above, not met', above(2000n), 1999n, 1999n, false],
    ['met at the index, and left by the quote', below(2000n), 1999n, 2001n, false],
    ['met at the quote, not yet at the index', below(2000n), 2001n, 1999n, false],
    ['that is none', {}, 2000n, 2000n, true],
  ])('%s', (_, fields, index, quote, met) => {
    const order = signed(fields);
    expect(committed(planned([order], [priced(index, quote)]))).toEqual(met ? [order] : []);
  });

  it('met at the quote alone has the price pushed', () => {
    expect(planned([signed(below(2000n))], [priced(2001n, 1999n)])).toEqual([
      { key: 'updateIndices', kind: 'updateIndices', markets: [0] },
    ]);
    expect(pushed(planned([signed(below(2000n))], [priced(1999n, 2001n)]))).toEqual([]);
    expect(pushed(planned([signed(below(2000n))], [priced(1999n, 1999n)]))).toEqual([]);
  });

  it.each([
    ['the quote is no newer than the index', { market: stored({ index: 2001n * USD, indexAt: NOW }) }, []],
    ['a push has left it, and its price is trusted now', { pushed: { publishTime: NOW - 2n, at: NOW - 2n } }, [0]],
    ['the last push has moved it', { pushed: { publishTime: NOW - 4n, at: NOW - 2n } }, [0]],
  ])('has the price pushed only when that changes something: %s', (_, changes, expected) => {
    expect(pushed(planned([signed(below(2000n))], [priced(2001n, 1999n, changes)]))).toEqual(expected);
  });

  it('is pushed for once, with what is due besides', () => {
    const settings = { ...DEFAULT_SETTINGS, deviationBps: 10_000n };
    const due = at(1, { market: stored({ indexAt: NOW - 40n }) });
    const changes = { orders: [signed(below(2000n))] };
    const pushes = (roles: typeof settings.roles) =>
      plan(snapshot([priced(2001n, 1999n), due], changes), { ...settings, roles }).filter(
        ({ kind }) => kind === 'updateIndices',
      );
    expect(pushes(settings.roles)).toMatchObject([{ markets: [0, 1] }]);
    expect(pushes(new Set(['trigger']))).toMatchObject([{ markets: [0] }]);
    expect(wantsPush(snapshot([priced(2001n, 1999n), due], changes), settings)).toEqual([0]);
  });
});

describe('a market', () => {
  const seen = { market: stored({ indexAt: NOW - 20n }) };

  it.each([
    ['that has ended', flagged(MarketFlags.Settled), {}, [false, false]],
    ['that is paused', flagged(MarketFlags.Halted), {}, [false, false]],
    ['of a pool at level 2', {}, { pauseLevel: 2 }, [false, false]],
    ['of a pool at level 1', {}, { pauseLevel: 1 }, [false, true]],
    ['while USDC is off its peg', {}, { offPeg: true }, [false, true]],
    ['that only reduces', flagged(MarketFlags.ReduceOnly), {}, [false, true]],
    ['without a quote', { quote: null }, {}, [false, false]],
    ['with a quote of 13 s', { ...seen, quote: quoted({ publishTime: NOW - 13n }) }, {}, [false, false]],
    ['with a quote older than its index', { quote: quoted({ publishTime: NOW - 1n }) }, {}, [false, false]],
    ['with a quote of 12 s', { ...seen, quote: quoted({ publishTime: NOW - 12n }) }, {}, [true, true]],
  ])('%s', (_, market, changes, expected) => {
    const opening = signed();
    const closing = signed({ account: HELD, sizeDelta: -UNIT, reduceOnly: true });
    const accounts = [holder({ account: owned(10n ** 21n, 1n), positions: new Map([[0, position(UNIT)]]) })];
    const taken = committed(planned([opening, closing], [at(0, market)], { accounts, ...changes }));
    expect([taken.includes(opening), taken.includes(closing)]).toEqual(expected);
  });

  it.each([
    [0, [true, true]],
    [1, [true, true]],
    [2, [false, true]],
    [3, [false, false]],
    [5, [false, false]],
    [6, [false, false]],
  ] as [number, boolean[]][])('in state %s takes what its price permits', (state, expected) => {
    const opening = signed();
    // A plain order that closes: what closes is permitted.
    const closing = signed({ account: HELD, sizeDelta: -UNIT });
    const accounts = [holder({ account: owned(10n ** 21n, 1n), positions: new Map([[0, position(UNIT)]]) })];
    const taken = committed(planned([opening, closing], [at(0, { state })], { accounts }));
    expect([taken.includes(opening), taken.includes(closing)]).toEqual(expected);
  });

  it.each([
    ['Chainlink is too far from', 2070n, [false, false]],
    ['Chainlink is strained by', 2045n, [true, true]],
  ])('whose quote %s takes what that permits', (_, price, expected) => {
    const opening = signed();
    const closing = signed({ account: HELD, sizeDelta: -UNIT, reduceOnly: true });
    const accounts = [holder({ account: owned(10n ** 21n, 1n), positions: new Map([[0, position(UNIT)]]) })];
    const market = at(0, { quote: quoted({ price: price * USD }) });
    const taken = committed(planned([opening, closing], [market], { accounts }));
    expect([taken.includes(opening), taken.includes(closing)]).toEqual(expected);
  });

  it('that is unknown takes nothing', () => {
    expect(planned([signed({}, 7n)])).toEqual([]);
  });
});

describe('an order', () => {
  it.each([
    [NOW + 1n, false],
    [NOW + 2n, true],
  ])('with the deadline %s is committed: %s', (deadline, expected) => {
    expect(committed(planned([signed({ deadline })]))).toHaveLength(expected ? 1 : 0);
  });

  it.each([
    [NOW + 1n, false],
    [NOW + 2n, true],
    [NOW + 25n, true],
    [NOW + 26n, false],
  ])('of the moment until %s is committed: %s', (deadline, expected) => {
    expect(committed(planned([signed({ moment: true, deadline })]))).toHaveLength(expected ? 1 : 0);
  });

  it('without a size or a nonce, or of words that do not fit together, is left', () => {
    const unsound = signed({ trigger: { price: 0n, above: true } });
    expect(planned([signed({ sizeDelta: 0n }), signed({ nonce: 0n }), unsound])).toEqual([]);
  });

  it('is not committed while it pends, and is again when it is released', () => {
    const order = signed(below(2001n));
    const pending = (committedAt: bigint): PendingBatch[] => [{ index: 1n, committedAt, orders: [order.order] }];
    expect(committed(planned([order], [at(0, { pending: pending(NOW - 59n) })]))).toEqual([]);
    expect(committed(planned([order], [at(0, { pending: pending(NOW - 60n) })]))).toEqual([order]);
    expect(committed(planned([order]))).toEqual([order]);
  });

  it('waits while a commit of its account is on its way to another market', () => {
    const near = signed(below(2001n));
    const far = signed(below(2100n), 1n);
    expect(committed(planned([near, far], [at(0), at(1)]))).toEqual([far]);
    expect(committed(planned([near, far], [at(0), at(1)], { committing: [near] }))).toEqual([near]);
    const elsewhere = signed({ account: other(2), ...below(2100n) }, 1n);
    expect(committed(planned([near, elsewhere], [at(0), at(1)], { committing: [near] }))).toEqual([near, elsewhere]);
  });

  it('that shares its nonce with one before it waits', () => {
    const [one, two] = [signed({ nonce: 900n }), signed({ nonce: 900n, sizeDelta: 2n * UNIT })];
    expect(committed(planned([one, two]))).toEqual([one]);
    const elsewhere = signed({ nonce: 900n, account: other(2) });
    expect(committed(planned([one, elsewhere]))).toEqual([one, elsewhere]);
  });

  it.each([
    ['of its position', 3n, -5_000n, true],
    ['of an earlier one', 2n, -5_000n, false],
    ['of a part too small to trade', 3n, -0n, false],
  ])('attached: %s', (_, attachedTo, sizeDelta, expected) => {
    const positions = new Map([[0, { ...position(UNIT), generation: 3n }]]);
    const order = signed({ account: HELD, attachedTo, sizeDelta, reduceOnly: true });
    const accounts = [holder({ account: owned(10n ** 21n, 1n), positions })];
    expect(committed(planned([order], [at(0)], { accounts }))).toEqual(expected ? [order] : []);
  });

  it('that only reduces waits for a position of the other side', () => {
    const order = signed({ account: HELD, sizeDelta: -UNIT, reduceOnly: true });
    const held = (size: bigint) => [
      holder({ account: owned(10n ** 21n, 1n), positions: new Map([[0, position(size)]]) }),
    ];
    expect(committed(planned([order], [at(0)], { accounts: held(UNIT) }))).toEqual([order]);
    expect(committed(planned([order], [at(0)], { accounts: held(-UNIT) }))).toEqual([]);
    const elsewhere = [holder({ account: owned(10n ** 21n, 2n), positions: new Map([[1, position(UNIT)]]) })];
    expect(committed(planned([order], [at(0), at(1)], { accounts: elsewhere }))).toEqual([]);
  });

  it('of a position that has ended neither fires nor holds up the order that its account opens with', () => {
    // An account without positions is not among those that are known.
    const ended = [
      signed({ sizeDelta: -UNIT, reduceOnly: true, ...below(2100n) }),
      signed({ attachedTo: 1n, sizeDelta: -5_000n, reduceOnly: true, ...below(2100n) }),
    ];
    const opening = signed(below(2001n), 1n);
    expect(committed(planned([...ended, opening], [at(0), at(1)]))).toEqual([opening]);
  });
});

describe("an account's other markets", () => {
  const held = (age: bigint, changes: Partial<MarketSnapshot> = {}) =>
    at(1, { market: stored({ indexAt: NOW - age }), ...changes });
  const accounts = [holder({ account: owned(10n ** 21n, 2n), positions: new Map([[1, position(UNIT)]]) })];

  it.each([
    [58n, true, []],
    [59n, false, [1]],
  ])('with an index of %s s let it open: %s', (age, taken, pushes) => {
    const actions = planned([signed({ account: HELD })], [at(0), held(age)], { accounts });
    expect(committed(actions)).toHaveLength(taken ? 1 : 0);
    expect(pushed(actions)).toEqual(pushes);
  });

  it.each([
    [2n, []],
    [29n, []],
    [30n, [1]],
  ])('that are halted are not pushed anew before a heartbeat: %s s after the last', (age, expected) => {
    const halted = held(90n, { state: 5, pushed: { publishTime: NOW - 31n, at: NOW - age } });
    expect(pushed(planned([signed({ account: HELD })], [at(0), halted], { accounts }))).toEqual(expected);
  });

  it('do not hold up what reduces, and do not age when they have ended', () => {
    const both = [
      holder({ account: owned(10n ** 21n, 3n), positions: new Map([0, 1].map((id) => [id, position(UNIT)])) }),
    ];
    const closing = signed({ account: HELD, sizeDelta: -UNIT, reduceOnly: true });
    expect(committed(planned([closing], [at(0), held(300n)], { accounts: both }))).toEqual([closing]);
    const opening = signed({ account: HELD });
    const ended = held(300n, flagged(MarketFlags.Settled));
    expect(committed(planned([opening], [at(0), ended], { accounts }))).toEqual([opening]);
  });

  const busy = (market: bigint, pending: bigint, committedAt = NOW - 10n): AccountSnapshot =>
    holder({ account: { ...owned(10n ** 21n, 0n), market, pending, committedAt } });

  it('hold it up while orders pend there', () => {
    const order = signed({ account: HELD });
    const taken = (account: AccountSnapshot) =>
      committed(planned([order], [at(0), at(1)], { accounts: [account] })).length === 1;
    expect(taken(busy(1n, 1n))).toBe(false);
    expect(taken(busy(1n, 1n, NOW - 59n))).toBe(false);
    expect(taken(busy(1n, 1n, NOW - 60n))).toBe(true);
    expect(taken(busy(1n, 0n))).toBe(true);
    expect(taken(busy(0n, 7n))).toBe(true);
    expect(taken(busy(0n, 8n))).toBe(false);
  });

  it('hold it up though the account is not known', () => {
    const batch = { index: 0n, committedAt: NOW - 2n, orders: [signed().order] };
    expect(planned([signed()], [at(0), at(1, { pending: [batch] })])).toEqual([]);
  });

  it('wait when orders in two of them are met at once: the one that was met first goes', () => {
    const [near, far] = [signed(below(2001n), 0n), signed(below(2100n), 1n)];
    expect(committed(planned([near, far], [at(0), at(1)]))).toEqual([far]);
  });

  it('get no push for what their account cannot commit', () => {
    const order = signed({ account: HELD, ...below(2000n) });
    const markets = [priced(2001n, 1999n), at(1)];
    expect(planned([order], markets, { accounts: [busy(1n, 1n)] })).toEqual([]);
  });
});

describe('a batch', () => {
  const many = (count: number, fields: Partial<OrderFields> = {}) =>
    Array.from({ length: count }, (_, i) => signed({ account: other(i + 1), ...fields }));

  it('holds 32 of one market, and several go at once', () => {
    const actions = planned(
      [...many(40), ...many(1, { account: other(99) }).map((one) => ({ ...one, market: 1n }))],
      [at(0), at(1)],
    );
    expect(actions.map((one) => [one.key, committed([one]).length])).toEqual([
      ['commitSigned 0 0', 32],
      ['commitSigned 0 1', 8],
      ['commitSigned 1 0', 1],
    ]);
  });

  it('is one of four at most, so that all is settled in time', () => {
    expect(planned(many(200)).map((one) => committed([one]).length)).toEqual([32, 32, 32, 32]);
  });

  it('has first what was met first, and what waits for nothing before', () => {
    const orders = [below(2010n), above(1999n), below(2100n), above(1900n), {}].map((fields, i) =>
      signed({ ...fields, account: other(i + 1) }),
    );
    const taken = committed(planned(orders)).map((one) => orders.indexOf(one));
    expect(taken).toEqual([4, 2, 3, 0, 1]);
  });

  it('holds 8 of an account', () => {
    expect(committed(planned(Array.from({ length: 12 }, () => signed())))).toHaveLength(8);
  });
});
