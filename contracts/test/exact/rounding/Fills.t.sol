// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../../src/engine/EngineTypes.sol";
import {FillMath} from "../../../src/libraries/FillMath.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice FillMath: what a trade costs is never less than the exact cost.
/// forge-config: ci.fuzz.runs = 10000
contract FillRoundingTest is Directions {
    function testFuzz_TheCostRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        uint256 scale = magnitude(dice, 1e12, uint256(type(uint64).max) * 1e6);
        int256 skew = anySkew(dice, price);
        int256 size = anySize(dice, price);
        int256 flat = int256(price) * size;
        int256 premium = FillMath.cost(price, skew, size, scale) - flat;
        assertCeil(premium, flat * (2 * skew + size), 2 * scale, "the trader pays less than the exact cost");
    }

    function testFuzz_TheMarkRoundsTowardTheIndex(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        uint256 scale = magnitude(dice, 1e12, uint256(type(uint64).max) * 1e6);
        int256 skew = either(dice, magnitude(dice, 1, scale));
        int256 distance = int256(FillMath.mark(price, skew, scale)) - int256(price);
        assertTrunc(distance, int256(price) * skew, scale, "the mark is farther from the index than the exact one");
    }

    function testFuzz_TheSkewReserveRoundsUpAgainstTheReportedValue(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        uint256 scale = magnitude(dice, 1e12, uint256(type(uint64).max) * 1e6);
        int256 skew = anySkew(dice, price);
        uint256 size = uint256(skew < 0 ? -skew : skew);
        uint256 reserve = FillMath.skewReserve(price, skew, scale);
        assertUp(reserve, price * size * size, 2 * scale, "the pool reserves less than the exact premium");
    }

    function testFuzz_TheFeeRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        MarketConfig memory c = anyConfig(dice, price);
        int256 skew = anySkew(dice, price);
        int256 size = anySize(dice, price);
        uint256 maker;
        uint256 taker = uint256(size < 0 ? -size : size);
        if ((skew < 0) != (size < 0)) {
            uint256 most = uint256(skew < 0 ? -skew : skew);
            maker = taker < most ? taker : most;
            taker -= maker;
        }
        uint256 discount = between(dice, 0, 40);
        uint256 exact = price * (maker * c.makerFeePpm + taker * c.takerFeePpm) * (100 - discount);
        uint256 fee = FillMath.tradeFee(price, skew, size, discount, c);
        assertUp(fee, exact, 1e20, "the fee is below the exact one");
    }

    function testFuzz_HalfACapRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        MarketConfig memory c = anyConfig(dice, anyPrice(dice));
        (uint256 skewCap, uint256 openInterestCap) = (c.skewCapBps, c.openInterestCapBps);
        FillMath.halveCaps(c);
        assertDown(c.skewCapBps, skewCap, 2, "more than half of the cap on the skew");
        assertDown(c.openInterestCapBps, openInterestCap, 2, "more than half of the cap on open interest");
    }

    /// @dev S has six decimals, so that four of a cap in basis points leave nothing to round.
    function testFuzz_TheCapsAreExact(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        MarketConfig memory c = anyConfig(dice, anyPrice(dice));
        c.accountCapPercent = 100;
        uint256 scale = uint256(c.skewScale) * 1e6;
        uint256 room = FillMath.openingRoom(0, 0, 0, true, c);
        assertEq(room * 1e4, scale * c.skewCapBps, "the cap on the skew is rounded");
        c.skewCapBps = type(uint16).max;
        room = FillMath.openingRoom(0, 0, 0, true, c);
        assertEq(room * 1e4, scale * c.openInterestCapBps, "the cap on open interest is rounded");
    }
}
