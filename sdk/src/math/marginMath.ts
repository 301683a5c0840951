import type { Market, MarketConfig, Position } from './engineTypes.ts';
import { skewScale } from './fillMath.ts';
import { abs, BPS, divUp, max, min, mulDivDown, mulDivUp, RAW_PER_WAD, WAD } from './fixedPoint.ts';

// Margin requirements and equity, mirror of MarginMath.sol. Source: docs/mechanism.md#margin.

/**
 * Sums over positions of one account. `value`, `counted` and `notional` USD, 30 decimals; `initial` and `maintenance` USD,
 * 18 decimals, without the reward buffer.
 */
export interface Portfolio {
  value: bigint;
  counted: bigint;
  notional: bigint;
  initial: bigint;
  maintenance: bigint;
  positions: bigint;
}

export const REWARD_BPS = 10n;
export const REWARD_MIN = 2n * WAD;
export const REWARD_MAX = 500n * WAD;
/** Realised margin per position after an opening trade. */
export const MARGIN_PER_POSITION = 2n * REWARD_MIN;
/** Positions of an account at most. */
export const MAX_POSITIONS = 8n;
/** Age up to which another market's index counts when opening, seconds. */
export const MAX_INDEX_AGE = 60n;
/** 20 % of notional stays behind when margin is withdrawn. */
export const WITHDRAWAL_BPS = 2000n;

/** The sums over no position. */
export function emptyPortfolio(): Portfolio {
  return { value: 0n, counted: 0n, notional: 0n, initial: 0n, maintenance: 0n, positions: 0n };
}

/** What a position is worth: size · (price − funding) + cash; USD, 30 decimals, exact. */
export function value(position: Position, price: bigint, funding: bigint): bigint {
  return position.size * (price - funding) + position.cash;
}

/**
 * Share of notional that must be present after opening: IM + β · |size| / S.
 * @param size Magnitude, base units, 12 decimals.
 * @returns 18 decimals, rounded up.
 */
export function initialRatio(size: bigint, config: MarketConfig): bigint {
  return config.initialMarginBps * 10n ** 14n + divUp(config.marginSlopeBps * 10n ** 14n * size, skewScale(config));
}

/**
 * Margin below which a position may be liquidated: initial · MM / IM.
 * @param initial Initial margin, USD, 18 decimals.
 * @returns USD, 18 decimals, rounded up.
 */
export function maintenanceOf(initial: bigint, config: MarketConfig): bigint {
  return divUp(initial * config.maintenanceMarginBps, config.initialMarginBps);
}

/**
 * What liquidating an account pays (B): clamp(10 bp · notional, $2, $500).
 * @param notional USD, 30 decimals; zero means no position and no buffer.
 * @returns USD, 18 decimals, rounded up.
 */
export function rewardOf(notional: bigint): bigint {
  if (notional === 0n) return 0n;
  return min(max(mulDivUp(notional, REWARD_BPS, BPS * RAW_PER_WAD), REWARD_MIN), REWARD_MAX);
}

/**
 * Initial margin of one base unit, without the slope. @param index USD per base unit, 18 decimals.
 * @returns USD, 10 decimals, rounded up.
 */
export function perUnit(index: bigint, initialBps: bigint): bigint {
  return divUp(index * initialBps, 10n ** 12n);
}

/**
 * ratio · notional.
 * @param notional USD, 30 decimals.
 * @param ratio 18 decimals.
 * @returns USD, 18 decimals, rounded up: against the trader.
 */
export function required(notional: bigint, ratio: bigint): bigint {
  return mulDivUp(notional, ratio, WAD * RAW_PER_WAD);
}

/** The part of an unrealised value that counts when opening: losses whole, profit by w, rounded down; USD, 30 decimals. */
export function counted(unrealised: bigint, config: MarketConfig): bigint {
  return unrealised <= 0n ? unrealised : mulDivDown(unrealised, config.profitWeightBps, BPS);
}

/**
 * Adds one position to the sums.
 * @param sums Changed in place.
 * @param market Accrued to the present.
 * @param price Values the position; USD per base unit, 18 decimals.
 */
export function add(sums: Portfolio, position: Position, market: Market, config: MarketConfig, price: bigint): void {
  // One that was deleveraged to nothing is still worth its cash.
  if (position.size === 0n && position.cash === 0n) return;
  const size = abs(position.size);
  const unrealised = value(position, price, market.funding);
  const notional = size * price;
  sums.value += unrealised;
  sums.counted += counted(unrealised, config);
  sums.notional += notional;
  const initial = required(notional, initialRatio(size, config));
  sums.initial += initial;
  sums.maintenance += maintenanceOf(initial, config);
  sums.positions += 1n;
}

/** Margin an account must keep to avoid liquidation: USD, 18 decimals, rounded up. */
export function maintenanceRequirement(sums: Portfolio): bigint {
  return sums.maintenance + rewardOf(sums.notional);
}

/** Margin an account needs after opening: USD, 18 decimals, rounded up. */
export function initialRequirement(sums: Portfolio): bigint {
  return sums.initial + rewardOf(sums.notional);
}

/** Equity that must remain after a withdrawal: max(initial, 20 % of notional); USD, 18 decimals, rounded up. */
export function withdrawalRequirement(sums: Portfolio): bigint {
  return max(initialRequirement(sums), mulDivUp(sums.notional, WITHDRAWAL_BPS, BPS * RAW_PER_WAD));
}

/**
 * Realised margin plus what the positions are worth.
 * @param margin USD, 18 decimals.
 * @returns USD, 30 decimals, exact.
 */
export function equity(margin: bigint, sums: Portfolio): bigint {
  return margin * RAW_PER_WAD + sums.value;
}
