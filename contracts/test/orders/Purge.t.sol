// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order} from "../../src/engine/EngineTypes.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {purgeIn, triggeredAt} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice A liquidation purges the orders that its account committed before it, and no others.
contract PurgeTest is OrdersFixture {
    uint256 private constant LOW = 1700e18;

    function setUp() public override {
        super.setUp();
        vm.prank(signer);
        cold.withdraw(account(signer), 95_500e6, signer, noUpdate);
        trade(signer, ETH, 20 * UNIT, ETH_PRICE);
    }

    function test_OrdersBeforeAreVoidAndThoseAfterAreNot() public {
        Order memory early = orderBy(signer, UNIT, 1);
        commitSigned(early);
        vm.warp(block.timestamp + 1);
        _liquidate();
        _endow();
        vm.warp(block.timestamp + 1);
        Order memory late = orderBy(signer, UNIT, 2);
        commitSigned(late);
        vm.recordLogs();
        settle(ETH, LOW, only(early));
        assertEq(uint256(reasonIn(vm.getRecordedLogs())), uint256(Failure.Purged), "before it");
        settle(ETH, LOW, only(late));
        assertEq(sizeOf(signer), UNIT, "the later order alone");
    }

    /// @dev Nothing was committed in the liquidation's second before it: what comes after it is after it.
    function test_AnOrderOfTheSameSecondAfterItFills() public {
        vm.warp(block.timestamp + 1);
        _liquidate();
        fund(signer, 50_000e6);
        Order memory order = orderBy(signer, UNIT, 1);
        commitSigned(order);
        assertFate(fateOf(LOW, order), Fate.Filled, "after it");
    }

    /// @dev The clock cannot tell them apart: both fail.
    function test_OrdersOfTheSameSecondOnBothSidesFail() public {
        Order memory before = orderBy(signer, UNIT, 1);
        Order memory behind = orderBy(signer, UNIT, 2);
        commitSigned(before);
        _liquidate();
        _endow();
        commitSigned(behind);
        Order[][] memory batches = new Order[][](2);
        (batches[0], batches[1]) = (only(before), only(behind));
        vm.warp(block.timestamp + 3);
        setPrice(ETH, LOW);
        vm.recordLogs();
        engine.settle(ETH, batches, noUpdate);
        Fate[] memory fates = fatesIn(vm.getRecordedLogs());
        assertFate(fates[0], Fate.Failed, "before it");
        assertFate(fates[1], Fate.Failed, "in the same second");
    }

    /// @dev A triggered order fails too, whatever the price: it is not released to be committed again.
    function test_APurgedOrderIsNotReleased() public {
        Order memory order = triggeredAt(orderBy(signer, UNIT, 1), ETH_PRICE, OrderWords.ABOVE);
        commitSigned(order);
        _liquidate();
        assertFate(fateOf(LOW, order), Fate.Failed, "purged");
        assertTrue(isUsed(signer, 1), "its nonce is used");
    }

    /// @dev However many commits and seconds come between: an order is purged exactly when it is not after the liquidation.
    function testFuzz_WhatIsPurgedIsWhatCameBefore(uint8[6] memory pauses, uint256 when) public {
        when = bound(when, 1, 6);
        Order[] memory orders = new Order[](6);
        uint256[] memory times = new uint256[](6);
        uint256 liquidatedAt;
        for (uint256 i; i < 6; ++i) {
            vm.warp(block.timestamp + bound(pauses[i], 1, 9));
            orders[i] = orderBy(signer, UNIT, i + 1);
            commitSigned(orders[i]);
            times[i] = block.timestamp;
            if (i + 1 != when) continue;
            vm.warp(block.timestamp + 1);
            _liquidate();
            _endow();
            liquidatedAt = block.timestamp;
        }
        vm.warp(block.timestamp + 2);
        for (uint256 i; i < 6; ++i) {
            oracle.set(ETH, LOW, times[i] + 2, 5, 10);
            Order[][] memory batches = new Order[][](1);
            batches[0] = only(orders[i]);
            vm.recordLogs();
            engine.settle(ETH, batches, noUpdate);
            Fate fate = fatesIn(vm.getRecordedLogs())[0];
            assertFate(fate, i < when ? Fate.Failed : Fate.Filled, "before fails, after fills");
        }
        assertGt(liquidatedAt, times[when - 1], "the liquidation came between");
    }

    /// @dev The count of seconds stays where it says nothing more, however late the next commit.
    function test_TheWindowOfAPurgeEnds() public {
        _liquidate();
        assertEq(purgeIn(cold.getAccount(account(signer))), 0, "all of them");
        fund(signer, 50_000e6);
        // Counted from the commit 3 s before the liquidation; each settlement takes 3 s.
        uint256[4] memory pauses = [uint256(1), 55, 1, 400];
        uint256[4] memory expected = [uint256(4), 62, 63, 63];
        for (uint256 i; i < 4; ++i) {
            vm.warp(block.timestamp + pauses[i]);
            Order memory order = orderBy(signer, UNIT, i + 1);
            commitSigned(order);
            assertEq(purgeIn(cold.getAccount(account(signer))), expected[i], "seconds, at most 63");
            assertFate(fateOf(LOW, order), Fate.Filled, "nothing of it is purged");
        }
    }

    /// @dev Margin from nowhere: a deposit would wait until no order does.
    function _endow() private {
        bytes32 slot = accountSlot(signer);
        vm.store(address(engine), slot, bytes32(uint256(vm.load(address(engine), slot)) + 60_000e18));
    }

    function _liquidate() private {
        setPrice(ETH, LOW);
        vm.prank(keeper);
        engine.liquidate(account(signer), noUpdate);
        assertEq(sizeOf(signer), 0, "all of it");
    }
}
