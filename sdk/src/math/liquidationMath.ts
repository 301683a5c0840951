import type { Market, MarketConfig, MarketRisk, Position, Price } from './engineTypes.ts';
import { cost as fillCost, skewScale } from './fillMath.ts';
import {
  abs,
  BPS,
  divFloor,
  divUp,
  max,
  min,
  mulDivCeil,
  mulDivDown,
  mulDivUp,
  RAW_PER_WAD,
  sqrt,
  WAD,
} from './fixedPoint.ts';
import { skewOf } from './fundingMath.ts';
import { initialRatio, maintenanceOf, required, rewardOf, value } from './marginMath.ts';
import { addCash, close, MIN_NOTIONAL } from './tradeMath.ts';

// Liquidation: whether it is due, how much of what it closes, where that fills and who gets what is left, mirror of
// LiquidationMath.sol. Source: docs/mechanism.md#liquidation.

/**
 * One position of an account under liquidation; fields as in LiquidationMath.sol. Market and position are changed in
 * place. `room`, `capacity` and `sizeDelta` base units, 12 decimals; `initial`, `maintenance` USD, 18 decimals; `cost`
 * USD, 30 decimals.
 */
export interface Holding {
  id: bigint;
  market: Market;
  config: MarketConfig;
  position: Position;
  price: Price;
  room: bigint;
  capacity: bigint;
  initial: bigint;
  maintenance: bigint;
  sizeDelta: bigint;
  cost: bigint;
}

/** What liquidating an account comes to. USD, 18 decimals; `equity` 30 decimals; `closed` counts positions. */
export interface Liquidation {
  due: boolean;
  equity: bigint;
  maintenance: bigint;
  reward: bigint;
  penalty: bigint;
  margin: bigint;
  deferred: bigint;
  badDebt: bigint;
  /** Cash from the pool; negative when the account pays the pool. */
  poolPays: bigint;
  closed: bigint;
}

interface Part {
  buys: boolean;
  size: bigint;
  favourable: bigint;
  spread: bigint;
  skew: bigint;
  scale: bigint;
  lacking: bigint;
  closing: bigint;
  cost: bigint;
  penalty: bigint;
  surplus: bigint;
}

interface Progress {
  whole: boolean;
  lacking: bigint;
  cash: bigint;
  band: bigint;
  open: number;
}

/** Surcharge of an immediate close, basis points of mid; at least the band's half-width. */
export const SURCHARGE_BPS = 10n;
/** Seconds in which a market's meter empties. */
export const METER_SECONDS = 60n;
const MAX_STEPS = 16;
/** Rounding of a surplus, USD, 30 decimals. */
const ROUNDING = 3n * RAW_PER_WAD;

/** A position before anything of it was closed. */
export function holdingOf(
  id: bigint,
  parts: Pick<Holding, 'market' | 'config' | 'position' | 'price' | 'room' | 'capacity'>,
): Holding {
  return { id, ...parts, initial: 0n, maintenance: 0n, sizeDelta: 0n, cost: 0n };
}

/**
 * What an immediate close pays beside the curve: the band and a surcharge of max(10 bp, half-width).
 * @param buys Whether closing buys, as for a short.
 * @returns USD per base unit, 18 decimals, rounded up.
 */
export function closingSpread(price: Price, buys: boolean): bigint {
  const surcharge = max(mulDivUp(price.mid, SURCHARGE_BPS, BPS), price.halfWidth);
  return (buys ? price.hi - price.mid : price.mid - price.lo) + surcharge;
}

/**
 * How much liquidations of parts may still make a market's |skew| grow: a bucket of κ · S that empties evenly within
 * {@link METER_SECONDS}.
 * @returns Base units, 12 decimals: `room` rounded down, `capacity` κ · S.
 */
export function meter(risk: MarketRisk, config: MarketConfig, time: bigint): { room: bigint; capacity: bigint } {
  const capacity = (skewScale(config) * config.skewCapBps) / BPS;
  const emptied = (capacity * min(time - risk.meteredAt, METER_SECONDS)) / METER_SECONDS;
  const level = risk.metered - min(emptied, risk.metered);
  return { room: capacity - min(level, capacity), capacity };
}

/** By how much a trade makes |skew| grow; base units, 12 decimals. */
export function skewGrowth(skew: bigint, sizeDelta: bigint): bigint {
  return max(abs(skew + sizeDelta) - abs(skew), 0n);
}

/**
 * Judges an account and, if it is due, closes in place what restores it: the market with the largest maintenance margin
 * first, and of each the least that leaves equity ≥ initial margin; everything when equity is below half of maintenance.
 * @param margin Realised margin, USD, 18 decimals.
 * @param claim Unpaid claim, USD, 18 decimals.
 */
export function liquidate(holdings: Holding[], margin: bigint, claim: bigint): Liquidation {
  const result: Liquidation = {
    due: false,
    equity: 0n,
    maintenance: 0n,
    reward: 0n,
    penalty: 0n,
    margin: 0n,
    deferred: 0n,
    badDebt: 0n,
    poolPays: 0n,
    closed: 0n,
  };
  const { initial, reward } = judge(result, holdings, margin + claim);
  if (!result.due) return result;
  const progress: Progress = {
    whole: 2n * result.equity < result.maintenance * RAW_PER_WAD,
    lacking: (initial + 2n * reward) * RAW_PER_WAD - result.equity,
    cash: margin,
    band: 0n,
    open: holdings.filter(({ position }) => position.size !== 0n).length,
  };
  for (let left = progress.open; left !== 0; left--) if (liquidateOne(result, progress, largest(holdings))) break;
  if (progress.whole || result.closed !== 0n) realiseEmpty(result, progress, holdings);
  if (progress.open === 0) divideAll(result, progress, reward);
  else if (result.closed !== 0n) dividePart(result, holdings, progress.cash, reward);
  else result.margin = margin;
  result.poolPays = result.margin + result.reward + result.penalty - margin;
  return result;
}

function liquidateOne(result: Liquidation, progress: Progress, holding: Holding): boolean {
  holding.maintenance = 0n;
  const { price } = holding;
  const { size } = holding.position;
  const buys = size < 0n;
  const part: Part = {
    buys,
    size: abs(size),
    favourable: buys ? price.lo : price.hi,
    spread: closingSpread(price, buys),
    skew: skewOf(holding.market),
    scale: skewScale(holding.config),
    lacking: progress.lacking,
    closing: 0n,
    cost: 0n,
    penalty: 0n,
    surplus: 0n,
  };
  if (progress.whole) reckon(holding, part, part.size);
  else reckonLeast(holding, part);
  if (part.closing === 0n) return false;
  progress.lacking = -part.surplus;
  progress.band += part.closing * part.spread;
  result.penalty += part.penalty;
  result.closed++;
  holding.sizeDelta = buys ? part.closing : -part.closing;
  holding.cost = part.cost;
  progress.cash += close(holding.market, holding.position, holding.sizeDelta, part.cost);
  if (part.closing === part.size) progress.open--;
  return !progress.whole && (part.closing < part.size || part.surplus >= 0n);
}

/** Takes the cash out of positions that deleveraging has left without size. */
function realiseEmpty(result: Liquidation, progress: Progress, holdings: Holding[]): void {
  for (const { position, market, sizeDelta } of holdings) {
    if (position.size !== 0n || sizeDelta !== 0n) continue;
    progress.cash += divFloor(position.cash, RAW_PER_WAD);
    market.cash -= position.cash;
    position.cash = 0n;
    result.closed++;
  }
}

/** Each market at the price that favours the account. */
function judge(result: Liquidation, holdings: Holding[], cash: bigint) {
  let equity = cash * RAW_PER_WAD;
  let [initial, maintenance, total] = [0n, 0n, 0n];
  for (const holding of holdings) {
    const { config, position, market } = holding;
    const price = position.size > 0n ? holding.price.hi : holding.price.lo;
    const size = abs(position.size);
    equity += value(position, price, market.funding);
    total += size * price;
    holding.initial = required(size * price, initialRatio(size, config));
    holding.maintenance = maintenanceOf(holding.initial, config);
    initial += holding.initial;
    maintenance += holding.maintenance;
  }
  const reward = rewardOf(total);
  result.equity = equity;
  result.maintenance = maintenance + reward;
  result.due = equity < result.maintenance * RAW_PER_WAD;
  return { initial, reward };
}

function largest(holdings: Holding[]): Holding {
  return holdings.reduce((most, holding) => (holding.maintenance > most.maintenance ? holding : most));
}

/** What closing a part does: the fill against the favourable price, the penalty, and the initial margin that it frees. */
function reckon(holding: Holding, part: Part, closing: bigint): void {
  const { config } = holding;
  const { mid } = holding.price;
  const sizeDelta = part.buys ? closing : -closing;
  const cost = fillCost(mid, part.skew, sizeDelta, part.scale) + part.spread * closing;
  const penalty = divUp(closing * mid * config.penaltyBps, BPS * RAW_PER_WAD);
  const rest = part.size - closing;
  const freed = holding.initial - required(rest * part.favourable, initialRatio(rest, config)) - penalty;
  part.surplus = sizeDelta * part.favourable - cost + freed * RAW_PER_WAD - part.lacking;
  Object.assign(part, { closing, cost, penalty });
}

/**
 * The least part whose closing leaves equity ≥ initial margin; the whole position when none does or only dust would stay.
 * Up to rounding what lacks is c − b · n + a · n²; the size beside its lesser root is the least when nothing lacks and no
 * more than the last unit's effect is left over.
 */
function reckonLeast(holding: Holding, part: Part): void {
  const first = slope(holding, part);
  const { mid } = holding.price;
  const curvature = 2n * mid + (part.favourable * holding.config.marginSlopeBps * 4n) / BPS;
  let closing = first > 0n ? root(part, first, curvature) + 1n : part.size;
  const rounding = ROUNDING + (part.size * part.favourable) / WAD;
  for (let i = 0; closing < part.size && i < MAX_STEPS; i++) {
    reckon(holding, part, closing);
    // What the next unit adds; none where even the best part is not enough.
    const last = first - (curvature * closing) / (2n * part.scale);
    const { surplus } = part;
    const step = last > 0n ? last : first;
    if (surplus < 0n) closing = last > 0n ? closing + divUp(-surplus, step) : part.size;
    else if (surplus < last + 2n * rounding) break;
    else closing -= min(max((surplus - rounding) / step, 1n), closing);
  }
  if (closing < part.size) closing = metered(holding, part, closing);
  if ((part.size - min(closing, part.size)) * mid < MIN_NOTIONAL) closing = part.size;
  if (closing !== part.closing) reckon(holding, part, closing);
}

function root(part: Part, first: bigint, curvature: bigint): bigint {
  const square = first * first;
  const product = mulDivDown(part.lacking, curvature, part.scale);
  if (product > square) return part.size;
  return (2n * part.lacking) / (first + sqrt(square - product));
}

/** What the first unit closed adds to the surplus; USD per base unit, 18 decimals, rounded up. */
function slope(holding: Holding, part: Part): bigint {
  const { config } = holding;
  const { mid } = holding.price;
  const gain = part.buys ? part.favourable - mid : mid - part.favourable;
  const ratio =
    config.initialMarginBps * 10n ** 14n + divUp(config.marginSlopeBps * 2n * 10n ** 14n * part.size, part.scale);
  return (
    gain +
    mulDivCeil(mid, part.buys ? -part.skew : part.skew, part.scale) -
    (part.spread + (mid * config.penaltyBps) / BPS) +
    divUp(part.favourable * ratio, WAD)
  );
}

/** A part that makes |skew| grow waits for the meter; one larger than the meter takes all of it once it is empty. */
function metered(holding: Holding, part: Part, closing: bigint): bigint {
  if (holding.capacity === 0n) return closing;
  const growth = skewGrowth(part.skew, part.buys ? closing : -closing);
  if (growth <= holding.room) return closing;
  return holding.room < holding.capacity ? 0n : closing - (growth - holding.room);
}

/** Nothing stays open. If only the bands make the rest negative, the fills stop at zero equity. */
function divideAll(result: Liquidation, { cash, band }: Progress, reward: bigint): void {
  if (cash < 0n) {
    result.badDebt = -cash - min(-cash, band / RAW_PER_WAD);
    result.penalty = 0n;
    return;
  }
  result.reward = min(cash, reward);
  result.penalty = min(cash - result.reward, result.penalty);
  result.margin = cash - result.reward - result.penalty;
}

/** Equity covers all of it; what the cash does not cover stays as a loss in a position that remains. */
function dividePart(result: Liquidation, holdings: Holding[], cash: bigint, reward: bigint): void {
  result.reward = reward;
  const left = cash - (reward + result.penalty);
  if (left >= 0n) {
    result.margin = left;
    return;
  }
  result.deferred = -left;
  const first = firstOpen(holdings);
  addCash(first.market, first.position, left * RAW_PER_WAD);
}

/** The first of the positions that are open; there must be one. */
export function firstOpen(holdings: Holding[]): Holding {
  const first = holdings.find(({ position }) => position.size !== 0n);
  if (!first) throw new RangeError('No position of the account is open.');
  return first;
}
