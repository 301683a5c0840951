import type { Hex } from 'viem';
import * as DeleveragingMath from '../math/deleveragingMath.ts';
import { MarketFlags } from '../math/engineTypes.ts';
import { min, RAW_PER_WAD } from '../math/fixedPoint.ts';
import { addCash } from '../math/tradeMath.ts';
import { asContract, defer, endLife } from './applyTrade.ts';
import {
  CONFIGURATOR_ROLE,
  checkpointKey,
  copyState,
  type EngineState,
  loadAccount,
  loadConfig,
  loadDeleveragings,
  loadMarket,
  loadQueue,
  MAX_CHECKPOINTS,
  readCheckpoint,
  SETTLEMENT_NOTICE,
  saveAccount,
  savePosition,
} from './engineState.ts';
import {
  acceptAll,
  type Book,
  type Call,
  checkPause,
  collect,
  coverBadDebt,
  currentPosition,
  liveMarkets,
  onlyRole,
  openBook,
  openLive,
  PriceUse,
  poolPays,
  poolReceives,
  presentPrice,
  saveBook,
  setOff,
} from './ledger.ts';
import { ModelError } from './modelError.ts';

// Deleveraging, crystallising and the end of a market, mirror of Deleverager.sol.

/** Cuts a market's larger side. @returns The state and what it took. */
export function deleverage(state: EngineState, call: Call, market: bigint) {
  const s = copyState(state);
  checkPause(s.pool, 1n);
  acceptAll(s, call, liveMarkets(s), PriceUse.Deleverage);
  const book = openLive(s, market, call.time);
  const reduction = DeleveragingMath.reductionOf(book.market, book.config, netAssetValue(s));
  const { exposure, limit, cut: size, least } = reduction;
  if (exposure <= limit) throw new ModelError('ExposureWithinLimit', [exposure, limit]);
  if (size === 0n || size < least) throw new ModelError('NothingToDeleverage', [size, least]);
  cut(s, book, size);
  saveBook(s, book);
  return { state: s, reduction };
}

function cut(s: EngineState, { id, market }: Book, size: bigint): void {
  const long = market.longs > market.shorts;
  const before = long ? market.longs : market.shorts;
  const value = market.index - market.funding;
  const cash = market.cash + (long ? size : -size) * value;
  if (BigInt.asIntN(152, cash) !== cash) throw new ModelError('CashOutOfRange', [cash]);
  market.cash = cash;
  if (long) market.longs -= size;
  else market.shorts -= size;
  record(s, id, long, before, before - size, value);
  const config = loadConfig(s, id);
  s.configs.set(id, { ...config, flags: config.flags | MarketFlags.Deleveraged });
}

/** Records that a side's open interest shrank. */
function record(s: EngineState, id: bigint, long: boolean, before: bigint, rest: bigint, value: bigint): void {
  const numbers = loadDeleveragings(s, id);
  const number = long ? numbers.longs : numbers.shorts;
  if (number >= MAX_CHECKPOINTS) throw new ModelError('CheckpointsExhausted', [number, MAX_CHECKPOINTS]);
  const from = readCheckpoint(s.checkpoints, id, long, number);
  let to = DeleveragingMath.advance(from, before, rest, value);
  if (to.multiplier < DeleveragingMath.LEAST_MULTIPLIER) {
    s.roundEnds.set(checkpointKey(id, long, from.round), to);
    to = { multiplier: DeleveragingMath.ONE, round: from.round + 1n, cash: 0n };
  }
  s.checkpoints.set(checkpointKey(id, long, number + 1n), to);
  s.deleveragings.set(id, { ...numbers, [long ? 'longs' : 'shorts']: number + 1n });
}

/** V − claims − Σ (U + Res) at the accepted indices, every market accrued. USD, 30 decimals. */
function netAssetValue(s: EngineState): bigint {
  let value = (s.pool.cash - s.claims.outstanding) * RAW_PER_WAD;
  for (let id = 0n; id < s.marketCount; id++) {
    const market = loadMarket(s, id);
    value -= DeleveragingMath.owed(market, loadConfig(s, id), market.index);
  }
  return value;
}

/** Moves a position's loss from margin to unpaid claims. @returns The state and what moved, USD, 18 decimals. */
export function crystallise(state: EngineState, call: Call, account: Hex, market: bigint) {
  const s = copyState(state);
  const book = openLive(s, market, call.time);
  checkPause(book.pool, 1n);
  presentPrice(book, call, PriceUse.Crystallise);
  const position = currentPosition(s, account, market, book.config.flags);
  const stored = loadAccount(s, account);
  const price = position.size > 0n ? book.price.hi : book.price.lo;
  const claims = s.claims.outstanding;
  const moved = DeleveragingMath.crystallisable(position, price, book.market.funding, stored.margin, claims);
  if (moved.amount === 0n) throw new ModelError('NothingToCrystallise', [moved.loss, stored.margin, claims]);
  stored.margin -= moved.amount;
  asContract(() => addCash(book.market, position, moved.amount * RAW_PER_WAD));
  poolReceives(s, book.pool, moved.amount);
  saveAccount(s, account, stored);
  savePosition(s, account, market, position);
  saveBook(s, book);
  return { state: s, moved };
}

/** Announces a market's end. @param at Seconds. */
export function scheduleSettlement(state: EngineState, call: Call, market: bigint, at: bigint) {
  const s = copyState(state);
  onlyRole(s, call, CONFIGURATOR_ROLE);
  openLive(s, market, call.time);
  const earliest = call.time + SETTLEMENT_NOTICE;
  if (at < earliest) throw new ModelError('SettlementTooSoon', [at, earliest]);
  s.settlesAt.set(market, at);
  const config = loadConfig(s, market);
  s.configs.set(market, { ...config, flags: config.flags | MarketFlags.ReduceOnly });
  return { state: s };
}

/** Takes the announcement back. */
export function cancelSettlement(state: EngineState, call: Call, market: bigint) {
  const s = copyState(state);
  onlyRole(s, call, CONFIGURATOR_ROLE);
  if (!s.settlesAt.delete(market)) throw new ModelError('SettlementNotScheduled', [market]);
  return { state: s };
}

/** Ends a market at its last price: what the oracle closes it at, else the present one. */
export function settleMarket(state: EngineState, call: Call, market: bigint) {
  const s = copyState(state);
  const book = openLive(s, market, call.time);
  checkPause(book.pool, 1n);
  const at = s.settlesAt.get(market);
  if (at === undefined) throw new ModelError('SettlementNotScheduled', [market]);
  if (call.time < at) throw new ModelError('SettlementNotDue', [call.time, at]);
  const closing = call.oracle.closingPrice(market);
  if (closing === 0n) {
    presentPrice(book, call, PriceUse.Crystallise);
  } else {
    if (call.value !== 0n) throw new ModelError('UnexpectedValue', [call.value]);
    book.market.index = closing;
    book.market.indexAt = call.time;
  }
  s.settlesAt.delete(market);
  s.configs.set(market, { ...book.config, flags: book.config.flags | MarketFlags.Settled });
  s.queues.set(market, { ...loadQueue(s, market), marginPerUnit: 0n });
  saveBook(s, book);
  return { state: s };
}

/** Takes a position out at the index. @returns The state and what it realised, USD, 18 decimals. */
export function settlePosition(state: EngineState, call: Call, account: Hex, market: bigint) {
  const s = copyState(state);
  const book = openBook(s, market, call.time);
  checkPause(book.pool, 1n);
  const stored = loadAccount(s, account);
  if (((stored.markets >> market) & 1n) === 0n) throw new ModelError('NoPosition', [market]);
  const position = currentPosition(s, account, market, book.config.flags);
  const { size } = position;
  if (size !== 0n && (book.config.flags & MarketFlags.Settled) === 0n)
    throw new ModelError('MarketNotSettled', [market]);
  const realised = DeleveragingMath.leave(book.market, position);
  if (size !== 0n) endLife(position);
  savePosition(s, account, market, position);
  stored.markets &= ~(1n << market);
  let margin = stored.margin + collect(s, book.pool, account);
  if (realised >= 0n) {
    margin += poolPays(s, book.pool, account, realised);
  } else {
    const paid = min(-realised, margin);
    const rest = -realised - paid;
    margin -= paid;
    poolReceives(s, book.pool, paid);
    if (rest !== 0n && stored.markets !== 0n) {
      margin += asContract(() => defer(s, book, account, stored.markets, rest));
    } else if (rest !== 0n) {
      const { left, collected } = setOff(s, book.pool, account, rest);
      margin += collected;
      coverBadDebt(s, book.pool, book.id, left, call.time);
    }
  }
  stored.margin = margin;
  saveAccount(s, account, stored);
  saveBook(s, book);
  return { state: s, realised };
}
