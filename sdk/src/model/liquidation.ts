import type { Hex } from 'viem';
import type { Account, Pool, Position } from '../math/engineTypes.ts';
import { divFloor, min, RAW_PER_WAD } from '../math/fixedPoint.ts';
import * as LiquidationMath from '../math/liquidationMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import { endLife } from './applyTrade.ts';
import { copyState, type EngineState, loadAccount, saveAccount, savePosition } from './engineState.ts';
import {
  acceptIndex,
  type Book,
  bits,
  type Call,
  cancelClaim,
  checkFresh,
  checkPause,
  checkUnsettled,
  coverBadDebt,
  credit,
  currentPosition,
  insure,
  openBook,
  PriceUse,
  poolPays,
  poolReceives,
  saveBook,
  unpaidClaim,
} from './ledger.ts';
import { ModelError } from './modelError.ts';

// Whole liquidation, mirror of DerivativesEngine.sol. Source: docs/mechanism.md#liquidation.

interface Holding {
  book: Book;
  position: Position;
}

/** Closes every position of an account below maintenance. @returns The state, the sums and their division. */
export function liquidate(state: EngineState, call: Call, account: Hex) {
  const s = copyState(state);
  const stored = loadAccount(s, account);
  checkPause(s.pool, 1n);
  const holdings = checkLiquidatable(s, call, account, stored);
  const closing = LiquidationMath.emptyClosing();
  for (const { book, position } of holdings) {
    const held = position.size !== 0n;
    LiquidationMath.closeWhole(closing, book.market, book.config, position, book.price);
    if (held) endLife(position);
    savePosition(s, account, book.id, position);
  }
  const division = LiquidationMath.divide(closing, stored.margin);
  finish(s, call, account, stored, holdings, { ...division });
  return { state: s, closing, division };
}

/** Each market at the price that favours the account. */
function checkLiquidatable(s: EngineState, call: Call, account: Hex, stored: Account): Holding[] {
  checkUnsettled(s, stored.markets);
  const prices = call.oracle.presentPrices(stored.markets, PriceUse.Liquidate);
  const favourable = MarginMath.emptyPortfolio();
  const holdings: Holding[] = [];
  for (const [next, id] of bits(stored.markets).entries()) {
    const book = openBook(s, id, call.time);
    const position = currentPosition(s, account, id, book.config.flags);
    book.price = prices[next] ?? book.price;
    checkFresh(book);
    acceptIndex(book.market, book.price);
    const price = position.size > 0n ? book.price.hi : book.price.lo;
    MarginMath.add(favourable, position, book.market, book.config, price);
    holdings.push({ book, position });
  }
  let equity = MarginMath.equity(stored.margin, favourable);
  if (holdings[0]?.book.pool.claimsOpen) equity += unpaidClaim(s, account) * RAW_PER_WAD;
  const maintenance = MarginMath.maintenanceRequirement(favourable);
  if (equity >= maintenance * RAW_PER_WAD)
    throw new ModelError('NotLiquidatable', [divFloor(equity, RAW_PER_WAD), maintenance]);
  return holdings;
}

/** Cash to and from the pool, reward, penalty, bad debt; then every touched market is saved with one pool. */
function finish(
  s: EngineState,
  call: Call,
  account: Hex,
  stored: Account,
  holdings: Holding[],
  division: LiquidationMath.Division,
): void {
  const first = holdings[0];
  if (!first) throw new ModelError('Panic', [0x32n]);
  const { pool } = first.book;
  if (division.badDebt !== 0n && pool.claimsOpen) {
    const { cancelled, collected } = cancelClaim(s, pool, account, division.badDebt);
    division.badDebt -= cancelled;
    division.margin += collected;
  }
  let owed = division.margin + division.reward + division.penalty;
  if (division.poolPays > 0n) {
    owed += poolPays(s, pool, account, division.poolPays) - division.poolPays;
    division.reward = min(division.reward, owed);
    division.penalty = min(division.penalty, owed - division.reward);
    division.margin = owed - division.reward - division.penalty;
  } else {
    poolReceives(s, pool, -division.poolPays);
  }
  coverBadDebt(s, pool, division.badDebt);
  const topUp = rewardTopUp(s, pool, division.reward, division.penalty);
  stored.margin = division.margin;
  stored.markets = 0n;
  stored.purgedAt = BigInt.asUintN(32, call.time);
  saveAccount(s, account, stored);
  for (const { book } of holdings) saveBook(s, { ...book, pool });
  credit(s, call.sender, division.reward + topUp);
}

/** Books the penalty and lets insurance raise the reward to its floor, never beyond. */
function rewardTopUp(s: EngineState, pool: Pool, reward: bigint, penalty: bigint): bigint {
  const missing = MarginMath.REWARD_MIN - min(reward, MarginMath.REWARD_MIN);
  if (missing === 0n && penalty === 0n) return 0n;
  insure(s, pool, penalty);
  if (missing === 0n) return 0n;
  const topUp = min(missing, s.reserves.insurance);
  s.reserves = { ...s.reserves, insurance: s.reserves.insurance - topUp };
  return topUp;
}
