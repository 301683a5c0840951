import type { Address, Hex } from 'viem';
import { getContractEvents } from 'viem/actions';
import { governanceAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { ProposalAction, ProposalKind, ProposalState, Terms } from '../governance/proposalTypes.ts';
import { widen } from '../math/engineTypes.ts';
import { type AnyClient, type ProposalParameters, readGovernance } from './governance.ts';

/** Where a proposal stands, what it was made as and what it has to pass. Times are seconds, votes have 18 decimals. */
export interface Proposal {
  id: bigint;
  proposer: Address;
  state: ProposalState;
  kind: ProposalKind;
  terms: Terms;
  actions: readonly ProposalAction[];
  /** Votes count as they are delegated then; voting begins after it. */
  snapshot: bigint;
  /** The last second of voting; later than its period when the quorum came late. */
  deadline: bigint;
  /** When it may be executed; zero until it is queued. */
  eta: bigint;
  votes: { against: bigint; for: bigint; abstain: bigint };
  /** Votes for it that it needs; null before voting begins. */
  quorum: bigint | null;
  /** Digest of the code that it was bound to. */
  code: Hex;
  /** Digest of what it changes as it was when it was proposed. */
  before: Hex;
  /** SHA-256 of its metadata, and the block of the proposal; null when its event lies before `fromBlock`. */
  metadata: Hex | null;
  proposedIn: bigint | null;
}

/**
 * A proposal.
 * @throws {TidemarkError} When there is none.
 */
export async function getProposal(
  client: AnyClient,
  { proposalId, fromBlock = 0n, ...at }: getProposal.Parameters,
): Promise<Proposal> {
  const args = [proposalId] as const;
  const stretch = { fromBlock, ...(at.blockNumber !== undefined && { toBlock: at.blockNumber }) };
  const event = { address: at.governor, abi: governanceAbi, eventName: 'ProposalTyped', strict: true } as const;
  const [[targets, values, calldatas], state, proposer, snapshot, deadline, eta, made, votes, clock, logs] =
    await Promise.all([
      readGovernance(client, at, 'proposalDetails', args),
      readGovernance(client, at, 'state', args),
      readGovernance(client, at, 'proposalProposer', args),
      readGovernance(client, at, 'proposalSnapshot', args),
      readGovernance(client, at, 'proposalDeadline', args),
      readGovernance(client, at, 'proposalEta', args),
      readGovernance(client, at, 'getProposal', args),
      readGovernance(client, at, 'proposalVotes', args),
      readGovernance(client, at, 'clock', []),
      onChain(() => getContractEvents(client, { ...event, args: { proposalId }, ...stretch })),
    ]);
  return {
    id: proposalId,
    proposer,
    state: state as ProposalState,
    kind: made.kind as ProposalKind,
    terms: widen(made.terms),
    actions: targets.map((target, i) => ({ target, value: values[i] ?? 0n, data: calldatas[i] ?? '0x' })),
    snapshot,
    deadline,
    eta,
    votes: { against: votes[0], for: votes[1], abstain: votes[2] },
    quorum: snapshot >= clock ? null : await readGovernance(client, at, 'proposalQuorum', args),
    code: made.code,
    before: made.before,
    metadata: logs[0]?.args.metadata ?? null,
    proposedIn: logs[0]?.blockNumber ?? null,
  };
}

export declare namespace getProposal {
  interface Parameters extends ProposalParameters {
    /** Where its event is looked for from: the governor's first block, or a later one. */
    fromBlock?: bigint;
  }
  type ReturnType = Proposal;
}
