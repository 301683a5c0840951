// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a proposal is, by the strictest of its actions; in this order.
enum ProposalKind {
    Parameter,
    Market,
    Risk,
    Upgrade
}

/// @notice What a proposal of one kind has to pass. Snapshotted when it is made.
/// @param thresholdBps Votes its proposer needs, basis points of the supply.
/// @param votingDelay Seconds from the proposal to the time at which votes are counted.
/// @param votingPeriod Seconds of voting.
/// @param quorumBps Votes for it that it needs, basis points of the supply less the excluded votes.
/// @param approvalBps Votes for it, basis points of those for and against: at least so many, and more than half.
/// @param timelock Seconds from queueing to execution.
struct Terms {
    uint16 thresholdBps;
    uint32 votingDelay;
    uint32 votingPeriod;
    uint16 quorumBps;
    uint16 approvalBps;
    uint32 timelock;
}

/// @notice One thing a proposal may do that is no upgrade.
/// @param kind The least it counts as; its validator may say more.
/// @param validator Asked of each such action.
struct Action {
    address target;
    bytes4 selector;
    ProposalKind kind;
    IActionValidator validator;
}

/// @notice What actions amount to, as things stand.
/// @param code Digest of the code at their targets, and of what upgrades would put there.
/// @param before Digest of what they would change.
struct Assessment {
    ProposalKind kind;
    bytes32 code;
    bytes32 before;
}

/// @title Says of one action whether it is within its bounds, what it counts as and what it would change.
interface IActionValidator {
    /// @notice Reverts when the action is out of bounds now.
    /// @param data Selector and arguments.
    /// @return kind What it counts as, if that is more than what it is registered as.
    /// @return before Digest of the present state that the action replaces, where it has one: another when it is to be
    /// executed, and the proposal was made for what is no more.
    function validate(address target, bytes calldata data) external view returns (ProposalKind kind, bytes32 before);
}

/// @title What proposals may do and what they have to pass for it.
interface IProposalPolicy {
    event ActionRegistered(
        address indexed target, bytes4 indexed selector, ProposalKind kind, IActionValidator validator
    );
    event ActionRemoved(address indexed target, bytes4 indexed selector);
    event TermsSet(ProposalKind indexed kind, Terms terms);

    /// @notice Thrown when terms lie outside what no vote can change.
    error TermsOutOfBounds(bytes32 name, uint256 value, uint256 limit);
    /// @notice Thrown when an action cannot be registered: it is the policy's own or the timelock's, which are upgrades for
    /// good, or counts as an upgrade without being registered. And when a proposal's action hands on calls of its own.
    error ActionRefused(address target, bytes4 selector);
    /// @notice Thrown when nothing is registered.
    error ActionUnknown(address target, bytes4 selector);
    /// @notice Thrown when a proposal has no action or too many.
    error ActionCount(uint256 count, uint256 limit);
    /// @notice Thrown when the targets, values and calldatas are not as many.
    error ActionLengths(uint256 targets, uint256 values, uint256 calldatas);
    /// @notice Thrown when an action's target, or what an upgrade would put there, has no code.
    error NoCode(address target);
    /// @notice Thrown when what an upgrade would put in place cannot be upgraded itself.
    error NotUpgradeable(address implementation);
    /// @notice Thrown when post-conditions do not begin with the first action and end with the last.
    error PostConditionsMisplaced(uint256 index);

    /// @notice What a proposal amounts to now. Reverts when one of its actions is out of bounds.
    function assess(address[] calldata targets, uint256[] calldata values, bytes[] calldata calldatas)
        external
        view
        returns (Assessment memory);

    /// @notice What proposals of a kind have to pass.
    function getTerms(ProposalKind kind) external view returns (Terms memory);

    /// @notice What an action is registered as; an upgrade, without a validator, when it is not.
    function getAction(address target, bytes4 selector) external view returns (ProposalKind, IActionValidator);

    /// @notice Registers an action, or registers it anew. Needs the timelock.
    function register(Action calldata action) external;

    /// @notice Makes an action an upgrade again. Needs the timelock.
    function remove(address target, bytes4 selector) external;

    /// @notice Sets what proposals of a kind have to pass, from the next proposal on. Needs the timelock.
    function setTerms(ProposalKind kind, Terms calldata terms) external;
}
