// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PythErrors} from "../src/interfaces/external/PythErrors.sol";
import {CalldataReader} from "./CalldataReader.sol";

/// @title Signed messages of a guardian set.
/// @dev version u8 = 1 | guardian set u32 | signatures u8 | { signer u8 | r 32 | s 32 | v u8 } … | body, where body is
/// timestamp u32 | nonce u32 | emitter chain u16 | emitter 32 | sequence u64 | consistency u8 | payload.
/// What is signed is keccak256(keccak256(body)).
/// @custom:source https://wormhole.com/docs/protocol/infrastructure/vaas/
library WormholeVaa {
    using CalldataReader for bytes;

    uint256 private constant HEADER_SIZE = 6;
    uint256 private constant SIGNATURE_SIZE = 66;
    uint256 private constant EMITTER_CHAIN_OFFSET = 8;
    uint256 private constant EMITTER_OFFSET = 10;
    uint256 private constant PAYLOAD_OFFSET = 51;

    /// @notice Who may sign and in whose name.
    struct Trust {
        /// Signers in the order of their index.
        address[] guardians;
        /// Signatures needed; every one brought has to be right.
        uint8 quorum;
        /// Number of this set of signers.
        uint32 guardianSetIndex;
        /// Wormhole's number of the emitting chain; 26 is Pythnet.
        uint16 emitterChain;
        /// Address of the emitter on that chain.
        bytes32 emitter;
    }

    /// @notice Payload of a message that a quorum signed for the trusted emitter.
    /// @dev Signers come in strictly ascending order, so that none counts twice.
    /// Reverts with `InvalidWormholeVaa`, `InvalidUpdateDataSource`, `InvalidUpdateData` (cut short).
    function verify(Trust storage trust, bytes calldata vaa) internal view returns (bytes calldata payload) {
        if (vaa.read(0, 1) != 1) revert PythErrors.InvalidWormholeVaa();
        uint256 signatures = vaa.read(5, 1);
        uint256 bodyOffset = HEADER_SIZE + signatures * SIGNATURE_SIZE;
        // Reading the last byte before the payload bounds all slices below.
        vaa.read(bodyOffset + PAYLOAD_OFFSET - 1, 1);
        if (vaa.read(1, 4) != trust.guardianSetIndex || signatures < trust.quorum) {
            revert PythErrors.InvalidWormholeVaa();
        }
        bytes calldata body = vaa[bodyOffset:];
        _verifySignatures(trust, vaa[HEADER_SIZE:bodyOffset], signatures, keccak256(abi.encode(keccak256(body))));

        if (
            body.read(EMITTER_CHAIN_OFFSET, 2) != trust.emitterChain
                || body.read(EMITTER_OFFSET, 32) != uint256(trust.emitter)
        ) revert PythErrors.InvalidUpdateDataSource();
        payload = body[PAYLOAD_OFFSET:];
    }

    function _verifySignatures(Trust storage trust, bytes calldata signatures, uint256 count, bytes32 digest)
        private
        view
    {
        uint256 guardianCount = trust.guardians.length;
        uint256 next;
        for (uint256 i; i < count; ++i) {
            bytes calldata signature = signatures[i * SIGNATURE_SIZE:(i + 1) * SIGNATURE_SIZE];
            uint256 signer = uint8(signature[0]);
            uint8 v = uint8(signature[65]);
            if (signer < next || signer >= guardianCount || v > 1) revert PythErrors.InvalidWormholeVaa();
            next = signer + 1;
            address recovered = ecrecover(digest, v + 27, bytes32(signature[1:33]), bytes32(signature[33:65]));
            if (recovered == address(0) || recovered != trust.guardians[signer]) {
                revert PythErrors.InvalidWormholeVaa();
            }
        }
    }
}
