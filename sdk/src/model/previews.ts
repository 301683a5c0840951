import type { Address, Hex } from 'viem';
import { Failure, type Order, type Price } from '../math/engineTypes.ts';
import type { Outcome } from '../math/tradeMath.ts';
import { type AccountView, viewAccount } from './accountView.ts';
import { leavingMarkets } from './collateral.ts';
import { copyState, type EngineState, INCLUSION_WINDOW, loadItem, loadQueue } from './engineState.ts';
import { acceptIndex, bits, type Call, checkPause, checkPrice, openLive, PriceUse, saveBook } from './ledger.ts';
import { attempt, ModelError, type Refusal } from './modelError.ts';
import { type OperationCall, type OperationName, preview } from './operations.ts';
import { CENT, release, settleOne } from './orders.ts';
import { judgeWithdrawal } from './verdicts.ts';

// What a trader's actions would do to an account, by running them on a copy of the state.

/** What an action would do to an account. */
export interface AccountPreview {
  before: AccountView;
  /** As `before` when the engine would refuse. */
  after: AccountView;
  /** What the action costs beside its price, USD, 18 decimals. */
  fees: { trade: bigint; keeper: bigint };
  /** The contract's error; null when nothing refuses. */
  refusal: Refusal | null;
}

/** As {@link AccountPreview}, of a trade. */
export interface TradePreview extends AccountPreview {
  /** Null when it was refused before it was tried; released when its trigger was not met at the price. */
  outcome: Outcome | 'released' | null;
}

/** What must stay behind when margin leaves, USD, 18 decimals; null where the oracle has no price for a market. */
export interface LeavingPreview extends AccountPreview {
  rule: { equity: bigint; required: bigint } | null;
}

const NO_FEES = { trade: 0n, keeper: 0n };

function previewFor<N extends OperationName>(
  state: EngineState,
  call: Call,
  account: Hex,
  operation: OperationCall<N>,
) {
  const { state: left, result, refusal } = preview(state, call, operation);
  const before = viewAccount(state, call, account);
  const after = refusal ? before : viewAccount(left, call, account);
  return { left, result, shown: { before, after, fees: NO_FEES, refusal } satisfies AccountPreview };
}

/** A deposit. @param assets USDC units, 6 decimals. */
export function previewDeposit(state: EngineState, call: Call, account: Hex, assets: bigint): AccountPreview {
  return previewFor(state, call, account, { name: 'deposit', args: [account, assets] }).shown;
}

/** A withdrawal. @param assets USDC units, 6 decimals. */
export function previewWithdrawal(
  state: EngineState,
  call: Call,
  account: Hex,
  assets: bigint,
  to: Address,
): LeavingPreview {
  const { shown } = previewFor(state, call, account, { name: 'withdraw', args: [account, assets, to] });
  return { ...shown, rule: leavingRule(state, call, account, assets) };
}

/** A move of margin, with what it does to the account that takes. @param assets USDC units, 6 decimals. */
export function previewMoveMargin(
  state: EngineState,
  call: Call,
  from: Hex,
  to: Hex,
  assets: bigint,
): LeavingPreview & { target: { before: AccountView; after: AccountView } } {
  const { shown, left } = previewFor(state, call, from, { name: 'moveMargin', args: [from, to, assets] });
  const target = { before: viewAccount(state, call, to), after: viewAccount(left, call, to) };
  return { ...shown, rule: leavingRule(state, call, from, assets), target };
}

function leavingRule(state: EngineState, call: Call, account: Hex, assets: bigint): LeavingPreview['rule'] {
  const markets = leavingMarkets(state, account);
  return attempt(() => {
    const prices = bits(markets).length === 0 ? [] : call.oracle.presentPrices(markets, PriceUse.Withdraw);
    const { equity, required } = judgeWithdrawal(state, call.time, account, assets, prices);
    return { equity, required };
  }).result;
}

/** An immediate close at the oracle's present price. @param size Base units, 12 decimals; more than there is closes all. */
export function previewCloseNow(
  state: EngineState,
  call: Call,
  account: Hex,
  market: bigint,
  size: bigint,
  limitPrice: bigint,
): TradePreview {
  const args = [account, market, size, limitPrice] as const;
  const { shown, result } = previewFor(state, call, account, { name: 'closeNow', args: [...args] });
  return { ...shown, outcome: result?.outcome ?? null, fees: { ...NO_FEES, trade: result?.fee ?? 0n } };
}

/**
 * An order that is committed, settled alone now at a price: its keeper's fee is off the margin already. What fails it is
 * named as `TradeFailed` with its reason, though settling reports that instead of reverting.
 * @param committedAt Seconds: when it was committed.
 */
export function previewOrder(
  state: EngineState,
  call: Call,
  market: bigint,
  order: Order,
  { price, committedAt }: { price: Price; committedAt: bigint },
): TradePreview {
  const before = viewAccount(state, call, order.account);
  const { result, refusal } = attempt(() => settleAlone(state, call, market, order, price, committedAt));
  if (refusal) return { before, after: before, fees: NO_FEES, refusal, outcome: null };
  const { outcome, fee, state: left } = result;
  const after = viewAccount(left, call, order.account);
  if (outcome === 'released') return { before, after, fees: NO_FEES, refusal: null, outcome };
  const failed = outcome.failure !== Failure.None;
  return {
    before,
    after,
    fees: { ...NO_FEES, trade: fee },
    refusal: failed ? { name: 'TradeFailed', args: [BigInt(outcome.failure)] } : null,
    outcome,
  };
}

/**
 * An order that is not committed yet: its commit, which takes the keeper's fee, then its settlement at a price.
 * @returns `refusedAt` tells which of the two the refusal is of. When the settlement fails, the fee is spent nonetheless.
 */
export function previewCommit(
  state: EngineState,
  call: Call,
  market: bigint,
  order: Order,
  price: Price,
): TradePreview & { refusedAt: 'commit' | 'settlement' | null } {
  const { shown, left } = previewFor(state, call, order.account, { name: 'commit', args: [market, [order]] });
  if (shown.refusal) return { ...shown, outcome: null, refusedAt: 'commit' };
  const settled = previewOrder(left, call, market, order, { price, committedAt: call.time });
  const keeper = loadQueue(state, market).keeperFeeCents * CENT;
  return {
    ...settled,
    before: shown.before,
    fees: { ...settled.fees, keeper },
    refusedAt: settled.refusal && 'settlement',
  };
}

/** What settling would do to one order, wherever it stands in the queue. */
function settleAlone(state: EngineState, call: Call, market: bigint, order: Order, price: Price, committedAt: bigint) {
  const s = copyState(state);
  const book = openLive(s, market, call.time);
  checkPause(book.pool, 1n);
  const end = committedAt + INCLUSION_WINDOW;
  if (call.time > end) throw new ModelError('WindowEnded', [call.time, end]);
  book.price = price;
  checkPrice(price);
  acceptIndex(book.market, price);
  const released = release(s, book, order, committedAt, feeOf(s, market, committedAt));
  const settled = released ? null : settleOne(s, book, order, committedAt, call.time);
  saveBook(s, book);
  return { state: s, outcome: settled?.outcome ?? ('released' as const), fee: settled?.fee ?? 0n };
}

/** The keeper's fee of an order that was committed then, USD, 18 decimals. */
function feeOf(s: EngineState, market: bigint, committedAt: bigint): bigint {
  const { head, tail, keeperFeeCents } = loadQueue(s, market);
  for (let index = head; index < tail; index++) {
    const item = loadItem(s, market, index);
    if (item.committedAt === committedAt) return item.feeCents * CENT;
  }
  return keeperFeeCents * CENT;
}
