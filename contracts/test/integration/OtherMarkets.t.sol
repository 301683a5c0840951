// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IDeleverager} from "../../src/interfaces/IDeleverager.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {attached, marketIn, pendingIn, reducing} from "../fixtures/Orders.sol";
import {Vm} from "../foundry/Vm.sol";
import {WidthFixture} from "../widths/WidthFixture.sol";

/// @notice What an account's positions in other markets ask of an order: that they have a price, and that there are not too
/// many of them; and that of its orders all that pend are in one market.
contract OtherMarketsTest is WidthFixture {
    uint256 private constant MAX_POSITIONS = 8;

    /// @dev What could turn or grow a position is refused whatever it would do; what cannot is not.
    function test_AnOldIndexElsewhereRefusesWhatCouldOpen() public {
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        trade(alice, ETH, 2 * UNIT, ETH_PRICE);
        vm.warp(uint256(cold.getMarket(BTC).indexAt) + 61);
        uint256 generation = cold.getPosition(account(alice), ETH).generation;
        _refuses(marketOrder(alice, UNIT)[0], 61);
        _refuses(marketOrder(alice, -UNIT)[0], 61);
        _refuses(attached(marketOrder(alice, -UNIT)[0], -10_001, generation), 61);
        _refuses(attached(marketOrder(alice, UNIT)[0], 1, generation), 61);
        Order[] memory orders = marketOrder(alice, -UNIT);
        reducing(orders[0]);
        _trade(orders);
        assertEq(sizeIn(alice, ETH), UNIT, "reduced");
        orders = marketOrder(alice, -UNIT);
        attached(orders[0], -5000, generation);
        _trade(orders);
        assertEq(sizeIn(alice, ETH), UNIT / 2, "reduced by what is attached");
        attached(orders[0], -10_000, generation);
        _trade(orders);
        assertEq(sizeIn(alice, ETH), 0, "closed by what is attached");
        setPrice(BTC, BTC_PRICE);
        cold.updateIndices(1 << BTC, noUpdate);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "opened by a fresh index");
    }

    /// @dev What counts is when the order is committed; 60 s is the last second.
    function test_AnIndexOfAMinuteIsNotOld() public {
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        vm.warp(uint256(cold.getMarket(BTC).indexAt) + 60);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "opened");
    }

    /// @dev What is old is what will count: an index that comes after a pin of the same second makes nobody's younger.
    function test_AnIndexThatComesAfterThePinIsAsOldAsIt() public {
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        trade(alice, ETH, UNIT, ETH_PRICE);
        trade(bob, BTC, UNIT / 10, BTC_PRICE);
        vm.warp(uint256(cold.getMarket(BTC).indexAt) + 300);
        Order[] memory orders = marketOrder(alice, -UNIT);
        reducing(orders[0]);
        commit(alice, ETH, orders);
        setPrice(BTC, BTC_PRICE * 2);
        cold.updateIndices(1 << BTC, noUpdate);
        Order[] memory opening = marketOrder(bob, UNIT);
        vm.prank(bob);
        vm.expectRevert(_stale(300));
        engine.commit(ETH, opening);
        vm.warp(block.timestamp + 1);
        commit(bob, ETH, opening);
    }

    /// @dev The index of a market that has ended is final.
    function test_AnEndedMarketDoesNotAge() public {
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        vm.prank(admin);
        IDeleverager(address(engine)).scheduleSettlement(BTC, uint40(block.timestamp + 1 days));
        vm.warp(block.timestamp + 1 days);
        setPrice(BTC, BTC_PRICE);
        IDeleverager(address(engine)).settleMarket(BTC, noUpdate);
        vm.warp(block.timestamp + 1 days);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "opened");
    }

    /// @dev Elsewhere none is taken while one pends; where it pends more are; after it, or its minute, all markets are free.
    function test_OrdersPendInOneMarketAtATime() public {
        Order[] memory orders = marketOrder(alice, UNIT / 10);
        commit(alice, ETH, orders);
        _refusesElsewhere(ETH, BTC, orders);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        _refusesElsewhere(ETH, BTC, orders);
        settle(ETH, ETH_PRICE, orders);
        commit(alice, BTC, orders);
        assertEq(marketIn(cold.getAccount(account(alice))), BTC, "where the last was committed");
        vm.warp(block.timestamp + 60);
        _refusesElsewhere(BTC, ETH, orders);
        vm.warp(block.timestamp + 1);
        commit(alice, ETH, orders);
        assertEq(marketIn(cold.getAccount(account(alice))), ETH, "and now the other");
    }

    /// @dev One sub-account's orders bind no other.
    function test_SubAccountsAreFreeOfOneAnother() public {
        bytes32 second = bytes32(uint256(account(alice)) + 1);
        vm.prank(alice);
        cold.moveMargin(account(alice), second, 10_000e6, noUpdate);
        commit(alice, ETH, marketOrder(alice, UNIT / 10));
        Order[] memory orders = marketOrder(alice, UNIT / 10);
        orders[0].account = second;
        commit(alice, BTC, orders);
        assertEq(pendingIn(cold.getAccount(second)), 1, "taken");
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

    function _stale(uint256 age) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, Refusal.IndexStale, age, 60);
    }

    function _refuses(Order memory order, uint256 age) private {
        Order[] memory orders = new Order[](1);
        orders[0] = order;
        vm.prank(alice);
        vm.expectRevert(_stale(age));
        engine.commit(ETH, orders);
    }

    function _refusesElsewhere(uint256 pending, uint256 market, Order[] memory orders) private {
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, Refusal.OrdersElsewhere, pending, market)
        );
        engine.commit(market, orders);
    }

    function _trade(Order[] memory orders) private {
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
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
