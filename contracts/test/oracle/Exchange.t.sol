// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {PythErrors} from "../../src/interfaces/external/PythErrors.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {ExchangeFixture} from "./ExchangeFixture.sol";

/// @notice The exchange with real updates: what a bad price does to an order, and what it never does.
contract ExchangeTest is ExchangeFixture {
    function test_FillsAtTheFirstPriceOfTheWindow() public {
        Order[][] memory batches = commit(alice, UNIT);
        settle(batches, eth(2010_00000000, ETH_CONF, block.timestamp - 1));
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "filled");
        assertEq(uint256(cold.getMarket(ETH).index), 2010e18, "at its price");
    }

    function test_SurplusReturnsToWhoSettles() public {
        Order[][] memory batches = commit(alice, UNIT);
        uint256 before = keeper.balance;
        vm.prank(keeper);
        engine.settle{value: 0.5 ether}(ETH, batches, firstUpdate());
        assertEq(before - keeper.balance, FEE, "the exact fee");
        assertEq(address(engine).balance, 0, "nothing stays");
    }

    function test_ABadPriceLosesNoOrder() public {
        Order[][] memory batches = commit(alice, UNIT);
        uint256 time = block.timestamp;
        bytes[] memory early = eth(time - 2);
        _refusesSettlement(
            batches, early, FEE, abi.encodeWithSelector(PythErrors.PriceFeedNotFoundWithinRange.selector)
        );
        _refusesSettlement(
            batches, both(time - 1), 2 * FEE, abi.encodeWithSelector(PythErrors.InvalidArgument.selector)
        );
        _refusesSettlement(
            batches,
            eth(ETH_PRICE, 41_00000000, time - 1),
            FEE,
            abi.encodeWithSelector(PriceOracle.PriceInvalid.selector, ETH, ETH_PRICE, uint64(41_00000000), int32(-8))
        );
        bytes[] memory halted = eth(1800_00000000, ETH_CONF, time - 1);
        _refusesSettlement(batches, halted, FEE, refusal(PriceUse.Settle, PriceState.Halted, PriceReason.Deviation));
        assertEq(uint256(cold.getQueue(ETH).head), 0, "still first in the queue");
        settle(batches, firstUpdate());
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "filled by a good one");
    }

    function test_AStrainedPriceBecomesTheIndexToo() public {
        settle(commit(alice, UNIT), firstUpdate());
        vm.warp(block.timestamp + 10);
        answer(ETH, 1980_00000000);
        bytes[] memory update = eth(2004_00000000, ETH_CONF, block.timestamp);
        vm.prank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(UNIT), 0, update);
        assertEq(uint256(cold.getMarket(ETH).index), 2004e18, "index");
    }

    function test_RevertWhen_ASettlementIsReplayed() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        settle(batches, update);
        _refusesSettlement(batches, update, FEE, abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, ETH));
        vm.warp(block.timestamp + 12);
        Order[][] memory later = commit(alice, UNIT);
        _refusesSettlement(later, update, FEE, abi.encodeWithSelector(PythErrors.PriceFeedNotFoundWithinRange.selector));
    }

    function test_RevertWhen_AnOlderPriceIsReplayedOnAnImmediateClose() public {
        settle(commit(alice, UNIT), firstUpdate());
        bytes[] memory old = eth(2020_00000000, ETH_CONF, block.timestamp);
        vm.warp(block.timestamp + 2);
        cold.updateIndices{value: FEE}(1, eth(block.timestamp));
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.PriceOlderThanIndex.selector, block.timestamp - 2, block.timestamp)
        );
        vm.prank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(UNIT), 0, old);
    }

    function test_RevertWhen_AnImmediateCloseBringsAStalePrice() public {
        settle(commit(alice, UNIT), firstUpdate());
        bytes[] memory old = eth(block.timestamp);
        vm.warp(block.timestamp + 6);
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        vm.prank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(UNIT), 0, old);
    }

    function test_LeavingWorksWhenChainlinkIsSilentAndInGrace() public {
        settle(commit(alice, 2 * UNIT), firstUpdate());
        vm.warp(block.timestamp + 2000);
        vm.startPrank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(UNIT), 0, eth(block.timestamp));
        vm.stopPrank();
        uptime.set(false, uint64(block.timestamp));
        vm.warp(block.timestamp + 10);
        vm.startPrank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(UNIT), 0, eth(block.timestamp));
        vm.stopPrank();
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "left");
    }

    function _refusesSettlement(Order[][] memory batches, bytes[] memory update, uint256 value, bytes memory reason)
        private
    {
        vm.expectRevert(reason);
        vm.prank(keeper);
        engine.settle{value: value}(ETH, batches, update);
    }
}
