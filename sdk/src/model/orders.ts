import { type Address, concatHex, type Hex, keccak256, size, slice, toHex, zeroAddress } from 'viem';
import {
  type Account,
  type Delegation,
  Failure,
  MarketFlags,
  type Order,
  Permission,
  type Pin,
  type Position,
  type Price,
  type Queue,
  Refusal,
} from '../math/engineTypes.ts';
import * as FeeMath from '../math/feeMath.ts';
import { abs, divUp, min, RAW_PER_WAD, WAD } from '../math/fixedPoint.ts';
import * as FundingMath from '../math/fundingMath.ts';
import { closingSpread } from '../math/liquidationMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import * as OrderWords from '../math/orderWords.ts';
import { MAX_BUILDER_FEE, MOMENT_SPAN, OrderFlags } from '../math/orderWords.ts';
import { closingPart, emptyOutcome, type Outcome, type Trade } from '../math/tradeMath.ts';
import type { SignedWords } from '../orders/signedOrders.ts';
import { applyTrade, asContract } from './applyTrade.ts';
import {
  copyState,
  EARNINGS,
  type EngineState,
  INCLUSION_WINDOW,
  loadAccount,
  loadConfig,
  loadDelegation,
  loadItem,
  loadMarket,
  loadNonces,
  loadPin,
  loadQueue,
  MAX_BATCH,
  MAX_PENDING,
  MAX_SIZE,
  nonceKey,
  ownerOf,
  PRICE_DELAY,
  PRICE_WINDOW,
  PURGED_NOTHING,
  pairKey,
  RING,
  saveAccount,
  savePin,
} from './engineState.ts';
import {
  acceptIndex,
  type Book,
  bits,
  type Call,
  checkFailure,
  checkIdle,
  checkLive,
  checkPause,
  checkPrice,
  credit,
  currentPosition,
  insure,
  mayOpen,
  onlyOwner,
  openBook,
  openLive,
  PriceUse,
  pendingOf,
  presentPrice,
  saveBook,
  tryTrade,
} from './ledger.ts';
import { ModelError } from './modelError.ts';

// Orders and the immediate close, mirror of DerivativesEngine.sol. Source: docs/mechanism.md.

export const CENT = 10n ** 16n;
const HALF_CENT = CENT / 2n;
/** What a pin's age counts up to, seconds. */
const MAX_AGE = 2n ** 24n - 1n;
/** Of an EIP-2098 signature, bytes. */
const SIGNATURE_SIZE = 64;

const words = (...values: bigint[]): Hex => concatHex(values.map((value) => toHex(value, { size: 32 })));

/** First 200 bits of the hash of a batch's place, time and orders, whose words follow one another. */
export function digestOf(market: bigint, index: bigint, committedAt: bigint, orders: readonly Order[]): bigint {
  const told = orders.map(({ account, terms, extras }) => concatHex([account, words(terms, extras)]));
  return BigInt(keccak256(concatHex([words(market, index, committedAt), ...told]))) >> 56n;
}

/** Commits orders of the sender's, or of whoever made it a delegate. @returns The state and the batch's place. */
export function commit(state: EngineState, call: Call, market: bigint, orders: readonly Order[]) {
  const s = copyState(state);
  const queue = begin(s, market, orders.length);
  for (const order of orders) throwRefused(take(s, call, market, queue, order, call.sender, false));
  return finish(s, call, market, queue, orders);
}

/**
 * Commits signed orders.
 * @param others Signatures that do not fit into an order's words.
 * @returns The state, the batch's place, and of each order why it was left out.
 */
export function commitSigned(
  state: EngineState,
  call: Call,
  market: bigint,
  orders: readonly SignedWords[],
  others: readonly Hex[],
) {
  const s = copyState(state);
  const queue = begin(s, market, orders.length);
  const refused = orders.map((order): Refused | null => {
    const owner = ownerOf(order.account);
    const signer = signerOf(s, call, market, order, others);
    const known = signer && (signer.toLowerCase() === owner || loadDelegation(s, owner, signer).expiry !== 0n);
    if (known) return take(s, call, market, queue, order, signer, true);
    return { reason: Refusal.SignatureInvalid, actual: BigInt(signer ?? 0n), limit: BigInt(owner) };
  });
  const taken = orders.filter((_, i) => refused[i] === null);
  if (taken.length === 0) throwRefused(refused.at(-1) ?? null);
  return { ...finish(s, call, market, queue, taken), refused };
}

/** Tells everybody signed orders; nothing changes. */
export function announce(
  state: EngineState,
  _call: Call,
  _market: bigint,
  orders: readonly SignedWords[],
  _others: readonly Hex[],
) {
  checkBatchSize(orders.length);
  return { state };
}

/** Who has signed an order; null when nobody has. */
function signerOf(s: EngineState, call: Call, market: bigint, order: SignedWords, others: readonly Hex[]) {
  const { signatures } = call;
  const hash = OrderWords.hashOf(market, order);
  if (!signatures) return null;
  if (BigInt(order.vs) !== 0n) return signatures.recover(hash, order.r, order.vs);
  const alone = { hash, signature: others[Number(order.r)] ?? '0x' };
  const isBundled = (OrderWords.flagsOf(order.terms) & OrderFlags.Bundled) !== 0n;
  const signed = isBundled ? unbundled(alone) : alone;
  if (!signed) return null;
  const owner = ownerOf(order.account);
  const accepted = signatures.accepts(owner, signed.hash, signed.signature);
  if (size(signed.signature) === SIGNATURE_SIZE) {
    const [r, vs] = [slice(signed.signature, 0, 32), slice(signed.signature, 32)];
    const signer = signatures.recover(signed.hash, r, vs);
    if (accepted === null || signer?.toLowerCase() === owner) return signer;
    if (loadDelegation(s, owner, signer ?? zeroAddress).expiry !== 0n) return signer;
  }
  return accepted ? owner : null;
}

/** The bundle's hash and the signature alone; null when the order is not in it. */
function unbundled({ hash, signature }: { hash: Hex; signature: Hex }) {
  const byte = (at: number) => Number(`0x${signature.slice(2 + 2 * at, 4 + 2 * at)}`);
  if (size(signature) < 2) return null;
  const [count, place] = [byte(0), byte(1)];
  const head = 2 + 32 * count;
  if (count === 0 || BigInt(count) > MAX_BATCH || size(signature) < head || place >= count) return null;
  const hashes = Array.from({ length: count }, (_, i) => slice(signature, 2 + 32 * i, 34 + 32 * i));
  if (hashes[place] !== hash) return null;
  const rest: Hex = `0x${signature.slice(2 + 2 * head)}`;
  return { hash: OrderWords.bundleHash(hashes), signature: rest };
}

/** Why an order was not taken: what there was and what there should have been. */
export interface Refused {
  reason: Refusal;
  actual: bigint;
  limit: bigint;
}

function throwRefused(refused: Refused | null): void {
  if (refused) throw new ModelError('OrderRefused', [BigInt(refused.reason), refused.actual, refused.limit]);
}

function checkBatchSize(orders: number): void {
  const count = BigInt(orders);
  if (count === 0n || count > MAX_BATCH) throw new ModelError('BatchSize', [count, MAX_BATCH]);
}

function begin(s: EngineState, market: bigint, most: number): Queue {
  checkBatchSize(most);
  const queue = loadQueue(s, market);
  if (queue.marginPerUnit === 0n) refuseMarket(s, market);
  const length = queue.tail - queue.head;
  if (length >= RING) throw new ModelError('QueueFull', [length, RING]);
  return queue;
}

function refuseMarket(s: EngineState, market: bigint): never {
  const { flags } = loadConfig(s, market);
  if ((flags & MarketFlags.Listed) === 0n) throw new ModelError('UnknownMarket', [market]);
  if ((flags & MarketFlags.Settled) !== 0n) throw new ModelError('MarketSettled', [market]);
  throw new ModelError('Paused', [2n, 1n]);
}

function finish(s: EngineState, call: Call, market: bigint, queue: Queue, orders: readonly Order[]) {
  const count = BigInt(orders.length);
  const index = queue.tail;
  const escrow = BigInt.asUintN(96, queue.escrow + queue.keeperFeeCents * CENT * count);
  s.queues.set(market, { ...queue, tail: queue.tail + 1n, escrow });
  s.items.set(`${market}/${index % RING}`, {
    digest: digestOf(market, index, call.time, orders),
    count,
    feeCents: queue.keeperFeeCents,
    committedAt: call.time,
  });
  return { state: s, index };
}

/** Takes an order, or says why not and changes nothing but pins. */
function take(
  s: EngineState,
  call: Call,
  market: bigint,
  queue: Queue,
  { account, terms, extras }: Order,
  signer: Address,
  signed: boolean,
): Refused | null {
  if (BigInt.asUintN(96, BigInt(account)) === EARNINGS)
    return { reason: Refusal.AccountOfEarnings, actual: EARNINGS, limit: EARNINGS - 1n };
  const stored = loadAccount(s, account);
  const elapsed = call.time - stored.committedAt;
  let moments = elapsed < MOMENT_SPAN ? BigInt.asUintN(24, stored.moments << elapsed) : 0n;
  const unsound = checkWords(call.time, terms, extras);
  if (unsound) return unsound;
  const flags = OrderWords.flagsOf(terms);
  const nonce = OrderWords.nonceOf(terms);
  if (signed) {
    const moment = (flags & OrderFlags.Moment) === 0n ? null : momentOf(call.time, OrderWords.deadlineOf(terms));
    const used = moment
      ? moment.bit === 0n || (moments & moment.bit) !== 0n
      : nonce === 0n || ((loadNonces(s, account, nonce) >> (nonce & 255n)) & 1n) !== 0n;
    if (used) return { reason: Refusal.NonceUsed, actual: moment ? moment.end : nonce, limit: 0n };
    moments |= moment?.bit ?? 0n;
  } else if (nonce !== 0n) {
    return { reason: Refusal.TermsInvalid, actual: nonce, limit: 0n };
  }
  const pending = pendingOf(stored, call.time);
  if (pending !== 0n && stored.market !== market)
    return { reason: Refusal.OrdersElsewhere, actual: stored.market, limit: market };
  if (pending === MAX_PENDING) return { reason: Refusal.OrdersPending, actual: pending, limit: MAX_PENDING };
  const refused =
    checkExtras(s, market, account, terms, extras) ??
    pinOthers(s, call.time, stored.markets & ~(1n << market), terms) ??
    checkMargin(s, market, queue, account, terms, stored.margin) ??
    (signer.toLowerCase() === ownerOf(account) ? null : spendOnOrder(s, call.time, market, account, signer, terms));
  if (refused) return refused;
  if (signed && (flags & OrderFlags.Moment) === 0n)
    s.nonces.set(nonceKey(account, nonce), loadNonces(s, account, nonce) | (1n << (nonce & 255n)));
  saveAccount(s, account, {
    margin: stored.margin - queue.keeperFeeCents * CENT,
    committedAt: call.time,
    markets: stored.markets,
    moments,
    purge: elapsed > INCLUSION_WINDOW ? PURGED_NOTHING : min(stored.purge + elapsed, PURGED_NOTHING),
    market,
    pending: pending + 1n,
    volume: FeeMath.decayed(stored.volume, stored.committedAt, call.time),
  });
  return null;
}

function checkWords(time: bigint, terms: bigint, extras: bigint): Refused | null {
  if (OrderWords.sizeDeltaOf(terms) === 0n) return { reason: Refusal.ZeroSize, actual: 0n, limit: 1n };
  if (!OrderWords.isSound(terms, extras))
    return { reason: Refusal.TermsInvalid, actual: OrderWords.flagsOf(terms), limit: 0n };
  const deadline = OrderWords.deadlineOf(terms);
  if (deadline === 0n || time <= deadline) return null;
  return { reason: Refusal.DeadlinePassed, actual: time, limit: deadline };
}

/** The bit of an order of the moment, zero when its time has not begun, and when it ends. */
function momentOf(time: bigint, deadline: bigint) {
  const left = deadline - min(deadline, time);
  return { bit: left < MOMENT_SPAN ? 1n << (MOMENT_SPAN - 1n - left) : 0n, end: time + left };
}

function checkExtras(s: EngineState, market: bigint, account: Hex, terms: bigint, extras: bigint): Refused | null {
  const actual = OrderWords.builderFeeOf(extras);
  if (actual !== 0n) {
    const builder = toHex(OrderWords.builderOf(extras), { size: 20 });
    const limit = s.builderFees.get(pairKey(ownerOf(account), builder)) ?? 0n;
    if (actual > limit) return { reason: Refusal.BuilderNotApproved, actual, limit };
  }
  const { index } = loadMarket(s, market);
  if (OrderWords.isTriggered(terms, extras, index)) return null;
  return { reason: Refusal.TriggerNotMet, actual: index, limit: OrderWords.triggerPriceOf(extras) };
}

/** Pins the account's other markets at what they are now. What can open asks that their indices are not old. */
function pinOthers(s: EngineState, time: bigint, markets: bigint, terms: bigint): Refused | null {
  for (const id of bits(markets)) {
    const { age } = pin(s, id, time);
    if (OrderWords.mayOpen(terms) && age > MarginMath.MAX_INDEX_AGE)
      return { reason: Refusal.IndexStale, actual: age, limit: MarginMath.MAX_INDEX_AGE };
  }
  return null;
}

/** Pins a market for this second, unless it is. */
function pin(s: EngineState, id: bigint, time: bigint): Pin {
  const pinned = loadPin(s, id, time);
  if (pinned) return pinned;
  const market = loadMarket(s, id);
  const config = loadConfig(s, id);
  const ages = (config.flags & MarketFlags.Settled) === 0n;
  if (ages) FundingMath.accrue(market, config, time);
  const age = ages ? min(time - min(time, market.indexAt), MAX_AGE) : 0n;
  const made = { funding: market.funding, index: market.index, committedAt: time, age };
  savePin(s, id, made);
  return made;
}

function checkMargin(
  s: EngineState,
  market: bigint,
  queue: Queue,
  account: Hex,
  terms: bigint,
  margin: bigint,
): Refused | null {
  const has = (flag: bigint) => (OrderWords.flagsOf(terms) & flag) !== 0n;
  const fee = queue.keeperFeeCents * CENT;
  const initial = (opening: bigint) =>
    has(OrderFlags.ReduceOnly) ? 0n : divUp(abs(opening) * queue.marginPerUnit, 10_000n);
  let sizeDelta = OrderWords.sizeDeltaOf(terms);
  if (!has(OrderFlags.Attached) && margin >= fee + initial(sizeDelta)) return null;
  const { size, generation } = currentPosition(s, account, market, loadConfig(s, market).flags);
  if (has(OrderFlags.Attached)) {
    const limit = OrderWords.generationOf(terms);
    if (size === 0n || generation !== limit) return { reason: Refusal.PositionEnded, actual: generation, limit };
    sizeDelta = OrderWords.partOf(size, sizeDelta);
  }
  const required = fee + initial(sizeDelta - closingPart(size, sizeDelta));
  return margin >= required ? null : { reason: Refusal.MarginTooLow, actual: margin, limit: required };
}

/** Uses up a delegate's allowance of the day for an order. */
function spendOnOrder(
  s: EngineState,
  time: bigint,
  market: bigint,
  account: Hex,
  delegate: Address,
  terms: bigint,
): Refused | null {
  const has = (flag: bigint) => (OrderWords.flagsOf(terms) & flag) !== 0n;
  let sizeDelta = OrderWords.sizeDeltaOf(terms);
  if (has(OrderFlags.Attached))
    sizeDelta = OrderWords.partOf(currentPosition(s, account, market, loadConfig(s, market).flags).size, sizeDelta);
  const needed = has(OrderFlags.ReduceOnly) ? Permission.Reduce : Permission.Open;
  return spend(s, time, market, ownerOf(account), delegate, needed, abs(sizeDelta));
}

/** Uses up a delegate's allowance of the day, at the index. @param size Base units, 12 decimals. */
function spend(
  s: EngineState,
  time: bigint,
  market: bigint,
  owner: Address,
  delegate: Address,
  needed: bigint,
  size: bigint,
): Refused | null {
  const delegation = loadDelegation(s, owner, delegate);
  if (!isPermitted(delegation, time, market, needed))
    return { reason: Refusal.DelegateNotPermitted, actual: delegation.permissions, limit: needed };
  const day = time / FeeMath.DAY;
  const notional = divUp(size * loadMarket(s, market).index, WAD * RAW_PER_WAD);
  const spent = (delegation.day === day ? delegation.spent : 0n) + notional;
  if (spent > delegation.dailyLimit)
    return { reason: Refusal.DelegateLimit, actual: spent, limit: delegation.dailyLimit };
  s.delegations.set(pairKey(owner, delegate), { ...delegation, spent, day });
  return null;
}

/** Whether a delegate may do something in a market now. @param needed Of {@link Permission}. */
export function isPermitted(delegation: Delegation, time: bigint, market: bigint, needed: bigint): boolean {
  const { expiry, markets, permissions } = delegation;
  return time < expiry && ((markets >> market) & 1n) !== 0n && (permissions & needed) !== 0n;
}

/** Lets somebody trade for all of the sender's accounts. What was spent today counts on. */
export function setDelegate(
  state: EngineState,
  call: Call,
  delegate: Address,
  { expiry, markets, permissions, dailyLimit }: Delegation,
) {
  const s = copyState(state);
  const before = loadDelegation(s, call.sender, delegate);
  s.delegations.set(pairKey(call.sender, delegate), { ...before, expiry, markets, permissions, dailyLimit });
  return { state: s };
}

/** Lets a builder charge up to `maxFee`, tenths of a basis point. */
export function approveBuilder(state: EngineState, call: Call, builder: Address, maxFee: bigint) {
  const s = copyState(state);
  if (maxFee > MAX_BUILDER_FEE) throw new ModelError('BuilderFeeTooHigh', [maxFee, MAX_BUILDER_FEE]);
  s.builderFees.set(pairKey(call.sender, builder), maxFee);
  return { state: s };
}

/** Uses up nonces. @param nonces Bit i set: nonce `word` · 256 + i. */
export function cancelNonces(state: EngineState, call: Call, account: Hex, word: bigint, nonces: bigint) {
  const s = copyState(state);
  onlyOwner(call, account);
  const key = `${account.toLowerCase()}/${word}`;
  for (const used of [s.nonces, s.cancelled]) used.set(key, (used.get(key) ?? 0n) | nonces);
  return { state: s };
}

/** Settles consecutive batches of one block. @returns The state and every order's outcome, in order. */
export function settle(state: EngineState, call: Call, market: bigint, batches: readonly (readonly Order[])[]) {
  const s = copyState(state);
  const book = openLive(s, market, call.time);
  checkPause(book.pool, 1n);
  const queue = loadQueue(s, market);
  if (queue.head >= queue.tail) throw new ModelError('QueueEmpty', [market]);
  const { committedAt } = loadItem(s, market, queue.head);
  const end = committedAt + INCLUSION_WINDOW;
  if (call.time > end) throw new ModelError('WindowEnded', [call.time, end]);
  book.price = call.oracle.settlementPrice(market, committedAt + PRICE_DELAY, committedAt + PRICE_WINDOW);
  checkPrice(book.price);
  acceptIndex(book.market, book.price);

  const outcomes: (Outcome | 'released')[] = [];
  let toKeeper = 0n;
  let toInsurance = 0n;
  let released = 0n;
  for (const orders of batches) {
    const half = checkBatch(s, market, queue, orders, committedAt) * HALF_CENT;
    for (const order of orders) {
      if (release(s, book, order, committedAt, 2n * half)) {
        outcomes.push('released');
        released += 2n * half;
        continue;
      }
      const { outcome } = settleOne(s, book, order, committedAt, call.time);
      outcomes.push(outcome);
      toKeeper += outcome.failure === Failure.None ? 2n * half : half;
      toInsurance += outcome.failure === Failure.None ? 0n : half;
    }
    queue.head++;
  }
  queue.escrow = BigInt.asUintN(96, queue.escrow - toKeeper - toInsurance - released);
  queue.marginPerUnit = MarginMath.perUnit(book.market.index, book.config.initialMarginBps);
  s.queues.set(market, queue);
  insure(s, book.pool, toInsurance);
  saveBook(s, book);
  credit(s, call.sender, toKeeper, call.time);
  return { state: s, outcomes };
}

const isPurged = (stored: Account, committedAt: bigint) => committedAt + stored.purge <= stored.committedAt;

/** Gives an order back whose trigger is not met at the price. @returns Whether it did. */
export function release(s: EngineState, book: Book, order: Order, committedAt: bigint, fee: bigint): boolean {
  const stored = loadAccount(s, order.account);
  if (isPurged(stored, committedAt) || OrderWords.isTriggered(order.terms, order.extras, book.price.mid)) return false;
  saveAccount(s, order.account, { ...stored, margin: stored.margin + fee, pending: stored.pending - 1n });
  const nonce = OrderWords.nonceOf(order.terms);
  if (nonce !== 0n) {
    const key = nonceKey(order.account, nonce);
    const freed = (1n << (nonce & 255n)) & ~(s.cancelled.get(key) ?? 0n);
    s.nonces.set(key, loadNonces(s, order.account, nonce) & ~freed);
  }
  return true;
}

function checkBatch(s: EngineState, market: bigint, queue: Queue, orders: readonly Order[], committedAt: bigint) {
  if (queue.head >= queue.tail) throw new ModelError('QueueEmpty', [market]);
  const item = loadItem(s, market, queue.head);
  if (item.committedAt !== committedAt) throw new ModelError('CommitTimeMismatch', [item.committedAt, committedAt]);
  if (item.digest !== digestOf(market, queue.head, committedAt, orders))
    throw new ModelError('BatchMismatch', [queue.head]);
  return item.feeCents;
}

/** Settles one order that is not released. @returns Its outcome, and the fee that was charged, USD, 18 decimals. */
export function settleOne(s: EngineState, book: Book, order: Order, committedAt: bigint, time: bigint) {
  const stored = loadAccount(s, order.account);
  const purged = isPurged(stored, committedAt);
  stored.pending -= 1n;
  const position = currentPosition(s, order.account, book.id, book.config.flags);
  const outcome: Outcome = purged
    ? { ...emptyOutcome(), failure: Failure.Purged }
    : tryOrder(s, book, order, stored, position, committedAt, time);
  if (outcome.failure !== Failure.None) {
    saveAccount(s, order.account, stored);
    return { outcome, fee: 0n };
  }
  stored.volume = FeeMath.grown(stored.volume, abs(outcome.sizeDelta) * book.price.mid);
  const charged = asContract(() => applyTrade(s, book, order.account, stored, position, outcome, time));
  if (charged.builderFee !== 0n)
    credit(s, toHex(OrderWords.builderOf(order.extras), { size: 20 }), charged.builderFee, time);
  return { outcome, fee: charged.fee };
}

/** The trade that an order is at a price; null when it is attached to a position that has ended. */
export function tradeOf({ terms, extras }: Order, position: Position, price: Price, opening: boolean): Trade | null {
  const { mid, lo, hi } = price;
  const has = (flag: bigint) => (OrderWords.flagsOf(terms) & flag) !== 0n;
  let sizeDelta = OrderWords.sizeDeltaOf(terms);
  if (has(OrderFlags.Attached)) {
    sizeDelta = OrderWords.partOf(position.size, sizeDelta);
    if (position.generation !== OrderWords.generationOf(terms) || sizeDelta === 0n) return null;
  }
  return {
    sizeDelta,
    limitPrice: OrderWords.limitPriceOf(terms),
    price: mid,
    spread: sizeDelta > 0n ? hi - mid : mid - lo,
    adverseLong: lo,
    adverseShort: hi,
    reduceOnly: has(OrderFlags.ReduceOnly),
    opening,
    builderFee: OrderWords.builderFeeOf(extras),
  };
}

function tryOrder(
  s: EngineState,
  book: Book,
  order: Order,
  stored: Account,
  position: Position,
  committedAt: bigint,
  time: bigint,
) {
  const trade = tradeOf(order, position, book.price, mayOpen(book));
  if (trade === null) return { ...emptyOutcome(), failure: Failure.PositionEnded };
  return asContract(() => tryTrade(s, book, order.account, stored, position, trade, time, committedAt));
}

/** Reduce-only close at the adverse side. @returns The state, the outcome, and the fee charged, USD, 18 decimals. */
export function closeNow(
  state: EngineState,
  call: Call,
  account: Hex,
  market: bigint,
  size: bigint,
  limitPrice: bigint,
) {
  const s = copyState(state);
  if (loadDelegation(s, ownerOf(account), call.sender).expiry === 0n) onlyOwner(call, account);
  if (size === 0n) throw new ModelError('ZeroSize');
  const book = openBook(s, market, call.time);
  if (call.sender.toLowerCase() !== ownerOf(account)) spendOnClose(s, call, account, market, size);
  checkLive(book);
  checkPause(book.pool, 1n);
  const stored = loadAccount(s, account);
  checkIdle(stored, call.time);
  const position = currentPosition(s, account, market, book.config.flags);
  presentPrice(book, call, PriceUse.CloseNow);

  const buys = position.size < 0n;
  const trade: Trade = {
    sizeDelta: buys ? min(size, MAX_SIZE) : -min(size, MAX_SIZE),
    limitPrice,
    price: book.price.mid,
    spread: closingSpread(book.price, buys),
    adverseLong: book.price.lo,
    adverseShort: book.price.hi,
    reduceOnly: true,
    opening: false,
    builderFee: 0n,
  };
  const outcome = asContract(() => tryTrade(s, book, account, stored, position, trade, call.time));
  checkFailure(outcome);
  const { fee } = asContract(() => applyTrade(s, book, account, stored, position, outcome, call.time));
  saveBook(s, book);
  return { state: s, outcome, fee };
}

/** Who is neither owner nor delegate is told so. */
function spendOnClose(s: EngineState, call: Call, account: Hex, market: bigint, size: bigint): void {
  const owner = ownerOf(account);
  const position = currentPosition(s, account, market, loadConfig(s, market).flags);
  const closed = min(size, abs(position.size));
  throwRefused(spend(s, call.time, market, owner, call.sender, Permission.CloseNow, closed));
}
