import {
  type Market,
  type MarketConfig,
  type MarketRisk,
  type Position,
  type Price,
  PriceState,
} from './engineTypes.ts';
import { impact, skewScale } from './fillMath.ts';
import { abs, BPS, divFloor, divUp, max, min, mulDivCeil, mulDivDown, RAW_PER_WAD, sqrt, WAD } from './fixedPoint.ts';
import { skewOf } from './fundingMath.ts';
import { initialRatio, maintenanceOf, required, rewardOf, value } from './marginMath.ts';
import { addCash, close, MIN_NOTIONAL } from './tradeMath.ts';

// Liquidation: whether it is due, how much of what it closes, where that fills and who gets what is left, mirror of
// LiquidationMath.sol. Source: docs/mechanism.md#liquidation.

/**
 * One position of an account under liquidation; fields as in LiquidationMath.sol, where what is of the market, its
 * parameters, its price and the position lies flat. Market and position are changed in place. `room`, `capacity`,
 * `magnitude`, `skew`, `sizeDelta` and `closing` base units, 12 decimals; `favourable` and `drag` USD per base unit, 18
 * decimals; `initial`, `maintenance`, `penalty` USD, 18 decimals; `cost`, `lacking`, `impact`, `surplus` USD, 30 decimals.
 */
export interface Holding {
  id: bigint;
  market: Market;
  config: MarketConfig;
  position: Position;
  price: Price;
  room: bigint;
  capacity: bigint;
  magnitude: bigint;
  favourable: bigint;
  drag: bigint;
  skew: bigint;
  initial: bigint;
  maintenance: bigint;
  sizeDelta: bigint;
  cost: bigint;
  lacking: bigint;
  closing: bigint;
  impact: bigint;
  penalty: bigint;
  surplus: bigint;
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

/** Surcharge of an immediate close, basis points of mid; at least the band's half-width. */
export const SURCHARGE_BPS = 10n;
/** Seconds in which a market's meter empties. */
export const METER_SECONDS = 60n;
/** Seconds after an account was flagged, from and up to which it may be liquidated by one source. */
export const FLAG_FROM = 60n;
export const FLAG_UNTIL = 600n;
const MAX_STEPS = 16;
/** Rounding of a surplus, USD, 30 decimals. */
const ROUNDING = 3n * RAW_PER_WAD;

/** A position before anything of it was closed. */
export function holdingOf(
  id: bigint,
  parts: Pick<Holding, 'market' | 'config' | 'position' | 'price' | 'room' | 'capacity'>,
): Holding {
  const { price, position } = parts;
  const skew = skewOf(parts.market);
  const short = position.size < 0n;
  return {
    id,
    ...parts,
    magnitude: abs(position.size),
    favourable: short ? price.lo : price.hi,
    drag: price.hi - price.lo + closingSurcharge(price.mid, price.halfWidth),
    skew: short ? skew : -skew,
    initial: 0n,
    maintenance: 0n,
    sizeDelta: 0n,
    cost: 0n,
    lacking: 0n,
    closing: 0n,
    impact: 0n,
    penalty: 0n,
    surplus: 0n,
  };
}

/** Whether closing a position whole makes |skew| grow: it has a size beyond the skew of its own side. */
export function growsSkew({ magnitude, skew }: Holding): boolean {
  return magnitude * (magnitude + 2n * skew) > 0n;
}

/**
 * What an immediate close pays beside the curve: the band and a surcharge of max(10 bp, half-width).
 * @param buys Whether closing buys, as for a short.
 * @returns USD per base unit, 18 decimals, rounded up.
 */
export function closingSpread({ mid, lo, hi, halfWidth }: Price, buys: boolean): bigint {
  return (buys ? hi - mid : mid - lo) + closingSurcharge(mid, halfWidth);
}

/** max(10 bp of mid, half-width): USD per base unit, 18 decimals, rounded up. */
function closingSurcharge(mid: bigint, halfWidth: bigint): bigint {
  return max(divUp(mid * SURCHARGE_BPS, BPS), halfWidth);
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
 * Whether only who has less than nothing may be liquidated: by one source, unless the account was found below maintenance
 * a while before; and while the chain catches up.
 * @param state The worst of the prices of the account's markets.
 * @param flaggedAt Seconds; 0 when the account was never flagged.
 * @param time The present, seconds.
 */
export function isStrict(state: number, flaggedAt: bigint, time: bigint): boolean {
  if (state <= PriceState.Guarded) return false;
  const elapsed = time - flaggedAt;
  return state !== PriceState.Single || elapsed < FLAG_FROM || elapsed > FLAG_UNTIL;
}

/** The worst state of prices. */
export const worstState = (prices: readonly Price[]): number =>
  prices.reduce((worst, { state }) => Math.max(worst, state), PriceState.Normal as number);

/**
 * Judges an account and, if it is due, closes in place what restores it: the market with the largest maintenance margin
 * first, and of each the least that leaves equity ≥ initial margin; everything when equity is below half of maintenance.
 * @param margin Realised margin, USD, 18 decimals.
 * @param claim Unpaid claim, USD, 18 decimals.
 * @param strict Whether it is due only with negative equity; then what is required of one that is not is zero.
 */
export function liquidate(holdings: Holding[], margin: bigint, claim: bigint, strict = false): Liquidation {
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
  if (strict && result.equity >= 0n) Object.assign(result, { due: false, maintenance: 0n });
  if (!result.due) return result;
  const open = holdings.filter(({ magnitude }) => magnitude !== 0n).length;
  const { realised, penalty, left } = closeParts(result, holdings, open, initial + 2n * reward);
  let cash = margin + realised;
  if (open === 0 || result.closed !== 0n) cash += realiseEmptied(result, holdings);
  if (left === 0) {
    divideAll(result, holdings, cash, reward, penalty);
    if (claim !== 0n) chargeClaim(result, cash, claim, penalty);
  }
  // Nothing is paid for a part that waits.
  else dividePart(result, holdings, cash, result.closed === 0n ? 0n : reward, penalty);
  result.poolPays = result.margin + result.reward + result.penalty - margin;
  return result;
}

/**
 * @param open How many positions have a size.
 * @param target What equity is to reach, USD, 18 decimals: the reward is paid and set aside anew.
 * @returns What closing has realised and the penalty, USD, 18 decimals, and how many positions are still open.
 */
function closeParts(result: Liquidation, holdings: Holding[], open: number, target: bigint) {
  let lacking = target * RAW_PER_WAD - result.equity;
  const whole = 2n * result.equity < result.maintenance * RAW_PER_WAD;
  let [realised, penalty, left] = [0n, 0n, open];
  for (let unseen = open; unseen !== 0; unseen--) {
    // The first of those with the largest maintenance margin, which is none at a price of nothing.
    const holding = holdings.reduce((most, other) =>
      other.maintenance > most.maintenance || most.position.size === 0n ? other : most,
    );
    holding.maintenance = 0n;
    holding.lacking = lacking;
    reckonPart(holding, whole);
    const { closing, magnitude } = holding;
    if (closing === 0n) continue;
    lacking = -holding.surplus;
    penalty += holding.penalty;
    realised += closePart(holding);
    result.closed++;
    if (closing === magnitude) left--;
    if (!whole && (closing < magnitude || lacking <= 0n)) break;
  }
  return { realised, penalty, left };
}

/** @returns What it realises, USD, 18 decimals, signed. */
function closePart(holding: Holding): bigint {
  const { market, position, price, closing } = holding;
  const surcharge = closingSurcharge(price.mid, price.halfWidth);
  const long = position.size > 0n;
  holding.sizeDelta = long ? -closing : closing;
  holding.cost = holding.sizeDelta * (long ? price.lo - surcharge : price.hi + surcharge) + holding.impact;
  return close(market, position, holding.sizeDelta, holding.cost);
}

/** Takes the cash out of positions that deleveraging has left without size. @returns USD, 18 decimals, signed. */
function realiseEmptied(result: Liquidation, holdings: Holding[]): bigint {
  let realised = 0n;
  for (const { position, market, magnitude } of holdings) {
    if (magnitude !== 0n) continue;
    realised += divFloor(position.cash, RAW_PER_WAD);
    market.cash -= position.cash;
    position.cash = 0n;
    result.closed++;
  }
  return realised;
}

/** What is weighed: `equity`, `notional` USD, 30 decimals; `initial`, `maintenance` USD, 18 decimals, without the buffer. */
export interface Weights {
  equity: bigint;
  notional: bigint;
  initial: bigint;
  maintenance: bigint;
}

/** What one position adds, at the price that favours the account. */
export function weigh({ config, position, market, magnitude, favourable }: Holding): Weights {
  const notional = magnitude * favourable;
  const initial = required(notional, initialRatio(magnitude, config));
  const maintenance = maintenanceOf(initial, config);
  return { equity: value(position, favourable, market.funding), notional, initial, maintenance };
}

export function addWeights(a: Weights, b: Weights): Weights {
  return {
    equity: a.equity + b.equity,
    notional: a.notional + b.notional,
    initial: a.initial + b.initial,
    maintenance: a.maintenance + b.maintenance,
  };
}

/**
 * What the weights come to: the account is due when `excess` is negative.
 * @returns `maintenance`, what it has to keep, and the `reward` in it, USD, 18 decimals; `excess` USD, 30 decimals.
 */
export function verdict({ equity, notional, maintenance: sum }: Weights) {
  const reward = rewardOf(notional);
  const maintenance = sum + reward;
  return { excess: equity - maintenance * RAW_PER_WAD, maintenance, reward };
}

/** Each market at the price that favours the account. */
function judge(result: Liquidation, holdings: Holding[], cash: bigint) {
  let sums: Weights = { equity: cash * RAW_PER_WAD, notional: 0n, initial: 0n, maintenance: 0n };
  for (const holding of holdings) {
    const weights = weigh(holding);
    holding.initial = weights.initial;
    holding.maintenance = weights.maintenance;
    sums = addWeights(sums, weights);
  }
  const { excess, maintenance, reward } = verdict(sums);
  Object.assign(result, { due: excess < 0n, maintenance, equity: sums.equity });
  return { initial: sums.initial, reward };
}

/** What closing a part does: the fill against the favourable price, the penalty, and the initial margin that it frees. */
function reckon(holding: Holding, closing: bigint): void {
  const { config } = holding;
  const notional = closing * holding.price.mid;
  const along = impact(notional, holding.skew, closing, skewScale(config));
  const penalty = divUp(notional * config.penaltyBps, BPS * RAW_PER_WAD);
  const rest = holding.magnitude - closing;
  const freed = holding.initial - required(rest * holding.favourable, initialRatio(rest, config)) - penalty;
  holding.surplus = freed * RAW_PER_WAD - closing * holding.drag - along - holding.lacking;
  Object.assign(holding, { closing, impact: along, penalty });
}

/**
 * The least part whose closing leaves equity ≥ initial margin; the whole position when none does, when only dust would
 * stay, or when asked for. Up to rounding what lacks is c − b · n + a · n²; the size beside its lesser root is the least
 * when nothing lacks and no more than the last unit's effect is left over.
 */
function reckonPart(holding: Holding, whole: boolean): void {
  const { magnitude: size, config } = holding;
  if (whole) {
    reckon(holding, size);
    return;
  }
  const { mid } = holding.price;
  const first = slope(holding);
  const curvature = 2n * mid + (holding.favourable * config.marginSlopeBps * 4n) / BPS;
  let closing = first > 0n ? root(holding, first, curvature) + 1n : size;
  const rounding = ROUNDING + (size * holding.favourable) / WAD;
  for (let steps = MAX_STEPS; closing < size && steps !== 0; steps--) {
    reckon(holding, closing);
    // What the next unit adds; none where even the best part is not enough.
    const last = first - (curvature * closing) / (2n * skewScale(config));
    const { surplus } = holding;
    const step = last > 0n ? last : first;
    if (surplus < 0n) closing = last > 0n ? closing + divUp(-surplus, step) : size;
    else if (surplus < last + 2n * rounding) break;
    else closing -= min(max((surplus - rounding) / step, 1n), closing);
  }
  if (closing < size && holding.capacity !== 0n) closing = metered(holding, closing);
  if (closing > size || (size - closing) * mid < MIN_NOTIONAL) closing = size;
  if (closing !== holding.closing) reckon(holding, closing);
}

function root(holding: Holding, first: bigint, curvature: bigint): bigint {
  const product = mulDivDown(holding.lacking, curvature, skewScale(holding.config));
  if (product > first * first) return holding.magnitude;
  return (2n * holding.lacking) / (first + sqrt(first * first - product));
}

/** What the first unit closed adds to the surplus; USD per base unit, 18 decimals, rounded up. */
function slope({ config, price: { mid }, skew, magnitude, favourable, drag }: Holding): bigint {
  const scale = skewScale(config);
  const ratio =
    config.initialMarginBps * 10n ** 14n + divUp(config.marginSlopeBps * 2n * 10n ** 14n * magnitude, scale);
  return mulDivCeil(-mid, skew, scale) - (drag + (mid * config.penaltyBps) / BPS) + divUp(favourable * ratio, WAD);
}

/** A part that makes |skew| grow waits for the meter; one larger than the meter takes all of it once it is empty. */
function metered({ room, capacity, skew }: Holding, closing: bigint): bigint {
  const growth = skewGrowth(skew, closing);
  if (growth <= room) return closing;
  return room < capacity ? 0n : closing - (growth - room);
}

/** Nothing stays open. If only the bands make the rest negative, the fills stop at zero equity. */
function divideAll(result: Liquidation, holdings: Holding[], cash: bigint, reward: bigint, penalty: bigint): void {
  const left = max(cash, 0n);
  result.badDebt = cash < 0n ? badDebt(holdings, -cash) : 0n;
  result.reward = min(reward, left);
  result.penalty = min(penalty, left - result.reward);
  result.margin = left - result.reward - result.penalty;
}

/** A claim bears what the cash lacks, penalty included, as far as it goes; only what lies beyond it do the bands spare. */
function chargeClaim(result: Liquidation, cash: bigint, claim: bigint, penalty: bigint): void {
  const owed = penalty - result.penalty + max(-cash, 0n);
  result.badDebt = max(result.badDebt, min(owed, claim));
}

/** What is lost beyond the bands that closing has paid, USD, 18 decimals. */
function badDebt(holdings: Holding[], lost: bigint): bigint {
  const paid = holdings.map(({ closing, price, sizeDelta }) => closing * closingSpread(price, sizeDelta > 0n));
  return lost - min(lost, paid.reduce((sum, band) => sum + band, 0n) / RAW_PER_WAD);
}

/** Equity covers all of it; what the cash does not cover stays as a loss in a position that remains. */
function dividePart(result: Liquidation, holdings: Holding[], cash: bigint, reward: bigint, penalty: bigint): void {
  const left = cash - (reward + penalty);
  Object.assign(result, { reward, penalty, margin: max(left, 0n) });
  if (left >= 0n) return;
  result.deferred = -left;
  const { market, position } = firstOpen(holdings);
  addCash(market, position, left * RAW_PER_WAD);
}

/** The first of the positions that are open; there must be one. */
export function firstOpen(holdings: Holding[]): Holding {
  const first = holdings.find(({ position }) => position.size !== 0n);
  if (!first) throw new RangeError('No position of the account is open.');
  return first;
}
