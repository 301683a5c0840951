// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EmergencyGuardian} from "../../src/governance/EmergencyGuardian.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {OracleFixture} from "../oracle/OracleFixture.sol";

/// @notice The guardian takes a voted price back.
contract GuardianOracleTest is OracleFixture {
    function test_TheGuardianChallengesAVotedPrice() public {
        address safe = makeAddr("the guardian's Safe");
        EmergencyGuardian guardian =
            new EmergencyGuardian(IEngineExtension(address(0)), oracle, makeAddr("timelock"), safe);
        vm.startPrank(admin);
        oracle.grantRole(oracle.GUARDIAN_ROLE(), address(guardian));
        vm.warp(block.timestamp + 2 hours);
        // Halted for a day, looked at each half hour.
        for (uint256 i; i <= 48; ++i) {
            oracle.observe(1 << ETH, noUpdate, address(this));
            vm.warp(block.timestamp + 30 minutes);
        }
        oracle.beginClosing(ETH);
        vm.warp(block.timestamp + 14 days);
        oracle.voteClosingPrice(ETH, 1700e18);
        vm.stopPrank();
        vm.prank(safe);
        guardian.challengeClosingPrice(ETH);
        vm.warp(block.timestamp + 3 days);
        assertEq(oracle.closingPrice(ETH), 0, "taken back");
    }
}
