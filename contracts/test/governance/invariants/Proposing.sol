// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {ProposalKind, Terms} from "../../../src/interfaces/IProposalPolicy.sol";
import {Deeds, Electorate} from "./Electorate.sol";

/// @notice What a proposal does beside deeds.
enum Purpose {
    Nothing,
    Council,
    Terms,
    Canceller
}

/// @notice A proposal as the campaign knows it, from what was called alone.
/// @param deeds How many of its actions leave its mark.
/// @param quorumAt When votes for it first were enough.
/// @param taken Whether its snapshot is over: balances and delegates are those of then.
/// @param votes Of each actor: support and one, zero without.
/// @param seen Its state when it was last looked at.
struct Known {
    uint256 id;
    uint256 proposer;
    ProposalKind kind;
    Terms terms;
    Purpose purpose;
    uint256 argument;
    uint256 deeds;
    uint256 actions;
    uint256 proposedAt;
    uint256 quorumAt;
    uint256 queuedAt;
    uint256 executedAt;
    bool canceled;
    bool taken;
    uint256[8] balances;
    address[8] delegates;
    uint8[8] votes;
    uint8[8] overrides;
    IGovernor.ProposalState seen;
}

/// @notice Proposals of all kinds, by whoever may and whoever may not.
abstract contract Proposing is Electorate {
    uint256 internal constant GRACE = 14 days;
    /// @dev Its number is its mark.
    Known[] internal known;

    /// @dev What is under construction.
    address[] private _targets;
    uint256[] private _values;
    bytes[] private _calldatas;

    // ---------------------------------------------------------------- handlers

    function propose(uint256 seed, uint256 what) external {
        uint256 count = known.length;
        for (uint256 i; i < ACTORS && known.length == count; ++i) {
            Purpose purpose = what / 100 % 8 == 0 ? Purpose(what / 800 % 4) : Purpose.Nothing;
            _propose((seed % ACTORS + i) % ACTORS, what, purpose);
        }
        if (broken == 0) vm.assume(known.length != count);
    }

    // ---------------------------------------------------------------- internals

    /// @dev Somebody's proposal who can make one, else of whoever is made able to.
    function proposed(uint256 seed, uint256 what, Purpose purpose) internal returns (uint256 mark) {
        mark = known.length;
        for (uint256 i; i < ACTORS; ++i) {
            uint256 proposer = (seed % ACTORS + i) % ACTORS;
            if (_isBusy(proposer) || token.balanceOf(actors[proposer]) < SUPPLY / 50) continue;
            if (settledVotes[proposer] < SUPPLY / 50) {
                delegateTo(proposer, actors[proposer]);
                advance(block.timestamp + 1);
            }
            _propose(proposer, what, purpose);
            break;
        }
        vm.assume(known.length != mark);
    }

    /// @dev Goes through exactly when the proposer has the votes and no other proposal.
    function _propose(uint256 proposer, uint256 what, Purpose purpose) private {
        uint256 mark = known.length;
        Known memory p;
        (p.proposer, p.purpose, p.argument, p.proposedAt) = (proposer, purpose, what, block.timestamp);
        _draw(p, mark, what);
        p.terms = termsOf[uint256(p.kind)];
        bool able = !_isBusy(proposer) && settledVotes[proposer] >= bps(SUPPLY, p.terms.thresholdBps);
        address who = actors[proposer];
        hold(!attempt(who, address(governance), _call(_hostile(what, mark, who))), 7);
        string memory description = _describe(mark, who);
        bool ok = attempt(who, address(governance), _call(description));
        hold(ok == able, 7);
        if (!ok) return;
        p.id = governance.getProposalId(_targets, _values, _calldatas, keccak256(bytes(description)));
        known.push(p);
    }

    function _call(string memory description) private view returns (bytes memory) {
        return abi.encodeCall(governance.propose, (_targets, _values, _calldatas, description));
    }

    /// @dev Up to three deeds, and what its purpose is.
    function _draw(Known memory p, uint256 mark, uint256 what) private {
        (_targets, _values, _calldatas) = (new address[](0), new uint256[](0), new bytes[](0));
        bytes4[4] memory selectors =
            [Deeds.adjust.selector, Deeds.list.selector, Deeds.risk.selector, Deeds.replace.selector];
        p.deeds = what % 4;
        if (p.deeds == 0 && p.purpose == Purpose.Nothing) p.deeds = 1;
        for (uint256 i; i < p.deeds; ++i) {
            uint256 kind = (what >> (8 + 2 * i)) % 4;
            if (kind > uint256(p.kind)) p.kind = ProposalKind(kind);
            _add(address(deeds), abi.encodeWithSelector(selectors[kind], mark));
        }
        if (p.purpose != Purpose.Nothing) p.kind = ProposalKind.Upgrade;
        if (p.purpose == Purpose.Council) {
            _add(address(governance), abi.encodeCall(governance.setCouncil, (councilOf(what))));
        } else if (p.purpose == Purpose.Terms) {
            (ProposalKind kind, Terms memory terms) = termsFrom(what);
            _add(address(policy), abi.encodeCall(policy.setTerms, (kind, terms)));
        } else if (p.purpose == Purpose.Canceller) {
            bytes32 role = timelock.CANCELLER_ROLE();
            _add(address(timelock), abi.encodeCall(timelock.grantRole, (role, successor)));
        }
        p.actions = _targets.length;
    }

    function _add(address target, bytes memory data) private {
        _targets.push(target);
        _values.push(0);
        _calldatas.push(data);
    }

    function councilOf(uint256 what) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("council", what % 3)))));
    }

    /// @dev Anything within what no vote can change.
    function termsFrom(uint256 what) internal pure returns (ProposalKind kind, Terms memory t) {
        what = uint256(keccak256(abi.encode(what)));
        kind = ProposalKind(what % 4);
        t.thresholdBps = uint16((what >> 8) % 201);
        t.votingDelay = uint32(1 days + (what >> 16) % 3 days);
        t.votingPeriod = uint32(3 days + (what >> 48) % 5 days);
        t.quorumBps = uint16(200 + (what >> 80) % 1301);
        t.approvalBps = uint16(5000 + (what >> 96) % 3001);
        t.timelock = uint32(2 days + (what >> 112) % 5 days);
    }

    function _describe(uint256 mark, address who) private pure returns (string memory) {
        bytes memory digest = bytes(vm.toString(keccak256(abi.encode(mark))));
        bytes memory digits = new bytes(64);
        for (uint256 i; i < 64; ++i) {
            digits[i] = digest[i + 2];
        }
        return string.concat("ipfs://f01551220", string(digits), "#proposer=", vm.toString(who));
    }

    /// @dev Another's name, a character more, another scheme, a digit that is none, nothing.
    function _hostile(uint256 what, uint256 mark, address who) private view returns (string memory description) {
        what %= 5;
        description = _describe(mark, what == 0 ? stranger : who);
        if (what == 1) return string.concat(description, " ");
        if (what == 2) bytes(description)[0] = "I";
        if (what == 3) bytes(description)[40] = "G";
        if (what == 4) return "";
    }

    /// @dev Whether a proposal of theirs is not over.
    function _isBusy(uint256 proposer) private view returns (bool) {
        for (uint256 i; i < known.length; ++i) {
            IGovernor.ProposalState s = known[i].seen;
            bool over = s == IGovernor.ProposalState.Canceled || s == IGovernor.ProposalState.Defeated
                || s == IGovernor.ProposalState.Expired || s == IGovernor.ProposalState.Executed;
            if (known[i].proposer == proposer && !over) return true;
        }
        return false;
    }

    // ---------------------------------------------------------------- what proposals are, by what was called

    function snapshotOf(Known storage p) internal view returns (uint256) {
        return p.proposedAt + p.terms.votingDelay;
    }

    /// @dev Two days after a quorum, if that is later.
    function deadlineOf(Known storage p) internal view returns (uint256 deadline) {
        deadline = snapshotOf(p) + p.terms.votingPeriod;
        if (p.quorumAt != 0 && p.quorumAt + 2 days > deadline) deadline = p.quorumAt + 2 days;
    }

    /// @return t Against, for, abstaining.
    function tallyOf(Known storage p) internal view returns (uint256[3] memory t) {
        for (uint256 i; i < ACTORS; ++i) {
            uint8 choice = p.overrides[i];
            uint256 delegatee = indexOf(p.delegates[i]);
            if (choice == 0 && delegatee < ACTORS) choice = p.votes[delegatee];
            if (choice != 0) t[choice - 1] += p.balances[i];
        }
    }

    function hasQuorum(Known storage p, uint256 votesFor) internal view returns (bool) {
        uint256 base = SUPPLY;
        for (uint256 i; i < ACTORS; ++i) {
            if (p.delegates[i] == excluded) base -= p.balances[i];
        }
        return votesFor >= bps(base, p.terms.quorumBps);
    }

    function isApproved(Known storage p) internal view returns (bool) {
        uint256[3] memory t = tallyOf(p);
        bool most = t[1] > t[0] && t[1] * 10_000 >= (t[0] + t[1]) * p.terms.approvalBps;
        return p.taken && most && hasQuorum(p, t[1]);
    }

    /// @dev Whether it was given up, lost or waited too long.
    function isDead(Known storage p) internal view returns (bool) {
        if (p.canceled) return true;
        if (p.executedAt != 0 || block.timestamp <= deadlineOf(p)) return false;
        if (p.queuedAt != 0) return block.timestamp > p.queuedAt + p.terms.timelock + GRACE;
        return !isApproved(p) || block.timestamp > deadlineOf(p) + GRACE;
    }

    /// @inheritdoc Electorate
    function advance(uint256 time) internal override {
        for (uint256 i; i < known.length; ++i) {
            Known storage p = known[i];
            if (p.taken || snapshotOf(p) >= time) continue;
            p.taken = true;
            for (uint256 j; j < ACTORS; ++j) {
                (p.balances[j], p.delegates[j]) = (token.balanceOf(actors[j]), token.delegates(actors[j]));
            }
        }
        super.advance(time);
        for (uint256 i; i < known.length; ++i) {
            look(known[i]);
        }
    }

    /// @dev From each state, those that can be seen next: bits in the governor's order.
    function look(Known storage p) internal {
        uint8[8] memory next = [15, 94, 4, 12, 116, 228, 64, 128];
        IGovernor.ProposalState present = governance.state(p.id);
        hold(next[uint256(p.seen)] >> uint256(present) & 1 == 1, 3);
        p.seen = present;
    }
}
