import type { Hex } from 'viem';
import { MarketFlags, type Position, type Price } from '../math/engineTypes.ts';
import { abs } from '../math/fixedPoint.ts';
import * as LiquidationMath from '../math/liquidationMath.ts';
import type { Outcome, Trade } from '../math/tradeMath.ts';
import { asContract } from './applyTrade.ts';
import { type EngineState, loadAccount, loadPosition, loadRisk } from './engineState.ts';
import { bits, openBook, tryTrade, unpaidClaim } from './ledger.ts';
import { ModelError } from './modelError.ts';

// What would happen, mirror of RiskManager.sol: the calculation that executes.

/** A market order at a price. */
export function previewOrder(
  state: EngineState,
  time: bigint,
  account: Hex,
  market: bigint,
  order: { sizeDelta: bigint; limitPrice: bigint; reduceOnly: boolean },
  price: Price,
) {
  if (order.sizeDelta === 0n) throw new ModelError('ZeroSize');
  return preview(state, time, account, market, {
    ...order,
    price: price.mid,
    spread: order.sizeDelta > 0n ? price.hi - price.mid : price.mid - price.lo,
    adverseLong: price.lo,
    adverseShort: price.hi,
    opening: true,
  });
}

/** An immediate close at a price. */
export function previewCloseNow(
  state: EngineState,
  time: bigint,
  account: Hex,
  market: bigint,
  size: bigint,
  limitPrice: bigint,
  price: Price,
) {
  if (size === 0n) throw new ModelError('ZeroSize');
  const buys = loadPosition(state, account, market).size < 0n;
  return preview(state, time, account, market, {
    sizeDelta: buys ? abs(size) : -size,
    limitPrice,
    price: price.mid,
    spread: LiquidationMath.closingSpread(price, buys),
    adverseLong: price.lo,
    adverseShort: price.hi,
    reduceOnly: true,
    opening: false,
  });
}

function preview(state: EngineState, time: bigint, account: Hex, market: bigint, trade: Trade) {
  const book = openBook(state, market, time);
  const position: Position = loadPosition(state, account, market);
  const permitted = book.pool.pauseLevel === 0n && (book.config.flags & MarketFlags.ReduceOnly) === 0n;
  const tried = { ...trade, opening: trade.opening && permitted };
  const outcome: Outcome = asContract(() =>
    tryTrade(state, book, account, loadAccount(state, account), position, tried, time),
  );
  return { outcome, position };
}

/** A liquidation at prices, one per market of the account, ascending. */
export function previewLiquidation(state: EngineState, time: bigint, account: Hex, prices: readonly Price[]) {
  const stored = loadAccount(state, account);
  const held = bits(stored.markets);
  if (prices.length !== held.length)
    throw new ModelError('PriceCountMismatch', [BigInt(prices.length), BigInt(held.length)]);
  const holdings = held.map((id, next) => {
    const { market, config } = openBook(state, id, time);
    const { room, capacity } = LiquidationMath.meter(loadRisk(state, id), config, time);
    const position = loadPosition(state, account, id);
    return LiquidationMath.holdingOf(id, { market, config, position, price: prices[next] as Price, room, capacity });
  });
  const liquidation = LiquidationMath.liquidate(holdings, stored.margin, unpaidClaim(state, account));
  return { liquidation, sizeDeltas: holdings.map(({ sizeDelta }) => sizeDelta) };
}
