// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Market, MarketConfig, Pool, Position, Queue} from "./EngineTypes.sol";

/// @notice Writes the ledger's packed structs a whole word at a time.
/// @dev Copying a struct from memory makes the compiler read and write its slot once for every field. Equal to
/// `stored = value` for every value; fuzzed against it.
library WordStore {
    function save(Account storage stored, Account memory value) internal {
        uint256 word = uint256(value.margin) | uint256(value.purgedAt) << 96 | uint256(value.committedAt) << 128
            | uint256(value.markets) << 160 | uint256(value.pending) << 224 | uint256(value.volume) << 232;
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }

    /// @return word All of an account.
    function load(Account storage stored) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
    }

    /// @param word All of an account.
    /// @return USD, 18 decimals.
    function marginOf(uint256 word) internal pure returns (uint256) {
        return word & type(uint96).max;
    }

    /// @param word All of an account.
    /// @return Bit m set: a position in market m is open.
    function marketsOf(uint256 word) internal pure returns (uint256) {
        return word >> 160 & type(uint64).max;
    }

    /// @param amount With the margin it is below 2^96.
    /// @return margin With the amount.
    function addMargin(Account storage stored, uint256 amount) internal returns (uint256 margin) {
        assembly ("memory-safe") {
            let word := add(sload(stored.slot), amount)
            sstore(stored.slot, word)
            margin := and(word, 0xffffffffffffffffffffffff)
        }
    }

    /// @dev What a liquidation changes of an account; the rest stays.
    /// @param word What {load} found.
    /// @param margin Below 2^96.
    /// @param purgedAt Below 2^32.
    /// @param markets Below 2^64.
    function saveLiquidated(Account storage stored, uint256 word, uint256 margin, uint256 purgedAt, uint256 markets)
        internal
    {
        assembly ("memory-safe") {
            // Bits 128 to 159 and from 224.
            let rest := and(word, 0xffffffff0000000000000000ffffffff00000000000000000000000000000000)
            sstore(stored.slot, or(or(rest, margin), or(shl(96, purgedAt), shl(160, markets))))
        }
    }

    function save(Position storage stored, Position memory value) internal {
        uint256 word = uint256(uint88(value.size)) | uint256(uint136(value.cash)) << 88 | uint256(value.checkpoint)
            << 224 | uint256(value.generation) << 240;
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }

    /// @return place Where a position is stored.
    /// @return size Base units, 12 decimals, + long.
    /// @return cash USD, 30 decimals.
    /// @return rest Its checkpoint and generation, where its word holds them.
    function load(Position storage stored)
        internal
        view
        returns (uint256 place, int256 size, int256 cash, uint256 rest)
    {
        assembly ("memory-safe") {
            place := stored.slot
            let word := sload(place)
            size := signextend(10, word)
            cash := signextend(16, shr(88, word))
            rest := shl(224, shr(224, word))
        }
    }

    /// @param size Fits an int88.
    /// @param cash Fits an int136.
    /// @param rest Zero below bit 224.
    /// @return word What is stored now.
    function savePosition(uint256 place, int256 size, int256 cash, uint256 rest) internal returns (uint256 word) {
        assembly ("memory-safe") {
            word := or(rest, or(shr(32, shl(120, cash)), shr(168, shl(168, size))))
            sstore(place, word)
        }
    }

    /// @return interest {Market}'s first word.
    /// @return pricing The second.
    /// @return totals The third.
    function save(Market storage stored, Market memory value)
        internal
        returns (uint256 interest, uint256 pricing, uint256 totals)
    {
        interest = uint256(value.longs) | uint256(value.shorts) << 88 | uint256(value.accruedAt) << 176
            | uint256(value.indexAt) << 216;
        pricing =
            uint256(uint96(value.funding)) | uint256(value.index) << 96 | uint256(uint56(value.fundingRate)) << 192;
        totals = uint256(uint152(value.cash)) | uint256(uint104(value.skewSeconds)) << 152;
        assembly ("memory-safe") {
            sstore(stored.slot, interest)
            sstore(add(stored.slot, 1), pricing)
            sstore(add(stored.slot, 2), totals)
        }
    }

    function save(MarketConfig storage stored, MarketConfig memory value) internal {
        uint256 word = uint256(value.skewScale) | uint256(value.initialMarginBps) << 64
            | uint256(value.maintenanceMarginBps) << 80 | uint256(value.marginSlopeBps) << 96
            | uint256(value.skewCapBps) << 112 | uint256(value.openInterestCapBps) << 128
            | uint256(value.profitWeightBps) << 144;
        word |= uint256(value.makerFeePpm) << 160 | uint256(value.takerFeePpm) << 176 | uint256(value.penaltyBps) << 192
        | uint256(value.accountCapPercent) << 200 | uint256(value.fundingCoefficientBps) << 208
        | uint256(value.fundingCapPpm) << 224 | uint256(value.allocationPercent) << 240 | uint256(value.flags) << 248;
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }

    function save(Pool storage stored, Pool memory value) internal {
        uint256 word = uint256(value.cash) | uint256(value.fees) << 96 | uint256(value.value) << 192
            | uint256(value.pauseLevel) << 240;
        bool claimsOpen = value.claimsOpen;
        assembly ("memory-safe") {
            sstore(stored.slot, or(word, shl(248, claimsOpen)))
        }
    }

    function save(Queue storage stored, Queue memory value) internal {
        uint256 word = uint256(value.head) | uint256(value.tail) << 40 | uint256(value.escrow) << 80
            | uint256(value.keeperFeeCents) << 176;
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }
}
