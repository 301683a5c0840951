// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EmergencyGuardian} from "../../src/governance/EmergencyGuardian.sol";
import {GuardianFixture} from "./GuardianFixture.sol";
import {ISafe, SafeFixture} from "./SafeFixture.sol";

/// @notice The guardian as it is: a Safe of five owners, three of whom must sign.
contract GuardianSafeTest is GuardianFixture, SafeFixture {
    address[] private _owners;
    ISafe private _safe;

    function setUp() public override {
        super.setUp();
        deploySafes();
        _owners = makeOwners("guardian", 5);
        _safe = makeSafe(_owners, 3);
        vm.prank(timelock);
        guardian.setGuardian(address(_safe));
    }

    function test_ThreeOfFivePauseAndLift() public {
        (bool ok,) = _call(3, abi.encodeCall(EmergencyGuardian.pause, (2)));
        assertTrue(ok, "signed by three");
        assertEq(engineLevel(), 2, "halted");
        (ok,) = _call(3, abi.encodeCall(EmergencyGuardian.lift, ()));
        assertTrue(ok, "signed by three");
        assertEq(engineLevel(), 0, "free");
    }

    function test_TwoOfFiveCannot() public {
        (bool ok, bytes memory result) = _call(2, abi.encodeCall(EmergencyGuardian.pause, (1)));
        assertFalse(ok, "signed by two");
        // Signatures data too short.
        vm.assertEq(result, abi.encodeWithSignature("Error(string)", "GS020"), "reason");
        assertEq(engineLevel(), 0, "nothing paused");
    }

    function test_OneOwnerAloneCannotThreeTimes() public {
        address[] memory same = new address[](3);
        (same[0], same[1], same[2]) = (_owners[0], _owners[0], _owners[0]);
        (bool ok, bytes memory result) =
            execute(_safe, same, 3, address(guardian), abi.encodeCall(EmergencyGuardian.pause, (1)));
        assertFalse(ok, "signed by one");
        // Owners have to be in ascending order.
        vm.assertEq(result, abi.encodeWithSignature("Error(string)", "GS026"), "reason");
    }

    function test_AnOwnerWithoutTheSafeCannot() public {
        vm.prank(_owners[0]);
        vm.expectPartialRevert(bytes4(keccak256("NotAppointed(address,address)")));
        guardian.pause(1);
    }

    function _call(uint256 signers, bytes memory data) private returns (bool, bytes memory) {
        return execute(_safe, _owners, signers, address(guardian), data);
    }
}
