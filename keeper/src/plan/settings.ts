import { ROLES, type Role } from '../roles.ts';

export interface PlanSettings {
  /** Whose actions are planned. */
  readonly roles: ReadonlySet<Role>;
  /** Seconds after which a market's price is pushed. */
  readonly heartbeat: bigint;
  /** How far a price has moved from the index when it is pushed before. */
  readonly deviationBps: bigint;
  /** Orders in one settlement at most. */
  readonly maxOrders: number;
}

/**
 * An opening needs indices of 60 s at most of the account's other markets, an appraisal likewise of all; the oracle's mean
 * needs an observation every 300 s and takes one every 30 s.
 */
export const DEFAULT_SETTINGS: PlanSettings = {
  roles: new Set(ROLES),
  heartbeat: 30n,
  deviationBps: 25n,
  maxOrders: 64,
};
