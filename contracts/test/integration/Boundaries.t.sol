// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice What holds of the engine at the very value of a bound.
contract EngineBoundariesTest is EngineFixture {
    function test_AnotherPriceOfTheSameSecondLeavesTheIndex() public {
        vm.warp(block.timestamp + 10);
        setPrice(ETH, 2100e18);
        cold.updateIndices(1, noUpdate);
        setPrice(ETH, 2200e18);
        cold.updateIndices(1, noUpdate);
        assertEq(uint256(cold.getMarket(ETH).index), 2100e18, "index");
    }

    function test_AHaltAgainChangesNothing() public {
        vm.startPrank(admin);
        cold.setPauseLevel(2);
        uint8 flags = cold.getMarketConfig(ETH).flags;
        cold.setPauseLevel(2);
        assertEq(uint256(cold.getMarketConfig(ETH).flags), uint256(flags), "flags");
    }
}
