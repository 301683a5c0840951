// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice Compound's proposal 289, July 2024: passed over a weekend by few, at the last moment.
contract WeekendMajorityTest is ProposalFixture {
    /// @dev Of a parameter update: 3 % of half the supply.
    uint256 private constant QUORUM = SUPPLY * 3 / 200;

    uint256 private _id;

    function setUp() public override {
        super.setUp();
        hold(mallory, QUORUM - 1);
        hold(stranger, 1);
        _id = propose(mallory, ofKind(ProposalKind.Parameter, mallory));
        toVote(_id);
    }

    function test_AbstentionsAreNoQuorum() public {
        vote(mallory, _id, 1);
        vote(carol, _id, 2);
        vote(dave, _id, 2);
        toEnd(_id);
        assertState(_id, IGovernor.ProposalState.Defeated, "those present who say nothing");
    }

    function test_VotesAgainstAreNoQuorum() public {
        vote(mallory, _id, 1);
        vote(stranger, _id, 0);
        toEnd(_id);
        assertState(_id, IGovernor.ProposalState.Defeated, "a vote short");
    }

    function test_AQuorumInTheLastSecondLeavesTwoDaysMore() public {
        uint256 deadline = governance.proposalDeadline(_id);
        vm.warp(deadline);
        _reachQuorum();
        assertEq(governance.proposalDeadline(_id), deadline + 2 days, "deadline");
        vm.warp(deadline + 2 days);
        vote(dave, _id, 0);
        vm.warp(deadline + 2 days + 1);
        assertState(_id, IGovernor.ProposalState.Defeated, "who was away came back");
    }

    function test_AQuorumTwoDaysBeforeTheEndLeavesTheEnd() public {
        uint256 deadline = governance.proposalDeadline(_id);
        vm.warp(deadline - 2 days);
        _reachQuorum();
        assertEq(governance.proposalDeadline(_id), deadline, "deadline");
    }

    function test_AQuorumASecondLaterMovesTheEndByASecond() public {
        uint256 deadline = governance.proposalDeadline(_id);
        vm.warp(deadline - 2 days + 1);
        _reachQuorum();
        assertEq(governance.proposalDeadline(_id), deadline + 1, "deadline");
    }

    function test_ItIsExtendedOnce() public {
        uint256 deadline = governance.proposalDeadline(_id);
        vm.warp(deadline);
        _reachQuorum();
        vm.warp(deadline + 1 days);
        vote(carol, _id, 1);
        assertEq(governance.proposalDeadline(_id), deadline + 2 days, "deadline");
    }

    function test_TheCouncilHasAVeto() public {
        _reachQuorum();
        toEnd(_id);
        governance.queue(_id);
        cancel(council, _id);
        assertState(_id, IGovernor.ProposalState.Canceled, "state");
    }

    function _reachQuorum() private {
        vote(mallory, _id, 1);
        vote(stranger, _id, 1);
    }
}
