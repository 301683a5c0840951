// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, MarketConfig, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {MarginMath} from "../../src/libraries/MarginMath.sol";
import {marketOrderOf, ofTheMoment, purgeIn} from "../fixtures/Orders.sol";
import {OrdersFixture} from "../orders/OrdersFixture.sol";

/// @notice What orders and delegates are counted by, at the largest values.
contract OrderWidthsTest is OrdersFixture {
    uint256 private constant MOMENTS_OFFSET = 192;
    uint256 private constant DELEGATIONS = 9;
    uint256 private constant SPENT_OFFSET = 160;

    address private delegate = makeAddr("delegate");

    function test_EachOf24SecondsIsUsedOnce() public {
        _commit(signer, 1);
        _put(accountSlot(signer), MOMENTS_OFFSET, 24, type(uint24).max);
        assertEq(cold.getAccount(account(signer)).moments, type(uint24).max, "all used");
        for (uint256 left; left < 24; ++left) {
            Order memory order = ofTheMoment(orderBy(signer, UNIT, 0), block.timestamp + left);
            refuses(order, Refusal.NonceUsed, block.timestamp + left, 0);
        }
        vm.warp(block.timestamp + 1);
        commitSigned(ofTheMoment(orderBy(signer, UNIT, 0), block.timestamp + 23));
        assertEq(cold.getAccount(account(signer)).moments, type(uint24).max, "the oldest has left, the newest has come");
    }

    function test_WhatPurgesReachesBack63Seconds() public {
        _commit(signer, 1);
        assertEq(purgeIn(cold.getAccount(account(signer))), 63, "no liquidation before");
        vm.warp(block.timestamp + 60);
        _commit(signer, 1);
        assertEq(purgeIn(cold.getAccount(account(signer))), 63, "stays there");
    }

    function test_ADelegateIsGivenEverythingThatFits() public {
        Delegation memory all = Delegation(type(uint40).max, type(uint64).max, type(uint8).max, type(uint48).max, 0, 0);
        vm.prank(signer);
        desk.setDelegate(delegate, all);
        Delegation memory kept = desk.getDelegation(signer, delegate);
        assertEq(kept.expiry, type(uint40).max, "expiry");
        assertEq(kept.markets, type(uint64).max, "markets");
        assertEq(kept.permissions, type(uint8).max, "permissions");
        assertEq(kept.dailyLimit, type(uint48).max, "daily limit");
        commitBy(delegate, marketOrderOf(account(signer), UNIT));
        kept = desk.getDelegation(signer, delegate);
        assertEq(kept.spent, 2000, "whole USD at the index");
        assertEq(kept.day, block.timestamp / 1 days, "today");
    }

    function test_ADaysNotionalReachesItsWidthAndNoFurther() public {
        vm.prank(signer);
        desk.setDelegate(delegate, Delegation(type(uint40).max, 1, 1, type(uint48).max, 0, 0));
        commitBy(delegate, marketOrderOf(account(signer), UNIT));
        bytes32 outer = keccak256(abi.encode(signer, ENGINE_STORAGE + DELEGATIONS));
        _put(keccak256(abi.encode(delegate, outer)), SPENT_OFFSET, 48, type(uint48).max - 2000);
        commitBy(delegate, marketOrderOf(account(signer), UNIT));
        assertEq(desk.getDelegation(signer, delegate).spent, type(uint48).max, "all of it");
        Order memory order = marketOrderOf(account(signer), UNIT);
        refusesDirect(delegate, order, Refusal.DelegateLimit, uint256(type(uint48).max) + 2000, type(uint48).max);
    }

    function test_TheMarginOfAUnitAtTheLargestPriceIsKept() public {
        MarketConfig memory c = config(1e6);
        c.initialMarginBps = 10_000;
        uint256 id = cold.marketCount();
        oracle.set(id, 1e26, block.timestamp, 0, 0);
        vm.prank(admin);
        cold.listMarket(c, 50);
        assertEq(cold.getQueue(id).marginPerUnit, 1e18, "all of the price");
        assertEq(MarginMath.perUnit(1e26, 10_000), 1e18, "as calculated");
    }

    function _commit(address owner, int88 units) private {
        commitBy(owner, marketOrderOf(account(owner), units * UNIT));
    }

    function _put(bytes32 slot, uint256 offset, uint256 width, uint256 value) private {
        uint256 mask = ((1 << width) - 1) << offset;
        uint256 word = uint256(vm.load(address(engine), slot)) & ~mask | value << offset;
        vm.store(address(engine), slot, bytes32(word));
    }
}
