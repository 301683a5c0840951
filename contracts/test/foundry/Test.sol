// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @notice Base of every test: the cheatcodes, assertions with messages, bounded inputs.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function assertTrue(bool condition, string memory message) internal pure {
        vm.assertTrue(condition, message);
    }

    function assertFalse(bool condition, string memory message) internal pure {
        vm.assertFalse(condition, message);
    }

    function assertEq(uint256 a, uint256 b, string memory message) internal pure {
        vm.assertEq(a, b, message);
    }

    function assertEq(int256 a, int256 b, string memory message) internal pure {
        vm.assertEq(a, b, message);
    }

    function assertEq(address a, address b, string memory message) internal pure {
        vm.assertEq(a, b, message);
    }

    function assertEq(bytes32 a, bytes32 b, string memory message) internal pure {
        vm.assertEq(a, b, message);
    }

    function assertEq(bool a, bool b, string memory message) internal pure {
        vm.assertEq(a, b, message);
    }

    function assertEq(string memory a, string memory b, string memory message) internal pure {
        vm.assertEq(a, b, message);
    }

    function assertGe(uint256 a, uint256 b, string memory message) internal pure {
        vm.assertGe(a, b, message);
    }

    function assertGe(int256 a, int256 b, string memory message) internal pure {
        vm.assertGe(a, b, message);
    }

    function assertGt(uint256 a, uint256 b, string memory message) internal pure {
        vm.assertGt(a, b, message);
    }

    function assertGt(int256 a, int256 b, string memory message) internal pure {
        vm.assertGt(a, b, message);
    }

    function assertLe(uint256 a, uint256 b, string memory message) internal pure {
        vm.assertLe(a, b, message);
    }

    function assertLe(int256 a, int256 b, string memory message) internal pure {
        vm.assertLe(a, b, message);
    }

    function assertLt(uint256 a, uint256 b, string memory message) internal pure {
        vm.assertLt(a, b, message);
    }

    function assertLt(int256 a, int256 b, string memory message) internal pure {
        vm.assertLt(a, b, message);
    }

    /// @notice Folds `x` into [lo, hi].
    function bound(uint256 x, uint256 lo, uint256 hi) internal pure returns (uint256) {
        vm.assertLe(lo, hi, "bound: empty range");
        if (x >= lo && x <= hi) return x;
        uint256 span = hi - lo;
        return span == type(uint256).max ? x : lo + x % (span + 1);
    }

    /// @notice Folds `x` into [lo, hi].
    function bound(int256 x, int256 lo, int256 hi) internal pure returns (int256) {
        uint256 offset = 1 << 255;
        return int256(bound(uint256(x) ^ offset, uint256(lo) ^ offset, uint256(hi) ^ offset) ^ offset);
    }

    function makeAddr(string memory name) internal returns (address who) {
        who = address(uint160(uint256(keccak256(bytes(name)))));
        vm.label(who, name);
    }
}
