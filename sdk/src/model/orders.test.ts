import { type Address, concatHex, type Hex, toHex, zeroHash } from 'viem';
import { expect, test } from 'vitest';
import { ALICE, BOB, Exchange, KEEPER, UNIT, WAD } from '../../test/model/exchange.ts';
import { type Delegation, Failure, OrderFlags, OrderWords, Permission, packOrder, Refusal } from '../math/index.ts';
import { encodeBundleProof } from '../orders/signatures.ts';
import { encodeSigned } from '../orders/signedOrders.ts';
import { accountOf, Engine, type Signatures } from './index.ts';

const alice = accountOf(ALICE);
const KEEPER_FEE = WAD / 2n;
const MAX = OrderWords.MAX_LIMIT_PRICE;

/** A signature that names its signer: stands for one of a key. */
const signedBy = (signer: Address): Hex => concatHex([toHex(BigInt(signer), { size: 32 }), toHex(1n, { size: 32 })]);
const SIGNATURES: Signatures = {
  recover: (_, r) => (BigInt(r) === 0n ? null : toHex(BigInt(r), { size: 20 })),
  accepts: () => null,
};

type Fields = Partial<OrderWords.OrderFields>;
const order = (fields: Fields = {}) => packOrder({ account: alice, sizeDelta: UNIT, limitPrice: MAX, ...fields });

/** What committing orders signed by `signer` comes to. */
function commitSigned(e: Exchange, signer: Address, ...orders: ReturnType<typeof order>[]) {
  const encoded = encodeSigned(orders.map((one) => ({ order: one, signature: signedBy(signer) })));
  const call = { ...e.call(KEEPER), signatures: SIGNATURES };
  const { state, result, refusal } = Engine.preview(e.state, call, {
    name: 'commitSigned',
    args: [0n, encoded.orders, encoded.others],
  });
  e.state = state;
  return { reasons: result?.refused.map((one) => one?.reason ?? null), refusal };
}

function allow(e: Exchange, delegate: Address, changes: Partial<Delegation> = {}): void {
  const all = { expiry: e.time + 100n, markets: 1n, permissions: 7n, dailyLimit: 10_000n, spent: 0n, day: 0n };
  e.do(ALICE, { name: 'setDelegate', args: [delegate, { ...all, ...changes }] });
}

const refusedFor = (reason: Refusal) => ({ name: 'OrderRefused', args: [BigInt(reason)] });
const refusalOf = (e: Exchange, sender: Address, ...orders: ReturnType<typeof order>[]) => {
  const { refusal } = Engine.preview(e.state, e.call(sender), { name: 'commit', args: [0n, orders] });
  return refusal && { ...refusal, args: refusal.args.slice(0, 1) };
};
const settle = (e: Exchange, orders: ReturnType<typeof order>[], mid?: bigint) => {
  e.time += 3n;
  const call = e.call(KEEPER, new Map([[0n, e.price(0n, mid)]]));
  const { state, result } = Engine.preview(e.state, call, { name: 'settle', args: [0n, [orders]] });
  e.state = state;
  return result?.outcomes.map((one) => (one === 'released' ? one : one.failure));
};

test('a signed order is taken once, by its nonce', () => {
  const e = new Exchange();
  const signed = order({ nonce: 300n });
  expect(commitSigned(e, ALICE, signed)).toEqual({ reasons: [null], refusal: null });
  expect(commitSigned(e, ALICE, signed).refusal).toEqual({
    name: 'OrderRefused',
    args: [BigInt(Refusal.NonceUsed), 300n, 0n],
  });
  expect(commitSigned(e, ALICE, signed, order({ nonce: 44n })).reasons).toEqual([Refusal.NonceUsed, null]);
  expect(commitSigned(e, ALICE, order()).refusal?.args[0]).toBe(BigInt(Refusal.NonceUsed));
});

test('an order of the moment uses up one second, within 24 of its deadline', () => {
  const e = new Exchange();
  const until = (seconds: bigint) => order({ moment: true, deadline: e.time + seconds });
  const far = until(24n);
  expect(commitSigned(e, ALICE, far).refusal?.args[0]).toBe(BigInt(Refusal.NonceUsed));
  const near = until(23n);
  expect(commitSigned(e, ALICE, near, near, until(0n)).reasons).toEqual([null, Refusal.NonceUsed, null]);
  e.time += 1n;
  expect(commitSigned(e, ALICE, near, far).reasons).toEqual([Refusal.NonceUsed, null]);
  e.time += 23n;
  expect(commitSigned(e, ALICE, near).refusal?.args[0]).toBe(BigInt(Refusal.DeadlinePassed));
});

test('only the owner and those whom the owner named sign', () => {
  const e = new Exchange();
  expect(commitSigned(e, BOB, order({ nonce: 1n })).refusal?.args).toEqual([
    BigInt(Refusal.SignatureInvalid),
    BigInt(BOB),
    BigInt(ALICE),
  ]);
  allow(e, BOB);
  expect(commitSigned(e, BOB, order({ nonce: 1n })).reasons).toEqual([null]);
});

test('of orders signed together each is taken with its place among them', () => {
  const e = new Exchange();
  const orders = [order({ nonce: 1n, bundled: true }), order({ nonce: 2n, bundled: true })];
  const hashes = orders.map((one) => OrderWords.hashOf(0n, one));
  const proof = (place: number) => encodeBundleProof({ place, hashes, signature: signedBy(ALICE) });
  const call = { ...e.call(KEEPER), signatures: SIGNATURES };
  const others = [proof(0), proof(1)];
  const words = (place: bigint, i: number) => ({
    ...order(),
    ...orders[i],
    r: toHex(place, { size: 32 }),
    vs: zeroHash,
  });
  const args = (...places: [bigint, number][]) => places.map(([place, i]) => words(place, i));
  const reasons = (...places: [bigint, number][]) =>
    Engine.commitSigned(e.state, call, 0n, args(...places), others).refused.map((one) => one?.reason ?? null);
  expect(reasons([0n, 0], [1n, 1])).toEqual([null, null]);
  expect(reasons([1n, 0], [1n, 1])).toEqual([Refusal.SignatureInvalid, null]);
  expect(reasons([2n, 0], [1n, 1])).toEqual([Refusal.SignatureInvalid, null]);
});

test('a delegate does what is permitted, where, until when and up to a day’s limit', () => {
  const e = new Exchange();
  const none = refusedFor(Refusal.DelegateNotPermitted);
  expect(refusalOf(e, BOB, order())).toEqual(none);
  allow(e, BOB, { permissions: Permission.Reduce });
  expect(refusalOf(e, BOB, order())).toEqual(none);
  expect(refusalOf(e, BOB, order({ reduceOnly: true }))).toBeNull();
  allow(e, BOB, { markets: 2n });
  expect(refusalOf(e, BOB, order())).toEqual(none);
  allow(e, BOB, { expiry: e.time });
  expect(refusalOf(e, BOB, order())).toEqual(none);
  allow(e, BOB, { dailyLimit: 4000n });
  expect(refusalOf(e, BOB, order(), order())).toBeNull();
  expect(refusalOf(e, BOB, order(), order(), order({ sizeDelta: 1n }))).toEqual(refusedFor(Refusal.DelegateLimit));
});

test('a delegate closes at once where that is permitted; whoever is none is told so', () => {
  const e = new Exchange();
  e.trade(ALICE, 0n, 2n * UNIT);
  const closing = (sender: Address) =>
    Engine.preview(e.state, e.call(sender), { name: 'closeNow', args: [alice, 0n, 100n * UNIT, 0n] }).refusal;
  expect(closing(BOB)).toEqual({ name: 'NotAccountOwner', args: [BOB, ALICE] });
  allow(e, BOB, { permissions: Permission.Open });
  expect(closing(BOB)?.args[0]).toBe(BigInt(Refusal.DelegateNotPermitted));
  allow(e, BOB, { dailyLimit: 3999n });
  expect(closing(BOB)?.args).toEqual([BigInt(Refusal.DelegateLimit), 4000n, 3999n]);
  allow(e, BOB, { dailyLimit: 4000n });
  expect(closing(BOB)).toBeNull();
});

test('a builder gets what the owner has approved, out of the fee', () => {
  const e = new Exchange();
  const paying = order({ builder: { address: BOB, fee: 20n } });
  expect(refusalOf(e, ALICE, paying)).toEqual(refusedFor(Refusal.BuilderNotApproved));
  e.do(ALICE, { name: 'approveBuilder', args: [BOB, 20n] });
  e.do(ALICE, { name: 'commit', args: [0n, [paying]] });
  const before = e.margin(accountOf(BOB));
  expect(settle(e, [paying])).toEqual([Failure.None]);
  expect(e.margin(accountOf(BOB)) - before).toBe((2000n * WAD * 2n) / 10_000n);
});

test('a trigger must be met at the commit; no longer met at the settlement, the order is given back', () => {
  const e = new Exchange();
  const trigger = (price: bigint) => order({ nonce: 7n, trigger: { price: price * WAD, above: true } });
  expect(commitSigned(e, ALICE, trigger(2001n)).refusal?.args[0]).toBe(BigInt(Refusal.TriggerNotMet));
  const met = trigger(2000n);
  const margin = e.margin(alice);
  expect(commitSigned(e, ALICE, met).reasons).toEqual([null]);
  expect(e.margin(alice)).toBe(margin - KEEPER_FEE);
  expect(settle(e, [met], 1999n * WAD)).toEqual(['released']);
  expect(e.margin(alice)).toBe(margin);
  expect(commitSigned(e, ALICE, met).refusal?.args[0]).toBe(BigInt(Refusal.TriggerNotMet));
  e.time += 1n;
  e.do(KEEPER, { name: 'updateIndices', args: [1n] });
  expect(commitSigned(e, ALICE, met).reasons).toEqual([null]);
  expect(settle(e, [met])).toEqual([Failure.None]);
  expect(commitSigned(e, ALICE, met).refusal?.args[0]).toBe(BigInt(Refusal.NonceUsed));
});

test('what is attached to a position trades a share of it and dies with it', () => {
  const e = new Exchange();
  const closing = order({ sizeDelta: -10_000n, limitPrice: 0n, attachedTo: 0n });
  expect(refusalOf(e, ALICE, closing)).toEqual(refusedFor(Refusal.PositionEnded));
  e.trade(ALICE, 0n, 3n * UNIT);
  e.do(ALICE, { name: 'commit', args: [0n, [closing, closing]] });
  expect(settle(e, [closing, closing])).toEqual([Failure.None, Failure.PositionEnded]);
  e.trade(ALICE, 0n, 3n * UNIT);
  expect(refusalOf(e, ALICE, closing)).toEqual(refusedFor(Refusal.PositionEnded));
  expect(refusalOf(e, ALICE, order({ sizeDelta: -20_000n, limitPrice: 0n, attachedTo: 1n }))).toBeNull();
});

test('while orders pend nothing that their owner does changes the account; what others pay waits elsewhere', () => {
  const e = new Exchange();
  e.trade(ALICE, 0n, UNIT);
  const orders = [order(), order()];
  e.do(ALICE, { name: 'commit', args: [0n, orders] });
  const pending = { name: 'OrdersPending', args: [2n, 0n] };
  const refusal = (operation: Engine.OperationCall) => Engine.preview(e.state, e.call(ALICE), operation).refusal;
  expect(refusal({ name: 'deposit', args: [alice, 1n] })).toEqual(pending);
  expect(refusal({ name: 'collectClaim', args: [alice] })).toEqual(pending);
  expect(refusal({ name: 'moveMargin', args: [accountOf(ALICE, 1n), alice, 1n] })).toEqual(pending);
  const bobs = packOrder({ account: accountOf(BOB), sizeDelta: UNIT, limitPrice: MAX });
  e.do(BOB, { name: 'commit', args: [1n, [bobs]] });
  e.time += 3n;
  const margin = e.margin(alice);
  e.do(ALICE, { name: 'settle', args: [1n, [[bobs]]] });
  const earnings = accountOf(ALICE, 2n ** 96n - 1n);
  expect([e.margin(alice) - margin, e.margin(earnings)]).toEqual([0n, KEEPER_FEE]);
  expect(refusalOf(e, ALICE, order({ account: earnings }))).toEqual(refusedFor(Refusal.AccountOfEarnings));
});

test('what is cancelled or does not fit together is refused', () => {
  const e = new Exchange();
  e.do(ALICE, { name: 'cancelNonces', args: [alice, 1n, 1n << 4n] });
  expect(commitSigned(e, ALICE, order({ nonce: 260n })).refusal?.args[0]).toBe(BigInt(Refusal.NonceUsed));
  expect(commitSigned(e, ALICE, order({ nonce: 261n })).reasons).toEqual([null]);
  const { terms, ...rest } = order();
  const torn = { ...rest, terms: terms | (OrderFlags.Above << 248n) };
  expect(refusalOf(e, ALICE, torn)).toEqual(refusedFor(Refusal.TermsInvalid));
});
