// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "../foundry/Vm.sol";
import {AccessFixture, Target} from "./AccessFixture.sol";
import {Pattern} from "./Calldata.sol";

/// @notice Calls every selector of every deployed contract with every pattern and looks at each storage slot, of whatever
/// contract, that a call which went through has written.
abstract contract Sweep is AccessFixture {
    /// @dev ERC-7201 of `openzeppelin.storage.AccessControl`.
    bytes32 private constant ROLES = 0x02dd7bc7dec4dceedda775e58dd541e08a116c6c53815c0bd028192f7b626800;

    /// @dev Slots of what lies under an account's key, at most.
    uint256 private constant STRUCT = 80;

    /// @dev How many calls went through.
    uint256 internal succeeded;

    function sweep(address caller) internal {
        Target[] memory all = deployed();
        Pattern[] memory arguments = patterns();
        vm.startMappingRecording();
        for (uint256 i; i < all.length; ++i) {
            for (uint256 j; j < all[i].signatures.length; ++j) {
                for (uint256 k; k < arguments.length; ++k) {
                    this.callOnce(caller, all[i], all[i].signatures[j], arguments[k]);
                }
            }
        }
    }

    /// @dev External, so that its memory is given back: the sweep makes more than a thousand of them.
    function callOnce(address caller, Target memory target, string memory signature, Pattern memory pattern) external {
        vm.startStateDiffRecording();
        (bool ok,) = call(caller, target.at, signature, pattern);
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        if (!ok) return;
        ++succeeded;
        string memory name = string.concat(target.name, ".", signature);
        for (uint256 i; i < accesses.length; ++i) {
            assertEq(accesses[i].oldBalance, accesses[i].newBalance, string.concat(name, " moves ether"));
            for (uint256 j; j < accesses[i].storageAccesses.length; ++j) {
                _checkWrite(caller, accesses[i].storageAccesses, j, name);
            }
        }
    }

    function _checkWrite(address caller, Vm.StorageAccess[] memory all, uint256 at, string memory name) private {
        Vm.StorageAccess memory access = all[at];
        if (!access.isWrite || access.reverted) return;
        if (vm.load(access.account, access.slot) == access.previousValue) return;
        bool own = _ownerOf(access.account, access.slot) == caller || _isElementOf(caller, all, access);
        assertTrue(own, string.concat(name, " changes what is not the caller's"));
    }

    /// @dev Whether a slot lies in an array that is the caller's, whose length the same call has looked at.
    function _isElementOf(address caller, Vm.StorageAccess[] memory all, Vm.StorageAccess memory element)
        private
        returns (bool)
    {
        for (uint256 i; i < all.length; ++i) {
            if (all[i].account != element.account || element.slot < keccak256(abi.encode(all[i].slot))) continue;
            if (uint256(element.slot) - uint256(keccak256(abi.encode(all[i].slot))) >= STRUCT) continue;
            if (_ownerOf(all[i].account, all[i].slot) == caller) return true;
        }
        return false;
    }

    /// @dev Whose a slot is: the outermost person among the keys of the mappings that it lies in, whether named by address
    /// or by account. Who holds a role is nobody's own affair, and the oracle keeps nothing of anybody's.
    function _ownerOf(address target, bytes32 slot) private returns (address owner) {
        if (target == address(oracle)) return address(0);
        (bool found, bytes32 key, bytes32 parent) = _parentNear(target, slot);
        while (found) {
            if (parent == ROLES) return address(0);
            if (_isPerson(address(uint160(uint256(key))))) owner = address(uint160(uint256(key)));
            if (_isPerson(address(bytes20(key)))) owner = address(bytes20(key));
            (found, key, parent) = _parentNear(target, parent);
        }
    }

    /// @dev The mapping that a slot, or the struct it is part of, lies in.
    function _parentNear(address target, bytes32 slot) private returns (bool found, bytes32 key, bytes32 parent) {
        for (uint256 i; i < STRUCT && i <= uint256(slot) && !found; ++i) {
            (found, key, parent) = vm.getMappingKeyAndParentOf(target, bytes32(uint256(slot) - i));
        }
    }

    function _isPerson(address who) private view returns (bool) {
        return who == stranger || who == alice || who == bob || who == keeper || who == admin;
    }
}
