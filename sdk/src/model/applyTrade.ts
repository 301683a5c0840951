import type { Hex } from 'viem';
import { type Account, MarketFlags, type Position, PriceState } from '../math/engineTypes.ts';
import { min, RAW_PER_WAD } from '../math/fixedPoint.ts';
import { addCash, CashOutOfRangeError, type Outcome } from '../math/tradeMath.ts';
import {
  type EngineState,
  loadConfig,
  loadDeleveragings,
  loadDoubt,
  loadMarket,
  saveAccount,
  saveDoubt,
  savePosition,
} from './engineState.ts';
import { type Book, coverBadDebt, currentPosition, divideFee, poolPays, poolReceives, setOff } from './ledger.ts';
import { ModelError } from './modelError.ts';

/** Lives are counted modulo 2^16. */
export function endLife(position: Position): void {
  position.generation = BigInt.asUintN(16, position.generation + 1n);
}

/**
 * Books a filled trade: cash between pool and margin, the fee, bad debt, the account and the position.
 * @returns The fee that was charged, and the builder's part of it, USD, 18 decimals.
 */
export function applyTrade(
  s: EngineState,
  book: Book,
  account: Hex,
  stored: Account,
  position: Position,
  outcome: Outcome,
  time: bigint,
): { fee: bigint; builderFee: bigint } {
  let { margin, fee, builderFee } = outcome;
  if (outcome.poolPays > 0n) {
    const owed = outcome.poolPays;
    margin += poolPays(s, book.pool, account, owed);
    const waived = owed - min(owed, margin);
    if (waived > fee) throw new ModelError('Panic', [0x11n]);
    fee -= waived;
    builderFee -= min(waived, builderFee);
    margin = margin + waived - owed;
  } else {
    poolReceives(s, book.pool, -outcome.poolPays);
  }
  divideFee(s, book.pool, fee - builderFee);
  coverBadDebt(s, book.pool, book.id, outcome.badDebt, time);
  if (position.size === 0n) {
    stored.markets &= ~(1n << book.id);
    endLife(position);
  } else {
    stored.markets |= 1n << book.id;
    // A life ends where the position turns to the other side, too.
    if (position.size > 0n ? outcome.sizeDelta > position.size : outcome.sizeDelta < position.size) endLife(position);
    if ((book.config.flags & MarketFlags.Deleveraged) !== 0n) {
      const { longs, shorts } = loadDeleveragings(s, book.id);
      position.checkpoint = position.size > 0n ? longs : shorts;
    }
  }
  if (outcome.deferred !== 0n) margin += defer(s, book, account, stored.markets, outcome.deferred);
  // A profit by a price that is in doubt stays until it is not.
  if (outcome.poolPays > 0n && book.price.state > PriceState.Guarded) {
    const doubt = loadDoubt(s, account);
    saveDoubt(s, account, { ...doubt, held: doubt.held | (1n << book.id) });
  }
  stored.margin = margin;
  saveAccount(s, account, stored);
  savePosition(s, account, book.id, position);
  return { fee, builderFee };
}

/** A loss beyond the realised margin stays in the account's first position, or is set off against its claim. */
export function defer(s: EngineState, book: Book, account: Hex, markets: bigint, loss: bigint): bigint {
  if (markets === 0n) return setOff(s, book.pool, account, loss).collected;
  let id = 0n;
  while (((markets >> id) & 1n) === 0n) id++;
  const market = loadMarket(s, id);
  const position = currentPosition(s, account, id, loadConfig(s, id).flags);
  addCash(market, position, -(loss * RAW_PER_WAD));
  s.markets.set(id, market);
  savePosition(s, account, id, position);
  return 0n;
}

/** Runs a calculation of the mathematics, its errors as the contract's. */
export function asContract<T>(calculate: () => T): T {
  try {
    return calculate();
  } catch (error) {
    if (error instanceof CashOutOfRangeError) throw new ModelError('CashOutOfRange', [error.cash]);
    throw error;
  }
}
