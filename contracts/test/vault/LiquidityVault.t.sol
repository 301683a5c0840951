// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {VaultFixture} from "./VaultFixture.sol";

/// @notice Requests, epochs and claims of the pool's shares.
contract LiquidityVaultTest is VaultFixture {
    // Deposits.

    function test_DepositExecutesAtTheNextBoundary() public {
        vm.warp(block.timestamp + 1800);
        uint256 id = requestDeposit(alice, 1000e6);
        assertEq(id, block.timestamp / HOUR, "the present epoch");
        assertEq(vault.pendingDepositRequest(id, alice), 1000e6, "pending");
        assertEq(cold.solvency().lpPending, 1000e18, "in the engine's keeping");
        settleNext();
        assertEq(vault.pendingDepositRequest(id, alice), 0, "no longer pending");
        assertEq(vault.claimableDepositRequest(id, alice), 1000e6, "claimable");
        vm.prank(alice);
        assertEq(vault.claimDeposit(id, alice, alice), 1000e18, "a share a dollar at first");
        assertEq(vault.balanceOf(alice), 1000e18, "shares");
        assertEq(vault.claimableDepositRequest(id, alice), 0, "claimed");
        assertEq(cold.getPool().cash, 1000e18, "in the pool");
        assertEq(vault.totalAssets(), 1000e6, "total assets");
        assertEq(vault.convertToAssets(10e18), 10e6, "assets of ten shares");
        assertEq(vault.convertToShares(10e6), 10e18, "shares of ten dollars");
    }

    function test_DepositOfTheRunningHourWaits() public {
        uint256 first = requestDeposit(alice, 1000e6);
        vm.warp((block.timestamp / HOUR + 1) * HOUR + 10);
        uint256 second = requestDeposit(bob, 500e6);
        vm.warp(block.timestamp + 5);
        refreshPrices();
        vault.settleEpoch(noUpdate);
        assertEq(vault.claimableDepositRequest(first, alice), 1000e6, "requested before the boundary");
        assertEq(vault.pendingDepositRequest(second, bob), 500e6, "requested after the boundary");
        assertEq(vault.claimableDepositRequest(second, bob), 0, "not executed");
        assertEq(cold.solvency().lpPending, 500e18, "still in keeping");
    }

    function test_DepositsOfSeveralHoursExecuteTogether() public {
        uint256 first = requestDeposit(alice, 1000e6);
        vm.warp(block.timestamp + 2 * HOUR);
        uint256 second = requestDeposit(bob, 3000e6);
        vm.warp(block.timestamp + 5 * HOUR);
        settleNext();
        assertEq(vault.claimableDepositShares(first, alice), 1000e18, "first");
        assertEq(vault.claimableDepositShares(second, bob), 3000e18, "second");
    }

    function test_ReceiverOwnsTheRequest() public {
        usdc.mint(alice, 100e6);
        vm.prank(alice);
        uint256 id = vault.requestDeposit(100e6, bob, alice);
        settleNext();
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NothingToClaim.selector, alice, id));
        vm.prank(alice);
        vault.claimDeposit(id, alice, alice);
        vm.prank(bob);
        assertEq(vault.claimDeposit(id, carol, bob), 100e18, "to whom its owner says");
        assertEq(vault.balanceOf(carol), 100e18, "carol's shares");
    }

    function test_RevertWhen_RequestIsEmpty() public {
        vm.expectRevert(ILiquidityVault.ZeroRequest.selector);
        vault.requestDeposit(0, alice, address(this));
        vm.expectRevert(ILiquidityVault.ZeroRequest.selector);
        vault.requestRedeem(0, alice, address(this));
        vm.expectRevert(ILiquidityVault.ZeroController.selector);
        vault.requestDeposit(1, address(0), address(this));
        vm.expectRevert(ILiquidityVault.ZeroController.selector);
        vault.requestRedeem(1, address(0), address(this));
    }

    // The epoch.

    function test_RevertWhen_EpochHasNotEnded() public {
        requestDeposit(alice, 1000e6);
        settleNext();
        uint256 end = (block.timestamp / HOUR + 1) * HOUR + DELAY;
        requestDeposit(bob, 1000e6);
        vm.warp(end - 1);
        refreshPrices();
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.EpochNotEnded.selector, end - 1, end));
        vault.settleEpoch(noUpdate);
        vm.warp(end);
        vault.settleEpoch(noUpdate);
    }

    /// @dev No price that its requesters did not know of would be newer than their boundary.
    function test_RevertWhen_TheHourHasJustBegunThoughAnOlderEpochWaits() public {
        uint256 id = requestDeposit(alice, 1000e6);
        vm.warp((block.timestamp / HOUR + 2) * HOUR - 1);
        uint256 later = requestDeposit(bob, 500e6);
        vm.warp(block.timestamp + 6);
        uint256 latest = requestDeposit(carol, 100e6);
        refreshPrices();
        vm.expectRevert(
            abi.encodeWithSelector(
                ILiquidityVault.EpochNotEnded.selector, block.timestamp, block.timestamp / HOUR * HOUR + DELAY
            )
        );
        vault.settleEpoch(noUpdate);
        vm.warp(block.timestamp + 10);
        refreshPrices();
        vault.settleEpoch(noUpdate);
        assertEq(vault.claimableDepositShares(id, alice), 1000e18, "of the hour before last");
        assertEq(vault.claimableDepositShares(later, bob), 500e18, "of the last hour");
        assertEq(vault.pendingDepositRequest(latest, carol), 100e6, "of this hour");
        assertEq(vault.balanceOf(address(vault)), 1500e18, "every share in keeping is somebody's");
    }

    function test_DepositsPayTheHighestValueAndRedemptionsGetTheLowest() public {
        provideShares(alice, 1_000_000e6);
        trade(bob, ETH, 100 * UNIT, ETH_PRICE);
        uint256 redeem = requestRedeem(alice, 1000e18);
        nextEpoch();
        uint256 deposit = requestDeposit(carol, 1000e6);
        nextEpoch();
        assertEq(redeem, block.timestamp / HOUR, "both in one epoch");
        uint256 supply = vault.totalSupply();
        (int256 lowest, int256 highest) = _band();
        assertLt(lowest, highest, "an open skew makes a band");
        vault.settleEpoch(noUpdate);
        assertEq(
            vault.claimableDepositShares(deposit, carol),
            1000e18 * (supply + 1e18) / (uint256(highest) + 1e18),
            "deposit at the highest value"
        );
        assertEq(
            vault.claimableRedeemAssets(redeem, alice),
            1000e18 * (uint256(lowest) + 1e18) / (supply + 1e18) / SCALE,
            "redemption at the lowest"
        );
    }

    function _band() private returns (int256 lowest, int256 highest) {
        uint256 id = vm.snapshotState();
        vm.prank(admin);
        (lowest, highest,) = cold.priceLiquidity(noUpdate);
        vm.revertToState(id);
    }

    // Redemptions.

    function test_RedemptionExecutesAtTheFirstBoundaryAfterTheCooldown() public {
        uint256 shares = provideShares(alice, 1_000_000e6);
        vm.warp((block.timestamp / HOUR + 1) * HOUR + 1800);
        uint256 id = requestRedeem(alice, shares / 10);
        assertEq(id, block.timestamp / HOUR + 2, "half past, one hour of cooldown: the boundary after next");
        assertEq(vault.pendingRedeemRequest(id, alice), shares / 10, "pending");
        assertEq(vault.balanceOf(address(vault)), shares / 10, "in keeping");
        requestDeposit(bob, 100e6);
        settleNext();
        assertEq(vault.pendingRedeemRequest(id, alice), shares / 10, "cooling");
        settleNext();
        assertEq(vault.pendingRedeemRequest(id, alice), 0, "executed");
        assertEq(vault.claimableRedeemRequest(id, alice), shares / 10, "claimable");
        assertEq(vault.claimableRedeemAssets(id, alice), 100_000e6, "at a dollar a share");
        assertEq(vault.balanceOf(address(vault)), 100e18, "burnt; bob's deposit unclaimed");
        assertEq(cold.solvency().lpPayable, 100_000e18, "set aside");
        uint256 before = usdc.balanceOf(alice);
        assertEq(claimRedeem(alice, id), 100_000e6, "paid");
        assertEq(usdc.balanceOf(alice) - before, 100_000e6, "tokens");
        assertEq(vault.claimableRedeemRequest(id, alice), 0, "claimed");
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NothingToClaim.selector, alice, id));
        claimRedeem(alice, id);
    }

    function test_ParametersUnlessConfigured() public {
        LiquidityVault fresh = _freshVault();
        assertEq(fresh.getVault().minCooldown, 24 hours, "cooldown of an idle pool");
        assertEq(fresh.getVault().maxCooldown, 72 hours, "cooldown of a pool in full use");
        assertEq(fresh.cooldown(), 24 hours, "cooldown now");
        assertEq(fresh.getVault().depositLock, 24 hours, "deposit lock");
        assertEq(fresh.getVault().outflowCapBps, 1500, "outflow cap");
    }

    function _freshVault() private returns (LiquidityVault) {
        address implementation = address(new LiquidityVault(cold));
        return LiquidityVault(
            payable(new ERC1967Proxy(implementation, abi.encodeCall(ILiquidityVault.initialize, (admin, "Fresh", "F"))))
        );
    }

    // Configuration.

    function test_RevertWhen_CooldownIsOutOfBounds() public {
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.CooldownOutOfBounds.selector, 3599, 3600));
        vault.setCooldown(3599, 3600);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.CooldownOutOfBounds.selector, 7 days + 1, 7 days));
        vault.setCooldown(7 days, 7 days + 1);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.CooldownOutOfBounds.selector, 3601, 3600));
        vault.setCooldown(3601, 3600);
        vault.setCooldown(3600, 7 days);
        assertEq(vault.getVault().minCooldown, 3600, "the least");
        assertEq(vault.getVault().maxCooldown, 7 days, "the largest");
    }

    function test_RevertWhen_DepositLockIsTooLong() public {
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.DepositLockOutOfBounds.selector, 7 days + 1, 7 days));
        vault.setDepositLock(7 days + 1);
        vault.setDepositLock(7 days);
        assertEq(vault.getVault().depositLock, 7 days, "taken");
    }

    function test_RevertWhen_OutflowCapIsOutOfBounds() public {
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.OutflowCapOutOfBounds.selector, 99, 100));
        vault.setOutflowCap(99);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.OutflowCapOutOfBounds.selector, 5001, 5000));
        vault.setOutflowCap(5001);
        vault.setOutflowCap(5000);
        assertEq(vault.getVault().outflowCapBps, 5000, "taken");
    }

    function test_RevertWhen_CallerLacksTheRole() public {
        bytes32 configurator = vault.CONFIGURATOR_ROLE();
        bytes32 upgrader = vault.UPGRADER_ROLE();
        vm.startPrank(alice);
        vm.expectRevert(_unauthorized(configurator));
        vault.setCooldown(1 hours, 1 hours);
        vm.expectRevert(_unauthorized(configurator));
        vault.setDepositLock(1 hours);
        vm.expectRevert(_unauthorized(configurator));
        vault.setOutflowCap(1000);
        vm.expectRevert(_unauthorized(upgrader));
        vault.upgradeToAndCall(address(1), "");
        vm.expectRevert(bytes4(keccak256("InvalidInitialization()")));
        vault.initialize(alice, "", "");
    }

    function _unauthorized(bytes32 role) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, alice, role);
    }
}
