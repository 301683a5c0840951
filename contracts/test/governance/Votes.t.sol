// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {
    GovernorCountingOverridable
} from "@openzeppelin/contracts/governance/extensions/GovernorCountingOverridable.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice What counts, and when it is enough: to the unit.
contract VotesTest is ProposalFixture {
    address private _for = makeAddr("for");
    address private _against = makeAddr("against");

    // ---------------------------------------------------------------- approval

    function test_AnUpgradeNeedsTwoThirdsToTheUnit() public {
        assertTrue(_passes(ProposalKind.Upgrade, 66_700_000e18, 33_300_000e18), "66.7 %");
        assertFalse(_passes(ProposalKind.Upgrade, 66_700_000e18, 33_300_000e18 + 1), "a unit more against");
        assertFalse(_passes(ProposalKind.Upgrade, 66_700_000e18 - 1, 33_300_000e18), "a unit less for");
    }

    function test_EverythingElseNeedsMoreThanHalf() public {
        for (uint256 kind; kind < 3; ++kind) {
            assertFalse(_passes(ProposalKind(kind), 50_000_000e18, 50_000_000e18), "half");
            assertTrue(_passes(ProposalKind(kind), 50_000_000e18 + 1, 50_000_000e18), "a unit more for");
        }
    }

    // ---------------------------------------------------------------- quorum

    /// @dev Of half the supply: the other half is excluded.
    function test_EachKindNeedsItsQuorumToTheUnit() public {
        uint256[4] memory quorums = [uint256(15_000_000e18), 15_000_000e18, 20_000_000e18, 30_000_000e18];
        for (uint256 kind; kind < 4; ++kind) {
            assertTrue(_passes(ProposalKind(kind), quorums[kind], 0), "the quorum");
            assertFalse(_passes(ProposalKind(kind), quorums[kind] - 1, 0), "a unit less");
        }
    }

    function test_TheQuorumsBaseIsThatOfTheSnapshot() public {
        address excluded = governance.EXCLUDED();
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        vm.warp(governance.proposalSnapshot(id) - 1);
        vm.prank(dave);
        token.delegate(excluded);
        toVote(id);
        uint256 base = SUPPLY / 2 - token.balanceOf(dave);
        assertEq(governance.proposalQuorum(id), base * 3 / 100, "3 % of what is left");
        vm.prank(erin);
        token.delegate(excluded);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertEq(governance.proposalQuorum(id), base * 3 / 100, "what comes later");
    }

    function test_TheQuorumIsRoundedUp() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        vm.prank(treasury);
        token.transfer(stranger, 1);
        toVote(id);
        assertEq(governance.proposalQuorum(id), SUPPLY * 3 / 200 + 1, "3 % of a unit is a unit");
    }

    // ---------------------------------------------------------------- overriding a delegate

    function test_ADelegatorOverridesADelegateWhoHasVoted() public {
        uint256 id = _delegated();
        vote(erin, id, 1);
        _override(_for, id, 0);
        _assertTally(id, 10e18, 75_000_000e18);
    }

    function test_ADelegatorOverridesADelegateWhoVotesLater() public {
        uint256 id = _delegated();
        _override(_for, id, 0);
        _assertTally(id, 10e18, 0);
        vote(erin, id, 1);
        _assertTally(id, 10e18, 75_000_000e18);
    }

    function test_RevertWhen_ADelegatorOverridesTwice() public {
        uint256 id = _delegated();
        _override(_for, id, 0);
        vm.expectRevert(
            abi.encodeWithSelector(GovernorCountingOverridable.GovernorAlreadyOverriddenVote.selector, _for)
        );
        _override(_for, id, 1);
    }

    function test_AnOverridingVoteCountsWhatWasHeldAtTheSnapshot() public {
        uint256 id = _delegated();
        vm.prank(_for);
        token.transfer(stranger, 10e18);
        _override(stranger, id, 0);
        _assertTally(id, 0, 0);
        _override(_for, id, 0);
        _assertTally(id, 10e18, 0);
    }

    function test_AnOverridingVoteCanTakeTheQuorumAway() public {
        vm.prank(carol);
        token.delegate(erin);
        uint256 id = propose(dave, ofKind(ProposalKind.Parameter, dave));
        toVote(id);
        vote(erin, id, 1);
        _override(carol, id, 0);
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "state");
    }

    /// @dev What is no part of the quorum's base is no part of the vote.
    function test_RevertWhen_ExcludedVotesOverride() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        toVote(id);
        vm.expectRevert(abi.encodeWithSelector(Governance.VotesExcluded.selector, treasury));
        _override(treasury, id, 1);
        vm.prank(treasury);
        token.delegate(treasury);
        vm.warp(vm.getBlockTimestamp() + 1);
        vm.expectRevert(abi.encodeWithSelector(Governance.VotesExcluded.selector, treasury));
        _override(treasury, id, 1);
        _assertTally(id, 0, 0);
    }

    /// @dev A proposal on which Erin votes with 10 tokens of another.
    function _delegated() private returns (uint256 id) {
        hold(_for, 10e18);
        vm.prank(_for);
        token.delegate(erin);
        id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        toVote(id);
    }

    function _override(address holder, uint256 id, uint8 support) private {
        vm.prank(holder);
        governance.castOverrideVote(id, support, "");
    }

    function _assertTally(uint256 id, uint256 against, uint256 inFavour) private view {
        (uint256 againstVotes, uint256 forVotes,) = governance.proposalVotes(id);
        assertEq(againstVotes, against, "against");
        assertEq(forVotes, inFavour, "for");
    }

    /// @dev Whether a proposal of this kind passes by so many votes.
    function _passes(ProposalKind kind, uint256 inFavour, uint256 against) private returns (bool passed) {
        uint256 before = vm.snapshotState();
        hold(_for, inFavour);
        if (against != 0) hold(_against, against);
        uint256 id = propose(carol, ofKind(kind, carol));
        toVote(id);
        vote(_for, id, 1);
        if (against != 0) vote(_against, id, 0);
        toEnd(id);
        passed = governance.state(id) == IGovernor.ProposalState.Succeeded;
        vm.revertToState(before);
    }
}
