// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {Vm} from "../foundry/Vm.sol";
import {WidthFixture} from "../widths/WidthFixture.sol";

/// @notice What an account's positions in other markets ask of an order: that they have a price, and that there are not too
/// many of them.
contract OtherMarketsTest is WidthFixture {
    uint256 private constant MAX_POSITIONS = 8;

    function test_AnOldIndexElsewhereBlocksOpeningAndNotReducing() public {
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        trade(alice, ETH, 2 * UNIT, ETH_PRICE);
        vm.warp(uint256(cold.getMarket(BTC).indexAt) + 61);
        _fails(ETH, UNIT, Failure.IndexStale);
        assertEq(sizeIn(alice, ETH), 2 * UNIT, "nothing is opened");
        trade(alice, ETH, -UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "reduced");
        setPrice(BTC, BTC_PRICE);
        cold.updateIndices(1 << BTC, noUpdate);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), 2 * UNIT, "opened by a fresh index");
    }

    /// @dev What counts is when the order is committed; 60 s is the last second.
    function test_AnIndexOfAMinuteIsNotOld() public {
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        vm.warp(uint256(cold.getMarket(BTC).indexAt) + 60);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "opened");
    }

    function test_NoMoreThanEightPositions() public {
        for (uint256 i; i < MAX_POSITIONS; ++i) {
            uint256 id = list(config(10_000e6), ETH_PRICE, 50);
            tradeAt(alice, id, UNIT, ETH_PRICE);
            assertEq(sizeIn(alice, id), UNIT, "opened");
        }
        _fails(ETH, UNIT, Failure.TooManyPositions);
        assertEq(cold.getAccount(account(alice)).markets >> ETH & 1, 0, "no ninth");
        uint256 last = cold.marketCount() - 1;
        tradeAt(alice, last, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, last), 2 * UNIT, "one of the eight grows");
        tradeAt(alice, last, -2 * UNIT, ETH_PRICE);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "in the place of one that was closed");
    }

    /// @dev Commits and settles an order of alice's and expects it to fail as its preview did.
    function _fails(uint256 market, int88 size, Failure reason) private {
        uint256 snapshot = vm.snapshotState();
        vm.warp(block.timestamp + 3);
        setPrice(market, ETH_PRICE);
        (Outcome memory outcome,) = risk.previewOrder(market, marketOrder(alice, size)[0], oracle.peek(market));
        vm.assertEq(uint256(outcome.failure), uint256(reason), "foreseen");
        vm.revertToState(snapshot);
        vm.recordLogs();
        trade(alice, market, size, ETH_PRICE);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 failed;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.OrderFailed.selector) continue;
            (, Failure told,,) = abi.decode(logs[i].data, (uint256, Failure, uint256, uint256));
            vm.assertEq(uint256(told), uint256(reason), "told");
            ++failed;
        }
        assertEq(failed, 1, "it failed");
    }
}
