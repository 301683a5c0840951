// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {triggeredAt} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice A trigger is asked twice: of the index at the commit, of the settlement's price again. What it no longer holds
/// for is released as if it had never been committed.
contract TriggersTest is OrdersFixture {
    uint256 private constant ABOVE = OrderWords.ABOVE;
    uint256 private constant BELOW = OrderWords.BELOW;

    function test_AboveFillsAtItsPriceAndHigher() public {
        _fills(triggeredAt(orderBy(signer, UNIT, 1), ETH_PRICE, ABOVE), ETH_PRICE);
        _fills(triggeredAt(orderBy(signer, UNIT, 2), ETH_PRICE, ABOVE), ETH_PRICE + 1);
        _fills(triggeredAt(orderBy(signer, UNIT, 3), ETH_PRICE - 1, ABOVE), ETH_PRICE - 1);
    }

    function test_BelowFillsAtItsPriceAndLower() public {
        _fills(triggeredAt(orderBy(signer, UNIT, 1), ETH_PRICE, BELOW), ETH_PRICE);
        _fills(triggeredAt(orderBy(signer, UNIT, 2), ETH_PRICE, BELOW), ETH_PRICE - 1);
        _fills(triggeredAt(orderBy(signer, UNIT, 3), ETH_PRICE + 1, BELOW), ETH_PRICE + 1);
    }

    function test_RevertWhen_ATriggerIsNotMetAtTheCommit() public {
        Order memory order = triggeredAt(orderBy(signer, UNIT, 1), ETH_PRICE + 1, ABOVE);
        refuses(order, Refusal.TriggerNotMet, ETH_PRICE, ETH_PRICE + 1);
        refusesDirect(
            signer,
            triggeredAt(orderBy(signer, UNIT, 0), ETH_PRICE - 1, BELOW),
            Refusal.TriggerNotMet,
            ETH_PRICE,
            ETH_PRICE - 1
        );
        assertFalse(isUsed(signer, 1), "its nonce is unused");
        // The index, not what the order itself would bring.
        _index(ETH_PRICE + 1);
        commitSigned(order);
    }

    function test_ATriggerThatNoLongerHoldsReleasesItsOrder() public {
        Order memory order = triggeredAt(orderBy(signer, UNIT, 1), ETH_PRICE, ABOVE);
        uint256 margin = marginOf(signer);
        uint256 keepers = marginOf(keeper);
        commitSigned(order);
        assertTrue(isUsed(signer, 1), "its nonce is used");
        assertEq(marginOf(signer), margin - KEEPER_FEE, "its fee is held");
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE - 1);
        Order[][] memory batches = new Order[][](1);
        batches[0] = only(order);
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderReleased(ETH, account(signer), 0, 1);
        vm.prank(keeper);
        engine.settle(ETH, batches, noUpdate);
        assertEq(marginOf(signer), margin, "the fee is back");
        assertEq(marginOf(keeper), keepers, "the keeper is not paid");
        assertEq(cold.getReserves().insurance, 0, "nor insurance");
        assertEq(cold.getQueue(ETH).escrow, 0, "nothing is held");
        assertEq(cold.getQueue(ETH).head, 1, "the queue has moved on");
        assertEq(pendingOf(signer), 0, "it does not wait");
        assertEq(sizeOf(signer), 0, "nor fill");
        assertFalse(isUsed(signer, 1), "its nonce is free");
        _assertBooks();
    }

    function test_WhatIsReleasedIsCommittedAgainByTheSameSignature() public {
        Order memory order = triggeredAt(orderBy(signer, UNIT, 300), ETH_PRICE, ABOVE);
        bytes memory signature = sign(key, ETH, order);
        for (uint256 i; i < 3; ++i) {
            commitSigned(order, signature);
            assertFate(fateOf(ETH_PRICE - 1, order), Fate.Released, "released");
            _index(ETH_PRICE);
        }
        commitSigned(order, signature);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "filled at last");
        refuses(order, signature, Refusal.NonceUsed, 300, 0);
    }

    function test_AReleaseFreesItsOwnNonceOnly() public {
        Order memory order = triggeredAt(orderBy(signer, UNIT, 5), ETH_PRICE, ABOVE);
        commitSigned(orderBy(signer, UNIT, 4));
        settle(ETH, ETH_PRICE, only(orderBy(signer, UNIT, 4)));
        vm.prank(signer);
        desk.cancelNonces(account(signer), 0, 1 << 6);
        commitSigned(order);
        assertFate(fateOf(ETH_PRICE - 1, order), Fate.Released, "released");
        assertEq(desk.getNonces(account(signer), 0), 1 << 4 | 1 << 6, "its neighbours stay used");
    }

    /// @dev One batch in which some fill, one fails and some are released: each is paid for by its own fate.
    function test_OneBatchOfAllFates() public {
        Order[] memory orders = new Order[](4);
        orders[0] = orderBy(signer, UNIT, 0);
        orders[1] = triggeredAt(orderBy(signer, UNIT, 0), ETH_PRICE, ABOVE);
        orders[2] = orderBy(signer, 1, 0);
        orders[3] = triggeredAt(orderBy(signer, UNIT, 0), ETH_PRICE, BELOW);
        uint256 keepers = marginOf(keeper);
        vm.prank(signer);
        engine.commit(ETH, orders);
        Fate[] memory fates = fatesOf(ETH_PRICE - 1e18, orders);
        assertFate(fates[0], Fate.Filled, "a market order");
        assertFate(fates[1], Fate.Released, "its trigger is not met");
        assertFate(fates[2], Fate.Filled, "a unit more of what is open");
        assertFate(fates[3], Fate.Filled, "its trigger is met");
        assertEq(marginOf(keeper) - keepers, 3 * KEEPER_FEE, "three fees");
        assertEq(cold.getQueue(ETH).escrow, 0, "and one back");
        _assertBooks();
    }

    function testFuzz_AnOrderIsReleasedExactlyWhenItsTriggerIsNotMet(uint256 price, uint256 trigger, bool above)
        public
    {
        price = bound(price, 1900e18, 2100e18);
        trigger = above ? bound(trigger, 1900e18, ETH_PRICE) : bound(trigger, ETH_PRICE, 2100e18);
        Order memory order = triggeredAt(orderBy(signer, UNIT, 1), trigger, above ? ABOVE : BELOW);
        commitSigned(order);
        bool met = above ? price >= trigger : price <= trigger;
        assertFate(fateOf(price, order), met ? Fate.Filled : Fate.Released, "by the settlement's price");
    }

    function _fills(Order memory order, uint256 price) private {
        _index(OrderWords.triggerPriceOf(order.extras));
        commitSigned(order);
        assertFate(fateOf(price, order), Fate.Filled, "its trigger is met");
    }

    function _index(uint256 price) private {
        vm.warp(block.timestamp + 1);
        setPrice(ETH, price);
        cold.updateIndices(1 << ETH, noUpdate);
    }

    function _assertBooks() private view {
        uint256 margins = marginOf(signer) + marginOf(alice) + marginOf(bob) + marginOf(keeper);
        assertEq(cold.solvency().margin, margins, "every margin is accounted for");
    }
}
