// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "../foundry/Vm.sol";

/// @title Writes signed accumulator updates in a test: the inverse of what `PythDouble` reads.
/// @dev `blob` is all that most tests need; the parts are there for tests that spoil one of them.
library AccumulatorWriter {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint16 internal constant EMITTER_CHAIN = 26;
    bytes32 internal constant EMITTER = 0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71;
    uint32 internal constant GUARDIAN_SET_INDEX = 0;
    uint8 internal constant QUORUM = 3;
    uint256 internal constant SIGNER_COUNT = 5;

    /// @notice One feed's message.
    struct Update {
        bytes32 id;
        int64 price;
        uint64 conf;
        int32 expo;
        /// Unix seconds.
        uint64 publishTime;
        /// Unix seconds.
        uint64 prevPublishTime;
        int64 emaPrice;
        uint64 emaConf;
    }

    /// @notice Private keys of the devnet's signers; public knowledge.
    /// @dev key i = keccak256("tidemark devnet price signer i")
    function devnetKeys() internal pure returns (uint256[] memory keys) {
        keys = new uint256[](SIGNER_COUNT);
        for (uint256 i; i < SIGNER_COUNT; ++i) {
            keys[i] = uint256(keccak256(abi.encodePacked("tidemark devnet price signer ", bytes1(uint8(48 + i)))));
        }
    }

    /// @notice Addresses of the devnet's signers.
    function devnetSigners() internal pure returns (address[] memory signers) {
        uint256[] memory keys = devnetKeys();
        signers = new address[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            signers[i] = VM.addr(keys[i]);
        }
    }

    /// @notice The first three of the devnet's keys: exactly a quorum.
    function quorumKeys() internal pure returns (uint256[] memory keys) {
        uint256[] memory all = devnetKeys();
        keys = new uint256[](QUORUM);
        for (uint256 i; i < QUORUM; ++i) {
            keys[i] = all[i];
        }
    }

    /// @notice An update whose exponent is −8, whose previous publication was a second before and whose mean equals the
    /// price.
    /// @param price USD, 8 decimals.
    /// @param conf USD, 8 decimals.
    function update(bytes32 id, int64 price, uint64 conf, uint64 publishTime) internal pure returns (Update memory) {
        return Update(id, price, conf, -8, publishTime, publishTime - 1, price, conf);
    }

    /// @notice A blob with all `updates`, signed by `keys[i]` as signer i.
    /// @param slot Pythnet slot.
    /// @param timestamp Unix seconds the signers state.
    function blob(Update[] memory updates, uint64 slot, uint32 timestamp, uint256[] memory keys)
        internal
        pure
        returns (bytes memory)
    {
        bytes[] memory messages = encodeAll(updates);
        (bytes20 root, bytes[] memory proofs) = tree(messages);
        return assemble(vaa(body(payload(root, slot), timestamp, slot), keys), messages, proofs);
    }

    /// @notice `blob` for one update, signed by a quorum of the devnet, as the argument Pyth takes.
    function data(Update memory single) internal pure returns (bytes[] memory updateData) {
        Update[] memory updates = new Update[](1);
        updates[0] = single;
        return data(updates);
    }

    /// @notice `blob` for several updates of one slot, signed by a quorum of the devnet, as the argument Pyth takes.
    function data(Update[] memory updates) internal pure returns (bytes[] memory updateData) {
        updateData = new bytes[](1);
        uint64 publishTime = updates[0].publishTime;
        updateData[0] = blob(updates, publishTime, uint32(publishTime), quorumKeys());
    }

    /// @notice Encoded message of one update.
    function encode(Update memory u) internal pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(0), u.id, u.price, u.conf, u.expo, u.publishTime, u.prevPublishTime, u.emaPrice, u.emaConf
        );
    }

    function encodeAll(Update[] memory updates) internal pure returns (bytes[] memory messages) {
        messages = new bytes[](updates.length);
        for (uint256 i; i < updates.length; ++i) {
            messages[i] = encode(updates[i]);
        }
    }

    /// @notice Merkle root of the messages, padded to a power of two, and each one's proof from the leaf upwards.
    function tree(bytes[] memory messages) internal pure returns (bytes20 root, bytes[] memory proofs) {
        uint256 width = 1;
        while (width < messages.length) width *= 2;
        bytes20[] memory nodes = new bytes20[](2 * width);
        for (uint256 i; i < width; ++i) {
            nodes[width + i] = i < messages.length
                ? bytes20(keccak256(abi.encodePacked(uint8(0), messages[i])))
                : bytes20(keccak256(abi.encodePacked(uint8(2))));
        }
        for (uint256 i = width - 1; i > 0; --i) {
            nodes[i] = _parent(nodes[2 * i], nodes[2 * i + 1]);
        }
        root = nodes[1];
        proofs = new bytes[](messages.length);
        for (uint256 i; i < messages.length; ++i) {
            for (uint256 node = width + i; node > 1; node /= 2) {
                proofs[i] = abi.encodePacked(proofs[i], nodes[node ^ 1]);
            }
        }
    }

    /// @notice What the signers attest: the root of a slot's messages.
    function payload(bytes20 root, uint64 slot) internal pure returns (bytes memory) {
        return abi.encodePacked("AUWV", uint8(0), slot, uint32(10_000), root);
    }

    /// @notice Body from Pyth's emitter, with nonce 0 and consistency level 1.
    function body(bytes memory payload_, uint32 timestamp, uint64 sequence) internal pure returns (bytes memory) {
        return bodyFrom(EMITTER_CHAIN, EMITTER, payload_, timestamp, sequence);
    }

    function bodyFrom(uint16 chain, bytes32 emitter, bytes memory payload_, uint32 timestamp, uint64 sequence)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(timestamp, uint32(0), chain, emitter, sequence, uint8(1), payload_);
    }

    /// @notice `body_` signed by `keys[i]` as signer i.
    function vaa(bytes memory body_, uint256[] memory keys) internal pure returns (bytes memory) {
        uint8[] memory indices = new uint8[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            indices[i] = uint8(i);
        }
        return vaaBy(body_, keys, indices);
    }

    /// @notice `body_` signed by `keys[i]`, claiming to be signer `indices[i]`.
    function vaaBy(bytes memory body_, uint256[] memory keys, uint8[] memory indices)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 digest = keccak256(abi.encode(keccak256(body_)));
        bytes memory signatures;
        for (uint256 i; i < keys.length; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[i], digest);
            signatures = abi.encodePacked(signatures, indices[i], r, s, v - 27);
        }
        return abi.encodePacked(uint8(1), GUARDIAN_SET_INDEX, uint8(keys.length), signatures, body_);
    }

    /// @notice A blob of a signed message and any messages with their proofs.
    function assemble(bytes memory vaa_, bytes[] memory messages, bytes[] memory proofs)
        internal
        pure
        returns (bytes memory blob_)
    {
        blob_ = abi.encodePacked(
            "PNAU", uint8(1), uint8(0), uint8(0), uint8(0), uint16(vaa_.length), vaa_, uint8(messages.length)
        );
        for (uint256 i; i < messages.length; ++i) {
            blob_ = abi.encodePacked(
                blob_, uint16(messages[i].length), messages[i], uint8(proofs[i].length / 20), proofs[i]
            );
        }
    }

    function _parent(bytes20 a, bytes20 b) private pure returns (bytes20) {
        (bytes20 smaller, bytes20 larger) = a < b ? (a, b) : (b, a);
        return bytes20(keccak256(abi.encodePacked(uint8(1), smaller, larger)));
    }
}
