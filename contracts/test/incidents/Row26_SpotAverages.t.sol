// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceIncident} from "./PriceIncident.sol";

/// @notice bZx, Cream, Inverse: a spot price, or an average that the same block could move. What is observed now has no
/// weight in the mean of now, and one observation moves later means by less than a clamped step's share.
contract Row26SpotAveragesTest is PriceIncident {
    function test_ObservingAndTradingInOneTransactionMovesNothing() public {
        steady();
        vm.warp(block.timestamp + 30);
        uint256 mean = oracle.explain(ETH).mean;
        observe(2190_00000000, 2190_00000000);
        assertEq(oracle.explain(ETH).mean, mean, "the mean of the same transaction");
    }

    /// @dev Both sources for one block: a tenth up, and back two seconds later.
    function test_OneBlockMovesTheMeanByNextToNothing() public {
        steady();
        vm.warp(block.timestamp + 30);
        observe(2190_00000000, 2190_00000000);
        vm.warp(block.timestamp + 2);
        // 6 % of 2 of 900 seconds.
        assertLe(oracle.explain(ETH).mean, 2000e18 + uint256(2000e18) * 6 / 100 * 2 / 900, "by more than its share");
    }

    function test_NobodyObservesTwiceInHalfAMinute() public {
        steady();
        vm.warp(block.timestamp + 30);
        observe(2010_00000000, 2010_00000000);
        for (uint256 i; i < 10; ++i) {
            vm.warp(block.timestamp + 2);
            observe(2090_00000000, 2090_00000000);
        }
        assertEq(oracle.explain(ETH).mean, 2000e18 + uint256(10e18) * 20 / 900, "the first one alone");
    }
}
