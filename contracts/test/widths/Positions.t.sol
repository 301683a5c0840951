// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WidthFixture} from "./WidthFixture.sol";

/// @notice A position at the edges of its words.
contract PositionWidthsTest is WidthFixture {
    uint16 private constant LAST = type(uint16).max;

    function test_APositionInItsLastLifeClosesByOrder() public {
        _lastLife(alice);
        trade(alice, ETH, -UNIT, ETH_PRICE);
        _assertReborn(alice);
    }

    function test_APositionInItsLastLifeClosesAtOnce() public {
        _lastLife(alice);
        vm.warp(block.timestamp + 61);
        setPrice(ETH, ETH_PRICE);
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        _assertReborn(alice);
    }

    function test_APositionInItsLastLifeIsLiquidated() public {
        vm.prank(bob);
        cold.withdraw(account(bob), 99_700e6, bob, noUpdate);
        _lastLife(bob);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, ETH_PRICE * 87 / 100);
        vm.prank(keeper);
        engine.liquidate(account(bob), noUpdate);
        _assertReborn(bob);
    }

    /// @dev Funding may have grown to many times a price that then fell. Such an order fails and does not hold up the queue.
    function test_AnOpeningWhoseCashHasNoRoomFails() public {
        put(bytes32(uint256(marketSlot(ETH)) + 1), 0, 96, uint256(int256(type(int96).max)));
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "what has room fills");
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "what has none does not");
        assertEq(uint256(cold.getQueue(ETH).head), 2, "and the queue moves on");
    }

    /// @dev A position of one unit that has had as many lives before as its word counts.
    function _lastLife(address owner) private {
        trade(owner, ETH, UNIT, ETH_PRICE);
        put(positionSlot(owner, ETH), 240, 16, LAST);
        assertEq(uint256(cold.getPosition(account(owner), ETH).generation), LAST, "the last life");
    }

    function _assertReborn(address owner) private view {
        assertEq(int256(cold.getPosition(account(owner), ETH).size), 0, "closed");
        assertEq(uint256(cold.getPosition(account(owner), ETH).generation), 0, "lives are counted anew");
    }
}
