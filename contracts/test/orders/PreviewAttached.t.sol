// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order, Position} from "../../src/engine/EngineTypes.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {attached} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice The preview of an attached order is of the share that it would trade, and knows when its position has ended.
contract PreviewAttachedTest is OrdersFixture {
    int88 private constant SIZE = 10 * UNIT;

    function setUp() public override {
        super.setUp();
        trade(signer, ETH, SIZE, ETH_PRICE);
    }

    function testFuzz_ItIsWhatTheSettlementMakes(int88 share) public {
        share = int88(bound(share, -20_000, -1));
        Order memory order = _attached(share);
        commitBy(signer, order);
        (Outcome memory outcome, Position memory position) = _previewAtSettlement(order);
        settle(ETH, ETH_PRICE, only(order));
        Position memory actual = cold.getPosition(account(signer), ETH);
        assertEq(actual.size, position.size, "size");
        assertEq(actual.cash, position.cash, "cash");
        assertEq(outcome.margin, marginOf(signer), "margin");
        if (share < -10_000) return;
        assertEq(uint256(outcome.failure), 0, "what only reduces is done");
        assertEq(outcome.sizeDelta, int256(SIZE) * share / 10_000, "the share");
    }

    function test_ItKnowsThatThePositionHasEnded() public {
        Order memory order = _attached(-10_000);
        trade(signer, ETH, -SIZE, ETH_PRICE);
        _assertEnded(order);
        trade(signer, ETH, SIZE, ETH_PRICE);
        _assertEnded(order);
        (Outcome memory outcome,) = risk.previewOrder(ETH, _attached(-10_000), oracle.peek(ETH));
        assertEq(uint256(outcome.failure), 0, "one of the new position is done");
    }

    function _assertEnded(Order memory order) private view {
        (Outcome memory outcome, Position memory position) = risk.previewOrder(ETH, order, oracle.peek(ETH));
        assertEq(uint256(outcome.failure), uint256(Failure.PositionEnded), "ended");
        assertEq(position.size, cold.getPosition(account(signer), ETH).size, "nothing is traded");
    }

    function _attached(int88 share) private view returns (Order memory) {
        return attached(orderBy(signer, 0, 0), share, generationOf(signer));
    }

    function _previewAtSettlement(Order memory order)
        private
        returns (Outcome memory outcome, Position memory position)
    {
        uint256 state = vm.snapshotState();
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        (outcome, position) = risk.previewOrder(ETH, order, oracle.peek(ETH));
        vm.revertToState(state);
    }
}
