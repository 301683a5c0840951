// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../../src/engine/EngineTypes.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice Funding stands still while the exchange is halted, and goes on from its end.
contract HaltTest is EngineFixture {
    uint256 private constant HOUR = 3600;
    /// @dev 100 of 10,000, times a coefficient of 0.025.
    int256 private constant RATE = 0.00025e18;

    function setUp() public override {
        super.setUp();
        // Ten minutes past one.
        vm.warp(block.timestamp / HOUR * HOUR + 597);
        setPrice(ETH, ETH_PRICE);
        trade(alice, ETH, 100 * UNIT, ETH_PRICE);
    }

    function test_AHaltOverTheHourSealsTheStandingSkew() public {
        assertEq(cold.getMarket(ETH).fundingRate, 0, "nothing is sealed yet");
        _halt();
        int256 funding = cold.getMarket(ETH).funding;
        vm.warp(block.timestamp + 3 * HOUR + 60);
        _resume();
        Market memory market = cold.getMarket(ETH);
        assertEq(market.funding, funding, "the halt costs nobody funding");
        assertEq(market.fundingRate, RATE, "the rate of the standing skew");
        assertEq(market.skewSeconds, 100 * int256(UNIT) * int256(block.timestamp % HOUR), "as if all of this hour");
        assertEq(uint256(market.accruedAt), block.timestamp, "from now on");
        vm.warp(block.timestamp + 10 minutes);
        cold.accrue(ETH);
        assertEq(cold.getMarket(ETH).funding, funding + int256(ETH_PRICE) * RATE / 1e18 / 6, "at that rate");
    }

    function test_AHaltWithinTheHourKeepsItsRateAndSkew() public {
        _halt();
        Market memory before = cold.getMarket(ETH);
        vm.warp(block.timestamp + 10 minutes);
        _resume();
        Market memory market = cold.getMarket(ETH);
        assertEq(market.fundingRate, before.fundingRate, "rate");
        assertEq(market.skewSeconds, before.skewSeconds, "the halt is no part of the hour's skew");
        assertEq(market.funding, before.funding, "funding");
        assertEq(uint256(market.accruedAt), block.timestamp, "from now on");
    }

    function _halt() private {
        vm.prank(admin);
        cold.setPauseLevel(2);
    }

    function _resume() private {
        vm.prank(admin);
        cold.setPauseLevel(0);
    }
}
