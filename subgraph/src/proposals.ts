import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import {
  CouncilSet,
  LateQuorumVoteExtensionSet,
  OverrideVoteCast,
  ProposalCanceled,
  ProposalCreated,
  ProposalExecuted,
  ProposalExtended,
  ProposalQueued,
  ProposalTyped,
  VoteCast,
  VoteCastWithParams,
  VoteReduced,
} from '../generated/Governance/Governance';
import { Proposal, ProposalAction, Vote } from '../generated/schema';
import { ProposalMetadata } from '../generated/templates';
import { readArguments, signatureOf } from './actions';
import { noteChange } from './changes';
import { delegateOf } from './delegates';
import { ZERO } from './numbers';
import { loadProtocol } from './pool';

// Proposals and votes.

const CONTRACT = 'governance';
const KINDS: string[] = ['Parameter', 'Market', 'Risk', 'Upgrade'];
const SUPPORTS: string[] = ['against', 'for', 'abstain'];
const LINK = 'ipfs://';

/** Its kind and terms are told next, {@link handleProposalTyped}; until then it is the first kind without any. */
export function handleProposalCreated(event: ProposalCreated): void {
  const params = event.params;
  const proposer = delegateOf(params.proposer);
  proposer.proposalCount += 1;
  proposer.save();
  const protocol = loadProtocol();
  protocol.proposalCount += 1;
  protocol.save();

  const proposal = new Proposal(params.proposalId.toString());
  proposal.number = params.proposalId;
  proposal.ordinal = protocol.proposalCount;
  proposal.proposer = proposer.id;
  proposal.state = 'proposed';
  proposal.description = params.description;
  const cid = cidOf(params.description);
  proposal.cid = cid;
  proposal.metadata = cid;
  proposal.voteStart = params.voteStart;
  proposal.voteEnd = params.voteEnd;
  proposal.forVotes = ZERO;
  proposal.againstVotes = ZERO;
  proposal.abstainVotes = ZERO;
  proposal.voterCount = 0;
  proposal.kind = KINDS[0];
  proposal.metadataHash = Bytes.empty();
  proposal.thresholdBps = 0;
  proposal.quorumBps = 0;
  proposal.approvalBps = 0;
  proposal.timelock = ZERO;
  proposal.code = Bytes.empty();
  proposal.before = Bytes.empty();
  proposal.createdAt = event.block.timestamp;
  proposal.createdBy = event.transaction.hash;
  proposal.save();
  for (let i = 0; i < params.targets.length; i++) {
    addAction(proposal.id, i, params.targets[i], params.values[i], params.calldatas[i]);
  }
  ProposalMetadata.create(cid);
}

/** Between the scheme and the proposer: the governor takes no other description. */
function cidOf(description: string): string {
  return description.slice(LINK.length, description.indexOf('#'));
}

function addAction(proposal: string, number: i32, target: Bytes, value: BigInt, calldata: Bytes): void {
  const action = new ProposalAction(`${proposal}-${number}`);
  action.proposal = proposal;
  action.number = number;
  action.target = target;
  action.value = value;
  action.calldata = calldata;
  action.selector = Bytes.fromUint8Array(calldata.subarray(0, 4));
  action.signature = signatureOf(action.selector);
  action.arguments = readArguments(action.selector, calldata);
  action.save();
}

export function handleProposalTyped(event: ProposalTyped): void {
  const params = event.params;
  const proposal = proposalAt(params.proposalId);
  proposal.kind = KINDS[params.kind];
  proposal.metadataHash = params.metadata;
  proposal.thresholdBps = params.terms.thresholdBps;
  proposal.quorumBps = params.terms.quorumBps;
  proposal.approvalBps = params.terms.approvalBps;
  proposal.timelock = params.terms.timelock;
  proposal.code = params.code;
  proposal.before = params.before;
  proposal.save();
}

function proposalAt(number: BigInt): Proposal {
  const proposal = Proposal.load(number.toString());
  if (proposal == null) throw new Error(`Proposal ${number.toString()} was never made.`);
  return proposal;
}

export function handleProposalQueued(event: ProposalQueued): void {
  const proposal = proposalAt(event.params.proposalId);
  proposal.state = 'queued';
  proposal.eta = event.params.etaSeconds;
  proposal.queuedAt = event.block.timestamp;
  proposal.queuedBy = event.transaction.hash;
  proposal.save();
}

export function handleProposalExecuted(event: ProposalExecuted): void {
  const proposal = proposalAt(event.params.proposalId);
  proposal.state = 'executed';
  proposal.executedAt = event.block.timestamp;
  proposal.executedBy = event.transaction.hash;
  proposal.save();
}

export function handleProposalCanceled(event: ProposalCanceled): void {
  const proposal = proposalAt(event.params.proposalId);
  proposal.state = 'canceled';
  proposal.canceledAt = event.block.timestamp;
  proposal.canceledBy = event.transaction.hash;
  proposal.save();
}

export function handleProposalExtended(event: ProposalExtended): void {
  const proposal = proposalAt(event.params.proposalId);
  proposal.voteEnd = event.params.extendedDeadline;
  proposal.save();
}

export function handleVoteCast(event: VoteCast): void {
  const params = event.params;
  vote(event, params.voter, params.proposalId, params.support, params.weight, params.reason, false);
}

export function handleVoteCastWithParams(event: VoteCastWithParams): void {
  const params = event.params;
  vote(event, params.voter, params.proposalId, params.support, params.weight, params.reason, false);
}

export function handleOverrideVoteCast(event: OverrideVoteCast): void {
  const params = event.params;
  vote(event, params.voter, params.proposalId, params.support, params.weight, params.reason, true);
}

function voteId(proposal: string, voter: Bytes): string {
  return `${proposal}-${voter.toHexString()}`;
}

function vote(
  event: ethereum.Event,
  voter: Bytes,
  proposalId: BigInt,
  support: i32,
  weight: BigInt,
  reason: string,
  overriding: bool,
): void {
  const proposal = proposalAt(proposalId);
  count(proposal, support, weight);
  proposal.voterCount += 1;
  proposal.save();
  const delegate = delegateOf(voter);
  delegate.voteCount += 1;
  delegate.save();
  const id = voteId(proposal.id, voter);
  const cast = new Vote(overriding ? `${id}-override` : id);
  cast.proposal = proposal.id;
  cast.voter = voter;
  cast.support = SUPPORTS[support];
  cast.weight = weight;
  cast.reason = reason;
  cast.overriding = overriding;
  cast.timestamp = event.block.timestamp;
  cast.block = event.block.number;
  cast.transaction = event.transaction.hash;
  cast.save();
}

function count(proposal: Proposal, support: i32, change: BigInt): void {
  if (support == 0) proposal.againstVotes = proposal.againstVotes.plus(change);
  else if (support == 1) proposal.forVotes = proposal.forVotes.plus(change);
  else proposal.abstainVotes = proposal.abstainVotes.plus(change);
}

/** A holder's overriding vote was taken off a delegate's that had been cast. */
export function handleVoteReduced(event: VoteReduced): void {
  const params = event.params;
  const proposal = proposalAt(params.proposalId);
  count(proposal, params.support, params.weight.neg());
  proposal.save();
  const cast = Vote.load(voteId(proposal.id, params.delegate));
  if (cast == null) return;
  cast.weight = cast.weight.minus(params.weight);
  cast.save();
}

export function handleCouncilSet(event: CouncilSet): void {
  noteChange(event, CONTRACT, 'CouncilSet', null);
}

export function handleLateQuorumVoteExtensionSet(event: LateQuorumVoteExtensionSet): void {
  noteChange(event, CONTRACT, 'LateQuorumVoteExtensionSet', null);
}
