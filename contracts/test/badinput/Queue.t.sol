// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {limited, orderOf, sized} from "../fixtures/Orders.sol";
import {Order, Queue, Refusal} from "../../src/engine/EngineTypes.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {AccumulatorWriter} from "../doubles/AccumulatorWriter.sol";
import {BadInputFixture} from "./BadInputFixture.sol";

/// @notice Batches of a wrong size, at a wrong place or time, or other than what was committed.
contract QueueTest is BadInputFixture {
    // The size of a batch and of what waits.

    function test_RevertWhen_BatchIsEmpty() public {
        refuses(alice, _committing(new Order[](0)), abi.encodeWithSelector(IEngineErrors.BatchSize.selector, 0, 32));
    }

    function test_RevertWhen_BatchHoldsMoreThan32Orders() public {
        refuses(alice, _committing(_orders(33)), abi.encodeWithSelector(IEngineErrors.BatchSize.selector, 33, 32));
    }

    function test_RevertWhen_AnAccountHasMoreThan8Orders() public {
        bytes memory reason = abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, Refusal.OrdersPending, 8, 8);
        refuses(alice, _committing(_orders(9)), reason);
        vm.prank(alice);
        engine.commit(ETH, _orders(8));
        refuses(alice, _committing(_orders(1)), reason);
    }

    function test_RevertWhen_TheQueueIsFull() public {
        for (uint256 i; i < 1024; ++i) {
            // Orders past their window do not count against their account.
            if (i % 8 == 0) vm.warp(block.timestamp + 61);
            vm.prank(alice);
            engine.commit(ETH, _orders(1));
        }
        vm.warp(block.timestamp + 61);
        refuses(alice, _committing(_orders(1)), abi.encodeWithSelector(IEngineErrors.QueueFull.selector, 1024, 1024));
        cold.expire(ETH, 1);
        vm.prank(alice);
        assertEq(engine.commit(ETH, _orders(1)), 1024, "room again");
    }

    // Other than committed.

    function test_RevertWhen_TheBatchIsNotTheCommittedOne() public {
        Order[][] memory batches = commit(alice, UNIT);
        uint256 limit = OrderWords.limitPriceOf(batches[0][0].terms);
        _mismatches(orderOf(account(bob), UNIT, limit, false));
        _mismatches(orderOf(account(alice), UNIT + 1, limit, false));
        _mismatches(orderOf(account(alice), UNIT, limit - 1, false));
        _mismatches(orderOf(account(alice), UNIT, limit, true));
        refusesSettlement(_list(_orders(0)), firstUpdate(), _mismatch());
        refusesSettlement(_list(_orders(2)), firstUpdate(), _mismatch());
        _fills(batches, UNIT);
    }

    function test_RevertWhen_BatchesComeOutOfTheirOrder() public {
        (Order[] memory first, Order[] memory second) = _twoBatches();
        refusesSettlement(_pair(second, first), firstUpdate(), _mismatch());
        refusesSettlement(_list(second), firstUpdate(), _mismatch());
        _fills(_pair(first, second), 2 * UNIT);
    }

    function test_RevertWhen_TheBatchIsOfAnotherMarket() public {
        Order[] memory first = _orders(1);
        Order[] memory other = _orders(1);
        sized(other[0], UNIT / 10).account = account(bob);
        vm.prank(alice);
        engine.commit(ETH, first);
        vm.warp(block.timestamp + 3);
        bytes memory call = settling(BTC, _list(first), firstUpdate());
        refuses(keeper, address(engine), FEE, call, abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, BTC));
        // At the same place of both markets' queues another batch waits, and binds there alone.
        vm.prank(bob);
        engine.commit(BTC, other);
        vm.warp(block.timestamp + 3);
        bytes[] memory btc =
            AccumulatorWriter.data(AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, uint64(block.timestamp - 1)));
        refuses(keeper, address(engine), FEE, settling(BTC, _list(first), btc), _mismatch());
        refusesSettlement(_list(other), eth(block.timestamp - 4), _mismatch());
        _fills(_list(first), UNIT);
    }

    function test_RevertWhen_BatchesOfTwoBlocksSettleTogether() public {
        Order[][] memory first = commit(alice, UNIT);
        uint256 committedAt = block.timestamp - 3;
        bytes[] memory update = firstUpdate();
        Order[][] memory second = commit(bob, UNIT);
        refusesSettlement(
            _pair(first[0], second[0]),
            update,
            abi.encodeWithSelector(IEngineErrors.CommitTimeMismatch.selector, committedAt + 3, committedAt)
        );
        _fills(first, UNIT);
    }

    // More often than committed.

    function test_RevertWhen_ABatchSettlesTwice() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes memory empty = abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, ETH);
        refusesSettlement(_pair(batches[0], batches[0]), firstUpdate(), empty);
        _fills(batches, UNIT);
        refusesSettlement(batches, firstUpdate(), empty);
    }

    function test_RevertWhen_ABatchSettlesInThePlaceOfTheNext() public {
        (Order[] memory first, Order[] memory second) = _twoBatches();
        bytes[] memory update = firstUpdate();
        settle(_list(first), update);
        refusesSettlement(_list(first), update, abi.encodeWithSelector(IEngineErrors.BatchMismatch.selector, 1));
        settle(_list(second), update);
    }

    function test_SettlingNoBatchOnlyAcceptsThePrice() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        Queue memory queue = cold.getQueue(ETH);
        settle(new Order[][](0), update);
        vm.assertEq(abi.encode(cold.getQueue(ETH)), abi.encode(queue), "the queue stands");
        _fills(batches, UNIT);
    }

    // Outside of their time.

    function test_RevertWhen_TheWindowHasEnded() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        uint256 end = block.timestamp + 57;
        vm.warp(end + 1);
        refusesSettlement(batches, update, abi.encodeWithSelector(IEngineErrors.WindowEnded.selector, end + 1, end));
        uint256 margin = cold.getAccount(account(alice)).margin;
        cold.expire(ETH, 1);
        assertEq(uint256(cold.getQueue(ETH).escrow), 0, "nothing stays in escrow");
        assertEq(uint256(cold.getAccount(account(alice)).margin), margin, "the fee was all it cost");
        refusesSettlement(batches, update, abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, ETH));
    }

    function test_RevertWhen_ExpiringBeforeTheWindowHasEnded() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        uint256 end = block.timestamp + 57;
        vm.warp(end);
        refuses(
            keeper,
            abi.encodeCall(IEngineExtension.expire, (ETH, 1)),
            abi.encodeWithSelector(IEngineErrors.WindowOpen.selector, end, end)
        );
        settle(batches, update);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "in its last second it settles");
    }

    function test_RevertWhen_ExpiringAnEmptyQueue() public {
        refuses(
            keeper,
            abi.encodeCall(IEngineExtension.expire, (ETH, 1)),
            abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, ETH)
        );
    }

    function test_ExpiringMoreThanIsDueStopsAtWhatIsNot() public {
        commit(alice, UNIT);
        vm.warp(block.timestamp + 40);
        Order[][] memory later = commit(bob, UNIT);
        bytes[] memory update = firstUpdate();
        vm.warp(block.timestamp + 15);
        cold.expire(ETH, 10);
        assertEq(uint256(cold.getQueue(ETH).head), 1, "only the first");
        settle(later, update);
        assertEq(int256(cold.getPosition(account(bob), ETH).size), UNIT, "the second fills");
    }

    // Fixtures.

    function _fills(Order[][] memory batches, int88 size) private {
        settle(batches, eth(uint256(cold.getQueueItem(ETH, cold.getQueue(ETH).head).committedAt) + 2));
        assertEq(int256(cold.getPosition(account(alice), ETH).size), size, "what was committed fills");
    }

    /// @dev Two batches of alice in one block, 3 s ago.
    function _twoBatches() private returns (Order[] memory first, Order[] memory second) {
        (first, second) = (_orders(1), _orders(1));
        limited(second[0], 3000e18);
        vm.startPrank(alice);
        engine.commit(ETH, first);
        engine.commit(ETH, second);
        vm.stopPrank();
        vm.warp(block.timestamp + 3);
    }

    function _orders(uint256 count) private view returns (Order[] memory orders) {
        orders = new Order[](count);
        for (uint256 i; i < count; ++i) {
            orders[i] = orderOf(account(alice), UNIT, type(uint96).max, false);
        }
    }

    function _mismatches(Order memory order) private {
        Order[] memory orders = new Order[](1);
        orders[0] = order;
        refusesSettlement(_list(orders), firstUpdate(), _mismatch());
    }

    function _committing(Order[] memory orders) private pure returns (bytes memory) {
        return abi.encodeCall(IDerivativesEngine.commit, (ETH, orders));
    }

    function _list(Order[] memory only) private pure returns (Order[][] memory batches) {
        batches = new Order[][](1);
        batches[0] = only;
    }

    function _pair(Order[] memory a, Order[] memory b) private pure returns (Order[][] memory batches) {
        batches = new Order[][](2);
        (batches[0], batches[1]) = (a, b);
    }

    function _mismatch() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.BatchMismatch.selector, 0);
    }
}
