// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Market, MarketConfig, Pin, Pool, Position, Queue, QueueItem} from "./EngineTypes.sol";

/// @notice Writes the ledger's packed structs a whole word at a time.
/// @dev Copying a struct from memory makes the compiler read and write its slot once for every field. Equal to
/// `stored = value` for every value; fuzzed against it.
library WordStore {
    /// @dev One order in an account's word.
    uint256 internal constant ONE_PENDING = 1 << 228;
    /// @dev The lowest of {Account-moments} there.
    uint256 internal constant PRESENT_MOMENT = 1 << 192;

    function save(Account storage stored, Account memory value) internal {
        uint256 word = uint256(value.margin) | uint256(value.committedAt) << 96 | uint256(value.markets) << 128
            | uint256(value.moments) << 192 | uint256(value.orders) << 216 | uint256(value.volume) << 232;
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
        return word >> 128 & type(uint64).max;
    }

    /// @param word All of an account.
    /// @return Seconds: the first part of {Account-orders}.
    function purgeOf(uint256 word) internal pure returns (uint256) {
        return word >> 216 & 63;
    }

    /// @param word All of an account.
    /// @return Of the last order: the second part of {Account-orders}.
    function marketOf(uint256 word) internal pure returns (uint256) {
        return word >> 222 & 63;
    }

    /// @param word All of an account.
    /// @return Seconds.
    function committedAtOf(uint256 word) internal pure returns (uint256) {
        return word >> 96 & type(uint32).max;
    }

    /// @param word All of an account.
    /// @return Orders, whether or not their window has ended.
    function pendingOf(uint256 word) internal pure returns (uint256) {
        return word >> 228 & 15;
    }

    /// @param word All of an account.
    /// @return {Account-moments}.
    function momentsOf(uint256 word) internal pure returns (uint256) {
        return word >> 192 & type(uint24).max;
    }

    /// @param word All of an account.
    /// @return Hundreds of USD.
    function volumeOf(uint256 word) internal pure returns (uint256) {
        return word >> 232;
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

    /// @dev What a liquidation changes of an account; the rest stays. Every order committed before it is purged.
    /// @param word What {load} found.
    /// @param margin Below 2^96.
    /// @param markets Below 2^64.
    function saveLiquidated(Account storage stored, uint256 word, uint256 margin, uint256 markets) internal {
        assembly ("memory-safe") {
            // Bits 96 to 127, 192 to 215 and from 222.
            let rest := and(word, 0xffffffffc0ffffff0000000000000000ffffffff000000000000000000000000)
            sstore(stored.slot, or(or(rest, margin), shl(128, markets)))
        }
    }

    /// @dev An account with what depends on the time of its last commit replaced; margin and markets stay.
    /// @param word All of the account.
    /// @param committedAt Below 2^32.
    /// @param moments Below 2^24.
    /// @param orders Below 2^16.
    /// @param volume Below 2^24.
    /// @return changed All of it.
    function aged(uint256 word, uint256 committedAt, uint256 moments, uint256 orders, uint256 volume)
        internal
        pure
        returns (uint256 changed)
    {
        assembly ("memory-safe") {
            let rest := and(word, 0x0000000000000000ffffffffffffffff00000000ffffffffffffffffffffffff)
            rest := or(rest, or(shl(96, committedAt), shl(192, moments)))
            changed := or(rest, or(shl(216, orders), shl(232, volume)))
        }
    }

    /// @dev What a trade changes of an account; the rest stays.
    /// @param word What {load} found.
    /// @param margin Below 2^96.
    /// @param markets Below 2^64.
    /// @param volume Below 2^24.
    function saveTraded(Account storage stored, uint256 word, uint256 margin, uint256 markets, uint256 volume)
        internal
    {
        assembly ("memory-safe") {
            // Bits 96 to 127 and 192 to 231.
            let rest := and(word, 0x000000ffffffffff0000000000000000ffffffff000000000000000000000000)
            sstore(stored.slot, or(or(rest, margin), or(shl(128, markets), shl(232, volume))))
        }
    }

    /// @dev All of an account.
    function saveWord(Account storage stored, uint256 word) internal {
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }

    /// @param value Set whole, whatever it held.
    function load(Position storage stored, Position memory value) internal view {
        assembly ("memory-safe") {
            let word := sload(stored.slot)
            mstore(value, signextend(10, word))
            mstore(add(value, 0x20), signextend(16, shr(88, word)))
            mstore(add(value, 0x40), and(shr(224, word), 0xffff))
            mstore(add(value, 0x60), shr(240, word))
        }
    }

    /// @return word All of the position.
    function save(Position storage stored, Position memory value) internal returns (uint256 word) {
        word = uint256(uint88(value.size)) | uint256(uint136(value.cash)) << 88 | uint256(value.checkpoint) << 224
            | uint256(value.generation) << 240;
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

    /// @param value Set whole, whatever it held.
    function load(Market storage stored, Market memory value) internal view {
        assembly ("memory-safe") {
            let word := sload(stored.slot)
            mstore(value, and(word, 0xffffffffffffffffffffff))
            mstore(add(value, 0x20), and(shr(88, word), 0xffffffffffffffffffffff))
            mstore(add(value, 0x40), and(shr(176, word), 0xffffffffff))
            mstore(add(value, 0x60), shr(216, word))
            word := sload(add(stored.slot, 1))
            mstore(add(value, 0x80), signextend(11, word))
            mstore(add(value, 0xa0), and(shr(96, word), 0xffffffffffffffffffffffff))
            mstore(add(value, 0xc0), signextend(6, shr(192, word)))
            word := sload(add(stored.slot, 2))
            mstore(add(value, 0xe0), signextend(18, word))
            mstore(add(value, 0x100), signextend(12, shr(152, word)))
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

    /// @param value Set whole, whatever it held.
    function load(MarketConfig storage stored, MarketConfig memory value) internal view {
        assembly ("memory-safe") {
            let word := sload(stored.slot)
            mstore(value, and(word, 0xffffffffffffffff))
            mstore(add(value, 0x20), and(shr(64, word), 0xffff))
            mstore(add(value, 0x40), and(shr(80, word), 0xffff))
            mstore(add(value, 0x60), and(shr(96, word), 0xffff))
            mstore(add(value, 0x80), and(shr(112, word), 0xffff))
            mstore(add(value, 0xa0), and(shr(128, word), 0xffff))
            mstore(add(value, 0xc0), and(shr(144, word), 0xffff))
            mstore(add(value, 0xe0), and(shr(160, word), 0xffff))
            mstore(add(value, 0x100), and(shr(176, word), 0xffff))
            mstore(add(value, 0x120), and(shr(192, word), 0xff))
            mstore(add(value, 0x140), and(shr(200, word), 0xff))
            mstore(add(value, 0x160), and(shr(208, word), 0xffff))
            mstore(add(value, 0x180), and(shr(224, word), 0xffff))
            mstore(add(value, 0x1a0), and(shr(240, word), 0xff))
            mstore(add(value, 0x1c0), shr(248, word))
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

    /// @param value Set whole, whatever it held.
    function load(Pool storage stored, Pool memory value) internal view {
        assembly ("memory-safe") {
            let word := sload(stored.slot)
            mstore(value, and(word, 0xffffffffffffffffffffffff))
            mstore(add(value, 0x20), and(shr(96, word), 0xffffffffffffffffffffffff))
            mstore(add(value, 0x40), and(shr(192, word), 0xffffffffffff))
            mstore(add(value, 0x60), and(shr(240, word), 0xff))
            mstore(add(value, 0x80), shr(248, word))
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

    /// @return word All of a queue.
    function load(Queue storage stored) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
    }

    /// @param word All of a queue.
    function headOf(uint256 word) internal pure returns (uint256) {
        return word & type(uint40).max;
    }

    /// @param word All of a queue.
    function tailOf(uint256 word) internal pure returns (uint256) {
        return word >> 40 & type(uint40).max;
    }

    /// @param word All of a queue.
    /// @return USD, 18 decimals.
    function escrowOf(uint256 word) internal pure returns (uint256) {
        return word >> 80 & type(uint96).max;
    }

    /// @param word All of a queue.
    function feeCentsOf(uint256 word) internal pure returns (uint256) {
        return word >> 176 & type(uint16).max;
    }

    /// @param word All of a queue.
    /// @return USD, 10 decimals.
    function marginPerUnitOf(uint256 word) internal pure returns (uint256) {
        return word >> 192;
    }

    /// @dev One batch more.
    /// @param word What {load} found; a tail below 2^40 − 1.
    /// @param fees With the escrow below 2^96.
    function saveAppended(Queue storage stored, uint256 word, uint256 fees) internal {
        assembly ("memory-safe") {
            sstore(stored.slot, add(word, or(shl(40, 1), shl(80, fees))))
        }
    }

    /// @dev Some batches less.
    /// @param word What {load} found.
    /// @param head Below 2^40.
    /// @param escrow Below 2^96.
    /// @param marginPerUnit Below 2^64.
    function saveSettled(Queue storage stored, uint256 word, uint256 head, uint256 escrow, uint256 marginPerUnit)
        internal
    {
        assembly ("memory-safe") {
            // Bits 40 to 79 and 176 to 191.
            let rest := and(word, 0x0000000000000000ffff000000000000000000000000ffffffffff0000000000)
            sstore(stored.slot, or(or(rest, head), or(shl(80, escrow), shl(192, marginPerUnit))))
        }
    }

    /// @return word All of a pin.
    function load(Pin storage stored) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
    }

    /// @param word All of a pin.
    /// @return Seconds.
    function pinnedAtOf(uint256 word) internal pure returns (uint256) {
        return word >> 192 & type(uint40).max;
    }

    /// @param word All of a pin.
    /// @return Seconds.
    function ageOf(uint256 word) internal pure returns (uint256) {
        return word >> 232;
    }

    /// @param word All of a pin.
    /// @param value Its index and funding are set.
    function pricingOf(uint256 word, Market memory value) internal pure {
        assembly ("memory-safe") {
            mstore(add(value, 0x80), signextend(11, word))
            mstore(add(value, 0xa0), and(shr(96, word), 0xffffffffffffffffffffffff))
        }
    }

    /// @param value Its index and funding are kept.
    /// @param committedAt Below 2^40.
    /// @param age Below 2^24.
    function save(Pin storage stored, Market memory value, uint256 committedAt, uint256 age) internal {
        uint256 pricing = uint256(uint96(value.funding)) | uint256(value.index) << 96;
        assembly ("memory-safe") {
            sstore(stored.slot, or(pricing, or(shl(192, committedAt), shl(232, age))))
        }
    }

    /// @return digest {QueueItem}'s fields.
    /// @return feeCents Likewise.
    /// @return committedAt Likewise.
    function load(QueueItem storage stored)
        internal
        view
        returns (uint256 digest, uint256 feeCents, uint256 committedAt)
    {
        assembly ("memory-safe") {
            let word := sload(stored.slot)
            digest := and(word, 0xffffffffffffffffffffffffffffffffffffffffffffffffff)
            feeCents := and(shr(208, word), 0xffff)
            committedAt := shr(224, word)
        }
    }

    /// @param digest Below 2^200.
    /// @param count Below 2^8.
    /// @param feeCents Below 2^16.
    /// @param committedAt Below 2^32.
    function save(QueueItem storage stored, uint256 digest, uint256 count, uint256 feeCents, uint256 committedAt)
        internal
    {
        assembly ("memory-safe") {
            sstore(stored.slot, or(or(digest, shl(200, count)), or(shl(208, feeCents), shl(224, committedAt))))
        }
    }
}
