import type { Address, Hex } from 'viem';
import { owed } from '../math/deleveragingMath.ts';
import { MarketFlags, PauseBits } from '../math/engineTypes.ts';
import { ASSET_SCALE, divFloor, divUp, max, min, RAW_PER_WAD, WAD } from '../math/fixedPoint.ts';
import * as FundingMath from '../math/fundingMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import { lockOf } from '../math/poolMath.ts';
import { giveCustody, pay, pull, takeCustody } from './collateral.ts';
import {
  CONFIGURATOR_ROLE,
  copyState,
  DEFAULT_ADMIN_ROLE,
  type EngineState,
  GUARDIAN_ROLE,
  INCLUSION_WINDOW,
  loadAccount,
  loadConfig,
  loadItem,
  loadMarket,
  loadQueue,
  saveAccount,
  VAULT_ROLE,
} from './engineState.ts';
import {
  acceptAll,
  acceptIndex,
  type Book,
  bits,
  type Call,
  checkIdle,
  checkPause,
  collect,
  divideFees,
  insure,
  liveMarkets,
  onlyRole,
  openBook,
  openLive,
  PriceUse,
  poolReceives,
  saveBook,
} from './ledger.ts';
import { checkedMul, checkedSub, ModelError, outOfBounds } from './modelError.ts';

// The engine's cold half, mirror of EngineExtension.sol.

type Changed = { state: EngineState };
const CENT = 10n ** 16n;

/** Accepts the present prices of markets as their index. */
export function updateIndices(state: EngineState, call: Call, markets: bigint): Changed {
  const s = copyState(state);
  checkPause(s.pool, 1n);
  const prices = call.oracle.observe(markets);
  for (const [next, id] of bits(markets).entries()) {
    const book = openLive(s, id, call.time);
    acceptIndex(book.market, prices[next] ?? book.price);
    saveBook(s, book);
  }
  askPeg(s, call);
  return { state: s };
}

/** Notes whether USDC is off its peg. */
function askPeg(s: EngineState, call: Call): void {
  const before = isOffPeg(s);
  if (call.oracle.offPeg(before) !== before) s.pool = { ...s.pool, pauseLevel: s.pool.pauseLevel ^ PauseBits.OffPeg };
}

/** Whether USDC was found off its peg: nothing opens, and no liquidity is deposited. */
export const isOffPeg = ({ pool }: EngineState): boolean => (pool.pauseLevel & PauseBits.OffPeg) !== 0n;

/** Brings a market's funding to the present. */
export function accrue(state: EngineState, call: Call, market: bigint): Changed {
  const s = copyState(state);
  saveBook(s, openBook(s, market, call.time));
  return { state: s };
}

/** Advances a queue over batches whose window has ended; their fees are insurance's. */
export function expire(state: EngineState, call: Call, market: bigint, count: bigint): Changed {
  const s = copyState(state);
  const queue = loadQueue(s, market);
  if (queue.head >= queue.tail) throw new ModelError('QueueEmpty', [market]);
  const from = queue.head;
  let fees = 0n;
  for (let left = count; queue.head < queue.tail && left !== 0n; queue.head++, left--) {
    const item = loadItem(s, market, queue.head);
    const end = item.committedAt + INCLUSION_WINDOW;
    if (call.time <= end) {
      if (queue.head === from) throw new ModelError('WindowOpen', [call.time, end]);
      break;
    }
    fees += item.count * item.feeCents * CENT;
  }
  queue.escrow = BigInt.asUintN(96, queue.escrow - fees);
  s.queues.set(market, queue);
  const pool = { ...s.pool };
  insure(s, pool, fees);
  s.pool = pool;
  return { state: s };
}

/** Moves what has been paid on an account's claim to its margin. */
export function collectClaim(state: EngineState, call: Call, account: Hex): Changed {
  const s = copyState(state);
  checkIdle(loadAccount(s, account), call.time);
  const collected = collect(s, s.pool, account);
  if (collected === 0n) throw new ModelError('ZeroAmount');
  const stored = loadAccount(s, account);
  stored.margin += collected;
  saveAccount(s, account, stored);
  return { state: s };
}

/** Divides the waiting fees between insurance and treasury. */
export function divideReserves(state: EngineState, _call: Call): Changed {
  const s = copyState(state);
  divideFees(s.pool, s.reserves);
  return { state: s };
}

/** Gives cash to insurance. @param assets USDC units, 6 decimals. */
export function fundInsurance(state: EngineState, call: Call, assets: bigint): Changed {
  const s = copyState(state);
  if (assets === 0n) throw new ModelError('ZeroAmount');
  s.reserves.insurance += takeCustody(s, assets);
  pull(call, call.sender, assets);
  return { state: s };
}

/** Pays the treasury's cash out. @param assets USDC units, 6 decimals. */
export function payTreasury(state: EngineState, call: Call, to: Address, assets: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, DEFAULT_ADMIN_ROLE);
  const amount = checkedMul(assets, ASSET_SCALE);
  if (s.reserves.treasury < amount) throw new ModelError('PoolTooLow', [s.reserves.treasury, amount]);
  s.reserves.treasury -= amount;
  giveCustody(s, call.time, amount);
  pay(call, to, assets);
  return { state: s };
}

/** Names the market whose index is the price of ether. */
export function setGasMarket(state: EngineState, call: Call, market: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, CONFIGURATOR_ROLE);
  if (market >= s.marketCount) throw new ModelError('UnknownMarket', [market]);
  s.gasMarket = market + 1n;
  return { state: s };
}

/** 0 none, 1 no new risk, 2 nothing but what the interface lists; funding's clock stands still at 2. */
export function setPauseLevel(state: EngineState, call: Call, level: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, GUARDIAN_ROLE);
  if (level > 2n) throw outOfBounds('pauseLevel', level, 2n);
  const halted = (s.pool.pauseLevel & 2n) !== 0n;
  const resuming = level < 2n && halted;
  if (resuming || (level === 2n && !halted)) {
    for (let id = 0n; id < s.marketCount; id++) {
      const book = openBook(s, id, call.time);
      if ((book.config.flags & MarketFlags.Settled) !== 0n) continue;
      if (resuming) restartClock(book, call.time);
      saveBook(s, book);
      const config = loadConfig(s, id);
      s.configs.set(id, { ...config, flags: config.flags ^ MarketFlags.Halted });
      const marginPerUnit = resuming ? MarginMath.perUnit(book.market.index, config.initialMarginBps) : 0n;
      s.queues.set(id, { ...loadQueue(s, id), marginPerUnit });
    }
  }
  s.pool = { ...s.pool, pauseLevel: (s.pool.pauseLevel & PauseBits.OffPeg) | level };
  return { state: s };
}

function restartClock({ market, config }: Book, time: bigint): void {
  if (time / FundingMath.HOUR !== market.accruedAt / FundingMath.HOUR) {
    const skew = FundingMath.skewOf(market);
    market.fundingRate = FundingMath.sealedRate(skew * FundingMath.HOUR, config);
    market.skewSeconds = skew * (time % FundingMath.HOUR);
  }
  market.accruedAt = time;
}

/** Takes a liquidity provider's deposit, which waits for its epoch. @param assets USDC units, 6 decimals. */
export function receiveLiquidity(state: EngineState, call: Call, from: Address, assets: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, VAULT_ROLE);
  if (assets === 0n) throw new ModelError('ZeroAmount');
  if (isOffPeg(s)) throw new ModelError('OffPeg');
  s.lpPending += takeCustody(s, assets);
  pull(call, from, assets);
  return { state: s };
}

/** Moves waiting deposits into the pool. @param amount USD, 18 decimals. */
export function addLiquidity(state: EngineState, call: Call, amount: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, VAULT_ROLE);
  s.lpPending = checkedSub(s.lpPending, amount);
  const pool = { ...s.pool };
  poolReceives(s, pool, amount);
  pool.value = min(pool.value + amount / WAD, 2n ** 48n - 1n);
  s.pool = pool;
  return { state: s };
}

/** Sets cash of the pool aside for redemptions. @param amount USD, 18 decimals. */
export function removeLiquidity(state: EngineState, call: Call, amount: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, VAULT_ROLE);
  const { cash } = s.pool;
  const free = s.claims.outstanding === 0n ? cash : 0n;
  if (free < amount) throw new ModelError('PoolTooLow', [free, amount]);
  s.pool = { ...s.pool, cash: cash - amount, value: max(s.pool.value - divUp(amount, WAD), 0n) };
  s.lpPayable += amount;
  return { state: s };
}

/** Pays a redemption out. @param assets USDC units, 6 decimals. */
export function payLiquidity(state: EngineState, call: Call, to: Address, assets: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, VAULT_ROLE);
  payOut(s, call, 'lpPayable', to, assets);
  return { state: s };
}

/** Pays tokens of the liquidity providers out of where they wait. @param assets USDC units, 6 decimals. */
function payOut(s: EngineState, call: Call, from: 'lpPayable' | 'lpPending', to: Address, assets: bigint): void {
  const amount = checkedMul(assets, ASSET_SCALE);
  s[from] = checkedSub(s[from], amount);
  giveCustody(s, call.time, amount);
  pay(call, to, assets);
}

/** Gives waiting deposits back, whatever the pool owes. @param assets USDC units, 6 decimals. */
export function returnLiquidity(state: EngineState, call: Call, to: Address, assets: bigint): Changed {
  const s = copyState(state);
  onlyRole(s, call, VAULT_ROLE);
  payOut(s, call, 'lpPending', to, assets);
  return { state: s };
}

/** Bit m set: market m is not settled and has open interest, so that what it owes depends on its price. */
export function heldMarkets(s: EngineState): bigint {
  return bits(liveMarkets(s)).reduce((held, id) => {
    const { longs, shorts } = loadMarket(s, id);
    return longs === 0n && shorts === 0n ? held : held | (1n << id);
  }, 0n);
}

/** The pool's net asset value at the ends of the price bands, and what is locked. @returns The state and USD, 18 decimals. */
export function priceLiquidity(state: EngineState, call: Call) {
  const s = copyState(state);
  onlyRole(s, call, VAULT_ROLE);
  checkPause(s.pool, 0n);
  const held = heldMarkets(s);
  const priced = bits(held);
  const prices = acceptAll(s, call, held, PriceUse.Liquidity);
  const cash = (s.pool.cash - s.claims.outstanding) * RAW_PER_WAD;
  let [lowest, highest, locked] = [cash, cash, 0n];
  for (let id = 0n; id < s.marketCount; id++) {
    const [market, price] = [loadMarket(s, id), prices[priced.indexOf(id)]];
    const [lo, hi] = [price?.lo ?? market.index, price?.hi ?? market.index];
    const low = owed(market, loadConfig(s, id), lo);
    const high = owed(market, loadConfig(s, id), hi);
    lowest -= low > high ? low : high;
    highest -= low > high ? high : low;
    locked += max(lockOf(market, lo), lockOf(market, hi));
  }
  lowest = divFloor(lowest, RAW_PER_WAD);
  keepValue(s, lowest);
  return { state: s, lowest, highest: -divFloor(-highest, RAW_PER_WAD), locked: divUp(locked, RAW_PER_WAD) };
}

/** Values the pool at the stored indices, each at most 60 s old. */
export function appraise(state: EngineState, call: Call): Changed {
  const s = copyState(state);
  checkPause(s.pool, 1n);
  let value = (s.pool.cash - s.claims.outstanding) * RAW_PER_WAD;
  for (let id = 0n; id < s.marketCount; id++) {
    const { market, config } = openBook(s, id, call.time);
    const age = max(call.time - market.indexAt, 0n);
    if (age > MarginMath.MAX_INDEX_AGE && (config.flags & MarketFlags.Settled) === 0n)
      throw new ModelError('IndexTooOld', [id, age, MarginMath.MAX_INDEX_AGE]);
    value -= owed(market, config, market.index);
  }
  keepValue(s, divFloor(value, RAW_PER_WAD));
  return { state: s };
}

/** What markets may lock is measured by it: whole USD. @param value USD, 18 decimals. */
function keepValue(s: EngineState, value: bigint): void {
  s.pool = { ...s.pool, value: min(max(value, 0n) / WAD, 2n ** 48n - 1n) };
}
