// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MetadataLink} from "../../src/governance/MetadataLink.sol";
import {Test} from "../foundry/Test.sol";

/// @notice The form of a description, character by character.
contract MetadataLinkTest is Test {
    string private constant DIGITS = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    address private constant PROPOSER = 0xABcdEFABcdEFabcdEfAbCdefabcdeFABcDEFabCD;
    string private constant NAMED = "0xabcdefabcdefabcdefabcdefabcdefabcdefabcd";

    /// @dev External, so that a revert can be looked at.
    function parse(string calldata description, address proposer) external pure returns (bytes32) {
        return MetadataLink.parse(description, proposer);
    }

    function testFuzz_ReadsTheDigest(bytes32 digest, address proposer) public view {
        bytes memory digits = new bytes(64);
        for (uint256 i; i < 64; ++i) {
            digits[i] = bytes(vm.toString(digest))[i + 2];
        }
        string memory description = _link(string(digits), vm.toString(proposer));
        assertEq(this.parse(description, proposer), digest, "digest");
    }

    function test_ProposersMayBeWrittenInCapitals() public view {
        bytes32 digest = 0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef;
        assertEq(this.parse(_link(DIGITS, NAMED), PROPOSER), digest, "small");
        assertEq(this.parse(_link(DIGITS, vm.toString(PROPOSER)), PROPOSER), digest, "with a checksum");
    }

    function test_RevertWhen_ItNamesAnother() public {
        vm.expectRevert(abi.encodeWithSelector(MetadataLink.DescriptionOfAnother.selector, address(1), PROPOSER));
        this.parse(_link(DIGITS, NAMED), address(1));
    }

    /// @dev Each character of the form, set to another, and a character less or more at either end.
    function test_RevertWhen_AnyCharacterIsAnother() public {
        string memory good = _link(DIGITS, NAMED);
        for (uint256 i; i < bytes(good).length; ++i) {
            bytes memory text = bytes(_link(DIGITS, NAMED));
            text[i] = i >= 92 ? bytes1("g") : bytes1("A");
            _refused(string(text));
        }
        _refused("");
        _refused(string.concat(good, " "));
        _refused(string.concat(" ", good));
        _refused(_link("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", NAMED));
        _refused(_link(DIGITS, "0xabcdefabcdefabcdefabcdefabcdefabcdefabc"));
    }

    /// @dev What lies next to the digits: `/`, `:`, the backtick and `g`.
    function test_RevertWhen_ADigitIsBesideTheDigits() public {
        bytes4 beside = "/:`g";
        for (uint256 i; i < 4; ++i) {
            bytes memory text = bytes(_link(DIGITS, NAMED));
            text[40] = beside[i];
            _refused(string(text));
        }
    }

    function _refused(string memory description) private {
        vm.expectRevert(abi.encodeWithSelector(MetadataLink.DescriptionMalformed.selector, description));
        this.parse(description, PROPOSER);
    }

    function _link(string memory digits, string memory proposer) private pure returns (string memory) {
        return string.concat("ipfs://f01551220", digits, "#proposer=", proposer);
    }
}
