// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {VaultFixture} from "./VaultFixture.sol";

/// @notice What markets lock: it lengthens the cooldown, stays in the pool, and falls to nobody who remains.
contract VaultUtilisationTest is VaultFixture {
    function setUp() public override {
        super.setUp();
        vm.startPrank(admin);
        vault.setCooldown(24 hours, 72 hours);
        vault.setOutflowCap(5000);
        vm.stopPrank();
    }

    // The cooldown.

    function test_AnIdlePoolHasTheLeastCooldown() public {
        provideShares(alice, 100_000e6);
        assertEq(vault.getVault().utilisationBps, 0, "nothing is open");
        assertEq(vault.cooldown(), 24 hours, "a day");
        uint256 now_ = block.timestamp;
        assertEq(requestRedeem(alice, 1e18), (now_ + 24 hours + HOUR - 1) / HOUR, "the first boundary after it");
    }

    function test_CooldownGrowsWithWhatIsLocked() public {
        provideShares(alice, 100_000e6);
        trade(bob, ETH, 50 * UNIT, ETH_PRICE);
        settleNext();
        (int256 lowest, uint256 locked) = _appraise();
        assertEq(locked, 50 * oracle.peek(ETH).hi / 5 + _gainAbove(), "a fifth of the notional, and the gain");
        uint256 bps = (locked * 10_000 + uint256(lowest) - 1) / uint256(lowest);
        assertEq(vault.getVault().utilisationBps, bps, "rounded up");
        assertEq(vault.cooldown(), 24 hours + (48 hours * bps + 9999) / 10_000, "linear");
    }

    function test_CooldownIsTheLargestWhenAllIsLocked() public {
        provideShares(alice, 15_000e6);
        _allocateAll();
        trade(bob, ETH, 50 * UNIT, ETH_PRICE);
        settleNext();
        assertEq(vault.getVault().utilisationBps, 10_000, "more than there is");
        assertEq(vault.cooldown(), 72 hours, "three days");
    }

    function test_AnEpochIsAppraisedThoughNothingWaits() public {
        provideShares(alice, 100_000e6);
        trade(bob, ETH, 50 * UNIT, ETH_PRICE);
        assertEq(vault.cooldown(), 24 hours, "nobody has looked since");
        settleNext();
        uint256 busy = vault.cooldown();
        assertGt(busy, 24 hours, "anybody may");
        trade(bob, ETH, -50 * UNIT, ETH_PRICE);
        settleNext();
        assertEq(vault.cooldown(), 24 hours, "and again");
    }

    /// @dev A request keeps the cooldown it was made under.
    function test_ALaterCooldownLeavesRequestsAlone() public {
        provideShares(alice, 100_000e6);
        uint256 id = requestRedeem(alice, 1000e18);
        trade(bob, ETH, 50 * UNIT, ETH_PRICE);
        settleNext();
        assertGt(vault.cooldown(), 24 hours, "longer now");
        vm.warp(id * HOUR - HOUR);
        settleNext();
        assertEq(vault.pendingRedeemRequest(id, alice), 0, "executed at its time");
    }

    // The deposit lock.

    function test_BoughtSharesStayInKeepingUntilTheLockHasPassed() public {
        vm.prank(admin);
        vault.setDepositLock(24 hours);
        uint256 id = requestDeposit(alice, 1000e6);
        settleNext();
        uint256 end = block.timestamp + 24 hours;
        vm.warp(end - 1);
        assertEq(vault.pendingDepositRequest(id, alice), 1000e6, "still pending");
        assertEq(vault.claimableDepositRequest(id, alice), 0, "not yet");
        assertEq(vault.claimableDepositShares(id, alice), 0, "no shares yet");
        vm.prank(alice);
        vm.expectRevert();
        vault.claimDeposit(id, alice, alice);
        vm.warp(end);
        assertEq(vault.pendingDepositRequest(id, alice), 0, "no longer pending");
        assertEq(vault.claimableDepositRequest(id, alice), 1000e6, "claimable");
        vm.prank(alice);
        assertEq(vault.claimDeposit(id, alice, alice), 1000e18, "claimed");
    }

    function test_ALaterLockLeavesBoughtSharesAlone() public {
        uint256 id = requestDeposit(alice, 1000e6);
        settleNext();
        vm.prank(admin);
        vault.setDepositLock(7 days);
        assertEq(vault.claimableDepositShares(id, alice), 1000e18, "the lock of its own epoch");
    }

    // What is locked stays.

    function test_RedemptionsLeaveWhatMarketsLock() public {
        provideShares(alice, 40_000e6);
        _allocateAll();
        trade(bob, ETH, 75 * UNIT, ETH_PRICE);
        uint256 id = requestRedeem(alice, vault.balanceOf(alice));
        vm.warp(id * HOUR - HOUR);
        nextEpoch();
        (int256 lowest, uint256 locked) = _appraise();
        uint256 free = uint256(lowest) - locked;
        assertLt(free, uint256(lowest) / 2, "less than the outflow cap");
        vault.settleEpoch(noUpdate);
        assertEq(cold.solvency().lpPayable, free, "all that is free");
        (lowest, locked) = _appraise();
        assertEq(uint256(lowest), locked, "and no more");
        assertGt(vault.pendingRedeemRequest(id, alice), 0, "the rest waits");
        trade(bob, ETH, -75 * UNIT, ETH_PRICE);
        settleNext();
        assertGt(cold.solvency().lpPayable, free, "until it is free");
    }

    function testFuzz_NoRedemptionTakesThePoolBelowItsLocks(uint256 assets, uint256 size, uint256 price) public {
        provideShares(alice, bound(assets, 10_000e6, 1_000_000e6));
        trade(bob, ETH, int88(int256(bound(size, 1, 150))) * UNIT, ETH_PRICE);
        uint256 id = requestRedeem(alice, vault.balanceOf(alice));
        vm.warp(id * HOUR + DELAY);
        setPrice(ETH, bound(price, 1500e18, 2600e18));
        setPrice(BTC, BTC_PRICE);
        (int256 before, uint256 locked) = _appraise();
        vault.settleEpoch(noUpdate);
        uint256 redeemed = cold.solvency().lpPayable;
        if (before <= int256(locked)) assertEq(redeemed, 0, "all of it is locked");
        else assertLe(redeemed, uint256(before) - locked, "what is locked stays");
    }

    // A shortfall is shared by those who leave, once anybody has shown it.

    function test_WhoLeavesBearsTheShortfallThatAnybodyHasShown() public {
        (uint256 id, uint256 shortfall) = _underwater();
        uint256 snapshot = vm.snapshotState();
        vault.settleEpoch(noUpdate);
        uint256 unaware = vault.claimableRedeemAssets(id, alice);
        vm.revertToState(snapshot);

        (int256 before,) = _appraise();
        vm.prank(keeper);
        engine.liquidate(account(bob), noUpdate);
        (int256 later,) = _appraise();
        // But for the premium that a close is due, the band and insurance's part of two fees.
        uint256 shown = uint256(before - later);
        assertGt(shown, shortfall * 9 / 10, "which the pool's value now shows");
        vault.settleEpoch(noUpdate);
        uint256 less = (unaware - vault.claimableRedeemAssets(id, alice)) * SCALE;
        // The virtual share takes a five hundred thousandth of it.
        assertGe(less + 0.01e18, shown / 10, "in the same block, a tenth of the pool leaves with a tenth of the loss");
    }

    /// @return id Of alice's redemption of a tenth of the pool, which the coming settlement executes.
    /// @return shortfall What bob's position lacks at the price, USD, 18 decimals.
    function _underwater() private returns (uint256 id, uint256 shortfall) {
        provideShares(alice, 500_000e6);
        vm.prank(bob);
        cold.withdraw(account(bob), 80_000e6, bob, noUpdate);
        trade(bob, ETH, 75 * UNIT, ETH_PRICE);
        id = requestRedeem(alice, vault.totalSupply() / 10);
        vm.warp(id * HOUR + DELAY);
        setPrice(ETH, 1600e18);
        setPrice(BTC, BTC_PRICE);
        cold.updateIndices(3, noUpdate);
        int256 equity = risk.getHealth(account(bob)).equity;
        assertLt(equity, int256(-10_000e18), "far underwater");
        shortfall = uint256(-equity);
    }

    function _appraise() private returns (int256 lowest, uint256 locked) {
        uint256 id = vm.snapshotState();
        vm.prank(admin);
        (lowest,, locked) = cold.priceLiquidity(noUpdate);
        vm.revertToState(id);
    }

    /// @dev What bob's position is worth at the upper end of ETH's band, USD, 18 decimals.
    function _gainAbove() private returns (uint256) {
        uint256 id = vm.snapshotState();
        setPrice(ETH, oracle.peek(ETH).hi);
        cold.updateIndices(1, noUpdate);
        int256 value = int256(cold.getPosition(account(bob), ETH).size)
            * (int256(oracle.peek(ETH).mid) - cold.getMarket(ETH).funding) + cold.getPosition(account(bob), ETH).cash;
        vm.revertToState(id);
        return value > 0 ? uint256(value) / 1e12 : 0;
    }

    /// @dev Lets a market lock more than any parameters permit, as it may when the pool has shrunk.
    function _allocateAll() private {
        MarketConfig memory c = cold.getMarketConfig(ETH);
        c.allocationPercent = 255;
        putConfig(ETH, c);
    }
}
