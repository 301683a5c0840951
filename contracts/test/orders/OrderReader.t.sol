// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {orderOf} from "../fixtures/Orders.sol";
import {OrderReader, Ending} from "./OrderReader.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice The example contract trades and finds out what became of its order.
contract OrderReaderTest is OrdersFixture {
    OrderReader private reader;

    function setUp() public override {
        super.setUp();
        reader = new OrderReader(engine, ETH);
        usdc.mint(address(this), 10_000e6);
        usdc.approve(address(reader), 10_000e6);
        reader.deposit(IERC20(address(usdc)), 10_000e6);
    }

    function test_AFilledOrder() public {
        reader.trade(UNIT, 2100e18);
        _is(Ending.Waiting);
        settle(ETH, ETH_PRICE, only(orderOf(reader.account(), UNIT, 2100e18, false)));
        _is(Ending.Filled);
        assertEq(sizeOf(address(reader)), UNIT, "its position");
        reader.trade(-UNIT, 0);
        _is(Ending.Waiting);
        settle(ETH, ETH_PRICE, only(orderOf(reader.account(), -UNIT, 0, false)));
        _is(Ending.Filled);
        reader.withdraw(9_000e6, noUpdate);
        assertEq(usdc.balanceOf(address(this)), 9_000e6, "taken out");
    }

    function test_AFailedOrder() public {
        reader.trade(UNIT, 1);
        settle(ETH, ETH_PRICE, only(orderOf(reader.account(), UNIT, 1, false)));
        _is(Ending.Failed);
        reader.trade(UNIT, 2100e18);
        _is(Ending.Waiting);
    }

    function test_AnExpiredOrder() public {
        reader.trade(UNIT, 2100e18);
        vm.warp(block.timestamp + 60);
        _is(Ending.Waiting);
        vm.warp(block.timestamp + 1);
        _is(Ending.Expired);
        cold.expire(ETH, 1);
        _is(Ending.Expired);
    }

    function test_RevertWhen_AnOrderWaitsOrAStrangerCalls() public {
        reader.trade(UNIT, 2100e18);
        vm.expectRevert(abi.encodeWithSelector(OrderReader.OrderWaiting.selector, 0));
        reader.trade(UNIT, 2100e18);
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(OrderReader.NotOwner.selector, stranger));
        reader.trade(UNIT, 2100e18);
        vm.expectRevert(abi.encodeWithSelector(OrderReader.NotOwner.selector, stranger));
        reader.withdraw(1, noUpdate);
    }

    function _is(Ending expected) private view {
        assertEq(uint256(reader.outcome()), uint256(expected), "outcome");
    }
}
