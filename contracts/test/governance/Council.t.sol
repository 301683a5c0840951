// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice The council's veto: over everything but its own end, and for a term.
contract CouncilTest is ProposalFixture {
    address private _next = makeAddr("next council");

    function test_ItCancelsWhateverIsLive() public {
        for (uint256 i; i < live.length; ++i) {
            uint256 before = vm.snapshotState();
            uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
            bring(id, live[i]);
            cancel(council, id);
            assertState(id, IGovernor.ProposalState.Canceled, "state");
            vm.revertToState(before);
        }
    }

    function test_RevertWhen_ItCancelsItsReplacement() public {
        for (uint256 i; i < live.length; ++i) {
            uint256 before = vm.snapshotState();
            uint256 id = propose(carol, _replacement());
            bring(id, live[i]);
            _expectUnable(id, council);
            cancel(council, id);
            vm.revertToState(before);
        }
        enact(carol, _replacement());
        assertEq(governance.council(), _next, "council");
    }

    function test_ItCancelsAReplacementWithSomethingBesides() public {
        uint256 id = propose(carol, also(_replacement(), address(engine), unknown()));
        cancel(council, id);
        id = propose(carol, also(_replacement(), address(governance), _replacement().calldatas[0]));
        cancel(council, id);
        assertState(id, IGovernor.ProposalState.Canceled, "state");
    }

    function test_ItCancelsTheGovernorsOtherActions() public {
        bytes memory data = abi.encodeCall(governance.setLateQuorumVoteExtension, (1 days));
        cancel(council, propose(carol, draft(carol, address(governance), data)));
    }

    function test_ItsTermEndsAfterAYear() public {
        uint256 until = governance.councilUntil();
        assertEq(until, _deployedAt() + 365 days, "term");
        vm.warp(until - 3 days);
        uint256 id = propose(carol, ofKind(ProposalKind.Upgrade, carol));
        vm.warp(until + 1);
        _expectUnable(id, council);
        cancel(council, id);
        vm.warp(until);
        cancel(council, id);
        assertState(id, IGovernor.ProposalState.Canceled, "in its last second");
    }

    function test_AReplacementHasATermOfItsOwn() public {
        enact(carol, _replacement());
        assertEq(governance.councilUntil(), vm.getBlockTimestamp() + 365 days, "term");
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        _expectUnable(id, council);
        cancel(council, id);
        cancel(_next, id);
    }

    function test_RevertWhen_SomebodyElseReplacesIt() public {
        address[3] memory others = [council, carol, stranger];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, others[i]));
            vm.prank(others[i]);
            governance.setCouncil(_next);
        }
    }

    /// @dev The fixture moves a second on at its end.
    function _deployedAt() private view returns (uint256) {
        return vm.getBlockTimestamp() - 1;
    }

    function _replacement() private returns (Draft memory) {
        return draft(carol, address(governance), abi.encodeCall(Governance.setCouncil, (_next)));
    }

    function _expectUnable(uint256 id, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, caller));
    }
}
