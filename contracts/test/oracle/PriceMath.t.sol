// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {PriceMath, Quote} from "../../src/oracle/PriceMath.sol";
import {Test} from "../foundry/Test.sol";

/// @notice PriceMath on the vectors that its TypeScript mirror runs, and what must hold for every quote.
contract PriceMathTest is Test {
    function test_EqualsTheVectors() public view {
        string memory json = vm.readFile("vectors/price.json");
        assertEq(vm.parseJsonStringArray(json, ".columns").length, 15, "columns");
        uint256[] memory seen = new uint256[](7);
        for (uint256 i; i < 200; ++i) {
            uint256[] memory row = vm.parseJsonUintArray(json, string.concat(".cases[", vm.toString(i), "]"));
            seen[_check(row)]++;
        }
        assertGt(seen[0], 20, "normal");
        assertGt(seen[1], 20, "strained");
        assertGt(seen[2], 10, "guarded");
        assertGt(seen[3], 10, "single");
        assertGt(seen[5], 20, "halted");
    }

    function _check(uint256[] memory row) private pure returns (uint256) {
        Quote memory quote = Quote(row[0], row[1], row[2]);
        Quote memory anchor = Quote(row[3], 0, row[4]);
        PriceState state = PriceState.Single;
        if (anchor.value != 0) {
            assertEq(PriceMath.deviationPpm(quote, anchor, row[5]), row[11], "deviation");
            state = PriceMath.classify(quote, anchor, row[5], row[6], row[7]);
        }
        assertEq(PriceMath.halfWidth(quote), row[9], "half-width");
        assertEq(PriceMath.confidencePpm(quote), row[10], "confidence");
        assertEq(uint256(state), row[12], "state");
        (uint256 lo, uint256 hi) = PriceMath.band(quote, anchor, state, row[5], row[8] == 1);
        assertEq(lo, row[13], "lo");
        assertEq(hi, row[14], "hi");
        return row[12];
    }

    function testFuzz_BandHoldsItsSources(uint256 value, uint256 confidence, uint256 other, uint256 ppm, bool spanning)
        public
        pure
    {
        value = bound(value, 1e14, 1e26);
        Quote memory quote = Quote(value, bound(confidence, 1, value / 50), 1000);
        Quote memory anchor = Quote(bound(other, value * 9 / 10, value * 11 / 10), 0, 1000);
        ppm = bound(ppm, 1, 10_000);
        PriceState state = PriceMath.classify(quote, anchor, ppm, 100_000, 5000);
        (uint256 lo, uint256 hi) = PriceMath.band(quote, anchor, state, ppm, spanning);
        assertLe(lo + PriceMath.halfWidth(quote), value, "the half-width below");
        assertGe(hi, value + PriceMath.halfWidth(quote), "and above");
        if (spanning || state == PriceState.Strained) {
            assertLe(lo, anchor.value, "the anchor above the lowest");
            assertGe(hi, anchor.value, "and below the highest");
        }
    }
}
