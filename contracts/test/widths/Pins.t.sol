// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {reducing} from "../fixtures/Orders.sol";
import {WidthFixture} from "./WidthFixture.sol";

/// @notice A pin at the edges of its word, and the word of an account whose orders pend in the last market.
contract PinWidthsTest is WidthFixture {
    uint256 private constant PINS = 1037;
    int256 private constant MAX_FUNDING = 64e26;

    function test_APinHoldsWhateverAMarketDoes() public {
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        trade(alice, ETH, UNIT, ETH_PRICE);
        vm.warp(type(uint32).max);
        bytes32 pricing = bytes32(uint256(marketSlot(BTC)) + 1);
        put(marketSlot(BTC), 176, 40, block.timestamp);
        put(marketSlot(BTC), 216, 40, 1);
        put(pricing, 96, 96, 1e26);
        for (uint256 i; i < 2; ++i) {
            int256 funding = i == 0 ? MAX_FUNDING : -MAX_FUNDING;
            put(pricing, 0, 96, uint256(funding));
            // As if nothing had been pinned in this second.
            vm.store(address(engine), _pinSlot(), 0);
            _reduce();
            uint256 pin = uint256(vm.load(address(engine), _pinSlot()));
            assertEq(int96(uint96(pin)), funding, "funding");
            assertEq(uint256(uint96(pin >> 96)), 1e26, "index");
            assertEq(uint256(uint40(pin >> 192)), type(uint32).max, "committed");
            assertEq(pin >> 232, type(uint24).max, "its age stays at its maximum");
        }
    }

    function test_EightOrdersPendInTheLastMarket() public {
        for (uint256 id = 2; id < 64; ++id) {
            list(config(10_000e6), ETH_PRICE, 50);
        }
        put(accountSlot(alice), 232, 24, 0);
        Order[] memory orders = new Order[](8);
        for (uint256 i; i < 8; ++i) {
            orders[i] = marketOrder(alice, UNIT)[0];
        }
        commit(alice, 63, orders);
        assertEq(uint256(cold.getAccount(account(alice)).orders), 8 << 12 | 63 << 6 | 63, "all of it");
        assertEq(uint256(cold.getAccount(account(alice)).volume), 0, "its neighbour above");
        assertEq(uint256(cold.getAccount(account(alice)).moments), 0, "its neighbour below");
        settle(63, ETH_PRICE, orders);
        assertEq(uint256(cold.getAccount(account(alice)).orders), 63 << 6 | 63, "none pends");
        assertExact();
    }

    function _reduce() private {
        Order[] memory orders = marketOrder(alice, -UNIT / 10);
        reducing(orders[0]);
        commit(alice, ETH, orders);
    }

    function _pinSlot() private view returns (bytes32) {
        return bytes32(uint256(marketSlot(BTC)) + PINS + block.timestamp % 64);
    }
}
