// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Mandate} from "../../src/governance/Mandate.sol";
import {Timelocked} from "../../src/governance/Timelocked.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {AccessFixture} from "./AccessFixture.sol";
import {Pattern} from "./Calldata.sol";

/// @notice Each function of docs/access.md, called by the holder of each role alone, by an owner, by the timelock, by a
/// mandate's holder and by a stranger: exactly those it names get past the question who they are.
contract AccessTest is AccessFixture {
    /// @dev What functions.json says of one contract.
    struct Listed {
        string[] signatures;
        string[] who;
    }

    bytes32 private constant VIEW = keccak256("view");
    bytes32 private constant ANYBODY = keccak256("anybody");
    bytes32 private constant OWNER = keccak256("owner");
    bytes32 private constant SELF = keccak256("self");
    bytes32 private constant NOBODY = keccak256("nobody");
    bytes32 private constant TIMELOCK = keccak256("timelock");
    bytes32 private constant HOLDER = keccak256("holder");
    bytes32 private constant HOLDER_OR_TIMELOCK = keccak256("holder or timelock");
    bytes32 private constant EITHER = keccak256("CONFIGURATOR_ROLE or GUARDIAN_ROLE");

    mapping(string contractName => Listed) private _listed;
    /// @dev Roles that any function needs, and who holds each: nothing else.
    string[] private _roles;
    address[] private _callers;

    function setUp() public override {
        super.setUp();
        string memory json = vm.readFile("contracts/test/access/generated/functions.json");
        for (uint256 i; i < targets.length; ++i) {
            string memory name = targets[i].name;
            _listed[name].signatures = vm.parseJsonStringArray(json, string.concat(".", name, ".signatures"));
            _listed[name].who = vm.parseJsonStringArray(json, string.concat(".", name, ".who"));
            for (uint256 j; j < _listed[name].who.length; ++j) {
                if (_isRole(_listed[name].who[j]) && keccak256(bytes(_listed[name].who[j])) != EITHER) {
                    _addRole(_listed[name].who[j]);
                }
            }
        }
        for (uint256 i; i < targets.length; ++i) {
            for (uint256 j; j < _roles.length && _hasRoles(targets[i].name); ++j) {
                vm.prank(adminOf(targets[i].at));
                IAccessControl(targets[i].at).grantRole(_roleId(_roles[j]), makeAddr(_roles[j]));
            }
        }
        _callers.push(stranger);
        _callers.push(alice);
        _callers.push(address(timelock));
        _callers.push(mandateHolder);
    }

    function test_TheListIsOfEveryFunction() public view {
        for (uint256 i; i < targets.length; ++i) {
            string[] memory compiled = targets[i].signatures;
            string[] memory listed = _listed[targets[i].name].signatures;
            for (uint256 j; j < compiled.length; ++j) {
                assertTrue(_contains(listed, compiled[j]), string.concat("not in functions.json: ", compiled[j]));
            }
            for (uint256 j; j < listed.length; ++j) {
                assertTrue(_contains(compiled, listed[j]), string.concat("gone, but in functions.json: ", listed[j]));
            }
        }
    }

    function test_WhoeverIsNotNamedIsRefused() public {
        uint256 calls;
        for (uint256 i; i < targets.length; ++i) {
            Listed storage list = _listed[targets[i].name];
            for (uint256 j; j < list.signatures.length; ++j) {
                bytes32 who = keccak256(bytes(list.who[j]));
                for (uint256 k; k < _callers.length && who != VIEW; ++k) {
                    uint256 before = vm.snapshotState();
                    _callAs(_callers[k], targets[i].name, targets[i].at, list.signatures[j], list.who[j]);
                    vm.revertToState(before);
                    ++calls;
                }
            }
        }
        assertGt(calls, 5 * _callers.length, "the list was walked");
    }

    /// @dev Accounts are Alice's where the function asks for their owner, and the caller's own elsewhere. The address
    /// handed over is a contract, so that an upgrade gets as far as asking it.
    function _callAs(address caller, string memory name, address at, string memory signature, string memory who)
        private
    {
        bytes32 kind = keccak256(bytes(who));
        if (kind == EITHER) who = caller == makeAddr("GUARDIAN_ROLE") ? "GUARDIAN_ROLE" : "CONFIGURATOR_ROLE";
        bool role = _isRole(who);
        bytes32 word = role ? bytes32(0) : account(kind == OWNER ? alice : caller);
        Pattern memory pattern = Pattern(0, kind == SELF ? alice : address(usdc), word, false, 1);
        (bool ok, bytes memory result) = call(caller, at, signature, pattern);
        string memory message = string.concat(name, ".", signature, " as ", _nameOf(caller));
        bytes memory refusal;
        bool ownAdmin = at == caller && _roleId(who) == 0;
        if (role && caller != makeAddr(who) && !ownAdmin) {
            refusal =
                abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, _roleId(who));
        } else if (kind == OWNER && caller != alice) {
            refusal = abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, caller, alice);
        } else if (kind == SELF && caller != alice) {
            refusal = abi.encodeWithSelector(IAccessControl.AccessControlBadConfirmation.selector);
        } else if (kind == NOBODY) {
            refusal = _isGovernor(name)
                ? abi.encodeWithSelector(IGovernor.GovernorDisabledDeposit.selector)
                : abi.encodeWithSelector(Initializable.InvalidInitialization.selector);
        } else if (kind == TIMELOCK && caller != address(timelock)) {
            refusal = _refusalBut(name, caller, at);
        } else if (
            (kind == HOLDER || (kind == HOLDER_OR_TIMELOCK && caller != address(timelock))) && caller != mandateHolder
        ) {
            refusal = abi.encodeWithSelector(Mandate.NotAppointed.selector, caller, mandateHolder);
        }
        if (refusal.length != 0) {
            assertFalse(ok, string.concat("not refused: ", message));
            assertEq(keccak256(result), keccak256(refusal), string.concat("refused by another error: ", message));
        } else {
            assertTrue(ok || _permitted(result), string.concat("refused: ", message));
        }
    }

    function _isGovernor(string memory name) private pure returns (bool) {
        return keccak256(bytes(name)) == keccak256("Governance");
    }

    /// @dev What a caller that is not the timelock is told.
    function _refusalBut(string memory name, address caller, address at) private view returns (bytes memory) {
        if (_isGovernor(name)) return abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, caller);
        if (at == address(timelock)) {
            return abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, caller);
        }
        return abi.encodeWithSelector(Timelocked.NotTimelock.selector, caller, timelock);
    }

    /// @dev A revert that says why, and not who.
    function _permitted(bytes memory result) private pure returns (bool) {
        if (result.length < 4) return false;
        bytes4 selector = bytes4(result);
        return selector != IAccessControl.AccessControlUnauthorizedAccount.selector
            && selector != IAccessControl.AccessControlBadConfirmation.selector
            && selector != IEngineErrors.NotAccountOwner.selector
            && selector != Initializable.InvalidInitialization.selector
            && selector != IGovernor.GovernorDisabledDeposit.selector
            && selector != IGovernor.GovernorOnlyExecutor.selector
            && selector != TimelockController.TimelockUnauthorizedCaller.selector
            && selector != Timelocked.NotTimelock.selector && selector != Mandate.NotAppointed.selector
            && selector != Mandate.TermEnded.selector;
    }

    function _addRole(string memory role) private {
        if (_contains(_roles, role)) return;
        _roles.push(role);
        _callers.push(makeAddr(role));
    }

    function _hasRoles(string memory name) private view returns (bool) {
        string[] memory who = _listed[name].who;
        for (uint256 i; i < who.length; ++i) {
            if (_isRole(who[i])) return true;
        }
        return false;
    }

    function _isRole(string memory who) private pure returns (bool) {
        bytes32 kind = keccak256(bytes(who));
        return kind != VIEW && kind != ANYBODY && kind != OWNER && kind != SELF && kind != NOBODY && kind != TIMELOCK
            && kind != HOLDER && kind != HOLDER_OR_TIMELOCK;
    }

    function _roleId(string memory role) private pure returns (bytes32) {
        return keccak256(bytes(role)) == keccak256("DEFAULT_ADMIN_ROLE") ? bytes32(0) : keccak256(bytes(role));
    }

    function _nameOf(address caller) private view returns (string memory) {
        for (uint256 i; i < _roles.length; ++i) {
            if (caller == _callers[i]) return _roles[i];
        }
        if (caller == address(timelock)) return "the timelock";
        if (caller == mandateHolder) return "the mandate's holder";
        return caller == alice ? "alice" : "a stranger";
    }

    function _contains(string[] memory all, string memory one) private pure returns (bool) {
        for (uint256 i; i < all.length; ++i) {
            if (keccak256(bytes(all[i])) == keccak256(bytes(one))) return true;
        }
        return false;
    }
}
