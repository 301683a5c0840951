// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice A timelock that anybody executes, or that somebody administers, is a way around what the governor checks.
contract OpenExecutorTest is ProposalFixture {
    function test_TheRolesAreTheGovernorsAlone() public view {
        bytes32[3] memory roles = [timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE(), timelock.EXECUTOR_ROLE()];
        for (uint256 i; i < roles.length; ++i) {
            assertTrue(timelock.hasRole(roles[i], address(governance)), "the governor");
            assertFalse(timelock.hasRole(roles[i], address(0)), "open to anybody");
            assertFalse(timelock.hasRole(roles[i], address(this)), "who deployed it");
        }
        assertFalse(timelock.hasRole(bytes32(0), address(this)), "admin: who deployed it");
        assertFalse(timelock.hasRole(bytes32(0), address(governance)), "admin: the governor");
        assertTrue(timelock.hasRole(bytes32(0), address(timelock)), "admin: itself");
    }

    function test_RevertWhen_AnybodyElseSchedulesExecutesOrCancels() public {
        Draft memory d = ofKind(ProposalKind.Parameter, carol);
        uint256 id = propose(carol, d);
        passToDue(id);
        bytes32 salt = bytes20(address(governance)) ^ keccak256(bytes(d.description));
        bytes32 operation = timelock.hashOperationBatch(d.targets, d.values, d.calldatas, 0, salt);
        assertTrue(timelock.isOperationReady(operation), "it is due");
        address[8] memory others =
            [carol, council, stranger, admin, keeper, address(this), address(policy), address(timelock)];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = _refusal(others[i], timelock.EXECUTOR_ROLE());
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            timelock.executeBatch(d.targets, d.values, d.calldatas, 0, salt);
            vm.expectRevert(refusal);
            timelock.execute(d.targets[0], 0, d.calldatas[0], 0, salt);
            refusal = _refusal(others[i], keccak256("CANCELLER_ROLE"));
            vm.expectRevert(refusal);
            timelock.cancel(operation);
            refusal = _refusal(others[i], keccak256("PROPOSER_ROLE"));
            vm.expectRevert(refusal);
            timelock.schedule(d.targets[0], 0, d.calldatas[0], 0, 0, 30 days);
            vm.expectRevert(refusal);
            timelock.scheduleBatch(d.targets, d.values, d.calldatas, 0, 0, 30 days);
            vm.stopPrank();
        }
        governance.execute(id);
        assertTrue(timelock.isOperationDone(operation), "by the governor it is executed");
    }

    function test_RevertWhen_SomebodyElseShortensTheDelayOrGrantsARole() public {
        address[4] memory others = [carol, council, address(this), address(governance)];
        for (uint256 i; i < others.length; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, others[i]));
            timelock.updateDelay(0);
            bytes32 role = keccak256("EXECUTOR_ROLE");
            vm.expectRevert(_refusal(others[i], bytes32(0)));
            timelock.grantRole(role, others[i]);
            vm.stopPrank();
        }
    }

    function _refusal(address who, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, who, role);
    }
}
