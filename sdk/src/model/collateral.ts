import type { Address, Hex } from 'viem';
import { MarketFlags, type Price } from '../math/engineTypes.ts';
import { ASSET_SCALE, BPS, divFloor, max, min, RAW_PER_WAD } from '../math/fixedPoint.ts';
import { HOUR } from '../math/fundingMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import {
  copyState,
  type EngineState,
  loadAccount,
  loadDoubt,
  MAX_CUSTODY,
  OUTFLOW_CAP_BPS,
  OUTFLOW_CAP_MIN,
  saveAccount,
  saveDoubt,
} from './engineState.ts';
import {
  acceptIndex,
  bits,
  type Call,
  checkFresh,
  checkIdle,
  checkPause,
  checkUnsettled,
  currentPosition,
  liveMarkets,
  onlyOwner,
  openBook,
  PriceUse,
  saveBook,
} from './ledger.ts';
import { checkedMul, ModelError } from './modelError.ts';

// Deposits, withdrawals and moves of margin, mirror of DerivativesEngine.sol and Collateral.sol.

/** Adds collateral. @param assets USDC units, 6 decimals. */
export function deposit(state: EngineState, call: Call, account: Hex, assets: bigint): { state: EngineState } {
  const s = copyState(state);
  if (assets === 0n) throw new ModelError('ZeroAmount');
  const stored = loadAccount(s, account);
  checkIdle(stored, call.time);
  stored.margin += takeCustody(s, assets);
  saveAccount(s, account, stored);
  pull(call, call.sender, assets);
  return { state: s };
}

/** Adds collateral by the sender's signature for Permit2, which is the token's to judge. */
export function depositWithPermit2(
  state: EngineState,
  call: Call,
  account: Hex,
  assets: bigint,
  _nonce: bigint,
  _deadline: bigint,
  _signature: Hex,
): { state: EngineState } {
  return deposit(state, call, account, assets);
}

/** Uses the sender's permit, which is the token's to judge; nothing of the engine's changes. */
export function permit(
  state: EngineState,
  _call: Call,
  _assets: bigint,
  _deadline: bigint,
  _v: bigint,
  _r: Hex,
  _s: Hex,
): { state: EngineState } {
  return { state };
}

/** Counts tokens about to come in. @param assets USDC units, 6 decimals. @returns USD, 18 decimals. */
export function takeCustody(s: EngineState, assets: bigint): bigint {
  const room = (MAX_CUSTODY - s.custody) / ASSET_SCALE;
  if (assets > room) throw new ModelError('CustodyFull', [assets, room]);
  const amount = assets * ASSET_SCALE;
  s.custody += amount;
  return amount;
}

/** Takes tokens in and refuses when another amount arrives. */
export function pull(call: Call, from: Address, assets: bigint): void {
  const received = call.token.pull(from, assets);
  if (received !== assets) throw new ModelError('TransferMismatch', [received, assets]);
}

/**
 * Tokens about to go out that are nobody's margin: the hour's withdrawals may take as much as before.
 * @param amount USD, 18 decimals.
 */
export function giveCustody(s: EngineState, time: bigint, amount: bigint): void {
  s.custody -= amount;
  const { begun, floor } = outflowOf(s, time);
  if (begun) s.outflow = { ...s.outflow, floor: floor - min(amount, floor) };
}

/** What the present hour's withdrawals leave in custody at least, USD, 18 decimals, rounded up, and whether one of them was. */
function outflowOf({ outflow, custody }: EngineState, time: bigint): { begun: boolean; floor: bigint } {
  const begun = outflow.hour === time / HOUR;
  const cap = max((custody * OUTFLOW_CAP_BPS) / BPS, OUTFLOW_CAP_MIN);
  return { begun, floor: begun ? outflow.floor : custody - min(cap, custody) };
}

/** What withdrawals may still take within the present clock hour, USD, 18 decimals, rounded down. */
export function withdrawalLeft(s: EngineState, time: bigint): bigint {
  return max(s.custody - outflowOf(s, time).floor, 0n);
}

/** Pays tokens out, never to the engine itself. */
export function pay(call: Call, to: Address, assets: bigint): void {
  if (to.toLowerCase() === call.token.engine.toLowerCase()) throw new ModelError('RecipientRefused', [to]);
  call.token.push(to, assets);
}

/** Takes realised margin out. @param assets USDC units, 6 decimals. */
export function withdraw(state: EngineState, call: Call, account: Hex, assets: bigint, to: Address) {
  const s = copyState(state);
  const amount = takeOut(s, call, account, assets);
  const left = withdrawalLeft(s, call.time);
  if (amount > left) throw new ModelError('OutflowCapReached', [assets, left / ASSET_SCALE]);
  const { begun, floor } = outflowOf(s, call.time);
  if (!begun) s.outflow = { hour: call.time / HOUR, floor };
  s.custody -= amount;
  pay(call, to, assets);
  return { state: s };
}

/** Moves realised margin to another account of the same owner. @param assets USDC units, 6 decimals. */
export function moveMargin(state: EngineState, call: Call, from: Hex, to: Hex, assets: bigint) {
  const s = copyState(state);
  onlyOwner(call, to);
  if (from.toLowerCase() === to.toLowerCase()) throw new ModelError('SameAccount', [from.toLowerCase()]);
  checkIdle(loadAccount(s, to), call.time);
  const amount = takeOut(s, call, from, assets);
  const stored = loadAccount(s, to);
  stored.margin += amount;
  saveAccount(s, to, stored);
  return { state: s };
}

/**
 * Markets whose prices are asked when margin leaves an account: those of its positions, and those that hold it because of a
 * profit at a doubtful price. A market that has ended has the one price that it ended at.
 * @returns A bitmap.
 */
export function leavingMarkets(s: EngineState, account: Hex): bigint {
  return loadAccount(s, account).markets | (loadDoubt(s, account).held & liveMarkets(s));
}

/** The one rule for margin that leaves an account. @returns USD, 18 decimals. */
function takeOut(s: EngineState, call: Call, account: Hex, assets: bigint): bigint {
  onlyOwner(call, account);
  if (assets === 0n) throw new ModelError('ZeroAmount');
  const stored = loadAccount(s, account);
  checkPause(s.pool, 1n);
  checkIdle(stored, call.time);
  const amount = checkedMul(assets, ASSET_SCALE);
  if (stored.margin < amount) throw new ModelError('MarginTooLow', [stored.margin, amount]);
  stored.margin -= amount;
  const markets = leavingMarkets(s, account);
  const doubt = loadDoubt(s, account);
  if (doubt.held !== 0n) saveDoubt(s, account, { ...doubt, held: 0n });
  if (markets !== 0n) checkWithdrawal(s, call, account, stored.margin, markets);
  else if (call.value !== 0n) throw new ModelError('UnexpectedValue', [call.value]);
  saveAccount(s, account, stored);
  return amount;
}

/** Equity with every position at its worst supported price ≥ max(initial, 20 % of notional). */
function checkWithdrawal(s: EngineState, call: Call, account: Hex, margin: bigint, markets: bigint): void {
  checkUnsettled(s, markets);
  const prices = call.oracle.presentPrices(markets, PriceUse.Withdraw);
  for (const [next, id] of bits(markets).entries()) {
    const book = openBook(s, id, call.time);
    book.price = prices[next] ?? book.price;
    checkFresh(book);
    acceptIndex(book.market, book.price);
    saveBook(s, book);
  }
  const sums = worstPortfolio(s, call.time, account, markets, prices);
  const equity = divFloor(MarginMath.equity(margin, sums), RAW_PER_WAD);
  const required = MarginMath.withdrawalRequirement(sums);
  if (equity < required) throw new ModelError('EquityTooLow', [equity, required]);
}

/** Sums over an account's positions, each at the price that is worst for it. @param prices One per market, ascending. */
export function worstPortfolio(
  s: EngineState,
  time: bigint,
  account: Hex,
  markets: bigint,
  prices: readonly Price[],
): MarginMath.Portfolio {
  const sums = MarginMath.emptyPortfolio();
  for (const [next, id] of bits(markets).entries()) {
    const price = prices[next];
    if (!price) throw new ModelError('Panic', [0x32n]);
    const { market, config } = openBook(s, id, time);
    if ((config.flags & MarketFlags.Settled) !== 0n) throw new ModelError('PositionUnsettled', [id]);
    const position = currentPosition(s, account, id, config.flags);
    MarginMath.add(sums, position, market, config, position.size > 0n ? price.lo : price.hi);
  }
  return sums;
}
