// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

import {IProposalPolicy, ProposalKind, Terms} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice What a proposal has to pass, fixed when it is made, and for how long it may be carried out.
contract TermsTest is ProposalFixture {
    // ---------------------------------------------------------------- the end of what passed

    function test_WhatIsNotQueuedExpiresAfterFourteenDays() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        pass(id);
        uint256 last = governance.proposalDeadline(id) + 14 days;
        vm.warp(last + 1);
        assertState(id, IGovernor.ProposalState.Expired, "a second later");
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Expired, IGovernor.ProposalState.Succeeded));
        governance.queue(id);
        vm.warp(last);
        assertState(id, IGovernor.ProposalState.Succeeded, "the last second");
        governance.queue(id);
    }

    function test_WhatIsNotExecutedExpiresAfterFourteenDays() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        bring(id, IGovernor.ProposalState.Queued);
        uint256 last = governance.proposalEta(id) + 14 days;
        vm.warp(last + 1);
        assertState(id, IGovernor.ProposalState.Expired, "a second later");
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Expired, IGovernor.ProposalState.Queued));
        governance.execute(id);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        cancel(council, id);
        vm.warp(last);
        assertState(id, IGovernor.ProposalState.Queued, "the last second");
        governance.execute(id);
        assertEq(cold.gasMarket(), BTC, "executed");
    }

    // ---------------------------------------------------------------- snapshotted

    function test_OtherTermsAreForTheNextProposal() public {
        uint256 threshold = SUPPLY * 25 / 10_000;
        hold(mallory, threshold);
        uint256 begun = vm.getBlockTimestamp();
        uint256 id = propose(mallory, ofKind(ProposalKind.Parameter, mallory));
        Terms memory stricter = Terms(200, 30 days, 30 days, 1500, 8000, 30 days);
        vm.prank(address(timelock));
        policy.setTerms(ProposalKind.Parameter, stricter);
        assertEq(_digest(governance.getProposal(id).terms), _digest(terms()[0]), "terms");
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, stranger));
        cancel(stranger, id);
        vm.warp(begun + 1 days + 1);
        assertEq(governance.proposalQuorum(id), SUPPLY * 3 / 200, "quorum");
        // 62.5 % of those who vote, and 12.5 % of those who could.
        vote(dave, id, 1);
        vote(erin, id, 0);
        vm.warp(begun + 4 days + 1);
        governance.queue(id);
        vm.warp(begun + 6 days + 1);
        governance.execute(id);

        uint256 next = propose(carol, ofKind(ProposalKind.Parameter, carol));
        assertEq(_digest(governance.getProposal(next).terms), _digest(stricter), "terms of the next");
        assertEq(governance.proposalSnapshot(next), vm.getBlockTimestamp() + 30 days, "its delay");
    }

    function test_LaxerTermsDoNotHelpWhatIsLive() public {
        vm.prank(address(timelock));
        policy.setTerms(ProposalKind.Parameter, Terms(200, 1 days, 3 days, 1500, 8000, 4 days));
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        vm.prank(address(timelock));
        policy.setTerms(ProposalKind.Parameter, Terms(0, 1 days, 3 days, 200, 5000, 2 days));
        toVote(id);
        vote(dave, id, 1);
        vote(erin, id, 0);
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "62.5 % of 80 %");
    }

    // ---------------------------------------------------------------- what no vote can change

    function test_NoTermsLieOutsideTheFloors() public {
        _within("thresholdBps", 0, 200);
        _within("votingDelay", 1 days, 30 days);
        _within("votingPeriod", 3 days, 30 days);
        _within("quorumBps", 200, 1500);
        _within("approvalBps", 5000, 8000);
        _within("timelock", 2 days, 30 days);
    }

    function test_AVoteDoesNotReachBeyondThem() public {
        Terms memory lax = terms()[0];
        lax.timelock = 2 days - 1;
        Draft memory d =
            draft(carol, address(policy), abi.encodeCall(IProposalPolicy.setTerms, (ProposalKind.Parameter, lax)));
        uint256 id = propose(carol, d);
        passToDue(id);
        vm.expectRevert(
            abi.encodeWithSelector(IProposalPolicy.TermsOutOfBounds.selector, bytes32("timelock"), 2 days - 1, 2 days)
        );
        governance.execute(id);
    }

    function _within(bytes32 field, uint256 least, uint256 most) private {
        for (uint256 kind; kind < 4; ++kind) {
            if (least != 0) _refused(kind, field, least - 1, least);
            _refused(kind, field, most + 1, most);
            _set(kind, field, least);
            _set(kind, field, most);
        }
    }

    function _refused(uint256 kind, bytes32 field, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.TermsOutOfBounds.selector, field, value, limit));
        _set(kind, field, value);
    }

    function _set(uint256 kind, bytes32 field, uint256 value) private {
        Terms memory t = terms()[kind];
        if (field == "thresholdBps") t.thresholdBps = uint16(value);
        if (field == "votingDelay") t.votingDelay = uint32(value);
        if (field == "votingPeriod") t.votingPeriod = uint32(value);
        if (field == "quorumBps") t.quorumBps = uint16(value);
        if (field == "approvalBps") t.approvalBps = uint16(value);
        if (field == "timelock") t.timelock = uint32(value);
        vm.prank(address(timelock));
        policy.setTerms(ProposalKind(kind), t);
    }

    function _digest(Terms memory t) private pure returns (bytes32) {
        return keccak256(abi.encode(t));
    }
}
