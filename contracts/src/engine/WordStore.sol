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

    function save(Position storage stored, Position memory value) internal {
        uint256 word = uint256(uint88(value.size)) | uint256(uint136(value.cash)) << 88 | uint256(value.checkpoint)
            << 224 | uint256(value.generation) << 240;
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }

    function save(Market storage stored, Market memory value) internal {
        uint256 first = uint256(value.longs) | uint256(value.shorts) << 88 | uint256(value.accruedAt) << 176
            | uint256(value.indexAt) << 216;
        uint256 second =
            uint256(uint96(value.funding)) | uint256(value.index) << 96 | uint256(uint56(value.fundingRate)) << 192;
        uint256 third = uint256(uint152(value.cash)) | uint256(uint104(value.skewSeconds)) << 152;
        assembly ("memory-safe") {
            sstore(stored.slot, first)
            sstore(add(stored.slot, 1), second)
            sstore(add(stored.slot, 2), third)
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
            | uint256(value.pauseLevel) << 240 | (value.claimsOpen ? uint256(1) << 248 : 0);
        assembly ("memory-safe") {
            sstore(stored.slot, word)
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
