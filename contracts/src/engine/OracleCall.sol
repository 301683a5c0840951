// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceOracle, Price, PriceState, PriceUse} from "../interfaces/IPriceOracle.sol";

/// @notice The oracle's answer, left where it arrives instead of decoded into a copy.
library OracleCall {
    /// @dev Bytes that a price takes in the answer.
    uint256 internal constant PRICE_SIZE = 192;

    /// @dev Asks as `oracle.presentPrices{value: msg.value}(markets, update, use, msg.sender)` does. The update is passed on
    /// as the calldata holds it, with whatever follows; its elements stand at distances from its own beginning, so that
    /// they are found again. An answer that is not a list of so many prices reverts without data.
    /// @param count Of the markets, at most 64.
    /// @return place Where the first price lies in memory.
    function presentPrices(IPriceOracle oracle, uint256 markets, uint256 count, bytes[] calldata update, PriceUse use)
        internal
        returns (uint256 place)
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
            // Of a shorter answer the first two words are those of the call.
            if or(or(xor(mload(data), 32), xor(mload(add(data, 32)), count)), xor(size, add(64, mul(192, count)))) {
                revert(0, 0)
            }
            mstore(0x40, add(data, size))
        }
    }

    /// @dev Asks as `oracle.settlementPrice{value: msg.value}(market, update, from, to, msg.sender)` does; as {presentPrices}.
    /// @return prices One.
    function settlementPrice(IPriceOracle oracle, uint256 market, bytes[] calldata update, uint256 from, uint256 to)
        internal
        returns (Price[] memory prices)
    {
        bytes4 selector = IPriceOracle.settlementPrice.selector;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            mstore(add(data, 4), market)
            mstore(add(data, 36), 160)
            mstore(add(data, 68), from)
            mstore(add(data, 100), to)
            mstore(add(data, 132), caller())
            let begin := sub(update.offset, 32)
            let size := sub(calldatasize(), begin)
            calldatacopy(add(data, 164), begin, size)
            let ok := call(gas(), oracle, callvalue(), data, add(164, size), 0, 0)
            size := returndatasize()
            if iszero(ok) {
                returndatacopy(data, 0, size)
                revert(data, size)
            }
            if xor(size, PRICE_SIZE) { revert(0, 0) }
            prices := data
            mstore(prices, 1)
            mstore(add(prices, 32), add(prices, 64))
            returndatacopy(add(prices, 64), 0, size)
            mstore(0x40, add(prices, 256))
        }
    }

    /// @dev Asks as `oracle.presentPrices` for one market.
    /// @return prices One.
    function presentPrice(IPriceOracle oracle, uint256 market, bytes[] calldata update, PriceUse use)
        internal
        returns (Price[] memory prices)
    {
        uint256 place = presentPrices(oracle, 1 << market, 1, update, use);
        assembly ("memory-safe") {
            // The answer's own two words become the list's.
            prices := sub(place, 64)
            mstore(prices, 1)
            mstore(add(prices, 32), place)
        }
    }

    /// @param place Of a price among those of {presentPrices}, of which each takes {PRICE_SIZE} bytes.
    /// @return mid Fields of that price.
    /// @return lo Likewise.
    /// @return hi Likewise.
    /// @return halfWidth Likewise.
    /// @return publishTime Likewise.
    function priceAt(uint256 place)
        internal
        pure
        returns (uint256 mid, uint256 lo, uint256 hi, uint256 halfWidth, uint256 publishTime)
    {
        assembly ("memory-safe") {
            mid := mload(place)
            lo := mload(add(place, 32))
            hi := mload(add(place, 64))
            halfWidth := mload(add(place, 96))
            publishTime := mload(add(place, 128))
        }
    }

    /// @dev Of a price from the oracle, so that it need not be looked at whether there is such a state.
    /// @return Whether the price is worse than in a state.
    function isBeyond(Price memory price, PriceState state) internal pure returns (bool) {
        uint256 own;
        assembly ("memory-safe") {
            own := mload(add(price, 160))
        }
        return own > uint256(state);
    }

    /// @param place As of {priceAt}.
    function stateAt(uint256 place) internal pure returns (PriceState state) {
        assembly ("memory-safe") {
            state := mload(add(place, 160))
        }
    }
}
