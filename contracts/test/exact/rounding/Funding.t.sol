// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig} from "../../../src/engine/EngineTypes.sol";
import {FundingMath} from "../../../src/libraries/FundingMath.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice FundingMath: no side pays more than the exact funding, and who pokes a market gains nothing by it.
/// forge-config: ci.fuzz.runs = 10000
contract FundingRoundingTest is Directions {
    function testFuzz_TheSealedRateRoundsTowardZeroForWhoPays(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        MarketConfig memory c = _config(dice);
        int256 most = int256(uint256(c.skewScale)) * 1e6 * int256(uint256(c.skewCapBps)) * 3600 / 1e4;
        int256 skewSeconds = either(dice, magnitude(dice, 1, uint256(most)));
        c.fundingCapPpm = type(uint16).max;
        assertTrunc(
            FundingMath.sealedRate(skewSeconds, c),
            skewSeconds * int256(uint256(c.fundingCoefficientBps)) * 1e14,
            3600 * uint256(c.skewScale) * 1e6,
            "the sealed rate is larger than the exact one"
        );
    }

    function testFuzz_TheBoundOfTheRateRoundsDownForWhoPays(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        MarketConfig memory c = _config(dice);
        uint256 scale = uint256(c.skewScale) * 1e6;
        uint256 skew = magnitude(dice, 1, scale / 25);
        bool long = chance(dice, 50);
        int256 whole = long ? int256(1e18) : -int256(1e18);
        int256 rate = FundingMath.effectiveRate(whole, long ? int256(skew) : -int256(skew), c);
        uint256 bound = uint256(long ? rate : -rate);
        assertDown(bound, 2 * uint256(c.fundingCoefficientBps) * 1e14 * skew, scale, "the rate is above its bound");
    }

    function testFuzz_TheAccrualRoundsTowardZeroForWhoPays(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        MarketConfig memory c = anyConfig(dice, price);
        Market memory market;
        uint256 start = between(dice, 450_000, 500_000) * 3600;
        (market.index, market.accruedAt) = (uint96(price), uint40(start));
        market.longs = uint88(magnitude(dice, 1, uint256(c.skewScale) * 1e4));
        market.shorts = uint88(magnitude(dice, 1, uint256(c.skewScale) * 1e4));
        int256 before = either(dice, magnitude(dice, 1, price));
        (market.funding, market.fundingRate) = (int96(before), int56(either(dice, between(dice, 0, 5e15))));
        int256 rate = FundingMath.effectiveRate(market.fundingRate, FundingMath.skewOf(market), c);
        uint256 elapsed = between(dice, 1, 3599);
        FundingMath.accrue(market, c, start + elapsed);
        assertTrunc(
            market.funding - before,
            int256(price) * rate * int256(elapsed),
            3600e18,
            "an accrual changes funding by more than the exact amount"
        );
    }

    function _config(Dice memory dice) private pure returns (MarketConfig memory) {
        return anyConfig(dice, anyPrice(dice));
    }
}
