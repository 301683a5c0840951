// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice Margin between accounts of one owner: the rule of a withdrawal, without tokens that move.
contract MoveMarginTest is EngineFixture {
    bytes32 private _own;
    bytes32 private _isolated;

    function setUp() public override {
        super.setUp();
        _own = account(alice);
        _isolated = bytes32(uint256(_own) + 7);
    }

    function test_AnIsolatedPositionIsAMoveAndACommit() public {
        vm.prank(alice);
        vm.expectEmit(address(engine));
        emit IEngineEvents.MarginMoved(_own, _isolated, 3000e18, 97_000e18, 3000e18);
        cold.moveMargin(_own, _isolated, 3000e6, noUpdate);
        Order[] memory orders = marketOrder(alice, 10 * UNIT);
        orders[0].account = _isolated;
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        assertEq(int256(cold.getPosition(_isolated, ETH).size), 10 * UNIT, "opened there");
        assertEq(cold.getAccount(_own).markets, 0, "and nowhere else");
        assertEq(cold.getAccount(_own).margin, 97_000e18, "what stays is untouched");
        assertEq(cold.solvency().balance, cold.solvency().custody, "no token moved");
    }

    function test_OnlyWhatAWithdrawalLeavesMayMove() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 61);
        setPrice(ETH, ETH_PRICE);
        (int256 equity, uint256 required, bool permitted) = risk.previewWithdrawal(_own, 1, _prices());
        assertTrue(permitted, "a little may leave");
        uint256 most = uint256(equity - int256(required)) / 1e12 + 1;
        (equity, required, permitted) = risk.previewWithdrawal(_own, most, _prices());
        assertTrue(permitted, "to the last unit");
        uint256 before = vm.snapshotState();
        vm.prank(alice);
        cold.moveMargin(_own, _isolated, most, noUpdate);
        assertEq(cold.getAccount(_isolated).margin, most * 1e12, "arrived");
        vm.revertToState(before);
        (equity, required, permitted) = risk.previewWithdrawal(_own, most + 1, _prices());
        assertFalse(permitted, "a unit more may not");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.EquityTooLow.selector, equity, required));
        cold.moveMargin(_own, _isolated, most + 1, noUpdate);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.EquityTooLow.selector, equity, required));
        cold.withdraw(_own, most + 1, alice, noUpdate);
    }

    function test_UnrealisedProfitDoesNotMove() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 61);
        setPrice(ETH, 2 * ETH_PRICE);
        uint256 margin = cold.getAccount(_own).margin;
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.MarginTooLow.selector, margin, (margin / 1e12 + 1) * 1e12));
        cold.moveMargin(_own, _isolated, margin / 1e12 + 1, noUpdate);
    }

    function test_RevertWhen_MarginMovesWhileOrdersPend() public {
        commit(alice, ETH, marketOrder(alice, UNIT));
        (,, bool permitted) = risk.previewWithdrawal(_own, 1, new Price[](0));
        assertFalse(permitted, "while an order binds it");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OrdersPending.selector, 1, 0));
        cold.moveMargin(_own, _isolated, 1, noUpdate);
    }

    function test_RevertWhen_MarginMovesBetweenOwners() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, alice, bob));
        cold.moveMargin(_own, account(bob), 1, noUpdate);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, bob, alice));
        cold.moveMargin(_own, account(bob), 1, noUpdate);
    }

    function test_RevertWhen_MarginMovesNowhere() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.SameAccount.selector, _own));
        cold.moveMargin(_own, _own, 1, noUpdate);
    }

    function test_RevertWhen_NoMarginMoves() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.ZeroAmount.selector));
        cold.moveMargin(_own, _isolated, 0, noUpdate);
    }

    function _prices() private view returns (Price[] memory prices) {
        prices = new Price[](1);
        prices[0] = oracle.peek(ETH);
    }
}
