// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ExchangeDeployer} from "../fixtures/ExchangeDeployer.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {ExchangeFixture} from "./ExchangeFixture.sol";

/// @notice Epochs settled by signed updates: their fee, and what is sent beyond it.
contract EpochPricesTest is ExchangeFixture {
    uint256 private constant HOUR = 3600;
    LiquidityVault private vault;

    function setUp() public override {
        super.setUp();
        vault = ExchangeDeployer.vault(cold, admin);
        vm.prank(admin);
        IAccessControl(address(engine)).grantRole(keccak256("VAULT_ROLE"), address(vault));
        settle(commit(alice, UNIT), firstUpdate());
        usdc.mint(bob, 1000e6);
        vm.prank(bob);
        vault.requestDeposit(1000e6, bob, bob);
        vm.warp((block.timestamp / HOUR + 1) * HOUR + 15);
        answer(ETH, ETH_PRICE);
    }

    function test_WhatExceedsTheFeeReturnsToWhoSettles() public {
        uint256 before = keeper.balance;
        vm.prank(keeper);
        vault.settleEpoch{value: 0.5 ether}(eth(block.timestamp));
        assertEq(before - keeper.balance, FEE, "the exact fee");
        assertEq(address(vault).balance + address(engine).balance + address(oracle).balance, 0, "nothing stays");
        assertEq(uint256(vault.getVault().settledEpoch), block.timestamp / HOUR, "settled");
        assertGt(vault.totalSupply(), 0, "and executed");
    }

    function test_RevertWhen_TheFeeIsMissing() public {
        bytes[] memory update = eth(block.timestamp);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeeTooLow.selector, FEE - 1, FEE));
        vault.settleEpoch{value: FEE - 1}(update);
    }

    function test_RevertWhen_EtherComesFromAnybodyButTheOracle() public {
        vm.prank(alice);
        (bool ok, bytes memory reason) = address(vault).call{value: 1}("");
        assertFalse(ok, "refused");
        vm.assertEq(reason, abi.encodeWithSelector(ILiquidityVault.EtherRefused.selector, alice), "by its sender");
        vm.deal(address(oracle), 1);
        vm.prank(address(oracle));
        (ok,) = address(vault).call{value: 1}("");
        assertTrue(ok, "what the oracle returns is taken");
    }
}
