// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {limited, reducing, triggeredAt} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";
import {Answer, WalletDouble} from "./WalletDouble.sol";

/// @notice Whoever fills the queue with rubbish pays for it and stops nobody: the queue moves on, and honest orders settle
/// inside their window.
contract GriefingTest is OrdersFixture {
    uint256 private constant SPAM = 10_000;
    uint256 private constant EACH = 8;

    /// @dev The dearest spam there is room for: each account's eight orders, a batch each, in one second. What no longer
    /// fits is refused; the keeper settles what is in the window, the rest expires.
    function test_TenThousandSpamCommitsDelayNobody() public {
        uint256 paid;
        uint256 committed;
        for (uint256 round; committed < SPAM; ++round) {
            // The ring holds 1024 batches; an honest order comes behind 1000 of them.
            for (uint256 i; i < 125 && committed < SPAM; ++i) {
                paid += _spam(address(uint160(0x1000 + round * 125 + i)));
                committed += EACH;
            }
            uint256 committedAt = block.timestamp;
            commitSigned(orderBy(signer, UNIT, round + 1));
            vm.warp(committedAt + 2);
            setPrice(ETH, ETH_PRICE);
            int256 before = sizeOf(signer);
            _settleAll(round);
            assertEq(sizeOf(signer), before + UNIT, "the honest order fills");
            assertLe(block.timestamp, committedAt + 60, "inside its window");
            vm.warp(block.timestamp + 61);
        }
        assertEq(committed, SPAM, "all of it");
        assertEq(cold.getQueue(ETH).head, cold.getQueue(ETH).tail, "nothing is left");
        assertEq(paid, SPAM * KEEPER_FEE, "half a dollar each");
        uint256 honest = (SPAM / 1000) * KEEPER_FEE;
        assertEq(marginOf(keeper) - 10e18, SPAM * KEEPER_FEE / 2 + honest, "half of it the keeper's");
        assertGe(cold.getReserves().insurance, SPAM * KEEPER_FEE / 2, "half of it insurance's");
    }

    /// @dev A full ring refuses everybody until its head has expired or is settled: 1024 batches, paid for.
    function test_AFullRingIsSettledOrExpiresWithinAMinute() public {
        for (uint256 i; i < 128; ++i) {
            _spam(address(uint160(0x1000 + i)));
        }
        Order memory order = orderBy(signer, UNIT, 1);
        bytes memory signature = sign(key, ETH, order);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.QueueFull.selector, 1024, 1024));
        commitSigned(order, signature);
        vm.warp(block.timestamp + 61);
        cold.expire(ETH, 1024);
        assertEq(cold.getReserves().insurance, 1024 * KEEPER_FEE, "all of it insurance's");
        commitSigned(order, signature);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "the honest order fills");
    }

    /// @dev At the head: orders that fail for each reason, and one whose trigger is released. Behind: an honest one.
    function test_WhatCannotSettleDoesNotStopWhatFollows() public {
        Order[] memory rubbish = new Order[](4);
        rubbish[0] = limited(orderBy(alice, UNIT, 0), 1);
        rubbish[1] = orderBy(alice, 1, 0);
        rubbish[2] = triggeredAt(orderBy(alice, UNIT, 0), ETH_PRICE, OrderWords.ABOVE);
        rubbish[3] = reducing(orderBy(alice, UNIT, 0));
        vm.prank(alice);
        engine.commit(ETH, rubbish);
        commitSigned(orderBy(signer, UNIT, 1));
        Order[][] memory batches = new Order[][](2);
        (batches[0], batches[1]) = (rubbish, only(orderBy(signer, UNIT, 1)));
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE - 1e18);
        vm.recordLogs();
        engine.settle(ETH, batches, noUpdate);
        Fate[] memory fates = fatesIn(vm.getRecordedLogs());
        assertEq(fates.length, 5, "each has its fate");
        assertFate(fates[4], Fate.Filled, "the honest order fills");
    }

    /// @dev What nobody settled in time is passed in one call, and nobody's order behind it waits for it.
    function test_ExpiredBatchesArePassed() public {
        commitBy(alice, orderBy(alice, UNIT, 0));
        vm.warp(block.timestamp + 61);
        Order memory order = orderBy(signer, UNIT, 1);
        commitSigned(order);
        cold.expire(ETH, 1);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "the honest order fills");
        assertEq(cold.getReserves().insurance, KEEPER_FEE, "the other has paid");
    }

    /// @dev However little gas a settlement is given, it settles all or nothing: no order can be made to fail by it.
    function test_ASettlementThatRunsOutOfGasChangesNothing() public {
        Order[] memory orders = new Order[](8);
        for (uint256 i; i < 8; ++i) {
            orders[i] = orderBy(signer, UNIT, 0);
        }
        vm.prank(signer);
        engine.commit(ETH, orders);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        bytes memory call = abi.encodeCall(engine.settle, (ETH, batches, noUpdate));
        uint256 starved;
        for (uint256 gas = 50_000; cold.getQueue(ETH).head == 0; gas += 25_000) {
            (bool ok,) = address(engine).call{gas: gas}(call);
            if (ok) break;
            ++starved;
            assertEq(sizeOf(signer), 0, "a part of it");
        }
        assertGt(starved, 5, "it ran out of gas");
        assertEq(sizeOf(signer), 8 * UNIT, "all of them fill");
    }

    /// @dev 31 wallets that burn what they may, and one honest order, in one call.
    function test_HostileWalletsDoNotStopAnHonestOrderOfTheirBatch() public {
        Order[] memory orders = new Order[](32);
        bytes[] memory signatures = new bytes[](32);
        for (uint256 i; i < 31; ++i) {
            WalletDouble wallet = new WalletDouble(address(this));
            wallet.set(Answer.BurnsAllGas);
            (orders[i], signatures[i]) = (orderBy(address(wallet), UNIT, 1), new bytes(65));
        }
        orders[31] = orderBy(signer, UNIT, 1);
        signatures[31] = sign(key, ETH, orders[31]);
        uint256 gas = gasleft();
        commitSigned(orders, signatures);
        assertLe(gas - gasleft(), 31 * 125_000, "a bounded share each");
        assertEq(pendingOf(signer), 1, "the honest order is taken");
        refusesSignature(orders[0], signatures[0]);
    }

    /// @dev Eight orders in as many batches that fail by their limit.
    /// @return paid What it cost.
    function _spam(address who) private returns (uint256 paid) {
        fund(who, 300e6);
        Order[] memory orders = only(limited(orderBy(who, UNIT / 10, 0), 1));
        vm.startPrank(who);
        for (uint256 i; i < EACH; ++i) {
            engine.commit(ETH, orders);
        }
        vm.stopPrank();
        return 300e18 - marginOf(who);
    }

    /// @dev In calls of 100 batches.
    function _settleAll(uint256 round) private {
        for (uint256 call; call <= 10; ++call) {
            Order[][] memory batches = new Order[][](call == 10 ? 1 : 100);
            for (uint256 i; i < batches.length; ++i) {
                address who = address(uint160(0x1000 + round * 125 + (call * 100 + i) / EACH));
                batches[i] = only(limited(orderBy(who, UNIT / 10, 0), 1));
            }
            if (call == 10) batches[0] = only(orderBy(signer, UNIT, round + 1));
            vm.prank(keeper);
            engine.settle(ETH, batches, noUpdate);
        }
    }
}
