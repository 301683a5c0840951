// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../../src/engine/EngineTypes.sol";
import {MarginMath, Portfolio} from "../../../src/libraries/MarginMath.sol";
import {RiskParameters} from "../../../src/libraries/RiskParameters.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice MarginMath and RiskParameters: what must be there is never less than the exact requirement.
/// forge-config: ci.fuzz.runs = 10000
contract MarginRoundingTest is Directions {
    function testFuzz_TheInitialRatioRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (MarketConfig memory c, uint256 size) = _case(dice);
        uint256 slope = MarginMath.initialRatio(size, c) - uint256(c.initialMarginBps) * 1e14;
        uint256 scale = uint256(c.skewScale) * 1e6;
        assertUp(slope, uint256(c.marginSlopeBps) * 1e14 * size, scale, "the initial ratio is below the exact one");
    }

    function testFuzz_TheMaintenanceMarginRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (MarketConfig memory c,) = _case(dice);
        uint256 initial = magnitude(dice, 1, 1e27);
        assertUp(
            MarginMath.maintenanceOf(initial, c),
            initial * c.maintenanceMarginBps,
            c.initialMarginBps,
            "the maintenance margin is below the exact one"
        );
    }

    function testFuzz_TheRequirementRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 notional, uint256 ratio) = (magnitude(dice, 1e30, LARGEST_NOTIONAL), magnitude(dice, 1e14, 4e18));
        uint256 required = MarginMath.required(notional, ratio);
        assertUp(required, notional * ratio, 1e30, "the requirement is below the exact one");
    }

    function testFuzz_TheRewardRoundsUpForTheKeeper(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 notional = between(dice, 2000e30, 500_000e30);
        assertUp(MarginMath.rewardOf(notional), notional * 10, 1e16, "the reward is below the exact one");
    }

    function testFuzz_TheCountedProfitRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (MarketConfig memory c,) = _case(dice);
        uint256 profit = magnitude(dice, 1, LARGEST_NOTIONAL);
        uint256 counted = uint256(MarginMath.counted(int256(profit), c));
        assertDown(counted, profit * c.profitWeightBps, 1e4, "more than the exact profit counts");
    }

    function testFuzz_WhatStaysBehindRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Portfolio memory sums;
        sums.notional = magnitude(dice, 2500e30, LARGEST_NOTIONAL);
        uint256 required = MarginMath.withdrawalRequirement(sums);
        assertUp(required, sums.notional * 2000, 1e16, "less stays behind than 20 %");
    }

    /// @dev 8 / 10 of the initial margin, a whole number of basis points not above it.
    function testFuzz_TheLargestMaintenanceMarginRoundsDownForTheTrader(uint256 seed) public view {
        Dice memory dice = Dice(seed);
        MarketConfig memory c = _least();
        c.initialMarginBps = uint16(between(dice, 200, 10_000));
        c.maintenanceMarginBps = uint16(uint256(c.initialMarginBps) * 8 / 10 + roll(dice) % 2);
        bool within = uint256(c.maintenanceMarginBps) * 10 <= uint256(c.initialMarginBps) * 8;
        assertEq(_valid(c), within, "a maintenance margin above 8 / 10 is taken, or one below refused");
    }

    /// @dev The taker fee in basis points, a whole number not below it.
    function testFuzz_TheLeastPenaltyRoundsUpForInsurance(uint256 seed) public view {
        Dice memory dice = Dice(seed);
        MarketConfig memory c = _least();
        c.takerFeePpm = uint16(between(dice, 1, 2000));
        c.penaltyBps = uint8(uint256(c.takerFeePpm) / 100 + roll(dice) % 2);
        bool covers = uint256(c.penaltyBps) * 100 >= c.takerFeePpm;
        assertEq(_valid(c), covers, "a penalty below the taker fee is taken, or one above refused");
    }

    function validate(MarketConfig memory c) external pure {
        RiskParameters.validate(c, 0);
    }

    function _valid(MarketConfig memory c) private view returns (bool) {
        try this.validate(c) {
            return true;
        } catch {
            return false;
        }
    }

    function _least() private pure returns (MarketConfig memory c) {
        (c.skewScale, c.initialMarginBps, c.maintenanceMarginBps) = (1e6, 1000, 800);
        (c.accountCapPercent, c.allocationPercent) = (1, 1);
    }

    function _case(Dice memory dice) private pure returns (MarketConfig memory c, uint256 size) {
        uint256 price = anyPrice(dice);
        c = anyConfig(dice, price);
        size = magnitude(dice, 1, largestSize(price));
    }
}
