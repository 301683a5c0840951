import { BaseError } from 'viem';
import type { MarketConfig } from './engineTypes.ts';
import { REWARD_BPS } from './marginMath.ts';

// Hard bounds of a market's parameters, mirror of RiskParameters.sol. Source: docs/mechanism.md#parameters.

export const MAX_KEEPER_FEE_CENTS = 500n;

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

function atMost(name: string, value: bigint, limit: bigint): void {
  if (value > limit) throw new ParameterOutOfBoundsError(name, value, limit);
}

function atLeast(name: string, value: bigint, limit: bigint): void {
  if (value < limit) throw new ParameterOutOfBoundsError(name, value, limit);
}
