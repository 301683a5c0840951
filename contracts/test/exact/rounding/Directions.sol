// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cases} from "../Cases.sol";

/// @notice What a rounded quotient must satisfy against the exact one, in plain products: the direction, and less than a
/// unit away. `wrong` is what the opposite direction would mean.
abstract contract Directions is Cases {
    string private constant A_UNIT = "a unit or more from the exact quotient";

    /// @dev quotient = ⌊numerator / denominator⌋
    function assertDown(uint256 quotient, uint256 numerator, uint256 denominator, string memory wrong) internal pure {
        assertLe(quotient * denominator, numerator, wrong);
        assertLt(numerator - quotient * denominator, denominator, A_UNIT);
    }

    /// @dev quotient = ⌈numerator / denominator⌉
    function assertUp(uint256 quotient, uint256 numerator, uint256 denominator, string memory wrong) internal pure {
        assertGe(quotient * denominator, numerator, wrong);
        assertLt(quotient * denominator - numerator, denominator, A_UNIT);
    }

    /// @dev quotient = ⌊numerator / denominator⌋, toward −∞.
    function assertFloor(int256 quotient, int256 numerator, uint256 denominator, string memory wrong) internal pure {
        assertLe(quotient * int256(denominator), numerator, wrong);
        assertLt(numerator - quotient * int256(denominator), int256(denominator), A_UNIT);
    }

    /// @dev quotient = ⌈numerator / denominator⌉, toward +∞.
    function assertCeil(int256 quotient, int256 numerator, uint256 denominator, string memory wrong) internal pure {
        assertGe(quotient * int256(denominator), numerator, wrong);
        assertLt(quotient * int256(denominator) - numerator, int256(denominator), A_UNIT);
    }

    /// @dev quotient = numerator / denominator, toward zero.
    function assertTrunc(int256 quotient, int256 numerator, uint256 denominator, string memory wrong) internal pure {
        if (numerator < 0) assertCeil(quotient, numerator, denominator, wrong);
        else assertFloor(quotient, numerator, denominator, wrong);
    }
}
