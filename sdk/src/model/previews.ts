import type { Hex } from 'viem';
import { MarketFlags, type Position, type Price } from '../math/engineTypes.ts';
import * as FeeMath from '../math/feeMath.ts';
import { ASSET_SCALE, abs, divFloor, RAW_PER_WAD } from '../math/fixedPoint.ts';
import * as LiquidationMath from '../math/liquidationMath.ts';
import * as MarginMath from '../math/marginMath.ts';
import type { Outcome, Trade } from '../math/tradeMath.ts';
import { asContract } from './applyTrade.ts';
import { worstPortfolio } from './collateral.ts';
import { type EngineState, loadAccount, loadPosition, MAX_CUSTODY } from './engineState.ts';
import { bits, openBook, pendingOf, tryTrade, unpaidClaim } from './ledger.ts';
import { checkedMul, ModelError } from './modelError.ts';

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
  const stored = loadAccount(state, account);
  // What is committed has faded already; what is closed at once does not.
  if (trade.opening && pendingOf(stored, time) === 0n)
    stored.volume = FeeMath.decayed(stored.volume, stored.committedAt, time);
  const outcome: Outcome = asContract(() => tryTrade(state, book, account, stored, position, tried, time));
  return { outcome, position };
}

/**
 * Whether margin may leave an account, to its owner or to another account of theirs.
 * @param assets USDC units, 6 decimals.
 * @param prices One per market of the account, ascending.
 * @returns `equity` that would remain and `required`, USD, 18 decimals; whether it would be `permitted` to the owner.
 */
export function previewWithdrawal(
  state: EngineState,
  time: bigint,
  account: Hex,
  assets: bigint,
  prices: readonly Price[],
) {
  if (assets === 0n) throw new ModelError('ZeroAmount');
  const stored = loadAccount(state, account);
  const amount = checkedMul(assets, ASSET_SCALE);
  const sums = worstPortfolio(state, time, account, stored.markets, prices);
  const equity = divFloor(MarginMath.equity(stored.margin, sums), RAW_PER_WAD) - amount;
  const required = MarginMath.withdrawalRequirement(sums);
  const open = pendingOf(stored, time) === 0n && state.pool.pauseLevel < 2n;
  return { equity, required, permitted: open && stored.margin >= amount && equity >= required };
}

/**
 * What a deposit would make of an account's margin.
 * @param assets USDC units, 6 decimals.
 * @returns `margin` USD, 18 decimals; `permitted`: whether the engine has room for it.
 */
export function previewDeposit(state: EngineState, account: Hex, assets: bigint) {
  if (assets === 0n) throw new ModelError('ZeroAmount');
  const permitted = assets <= (MAX_CUSTODY - state.custody) / ASSET_SCALE;
  return { margin: loadAccount(state, account).margin + assets * ASSET_SCALE, permitted };
}

/** A liquidation at prices, one per market of the account, ascending; whether or not it is due. */
export function previewLiquidation(state: EngineState, time: bigint, account: Hex, prices: readonly Price[]) {
  const stored = loadAccount(state, account);
  const favourable = MarginMath.emptyPortfolio();
  const closing = LiquidationMath.emptyClosing();
  for (const [next, id] of bits(stored.markets).entries()) {
    const price = prices[next];
    if (!price) throw new ModelError('Panic', [0x32n]);
    const { market, config } = openBook(state, id, time);
    const position = loadPosition(state, account, id);
    MarginMath.add(favourable, position, market, config, position.size > 0n ? price.hi : price.lo);
    LiquidationMath.closeWhole(closing, market, config, position, price);
  }
  const equity = MarginMath.equity(stored.margin + unpaidClaim(state, account), favourable);
  const liquidatable = equity < MarginMath.maintenanceRequirement(favourable) * RAW_PER_WAD;
  return { liquidatable, closing, division: LiquidationMath.divide(closing, stored.margin) };
}
