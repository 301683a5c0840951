import { zeroAddress, zeroHash } from 'viem';
import { describe, expect, it } from 'vitest';
import type { Proposal } from '../actions/getProposal.ts';
import { ProposalKind, ProposalState } from './proposalTypes.ts';
import { timelineOf } from './timeline.ts';

const DAY = 86_400n;
const CREATED = 1_700_000_000n;
const SNAPSHOT = CREATED + DAY;
const DEADLINE = SNAPSHOT + 3n * DAY;
const terms = {
  thresholdBps: 25n,
  votingDelay: DAY,
  votingPeriod: 3n * DAY,
  quorumBps: 300n,
  approvalBps: 5000n,
  timelock: 2n * DAY,
};
const proposal: Proposal = {
  id: 1n,
  proposer: zeroAddress,
  state: ProposalState.Pending,
  kind: ProposalKind.Parameter,
  terms,
  actions: [],
  snapshot: SNAPSHOT,
  deadline: DEADLINE,
  eta: 0n,
  votes: { against: 0n, for: 0n, abstain: 0n },
  quorum: null,
  code: zeroHash,
  before: zeroHash,
  metadata: null,
  proposedIn: null,
};
const grace = 14n * DAY;
const told = (changes: Partial<Proposal>, now: bigint, endedAt?: bigint) =>
  timelineOf({ ...proposal, ...changes }, { now, grace, ...(endedAt !== undefined && { endedAt }) }).map(
    ({ name, at, past }) => [name, at, past],
  );

describe('the timeline', () => {
  it('of a new proposal is all expected', () => {
    expect(told({}, CREATED)).toEqual([
      ['created', CREATED, true],
      ['votingStarts', SNAPSHOT + 1n, false],
      ['votingEnds', DEADLINE + 1n, false],
      ['queued', DEADLINE + 1n, false],
      ['executable', DEADLINE + 1n + 2n * DAY, false],
      ['expires', DEADLINE + grace + 1n, false],
    ]);
  });

  it('of one that passed and waits begins its timelock now at the earliest', () => {
    const now = DEADLINE + DAY;
    expect(told({ state: ProposalState.Succeeded }, now).slice(3)).toEqual([
      ['queued', now, false],
      ['executable', now + 2n * DAY, false],
      ['expires', DEADLINE + grace + 1n, false],
    ]);
  });

  it('of a queued one is told from its time of execution', () => {
    const eta = DEADLINE + 5n * DAY;
    expect(told({ state: ProposalState.Queued, eta }, eta).slice(3)).toEqual([
      ['queued', eta - 2n * DAY, true],
      ['executable', eta, true],
      ['expires', eta + grace + 1n, false],
    ]);
  });

  it('of one that is over ends with what ended it', () => {
    const eta = DEADLINE + 5n * DAY;
    const executed = told({ state: ProposalState.Executed, eta }, eta + DAY, eta + 7n);
    expect(executed.map(([name]) => name)).toEqual([
      'created',
      'votingStarts',
      'votingEnds',
      'queued',
      'executable',
      'executed',
    ]);
    expect(executed.at(-1)).toEqual(['executed', eta + 7n, true]);
    expect(told({ state: ProposalState.Canceled }, SNAPSHOT, CREATED + 9n)).toEqual([
      ['created', CREATED, true],
      ['canceled', CREATED + 9n, true],
    ]);
    expect(told({ state: ProposalState.Defeated }, DEADLINE + 1n).map(([name]) => name)).toEqual([
      'created',
      'votingStarts',
      'votingEnds',
    ]);
    const over = DEADLINE + grace + 1n;
    expect(told({ state: ProposalState.Expired }, over).at(-1)).toEqual(['expires', over, true]);
  });

  it('says when a late quorum has extended the vote', () => {
    const moments = (deadline: bigint) => timelineOf({ ...proposal, deadline }, { now: SNAPSHOT, grace });
    expect(moments(DEADLINE).find(({ name }) => name === 'votingEnds')).not.toHaveProperty('extended');
    expect(moments(DEADLINE + 1n).find(({ name }) => name === 'votingEnds')).toMatchObject({ extended: true });
  });
});
