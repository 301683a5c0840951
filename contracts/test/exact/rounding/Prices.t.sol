// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceState} from "../../../src/interfaces/IPriceOracle.sol";
import {PriceMath, Quote} from "../../../src/oracle/PriceMath.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice PriceMath: bands are never narrower, and doubts never smaller, than the exact ones.
/// forge-config: ci.fuzz.runs = 10000
contract PriceRoundingTest is Directions {
    function testFuzz_APriceOfMoreDecimalsRoundsDown(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 decimals = between(dice, 0, 36);
        uint256 value = magnitude(dice, 1, 1e40);
        uint256 wad = PriceMath.toWad(value, decimals);
        if (decimals <= 18) assertEq(wad, value * 10 ** (18 - decimals), "a price of fewer decimals is rounded");
        else assertDown(wad, value, 10 ** (decimals - 18), "a price is above the one published");
    }

    function testFuzz_TheHalfWidthRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Quote memory quote = Quote(anyPrice(dice), 0, 0);
        assertUp(PriceMath.halfWidth(quote), quote.value, 1e4, "the half-width is below 1 bp");
    }

    function testFuzz_TheConfidenceRoundsUpForCaution(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        Quote memory quote = Quote(price, magnitude(dice, 1, price), 0);
        assertUp(PriceMath.confidencePpm(quote), quote.confidence * 1e6, price, "a confidence is below the exact one");
    }

    function testFuzz_TheDeviationRoundsUpForCaution(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 low = anyPrice(dice);
        uint256 high = low + magnitude(dice, 1, low);
        bool up = chance(dice, 50);
        Quote memory quote = Quote(up ? high : low, 0, 1);
        Quote memory anchor = Quote(up ? low : high, 0, 1);
        uint256 deviation = PriceMath.deviationPpm(quote, anchor, 0);
        assertUp(deviation, (high - low) * 1e6, low, "a deviation is below the exact one");
    }

    function testFuzz_TheSpreadOfASingleSourceRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Quote memory quote = Quote(anyPrice(dice), 0, 0);
        uint256 width = PriceMath.halfWidth(quote);
        (uint256 lo, uint256 hi) = PriceMath.band(quote, Quote(0, 0, 0), PriceState.Single, 0, true);
        assertUp(hi - quote.value - width, quote.value * 3000, 1e6, "the band of a single source is too narrow above");
        assertUp(quote.value - width - lo, quote.value * 3000, 1e6, "the band of a single source is too narrow below");
    }

    function testFuzz_TheBandWithoutASourceRoundsOutward(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 mean, uint256 last, uint256 deviation) = (anyPrice(dice), anyPrice(dice), between(dice, 5000, 50_000));
        (uint256 lo, uint256 hi) = PriceMath.fallbackBand(mean, last, deviation);
        (uint256 low, uint256 high) = mean < last ? (mean, last) : (last, mean);
        assertDown(lo, low * (1e6 - 2 * deviation), 1e6, "the band of the mean is too narrow below");
        assertUp(hi, high * (1e6 + 2 * deviation), 1e6, "the band of the mean is too narrow above");
    }

    function testFuzz_TheLowEndOfAStrainedBandRoundsDownOutward(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Quote memory anchor, uint256 ppm) = (Quote(anyPrice(dice), 0, 0), between(dice, 1, 10_000));
        Quote memory above = Quote(anchor.value * 2, 0, 0);
        (uint256 lo,) = PriceMath.band(above, anchor, PriceState.Strained, ppm, false);
        assertDown(lo, anchor.value * (1e6 - ppm), 1e6, "the band ends above the anchor's lowest price");
    }

    function testFuzz_TheHighEndOfAStrainedBandRoundsUpOutward(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Quote memory anchor, uint256 ppm) = (Quote(anyPrice(dice), 0, 0), between(dice, 1, 10_000));
        Quote memory below = Quote(anchor.value / 2, 0, 0);
        (, uint256 hi) = PriceMath.band(below, anchor, PriceState.Strained, ppm, false);
        assertUp(hi, anchor.value * (1e6 + ppm), 1e6, "the band ends below the anchor's highest price");
    }
}
