// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @notice A proposal's description: a link to its metadata by content, and who alone may propose it.
library MetadataLink {
    /// @dev Base16, CIDv1, raw, SHA-256 of 32 bytes.
    bytes16 private constant PREFIX = "ipfs://f01551220";
    bytes10 private constant MARKER = "#proposer=";
    /// @dev Prefix, digest, marker, address.
    uint256 private constant LENGTH = 16 + 64 + 10 + 42;

    /// @notice Thrown when a description is not `ipfs://f01551220<sha256>#proposer=0x<proposer>`, in small hexadecimal
    /// digits where the digest is.
    error DescriptionMalformed(string description);
    /// @notice Thrown when a description names another proposer.
    error DescriptionOfAnother(address proposer, address named);

    /// @param proposer Who has to be named.
    /// @return digest SHA-256 of the metadata.
    function parse(string memory description, address proposer) internal pure returns (bytes32 digest) {
        bytes memory text = bytes(description);
        bool shaped = text.length == LENGTH && bytes16(Bytes.slice(text, 0, 16)) == PREFIX
            && bytes10(Bytes.slice(text, 80, 90)) == MARKER;
        require(shaped, DescriptionMalformed(description));
        for (uint256 i = 16; i < 80; ++i) {
            uint256 c = uint8(text[i]);
            bool decimal = c >= 0x30 && c <= 0x39;
            require(decimal || (c >= 0x61 && c <= 0x66), DescriptionMalformed(description));
            digest = bytes32(uint256(digest) << 4 | (decimal ? c - 0x30 : c - 0x57));
        }
        (bool ok, address named) = Strings.tryParseAddress(description, 90, LENGTH);
        require(ok, DescriptionMalformed(description));
        require(named == proposer, DescriptionOfAnother(proposer, named));
    }
}
