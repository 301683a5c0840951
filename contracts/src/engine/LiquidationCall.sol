// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Holding, Liquidation} from "../libraries/LiquidationMath.sol";
import {Pool} from "./EngineTypes.sol";

/// @notice One call that liquidates, while it is worked on.
/// @param result Of the account liquidated last.
/// @param first The markets, each as a position in it begins.
/// @param pool Shared by all markets.
/// @param markets Bit m set: market m is among them.
/// @param reward To the caller, USD, 18 decimals.
/// @param single Bit m set: one source stands for both in market m.
/// @param catchingUp Bit m set: the chain catches up, and market m has a price all the same.
/// @param rewardFloor Found when first needed, USD, 18 decimals.
/// @param count Accounts named.
/// @param done Accounts liquidated.
/// @param room What the meter left to the first market of the last account that was refused, base units, 12 decimals.
/// @param capacity All of that meter, base units, 12 decimals.
struct Call {
    Liquidation result;
    Holding first;
    Pool pool;
    uint256 markets;
    uint256 reward;
    uint256 single;
    uint256 catchingUp;
    uint256 rewardFloor;
    uint256 count;
    uint256 done;
    uint256 room;
    uint256 capacity;
}

/// @notice Memory for a call and its positions.
/// @dev The compiler makes a struct together with all that it points to and sets every word to zero, as it does for a
/// function's result even if that is replaced. So each comes as the one element of a list, of which only the address is
/// made, and only what is read before it is written is set.
library LiquidationCall {
    /// @return calls A call whose numbers are zero, with a result whose fields are not set; pool and markets are nowhere.
    function newCall() internal pure returns (Call[] memory calls) {
        assembly ("memory-safe") {
            calls := mload(0x40)
            let element := add(calls, 0x40)
            mstore(calls, 1)
            mstore(add(calls, 0x20), element)
            // Past its end calldata is zero. The call's twelve words, then the result's ten.
            calldatacopy(element, calldatasize(), 0x180)
            mstore(element, add(element, 0x180))
            mstore(0x40, add(element, 0x2c0))
        }
    }

    /// @return holdings The last of its list, nothing metered, nothing closed; the fields from `id` on are not set.
    function newHolding() internal pure returns (Holding[] memory holdings) {
        assembly ("memory-safe") {
            holdings := mload(0x40)
            let element := add(holdings, 0x40)
            mstore(holdings, 1)
            mstore(add(holdings, 0x20), element)
            // The place of every empty array; then four numbers.
            mstore(element, 0x60)
            calldatacopy(add(element, 0x20), calldatasize(), 0x80)
            mstore(0x40, add(element, 0x400))
        }
    }

    /// @return holdings One that is equal to `market`, and the last of its list.
    function copyOf(Holding memory market) internal pure returns (Holding[] memory holdings) {
        assembly ("memory-safe") {
            holdings := mload(0x40)
            let element := add(holdings, 0x40)
            mstore(holdings, 1)
            mstore(add(holdings, 0x20), element)
            mstore(element, 0x60)
            mcopy(add(element, 0x20), add(market, 0x20), 0x3e0)
            mstore(0x40, add(element, 0x400))
        }
    }
}
