// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The fields of an order's words, and what its owner signs.
/// @dev Mirrored by `orderWords.ts`. Source: docs/mechanism.md#orders.
library OrderWords {
    /// @dev Fills at most what closes the position.
    uint256 internal constant REDUCE_ONLY = 1;
    /// @dev The size change is a share of the position that has the order's generation, in basis points: −10,000 closes it,
    /// −20,000 reverses it. The order dies with the position.
    uint256 internal constant ATTACHED = 2;
    /// @dev Only while the mid is at the trigger price or above it.
    uint256 internal constant ABOVE = 4;
    /// @dev Only while the mid is at the trigger price or below it.
    uint256 internal constant BELOW = 8;
    uint256 internal constant TRIGGERED = ABOVE | BELOW;
    /// @dev Signed for the moment: instead of a nonce it uses up the second 23 before its deadline.
    uint256 internal constant MOMENT = 16;
    /// @dev Signed with others by one signature.
    uint256 internal constant BUNDLED = 32;
    /// @dev All of them.
    uint256 internal constant MAX_FLAGS = 63;
    /// @dev Seconds within which an order of the moment must be committed.
    uint256 internal constant MOMENT_SPAN = 24;
    /// @dev The largest share of a position, basis points.
    uint256 internal constant MAX_SHARE = 20_000;
    /// @dev The largest fee of a builder, tenths of a basis point.
    uint256 internal constant MAX_BUILDER_FEE = 50;

    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "Order(address owner,uint96 sub,uint256 market,int88 sizeDelta,uint88 limitPrice,uint88 triggerPrice,uint8 flags,uint16 generation,uint32 deadline,uint24 nonce,address builder,uint8 builderFee)"
    );
    bytes32 internal constant BUNDLE_TYPEHASH = keccak256(
        "Bundle(Order[] orders)Order(address owner,uint96 sub,uint256 market,int88 sizeDelta,uint88 limitPrice,uint88 triggerPrice,uint8 flags,uint16 generation,uint32 deadline,uint24 nonce,address builder,uint8 builderFee)"
    );

    /// @return sizeDelta Base units, 12 decimals, + buys; of an attached order basis points of the position.
    function sizeDeltaOf(uint256 terms) internal pure returns (int256 sizeDelta) {
        assembly ("memory-safe") {
            sizeDelta := signextend(10, terms)
        }
    }

    /// @return Worst acceptable cost / size, USD per base unit, 18 decimals, spread and impact included, fees not: a buy
    /// never pays more, a sell never gets less. Zero binds no sell; the type's maximum binds no buy.
    function limitPriceOf(uint256 terms) internal pure returns (uint256) {
        return terms >> 88 & type(uint88).max;
    }

    /// @return Seconds; the last at which it may be committed. Zero: no end.
    function deadlineOf(uint256 terms) internal pure returns (uint256) {
        return terms >> 176 & type(uint32).max;
    }

    /// @return Of a signed order, from 1 on; any order of nonces.
    function nonceOf(uint256 terms) internal pure returns (uint256) {
        return terms >> 208 & type(uint24).max;
    }

    /// @return Of the position that it is attached to.
    function generationOf(uint256 terms) internal pure returns (uint256) {
        return terms >> 232 & type(uint16).max;
    }

    function flagsOf(uint256 terms) internal pure returns (uint256) {
        return terms >> 248;
    }

    /// @return USD per base unit, 18 decimals.
    function triggerPriceOf(uint256 extras) internal pure returns (uint256) {
        return extras & type(uint88).max;
    }

    /// @return Of notional, tenths of a basis point.
    function builderFeeOf(uint256 extras) internal pure returns (uint256) {
        return extras >> 88 & type(uint8).max;
    }

    /// @return Zero: none.
    function builderOf(uint256 extras) internal pure returns (address) {
        // The upper 160 bits.
        return address(uint160(extras >> 96));
    }

    /// @notice Whether an order is as most are, so that nothing need be asked of its words: sound, of some size, of no
    /// position and without extras, its deadline not past.
    function isPlain(uint256 terms, uint256 extras) internal view returns (bool plain) {
        // Generation and every flag but these.
        uint256 unusual = ~((REDUCE_ONLY | BUNDLED | MOMENT) << 16);
        assembly ("memory-safe") {
            let deadline := and(shr(176, terms), 0xffffffff)
            let doubts := or(extras, and(shr(232, terms), unusual))
            // None is the end of time.
            doubts := or(doubts, gt(timestamp(), sub(deadline, 1)))
            doubts := or(doubts, mul(and(shr(252, terms), 1), and(shr(208, terms), 0xffffff)))
            plain := gt(iszero(doubts), iszero(shl(168, terms)))
        }
    }

    /// @notice Whether the words fit together.
    function isSound(uint256 terms, uint256 extras) internal pure returns (bool) {
        uint256 flags = flagsOf(terms);
        bool triggered = flags & TRIGGERED != 0;
        if (flags & TRIGGERED == TRIGGERED || triggered != (triggerPriceOf(extras) != 0)) return false;
        if (builderFeeOf(extras) > MAX_BUILDER_FEE || (builderOf(extras) == address(0) && builderFeeOf(extras) != 0)) {
            return false;
        }
        // What is released must be signable again: its nonce becomes free.
        if (flags & MOMENT != 0 && (triggered || nonceOf(terms) != 0)) return false;
        if (flags > MAX_FLAGS) return false;
        if (flags & ATTACHED == 0) return generationOf(terms) == 0;
        int256 share = sizeDeltaOf(terms);
        return share >= -int256(MAX_SHARE) && share <= int256(MAX_SHARE);
    }

    /// @notice Whether an order can make a position larger or turn it, whatever the position is.
    function mayOpen(uint256 terms) internal pure returns (bool) {
        uint256 flags = flagsOf(terms);
        if (flags & REDUCE_ONLY != 0) return false;
        int256 share = sizeDeltaOf(terms);
        return flags & ATTACHED == 0 || share > 0 || share < -10_000;
    }

    /// @notice What an attached order trades.
    /// @param share Basis points of the position.
    /// @return Base units, 12 decimals, truncated toward zero.
    function partOf(int256 size, int256 share) internal pure returns (int256) {
        unchecked {
            // Of 88 and 16 bits.
            return size * share / 10_000;
        }
    }

    /// @notice Whether an order's trigger, if it has one, is met.
    /// @param price USD per base unit, 18 decimals.
    function isTriggered(uint256 terms, uint256 extras, uint256 price) internal pure returns (bool) {
        uint256 flags = flagsOf(terms);
        if (flags & ABOVE != 0) return price >= triggerPriceOf(extras);
        return flags & BELOW == 0 || price <= triggerPriceOf(extras);
    }

    /// @notice EIP-712 hash of an order in a market.
    function hashOf(uint256 market, bytes32 account, uint256 terms, uint256 extras)
        internal
        pure
        returns (bytes32 hash)
    {
        bytes32 typehash = ORDER_TYPEHASH;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typehash)
            mstore(add(data, 0x20), shr(96, account))
            mstore(add(data, 0x40), and(account, 0xffffffffffffffffffffffff))
            mstore(add(data, 0x60), market)
            mstore(add(data, 0x80), signextend(10, terms))
            mstore(add(data, 0xa0), and(shr(88, terms), 0xffffffffffffffffffffff))
            mstore(add(data, 0xc0), and(extras, 0xffffffffffffffffffffff))
            mstore(add(data, 0xe0), shr(248, terms))
            mstore(add(data, 0x100), and(shr(232, terms), 0xffff))
            mstore(add(data, 0x120), and(shr(176, terms), 0xffffffff))
            mstore(add(data, 0x140), and(shr(208, terms), 0xffffff))
            mstore(add(data, 0x160), shr(96, extras))
            mstore(add(data, 0x180), and(shr(88, extras), 0xff))
            hash := keccak256(data, 0x1a0)
        }
    }
}
