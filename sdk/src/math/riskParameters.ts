import { BaseError } from 'viem';
import type { MarketConfig, Schedule } from './engineTypes.ts';
import { BPS, divUp, max, min } from './fixedPoint.ts';
import { REWARD_BPS } from './marginMath.ts';
import { stepAt } from './parameterRamp.ts';

// Hard bounds of a market's parameters, mirror of RiskParameters.sol. Source: docs/mechanism.md#parameters.

export const MAX_KEEPER_FEE_CENTS = 500n;
/** Seconds a change takes. */
export const MIN_DURATION = 86_400n;
export const MAX_DURATION = 365n * 86_400n;
/** How far S may move in a day, basis points of the smaller of its two ends. */
export const SKEW_SCALE_BPS_PER_DAY = 500n;

/** Thrown when a parameter lies outside its hard bounds. */
export class ParameterOutOfBoundsError extends BaseError {
  override name = 'ParameterOutOfBoundsError';
  constructor(
    readonly parameter: string,
    readonly value: bigint,
    readonly limit: bigint,
  ) {
    super(`The market parameter "${parameter}" is ${value}, beyond its hard bound ${limit}. Choose a value within it.`);
  }
}

/**
 * Checks every parameter.
 * @throws {ParameterOutOfBoundsError} With the first parameter that lies outside its bounds.
 */
export function validate(c: MarketConfig, keeperFeeCents: bigint): void {
  atLeast('skewScale', c.skewScale, 1_000_000n);
  atLeast('initialMarginBps', c.initialMarginBps, 200n);
  atMost('initialMarginBps', c.initialMarginBps, 10_000n);
  atMost('maintenanceMarginBps', c.maintenanceMarginBps, (c.initialMarginBps * 8n) / 10n);
  atMost('marginSlopeBps', c.marginSlopeBps, 50_000n);
  atMost('openInterestCapBps', c.openInterestCapBps, 400n);
  atMost('skewCapBps', c.skewCapBps, c.openInterestCapBps);
  atMost('profitWeightBps', c.profitWeightBps, 9500n);
  atMost('makerFeePpm', c.makerFeePpm, c.takerFeePpm);
  atMost('takerFeePpm', c.takerFeePpm, 2000n);
  atLeast('penaltyBps', c.penaltyBps, (c.takerFeePpm + 99n) / 100n);
  atLeast('accountCapPercent', c.accountCapPercent, 1n);
  atMost('accountCapPercent', c.accountCapPercent, 100n);
  atMost('fundingCoefficientBps', c.fundingCoefficientBps, 1000n);
  atMost('fundingCapPpm', c.fundingCapPpm, 5000n);
  atLeast('allocationPercent', c.allocationPercent, 1n);
  atMost('allocationPercent', c.allocationPercent, 50n);
  atMost('flags', c.flags, 3n);
  atMost('keeperFeeCents', keeperFeeCents, MAX_KEEPER_FEE_CENTS);
  const worst = c.penaltyBps + REWARD_BPS + c.openInterestCapBps;
  atLeast('maintenanceMarginBps', c.maintenanceMarginBps, worst + 1n);
}

/**
 * A change of parameters, checked.
 * @param inForce The parameters it begins from.
 * @param to Within the bounds; no flags, those are set by themselves.
 * @param duration Seconds.
 * @param time Seconds.
 * @throws {ParameterOutOfBoundsError}
 */
export function schedule(
  inForce: MarketConfig,
  to: MarketConfig,
  keeperFeeCents: bigint,
  duration: bigint,
  time: bigint,
): Schedule {
  validate(to, keeperFeeCents);
  atMost('flags', to.flags, 0n);
  atLeast('duration', duration, leastDuration(inForce.skewScale, to.skewScale));
  atMost('duration', duration, MAX_DURATION);
  const from = { ...inForce, flags: 0n };
  const scheduled = { from, to: { ...to }, startedAt: time, endsAt: time + duration, keeperFeeCents };
  checkStep(scheduled);
  return scheduled;
}

/**
 * The one bound that a change could leave on its way between two ends within: penalty + reward + ω < MM, where the penalty
 * changes at once and the others move. It is enough to look at the step, exactly.
 * @throws {ParameterOutOfBoundsError}
 */
export function checkStep(s: Schedule): void {
  const done = stepAt(s) - s.startedAt;
  const left = s.endsAt - s.startedAt - done;
  const penalty = max(s.from.penaltyBps, s.to.penaltyBps);
  const present = s.from.maintenanceMarginBps * left + s.to.maintenanceMarginBps * done;
  const needed =
    (penalty + REWARD_BPS + 1n) * (left + done) + s.from.openInterestCapBps * left + s.to.openInterestCapBps * done;
  if (present < needed)
    throw new ParameterOutOfBoundsError('maintenanceMarginBps', present / (left + done), divUp(needed, left + done));
}

/** Seconds S needs to move from one value to another: at most 5 % a day, of its value on any day. */
export function leastDuration(from: bigint, to: bigint): bigint {
  const change = max(from, to) - min(from, to);
  return max(divUp(change * 86_400n * BPS, min(from, to) * SKEW_SCALE_BPS_PER_DAY), MIN_DURATION);
}

function atMost(name: string, value: bigint, limit: bigint): void {
  if (value > limit) throw new ParameterOutOfBoundsError(name, value, limit);
}

function atLeast(name: string, value: bigint, limit: bigint): void {
  if (value < limit) throw new ParameterOutOfBoundsError(name, value, limit);
}
