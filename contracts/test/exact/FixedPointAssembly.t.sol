// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint} from "../../src/libraries/FixedPoint.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice What FixedPoint writes in assembly is what plain Solidity says, over whole words.
/// forge-config: ci.fuzz.runs = 10000
contract FixedPointAssemblyTest is Cases {
    function testFuzz_MulDivDownIsPlain(uint256 seed) public view {
        (uint256 a, uint256 b, uint256 d) = _words(Dice(seed));
        _compare(abi.encodeCall(this.mulDivDown, (a, b, d)), abi.encodeCall(this.plainDown, (a, b, d)), "mulDivDown");
    }

    function testFuzz_MulDivUpIsPlain(uint256 seed) public view {
        (uint256 a, uint256 b, uint256 d) = _words(Dice(seed));
        _compare(abi.encodeCall(this.mulDivUp, (a, b, d)), abi.encodeCall(this.plainUp, (a, b, d)), "mulDivUp");
    }

    function testFuzz_DivUpIsPlain(uint256 seed) public pure {
        (uint256 a,, uint256 d) = _words(Dice(seed));
        assertEq(FixedPoint.divUp(a, d), a == 0 ? 0 : (a - 1) / d + 1, "divUp");
    }

    function testFuzz_AbsIsPlain(uint256 seed) public pure {
        (uint256 a,,) = _words(Dice(seed));
        int256 x = int256(a);
        uint256 magnitude_ = x >= 0 ? a : x == type(int256).min ? 1 << 255 : uint256(-x);
        assertEq(FixedPoint.abs(x), magnitude_, "abs");
    }

    function testFuzz_MinAndMaxArePlain(uint256 seed) public pure {
        (uint256 a, uint256 b,) = _words(Dice(seed));
        assertEq(FixedPoint.min(a, b), a < b ? a : b, "min");
        assertEq(FixedPoint.max(a, b), a > b ? a : b, "max");
    }

    function test_TheEdgesOfAWord() public pure {
        uint256 most = type(uint256).max;
        assertEq(FixedPoint.mulDivDown(most, most, most), most, "the largest product");
        assertEq(FixedPoint.mulDivUp(most, most, most), most, "the largest product, rounded up");
        assertEq(FixedPoint.mulDivDown(most, 1, 1), most, "the largest word");
        assertEq(FixedPoint.mulDivUp(0, most, 7) + FixedPoint.mulDivUp(most, 0, 7), 0, "nothing");
        assertEq(FixedPoint.divUp(most, most - 1), 2, "a remainder of one");
        assertEq(FixedPoint.abs(type(int256).min), 1 << 255, "the least number");
        assertEq(FixedPoint.abs(-1), 1, "minus one");
        assertEq(FixedPoint.min(most, 0) + FixedPoint.min(0, most), 0, "the less of the ends");
        assertEq(FixedPoint.max(most, 0) & FixedPoint.max(0, most), most, "the more of the ends");
    }

    function mulDivDown(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FixedPoint.mulDivDown(a, b, d);
    }

    function mulDivUp(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FixedPoint.mulDivUp(a, b, d);
    }

    function plainDown(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return Math.mulDiv(a, b, d);
    }

    function plainUp(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return Math.mulDiv(a, b, d, Math.Rounding.Ceil);
    }

    /// @dev The same result, or the same refusal of a quotient that does not fit.
    function _compare(bytes memory call, bytes memory plain, string memory name) private view {
        (bool done, bytes memory result) = address(this).staticcall(call);
        (bool possible, bytes memory expected) = address(this).staticcall(plain);
        assertEq(done, possible, name);
        assertEq(keccak256(result), keccak256(expected), name);
    }

    /// @dev Of any magnitude, small ones and both ends of a word often; the divisor is not zero.
    function _words(Dice memory dice) private pure returns (uint256 a, uint256 b, uint256 d) {
        (a, b, d) = (_word(dice), _word(dice), _word(dice));
        if (chance(dice, 10)) b = a;
        if (chance(dice, 10)) d = a;
        if (d == 0) d = 1;
    }

    function _word(Dice memory dice) private pure returns (uint256) {
        if (chance(dice, 10)) return roll(dice) % 3;
        if (chance(dice, 10)) return type(uint256).max - roll(dice) % 3;
        return chance(dice, 10) ? 1 << 255 : roll(dice) >> roll(dice) % 256;
    }
}
