// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig} from "../../src/engine/EngineTypes.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";
import {Cases, Dice} from "./Cases.sol";
import {Clock, SecondBySecond} from "./SecondBySecond.sol";

/// @notice The same through settled orders, immediate closes, new indices and pokes of anybody: whatever the engine does
/// with a market, the hours in between are accrued once, at the skew and index that stood.
contract FundingThroughTheEngineTest is EngineFixture, Cases {
    using SecondBySecond for Clock;

    uint256 internal constant STEPS = 12;

    /// forge-config: default.fuzz.runs = 4
    /// forge-config: ci.fuzz.runs = 100
    function testFuzz_FundingIsASecondBySecondSimulation(uint256 seed) public {
        Dice memory dice = Dice(seed);
        Clock memory clock = _clock();
        (int256 rises, int256 falls) = (0, 0);
        for (uint256 i; i < STEPS; ++i) {
            vm.warp(block.timestamp + (chance(dice, 60) ? between(dice, 60, 1800) : between(dice, 1800, 5400)));
            _act(dice);
            int256 before = clock.funding;
            clock.runUntil(block.timestamp);
            if (clock.funding > before) ++rises;
            if (clock.funding < before) ++falls;
            Market memory market = cold.getMarket(ETH);
            assertEq(uint256(market.accruedAt), block.timestamp, "accrued to another time");
            assertEq(market.fundingRate, clock.rate, "the sealed rate is another");
            assertEq(market.skewSeconds, clock.skewSeconds, "the skew's integral is another");
            int256 ahead = market.funding * SecondBySecond.UNIT - clock.funding;
            assertGe(ahead, -rises * (SecondBySecond.UNIT - 1), "funding lags by a unit or more for each rise");
            assertLe(ahead, falls * (SecondBySecond.UNIT - 1), "funding leads by a unit or more for each fall");
            (clock.index, clock.skew) = (int256(uint256(market.index)), _skew(market));
        }
        assertGt(rises + falls, 0, "no funding");
    }

    /// @dev An order of either trader, a close, another index or a poke.
    function _act(Dice memory dice) private {
        uint256 kind = roll(dice) % 10;
        uint256 price = between(dice, 1800e18, 2200e18);
        address trader = chance(dice, 50) ? alice : bob;
        int256 size = cold.getPosition(account(trader), ETH).size;
        if (kind < 5 || cold.getMarket(ETH).longs + cold.getMarket(ETH).shorts == 0) {
            trade(trader, ETH, int88(either(dice, between(dice, 1e12, 20e12))), price);
        } else if (kind < 7 && size != 0) {
            setPrice(ETH, price);
            vm.prank(trader);
            engine.closeNow(account(trader), ETH, between(dice, 1, 20e12), size > 0 ? 0 : type(uint96).max, noUpdate);
        } else if (kind < 9) {
            setPrice(ETH, price);
            cold.updateIndices(1 << ETH, noUpdate);
        } else {
            cold.accrue(ETH);
        }
    }

    /// @dev From the listing on, before anybody trades.
    function _clock() private view returns (Clock memory clock) {
        Market memory market = cold.getMarket(ETH);
        MarketConfig memory c = cold.getMarketConfig(ETH);
        clock.index = int256(uint256(market.index));
        clock.scale = int256(uint256(c.skewScale)) * 1e6;
        clock.coefficient = int256(uint256(c.fundingCoefficientBps)) * 1e14;
        clock.cap = int256(uint256(c.fundingCapPpm)) * 1e12;
        clock.time = market.accruedAt;
    }

    function _skew(Market memory market) private pure returns (int256) {
        return int256(uint256(market.longs)) - int256(uint256(market.shorts));
    }
}
