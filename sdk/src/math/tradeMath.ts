import { BaseError } from 'viem';
import { Failure, type Market, type MarketConfig, type Position } from './engineTypes.ts';
import { allocationRoom, builderFee, cost as fillCost, openingRoom, skewScale, tradeFee } from './fillMath.ts';
import { abs, divFloor, divUp, min, RAW_PER_WAD } from './fixedPoint.ts';
import { skewOf } from './fundingMath.ts';
import {
  counted,
  initialRatio,
  MARGIN_PER_POSITION,
  MAX_POSITIONS,
  type Portfolio,
  required,
  rewardOf,
  value,
} from './marginMath.ts';

// The one calculation behind settlement, immediate close and preview, mirror of TradeMath.sol.
// Source: docs/mechanism.md#trades.

/**
 * A trade to be tried. `sizeDelta` base units, 12 decimals, + buys, never zero; the prices and `spread` USD per base unit,
 * 18 decimals; `opening`: whether opening is permitted at all.
 */
export interface Trade {
  sizeDelta: bigint;
  limitPrice: bigint;
  price: bigint;
  spread: bigint;
  adverseLong: bigint;
  adverseShort: bigint;
  reduceOnly: boolean;
  opening: boolean;
  /** Of the notional, tenths of a basis point. */
  builderFee: bigint;
}

/**
 * Everything a trade acts on: `market` (accrued) and `position` are changed in place when it fills. `allowance`: what the
 * market may lock of the pool, USD, 18 decimals; `discount`: of the account's fee tier, percent of the fee.
 */
export interface TradeContext {
  market: Market;
  config: MarketConfig;
  position: Position;
  margin: bigint;
  others: Portfolio;
  trade: Trade;
  allowance: bigint;
  discount: bigint;
}

/** What a trade did, or why it could not. `cost` USD, 30 decimals, + the trader pays; the other money USD, 18 decimals. */
export interface Outcome {
  failure: Failure;
  sizeDelta: bigint;
  cost: bigint;
  fee: bigint;
  margin: bigint;
  poolPays: bigint;
  deferred: bigint;
  badDebt: bigint;
  required: bigint;
  /** Of the fee: what a waiver takes first. */
  builderFee: bigint;
}

/** Smallest notional an opening may leave behind, USD, 30 decimals. */
export const MIN_NOTIONAL = 10n * 10n ** 30n;
/** Largest notional of a position, USD, 30 decimals. */
export const MAX_NOTIONAL = 5n * 10n ** 38n;

/** Thrown when a position's cash, or its market's total with it, would leave its width; no permitted size and price can. */
export class CashOutOfRangeError extends BaseError {
  override name = 'CashOutOfRangeError';
  constructor(readonly cash: bigint) {
    super(`A position's cash would be ${cash}, beyond 136 bits. Trade a smaller size.`);
  }
}

/** An outcome in which nothing has happened. */
export function emptyOutcome(): Outcome {
  return {
    failure: Failure.None,
    sizeDelta: 0n,
    cost: 0n,
    fee: 0n,
    margin: 0n,
    poolPays: 0n,
    deferred: 0n,
    badDebt: 0n,
    required: 0n,
    builderFee: 0n,
  };
}

/** Tries a trade as one of an account's: a new position needs a place. */
export function attempt(context: TradeContext): Outcome {
  const opens = context.position.size === 0n && !context.trade.reduceOnly;
  if (opens && context.others.positions === MAX_POSITIONS)
    return { ...emptyOutcome(), failure: Failure.TooManyPositions };
  return execute(context);
}

/** Tries a trade and, if it fills, changes market and position in place. */
export function execute(context: TradeContext): Outcome {
  const outcome = emptyOutcome();
  const { trade } = context;
  const closing = closingPart(context.position.size, trade.sizeDelta);
  let sizeDelta = closing;
  if (trade.reduceOnly) {
    if (closing === 0n) outcome.failure = Failure.NothingToReduce;
  } else if (trade.sizeDelta !== closing) {
    const { failure, part } = openingPart(context, closing, trade.sizeDelta - closing);
    outcome.failure = failure;
    sizeDelta += part;
  }
  if (outcome.failure !== Failure.None) return outcome;

  outcome.sizeDelta = sizeDelta;
  outcome.cost = costOf(context, sizeDelta);
  if (outcome.cost > trade.limitPrice * sizeDelta) {
    outcome.failure = Failure.LimitExceeded;
    return outcome;
  }
  outcome.builderFee = builderFee(trade.price, sizeDelta, trade.builderFee);
  outcome.fee =
    tradeFee(trade.price, skewOf(context.market), sizeDelta, context.discount, context.config) + outcome.builderFee;
  if (sizeDelta === closing) reduce(outcome, context);
  else open(outcome, context, closing);
  return outcome;
}

/** The part of a trade that closes: all that is opposite to the position, up to its size; in the trade's sign. */
export function closingPart(size: bigint, sizeDelta: bigint): bigint {
  if (size === 0n || size > 0n === sizeDelta > 0n) return 0n;
  return abs(sizeDelta) > abs(size) ? -size : sizeDelta;
}

/**
 * Closes a part of a position: moves the integer cash · |part| / |size| out of position and market alike and realises it
 * with the trade's cost. Both are changed in place.
 * @param sizeDelta Opposite in sign to the position and at most its size.
 * @param cost Of the part, USD, 30 decimals.
 * @returns Realised, USD, 18 decimals, rounded down; the remainder stays in the position, or is the pool's at a full close.
 * @throws {CashOutOfRangeError}
 */
export function close(market: Market, position: Position, sizeDelta: bigint, cost: bigint): bigint {
  const { size } = position;
  const { realised, change } = realise(size, position.cash, market.funding, sizeDelta, cost);
  position.size = BigInt.asIntN(88, size + sizeDelta);
  addCash(market, position, change);
  reduceInterest(market, sizeDelta);
  return realised;
}

/**
 * What closing a part comes to: the integer cash · |part| / |size| leaves the position and is realised with its cost.
 * @returns `realised` USD, 18 decimals, rounded down; `change` of the position's cash, USD, 30 decimals.
 */
export function realise(size: bigint, cash: bigint, funding: bigint, sizeDelta: bigint, cost: bigint) {
  const moved = (cash * sizeDelta) / -size;
  const raw = moved + sizeDelta * funding - cost;
  const realised = divFloor(raw, RAW_PER_WAD);
  const kept = size + sizeDelta === 0n ? 0n : raw - realised * RAW_PER_WAD;
  return { realised, change: kept - moved };
}

/** Takes what closes out of the open interest of its side. */
export function reduceInterest(market: Market, sizeDelta: bigint): void {
  if (sizeDelta < 0n) market.longs += sizeDelta;
  else market.shorts -= sizeDelta;
}

/**
 * Changes a position's cash and the market's total by the same amount, in place.
 * @param change USD, 30 decimals.
 * @throws {CashOutOfRangeError} When it does not fit.
 */
export function addCash(market: Market, position: Position, change: bigint): void {
  const cash = position.cash + change;
  const total = market.cash + change;
  if (!fitsWidths(cash, total)) throw new CashOutOfRangeError(cash);
  position.cash = cash;
  market.cash = total;
}

const fitsWidths = (cash: bigint, total: bigint) =>
  BigInt.asIntN(136, cash) === cash && BigInt.asIntN(152, total) === total;

/** What opens of a trade beyond the part that closes, zero where only the rest closes; and why the trade cannot fill. */
function openingPart(context: TradeContext, closing: bigint, opening: bigint): { failure: Failure; part: bigint } {
  const { trade, position } = context;
  const room = trade.opening ? min(roomFor(context, closing, opening > 0n), abs(opening)) : 0n;
  if (room === 0n) {
    if (closing !== 0n) return { failure: Failure.None, part: 0n };
    return { failure: trade.opening ? Failure.CapReached : Failure.OpeningPaused, part: 0n };
  }
  const part = opening > 0n ? room : -room;
  const notional = abs(position.size + closing + part) * trade.price;
  // A flip that the caps leave no more than dust of still closes.
  if (notional < MIN_NOTIONAL)
    return { failure: closing === 0n || part === opening ? Failure.Dust : Failure.None, part: 0n };
  return { failure: notional > MAX_NOTIONAL ? Failure.TooLarge : Failure.None, part };
}

/** What every cap leaves, after the part that closes. */
function roomFor(context: TradeContext, closing: bigint, buys: boolean): bigint {
  const { market, config, position, trade, allowance } = context;
  const skew = skewOf(market);
  const [side, other] = buys ? [market.longs, market.shorts] : [market.shorts, market.longs];
  const room = openingRoom(skew + closing, side, abs(position.size + closing), buys, config);
  if (room === 0n) return 0n;
  const unrealised = skew * (trade.price - market.funding) + market.cash;
  return min(room, allocationRoom(allowance, trade.price, unrealised, side, other - abs(closing)));
}

function costOf(context: TradeContext, sizeDelta: bigint): bigint {
  const { market, config, trade } = context;
  return fillCost(trade.price, skewOf(market), sizeDelta, skewScale(config)) + trade.spread * abs(sizeDelta);
}

/**
 * A reducing trade needs non-negative equity before it, or a better equity / notional after it. What it costs beyond the
 * equity is first waived from the fee, then bad debt; what the margin cannot pay stays as a loss in the account's positions.
 */
function reduce(outcome: Outcome, context: TradeContext): void {
  if (!mayReduce(outcome, context)) return;
  const { market, position, margin } = context;
  const realised = close(market, position, outcome.sizeDelta, outcome.cost);
  let marginAfter = margin + realised - outcome.fee + outcome.badDebt;
  if (marginAfter < 0n) {
    const deferred = -marginAfter;
    marginAfter = 0n;
    if (position.size !== 0n) addCash(market, position, -(deferred * RAW_PER_WAD));
    else outcome.deferred = deferred;
  }
  outcome.margin = marginAfter;
  outcome.poolPays = marginAfter - margin + outcome.fee;
}

function mayReduce(outcome: Outcome, context: TradeContext): boolean {
  const { price } = context.trade;
  const { sizeDelta } = outcome;
  const equity =
    context.margin * RAW_PER_WAD + context.others.value + value(context.position, price, context.market.funding);
  const equityAfter = equity + sizeDelta * price - outcome.cost - outcome.fee * RAW_PER_WAD;
  if (equityAfter >= 0n) return true;
  if (equity < 0n) {
    const notional = (context.others.notional + abs(context.position.size) * price) / RAW_PER_WAD;
    const left = notional - (abs(sizeDelta) * price) / RAW_PER_WAD;
    if (equityAfter * notional > equity * left) return true;
    outcome.failure = Failure.EquityNegative;
    return false;
  }
  const shortfall = divUp(-equityAfter, RAW_PER_WAD);
  const waived = min(shortfall, outcome.fee);
  outcome.fee -= waived;
  outcome.builderFee -= min(waived, outcome.builderFee);
  outcome.badDebt = shortfall - waived;
  return true;
}

/** The position is opened, judged, and taken back when the verdict is against it. */
function open(outcome: Outcome, context: TradeContext, closing: bigint): void {
  const { market, position } = context;
  const { size, cash } = position;
  const { longs, shorts, cash: total } = market;
  const { fits, premium } = place(outcome, context, closing);
  if (fits && covered(outcome, context, premium)) return;
  outcome.failure = fits ? Failure.MarginTooLow : Failure.TooLarge;
  Object.assign(outcome, { margin: 0n, poolPays: 0n });
  Object.assign(position, { size, cash });
  Object.assign(market, { longs, shorts, cash: total });
}

/** @returns `premium`: what the opening costs beyond its size at the mid, USD, 30 decimals; `fits` as of {@link addSize}. */
function place(outcome: Outcome, context: TradeContext, closing: bigint) {
  const { market, position, trade } = context;
  const closingCost = closing === 0n ? 0n : costOf(context, closing);
  const realised = closing === 0n ? 0n : close(market, position, closing, closingCost);
  const cost = outcome.cost - closingCost;
  const opening = outcome.sizeDelta - closing;
  outcome.poolPays = realised;
  // Judged before it is kept.
  outcome.margin = context.margin + realised - outcome.fee;
  return { fits: addSize(market, position, opening, cost), premium: cost - opening * trade.price };
}

/**
 * margin + Σ counted unrealised − max(0, premium) ≥ initial, the position valued at its adverse price and without the
 * premium of its opening.
 */
function covered(outcome: Outcome, context: TradeContext, premium: bigint): boolean {
  const { others, trade, position, config } = context;
  const { margin } = outcome;
  outcome.required = requiredAfter(context);
  const adverse = position.size > 0n ? trade.adverseLong : trade.adverseShort;
  const unrealised = value(position, adverse, context.market.funding) + premium;
  const sum = margin * RAW_PER_WAD + others.counted + counted(unrealised, config) - (premium > 0n ? premium : 0n);
  return sum >= outcome.required * RAW_PER_WAD && margin >= (others.positions + 1n) * MARGIN_PER_POSITION;
}

/** Initial margin of the account with the position as it would be. */
function requiredAfter(context: TradeContext): bigint {
  const size = abs(context.position.size);
  const notional = size * context.trade.price;
  return (
    context.others.initial +
    required(notional, initialRatio(size, context.config)) +
    rewardOf(context.others.notional + notional)
  );
}

/**
 * @returns Whether the position's cash and the market's fit their widths, as they may not where funding has grown to many times a price that
 * then fell; nothing is changed when it does not.
 */
function addSize(market: Market, position: Position, sizeDelta: bigint, cost: bigint): boolean {
  const change = sizeDelta * market.funding - cost;
  const cash = position.cash + change;
  const total = market.cash + change;
  if (!fitsWidths(cash, total)) return false;
  position.size = BigInt.asIntN(88, position.size + sizeDelta);
  position.cash = cash;
  market.cash = total;
  if (sizeDelta > 0n) market.longs += sizeDelta;
  else market.shorts -= sizeDelta;
  return true;
}
