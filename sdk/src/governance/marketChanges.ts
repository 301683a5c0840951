import type { MarketConfig, Schedule } from '../math/engineTypes.ts';
import { ProposalKind, strictestOf } from './proposalTypes.ts';

/** What is in force in a market, and what is on its way. */
export interface MarketParameters {
  /** Its id. */
  market: bigint;
  inForce: MarketConfig;
  /** In force, US cents. */
  keeperFeeCents: bigint;
  schedule: Schedule;
}

/** The fields that decide when people are liquidated and how much the pool bears: changing one is risk; lowering IM, too. */
export const RISK_FIELDS = [
  'skewScale',
  'maintenanceMarginBps',
  'marginSlopeBps',
  'skewCapBps',
  'openInterestCapBps',
  'profitWeightBps',
  'penaltyBps',
  'accountCapPercent',
  'allocationPercent',
] as const satisfies readonly (keyof MarketConfig)[];

/** What it counts as to have one market's parameters instead of others. */
function kindOf(from: MarketConfig, to: MarketConfig): ProposalKind {
  const same = from.initialMarginBps <= to.initialMarginBps && RISK_FIELDS.every((name) => from[name] === to[name]);
  return same ? ProposalKind.Parameter : ProposalKind.Risk;
}

/**
 * Where a market's parameters are going: those in force, unless a change is on its way. What a proposal replaces.
 * @returns Without flags: those are set by themselves.
 */
export function destinationOf({ inForce, keeperFeeCents, schedule }: MarketParameters): {
  config: MarketConfig;
  keeperFeeCents: bigint;
} {
  if (schedule.endsAt === 0n) return { config: { ...inForce, flags: 0n }, keeperFeeCents };
  return { config: { ...schedule.to, flags: 0n }, keeperFeeCents: schedule.keeperFeeCents };
}

/**
 * Mirror of ExchangeValidator.sol: what a change of a market's parameters counts as. It is compared with what is in force and
 * with where a change on its way leads: to go there in another time is to change how soon its risk is there.
 */
export function kindOfChange(present: MarketParameters, to: MarketConfig): ProposalKind {
  return strictestOf([kindOf(present.inForce, to), kindOf(destinationOf(present).config, to)]);
}
