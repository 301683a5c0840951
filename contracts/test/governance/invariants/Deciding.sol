// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {ProposalKind, Terms} from "../../../src/interfaces/IProposalPolicy.sol";
import {Known, Proposing, Purpose} from "./Proposing.sol";

/// @notice What becomes of proposals: votes, queue, execution, cancelling, and the time.
/// @dev Where no proposal is far enough, one is brought there.
abstract contract Deciding is Proposing {
    // ---------------------------------------------------------------- handlers

    function vote(uint256 seed, uint256 voter, uint8 support) external {
        Known storage p = known[_active(seed)];
        voter = _without(p.votes, voter);
        _vote(p, voter, support % 3);
        hold(!attempt(actors[voter], address(governance), abi.encodeCall(governance.castVote, (p.id, 1))), 1);
    }

    function voteBySig(uint256 seed, uint256 voter, uint8 support) external {
        Known storage p = known[_active(seed)];
        voter = _without(p.votes, voter);
        support %= 3;
        uint256 nonce = governance.nonces(actors[voter]);
        bytes32 signed = keccak256(abi.encode(governance.BALLOT_TYPEHASH(), p.id, support, actors[voter], nonce));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(voter + 1, digestOf(signed));
        bytes memory data =
            abi.encodeCall(governance.castVoteBySig, (p.id, support, actors[voter], abi.encodePacked(r, s, v)));
        hold(attempt(stranger, address(governance), data), 1);
        hold(!attempt(stranger, address(governance), data), 1);
        p.votes[voter] = support + 1;
        _noteQuorum(p);
    }

    /// @dev Whoever delegates to nobody's address has no vote to take back.
    function overrideVote(uint256 seed, uint256 voter, uint8 support) external {
        Known storage p = known[_active(seed)];
        voter = _without(p.overrides, voter);
        support %= 3;
        bytes memory data = abi.encodeCall(governance.castOverrideVote, (p.id, support, ""));
        bool ok = attempt(actors[voter], address(governance), data);
        hold(ok == (p.delegates[voter] != excluded), 1);
        if (!ok && broken == 0) vm.assume(false);
        hold(!attempt(actors[voter], address(governance), data), 1);
        p.overrides[voter] = support + 1;
        _noteQuorum(p);
    }

    function queue(uint256 seed) external {
        _queue(known[_succeeded(seed)]);
    }

    /// @dev At its time, within the grace or after it. A second earlier it is refused.
    function execute(uint256 seed, uint256 wait) external {
        Known storage p = known[_queued(seed)];
        uint256 due = p.queuedAt + p.terms.timelock;
        if (block.timestamp < due - 1) advance(due - 1);
        if (block.timestamp < due) {
            hold(!_execute(p), 4);
            advance(due);
        }
        if (wait % 3 == 0) advance(block.timestamp + 1 + wait / 3 % (GRACE + 2 days));
        bool dead = isDead(p);
        hold(_execute(p) || dead, 4);
    }

    /// @dev By its proposer, the council or somebody else, sometimes after the proposer has lost the votes.
    function cancel(uint256 seed, uint256 who) external {
        uint256 mark = _live(seed, who);
        Known storage p = known[mark];
        if (who % 8 == 7) {
            delegateTo(p.proposer, address(0));
            advance(block.timestamp + 1);
        }
        address caller = who % 8 < 3 ? actors[p.proposer] : who % 8 < 6 ? council : stranger;
        bool pending = block.timestamp <= snapshotOf(p);
        bool permitted;
        if (caller == actors[p.proposer] && pending) permitted = true;
        else if (caller == council && block.timestamp <= councilUntil) permitted = !_replacesCouncil(p);
        else permitted = settledVotes[p.proposer] < bps(SUPPLY, p.terms.thresholdBps);
        bool ok = attempt(caller, address(governance), abi.encodeWithSignature("cancel(uint256)", p.id));
        hold(ok == permitted, 7);
        if (!ok && broken == 0) vm.assume(who % 8 == 7);
        p.canceled = ok;
        look(p);
    }

    /// @dev Another council, other terms or another canceller, from the proposal to the execution.
    function legislate(uint256 seed, uint256 what) external {
        Known storage p = known[proposed(seed, what, Purpose(1 + what / 100 % 3))];
        _passed(p, what);
        _queue(p);
        advance(p.queuedAt + p.terms.timelock);
        hold(_execute(p), 4);
    }

    /// @dev To a border of a proposal or just on; nobody else gets at what votes decide meanwhile.
    function warp(uint256 seed, uint256 time) external {
        _intrude(seed % ACTORS, time);
        uint256 to = block.timestamp + 1 + time % 2 days;
        if (known.length != 0 && seed % 2 == 0) {
            Known storage p = known[seed / 2 % known.length];
            uint256 border = [snapshotOf(p), deadlineOf(p), deadlineOf(p) + GRACE][time % 3];
            if (border + time % 2 > block.timestamp) to = border + time % 2;
        }
        advance(to);
    }

    // ---------------------------------------------------------------- internals

    function _vote(Known storage p, uint256 voter, uint8 support) private {
        bytes memory data = abi.encodeCall(governance.castVote, (p.id, support));
        hold(attempt(actors[voter], address(governance), data), 1);
        p.votes[voter] = support + 1;
        _noteQuorum(p);
    }

    function _noteQuorum(Known storage p) private {
        if (p.quorumAt == 0 && hasQuorum(p, tallyOf(p)[1])) p.quorumAt = block.timestamp;
    }

    function _queue(Known storage p) private {
        hold(attempt(stranger, address(governance), abi.encodeWithSignature("queue(uint256)", p.id)), 4);
        hold(isApproved(p) && block.timestamp > deadlineOf(p), 4);
        hold(!isDead(p), 2);
        p.queuedAt = block.timestamp;
        look(p);
    }

    /// @dev Notes what it decides, if it goes through.
    function _execute(Known storage p) private returns (bool ok) {
        bool dead = isDead(p);
        ok = attempt(stranger, address(governance), abi.encodeWithSignature("execute(uint256)", p.id));
        if (!ok) return false;
        hold(!dead, 2);
        hold(isApproved(p) && p.queuedAt > deadlineOf(p), 4);
        hold(block.timestamp >= p.queuedAt + p.terms.timelock, 4);
        p.executedAt = block.timestamp;
        look(p);
        if (p.purpose == Purpose.Council) {
            (council, councilUntil) = (councilOf(p.argument), block.timestamp + 365 days);
        } else if (p.purpose == Purpose.Terms) {
            (ProposalKind kind, Terms memory terms) = termsFrom(p.argument);
            termsOf[uint256(kind)] = terms;
        } else if (p.purpose == Purpose.Canceller) {
            succeeded = true;
        }
    }

    function _replacesCouncil(Known storage p) private view returns (bool) {
        return p.purpose == Purpose.Council && p.actions == 1;
    }

    /// @dev Each of these is the timelock's, or the governor's over it.
    function _intrude(uint256 actor, uint256 seed) private {
        bytes32 role = timelock.PROPOSER_ROLE();
        (ProposalKind kind, Terms memory terms) = termsFrom(seed);
        address who = actors[actor];
        hold(!attempt(who, address(timelock), abi.encodeCall(timelock.grantRole, (role, who))), 5);
        hold(!attempt(who, address(timelock), abi.encodeCall(timelock.schedule, (who, 0, "", 0, 0, 7 days))), 5);
        hold(!attempt(who, address(policy), abi.encodeCall(policy.setTerms, (kind, terms))), 5);
        hold(!attempt(council, address(governance), abi.encodeCall(governance.setCouncil, (who))), 5);
        hold(!attempt(who, address(governance), abi.encodeCall(governance.relay, (who, 0, ""))), 5);
    }

    // ---------------------------------------------------------------- proposals that are far enough

    /// @return mark Of the first from the seed on in a state; as many as there are when there is none.
    function _find(uint256 seed, IGovernor.ProposalState wanted) private view returns (uint256 mark) {
        uint256 count = known.length;
        for (uint256 i; i < count; ++i) {
            mark = (seed % count + i) % count;
            if (known[mark].seen == wanted) return mark;
        }
        return count;
    }

    function _live(uint256 seed, uint256 what) private returns (uint256 mark) {
        IGovernor.ProposalState[4] memory states = [
            IGovernor.ProposalState.Queued,
            IGovernor.ProposalState.Succeeded,
            IGovernor.ProposalState.Active,
            IGovernor.ProposalState.Pending
        ];
        for (uint256 i; i < 4; ++i) {
            mark = _find(seed, states[(seed / 16 + i) % 4]);
            if (mark < known.length) return mark;
        }
        return proposed(seed, what, Purpose.Nothing);
    }

    function _active(uint256 seed) private returns (uint256 mark) {
        mark = _find(seed, IGovernor.ProposalState.Active);
        if (mark < known.length) return mark;
        mark = _find(seed, IGovernor.ProposalState.Pending);
        if (mark == known.length) mark = proposed(seed, seed, Purpose.Nothing);
        advance(snapshotOf(known[mark]) + 1);
    }

    function _succeeded(uint256 seed) private returns (uint256 mark) {
        mark = _find(seed, IGovernor.ProposalState.Succeeded);
        if (mark < known.length) return mark;
        mark = _active(seed);
        _passed(known[mark], seed);
    }

    function _queued(uint256 seed) private returns (uint256 mark) {
        mark = _find(seed, IGovernor.ProposalState.Queued);
        if (mark < known.length) return mark;
        mark = _succeeded(seed);
        _queue(known[mark]);
    }

    /// @dev Everybody who has not voted votes for it, sometimes late, to the end of voting; not before it is it queued.
    function _passed(Known storage p, uint256 seed) private {
        if (block.timestamp <= snapshotOf(p)) advance(snapshotOf(p) + 1);
        uint256 end = deadlineOf(p);
        if (seed % 2 == 0 && block.timestamp + 1 days < end) advance(end - 1 days);
        for (uint256 i; i < ACTORS; ++i) {
            if (p.votes[i] == 0) _vote(p, i, 1);
        }
        if (deadlineOf(p) > end) {
            advance(end + 1);
            hold(!attempt(stranger, address(governance), abi.encodeWithSignature("queue(uint256)", p.id)), 4);
        }
        advance(deadlineOf(p) + 1);
        if (broken == 0) vm.assume(isApproved(p));
    }

    /// @return i The first actor from the seed on who has not.
    function _without(uint8[8] storage done, uint256 seed) private view returns (uint256 i) {
        for (uint256 j; j < ACTORS; ++j) {
            i = (seed % ACTORS + j) % ACTORS;
            if (done[i] == 0) return i;
        }
        vm.assume(false);
    }
}
