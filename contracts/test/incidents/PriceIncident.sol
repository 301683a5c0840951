// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";

/// @notice An exchange in which alice is long and bob is short, ten seconds ago.
abstract contract PriceIncident is ExchangeFixture {
    function setUp() public virtual override {
        super.setUp();
        settle(commit(alice, 10 * UNIT), firstUpdate());
        settle(commit(bob, -10 * UNIT), firstUpdate());
        vm.warp(block.timestamp + 10);
    }

    /// @dev Every use of ETH's price is refused, but the liquidation of those who have nothing left.
    function refusesEveryUse(bytes[] memory update, PriceState state, PriceReason reason) internal {
        for (uint256 use = uint256(PriceUse.CloseNow); use <= uint256(PriceUse.Crystallise); ++use) {
            bool served = use == uint256(PriceUse.Liquidate) && state != PriceState.Halted;
            if (!served) vm.expectRevert(refusal(PriceUse(use), state, reason));
            oracle.presentPrices{value: FEE}(1, update, PriceUse(use), address(this));
        }
        vm.expectRevert(refusal(PriceUse.Settle, state, reason));
        oracle.settlementPrice{value: FEE}(ETH, update, block.timestamp, block.timestamp, address(this));
    }

    function index() internal view returns (uint256) {
        return cold.getMarket(ETH).index;
    }

    /// @dev Both sources at one price for 15 minutes.
    function steady() internal {
        for (uint256 i; i < 31; ++i) {
            if (i != 0) vm.warp(block.timestamp + 30);
            observe(ETH_PRICE, ETH_PRICE);
        }
    }

    function observe(int64 price, int192 anchor) internal {
        answer(ETH, anchor);
        oracle.observe{value: FEE}(1, eth(price, ETH_CONF, block.timestamp), address(this));
    }
}
