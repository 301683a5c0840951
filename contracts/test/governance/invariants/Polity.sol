// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProposalKind} from "../../../src/interfaces/IProposalPolicy.sol";
import {Deciding} from "./Deciding.sol";
import {GovernanceSentences} from "./GovernanceSentences.sol";
import {Known} from "./Proposing.sol";

/// @notice What the campaign calls, and the properties about the whole state.
contract Polity is Deciding {
    /// @notice Checks everything that has to hold between any two calls.
    /// @return sentence Of the first property that has broken, here or in a handler; empty while all hold.
    function check() external returns (string memory sentence) {
        _checkVotes();
        _checkPowers();
        for (uint256 mark; mark < known.length; ++mark) {
            _checkProposal(known[mark], mark);
        }
        return GovernanceSentences.say(broken);
    }

    function _checkVotes() private {
        uint256 all = token.getVotes(stranger) + token.getVotes(excluded);
        hold(all == delegated(stranger) + delegated(excluded), 6);
        for (uint256 i; i < ACTORS; ++i) {
            uint256 votes = token.getVotes(actors[i]);
            hold(votes == delegated(actors[i]), 6);
            all += votes;
        }
        hold(all <= SUPPLY && token.totalSupply() == SUPPLY, 6);
    }

    function _checkPowers() private {
        bytes32[4] memory roles =
            [bytes32(0), timelock.PROPOSER_ROLE(), timelock.EXECUTOR_ROLE(), timelock.CANCELLER_ROLE()];
        for (uint256 i; i < roles.length; ++i) {
            hold(timelock.hasRole(roles[i], address(governance)) == (i != 0), 5);
            hold(timelock.hasRole(roles[i], successor) == (i == 3 && succeeded), 5);
            bool others = timelock.hasRole(roles[i], address(0)) || timelock.hasRole(roles[i], address(this))
                || timelock.hasRole(roles[i], council) || timelock.hasRole(roles[i], stranger);
            for (uint256 j; j < ACTORS; ++j) {
                others = others || timelock.hasRole(roles[i], actors[j]);
            }
            hold(!others, 5);
        }
        hold(timelock.getMinDelay() == 2 days, 5);
        hold(governance.council() == council && governance.councilUntil() == councilUntil, 5);
        for (uint256 kind; kind < 4; ++kind) {
            bytes32 terms = keccak256(abi.encode(policy.getTerms(ProposalKind(kind))));
            hold(terms == keccak256(abi.encode(termsOf[kind])), 5);
        }
    }

    function _checkProposal(Known storage p, uint256 mark) private {
        look(p);
        hold(deeds.done(mark) == 0 || !isDead(p), 2);
        hold(deeds.done(mark) == (p.executedAt == 0 ? 0 : p.deeds), 4);
        if (!p.taken) return;
        uint256[3] memory expected = tallyOf(p);
        (uint256 against, uint256 inFavour, uint256 abstaining) = governance.proposalVotes(p.id);
        hold(against == expected[0] && inFavour == expected[1] && abstaining == expected[2], 1);
        hold(against + inFavour + abstaining <= SUPPLY, 1);
    }
}
