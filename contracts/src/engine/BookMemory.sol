// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Outcome, TradeContext} from "../libraries/TradeMath.sol";
import {Book} from "./EngineStorage.sol";

/// @notice A settlement while its orders are worked on.
/// @param book The market.
/// @param context Of the orders' trades.
/// @param outcome Of the last one.
/// @param committedAt Seconds; of all of its orders.
/// @param index The batch's place.
/// @param halfFee Half of each order's keeper fee, USD, 18 decimals.
/// @param toKeeper Sum, USD, 18 decimals.
/// @param toInsurance Likewise.
/// @param released Likewise: given back to accounts.
struct Settling {
    Book book;
    TradeContext context;
    Outcome outcome;
    uint256 committedAt;
    uint256 index;
    uint256 halfFee;
    uint256 toKeeper;
    uint256 toInsurance;
    uint256 released;
}

/// @notice Memory for a market and for trades in it, made but not set: each field is written before it is read.
/// @dev Each comes as the one element of a list, for the reason that {LiquidationCall} gives.
library BookMemory {
    /// @return books One, with places for its market, its parameters and the pool; its price is nowhere.
    function newBook() internal pure returns (Book[] memory books) {
        assembly ("memory-safe") {
            books := mload(0x40)
            let book := add(books, 0x40)
            let market := add(book, 0xc0)
            let config := add(market, 0x120)
            let pool := add(config, 0x1e0)
            mstore(books, 1)
            mstore(add(books, 0x20), book)
            mstore(add(book, 0x20), market)
            mstore(add(book, 0x40), config)
            mstore(add(book, 0x60), pool)
            mstore(0x40, add(pool, 0xa0))
        }
    }

    /// @return contexts One for trades in a book, with places for a position, no other positions, and a trade.
    function newContext(Book memory book) internal pure returns (TradeContext[] memory contexts) {
        assembly ("memory-safe") {
            contexts := mload(0x40)
            let context := add(contexts, 0x40)
            let position := add(context, 0x100)
            let others := add(position, 0x80)
            let trade := add(others, 0xc0)
            mstore(contexts, 1)
            mstore(add(contexts, 0x20), context)
            mstore(context, mload(add(book, 0x20)))
            mstore(add(context, 0x20), mload(add(book, 0x40)))
            mstore(add(context, 0x40), position)
            mstore(add(context, 0x80), others)
            // Past its end calldata is zero.
            calldatacopy(others, calldatasize(), 0xc0)
            mstore(add(context, 0xa0), trade)
            mstore(0x40, add(trade, 0x120))
        }
    }

    /// @return settlings One whose sums are zero.
    function newSettling() internal pure returns (Settling[] memory settlings) {
        assembly ("memory-safe") {
            settlings := mload(0x40)
            let settling := add(settlings, 0x40)
            mstore(settlings, 1)
            mstore(add(settlings, 0x20), settling)
            // Past its end calldata is zero.
            calldatacopy(add(settling, 0xc0), calldatasize(), 0x60)
            mstore(0x40, add(settling, 0x120))
        }
    }

    function newOutcome() internal pure returns (Outcome[] memory outcomes) {
        assembly ("memory-safe") {
            outcomes := mload(0x40)
            let outcome := add(outcomes, 0x40)
            mstore(outcomes, 1)
            mstore(add(outcomes, 0x20), outcome)
            mstore(0x40, add(outcome, 0x140))
        }
    }
}
