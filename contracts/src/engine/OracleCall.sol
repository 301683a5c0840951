// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceOracle, PriceUse} from "../interfaces/IPriceOracle.sol";

/// @notice The oracle's answer, left where it arrives instead of decoded into a copy.
library OracleCall {
    /// @dev Asks as `oracle.presentPrices{value: msg.value}(markets, update, use, msg.sender)` does. The update is passed on
    /// as the calldata holds it, with whatever follows; its elements stand at distances from its own beginning, so that
    /// they are found again. An answer that is not a list of prices reverts without data.
    /// @return place Where the first price lies in memory.
    /// @return count How many there are.
    function presentPrices(IPriceOracle oracle, uint256 markets, bytes[] calldata update, PriceUse use)
        internal
        returns (uint256 place, uint256 count)
    {
        bytes4 selector = IPriceOracle.presentPrices.selector;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            mstore(add(data, 4), markets)
            mstore(add(data, 36), 128)
            mstore(add(data, 68), use)
            mstore(add(data, 100), caller())
            let from := sub(update.offset, 32)
            let size := sub(calldatasize(), from)
            calldatacopy(add(data, 132), from, size)
            let ok := call(gas(), oracle, callvalue(), data, add(132, size), 0, 0)
            size := returndatasize()
            returndatacopy(data, 0, size)
            if iszero(ok) { revert(data, size) }
            place := add(data, 64)
            count := mload(add(data, 32))
            // The size tells a count from any other word: memory of 2^64 bytes cannot be paid for.
            if or(xor(mload(data), 32), or(shr(56, count), xor(size, add(64, mul(192, count))))) { revert(0, 0) }
            mstore(0x40, add(data, size))
        }
    }

    /// @return mid Fields of the price in that place among those of {presentPrices}.
    /// @return lo Likewise.
    /// @return hi Likewise.
    /// @return halfWidth Likewise.
    /// @return publishTime Likewise.
    function priceAt(uint256 place, uint256 index)
        internal
        pure
        returns (uint256 mid, uint256 lo, uint256 hi, uint256 halfWidth, uint256 publishTime)
    {
        assembly ("memory-safe") {
            let price := add(place, mul(192, index))
            mid := mload(price)
            lo := mload(add(price, 32))
            hi := mload(add(price, 64))
            halfWidth := mload(add(price, 96))
            publishTime := mload(add(price, 128))
        }
    }
}
