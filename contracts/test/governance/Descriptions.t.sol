// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MetadataLink} from "../../src/governance/MetadataLink.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice A description is a link to what it describes, by whoever proposes it, and nothing else.
contract DescriptionsTest is ProposalFixture {
    string private constant PREFIX = "ipfs://f01551220";
    string private constant DIGEST = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";

    string private _proposer;

    function setUp() public override {
        super.setUp();
        _proposer = string.concat("#proposer=", vm.toString(carol));
    }

    function test_ALinkOfTheProposerIsTaken() public {
        uint256 before = vm.snapshotState();
        _propose(string.concat(PREFIX, DIGEST, _proposer));
        vm.revertToState(before);
        // The address in small letters.
        bytes memory text = bytes(string.concat(PREFIX, DIGEST, _proposer));
        for (uint256 i = 92; i < text.length; ++i) {
            if (text[i] >= "A" && text[i] <= "F") text[i] = bytes1(uint8(text[i]) + 32);
        }
        _propose(string(text));
    }

    function test_RevertWhen_ItIsMalformed() public {
        _malformed("");
        _malformed("Lower the fees");
        _malformed(string.concat(PREFIX, DIGEST));
        _malformed(string.concat("https:/f01551220", DIGEST, _proposer));
        // Another codec, another hash, base32.
        _malformed(string.concat("ipfs://f01701220", DIGEST, _proposer));
        _malformed(string.concat("ipfs://f01551620", DIGEST, _proposer));
        _malformed(string.concat("ipfs://b01551220", DIGEST, _proposer));
        _malformed(string.concat("IPFS://f01551220", DIGEST, _proposer));
        _malformed(string.concat(PREFIX, DIGEST, "0", _proposer));
        _malformed(string.concat(PREFIX, DIGEST, _proposer, " "));
        _malformed(string.concat(" ", PREFIX, DIGEST, _proposer));
        _malformed(string.concat(PREFIX, DIGEST, "#Proposer=", vm.toString(carol)));
        _malformed(string.concat(PREFIX, DIGEST, "?proposer=", vm.toString(carol)));
    }

    function test_RevertWhen_ADigitIsNone() public {
        bytes1[6] memory none = [bytes1("/"), ":", "`", "g", "A", "F"];
        for (uint256 i; i < none.length; ++i) {
            uint256[2] memory places = [uint256(16), 79];
            for (uint256 j; j < places.length; ++j) {
                bytes memory text = bytes(string.concat(PREFIX, DIGEST, _proposer));
                text[places[j]] = none[i];
                _malformed(string(text));
            }
        }
        bytes memory address_ = bytes(string.concat(PREFIX, DIGEST, _proposer));
        address_[91] = "X";
        _malformed(string(address_));
        (address_[91], address_[131]) = ("x", "g");
        _malformed(string(address_));
    }

    /// @dev Whoever copies a proposal before it is mined proposes nothing.
    function test_RevertWhen_ItNamesAnother() public {
        Draft memory d = ofKind(ProposalKind.Parameter, carol);
        vm.expectRevert(abi.encodeWithSelector(MetadataLink.DescriptionOfAnother.selector, dave, carol));
        propose(dave, d);
        propose(carol, d);
    }

    function _malformed(string memory description) private {
        vm.expectRevert(abi.encodeWithSelector(MetadataLink.DescriptionMalformed.selector, description));
        _propose(description);
    }

    function _propose(string memory description) private {
        vm.prank(carol);
        Draft memory d = _actions();
        governance.propose(d.targets, d.values, d.calldatas, description);
    }

    function _actions() private view returns (Draft memory d) {
        (d.targets, d.values, d.calldatas) = (new address[](1), new uint256[](1), new bytes[](1));
        (d.targets[0], d.calldatas[0]) = (address(engine), gasMarket());
    }
}
