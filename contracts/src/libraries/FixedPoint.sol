// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice The arithmetic of the ledger: every multiply-divide names its rounding.
/// @dev Scales: WAD (18 decimals) for prices, rates and money; sizes have 12 decimals; size · price is "raw", 30 decimals.
library FixedPoint {
    uint256 internal constant WAD = 1e18;
    /// @dev Raw cash per wad of money.
    uint256 internal constant RAW_PER_WAD = 1e12;
    uint256 internal constant BPS = 1e4;
    uint256 internal constant PPM = 1e6;

    /// @notice a · b / d, rounded down, exact through 512 bits. d is not zero.
    function mulDivDown(uint256 a, uint256 b, uint256 d) internal pure returns (uint256 quotient) {
        bool fits;
        assembly ("memory-safe") {
            let product := mul(a, b)
            fits := or(iszero(a), eq(div(product, a), b))
            quotient := div(product, d)
        }
        if (!fits) return Math.mulDiv(a, b, d);
    }

    /// @notice a · b / d, rounded up, exact through 512 bits. d is not zero.
    function mulDivUp(uint256 a, uint256 b, uint256 d) internal pure returns (uint256 quotient) {
        bool fits;
        assembly ("memory-safe") {
            let product := mul(a, b)
            fits := or(iszero(a), eq(div(product, a), b))
            quotient := add(div(product, d), gt(mod(product, d), 0))
        }
        if (!fits) return Math.mulDiv(a, b, d, Math.Rounding.Ceil);
    }

    /// @notice a · b / d, rounded toward +∞, exact through 512 bits. d is not zero.
    function mulDivCeil(int256 a, int256 b, uint256 d) internal pure returns (int256 quotient) {
        bool fits;
        assembly ("memory-safe") {
            let product := mul(a, b)
            // The least integer is left out: divided by −1 it seems to be itself.
            fits := and(and(sgt(d, 0), gt(xor(product, shl(255, 1)), 0)), or(iszero(a), eq(sdiv(product, a), b)))
            quotient := add(sdiv(product, d), sgt(smod(product, d), 0))
        }
        if (fits) return quotient;
        return (a < 0) == (b < 0) ? int256(mulDivUp(abs(a), abs(b), d)) : -int256(mulDivDown(abs(a), abs(b), d));
    }

    /// @notice a · b / d, rounded toward zero, exact through 512 bits. d is not zero.
    function mulDivTrunc(int256 a, int256 b, uint256 d) internal pure returns (int256 quotient) {
        bool fits;
        assembly ("memory-safe") {
            let product := mul(a, b)
            // The least integer is left out: divided by −1 it seems to be itself.
            fits := and(and(sgt(d, 0), gt(xor(product, shl(255, 1)), 0)), or(iszero(a), eq(sdiv(product, a), b)))
            quotient := sdiv(product, d)
        }
        if (fits) return quotient;
        int256 magnitude = int256(mulDivDown(abs(a), abs(b), d));
        return (a < 0) == (b < 0) ? magnitude : -magnitude;
    }

    /// @notice a / d, rounded up. d is not zero.
    function divUp(uint256 a, uint256 d) internal pure returns (uint256 quotient) {
        assembly ("memory-safe") {
            quotient := add(div(a, d), gt(mod(a, d), 0))
        }
    }

    /// @notice a / d, rounded toward +∞. 0 < d < 2^255.
    function divCeil(int256 a, uint256 d) internal pure returns (int256 quotient) {
        assembly ("memory-safe") {
            quotient := add(sdiv(a, d), sgt(smod(a, d), 0))
        }
    }

    /// @notice a / d, rounded toward −∞. 0 < d < 2^255.
    function divFloor(int256 a, uint256 d) internal pure returns (int256 quotient) {
        assembly ("memory-safe") {
            quotient := sub(sdiv(a, d), slt(smod(a, d), 0))
        }
    }

    /// @notice The square root, rounded down.
    /// @dev a = m · 2^even with m in [1, 256) has its root within a factor of 1.51 of (m + 16) · 88 / 1024 · 2^(even / 2).
    /// Newton's steps leave relative errors of 9e-2, 4e-3, 8e-6, 3e-11, 5e-22 and 2e-43, less than a unit of any root; what
    /// rounding leaves is one unit above at most.
    function sqrt(uint256 a) internal pure returns (uint256 root) {
        assembly ("memory-safe") {
            let even := shl(7, gt(a, 0xffffffffffffffffffffffffffffffff))
            even := or(even, shl(6, gt(shr(even, a), 0xffffffffffffffff)))
            even := or(even, shl(5, gt(shr(even, a), 0xffffffff)))
            even := or(even, shl(4, gt(shr(even, a), 0xffff)))
            even := or(even, shl(3, gt(shr(even, a), 0xff)))
            root := shr(10, shl(shr(1, even), mul(88, add(shr(even, a), 16))))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := sub(root, gt(root, div(a, root)))
        }
    }

    /// @notice The square root of b² − p, rounded down. b < 2^128, p ≤ b².
    /// @dev While p is small against b², b − p / (2 · b) is above the root by less than 6e-4 of it: Newton's steps leave
    /// 2e-7, 2e-14, 2e-28 and 2e-56, less than a unit, and one unit for rounding.
    function sqrtOfDifference(uint256 b, uint256 p) internal pure returns (uint256 root) {
        bool near;
        uint256 a;
        assembly ("memory-safe") {
            let square := mul(b, b)
            a := sub(square, p)
            near := lt(p, shr(4, square))
            root := sub(b, div(p, shl(1, b)))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := shr(1, add(root, div(a, root)))
            root := sub(root, gt(root, div(a, root)))
        }
        if (!near) return sqrt(a);
    }

    /// @notice Magnitude of a, type(int256).min included.
    function abs(int256 a) internal pure returns (uint256 magnitude) {
        assembly ("memory-safe") {
            // All ones below zero: a's complement plus one is −a.
            let sign := sar(255, a)
            magnitude := sub(xor(a, sign), sign)
        }
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256 less) {
        assembly ("memory-safe") {
            less := xor(b, mul(xor(a, b), lt(a, b)))
        }
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256 more) {
        assembly ("memory-safe") {
            more := xor(b, mul(xor(a, b), gt(a, b)))
        }
    }

    /// @notice a limited to [lo, hi].
    function clamp(int256 a, int256 lo, int256 hi) internal pure returns (int256) {
        return a < lo ? lo : a > hi ? hi : a;
    }
}
