// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";
import {Vm} from "../foundry/Vm.sol";

/// @notice Out of a settled market an account leaves with its claim: a loss beyond the margin is the claim's.
contract SettledClaimsTest is StressFixture {
    uint256 private constant RAW = 1e12;

    /// @dev Carol is owed some $10,000 and keeps 10 ETH long on a margin that the fall to 1600 exceeds.
    function setUp() public override {
        super.setUp();
        trade(carol, ETH, 60 * UNIT, ETH_PRICE);
        leavePool(0);
        trade(carol, ETH, -50 * UNIT, 2200e18);
        vm.warp(block.timestamp + 61);
        moveTo(ETH, 2200e18);
        vm.prank(carol);
        cold.withdraw(account(carol), 97_000e6, carol, noUpdate);
        uint256 at = block.timestamp + 24 hours;
        vm.prank(admin);
        deleverager.scheduleSettlement(ETH, uint40(at));
        vm.warp(at);
        setPrice(ETH, 1600e18);
        deleverager.settleMarket(ETH, noUpdate);
    }

    function test_ALossThatTheClaimCoversIsNoBadDebt() public {
        uint256 had = marginOf(carol) + cold.claimOf(account(carol));
        uint256 lost = (uint256(-valueOf(carol, ETH)) + RAW - 1) / RAW;
        assertGt(lost, marginOf(carol), "more than the margin");
        assertLt(lost, had, "and less than with the claim");
        vm.recordLogs();
        deleverager.settlePosition(account(carol), ETH);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            assertTrue(logs[i].topics[0] != IEngineEvents.BadDebtCovered.selector, "bad debt");
        }
        assertEq(marginOf(carol) + cold.claimOf(account(carol)), had - lost, "what is left");
        assertGt(cold.claimOf(account(carol)), 0, "a claim still");
        assertBooks();
    }
}
