// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Health} from "../../src/interfaces/IRiskManager.sol";
import {Vm} from "../foundry/Vm.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";

/// @notice What the pool owes an account keeps it from being liquidated, whether it has been paid meanwhile or not.
contract ClaimsTest is StressFixture {
    /// @dev Carol is owed some $10,000 and keeps 10 ETH long on a margin that the fall to 1700 exceeds.
    function setUp() public override {
        super.setUp();
        trade(carol, ETH, 60 * UNIT, ETH_PRICE);
        leavePool(0);
        trade(carol, ETH, -50 * UNIT, 2200e18);
        vm.warp(block.timestamp + 61);
        moveTo(ETH, 2200e18);
        vm.prank(carol);
        cold.withdraw(account(carol), 97_000e6, carol, noUpdate);
    }

    function test_AClaimCountsForMaintenanceUnpaidAndPaid() public {
        moveTo(ETH, 1700e18);
        uint256 claim = cold.claimOf(account(carol));
        assertGt(claim, 9000e18, "a claim");
        assertLt(claim - cold.unpaidClaim(account(carol)), 20e18, "unpaid but for what the fee paid");
        _isHealthy();
        provide(5000e6);
        assertEq(cold.claimOf(account(carol)), claim, "a part is paid");
        _isHealthy();
        provide(20_000e6);
        assertEq(cold.getClaims().outstanding, 0, "all of it is paid");
        assertEq(cold.claimOf(account(carol)), claim, "and not collected");
        _isHealthy();
        cold.collectClaim(account(carol));
        assertEq(cold.claimOf(account(carol)), 0, "now margin");
        assertFalse(cold.getPool().claimsOpen, "nobody reads claims any more");
        _isHealthy();
        assertBooks();
    }

    function test_ALossIsSetOffAgainstAClaimThatIsPaid() public {
        provide(30_000e6);
        _loses(500e18);
    }

    function test_ALossIsSetOffAgainstAClaimThatIsPaidInPart() public {
        provide(5000e6);
        _loses(500e18);
    }

    /// @dev Leaving by an own close, what the margin lacks is the claim's, and what has been paid on it pays.
    function test_AClosesLossIsPaidByTheClaim() public {
        provide(30_000e6);
        moveTo(ETH, 1500e18);
        uint256 had = marginOf(carol) + cold.claimOf(account(carol));
        uint256 pool = cold.getPool().cash;
        vm.prank(carol);
        engine.closeNow(account(carol), ETH, uint88(10 * UNIT), 0, noUpdate);
        assertEq(cold.claimOf(account(carol)), 0, "collected");
        uint256 lost = had - marginOf(carol);
        assertGt(lost, 5000e18, "the loss is larger than the margin was");
        // Of the fee, less than $10, three tenths are not the pool's.
        assertGe(cold.getPool().cash + 10e18, pool + lost, "and the pool's");
        assertBooks();
    }

    function test_BeingLiquidatedIsNoBetterThanClosingWithAClaim() public {
        _isNoBetter();
    }

    function test_BeingLiquidatedIsNoBetterThanClosingWithAClaimThatIsPaid() public {
        provide(30_000e6);
        _isNoBetter();
    }

    /// @dev Less than half of the maintenance margin, all of it the claim.
    function _isNoBetter() private {
        moveTo(ETH, 725e18);
        uint256 snapshot = vm.snapshotState();
        vm.prank(carol);
        engine.closeNow(account(carol), ETH, uint88(10 * UNIT), 0, noUpdate);
        uint256 closed = marginOf(carol) + cold.claimOf(account(carol));
        vm.revertToState(snapshot);
        vm.prank(keeper);
        engine.liquidate(account(carol), noUpdate);
        assertEq(cold.getAccount(account(carol)).markets, 0, "closed whole");
        uint256 liquidated = marginOf(carol) + cold.claimOf(account(carol));
        assertGt(liquidated, 0, "something is left");
        assertLt(liquidated, closed, "better than closing");
        assertBooks();
    }

    function _loses(uint256 price) private {
        moveTo(ETH, price);
        Health memory health = risk.getHealth(account(carol));
        int256 equity = health.equity + int256(health.claim);
        assertLt(equity, 0, "under water");
        vm.recordLogs();
        vm.prank(keeper);
        engine.liquidate(account(carol), noUpdate);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 debt;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.BadDebtCovered.selector) continue;
            (debt,,) = abi.decode(logs[i].data, (uint256, uint256, uint256));
        }
        assertGt(debt, 0, "nobody else can pay");
        // The fill is worse than the index by band, surcharge and impact, of which the bands are nobody's debt.
        assertLe(debt, uint256(-equity) + 20e18, "no more than what claim and margin lack");
        assertEq(cold.claimOf(account(carol)), 0, "the claim has paid");
        assertEq(marginOf(carol), 0, "and the margin");
        assertFalse(cold.getPool().claimsOpen, "no claim is left");
        assertBooks();
    }

    function _isHealthy() private {
        assertFalse(risk.getHealth(account(carol)).liquidatable, "told");
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.liquidate(account(carol), noUpdate);
    }
}
