// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {VaultFixture} from "./VaultFixture.sol";

/// @notice What integrators expect of ERC-7540, ERC-4626 and ERC-165.
contract VaultStandardsTest is VaultFixture {
    // Operators.

    function test_OperatorRequestsWithTheOwnersTokens() public {
        usdc.mint(alice, 100e6);
        vm.prank(alice);
        assertTrue(vault.setOperator(carol, true), "always true");
        assertTrue(vault.isOperator(alice, carol), "approved");
        vm.expectEmit(address(vault));
        emit ILiquidityVault.DepositRequest(bob, alice, block.timestamp / HOUR, carol, 100e6);
        vm.prank(carol);
        uint256 id = vault.requestDeposit(100e6, bob, alice);
        assertEq(vault.pendingDepositRequest(id, bob), 100e6, "the controller's");
        assertEq(usdc.balanceOf(alice), 0, "the owner's tokens");
    }

    function test_RevertWhen_ADepositorIsNoOperator() public {
        usdc.mint(alice, 100e6);
        vm.startPrank(alice);
        vault.setOperator(carol, true);
        vault.setOperator(carol, false);
        vm.startPrank(carol);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NotOperator.selector, carol, alice));
        vault.requestDeposit(100e6, carol, alice);
    }

    function test_OperatorRequestsWithTheOwnersShares() public {
        provideShares(alice, 1000e6);
        vm.prank(alice);
        vault.setOperator(carol, true);
        vm.prank(carol);
        uint256 id = vault.requestRedeem(400e18, bob, alice);
        assertEq(vault.pendingRedeemRequest(id, bob), 400e18, "the controller's");
        assertEq(vault.balanceOf(alice), 600e18, "the owner's shares");
    }

    function test_AnAllowanceOfSharesIsSpent() public {
        provideShares(alice, 1000e6);
        vm.prank(alice);
        vault.approve(carol, 500e18);
        vm.startPrank(carol);
        vault.requestRedeem(400e18, carol, alice);
        assertEq(vault.allowance(alice, carol), 100e18, "what is left");
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, carol, 100e18, 101e18));
        vault.requestRedeem(101e18, carol, alice);
    }

    function test_OperatorClaimsForItsControllerToWhomItSays() public {
        uint256 deposit = requestDeposit(alice, 100e6);
        settleNext();
        vm.prank(alice);
        vault.setOperator(carol, true);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.DepositClaimed(alice, deposit, bob, 100e18);
        vm.prank(carol);
        assertEq(vault.claimDeposit(deposit, bob, alice), 100e18, "claimed");
        assertEq(vault.balanceOf(bob), 100e18, "bob's shares");
        assertEq(vault.claimableDepositRequest(deposit, alice), 0, "of alice's request");

        provideShares(alice, 1000e6);
        uint256 redeem = requestRedeem(alice, 10e18);
        nextEpoch();
        settleNext();
        uint256 before = usdc.balanceOf(mallory);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.RedeemClaimed(alice, redeem, mallory, 10e6);
        vm.prank(carol);
        assertEq(vault.claimRedeem(redeem, mallory, alice), 10e6, "claimed");
        assertEq(usdc.balanceOf(mallory) - before, 10e6, "mallory's tokens");
        assertEq(vault.claimableRedeemAssets(redeem, alice), 0, "of alice's request");
    }

    function test_OperatorTakesARefundToWhomItSays() public {
        provideShares(alice, 1000e6);
        vm.prank(admin);
        cold.removeLiquidity(1000e18);
        uint256 id = requestDeposit(bob, 500e6);
        settleNext();
        vm.prank(bob);
        vault.setOperator(carol, true);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.DepositRefunded(bob, id, mallory, 500e6);
        vm.prank(carol);
        assertEq(vault.refundDeposit(id, mallory, bob), 500e6, "refunded");
        assertEq(usdc.balanceOf(mallory), 500e6, "mallory's tokens");
        assertEq(vault.pendingDepositRequest(id, bob), 0, "of bob's request");
    }

    function test_RevertWhen_AClaimantIsNeitherControllerNorOperator() public {
        uint256 id = requestDeposit(alice, 100e6);
        settleNext();
        _refusesCarol(id);
        vm.startPrank(alice);
        vault.setOperator(carol, true);
        vault.setOperator(carol, false);
        vm.stopPrank();
        _refusesCarol(id);
        assertEq(vault.claimableDepositRequest(id, alice), 100e6, "still alice's");
    }

    /// @dev Whatever there is to claim.
    function _refusesCarol(uint256 id) private {
        bytes memory refusal = abi.encodeWithSelector(ILiquidityVault.NotOperator.selector, carol, alice);
        vm.startPrank(carol);
        vm.expectRevert(refusal);
        vault.claimDeposit(id, carol, alice);
        vm.expectRevert(refusal);
        vault.refundDeposit(id, carol, alice);
        vm.expectRevert(refusal);
        vault.claimRedeem(id, carol, alice);
        vm.stopPrank();
    }

    // Views.

    function test_NothingIsDepositedOrRedeemedAtOnce() public {
        provideShares(alice, 1000e6);
        assertEq(vault.maxDeposit(alice) + vault.maxMint(alice), 0, "deposits");
        assertEq(vault.maxWithdraw(alice) + vault.maxRedeem(alice), 0, "redemptions");
    }

    function test_RevertWhen_AnEpochsPriceIsAskedBeforehand() public {
        vm.expectRevert(ILiquidityVault.PriceOfAnEpoch.selector);
        vault.previewDeposit(1);
        vm.expectRevert(ILiquidityVault.PriceOfAnEpoch.selector);
        vault.previewMint(1);
        vm.expectRevert(ILiquidityVault.PriceOfAnEpoch.selector);
        vault.previewWithdraw(1);
        vm.expectRevert(ILiquidityVault.PriceOfAnEpoch.selector);
        vault.previewRedeem(1);
    }

    function test_SharesAndAssetAreNamed() public view {
        assertEq(vault.share(), address(vault), "ERC-7575");
        assertEq(vault.asset(), address(usdc), "ERC-4626");
    }

    function test_DeclaresWhatItHas() public view {
        assertTrue(vault.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertTrue(vault.supportsInterface(0xe3bc4e65), "ERC-7540's operators");
        assertFalse(vault.supportsInterface(0xce3bbe50), "not its claims of deposits");
        assertFalse(vault.supportsInterface(0x620ee8e4), "not its claims of redemptions");
        assertFalse(vault.supportsInterface(0x2f0a18c5), "nor the whole of ERC-7575");
        assertFalse(vault.supportsInterface(0xf815c03d), "nor that the share knows its vault");
        assertFalse(vault.supportsInterface(0xffffffff), "never");
    }

    // More deposits unclaimed than share a slot.

    function test_EveryDepositIsItsOwn() public {
        uint256[] memory ids = new uint256[](5);
        for (uint256 i; i < ids.length; ++i) {
            ids[i] = requestDeposit(alice, (i + 1) * 100e6);
            requestDeposit(alice, 1e6);
            settleNext();
        }
        for (uint256 i; i < ids.length; ++i) {
            assertEq(vault.claimableDepositRequest(ids[i], alice), (i + 1) * 100e6 + 1e6, "as requested");
        }
        _claim(ids[1], 201e18);
        // The place it left is taken, while the fourth and fifth stay where they are.
        uint256 sixth = requestDeposit(alice, 7e6);
        assertEq(vault.pendingDepositRequest(sixth, alice), 7e6, "the sixth");
        settleNext();
        _claim(ids[4], 501e18);
        _claim(ids[0], 101e18);
        _claim(sixth, 7e18);
        _claim(ids[3], 401e18);
        _claim(ids[2], 301e18);
        assertEq(vault.balanceOf(address(vault)), 0, "nothing is left in keeping");
    }

    /// @dev The epoch's first part found no place, its second one does.
    function test_ADepositInTwoPlacesIsOne() public {
        uint256[] memory ids = new uint256[](3);
        for (uint256 i; i < ids.length; ++i) {
            ids[i] = requestDeposit(alice, 100e6);
            settleNext();
        }
        uint256 id = requestDeposit(alice, 10e6);
        _claim(ids[0], 100e18);
        assertEq(requestDeposit(alice, 5e6), id, "the same epoch");
        assertEq(vault.pendingDepositRequest(id, alice), 15e6, "both");
        settleNext();
        _claim(id, 15e18);
        assertEq(vault.pendingDepositRequest(id, alice), 0, "neither is left");
    }

    function _claim(uint256 id, uint256 shares) private {
        vm.prank(alice);
        assertEq(vault.claimDeposit(id, alice, alice), shares, "shares");
    }
}
