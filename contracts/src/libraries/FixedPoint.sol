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
    function mulDivDown(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {
        unchecked {
            // A product beyond 2^256 wraps and does not divide back to b: then 512 bits carry it.
            uint256 product = a * b;
            if (a == 0 || product / a == b) return product / d;
        }
        return Math.mulDiv(a, b, d);
    }

    /// @notice a · b / d, rounded up, exact through 512 bits. d is not zero.
    function mulDivUp(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {
        unchecked {
            // As in mulDivDown; the quotient of product − 1 is below the product, so that adding one fits.
            uint256 product = a * b;
            if (a == 0 || product / a == b) return product == 0 ? 0 : (product - 1) / d + 1;
        }
        return Math.mulDiv(a, b, d, Math.Rounding.Ceil);
    }

    /// @notice a · b / d, rounded toward +∞, exact through 512 bits.
    function mulDivCeil(int256 a, int256 b, uint256 d) internal pure returns (int256) {
        return (a < 0) == (b < 0) ? int256(mulDivUp(abs(a), abs(b), d)) : -int256(mulDivDown(abs(a), abs(b), d));
    }

    /// @notice a · b / d, rounded toward zero, exact through 512 bits.
    function mulDivTrunc(int256 a, int256 b, uint256 d) internal pure returns (int256) {
        int256 magnitude = int256(mulDivDown(abs(a), abs(b), d));
        return (a < 0) == (b < 0) ? magnitude : -magnitude;
    }

    /// @notice a / d, rounded up.
    function divUp(uint256 a, uint256 d) internal pure returns (uint256) {
        unchecked {
            // 1 ≤ a: the difference is not below zero, and the quotient is below a, so that adding one fits.
            return a == 0 ? 0 : (a - 1) / d + 1;
        }
    }

    /// @notice a / d, rounded toward −∞.
    function divFloor(int256 a, uint256 d) internal pure returns (int256 quotient) {
        quotient = a / int256(d);
        if (a < 0 && quotient * int256(d) != a) --quotient;
    }

    /// @notice Magnitude of a, type(int256).min included.
    function abs(int256 a) internal pure returns (uint256) {
        unchecked {
            // −2^255 is its own negative and reads as 2^255.
            return uint256(a < 0 ? -a : a);
        }
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    /// @notice a limited to [lo, hi].
    function clamp(int256 a, int256 lo, int256 hi) internal pure returns (int256) {
        return a < lo ? lo : a > hi ? hi : a;
    }
}
