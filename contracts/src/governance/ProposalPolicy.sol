// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IERC1822Proxiable} from "@openzeppelin/contracts/interfaces/draft-IERC1822.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {
    Action,
    Assessment,
    IActionValidator,
    IProposalPolicy,
    ProposalKind,
    Terms
} from "../interfaces/IProposalPolicy.sol";
import {IOrderDesk} from "../interfaces/IOrderDesk.sol";
import {PostConditions} from "./PostConditions.sol";
import {Timelocked} from "./Timelocked.sol";

/// @title What proposals may do and what they have to pass for it: the type follows from the actions, never from a claim.
/// @dev Whoever is registered here counts as less than an upgrade, so the registry's own changes never can be.
/// Source: docs/governance.md.
contract ProposalPolicy is Timelocked, IProposalPolicy {
    /// @dev What an action is registered as.
    struct Rule {
        bool known;
        ProposalKind kind;
        IActionValidator validator;
    }

    uint256 public constant MAX_ACTIONS = 20;

    PostConditions public immutable postConditions;

    mapping(ProposalKind => Terms) private _terms;
    mapping(address target => mapping(bytes4 selector => Rule)) private _rules;

    /// @param terms By kind, in its order.
    /// @param actions The first registry.
    constructor(address timelock_, PostConditions postConditions_, Terms[4] memory terms, Action[] memory actions)
        Timelocked(timelock_)
    {
        postConditions = postConditions_;
        for (uint256 kind; kind < terms.length; ++kind) {
            _setTerms(ProposalKind(kind), terms[kind]);
        }
        for (uint256 i; i < actions.length; ++i) {
            _register(actions[i]);
        }
    }

    // ---------------------------------------------------------------- what proposals amount to

    /// @inheritdoc IProposalPolicy
    function assess(address[] calldata targets, uint256[] calldata values, bytes[] calldata calldatas)
        external
        view
        returns (Assessment memory a)
    {
        uint256 count = targets.length;
        require(count != 0 && count <= MAX_ACTIONS, ActionCount(count, MAX_ACTIONS));
        bool sameLength = values.length == count && calldatas.length == count;
        require(sameLength, ActionLengths(count, values.length, calldatas.length));
        for (uint256 i; i < count; ++i) {
            bytes4 selector = bytes4(calldatas[i]);
            _checkNesting(targets[i], selector);
            _checkPlace(targets[i], selector, i, count);
            (ProposalKind kind, bytes32 before) = _assess(targets[i], selector, values[i], calldatas[i]);
            if (kind > a.kind) a.kind = kind;
            a.before = keccak256(abi.encode(a.before, before));
            a.code = keccak256(abi.encode(a.code, _codeOf(targets[i], selector, calldatas[i])));
        }
        // An action that begins post-conditions has its end, or none is checked.
        if (_begins(targets[0], bytes4(calldatas[0]))) {
            bool ends = targets[count - 1] == address(postConditions)
                && bytes4(calldatas[count - 1]) == PostConditions.end.selector;
            require(ends, PostConditionsMisplaced(count - 1));
        }
    }

    function _assess(address target, bytes4 selector, uint256 value, bytes calldata data)
        private
        view
        returns (ProposalKind kind, bytes32 before)
    {
        Rule memory rule = _rules[target][selector];
        if (!rule.known || value != 0) return (ProposalKind.Upgrade, 0);
        if (address(rule.validator) == address(0)) return (rule.kind, 0);
        (kind, before) = rule.validator.validate(target, data);
        if (rule.kind > kind) kind = rule.kind;
    }

    function _begins(address target, bytes4 selector) private view returns (bool) {
        return target == address(postConditions) && selector == PostConditions.begin.selector;
    }

    /// @dev Post-conditions begin with the first action only, and end with the last only.
    function _checkPlace(address target, bytes4 selector, uint256 i, uint256 count) private view {
        if (target != address(postConditions)) return;
        bool placed = selector == PostConditions.begin.selector ? i == 0 : i == count - 1 && i != 0;
        require(placed, PostConditionsMisplaced(i));
    }

    /// @dev What calls hide in the call of another is neither looked at nor bound: an upgrade's code least of all.
    function _checkNesting(address target, bytes4 selector) private pure {
        bool nests = selector == IOrderDesk.multicall.selector || selector == Governor.relay.selector;
        require(!nests, ActionRefused(target, selector));
    }

    /// @dev Of the target and, for an upgrade, of what would take its place.
    function _codeOf(address target, bytes4 selector, bytes calldata data) private view returns (bytes32) {
        require(target.code.length != 0, NoCode(target));
        if (selector != UUPSUpgradeable.upgradeToAndCall.selector) return target.codehash;
        (address implementation,) = abi.decode(data[4:], (address, bytes));
        require(implementation.code.length != 0, NoCode(implementation));
        try IERC1822Proxiable(implementation).proxiableUUID() returns (bytes32 slot) {
            require(slot == ERC1967Utils.IMPLEMENTATION_SLOT, NotUpgradeable(implementation));
        } catch {
            revert NotUpgradeable(implementation);
        }
        return keccak256(abi.encode(target.codehash, implementation.codehash));
    }

    // ---------------------------------------------------------------- the registry

    /// @inheritdoc IProposalPolicy
    function register(Action calldata action) external onlyTimelock {
        _register(action);
    }

    /// @inheritdoc IProposalPolicy
    function remove(address target, bytes4 selector) external onlyTimelock {
        require(_rules[target][selector].known, ActionUnknown(target, selector));
        delete _rules[target][selector];
        emit ActionRemoved(target, selector);
    }

    /// @inheritdoc IProposalPolicy
    function setTerms(ProposalKind kind, Terms calldata terms) external onlyTimelock {
        _setTerms(kind, terms);
    }

    /// @inheritdoc IProposalPolicy
    function getTerms(ProposalKind kind) external view returns (Terms memory) {
        return _terms[kind];
    }

    /// @inheritdoc IProposalPolicy
    function getAction(address target, bytes4 selector) external view returns (ProposalKind, IActionValidator) {
        Rule memory rule = _rules[target][selector];
        return (rule.known ? rule.kind : ProposalKind.Upgrade, rule.validator);
    }

    function _register(Action memory action) private {
        (address target, bytes4 selector) = (action.target, action.selector);
        bool permitted = target != address(this) && target != timelock
            && selector != UUPSUpgradeable.upgradeToAndCall.selector && action.kind != ProposalKind.Upgrade;
        require(permitted, ActionRefused(target, selector));
        _rules[target][selector] = Rule(true, action.kind, action.validator);
        emit ActionRegistered(target, selector, action.kind, action.validator);
    }

    /// @dev What no vote can change.
    function _setTerms(ProposalKind kind, Terms memory t) private {
        _atMost("thresholdBps", t.thresholdBps, 200);
        _atLeast("votingDelay", t.votingDelay, 1 days);
        _atLeast("votingPeriod", t.votingPeriod, 3 days);
        _atLeast("quorumBps", t.quorumBps, 200);
        _atMost("quorumBps", t.quorumBps, 1500);
        _atLeast("approvalBps", t.approvalBps, 5000);
        _atMost("approvalBps", t.approvalBps, 8000);
        _atLeast("timelock", t.timelock, 2 days);
        // Votes can be called off, not put off for ever.
        _atMost("votingDelay", t.votingDelay, 30 days);
        _atMost("votingPeriod", t.votingPeriod, 30 days);
        _atMost("timelock", t.timelock, 30 days);
        _terms[kind] = t;
        emit TermsSet(kind, t);
    }

    function _atMost(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value <= limit, TermsOutOfBounds(name, value, limit));
    }

    function _atLeast(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value >= limit, TermsOutOfBounds(name, value, limit));
    }
}
