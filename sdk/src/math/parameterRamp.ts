import type { MarketConfig, Schedule } from './engineTypes.ts';
import { divUp, min } from './fixedPoint.ts';

// Where a scheduled change of a market's parameters stands at a time, mirror of ParameterRamp.sol.
// Source: docs/mechanism.md#parameters.

export const HOUR = 3600n;

/** When what does not move linearly changes: at the first full hour that is an hour or more after the start; seconds. */
export function stepAt(s: Schedule): bigint {
  return divUp(s.startedAt + HOUR, HOUR) * HOUR;
}

/**
 * The parameters due at a time: S, IM, MM, β, κ, ω, w, account cap and allocation move linearly from start to end; the
 * others change at {@link stepAt}. IM is rounded up, all others down.
 * @param time Seconds, ≥ the start.
 * @returns `config` without flags: those are the market's own; `stepped`: whether what changes at once has.
 */
export function dueAt(s: Schedule, time: bigint): { config: MarketConfig; stepped: boolean } {
  const duration = s.endsAt - s.startedAt;
  const elapsed = min(time - s.startedAt, duration);
  const weighted = (name: keyof MarketConfig) => s.from[name] * (duration - elapsed) + s.to[name] * elapsed;
  const between = (name: keyof MarketConfig) => weighted(name) / duration;
  const stepped = time >= stepAt(s);
  const { makerFeePpm, takerFeePpm, penaltyBps, fundingCoefficientBps, fundingCapPpm } = stepped ? s.to : s.from;
  const config = {
    skewScale: between('skewScale'),
    initialMarginBps: divUp(weighted('initialMarginBps'), duration),
    maintenanceMarginBps: between('maintenanceMarginBps'),
    marginSlopeBps: between('marginSlopeBps'),
    skewCapBps: between('skewCapBps'),
    openInterestCapBps: between('openInterestCapBps'),
    profitWeightBps: between('profitWeightBps'),
    makerFeePpm,
    takerFeePpm,
    penaltyBps,
    accountCapPercent: between('accountCapPercent'),
    fundingCoefficientBps,
    fundingCapPpm,
    allocationPercent: between('allocationPercent'),
    flags: 0n,
  };
  return { config, stepped };
}
