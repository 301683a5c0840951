import { seconds, text } from './quantities.ts';
import type { Sentence } from './tidemarkError.ts';

type Describe = (...args: readonly unknown[]) => Sentence;

/** A refusal that passes by itself. */
const passing = (what: string, next: string): Sentence => ({ what, next, retryable: true });
const lasting = (what: string, next: string): Sentence => ({ what, next });

const KINDS = ['a parameter update', 'a market addition', 'a risk configuration', 'an upgrade'] as const;
const STATES = [
  'not in voting yet',
  'in voting',
  'cancelled',
  'defeated',
  'passed, not queued',
  'queued',
  'expired',
  'executed',
];
const kind = (number: unknown) => KINDS[Number(number)] ?? `of kind ${number}`;
const defect = 'Report this: it is a defect.';

const PROPOSING: Record<string, Describe> = {
  ProposalLive: (proposer, id) =>
    passing(`${proposer}'s proposal ${id} is not over.`, 'Wait for its end, or cancel it before voting begins.'),
  GovernorInsufficientProposerVotes: (proposer, votes, threshold) =>
    lasting(
      `${proposer} had ${votes} votes a second ago; such a proposal needs ${threshold}.`,
      'Have more delegated to it, and propose from the second after.',
    ),
  DescriptionMalformed: (description) =>
    lasting(`The description "${description}" names no metadata.`, 'Give what Proposals.draft makes.'),
  DescriptionOfAnother: (proposer, named) =>
    lasting(`The description names ${named}, ${proposer} proposes.`, 'Draft the proposal for its own proposer.'),
  GovernorRestrictedProposer: (proposer) =>
    lasting(`The description names another proposer than ${proposer}.`, 'Draft the proposal for its own proposer.'),
  ActionCount: (count, limit) => lasting(`The proposal has ${count} actions.`, `Give 1 to ${limit}.`),
  ActionLengths: (targets, values, calldatas) =>
    lasting(`There are ${targets} targets, ${values} values and ${calldatas} calls.`, 'Give as many of each.'),
  GovernorInvalidProposalLength: (targets, calldatas, values) =>
    lasting(`There are ${targets} targets, ${values} values and ${calldatas} calls.`, 'Give as many of each.'),
  ActionUnknown: (target, selector) =>
    lasting(`Calls of ${selector} at ${target} are not registered.`, 'Correct the action, or register it first.'),
  ActionRefused: (target, selector) =>
    lasting(`Calls of ${selector} at ${target} are upgrades for good.`, 'Propose them as upgrades.'),
  NoCode: (target) => lasting(`${target} holds no code.`, 'Deploy it before it is proposed.'),
  NotUpgradeable: (implementation) =>
    lasting(`${implementation} could not be upgraded again.`, 'Propose an implementation that can.'),
  PostConditionsMisplaced: (index) =>
    lasting(`Action ${index} breaks the order of the post-conditions.`, 'Begin them first and end them last.'),
  TermsOutOfBounds: (name, value, limit) =>
    lasting(`The proposals' ${text(name)} of ${value} is beyond its bound ${limit}.`, 'Choose one within it.'),
  TreasuryElsewhere: (to, treasury) =>
    lasting(`The fees would go to ${to}, the treasury is ${treasury}.`, 'Pay them to the treasury.'),
  GovernorInvalidVotingPeriod: (period) =>
    lasting(`Nobody could vote within ${seconds(period)}.`, 'Choose a longer period.'),
};

const VOTING: Record<string, Describe> = {
  GovernorNonexistentProposal: (id) => lasting(`There is no proposal ${id}.`, 'Check its number and the governor.'),
  GovernorUnexpectedProposalState: (id, state) =>
    lasting(`Proposal ${id} is ${STATES[Number(state)] ?? state}.`, 'Read its timeline: this is done at another time.'),
  GovernorAlreadyCastVote: (voter) => lasting(`${voter} has voted.`, 'Leave it: a vote cannot be changed.'),
  GovernorAlreadyOverriddenVote: (voter) =>
    lasting(`${voter} has voted with its own tokens.`, 'Leave it: a vote cannot be changed.'),
  VotesExcluded: (account) =>
    lasting(
      `${account}'s tokens were delegated to the excluded address when voting began.`,
      'Delegate them elsewhere before the next proposal.',
    ),
  GovernorInvalidVoteType: () => lasting('Such a vote is none.', 'Vote against, for, or abstain.'),
  GovernorInvalidVoteParams: () => lasting('The vote carries what is not counted.', 'Vote without parameters.'),
  GovernorInvalidSignature: (voter) =>
    lasting(`The signature is not ${voter}'s for this vote.`, 'Sign it again: the nonce may have been used.'),
  InvalidAccountNonce: (account, nonce) =>
    lasting(
      `${account}'s next nonce is ${nonce}.`,
      'Sign again: votes, permits and delegations use nonces up in order.',
    ),
  VotesExpiredSignature: (expiry) =>
    lasting(`The delegation could be brought until ${seconds(expiry)}.`, 'Sign it again with a later expiry.'),
  ERC5805FutureLookup: (time, clock) =>
    passing(`Votes of ${seconds(time)} are not known at ${seconds(clock)}.`, 'Ask for a time in the past.'),
  ERC6372InconsistentClock: () => lasting("The token's clock is not the governor's.", defect),
  ERC2612ExpiredSignature: (deadline) =>
    lasting(`The permit could be used until ${seconds(deadline)}.`, 'Sign it again with a later deadline.'),
  ERC2612InvalidSigner: (signer, owner) =>
    lasting(`${signer} signed the permit, ${owner} holds the tokens.`, 'Have the holder sign it, with its next nonce.'),
  ECDSAInvalidSignature: () => lasting('The signature is no key’s.', 'Pass on what the wallet returned, unaltered.'),
  ECDSAInvalidSignatureLength: (length) =>
    lasting(`The signature has ${length} bytes.`, 'Pass on what the wallet returned, unaltered.'),
  ECDSAInvalidSignatureS: () =>
    lasting('The signature is not in its one form.', 'Pass on what the wallet returned, unaltered.'),
};

const EXECUTING: Record<string, Describe> = {
  CodeChanged: (id) =>
    lasting(
      `Code that proposal ${id} acts on has changed since it was proposed.`,
      'Propose it anew, for what is there.',
    ),
  BeforeChanged: (id) =>
    lasting(
      `What proposal ${id} changes is not as it was when it was proposed.`,
      'Propose it anew, for what is there.',
    ),
  KindChanged: (id, present, proposed) =>
    lasting(`Proposal ${id} amounts to ${kind(present)}, it was made as ${kind(proposed)}.`, 'Propose it anew.'),
  GovernorAlreadyQueuedProposal: (id) => lasting(`Proposal ${id} is queued.`, 'Execute it when it is due.'),
  GovernorProposalQueueingFailed: (id) => lasting(`Proposal ${id} could not be queued.`, defect),
  GovernorProposalQueueingNotRequired: (id) => lasting(`Proposal ${id} needs no queue.`, defect),
  GovernorUnableToCancel: (id, caller) =>
    lasting(
      `${caller} may not cancel proposal ${id}.`,
      'Leave it to its proposer before voting, to the council in its term, or until its proposer has too few votes.',
    ),
  GovernorOnlyExecutor: (caller) =>
    lasting(`${caller} is not the timelock.`, 'Propose it, so that the timelock calls.'),
  GovernorDisabledDeposit: () => lasting('The governor keeps nothing.', 'Send it to the treasury.'),
  GovernorPreventLateQuorumVoteExtensionTooLarge: (extension, limit) =>
    lasting(`Voting would be extended by ${seconds(extension)}, at most by ${seconds(limit)}.`, 'Choose less.'),
  TimelockUnexpectedOperationState: () =>
    passing(
      'The timelock does not hold this for long enough, or not any more.',
      "Execute it from its timeline's time on.",
    ),
  TimelockUnexecutedPredecessor: () => passing('What comes before it is not executed.', 'Execute that first.'),
  TimelockInsufficientDelay: (delay, least) =>
    lasting(`A delay of ${seconds(delay)} is less than ${seconds(least)}.`, 'Choose a longer one.'),
  TimelockInvalidOperationLength: (targets, payloads, values) =>
    lasting(`There are ${targets} targets, ${values} values and ${payloads} calls.`, 'Give as many of each.'),
  TimelockUnauthorizedCaller: (caller) =>
    lasting(`${caller} is not the timelock.`, 'Propose it, so that the timelock calls.'),
};

const CONDITIONS: Record<string, Describe> = {
  ConditionsNotBegun: () =>
    lasting('The post-conditions that end are not those that began.', 'Give the same at both ends.'),
  NetAssetValueMoved: (move, limit) =>
    lasting(
      `The pool's value would move by ${move}, at most by ${limit} as was promised.`,
      'Propose it with more room.',
    ),
  FundingMoved: (market, move, limit) =>
    lasting(
      `Market ${market}'s funding would move by ${move}, at most by ${limit} as was promised.`,
      'Propose it with more room.',
    ),
  AccountsEndangered: (more, limit) =>
    lasting(`${more} more accounts could be liquidated, ${limit} were promised.`, 'Propose it with more room.'),
};

const TOKEN: Record<string, Describe> = {
  GrantRefused: (index, to, amount) =>
    lasting(`Grant ${index} gives ${amount} to ${to}.`, 'Give something to somebody.'),
  ERC20ExceededSafeSupply: (supply, limit) => lasting(`A supply of ${supply} is beyond ${limit}.`, 'Distribute less.'),
  InvalidShortString: () => lasting('A name cannot be read.', defect),
  StringTooLong: (name) => lasting(`The name "${name}" is too long.`, 'Choose a shorter one.'),
};

/** The errors of the governor, its policy, timelock, post-conditions and token, with what to say of them. */
export const GOVERNANCE_REFUSALS: Readonly<Record<string, Describe>> = {
  ...PROPOSING,
  ...VOTING,
  ...EXECUTING,
  ...CONDITIONS,
  ...TOKEN,
};
