// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PythErrors} from "../src/interfaces/external/PythErrors.sol";

/// @title Bounded big-endian reads from calldata.
library CalldataReader {
    /// @notice The `size` bytes at `offset` as an unsigned big-endian number.
    /// @dev Reverts with `InvalidUpdateData` when they reach past the end.
    /// @param size Bytes, 1 to 32.
    function read(bytes calldata data, uint256 offset, uint256 size) internal pure returns (uint256 value) {
        if (offset + size > data.length) revert PythErrors.InvalidUpdateData();
        unchecked {
            value = uint256(bytes32(data[offset:])) >> (256 - 8 * size);
        }
    }

    /// @notice The `size` bytes at `offset`.
    /// @dev Reverts with `InvalidUpdateData` when they reach past the end.
    function slice(bytes calldata data, uint256 offset, uint256 size) internal pure returns (bytes calldata part) {
        if (offset + size > data.length) revert PythErrors.InvalidUpdateData();
        part = data[offset:offset + size];
    }
}
