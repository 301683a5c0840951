import type { Action } from './actions.ts';

/** What a keeper can be asked to do, the most urgent first. */
export const ROLES = [
  /** Settles committed orders, and expires those whose time has passed. */
  'settler',
  /** Flags and liquidates accounts below maintenance. */
  'liquidator',
  /** Commits signed orders whose trigger is met. */
  'trigger',
  /** Pushes prices by heartbeat and deviation. */
  'prices',
  /** Seals funding hours and appraises the pool. */
  'funding',
  /** Settles the vault's epochs, divides the fees that wait. */
  'vault',
  /** Deleverages, crystallises, pays claims, takes positions out of markets that have ended. */
  'deleverager',
  /** Queues and executes proposals, puts parameters in force as they fall due, ends markets and pauses in time. */
  'governance',
] as const;
export type Role = (typeof ROLES)[number];

const ROLE_OF: Readonly<Record<Action['kind'], Role>> = {
  settle: 'settler',
  expire: 'settler',
  flag: 'liquidator',
  liquidate: 'liquidator',
  commitSigned: 'trigger',
  updateIndices: 'prices',
  accrue: 'funding',
  appraise: 'funding',
  settleEpoch: 'vault',
  divideReserves: 'vault',
  deleverage: 'deleverager',
  crystallise: 'deleverager',
  collectClaim: 'deleverager',
  settlePosition: 'deleverager',
  queueProposal: 'governance',
  executeProposal: 'governance',
  expirePause: 'governance',
  advanceParameters: 'governance',
  settleMarket: 'governance',
};

/** Whose work an action is. */
export const roleOf = ({ kind }: Action): Role => ROLE_OF[kind];
