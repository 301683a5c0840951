// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice What its own fees bring a keeper decides none of its pending orders: they go to its last sub-account, which
/// takes no orders.
contract EarningsTest is OrdersFixture {
    function test_RevertWhen_TheLastSubAccountOrders() public {
        Order memory order = orderBy(signer, UNIT, 0);
        order.account = _earnings();
        refusesDirect(signer, order, Refusal.AccountOfEarnings, type(uint96).max, type(uint96).max - 1);
        order.account = bytes32(uint256(order.account) - 1);
        refusesDirect(signer, order, Refusal.MarginTooLow, 0, KEEPER_FEE + 200e18);
    }

    function test_FeesAreApartWhileOrdersPendAndWithTheMarginOtherwise() public {
        Order memory first = orderBy(signer, UNIT, 0);
        Order memory second = orderBy(signer, -UNIT, 0);
        commitBy(signer, first);
        vm.warp(block.timestamp + 1);
        commitBy(signer, second);
        _settle(2, first);
        assertEq(_earned(), KEEPER_FEE, "apart");
        (uint256 margin, uint256 fees) = (marginOf(signer), _feesOf(second));
        _settle(1, second);
        assertEq(_earned(), KEEPER_FEE, "no more is apart");
        assertEq(marginOf(signer), margin - fees + KEEPER_FEE, "with the margin");
    }

    /// @dev The signer settles its own batch.
    function _settle(uint256 later, Order memory order) private {
        vm.warp(block.timestamp + later);
        setPrice(ETH, ETH_PRICE);
        Order[][] memory batches = new Order[][](1);
        batches[0] = only(order);
        vm.prank(signer);
        engine.settle(ETH, batches, noUpdate);
    }

    /// @dev What the order takes from the margin when another settles it.
    function _feesOf(Order memory order) private returns (uint256 taken) {
        uint256 state = vm.snapshotState();
        uint256 margin = marginOf(signer);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, ETH_PRICE);
        Order[][] memory batches = new Order[][](1);
        batches[0] = only(order);
        vm.prank(stranger);
        engine.settle(ETH, batches, noUpdate);
        taken = margin - marginOf(signer);
        vm.revertToState(state);
    }

    function _earnings() private view returns (bytes32) {
        return account(signer) | bytes32(uint256(type(uint96).max));
    }

    function _earned() private view returns (uint256) {
        return cold.getAccount(_earnings()).margin;
    }
}
