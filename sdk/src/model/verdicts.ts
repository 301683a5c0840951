import type { Hex } from 'viem';
import * as DeleveragingMath from '../math/deleveragingMath.ts';
import { Failure, MarketFlags, type Order, type Position, type Price } from '../math/engineTypes.ts';
import * as FeeMath from '../math/feeMath.ts';
import { ASSET_SCALE, divFloor, min, RAW_PER_WAD } from '../math/fixedPoint.ts';
import * as LiquidationMath from '../math/liquidationMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import * as OrderWords from '../math/orderWords.ts';
import { emptyOutcome, type Outcome, type Trade } from '../math/tradeMath.ts';
import { asContract } from './applyTrade.ts';
import { leavingMarkets, worstPortfolio } from './collateral.ts';
import { type EngineState, loadAccount, loadConfig, loadDoubt, loadRisk, MAX_SIZE } from './engineState.ts';
import {
  bits,
  claimOf,
  currentPosition,
  liveMarkets,
  mayOpen,
  openBook,
  openLive,
  pendingOf,
  tryTrade,
} from './ledger.ts';
import { checkedMul, ModelError } from './modelError.ts';
import { tradeOf } from './orders.ts';

// Verdicts of RiskManager.sol, mirrored: the calculation that executes, without the checks around it.

/** An order at a price, its trigger taken as met. */
export function judgeOrder(state: EngineState, time: bigint, market: bigint, order: Order, price: Price) {
  if (OrderWords.sizeDeltaOf(order.terms) === 0n) throw new ModelError('ZeroSize');
  const position = currentPosition(state, order.account, market, loadConfig(state, market).flags);
  const trade = tradeOf(order, position, price, true);
  if (trade === null) return { outcome: { ...emptyOutcome(), failure: Failure.PositionEnded }, position };
  return judge(state, time, order.account, market, trade, price);
}

/** An immediate close at a price. */
export function judgeCloseNow(
  state: EngineState,
  time: bigint,
  account: Hex,
  market: bigint,
  size: bigint,
  limitPrice: bigint,
  price: Price,
) {
  if (size === 0n) throw new ModelError('ZeroSize');
  const buys = currentPosition(state, account, market, loadConfig(state, market).flags).size < 0n;
  const trade = {
    sizeDelta: buys ? min(size, MAX_SIZE) : -min(size, MAX_SIZE),
    limitPrice,
    price: price.mid,
    spread: LiquidationMath.closingSpread(price, buys),
    adverseLong: price.lo,
    adverseShort: price.hi,
    reduceOnly: true,
    opening: false,
    builderFee: 0n,
  };
  return judge(state, time, account, market, trade, price);
}

function judge(state: EngineState, time: bigint, account: Hex, market: bigint, trade: Trade, price: Price) {
  const book = { ...openLive(state, market, time), price };
  const position: Position = currentPosition(state, account, market, book.config.flags);
  const tried = { ...trade, opening: trade.opening && mayOpen(book) };
  const stored = loadAccount(state, account);
  const committed = trade.opening && pendingOf(stored, time) !== 0n;
  // What is committed has faded already; what is closed at once does not.
  if (trade.opening && !committed) stored.volume = FeeMath.decayed(stored.volume, stored.committedAt, time);
  const at = committed ? stored.committedAt : 0n;
  const outcome: Outcome = asContract(() => tryTrade(state, book, account, stored, position, tried, time, at));
  return { outcome, position };
}

/**
 * Whether margin may leave an account, to its owner or to another account of theirs.
 * @param assets USDC units, 6 decimals.
 * @param prices One per market of {@link leavingMarkets}, ascending.
 * @returns `equity` that would remain and `required`, USD, 18 decimals; whether it would be `permitted` to the owner.
 */
export function judgeWithdrawal(
  state: EngineState,
  time: bigint,
  account: Hex,
  assets: bigint,
  prices: readonly Price[],
) {
  if (assets === 0n) throw new ModelError('ZeroAmount');
  const stored = loadAccount(state, account);
  const amount = checkedMul(assets, ASSET_SCALE);
  const sums = worstPortfolio(state, time, account, leavingMarkets(state, account), prices);
  const equity = divFloor(MarginMath.equity(stored.margin, sums), RAW_PER_WAD) - amount;
  const required = MarginMath.withdrawalRequirement(sums);
  const open = pendingOf(stored, time) === 0n && (state.pool.pauseLevel & 2n) === 0n;
  return { equity, required, permitted: open && stored.margin >= amount && equity >= required };
}

/** A liquidation at prices, one per market of the account, ascending. */
export function previewLiquidation(state: EngineState, time: bigint, account: Hex, prices: readonly Price[]) {
  const stored = loadAccount(state, account);
  const held = bits(stored.markets);
  if (prices.length !== held.length)
    throw new ModelError('PriceCountMismatch', [BigInt(prices.length), BigInt(held.length)]);
  const holdings = held.map((id, next) => {
    const { market, config } = openBook(state, id, time);
    if ((config.flags & MarketFlags.Settled) !== 0n) throw new ModelError('PositionUnsettled', [id]);
    const { room, capacity } = LiquidationMath.meter(loadRisk(state, id), config, time);
    const position = currentPosition(state, account, id, config.flags);
    return LiquidationMath.holdingOf(id, { market, config, position, price: prices[next] as Price, room, capacity });
  });
  const strict = LiquidationMath.isStrict(
    LiquidationMath.worstState(prices),
    loadDoubt(state, account).flaggedAt,
    time,
  );
  const liquidation = LiquidationMath.liquidate(holdings, stored.margin, claimOf(state, account), strict);
  return { liquidation, sizeDeltas: holdings.map(({ sizeDelta }) => sizeDelta) };
}

/** What deleveraging a market would take. @param prices One per market that is not settled, ascending. */
export function previewDeleveraging(state: EngineState, time: bigint, id: bigint, prices: readonly Price[]) {
  const { market, config } = openLive(state, id, time);
  let value = (state.pool.cash - state.claims.outstanding) * RAW_PER_WAD;
  const live = bits(liveMarkets(state));
  for (let one = 0n; one < state.marketCount; one++) {
    const book = one === id ? { market, config } : openBook(state, one, time);
    const price = prices[live.indexOf(one)];
    if (price && price.publishTime > book.market.indexAt) book.market.index = price.mid;
    value -= DeleveragingMath.owed(book.market, book.config, book.market.index);
  }
  return { reduction: DeleveragingMath.reductionOf(market, config, value) };
}

/** How much of a position's loss would move to unpaid claims at a price. USD, 18 decimals. */
export function previewCrystallise(state: EngineState, time: bigint, account: Hex, id: bigint, price: Price) {
  const { market, config } = openBook(state, id, time);
  const position = currentPosition(state, account, id, config.flags);
  const { margin } = loadAccount(state, account);
  const favourable = position.size > 0n ? price.hi : price.lo;
  return DeleveragingMath.crystallisable(position, favourable, market.funding, margin, state.claims.outstanding);
}

/** What settling a position would realise at the market's index. USD, 18 decimals. */
export function previewSettlement(state: EngineState, time: bigint, account: Hex, id: bigint) {
  const { market, config } = openBook(state, id, time);
  return { realised: DeleveragingMath.leave(market, currentPosition(state, account, id, config.flags)) };
}
