// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint} from "../../../src/libraries/FixedPoint.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice The primitives round as their names say, within a word and beyond it.
/// forge-config: ci.fuzz.runs = 10000
contract FixedPointRoundingTest is Directions {
    uint256 private constant HALF_WORD = type(uint128).max;
    uint256 private constant MOST = uint256(type(int256).max) - 1;

    function testFuzz_MulDivDownRoundsDown(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 a, uint256 b, uint256 d) = _factors(dice, HALF_WORD);
        assertDown(FixedPoint.mulDivDown(a, b, d), a * b, d, "mulDivDown is above the exact quotient");
    }

    function testFuzz_MulDivUpRoundsUp(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 a, uint256 b, uint256 d) = _factors(dice, HALF_WORD);
        assertUp(FixedPoint.mulDivUp(a, b, d), a * b, d, "mulDivUp is below the exact quotient");
    }

    function testFuzz_MulDivDownRoundsDownBeyondAWord(uint256 seed) public pure {
        (uint256 a, uint256 b, uint256 d) = _wide(Dice(seed));
        uint256 quotient = FixedPoint.mulDivDown(a, b, d);
        assertTrue(_atMost(quotient, d, a, b), "mulDivDown is above the exact quotient");
        assertFalse(_atMost(quotient + 1, d, a, b), "mulDivDown is a unit or more below");
    }

    function testFuzz_MulDivUpRoundsUpBeyondAWord(uint256 seed) public pure {
        (uint256 a, uint256 b, uint256 d) = _wide(Dice(seed));
        uint256 quotient = FixedPoint.mulDivUp(a, b, d);
        assertTrue(_atMost(a, b, quotient, d), "mulDivUp is below the exact quotient");
        assertFalse(_atMost(a, b, quotient - 1, d), "mulDivUp is a unit or more above");
    }

    function testFuzz_MulDivCeilRoundsTowardPlusInfinity(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 a, uint256 b, uint256 d) = _factors(dice, HALF_WORD >> 1);
        (int256 x, int256 y) = (either(dice, a), either(dice, b));
        assertCeil(FixedPoint.mulDivCeil(x, y, d), x * y, d, "mulDivCeil is below the exact quotient");
    }

    function testFuzz_MulDivTruncRoundsTowardZero(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 a, uint256 b, uint256 d) = _factors(dice, HALF_WORD >> 1);
        (int256 x, int256 y) = (either(dice, a), either(dice, b));
        assertTrunc(FixedPoint.mulDivTrunc(x, y, d), x * y, d, "mulDivTrunc is beyond the exact quotient");
    }

    function testFuzz_DivUpRoundsUp(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 a,, uint256 d) = _factors(dice, HALF_WORD);
        assertUp(FixedPoint.divUp(a, d), a, d, "divUp is below the exact quotient");
    }

    function testFuzz_DivCeilRoundsTowardPlusInfinity(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 a,, uint256 d) = _factors(dice, HALF_WORD);
        int256 x = either(dice, a);
        assertCeil(FixedPoint.divCeil(x, d), x, d, "divCeil is below the exact quotient");
    }

    function testFuzz_DivFloorRoundsTowardMinusInfinity(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 a,, uint256 d) = _factors(dice, HALF_WORD);
        int256 x = either(dice, a);
        assertFloor(FixedPoint.divFloor(x, d), x, d, "divFloor is above the exact quotient");
    }

    /// @dev Now and then zero, and a divisor that leaves no remainder.
    function _factors(Dice memory dice, uint256 most) private pure returns (uint256 a, uint256 b, uint256 d) {
        a = chance(dice, 5) ? 0 : magnitude(dice, 1, most);
        b = chance(dice, 5) ? 0 : magnitude(dice, 1, most);
        d = chance(dice, 5) && a != 0 ? a : magnitude(dice, 1, most >> 64);
    }

    /// @dev A product of more than 256 bits whose quotient fits.
    function _wide(Dice memory dice) private pure returns (uint256 a, uint256 b, uint256 d) {
        a = magnitude(dice, 1 << 200, MOST);
        d = magnitude(dice, 1 << 200, MOST);
        b = between(dice, d >> 1, d);
    }

    /// @dev a · b ≤ c · d, in 512 bits.
    function _atMost(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (bool) {
        (uint256 high, uint256 low) = Math.mul512(a, b);
        (uint256 otherHigh, uint256 otherLow) = Math.mul512(c, d);
        return high < otherHigh || (high == otherHigh && low <= otherLow);
    }
}
