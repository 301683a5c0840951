import { concatHex, encodeAbiParameters, type Hex, keccak256 } from 'viem';
import { type Account, Failure, MarketFlags, type Order, type Position, type Queue } from '../math/engineTypes.ts';
import * as FeeMath from '../math/feeMath.ts';
import { abs, BPS, min, mulDivUp, RAW_PER_WAD } from '../math/fixedPoint.ts';
import { closingSpread } from '../math/liquidationMath.ts';
import { emptyOutcome, type Outcome, type Trade } from '../math/tradeMath.ts';
import { applyTrade, asContract } from './applyTrade.ts';
import {
  copyState,
  type EngineState,
  INCLUSION_WINDOW,
  loadAccount,
  loadConfig,
  loadItem,
  loadMarket,
  loadQueue,
  MAX_BATCH,
  MAX_PENDING,
  MAX_SIZE,
  PRICE_DELAY,
  PRICE_WINDOW,
  RING,
  saveAccount,
} from './engineState.ts';
import {
  acceptIndex,
  type Book,
  type Call,
  checkFailure,
  checkPause,
  checkPrice,
  credit,
  currentPosition,
  insure,
  onlyOwner,
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

const PLACE = [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }] as const;
const ORDER = [{ type: 'bytes32' }, { type: 'int88' }, { type: 'uint96' }, { type: 'bool' }] as const;

const wordsOf = ({ account, sizeDelta, limitPrice, reduceOnly }: Order) =>
  encodeAbiParameters(ORDER, [account, sizeDelta, limitPrice, reduceOnly]);

/** First 200 bits of the hash of a batch's place, time and orders, whose words follow one another. */
export function digestOf(market: bigint, index: bigint, committedAt: bigint, orders: readonly Order[]): bigint {
  const place = encodeAbiParameters(PLACE, [market, index, committedAt]);
  return BigInt(keccak256(concatHex([place, ...orders.map(wordsOf)]))) >> 56n;
}

/** Appends one batch. @returns The state and the batch's place. */
export function commit(state: EngineState, call: Call, market: bigint, orders: readonly Order[]) {
  const s = copyState(state);
  const count = BigInt(orders.length);
  if (count === 0n || count > MAX_BATCH) throw new ModelError('BatchSize', [count, MAX_BATCH]);
  const { flags } = loadConfig(s, market);
  if ((flags & MarketFlags.Listed) === 0n) throw new ModelError('UnknownMarket', [market]);
  if ((flags & MarketFlags.Halted) !== 0n) throw new ModelError('Paused', [2n, 1n]);
  if ((flags & MarketFlags.Settled) !== 0n) throw new ModelError('MarketSettled', [market]);
  const queue = loadQueue(s, market);
  if (queue.tail - queue.head >= RING) throw new ModelError('QueueFull', [queue.tail - queue.head, RING]);
  const fee = queue.keeperFeeCents * CENT;
  for (const order of orders) commitOne(s, call, market, flags, order, fee);
  const index = queue.tail++;
  queue.escrow = BigInt.asUintN(96, queue.escrow + fee * count);
  s.queues.set(market, queue);
  s.items.set(`${market}/${index % RING}`, {
    digest: digestOf(market, index, call.time, orders),
    count,
    feeCents: queue.keeperFeeCents,
    committedAt: call.time,
  });
  return { state: s, index };
}

function commitOne(s: EngineState, call: Call, market: bigint, flags: bigint, order: Order, fee: bigint): void {
  onlyOwner(call, order.account);
  if (order.sizeDelta === 0n) throw new ModelError('ZeroSize');
  const stored = loadAccount(s, order.account);
  const pending = pendingOf(stored, call.time);
  if (pending >= MAX_PENDING) throw new ModelError('OrdersPending', [pending, MAX_PENDING]);
  let required = fee;
  if (!order.reduceOnly) {
    const { size } = currentPosition(s, order.account, market, flags);
    let opening = abs(order.sizeDelta);
    if (size !== 0n && size > 0n !== order.sizeDelta > 0n) opening -= min(opening, abs(size));
    const { initialMarginBps } = loadConfig(s, market);
    required += mulDivUp(opening, loadMarket(s, market).index * initialMarginBps, RAW_PER_WAD * BPS);
  }
  if (stored.margin < required) throw new ModelError('MarginTooLow', [stored.margin, required]);
  stored.margin -= fee;
  stored.pending = pending + 1n;
  stored.volume = FeeMath.decayed(stored.volume, stored.committedAt, call.time);
  stored.committedAt = call.time;
  saveAccount(s, order.account, stored);
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

  const outcomes: Outcome[] = [];
  let toKeeper = 0n;
  let toInsurance = 0n;
  for (const orders of batches) {
    const feeCents = checkBatch(s, market, queue, orders, committedAt);
    for (const order of orders) {
      const { outcome } = settleOne(s, book, order, committedAt, call.time);
      outcomes.push(outcome);
      if (outcome.failure === Failure.None) {
        toKeeper += feeCents * CENT;
      } else {
        toKeeper += feeCents * HALF_CENT;
        toInsurance += feeCents * HALF_CENT;
      }
    }
    queue.head++;
  }
  queue.escrow = BigInt.asUintN(96, queue.escrow - toKeeper - toInsurance);
  s.queues.set(market, queue);
  insure(s, book.pool, toInsurance);
  saveBook(s, book);
  credit(s, call.sender, toKeeper);
  return { state: s, outcomes };
}

function checkBatch(s: EngineState, market: bigint, queue: Queue, orders: readonly Order[], committedAt: bigint) {
  if (queue.head >= queue.tail) throw new ModelError('QueueEmpty', [market]);
  const item = loadItem(s, market, queue.head);
  if (item.committedAt !== committedAt) throw new ModelError('CommitTimeMismatch', [item.committedAt, committedAt]);
  if (item.digest !== digestOf(market, queue.head, committedAt, orders))
    throw new ModelError('BatchMismatch', [queue.head]);
  return item.feeCents;
}

/** Settles one order. @returns Its outcome, and the fee that was charged, USD, 18 decimals. */
export function settleOne(s: EngineState, book: Book, order: Order, committedAt: bigint, time: bigint) {
  const stored = loadAccount(s, order.account);
  stored.pending -= 1n;
  const position = currentPosition(s, order.account, book.id, book.config.flags);
  const outcome: Outcome =
    committedAt <= stored.purgedAt
      ? { ...emptyOutcome(), failure: Failure.Purged }
      : tryOrder(s, book, order, stored, position, time);
  if (outcome.failure !== Failure.None) {
    saveAccount(s, order.account, stored);
    return { outcome, fee: 0n };
  }
  stored.volume = FeeMath.grown(stored.volume, abs(outcome.sizeDelta) * book.price.mid);
  return { outcome, fee: asContract(() => applyTrade(s, book, order.account, stored, position, outcome, time)) };
}

function tryOrder(s: EngineState, book: Book, order: Order, stored: Account, position: Position, time: bigint) {
  const { mid, lo, hi } = book.price;
  const trade: Trade = {
    sizeDelta: order.sizeDelta,
    limitPrice: order.limitPrice,
    price: mid,
    spread: order.sizeDelta > 0n ? hi - mid : mid - lo,
    adverseLong: lo,
    adverseShort: hi,
    reduceOnly: order.reduceOnly,
    opening: book.pool.pauseLevel === 0n && (book.config.flags & MarketFlags.ReduceOnly) === 0n,
  };
  return asContract(() => tryTrade(s, book, order.account, stored, position, trade, time));
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
  onlyOwner(call, account);
  if (size === 0n) throw new ModelError('ZeroSize');
  const book = openLive(s, market, call.time);
  checkPause(book.pool, 1n);
  const stored = loadAccount(s, account);
  const pending = pendingOf(stored, call.time);
  if (pending !== 0n) throw new ModelError('OrdersPending', [pending, 0n]);
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
  };
  const outcome = asContract(() => tryTrade(s, book, account, stored, position, trade, call.time));
  checkFailure(outcome);
  const fee = asContract(() => applyTrade(s, book, account, stored, position, outcome, call.time));
  saveBook(s, book);
  return { state: s, outcome, fee };
}
