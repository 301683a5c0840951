// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {AccessFixture} from "../access/AccessFixture.sol";
import {Vm} from "../foundry/Vm.sol";

/// @notice The engine, its extension and the vault keep everything in namespaces that begin where ERC-7201 says for their
/// names, so that no upgrade of a base moves what another holds.
contract NamespacesTest is AccessFixture {
    /// @dev Slots of a namespace's own struct, at most.
    uint256 private constant LENGTH = 64;
    /// @dev Slots of what lies under one key, at most: those of a market, its ring included.
    uint256 private constant STRUCT = 1100;

    string[5] private _names = [
        "tidemark.storage.Engine",
        "tidemark.storage.LiquidityVault",
        "openzeppelin.storage.AccessControl",
        "openzeppelin.storage.ERC20",
        "openzeppelin.storage.Initializable"
    ];
    uint256[5] private _writes;

    function test_EverythingIsKeptInANamespace() public {
        vm.startMappingRecording();
        vm.startStateDiffRecording();
        _useEverything();
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        for (uint256 i; i < accesses.length; ++i) {
            for (uint256 j; j < accesses[i].storageAccesses.length; ++j) {
                Vm.StorageAccess memory access = accesses[i].storageAccesses[j];
                if (!access.isWrite || (access.account != address(engine) && access.account != address(vault))) {
                    continue;
                }
                uint256 at = _namespaceOf(access.account, access.slot);
                string memory slot = vm.toString(access.slot);
                assertLt(at, _names.length, string.concat("outside of every namespace: ", slot));
                ++_writes[at];
            }
        }
        for (uint256 i; i < 4; ++i) {
            assertGt(_writes[i], 0, string.concat("nothing is written to ", _names[i]));
        }
    }

    /// @dev Each kind of storage: accounts, markets, queues, the pool, insurance, requests, epochs, shares, roles.
    function _useEverything() private {
        vm.prank(admin);
        vault.setDepositLock(0);
        commit(bob, UNIT);
        vm.warp(block.timestamp + 7200);
        refreshPrices();
        bringUpToDate();
        vm.startPrank(bob);
        vault.claimDeposit((block.timestamp - 7200) / 3600, bob, bob);
        vault.requestRedeem(vault.balanceOf(bob), bob, bob);
        vault.setOperator(alice, true);
        cold.expire(ETH, 2);
        vm.stopPrank();
        usdc.mint(bob, 1e6);
        vm.prank(bob);
        cold.fundInsurance(1e6);
        vm.prank(admin);
        IAccessControl(address(vault)).grantRole(keccak256("CONFIGURATOR_ROLE"), bob);
    }

    /// @dev Which name the slot belongs to, through the mappings and arrays it lies in; one past the last when none.
    function _namespaceOf(address target, bytes32 slot) private returns (uint256) {
        uint256 steps;
        while (steps < 4) {
            uint256 at = _startingBefore(uint256(slot));
            if (at < _names.length) return at;
            (bool found,, bytes32 parent) = _parentNear(target, slot);
            if (!found) return _arrayOf(uint256(slot));
            slot = parent;
            ++steps;
        }
        return _names.length;
    }

    /// @dev The mapping that a slot, or the struct it is part of, lies in.
    function _parentNear(address target, bytes32 slot) private returns (bool found, bytes32 key, bytes32 parent) {
        for (uint256 i; i < STRUCT && !found; ++i) {
            (found, key, parent) = vm.getMappingKeyAndParentOf(target, bytes32(uint256(slot) - i));
        }
    }

    function _startingBefore(uint256 slot) private view returns (uint256 at) {
        while (at < _names.length && (slot < _slotOf(at) || slot >= _slotOf(at) + LENGTH)) ++at;
    }

    /// @dev The namespace one of whose slots holds the array that begins within a thousand slots before.
    function _arrayOf(uint256 slot) private view returns (uint256 at) {
        for (; at < _names.length; ++at) {
            for (uint256 i; i < LENGTH; ++i) {
                uint256 start = uint256(keccak256(abi.encode(_slotOf(at) + i)));
                if (slot >= start && slot < start + 1000) return at;
            }
        }
    }

    function _slotOf(uint256 at) private view returns (uint256) {
        bytes32 name = keccak256(bytes(_names[at]));
        return uint256(keccak256(abi.encode(uint256(name) - 1)) & ~bytes32(uint256(0xff)));
    }
}
