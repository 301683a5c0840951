// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {GovernanceFixture} from "../governance/GovernanceFixture.sol";

/// @notice A vault that pays a claim as often as it is asked.
contract ClaimsAgain {
    uint256 public paid;

    function claimRedeem(uint256, address, address) external returns (uint256 assets) {
        paid += 1e6;
        return 1e6;
    }

    function proxiableUUID() external pure returns (bytes32) {
        return ERC1967Utils.IMPLEMENTATION_SLOT;
    }
}

/// @notice Level, May 2023: an upgrade brought the duplicate claims. Here what is put in place is the code that was
/// proposed and voted for, or nothing is.
contract Row17LevelCodeGateTest is GovernanceFixture {
    address private _proposed;
    address private _other;
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _proposed = address(new LiquidityVault(cold));
        _other = address(new ClaimsAgain());
        bytes memory upgrade = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (_proposed, ""));
        _id = propose(carol, draft(carol, address(vault), upgrade));
    }

    function test_WhatWasProposedIsPutInPlace() public {
        passToDue(_id);
        governance.execute(_id);
        assertEq(_inPlace(), _proposed, "implementation");
    }

    function test_RevertWhen_OtherCodeIsQueued() public {
        pass(_id);
        vm.etch(_proposed, _other.code);
        assertFalse(_goesThrough("queue(uint256)"), "other code was queued");
        assertFalse(_inPlace() == _proposed, "other code is in place");
    }

    function test_RevertWhen_OtherCodeIsExecuted() public {
        passToDue(_id);
        vm.etch(_proposed, _other.code);
        assertFalse(_goesThrough("execute(uint256)"), "other code was executed");
        assertFalse(_inPlace() == _proposed, "other code is in place");
    }

    /// @dev If not, for the code alone.
    function _goesThrough(string memory step) private returns (bool ok) {
        bytes memory result;
        (ok, result) = address(governance).call(abi.encodeWithSignature(step, _id));
        if (!ok) assertEq(bytes32(bytes4(result)), bytes32(Governance.CodeChanged.selector), "why");
    }

    function _inPlace() private view returns (address) {
        return address(uint160(uint256(vm.load(address(vault), ERC1967Utils.IMPLEMENTATION_SLOT))));
    }
}
