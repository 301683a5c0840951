// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Position} from "../../../src/engine/EngineTypes.sol";
import {Price, PriceState} from "../../../src/interfaces/IPriceOracle.sol";
import {Closing, Division, LiquidationMath} from "../../../src/libraries/LiquidationMath.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice LiquidationMath: what a closing charges is never less than the exact charge, and no more is handed out than is
/// there.
/// forge-config: ci.fuzz.runs = 10000
contract LiquidationRoundingTest is Directions {
    function testFuzz_TheClosingSpreadRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 mid = anyPrice(dice);
        uint256 spread = LiquidationMath.closingSpread(Price(mid, mid, mid, 0, 0, PriceState.Normal), chance(dice, 50));
        assertUp(spread, mid * 10, 1e4, "the surcharge is below the exact one");
    }

    function testFuzz_ThePenaltyRoundsUpForInsurance(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 mid = anyPrice(dice);
        MarketConfig memory c = anyConfig(dice, mid);
        Position memory position;
        position.size = int88(anySize(dice, mid));
        uint256 size = uint256(position.size < 0 ? -int256(position.size) : position.size);
        Market memory market;
        (market.longs, market.shorts) = (uint88(size), uint88(size));
        Closing memory sums;
        LiquidationMath.closeWhole(sums, market, c, position, Price(mid, mid, mid, 0, 0, PriceState.Normal));
        assertUp(sums.penalty, size * mid * c.penaltyBps, 1e16, "the penalty is below the exact one");
    }

    function testFuzz_BadDebtRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Closing memory sums;
        (uint256 lost, uint256 margin) = (magnitude(dice, 1, LARGEST_NOTIONAL), magnitude(dice, 1, 1e27));
        sums.band = chance(dice, 20) ? lost + 1 : magnitude(dice, 1, lost);
        sums.realised = -int256(margin * RAW + lost);
        Division memory division = LiquidationMath.divide(sums, margin);
        uint256 beyond = sums.band < lost ? lost - sums.band : 0;
        assertUp(division.badDebt, beyond, RAW, "insurance covers less than the pool's loss");
    }

    function testFuzz_WhatIsLeftRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Closing memory sums;
        uint256 left = magnitude(dice, 1, LARGEST_NOTIONAL);
        (sums.realised, sums.notional) = (int256(left), magnitude(dice, 1, LARGEST_NOTIONAL));
        sums.penalty = magnitude(dice, 1, 1e24);
        Division memory division = LiquidationMath.divide(sums, 0);
        uint256 handed = division.margin + division.reward + division.penalty;
        assertDown(handed, left, RAW, "more is handed out than is left");
    }
}
