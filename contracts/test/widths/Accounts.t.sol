// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {pendingIn, purgeIn} from "../fixtures/Orders.sol";
import {WidthFixture} from "./WidthFixture.sol";

/// @notice An account at the edges of its word.
contract AccountWidthsTest is WidthFixture {
    function test_AVolumeStaysAtItsMaximum() public {
        // What was traded before the day of the last order fades.
        trade(alice, ETH, UNIT, ETH_PRICE);
        put(accountSlot(alice), 232, 24, type(uint24).max);
        trade(alice, ETH, UNIT, ETH_PRICE);
        Account memory a = cold.getAccount(account(alice));
        assertEq(uint256(a.volume), type(uint24).max, "volume");
        assertEq(pendingIn(a), 0, "its neighbour");
        assertEq(sizeIn(alice, ETH), 2 * UNIT, "filled");
        assertExact();
    }

    function test_TheLastMarketTradesAndClosesAndNoneFollows() public {
        for (uint256 id = 2; id < 64; ++id) {
            list(config(10_000e6), ETH_PRICE, 50);
        }
        trade(alice, 63, UNIT, ETH_PRICE);
        assertEq(uint256(cold.getAccount(account(alice)).markets), 1 << 63, "the last bit");
        trade(bob, 63, -UNIT, ETH_PRICE);
        trade(alice, 63, -UNIT, ETH_PRICE);
        Account memory a = cold.getAccount(account(alice));
        assertEq(uint256(a.markets), 0, "and none");
        assertEq(pendingIn(a), 0, "its neighbour");
        assertExact();
        setPrice(64, ETH_PRICE);
        vm.prank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, bytes32("marketCount"), 64, 63)
        );
        cold.listMarket(config(10_000e6), 50);
    }

    function test_AProfitInTheLastMarketIsHeldAndItsNeighbourStays() public {
        for (uint256 id = 2; id < 64; ++id) {
            list(config(10_000e6), ETH_PRICE, 50);
        }
        trade(alice, 63, UNIT, ETH_PRICE);
        trade(bob, 63, -UNIT, ETH_PRICE);
        vm.warp(type(uint40).max - 1);
        oracle.setJudged(63, 500e18, block.timestamp, 5, 0, PriceState.Single);
        put(accountSlot(alice), 0, 96, 1520e18);
        engine.flag(account(alice), noUpdate);
        vm.warp(type(uint40).max);
        oracle.setJudged(63, ETH_PRICE * 2, block.timestamp, 5, 0, PriceState.Single);
        vm.prank(alice);
        engine.closeNow(account(alice), 63, uint88(UNIT), 0, noUpdate);
        assertEq(uint256(cold.getDoubt(account(alice)).held), 1 << 63, "held");
        assertEq(uint256(cold.getDoubt(account(alice)).flaggedAt), type(uint40).max - 1, "its neighbour");
    }

    function test_EightOrdersPendNoNinth() public {
        Order[] memory orders = new Order[](8);
        for (uint256 i; i < 8; ++i) {
            orders[i] = marketOrder(alice, UNIT)[0];
        }
        commit(alice, ETH, orders);
        assertEq(pendingIn(cold.getAccount(account(alice))), 8, "eight");
        Order[] memory ninth = marketOrder(alice, UNIT);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, Refusal.OrdersPending, 8, 8));
        engine.commit(ETH, ninth);
        settle(ETH, ETH_PRICE, orders);
        assertEq(pendingIn(cold.getAccount(account(alice))), 0, "none");
        assertEq(sizeIn(alice, ETH), 8 * UNIT, "all filled");
        assertExact();
    }

    /// @dev Seconds of 32 bits end in 2106.
    function test_TheLastSecondOf2106IsCounted() public {
        vm.warp(type(uint32).max - 3);
        oracle.set(ETH, ETH_PRICE, block.timestamp, 5, 10);
        trade(bob, ETH, UNIT, ETH_PRICE);
        Account memory b = cold.getAccount(account(bob));
        assertEq(uint256(b.committedAt), type(uint32).max - 3, "committed");
        assertEq(uint256(cold.getQueueItem(ETH, 0).committedAt), type(uint32).max - 3, "and its batch");
        assertEq(block.timestamp, type(uint32).max, "now");
        // What is left of the margin is far below maintenance.
        put(accountSlot(bob), 0, 96, 1e18);
        setPrice(ETH, ETH_PRICE);
        vm.prank(keeper);
        engine.liquidate(account(bob), noUpdate);
        b = cold.getAccount(account(bob));
        assertEq(purgeIn(b), 0, "purged");
        assertEq(uint256(b.committedAt), type(uint32).max - 3, "its neighbour");
        assertEq(uint256(cold.getMarket(ETH).accruedAt), type(uint32).max, "accrued");
        assertEq(uint256(cold.getMarket(ETH).indexAt), type(uint32).max, "index");
    }
}
