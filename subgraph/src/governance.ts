// The handlers of governance's events: compiled once for all of its contracts.

export {
  handleCouncilSet,
  handleLateQuorumVoteExtensionSet,
  handleOverrideVoteCast,
  handleProposalCanceled,
  handleProposalCreated,
  handleProposalExecuted,
  handleProposalExtended,
  handleProposalQueued,
  handleProposalTyped,
  handleVoteCast,
  handleVoteCastWithParams,
  handleVoteReduced,
} from './proposals';
export {
  handleActionRegistered,
  handleActionRemoved,
  handleGuardianAppointed,
  handleMinDelayChange,
  handlePauseBegun,
  handlePauseEnded,
  handleRoleGranted,
  handleRoleRevoked,
  handleStewardAppointed,
  handleTermsSet,
  handleTreasuryPaid,
} from './rules';
export { handleDelegateChanged, handleDelegateVotesChanged, handleTransfer } from './token';
