// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceIncident} from "./PriceIncident.sol";

/// @notice Rodeo, July 2023: an average of so few observations that three of them made the price. Fewer than eight within
/// fifteen minutes are no mean.
contract Row27RodeoFewObservationsTest is PriceIncident {
    function test_SevenObservationsAreNoMean() public {
        // Every 150 s: six within any 15 minutes, one before.
        for (uint256 i; i < 20; ++i) {
            observe(ETH_PRICE, ETH_PRICE);
            assertEq(oracle.explain(ETH).mean, 0, "ready");
            vm.warp(block.timestamp + 150);
        }
    }

    function test_EightAre() public {
        for (uint256 i; i < 9; ++i) {
            assertEq(oracle.explain(ETH).mean, 0, "ready");
            observe(ETH_PRICE, ETH_PRICE);
            vm.warp(block.timestamp + 112);
        }
        assertEq(oracle.explain(ETH).mean, 2000e18, "of eight and the one before");
    }
}
