// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice A fill does not depend on its path: whoever splits a trade, or undoes it, pays at least as much.
contract SplittingTest is Cases {
    /// forge-config: default.fuzz.runs = 2000
    /// forge-config: ci.fuzz.runs = 200000
    function testFuzz_SplittingIsNeverCheaper(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        uint256 scale = magnitude(dice, 1e12, uint256(type(uint64).max) * 1e6);
        int256 skew = anySkew(dice, price);
        int256 a = anySize(dice, price);
        int256 b = anySize(dice, price);
        int256 parts = FillMath.cost(price, skew, a, scale) + FillMath.cost(price, skew + a, b, scale);
        int256 whole = FillMath.cost(price, skew, a + b, scale);
        assertLe(whole, parts, "cost(a + b) > cost(a) + cost(b)");
        assertLe(parts, whole + 1, "splitting once costs more than one unit");
    }

    /// forge-config: default.fuzz.runs = 500
    /// forge-config: ci.fuzz.runs = 5000
    function testFuzz_ARoundTripNeverProfits(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        uint256 scale = magnitude(dice, 1e12, uint256(type(uint64).max) * 1e6);
        int256 skew = anySkew(dice, price);
        int256 size = anySize(dice, price);
        int256 trip = FillMath.cost(price, skew, size, scale) + FillMath.cost(price, skew + size, -size, scale);
        assertGe(trip, 0, "a round trip profits");
        assertLe(trip, 1, "a round trip costs more than one unit");
    }

    /// forge-config: default.fuzz.runs = 500
    /// forge-config: ci.fuzz.runs = 5000
    function testFuzz_ManyPartsPayAtMostOneUnitEach(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        uint256 scale = magnitude(dice, 1e12, uint256(type(uint64).max) * 1e6);
        int256 skew = anySkew(dice, price);
        uint256 count = between(dice, 2, 20);
        (int256 parts, int256 total) = (0, 0);
        for (uint256 i; i < count; ++i) {
            int256 part = anySize(dice, price);
            parts += FillMath.cost(price, skew + total, part, scale);
            total += part;
        }
        int256 extra = parts - FillMath.cost(price, skew, total, scale);
        assertGe(extra, 0, "many parts are cheaper");
        assertLt(extra, int256(count), "many parts cost more than a unit each");
    }

    /// forge-config: default.fuzz.runs = 500
    /// forge-config: ci.fuzz.runs = 5000
    function testFuzz_SplittingSavesNoFee(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        MarketConfig memory config = anyConfig(dice, price);
        int256 skew = anySkew(dice, price);
        int256 a = anySize(dice, price);
        int256 b = anySize(dice, price);
        uint256 tier = between(dice, 0, 4) * 10;
        uint256 parts =
            FillMath.tradeFee(price, skew, a, tier, config) + FillMath.tradeFee(price, skew + a, b, tier, config);
        uint256 whole = a + b == 0 ? 0 : FillMath.tradeFee(price, skew, a + b, tier, config);
        assertLe(whole, parts, "two parts pay less fee");
    }
}
