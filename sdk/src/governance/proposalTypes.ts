import type { Address, Hex } from 'viem';

/** What a proposal is, by the strictest of its actions; in this order. By the contract's numbers. */
export const ProposalKind = { Parameter: 0, Market: 1, Risk: 2, Upgrade: 3 } as const;
export type ProposalKind = (typeof ProposalKind)[keyof typeof ProposalKind];
export type ProposalKindName = keyof typeof ProposalKind;
/** The names of {@link ProposalKind}, by number. */
export const PROPOSAL_KINDS = Object.keys(ProposalKind) as ProposalKindName[];

/** Where a proposal stands, by the contract's numbers. `Succeeded` waits to be queued, `Queued` for its execution. */
export const ProposalState = {
  Pending: 0,
  Active: 1,
  Canceled: 2,
  Defeated: 3,
  Succeeded: 4,
  Queued: 5,
  Expired: 6,
  Executed: 7,
} as const;
export type ProposalState = (typeof ProposalState)[keyof typeof ProposalState];
/** The names of {@link ProposalState}, by number. */
export const PROPOSAL_STATES = Object.keys(ProposalState) as (keyof typeof ProposalState)[];

/** What a vote says, by the contract's numbers. An abstention counts in no quorum. */
export const Support = { Against: 0, For: 1, Abstain: 2 } as const;
export type Support = (typeof Support)[keyof typeof Support];

/** What a proposal of one kind has to pass. */
export interface Terms {
  /** Votes its proposer needs, basis points of the supply. */
  thresholdBps: bigint;
  /** Seconds from the proposal to the time at which votes are counted. */
  votingDelay: bigint;
  /** Seconds of voting. */
  votingPeriod: bigint;
  /** Votes for it that it needs, basis points of the supply less the excluded votes. */
  quorumBps: bigint;
  /** Votes for it, basis points of those for and against: at least so many, and more than half. */
  approvalBps: bigint;
  /** Seconds from queueing to execution. */
  timelock: bigint;
}

/** One call of the timelock. */
export interface ProposalAction {
  target: Address;
  /** Wei. Any makes the action an upgrade. */
  value: bigint;
  /** Selector and arguments. */
  data: Hex;
}

/** Actions, and the kind that the policy is expected to give them. */
export interface ProposalPart {
  actions: readonly ProposalAction[];
  kind: ProposalKind;
}

/** Where the exchange and what governs it are. */
export interface GovernedExchange {
  engine: Address;
  oracle: Address;
  vault: Address;
  governor: Address;
  timelock: Address;
  policy: Address;
  postConditions: Address;
  treasury: Address;
  emergencyGuardian: Address;
  riskSteward: Address;
}

/** The strictest of some kinds. @param kinds One at least. */
export function strictestOf(kinds: readonly ProposalKind[]): ProposalKind {
  return Math.max(...kinds) as ProposalKind;
}
