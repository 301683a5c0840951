// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {
    GovernorCountingOverridable
} from "@openzeppelin/contracts/governance/extensions/GovernorCountingOverridable.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorStorage} from "@openzeppelin/contracts/governance/extensions/GovernorStorage.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {VotesExtended} from "@openzeppelin/contracts/governance/utils/VotesExtended.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Assessment, IProposalPolicy, ProposalKind, Terms} from "../interfaces/IProposalPolicy.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {MetadataLink} from "./MetadataLink.sol";

/// @notice What a proposal was made as: its kind, what it has to pass, and what its actions were bound to.
/// @param code Digest of the code it acts on, the same when it is queued and when it is executed.
/// @param before Digest of what it changes, the same when it is executed.
struct Proposal {
    ProposalKind kind;
    Terms terms;
    bytes32 code;
    bytes32 before;
}

/// @title Token-weighted votes on typed proposals: how long one waits, what it needs and when it takes effect follow from
/// what it does.
/// @dev OpenZeppelin's governor over its timelock, of which this is the only proposer, canceller and executor. The policy
/// says what actions amount to. Not upgradeable: another governor takes over by the timelock's roles, an upgrade.
/// Source: docs/governance.md.
contract Governance is GovernorCountingOverridable, GovernorPreventLateQuorum, GovernorStorage {
    using FixedPoint for uint256;
    using TransientSlot for *;

    /// @notice Votes delegated to this address, which nobody can vote from, are no part of any quorum's base, and their
    /// holders override nothing.
    address public constant EXCLUDED = address(0xdEaD);
    /// @notice How long a proposal that passed may wait for being queued, and a queued one that is due for being executed.
    uint256 public constant GRACE = 14 days;
    /// @notice How long a council may cancel proposals.
    uint256 public constant COUNCIL_TERM = 365 days;
    /// @dev Voting goes on for so long after a quorum is reached.
    uint48 private constant LATE_QUORUM_EXTENSION = 2 days;
    /// @dev The kind that is being proposed, and one: what the parent contracts ask without naming a proposal.
    bytes32 private constant PROPOSING = keccak256("tidemark.governance.proposing");

    TimelockController private immutable _timelock;
    IProposalPolicy public immutable policy;

    /// @notice Who may cancel proposals, until `councilUntil`, seconds.
    address public council;
    uint48 public councilUntil;

    mapping(uint256 proposalId => Proposal) private _proposals;
    mapping(address proposer => uint256 proposalId) private _latest;

    /// @notice Beside OpenZeppelin's event of a proposal: what it was made as, and the SHA-256 of its metadata.
    event ProposalTyped(
        uint256 indexed proposalId,
        ProposalKind indexed kind,
        bytes32 metadata,
        Terms terms,
        bytes32 code,
        bytes32 before
    );
    event CouncilSet(address indexed council, uint256 until);

    /// @notice Thrown when a proposer's last proposal is not over.
    error ProposalLive(address proposer, uint256 proposalId);
    /// @notice Thrown when code that a proposal acts on is not what it was when it was proposed.
    error CodeChanged(uint256 proposalId, bytes32 code, bytes32 proposed);
    /// @notice Thrown when what a proposal changes is not what it was when it was proposed.
    error BeforeChanged(uint256 proposalId, bytes32 before, bytes32 proposed);
    /// @notice Thrown when a proposal's actions count as more than when it was proposed.
    error KindChanged(uint256 proposalId, ProposalKind kind, ProposalKind proposed);
    /// @notice Thrown when a vote is cast with tokens that were delegated to {EXCLUDED} at the snapshot.
    error VotesExcluded(address account);

    /// @param timelock_ Its proposer, canceller and executor have to be this alone.
    /// @param council_ Who may cancel for the first term.
    constructor(IVotes token_, TimelockController timelock_, IProposalPolicy policy_, address council_)
        Governor("Tidemark Governance")
        GovernorVotes(token_)
        GovernorPreventLateQuorum(LATE_QUORUM_EXTENSION)
    {
        (_timelock, policy) = (timelock_, policy_);
        _setCouncil(council_);
    }

    // ---------------------------------------------------------------- proposing

    /// @inheritdoc IGovernor
    /// @dev What the actions amount to decides what the proposer needs and what the proposal has to pass.
    /// @param description `ipfs://f01551220<sha256>#proposer=0x<proposer>`, nothing else.
    function propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description
    ) public override returns (uint256 proposalId) {
        bytes32 metadata = MetadataLink.parse(description, msg.sender);
        uint256 latest = _latest[msg.sender];
        require(latest == 0 || !_isLive(latest), ProposalLive(msg.sender, latest));

        Assessment memory a = _assess(targets, values, calldatas);
        PROPOSING.asUint256().tstore(uint256(a.kind) + 1);
        proposalId = super.propose(targets, values, calldatas, description);
        PROPOSING.asUint256().tstore(0);

        Terms memory terms = policy.getTerms(a.kind);
        _proposals[proposalId] = Proposal(a.kind, terms, a.code, a.before);
        _latest[msg.sender] = proposalId;
        emit ProposalTyped(proposalId, a.kind, metadata, terms, a.code, a.before);
    }

    /// @dev What changes this is an upgrade, whatever is registered: the policy registers neither itself nor the timelock.
    function _assess(address[] memory targets, uint256[] memory values, bytes[] memory calldatas)
        private
        view
        returns (Assessment memory a)
    {
        a = policy.assess(targets, values, calldatas);
        for (uint256 i; i < targets.length; ++i) {
            if (targets[i] == address(this)) a.kind = ProposalKind.Upgrade;
        }
    }

    function _isLive(uint256 proposalId) private view returns (bool) {
        ProposalState s = state(proposalId);
        return s == ProposalState.Pending || s == ProposalState.Active || s == ProposalState.Succeeded
            || s == ProposalState.Queued;
    }

    /// @dev Of the proposal that is being made; else those of an upgrade, the strictest.
    function _presentTerms() private view returns (Terms memory) {
        uint256 proposing = PROPOSING.asUint256().tload();
        return policy.getTerms(proposing == 0 ? ProposalKind.Upgrade : ProposalKind(proposing - 1));
    }

    /// @notice Votes that a proposer of an upgrade needs; less is enough for other kinds, see {IProposalPolicy-getTerms}.
    function proposalThreshold() public view override returns (uint256) {
        return _threshold(_presentTerms().thresholdBps);
    }

    /// @notice Seconds; of an upgrade. Other kinds have their own, see {IProposalPolicy-getTerms}.
    function votingDelay() public view override returns (uint256) {
        return _presentTerms().votingDelay;
    }

    /// @notice Seconds; of an upgrade. Other kinds have their own, see {IProposalPolicy-getTerms}.
    function votingPeriod() public view override returns (uint256) {
        return _presentTerms().votingPeriod;
    }

    function _threshold(uint256 thresholdBps) private view returns (uint256) {
        return token().getPastTotalSupply(clock() - 1).mulDivUp(thresholdBps, FixedPoint.BPS);
    }

    // ---------------------------------------------------------------- counting

    /// @notice Votes for an upgrade that it needs at a time. Other kinds need fewer, see {proposalQuorum}.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return _quorum(timepoint, policy.getTerms(ProposalKind.Upgrade).quorumBps);
    }

    /// @notice Votes for it that a proposal needs, rounded up. Its snapshot has to be in the past.
    function proposalQuorum(uint256 proposalId) public view returns (uint256) {
        return _quorum(proposalSnapshot(proposalId), _proposals[proposalId].terms.quorumBps);
    }

    /// @notice What a proposal was made as; all zero when there is none.
    function getProposal(uint256 proposalId) external view returns (Proposal memory) {
        return _proposals[proposalId];
    }

    /// @notice The last proposal of a proposer, zero without any: while it is live they make no other.
    function latestProposalOf(address proposer) external view returns (uint256 proposalId) {
        return _latest[proposer];
    }

    /// @notice As OpenZeppelin names it: votes for alone make a quorum.
    // solhint-disable-next-line func-name-mixedcase
    function COUNTING_MODE() public pure override(IGovernor, GovernorCountingOverridable) returns (string memory) {
        return "support=bravo,override&quorum=for&overridable=true";
    }

    function _quorum(uint256 timepoint, uint256 quorumBps) private view returns (uint256) {
        uint256 base = token().getPastTotalSupply(timepoint) - token().getPastVotes(EXCLUDED, timepoint);
        return base.mulDivUp(quorumBps, FixedPoint.BPS);
    }

    function _quorumReached(uint256 proposalId)
        internal
        view
        override(Governor, GovernorCountingOverridable)
        returns (bool)
    {
        (, uint256 forVotes,) = proposalVotes(proposalId);
        return forVotes >= proposalQuorum(proposalId);
    }

    function _voteSucceeded(uint256 proposalId)
        internal
        view
        override(Governor, GovernorCountingOverridable)
        returns (bool)
    {
        (uint256 againstVotes, uint256 forVotes,) = proposalVotes(proposalId);
        uint256 approvalBps = _proposals[proposalId].terms.approvalBps;
        return forVotes > againstVotes && forVotes * FixedPoint.BPS >= approvalBps * (forVotes + againstVotes);
    }

    /// @dev What is no part of a quorum's base is no part of the vote either.
    function _countOverride(uint256 proposalId, address account, uint8 support) internal override returns (uint256) {
        address delegatee = VotesExtended(address(token())).getPastDelegate(account, proposalSnapshot(proposalId));
        require(delegatee != EXCLUDED, VotesExcluded(account));
        return super._countOverride(proposalId, account, support);
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    /// @inheritdoc IGovernor
    function proposalDeadline(uint256 proposalId)
        public
        view
        override(Governor, GovernorPreventLateQuorum)
        returns (uint256)
    {
        return super.proposalDeadline(proposalId);
    }

    /// @dev The longest period that voting can have.
    function _maxLateQuorumVoteExtension() internal pure override returns (uint256) {
        return 7 days;
    }

    // ---------------------------------------------------------------- after the vote

    /// @inheritdoc IGovernor
    /// @dev What passed and is not queued, or is due and not executed, within {GRACE} is over.
    function state(uint256 proposalId) public view override returns (ProposalState s) {
        s = super.state(proposalId);
        bool expired = (s == ProposalState.Succeeded && block.timestamp > proposalDeadline(proposalId) + GRACE)
            || (s == ProposalState.Queued && block.timestamp > proposalEta(proposalId) + GRACE);
        if (expired) s = ProposalState.Expired;
    }

    /// @notice Every proposal waits in the timelock.
    function proposalNeedsQueuing(uint256) public pure override returns (bool) {
        return true;
    }

    /// @notice Whose calls a proposal's are.
    function timelock() external view returns (address) {
        return address(_timelock);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override returns (uint48) {
        _checkBound(proposalId, _assess(targets, values, calldatas));
        uint256 delay = _proposals[proposalId].terms.timelock;
        _timelock.scheduleBatch(targets, values, calldatas, 0, _salt(descriptionHash), delay);
        // Seconds: below 2^48.
        return uint48(block.timestamp + delay);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override {
        Assessment memory a = _assess(targets, values, calldatas);
        _checkBound(proposalId, a);
        bytes32 before = _proposals[proposalId].before;
        require(a.before == before, BeforeChanged(proposalId, a.before, before));
        _timelock.executeBatch{value: msg.value}(targets, values, calldatas, 0, _salt(descriptionHash));
    }

    function _checkBound(uint256 proposalId, Assessment memory a) private view {
        Proposal storage p = _proposals[proposalId];
        require(a.code == p.code, CodeChanged(proposalId, a.code, p.code));
        require(a.kind <= p.kind, KindChanged(proposalId, a.kind, p.kind));
    }

    function _executor() internal view override returns (address) {
        return address(_timelock);
    }

    /// @dev Of this governor, so that another over the same timelock has others.
    function _salt(bytes32 descriptionHash) private view returns (bytes32) {
        return bytes20(address(this)) ^ descriptionHash;
    }

    // ---------------------------------------------------------------- cancelling

    /// @notice Makes another council, for a term from now. Needs the timelock. Such a proposal, without other actions, is
    /// one that the council cannot cancel.
    function setCouncil(address council_) external onlyGovernance {
        _setCouncil(council_);
    }

    function _setCouncil(address council_) private {
        // Seconds: below 2^48.
        (council, councilUntil) = (council_, uint48(block.timestamp + COUNCIL_TERM));
        emit CouncilSet(council_, councilUntil);
    }

    /// @dev The proposer before voting begins; the council within its term; anybody once the proposer's votes have fallen
    /// below what they needed.
    function _validateCancel(uint256 proposalId, address caller) internal view override returns (bool) {
        if (super._validateCancel(proposalId, caller)) return true;
        if (caller == council && block.timestamp <= councilUntil) return !_replacesCouncil(proposalId);
        uint256 votes = getVotes(proposalProposer(proposalId), clock() - 1);
        return votes < _threshold(_proposals[proposalId].terms.thresholdBps);
    }

    function _replacesCouncil(uint256 proposalId) private view returns (bool) {
        (address[] memory targets,, bytes[] memory calldatas,) = proposalDetails(proposalId);
        return targets.length == 1 && targets[0] == address(this) && bytes4(calldatas[0]) == this.setCouncil.selector;
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override returns (uint256 proposalId) {
        proposalId = super._cancel(targets, values, calldatas, descriptionHash);
        if (proposalEta(proposalId) == 0) return proposalId;
        _timelock.cancel(_timelock.hashOperationBatch(targets, values, calldatas, 0, _salt(descriptionHash)));
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override(Governor, GovernorStorage) returns (uint256) {
        return super._propose(targets, values, calldatas, description, proposer);
    }
}
