// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPoint} from "../../src/libraries/FixedPoint.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice Arithmetic in assembly equals its plain form, at every magnitude and at the edges.
contract ArithmeticTest is Cases {
    int256 private constant LEAST = type(int256).min;

    function testFuzz_SignedProductsDivide(uint256 seed) public view {
        Dice memory dice = Dice(seed);
        (int256 a, int256 b) = (_any(dice), _any(dice));
        uint256 d = magnitude(dice, 1, type(uint256).max);
        _compare(a, b, d);
    }

    function test_SignedProductsDivideAtTheEdges() public view {
        int256[8] memory edges = [LEAST, LEAST + 1, -2, -1, int256(0), 1, 2, type(int256).max];
        for (uint256 i; i < 8; ++i) {
            for (uint256 j; j < 8; ++j) {
                _compare(edges[i], edges[j], 1);
                _compare(edges[i], edges[j], 2);
                _compare(edges[i], edges[j], uint256(type(int256).max));
                _compare(edges[i], edges[j], uint256(type(int256).max) + 1);
                _compare(edges[i], edges[j], type(uint256).max);
            }
        }
    }

    function testFuzz_SignedDivision(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        int256 a = chance(dice, 5) ? LEAST : _any(dice);
        uint256 d = magnitude(dice, 1, uint256(type(int256).max));
        int256 quotient = a / int256(d);
        int256 rest = a % int256(d);
        assertEq(FixedPoint.divFloor(a, d), rest < 0 ? quotient - 1 : quotient, "divFloor");
        assertEq(FixedPoint.divCeil(a, d), rest > 0 ? quotient + 1 : quotient, "divCeil");
    }

    function testFuzz_Roots(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 a = chance(dice, 5) ? 0 : magnitude(dice, 1, type(uint256).max);
        // Beside a square, where a unit decides.
        uint256 root = Math.sqrt(a);
        uint256 square = root * root;
        assertEq(FixedPoint.sqrt(a), root, "sqrt");
        assertEq(FixedPoint.sqrt(square), root, "sqrt of a square");
        if (square != 0) assertEq(FixedPoint.sqrt(square - 1), root - 1, "sqrt below a square");
    }

    function test_SmallRoots() public pure {
        for (uint256 a; a < 5000; ++a) {
            assertEq(FixedPoint.sqrt(a), Math.sqrt(a), "sqrt");
        }
        assertEq(FixedPoint.sqrt(type(uint256).max), type(uint128).max, "sqrt of the largest");
    }

    function testFuzz_RootsOfDifferences(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 b = magnitude(dice, 1, type(uint128).max);
        uint256 p = chance(dice, 10) ? b * b : magnitude(dice, 1, b * b);
        assertEq(FixedPoint.sqrtOfDifference(b, p), Math.sqrt(b * b - p), "root");
        // Where the nearer approximation ends.
        uint256 edge = b * b >> 4;
        for (uint256 i; i < 3 && edge + 1 >= i && edge + 1 - i <= b * b; ++i) {
            p = edge + 1 - i;
            assertEq(FixedPoint.sqrtOfDifference(b, p), Math.sqrt(b * b - p), "root at the edge");
        }
    }

    function test_RootOfAll() public pure {
        assertEq(FixedPoint.sqrtOfDifference(0, 0), 0, "of nothing");
        assertEq(FixedPoint.sqrtOfDifference(type(uint128).max, 0), type(uint128).max, "of a square");
    }

    function plainCeil(int256 a, int256 b, uint256 d) external pure returns (int256) {
        bool negative = (a < 0) != (b < 0);
        uint256 magnitude_ = Math.mulDiv(_abs(a), _abs(b), d, negative ? Math.Rounding.Floor : Math.Rounding.Ceil);
        return negative ? -int256(magnitude_) : int256(magnitude_);
    }

    function plainTrunc(int256 a, int256 b, uint256 d) external pure returns (int256) {
        uint256 magnitude_ = Math.mulDiv(_abs(a), _abs(b), d);
        return (a < 0) != (b < 0) ? -int256(magnitude_) : int256(magnitude_);
    }

    function ceil(int256 a, int256 b, uint256 d) external pure returns (int256) {
        return FixedPoint.mulDivCeil(a, b, d);
    }

    function trunc(int256 a, int256 b, uint256 d) external pure returns (int256) {
        return FixedPoint.mulDivTrunc(a, b, d);
    }

    /// @dev Where the plain form has no answer that fits, neither has the other.
    function _compare(int256 a, int256 b, uint256 d) private view {
        _compareCalls(abi.encodeCall(this.plainCeil, (a, b, d)), abi.encodeCall(this.ceil, (a, b, d)), "mulDivCeil");
        _compareCalls(abi.encodeCall(this.plainTrunc, (a, b, d)), abi.encodeCall(this.trunc, (a, b, d)), "mulDivTrunc");
    }

    function _compareCalls(bytes memory plain, bytes memory other, string memory what) private view {
        (bool expected, bytes memory answer) = address(this).staticcall(plain);
        (bool ok, bytes memory actual) = address(this).staticcall(other);
        assertEq(ok, expected, what);
        if (ok) assertEq(keccak256(actual), keccak256(answer), what);
    }

    function _any(Dice memory dice) private pure returns (int256) {
        return chance(dice, 5) ? int256(0) : either(dice, magnitude(dice, 1, uint256(type(int256).max)));
    }

    function _abs(int256 a) private pure returns (uint256) {
        if (a == LEAST) return 1 << 255;
        return uint256(a < 0 ? -a : a);
    }
}
