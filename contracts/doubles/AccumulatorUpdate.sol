// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PythErrors} from "../src/interfaces/external/PythErrors.sol";
import {CalldataReader} from "./CalldataReader.sol";

/// @title Wire format of Pyth's accumulator updates.
/// @dev Blob: "PNAU" | major u8 = 1 | minor u8 | trailing header u8 size, bytes | update type u8 = 0 (Wormhole Merkle)
/// | VAA u16 size, bytes | messages u8 | { message u16 size, bytes | proof u8 count, 20 bytes each } …
/// Signed payload: "AUWV" | update type u8 = 0 | slot u64 | ring size u32 | Merkle root 20.
/// Price message: type u8 = 0 | feed 32 | price i64 | conf u64 | expo i32 | publish time i64 | previous publish time i64
/// | ema price i64 | ema conf u64. All numbers are big-endian.
/// @custom:source https://docs.pyth.network/price-feeds/core/how-pyth-works/cross-chain
library AccumulatorUpdate {
    using CalldataReader for bytes;

    uint256 private constant BLOB_MAGIC = 0x504e4155;
    uint256 private constant PAYLOAD_MAGIC = 0x41555756;
    uint256 private constant WORMHOLE_MERKLE = 0;
    uint256 private constant PRICE_FEED_MESSAGE = 0;
    uint256 private constant PRICE_FEED_MESSAGE_SIZE = 85;
    uint256 private constant HASH_SIZE = 20;

    /// @notice What a blob's message says.
    struct PriceMessage {
        bytes32 id;
        int64 price;
        uint64 conf;
        int32 expo;
        /// Unix seconds.
        uint64 publishTime;
        /// Unix seconds of the feed's publication before this one.
        uint64 prevPublishTime;
        int64 emaPrice;
        uint64 emaConf;
    }

    /// @notice The signed part of a blob and where its messages begin.
    /// @dev Reverts with `InvalidUpdateData` for an unknown magic, version or type, or when cut short.
    /// @return vaa Signed message, not verified.
    /// @return messageCount Messages claimed, 0 to 255.
    /// @return messagesOffset Byte of the first one.
    function readHeader(bytes calldata blob)
        internal
        pure
        returns (bytes calldata vaa, uint256 messageCount, uint256 messagesOffset)
    {
        if (blob.read(0, 4) != BLOB_MAGIC || blob.read(4, 1) != 1) revert PythErrors.InvalidUpdateData();
        // The minor version and the trailing header are for additions that old readers pass over.
        uint256 offset = 7 + blob.read(6, 1);
        if (blob.read(offset, 1) != WORMHOLE_MERKLE) revert PythErrors.InvalidUpdateData();
        uint256 vaaSize = blob.read(offset + 1, 2);
        vaa = blob.slice(offset + 3, vaaSize);
        messageCount = blob.read(offset + 3 + vaaSize, 1);
        messagesOffset = offset + 4 + vaaSize;
    }

    /// @notice Slot and Merkle root that were signed.
    /// @dev Reverts with `InvalidUpdateData`.
    function readPayload(bytes calldata payload) internal pure returns (uint64 slot, bytes20 root) {
        if (payload.read(0, 4) != PAYLOAD_MAGIC || payload.read(4, 1) != WORMHOLE_MERKLE) {
            revert PythErrors.InvalidUpdateData();
        }
        slot = uint64(payload.read(5, 8));
        root = bytes20(uint160(payload.read(17, HASH_SIZE)));
    }

    /// @notice The message at `offset`, proven to be under `root`.
    /// @dev Reverts with `InvalidUpdateData` when it is not, when it is no price, or when cut short.
    /// @return message What it says.
    /// @return next Byte after the message's proof.
    function readMessage(bytes calldata blob, uint256 offset, bytes20 root)
        internal
        pure
        returns (PriceMessage memory message, uint256 next)
    {
        uint256 size = blob.read(offset, 2);
        bytes calldata encoded = blob.slice(offset + 2, size);
        uint256 proofLength = blob.read(offset + 2 + size, 1);
        bytes calldata proof = blob.slice(offset + 3 + size, proofLength * HASH_SIZE);
        if (_rootOf(encoded, proof, proofLength) != root) revert PythErrors.InvalidUpdateData();
        message = _decode(encoded);
        next = offset + 3 + size + proofLength * HASH_SIZE;
    }

    /// @dev leaf = keccak160(0x00 | message); node = keccak160(0x01 | smaller | larger).
    function _rootOf(bytes calldata encoded, bytes calldata proof, uint256 proofLength)
        private
        pure
        returns (bytes20 node)
    {
        node = bytes20(keccak256(abi.encodePacked(uint8(0), encoded)));
        for (uint256 i; i < proofLength; ++i) {
            bytes20 sibling = bytes20(proof[i * HASH_SIZE:]);
            (bytes20 smaller, bytes20 larger) = node < sibling ? (node, sibling) : (sibling, node);
            node = bytes20(keccak256(abi.encodePacked(uint8(1), smaller, larger)));
        }
    }

    function _decode(bytes calldata encoded) private pure returns (PriceMessage memory message) {
        // A longer message carries fields added later; what is known of it stays where it is.
        if (encoded.length < PRICE_FEED_MESSAGE_SIZE || uint8(encoded[0]) != PRICE_FEED_MESSAGE) {
            revert PythErrors.InvalidUpdateData();
        }
        message.id = bytes32(encoded[1:33]);
        message.price = int64(uint64(bytes8(encoded[33:41])));
        message.conf = uint64(bytes8(encoded[41:49]));
        message.expo = int32(uint32(bytes4(encoded[49:53])));
        message.publishTime = uint64(bytes8(encoded[53:61]));
        message.prevPublishTime = uint64(bytes8(encoded[61:69]));
        message.emaPrice = int64(uint64(bytes8(encoded[69:77])));
        message.emaConf = uint64(bytes8(encoded[77:85]));
    }
}
