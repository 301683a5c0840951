import type { Hex } from 'viem';
import { PriceState } from '../math/engineTypes.ts';
import { divFloor, max, min, mulDivDown, RAW_PER_WAD, WAD } from '../math/fixedPoint.ts';
import { skewOf } from '../math/fundingMath.ts';
import * as LiquidationMath from '../math/liquidationMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import { endLife } from './applyTrade.ts';
import {
  copyState,
  type EngineState,
  loadAccount,
  loadDoubt,
  loadMarket,
  loadRisk,
  MAX_BATCH,
  saveAccount,
  saveDoubt,
  savePosition,
} from './engineState.ts';
import {
  acceptIndex,
  type Book,
  bits,
  type Call,
  checkFresh,
  checkPause,
  checkUnsettled,
  claimOf,
  coverBadDebt,
  credit,
  currentPosition,
  divideFees,
  openBook,
  PriceUse,
  poolPays,
  poolReceives,
  saveBook,
  setOff,
} from './ledger.ts';
import { ModelError } from './modelError.ts';

// Liquidation, mirror of Liquidator.sol. Source: docs/mechanism.md#liquidation.

type Holding = LiquidationMath.Holding;
type Liquidation = LiquidationMath.Liquidation;

const REWARD_FLOOR_MAX = MarginMath.MARGIN_PER_POSITION;

/** Liquidates an account. @returns The state, and of each account what it came to and what was closed. */
export function liquidate(state: EngineState, call: Call, account: Hex) {
  return liquidateAll(state, call, [account]);
}

/** Liquidates those of up to 32 accounts that are due. @returns As {@link liquidate}. */
export function liquidateMany(state: EngineState, call: Call, accounts: readonly Hex[]) {
  const count = BigInt(accounts.length);
  if (count === 0n || count > MAX_BATCH) throw new ModelError('BatchSize', [count, MAX_BATCH]);
  return liquidateAll(state, call, accounts);
}

/** Notes that one source finds an account below maintenance: the first of two breaches. */
export function flag(state: EngineState, call: Call, account: Hex): { state: EngineState } {
  const s = copyState(state);
  const { margin, markets } = loadAccount(s, account);
  const books = openAll(s, call, markets);
  if (LiquidationMath.worstState(books.map(({ price }) => price)) !== PriceState.Single)
    throw new ModelError('NothingToFlag', [account.toLowerCase()]);
  const doubt = loadDoubt(s, account);
  const until = doubt.flaggedAt + LiquidationMath.FLAG_UNTIL;
  if (call.time <= until) throw new ModelError('AlreadyFlagged', [account.toLowerCase(), doubt.flaggedAt, until]);
  const holdings = books.map((book) => holding(s, book, account, call.time));
  const result = LiquidationMath.liquidate(holdings, margin, s.pool.claimsOpen ? claimOf(s, account) : 0n);
  if (!result.due) refuse(result, holdings);
  saveDoubt(s, account, { ...doubt, flaggedAt: call.time });
  return { state: s };
}

/** Markets at their present prices, all with one pool. */
function openAll(s: EngineState, call: Call, markets: bigint): Book[] {
  checkPause(s.pool, 1n);
  const pool = { ...s.pool };
  checkUnsettled(s, markets);
  const prices = call.oracle.presentPrices(markets, PriceUse.Liquidate);
  return bits(markets).map((id, next): Book => {
    const book = { ...openBook(s, id, call.time), pool };
    book.price = prices[next] ?? book.price;
    checkFresh(book);
    acceptIndex(book.market, book.price);
    return book;
  });
}

function liquidateAll(state: EngineState, call: Call, accounts: readonly Hex[]) {
  const s = copyState(state);
  const books = openAll(
    s,
    call,
    accounts.reduce((all, account) => all | loadAccount(s, account).markets, 0n),
  );
  const pool = books[0]?.pool ?? { ...s.pool };
  let reward = 0n;
  let refused: { result: Liquidation; holdings: Holding[] } | undefined;
  const liquidations: { result: Liquidation; sizeDeltas: bigint[] }[] = [];
  for (const account of accounts) {
    const { markets: held, margin } = loadAccount(s, account);
    const holdings = books.filter(({ id }) => (held >> id) & 1n).map((book) => holding(s, book, account, call.time));
    const state = LiquidationMath.worstState(holdings.map(({ price }) => price));
    const strict = LiquidationMath.isStrict(state, loadDoubt(s, account).flaggedAt, call.time);
    const result = LiquidationMath.liquidate(holdings, margin, pool.claimsOpen ? claimOf(s, account) : 0n, strict);
    if (result.closed === 0n) {
      refused = { result, holdings };
      continue;
    }
    liquidations.push({ result: { ...result }, sizeDeltas: holdings.map(({ sizeDelta }) => sizeDelta) });
    reward += finish(s, call, account, pool, holdings, result, BigInt(accounts.length));
  }
  if (liquidations.length === 0 && refused) refuse(refused.result, refused.holdings);
  s.pool = { ...pool };
  for (const book of books) saveBook(s, book);
  credit(s, call.sender, reward, call.time);
  return { state: s, liquidations };
}

/** Nobody was liquidated: says why of the last account. */
function refuse({ due, equity, maintenance }: Liquidation, [first]: Holding[]): never {
  if (!due) throw new ModelError('NotLiquidatable', [divFloor(equity, RAW_PER_WAD), maintenance]);
  throw new ModelError('LiquidationMetered', [first?.room ?? 0n, first?.capacity ?? 0n]);
}

function holding(s: EngineState, book: Book, account: Hex, time: bigint): Holding {
  const { market, config, price } = book;
  const position = currentPosition(s, account, book.id, config.flags);
  const one = LiquidationMath.holdingOf(book.id, { market, config, position, price, room: 0n, capacity: 0n });
  return LiquidationMath.growsSkew(one)
    ? { ...one, ...LiquidationMath.meter(loadRisk(s, book.id), config, time) }
    : one;
}

/** Positions, cash and account. @returns The reward. */
function finish(
  s: EngineState,
  call: Call,
  account: Hex,
  pool: Book['pool'],
  holdings: Holding[],
  result: Liquidation,
  count: bigint,
): bigint {
  const stored = loadAccount(s, account);
  for (const { id, position, sizeDelta, capacity, room, market } of holdings) {
    if (position.size === 0n) {
      stored.markets &= ~(1n << id);
      if (sizeDelta !== 0n) endLife(position);
    }
    savePosition(s, account, id, position);
    const growth = LiquidationMath.skewGrowth(skewOf(market) - sizeDelta, sizeDelta);
    if (capacity !== 0n && growth !== 0n) {
      const metered = min(capacity - room + growth, capacity);
      s.risks.set(id, { ...loadRisk(s, id), metered, meteredAt: call.time });
    }
  }
  distribute(s, call, account, pool, holdings, result);
  const topUp = topUpOf(s, call, pool, result.reward, count);
  stored.margin = result.margin;
  stored.purge = 0n;
  saveAccount(s, account, stored);
  return result.reward + topUp;
}

/** Cash to and from the pool, penalty, bad debt. */
function distribute(
  s: EngineState,
  call: Call,
  account: Hex,
  pool: Book['pool'],
  holdings: Holding[],
  result: Liquidation,
): void {
  if (result.badDebt !== 0n && pool.claimsOpen) {
    const { left, collected } = setOff(s, pool, account, result.badDebt);
    result.badDebt = left;
    result.margin += collected;
  }
  if (result.poolPays > 0n) {
    let owed = result.margin + result.reward + result.penalty;
    owed += poolPays(s, pool, account, result.poolPays) - result.poolPays;
    result.reward = min(result.reward, owed);
    result.penalty = min(result.penalty, owed - result.reward);
    result.margin = owed - result.reward - result.penalty;
  } else {
    poolReceives(s, pool, -result.poolPays);
  }
  // Bad debt is the largest position's, lest small ones elsewhere spread it over the insurance of many markets.
  const { id } = holdings.reduce((most, other) => (other.initial > most.initial ? other : most));
  coverBadDebt(s, pool, id, result.badDebt, call.time);
  pool.fees += result.penalty;
}

/** Insurance raises a reward to its floor, never beyond. */
function topUpOf(s: EngineState, call: Call, pool: Book['pool'], reward: bigint, count: bigint): bigint {
  const floor = reward >= REWARD_FLOOR_MAX ? 0n : rewardFloor(s, call, count);
  if (reward >= floor) return 0n;
  const reserves = { ...s.reserves };
  if (reserves.insurance < floor - reward) divideFees(pool, reserves);
  const topUp = min(floor - reward, reserves.insurance);
  reserves.insurance -= topUp;
  s.reserves = reserves;
  return topUp;
}

/** USD per account, 18 decimals, rounded down. */
function rewardFloor(s: EngineState, call: Call, count: bigint): bigint {
  if (s.gasMarket === 0n) return MarginMath.REWARD_MIN;
  const { index } = loadMarket(s, s.gasMarket - 1n);
  const cost = mulDivDown(call.gasCost ?? 0n, index * 5n, 4n * WAD * count);
  return min(max(cost, MarginMath.REWARD_MIN), REWARD_FLOOR_MAX);
}
