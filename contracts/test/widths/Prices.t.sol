// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {TradeMath} from "../../src/libraries/TradeMath.sol";
import {WidthFixture} from "./WidthFixture.sol";

/// @notice Prices beyond what the words hold, wherever one comes in, and market totals without room for what it makes.
contract PriceWidthsTest is WidthFixture {
    uint256 private constant LARGEST = 1e26;
    bytes private constant TOO_LARGE =
        abi.encodeWithSelector(IEngineErrors.PriceTooLarge.selector, LARGEST + 1, LARGEST);

    /// @dev The band counts, not the middle.
    function test_ASettlementTakesNoLargerPrice() public {
        uint256 id = list(config(1e6), LARGEST, 50);
        Order[] memory orders = marketOrder(alice, 1e9);
        commit(alice, id, orders);
        vm.warp(block.timestamp + 3);
        oracle.set(id, LARGEST + 1, block.timestamp, 0, 0);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.expectRevert(TOO_LARGE);
        engine.settle(id, batches, noUpdate);
        settleAt(id, LARGEST, orders);
        assertEq(sizeIn(alice, id), 1e9, "the largest fills");
        assertExact();
    }

    function test_ALiquidationTakesNoLargerPriceAndNoneBeforeTheIndex() public {
        uint256 id = list(config(1e6), LARGEST, 50);
        tradeAt(alice, id, 1e9, LARGEST);
        uint256 time = block.timestamp + 1;
        vm.warp(time);
        oracle.set(id, LARGEST + 1, time, 0, 0);
        vm.expectRevert(TOO_LARGE);
        engine.liquidate(account(alice), noUpdate);
        oracle.set(id, LARGEST, time - 2, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.PriceOlderThanIndex.selector, time - 2, time - 1));
        engine.liquidate(account(alice), noUpdate);
        oracle.set(id, LARGEST, time, 0, 0);
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.liquidate(account(alice), noUpdate);
    }

    function test_AWithdrawalTakesNoLargerPrice() public {
        uint256 id = list(config(1e6), LARGEST, 50);
        tradeAt(alice, id, 1e9, LARGEST);
        vm.warp(block.timestamp + 61);
        oracle.set(id, LARGEST + 1, block.timestamp, 0, 0);
        vm.startPrank(alice);
        vm.expectRevert(TOO_LARGE);
        cold.withdraw(account(alice), 1e6, alice, noUpdate);
        oracle.set(id, LARGEST, block.timestamp, 0, 0);
        cold.withdraw(account(alice), 1e6, alice, noUpdate);
        vm.stopPrank();
        assertEq(usdc.balanceOf(alice), 1e6, "at the largest it is paid");
    }

    function test_AMarketWithoutAPriceIsNotListed() public {
        uint256 id = cold.marketCount();
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.IndexUnset.selector, id));
        cold.listMarket(config(1e6), 50);
        list(config(1e6), LARGEST, 50);
    }

    /// @dev What is cut leaves with its value, for which the market's cash must have room.
    function test_ACutWithoutRoomInTheMarketsCashIsRefused() public {
        trade(alice, ETH, 80 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 2);
        setPrice(ETH, ETH_PRICE);
        setPrice(BTC, BTC_PRICE);
        bytes32 totals = bytes32(uint256(marketSlot(ETH)) + 2);
        int256 most = type(int152).max;
        put(totals, 0, 152, uint256(most));
        int256 longs = int256(uint256(cold.getMarket(ETH).longs));
        vm.expectRevert(abi.encodeWithSelector(TradeMath.CashOutOfRange.selector, most + longs * int256(ETH_PRICE)));
        deleverager.deleverage(ETH, noUpdate);
        put(totals, 0, 152, uint256(most - longs * int256(ETH_PRICE)));
        deleverager.deleverage(ETH, noUpdate);
        assertEq(cold.getMarket(ETH).cash, most, "to the last unit");
        assertEq(uint256(cold.getMarket(ETH).longs), 0, "all of the side");
    }
}
