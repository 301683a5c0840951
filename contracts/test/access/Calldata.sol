// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What stands for each argument of a call.
/// @param number Every integer and enumeration, cut to its width; positive.
/// @param person Every address.
/// @param word Every bytesN.
/// @param flag Every boolean.
/// @param count Elements of every array, and bytes of every string.
struct Pattern {
    uint256 number;
    address person;
    bytes32 word;
    bool flag;
    uint256 count;
}

/// @notice Encodes a call of any function from its signature alone, so that a function nobody knew of is called too.
library Calldata {
    /// @param signature As in an artifact's `methodIdentifiers`: `settle(uint256,(bytes32,int88)[][],bytes[])`.
    function encode(string memory signature, Pattern memory pattern) internal pure returns (bytes memory) {
        bytes memory text = bytes(signature);
        uint256 open;
        while (text[open] != "(") ++open;
        (bytes memory arguments,) = _value(_slice(text, open, text.length), pattern);
        return abi.encodePacked(bytes4(keccak256(text)), arguments);
    }

    function _value(bytes memory kind, Pattern memory pattern) private pure returns (bytes memory, bool dynamic) {
        if (kind[kind.length - 1] == "]") return _array(kind, pattern);
        if (kind[0] == "(") return _sequence(_split(_slice(kind, 1, kind.length - 1)), pattern);
        bytes32 name = keccak256(kind);
        if (name == keccak256("bytes") || name == keccak256("string")) {
            bytes memory padded = new bytes((pattern.count + 31) / 32 * 32);
            return (abi.encodePacked(pattern.count, padded), true);
        }
        return (abi.encodePacked(_word(kind, name, pattern)), false);
    }

    function _array(bytes memory kind, Pattern memory pattern) private pure returns (bytes memory, bool dynamic) {
        uint256 open = kind.length - 1;
        while (kind[open] != "[") --open;
        bool sized = open + 2 < kind.length;
        uint256 count = sized ? _digits(kind, open + 1) : pattern.count;
        bytes[] memory kinds = new bytes[](count);
        for (uint256 i; i < count; ++i) {
            kinds[i] = _slice(kind, 0, open);
        }
        (bytes memory elements, bool inner) = _sequence(kinds, pattern);
        return sized ? (elements, inner) : (abi.encodePacked(count, elements), true);
    }

    /// @dev Heads, then what the heads of dynamic values point to.
    function _sequence(bytes[] memory kinds, Pattern memory pattern) private pure returns (bytes memory, bool dynamic) {
        bytes[] memory values = new bytes[](kinds.length);
        bool[] memory pointed = new bool[](kinds.length);
        uint256 offset;
        for (uint256 i; i < kinds.length; ++i) {
            (values[i], pointed[i]) = _value(kinds[i], pattern);
            offset += pointed[i] ? 32 : values[i].length;
            dynamic = dynamic || pointed[i];
        }
        bytes memory heads;
        bytes memory tails;
        for (uint256 i; i < kinds.length; ++i) {
            if (pointed[i]) {
                heads = abi.encodePacked(heads, offset + tails.length);
                tails = abi.encodePacked(tails, values[i]);
            } else {
                heads = abi.encodePacked(heads, values[i]);
            }
        }
        return (abi.encodePacked(heads, tails), dynamic);
    }

    function _word(bytes memory kind, bytes32 name, Pattern memory pattern) private pure returns (bytes32) {
        if (name == keccak256("address")) return bytes32(uint256(uint160(pattern.person)));
        if (name == keccak256("bool")) return bytes32(uint256(pattern.flag ? 1 : 0));
        // bytesN, uintN, intN: the width stands behind the only letters.
        if (kind[0] == "b") return pattern.word & bytes32(type(uint256).max << (256 - 8 * _digits(kind, 5)));
        uint256 bits = kind[0] == "i" ? _digits(kind, 3) - 1 : _digits(kind, 4);
        return bytes32(pattern.number & type(uint256).max >> (256 - bits));
    }

    /// @dev Splits at the commas outside of parentheses.
    function _split(bytes memory list) private pure returns (bytes[] memory kinds) {
        kinds = new bytes[](list.length);
        uint256 count;
        uint256 depth;
        uint256 from;
        for (uint256 i; i <= list.length; ++i) {
            if (i < list.length && list[i] == "(") ++depth;
            if (i < list.length && list[i] == ")") --depth;
            if (i < list.length && (depth != 0 || list[i] != ",")) continue;
            if (i > from) kinds[count++] = _slice(list, from, i);
            from = i + 1;
        }
        assembly ("memory-safe") {
            mstore(kinds, count)
        }
    }

    function _digits(bytes memory text, uint256 from) private pure returns (uint256 value) {
        for (uint256 i = from; i < text.length && text[i] >= "0" && text[i] <= "9"; ++i) {
            value = value * 10 + uint8(text[i]) - 48;
        }
    }

    function _slice(bytes memory text, uint256 from, uint256 to) private pure returns (bytes memory part) {
        part = new bytes(to - from);
        assembly ("memory-safe") {
            mcopy(add(part, 32), add(add(text, 32), from), sub(to, from))
        }
    }
}
