// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {Test} from "../foundry/Test.sol";

/// @notice Of a plain order a commit asks nothing more: it must be one of which everything asked would be granted.
contract PlainOrdersTest is Test {
    uint256 private constant NOW = 1_700_000_000;

    /// @dev Against the rules as sentences.
    function testFuzz_PlainIsTheseRules(uint256 terms, uint256 extras, uint256 kind) public {
        vm.warp(NOW);
        (terms, extras) = _folded(terms, extras, kind);
        bool plain = OrderWords.isPlain(terms, extras);
        assertEq(plain, _isPlain(terms, extras), "plain");
        if (!plain) return;
        assertTrue(OrderWords.isSound(terms, extras), "sound");
        assertTrue(OrderWords.isTriggered(terms, extras, 0), "without a trigger");
    }

    function test_ADeadlineAheadOrNoneIsPlain() public {
        vm.warp(NOW);
        uint256 terms = 1;
        assertTrue(OrderWords.isPlain(terms, 0), "none");
        assertTrue(OrderWords.isPlain(terms | NOW + 1 << 176, 0), "ahead");
        assertTrue(OrderWords.isPlain(terms | uint256(type(uint32).max) << 176, 0), "far ahead");
        assertFalse(OrderWords.isPlain(terms | NOW - 1 << 176, 0), "past");
    }

    /// @dev Its last second is asked for: it costs a check more and decides nothing.
    function _isPlain(uint256 terms, uint256 extras) private pure returns (bool) {
        uint256 flags = terms >> 248;
        uint256 deadline = uint32(terms >> 176);
        bool alone = uint16(terms >> 232) == 0 && extras == 0;
        bool harmless = flags & ~uint256(1 | 16 | 32) == 0 && (flags & 16 == 0 || uint24(terms >> 208) == 0);
        return alone && harmless && uint88(terms) != 0 && (deadline == 0 || NOW < deadline);
    }

    /// @dev Most words break most rules: folded toward those that keep some.
    function _folded(uint256 terms, uint256 extras, uint256 kind) private pure returns (uint256, uint256) {
        if (kind & 3 != 0) extras = 0;
        if (kind & 12 != 0) terms &= ~(uint256(type(uint16).max) << 232);
        if (kind & 16 != 0) terms &= ~(uint256(type(uint24).max) << 208);
        if (kind & 96 != 0) terms &= ~(uint256(206) << 248);
        if (kind & 896 == 0) terms = terms >> 88 << 88;
        uint256[4] memory deadlines = [0, NOW - 1, NOW, NOW + 1];
        if (kind & 1024 != 0) {
            terms = terms & ~(uint256(type(uint32).max) << 176) | deadlines[kind >> 11 & 3] << 176;
        }
        return (terms, extras);
    }
}
