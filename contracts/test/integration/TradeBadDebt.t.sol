// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";

/// @notice An order that closes at a cost beyond the equity: first its fee is waived, then insurance pays, as foreseen.
contract TradeBadDebtTest is StressFixture {
    address private erin = makeAddr("erin");

    function test_WhatTheFeeDoesNotCoverIsInsurances() public {
        usdc.mint(address(this), 5000e6);
        usdc.approve(address(engine), 5000e6);
        cold.fundInsurance(5000e6);
        // So that her close makes the skew grow, which costs.
        trade(bob, ETH, -60 * UNIT, ETH_PRICE);
        fund(erin, 6500e6);
        trade(erin, ETH, 30 * UNIT, ETH_PRICE);
        Order[] memory orders = marketOrder(erin, -30 * UNIT);
        commit(erin, ETH, orders);
        (uint256 price, Outcome memory outcome) = _priceOfBadDebt(orders[0]);
        assertEq(outcome.fee, 0, "all of the fee is waived");
        cold.divideReserves();
        uint256 insurance = cold.getReserves().insurance;
        settle(ETH, price, orders);
        assertEq(sizeOf(erin, ETH), 0, "closed");
        assertEq(marginOf(erin), 0, "nothing left");
        assertEq(cold.getReserves().insurance, insurance - outcome.badDebt, "insurance has paid");
        assertEq(cold.solvency().balance, cold.solvency().custody, "tokens are what is owed");
    }

    /// @dev Falls until the equity at the mid is not negative, but what the close costs is more.
    function _priceOfBadDebt(Order memory order) private returns (uint256 price, Outcome memory outcome) {
        uint256 state = vm.snapshotState();
        vm.warp(block.timestamp + 3);
        for (price = 1850e18; price > 1750e18; price -= 0.1e18) {
            setPrice(ETH, price);
            (outcome,) = risk.previewOrder(ETH, order, oracle.peek(ETH));
            if (outcome.badDebt != 0) break;
        }
        vm.revertToState(state);
        assertGt(outcome.badDebt, 0, "no such price");
    }
}
