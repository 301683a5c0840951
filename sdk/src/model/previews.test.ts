import { expect, test } from 'vitest';
import { ADMIN, ALICE, BOB, Exchange, KEEPER, MAX_LIMIT, UNIT, USDC, WAD } from '../../test/model/exchange.ts';
import { Failure, Permission, packOrder, Refusal } from '../math/index.ts';
import { accountOf, Engine } from './index.ts';

const alice = accountOf(ALICE);
const other = accountOf(ALICE, 1n);
const KEEPER_FEE = WAD / 2n;

/** Alice is long 40 ETH. */
function scene(): Exchange {
  const exchange = new Exchange();
  exchange.trade(ALICE, 0n, 40n * UNIT);
  exchange.time += 100n;
  exchange.do(KEEPER, { name: 'updateIndices', args: [7n] });
  return exchange;
}

const withdrawal = (e: Exchange, assets: bigint, to = ALICE) =>
  Engine.previewWithdrawal(e.state, e.call(ALICE), alice, assets, to);
const closing = (e: Exchange, size: bigint, limitPrice = 0n) =>
  Engine.previewCloseNow(e.state, e.call(ALICE), alice, 0n, size, limitPrice);
const committing = (e: Exchange, sizeDelta: bigint, market = 0n) =>
  Engine.previewCommit(e.state, e.call(ALICE), market, e.order(ALICE, sizeDelta), e.price(market));

/** The outcome of a trade that was tried. */
function filled({ outcome }: Engine.TradePreview) {
  if (!outcome || outcome === 'released') throw new Error('The trade was not tried.');
  return outcome;
}

test('a deposit moves the margin up and the liquidation price away', () => {
  const e = scene();
  const { before, after, fees, refusal } = Engine.previewDeposit(e.state, e.call(BOB), alice, 100n * USDC);
  expect([refusal, fees]).toEqual([null, { trade: 0n, keeper: 0n }]);
  expect(after.margin - before.margin).toBe(100n * WAD);
  expect(after.positions[0]?.position).toEqual(before.positions[0]?.position);
  const [now, later] = [before.positions[0]?.liquidation.now ?? 0n, after.positions[0]?.liquidation.now ?? 0n];
  expect(later).toBeLessThan(now);
  expect(now).toBeGreaterThan(0n);
});

test('a deposit that is refused says why', () => {
  const e = scene();
  const refusal = (assets: bigint) => Engine.previewDeposit(e.state, e.call(BOB), alice, assets).refusal;
  expect(refusal(0n)).toEqual({ name: 'ZeroAmount', args: [] });
  const room = (2n ** 96n - 1n - e.state.custody) / 10n ** 12n;
  expect(refusal(room + 1n)).toEqual({ name: 'CustodyFull', args: [room + 1n, room] });
});

test('a withdrawal moves the liquidation price near and says what has to stay', () => {
  const e = scene();
  const { before, after, rule, refusal } = withdrawal(e, 100n * USDC);
  expect(refusal).toBeNull();
  expect(before.margin - after.margin).toBe(100n * WAD);
  expect(after.positions[0]?.liquidation.now ?? 0n).toBeGreaterThan(before.positions[0]?.liquidation.now ?? 0n);
  const more = rule ? (rule.equity - rule.required) / 10n ** 12n : 0n;
  expect(withdrawal(e, 100n * USDC + more).refusal).toBeNull();
  expect(withdrawal(e, 101n * USDC + more).refusal?.name).toBe('EquityTooLow');
});

test('a withdrawal that is refused says why, and leaves the account', () => {
  const e = scene();
  const margin = e.margin(alice);
  expect(withdrawal(e, 0n).refusal).toEqual({ name: 'ZeroAmount', args: [] });
  expect(withdrawal(e, 60_000n * USDC).refusal).toEqual({ name: 'MarginTooLow', args: [margin, 60_000n * WAD] });
  const notHers = Engine.previewWithdrawal(e.state, e.call(BOB), alice, USDC, BOB);
  expect(notHers.refusal).toEqual({ name: 'NotAccountOwner', args: [BOB, ALICE] });
  expect(notHers.after).toEqual(notHers.before);
  e.do(ALICE, { name: 'commit', args: [0n, [e.order(ALICE, UNIT)]] });
  expect(withdrawal(e, USDC).refusal).toEqual({ name: 'OrdersPending', args: [1n, 0n] });
  e.do(ADMIN, { name: 'setPauseLevel', args: [2n] });
  expect(withdrawal(e, USDC).refusal).toEqual({ name: 'Paused', args: [2n, 1n] });
});

test('a move of margin shows both accounts', () => {
  const e = scene();
  const moved = Engine.previewMoveMargin(e.state, e.call(ALICE), alice, other, 100n * USDC);
  expect(moved.refusal).toBeNull();
  expect(moved.before.margin - moved.after.margin).toBe(100n * WAD);
  expect([moved.target.before.margin, moved.target.after.margin]).toEqual([0n, 100n * WAD]);
  const refusal = (to: `0x${string}`) => Engine.previewMoveMargin(e.state, e.call(ALICE), alice, to, USDC).refusal;
  expect(refusal(alice)).toEqual({ name: 'SameAccount', args: [alice] });
  expect(refusal(accountOf(BOB))).toEqual({ name: 'NotAccountOwner', args: [ALICE, BOB] });
  e.do(ALICE, { name: 'commit', args: [0n, [e.order(ALICE, UNIT)]] });
  expect(refusal(other)).toEqual({ name: 'OrdersPending', args: [1n, 0n] });
});

test('an immediate close shows its fee and what is left', () => {
  const e = scene();
  const part = closing(e, 10n * UNIT);
  const { fee, margin } = filled(part);
  expect([part.refusal, part.fees.keeper, part.fees.trade]).toEqual([null, 0n, fee]);
  expect(part.fees.trade).toBeGreaterThan(0n);
  expect(part.after.margin).toBe(margin);
  expect(part.after.positions[0]?.position.size).toBe(30n * UNIT);
  expect(closing(e, 100n * UNIT).after.positions).toEqual([]);
});

test('an immediate close that is refused says why', () => {
  const e = scene();
  expect(closing(e, 0n).refusal).toEqual({ name: 'ZeroSize', args: [] });
  const limit = { name: 'TradeFailed', args: [BigInt(Failure.LimitExceeded)] };
  expect(closing(e, UNIT, MAX_LIMIT).refusal).toEqual(limit);
  const none = Engine.previewCloseNow(e.state, e.call(ALICE), alice, 1n, UNIT, 0n);
  expect(none.refusal).toEqual({ name: 'TradeFailed', args: [BigInt(Failure.NothingToReduce)] });
  e.do(ALICE, { name: 'commit', args: [0n, [e.order(ALICE, UNIT)]] });
  expect(closing(e, UNIT).refusal).toEqual({ name: 'OrdersPending', args: [1n, 0n] });
  e.do(ADMIN, { name: 'setPauseLevel', args: [2n] });
  expect(closing(e, UNIT).refusal).toEqual({ name: 'Paused', args: [2n, 1n] });
});

test('an order before its commit costs the keeper too: what it foresees is what committing and settling leave', () => {
  const e = scene();
  const foreseen = committing(e, 10n * UNIT);
  expect([foreseen.refusal, foreseen.refusedAt, foreseen.fees.keeper]).toEqual([null, null, KEEPER_FEE]);
  const order = e.order(ALICE, 10n * UNIT);
  const [price, committedAt] = [e.price(0n), e.time];
  e.do(ALICE, { name: 'commit', args: [0n, [order]] });
  const committed = Engine.previewOrder(e.state, e.call(KEEPER), 0n, order, { price, committedAt });
  expect(committed).toEqual({ ...foreseen, before: committed.before, fees: committed.fees, refusedAt: undefined });
  expect(committed.fees).toEqual({ trade: foreseen.fees.trade, keeper: 0n });
  expect(foreseen.before.margin - committed.before.margin).toBe(KEEPER_FEE);
  e.do(KEEPER, { name: 'settle', args: [0n, [[order]]] });
  expect(e.margin(alice)).toBe(foreseen.after.margin);
  expect(foreseen.after.margin).toBe(foreseen.before.margin - KEEPER_FEE - foreseen.fees.trade);
  const risen = foreseen.after.positions[0]?.liquidation;
  expect(risen?.now ?? 0n).toBeGreaterThan(foreseen.before.positions[0]?.liquidation.now ?? 0n);
  expect(risen?.inOneDay ?? 0n).toBeGreaterThan(risen?.now ?? 0n);
});

test('an order that fails at its settlement has cost the keeper fee', () => {
  const e = scene();
  const order = packOrder({ account: alice, sizeDelta: -UNIT, limitPrice: MAX_LIMIT });
  const foreseen = Engine.previewCommit(e.state, e.call(ALICE), 0n, order, e.price(0n));
  expect(foreseen).toMatchObject({
    refusal: { name: 'TradeFailed', args: [BigInt(Failure.LimitExceeded)] },
    refusedAt: 'settlement',
    fees: { trade: 0n, keeper: KEEPER_FEE },
  });
  expect(foreseen.before.margin - foreseen.after.margin).toBe(KEEPER_FEE);
});

test('a commit that is refused says why', () => {
  const e = scene();
  const refused = (sizeDelta: bigint, market = 0n) => {
    const { refusal, refusedAt, after, before } = committing(e, sizeDelta, market);
    expect([refusedAt, after]).toEqual(['commit', before]);
    return refusal;
  };
  const refusedFor = (reason: Refusal, actual: bigint, limit: bigint) => ({
    name: 'OrderRefused',
    args: [BigInt(reason), actual, limit],
  });
  expect(refused(0n)).toEqual(refusedFor(Refusal.ZeroSize, 0n, 1n));
  expect(refused(UNIT, 9n)).toEqual({ name: 'UnknownMarket', args: [9n] });
  const required = KEEPER_FEE + (1000n * 2000n * WAD) / 10n;
  expect(refused(1000n * UNIT)).toEqual(refusedFor(Refusal.MarginTooLow, e.margin(alice), required));
  const stolen = Engine.previewCommit(e.state, e.call(BOB), 0n, e.order(ALICE, UNIT), e.price(0n));
  expect(stolen.refusal).toEqual(refusedFor(Refusal.DelegateNotPermitted, 0n, Permission.Open));
  for (let i = 0; i < 8; i++) e.do(ALICE, { name: 'commit', args: [0n, [e.order(ALICE, UNIT)]] });
  expect(refused(UNIT)).toEqual(refusedFor(Refusal.OrdersPending, 8n, 8n));
  const full = { ...e.state, queues: new Map(e.state.queues) };
  full.queues.set(0n, { head: 0n, tail: 1024n, escrow: 0n, keeperFeeCents: 50n, marginPerUnit: 1n });
  const late = Engine.previewCommit(full, e.call(ALICE), 0n, e.order(ALICE, UNIT), e.price(0n));
  expect(late.refusal).toEqual({ name: 'QueueFull', args: [1024n, 1024n] });
  e.do(ADMIN, { name: 'setPauseLevel', args: [2n] });
  expect(refused(UNIT)).toEqual({ name: 'Paused', args: [2n, 1n] });
});

test('while new risk is paused an order that opens is committed and fails, one that closes fills', () => {
  const e = scene();
  e.do(ADMIN, { name: 'setPauseLevel', args: [1n] });
  expect(committing(e, UNIT)).toMatchObject({
    refusal: { name: 'TradeFailed', args: [BigInt(Failure.OpeningPaused)] },
    refusedAt: 'settlement',
  });
  expect(committing(e, -UNIT).refusal).toBeNull();
});

test('a committed order whose account was liquidated since, or whose window is over, does not fill', () => {
  const e = scene();
  const order = e.order(ALICE, UNIT);
  const committedAt = e.time;
  e.do(ALICE, { name: 'commit', args: [0n, [order]] });
  const stored = e.state.accounts.get(alice);
  if (!stored) throw new Error('Alice has an account.');
  const purged = { ...e.state, accounts: new Map(e.state.accounts).set(alice, { ...stored, purge: 0n }) };
  const asked = { price: e.price(0n), committedAt };
  expect(Engine.previewOrder(purged, e.call(KEEPER), 0n, order, asked).refusal).toEqual({
    name: 'TradeFailed',
    args: [BigInt(Failure.Purged)],
  });
  e.time += 61n;
  expect(Engine.previewOrder(e.state, e.call(KEEPER), 0n, order, asked).refusal).toEqual({
    name: 'WindowEnded',
    args: [committedAt + 61n, committedAt + 60n],
  });
});

test('an order whose trigger is no longer met at its settlement is released: nothing is spent', () => {
  const e = scene();
  const trigger = { price: 2000n * WAD, above: true };
  const order = packOrder({ account: alice, sizeDelta: UNIT, limitPrice: MAX_LIMIT, trigger });
  const foreseen = (mid: bigint) => Engine.previewCommit(e.state, e.call(ALICE), 0n, order, e.price(0n, mid));
  expect(foreseen(2000n * WAD)).toMatchObject({ refusal: null, refusedAt: null, outcome: { sizeDelta: UNIT } });
  const released = foreseen(2000n * WAD - 1n);
  expect(released).toMatchObject({ refusal: null, refusedAt: null, outcome: 'released' });
  expect(released.after.margin).toBe(released.before.margin);
});

test('what can open asks for fresh indices of the account’s other markets, what cannot does not', () => {
  const e = scene();
  e.trade(ALICE, 1n, UNIT / 10n);
  e.time += 61n;
  const stale = { name: 'OrderRefused', args: [BigInt(Refusal.IndexStale), 61n, 60n] };
  expect(committing(e, UNIT)).toMatchObject({ refusal: stale, refusedAt: 'commit' });
  const reducing = packOrder({ account: alice, sizeDelta: -UNIT, limitPrice: 0n, reduceOnly: true });
  expect(Engine.previewCommit(e.state, e.call(ALICE), 0n, reducing, e.price(0n)).refusal).toBeNull();
  e.do(KEEPER, { name: 'updateIndices', args: [7n] });
  expect(committing(e, UNIT).refusal).toBeNull();
});

test('while orders pend in one market none is taken in another, until their minute is over', () => {
  const e = scene();
  e.do(ALICE, { name: 'commit', args: [0n, [e.order(ALICE, UNIT)]] });
  const elsewhere = { name: 'OrderRefused', args: [BigInt(Refusal.OrdersElsewhere), 0n, 1n] };
  expect(committing(e, UNIT / 10n, 1n)).toMatchObject({ refusal: elsewhere, refusedAt: 'commit' });
  expect(committing(e, UNIT).refusal).toBeNull();
  e.time += 60n;
  expect(committing(e, UNIT / 10n, 1n).refusal).toEqual(elsewhere);
  e.time += 1n;
  e.do(KEEPER, { name: 'updateIndices', args: [7n] });
  expect(committing(e, UNIT / 10n, 1n).refusal).toBeNull();
});

test('a committed order is judged by the other markets as they were at its commit', () => {
  const e = scene();
  e.trade(ALICE, 1n, 2n * UNIT);
  const order = e.order(ALICE, 40n * UNIT);
  const committedAt = e.time;
  e.do(ALICE, { name: 'commit', args: [0n, [order]] });
  e.time += 3n;
  const fallen = new Map([[1n, e.price(1n, 40_000n * WAD)]]);
  e.state = Engine.preview(e.state, e.call(KEEPER, fallen), { name: 'updateIndices', args: [2n] }).state;
  expect(e.state.markets.get(1n)?.index).toBe(40_000n * WAD);
  const asked = { price: e.price(0n), committedAt };
  expect(Engine.previewOrder(e.state, e.call(KEEPER), 0n, order, asked).refusal).toBeNull();
  const anew = { ...asked, committedAt: committedAt - 1n };
  expect(Engine.previewOrder(e.state, e.call(KEEPER), 0n, order, anew).refusal?.name).toBe('TradeFailed');
});
