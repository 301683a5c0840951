// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {Grant, GovernanceToken} from "../../src/governance/GovernanceToken.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice Who may propose, how much at once, and for how long it stands.
contract ProposersTest is ProposalFixture {
    /// @dev Of the supply, by kind, basis points.
    uint256[4] private _thresholds = [25, 25, 50, 100];

    function test_EachKindNeedsItsThresholdToTheUnit() public {
        for (uint256 kind; kind < 4; ++kind) {
            address proposer = makeAddr(vm.toString(kind));
            uint256 threshold = SUPPLY * _thresholds[kind] / 10_000;
            hold(proposer, threshold - 1);
            freshen();
            Draft memory d = ofKind(ProposalKind(kind), proposer);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGovernor.GovernorInsufficientProposerVotes.selector, proposer, threshold - 1, threshold
                )
            );
            propose(proposer, d);
            hold(proposer, 1);
            uint256 id = propose(proposer, d);
            assertEq(uint256(governance.getProposal(id).kind), kind, "kind");
        }
    }

    function test_TheThresholdIsRoundedUp() public {
        Grant[] memory grants = new Grant[](1);
        grants[0] = Grant(carol, 10_001);
        Governance other = new Governance(new GovernanceToken(grants), timelock, policy, council);
        vm.warp(block.timestamp + 1);
        assertEq(other.proposalThreshold(), 101, "1 % of a unit is a unit");
    }

    function test_RevertWhen_AProposersLastProposalIsLive() public {
        for (uint256 i; i < live.length; ++i) {
            uint256 before = vm.snapshotState();
            uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
            bring(id, live[i]);
            Draft memory d = ofKind(ProposalKind.Risk, carol);
            vm.expectRevert(abi.encodeWithSelector(Governance.ProposalLive.selector, carol, id));
            propose(carol, d);
            propose(dave, ofKind(ProposalKind.Risk, dave));
            vm.revertToState(before);
        }
    }

    function test_AnotherIsProposedOnceTheLastIsOverInAnyWay() public {
        IGovernor.ProposalState[4] memory over = [
            IGovernor.ProposalState.Canceled,
            IGovernor.ProposalState.Defeated,
            IGovernor.ProposalState.Expired,
            IGovernor.ProposalState.Executed
        ];
        for (uint256 i; i < over.length; ++i) {
            uint256 before = vm.snapshotState();
            bring(propose(carol, ofKind(ProposalKind.Parameter, carol)), over[i]);
            uint256 next = propose(carol, ofKind(ProposalKind.Risk, carol));
            assertEq(governance.latestProposalOf(carol), next, "the last one");
            vm.revertToState(before);
        }
        uint256 queued = propose(carol, ofKind(ProposalKind.Parameter, carol));
        bring(queued, IGovernor.ProposalState.Queued);
        vm.warp(vm.getBlockTimestamp() + 14 days + 1);
        assertState(queued, IGovernor.ProposalState.Expired, "queued, and not executed");
        propose(carol, ofKind(ProposalKind.Risk, carol));
    }

    function test_AnybodyCancelsWhatAProposerBelowTheThresholdProposed() public {
        uint256 threshold = SUPPLY * 25 / 10_000;
        hold(mallory, threshold);
        for (uint256 i; i < live.length; ++i) {
            uint256 before = vm.snapshotState();
            uint256 id = propose(mallory, ofKind(ProposalKind.Parameter, mallory));
            bring(id, live[i]);
            _expectUnable(id, stranger);
            cancel(stranger, id);
            vm.prank(mallory);
            token.transfer(carol, 1);
            _expectUnable(id, stranger);
            cancel(stranger, id);
            vm.warp(vm.getBlockTimestamp() + 1);
            cancel(stranger, id);
            assertState(id, IGovernor.ProposalState.Canceled, "state");
            vm.revertToState(before);
        }
    }

    function test_WhatIsCancelledInTheTimelockIsNeverExecuted() public {
        hold(mallory, SUPPLY * 25 / 10_000);
        Draft memory d = ofKind(ProposalKind.Parameter, mallory);
        uint256 id = propose(mallory, d);
        bring(id, IGovernor.ProposalState.Queued);
        bytes32 salt = bytes20(address(governance)) ^ keccak256(bytes(d.description));
        bytes32 operation = timelock.hashOperationBatch(d.targets, d.values, d.calldatas, 0, salt);
        assertTrue(timelock.isOperationReady(operation), "it is due");
        vm.prank(mallory);
        token.transfer(carol, 1);
        vm.warp(vm.getBlockTimestamp() + 1);
        cancel(stranger, id);
        assertFalse(timelock.isOperation(operation), "gone from the timelock");
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Canceled, IGovernor.ProposalState.Queued));
        governance.execute(id);
    }

    function test_AProposerWithdrawsOnlyBeforeVoting() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        vm.warp(governance.proposalSnapshot(id));
        cancel(carol, id);
        id = propose(carol, ofKind(ProposalKind.Risk, carol));
        toVote(id);
        _expectUnable(id, carol);
        cancel(carol, id);
    }

    function _expectUnable(uint256 id, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, caller));
    }
}
