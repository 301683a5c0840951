// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {MarginMath, Portfolio} from "../../src/libraries/MarginMath.sol";
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

    /// @dev Nothing is withdrawn in the last second in which an order may settle.
    function test_AWithdrawalIsForeseenAMinuteAfterACommit() public {
        fund(alice, 1_000e6);
        commit(alice, ETH, marketOrder(alice, UNIT / 10));
        vm.warp(block.timestamp + 60);
        (,, bool permitted) = risk.previewWithdrawal(account(alice), 1e6, new Price[](0));
        assertFalse(permitted, "in the last second");
        vm.warp(block.timestamp + 1);
        (,, permitted) = risk.previewWithdrawal(account(alice), 1e6, new Price[](0));
        assertTrue(permitted, "after it");
    }

    function test_APositionWithoutCashCounts() public pure {
        Portfolio memory sums;
        Position memory position;
        Market memory market;
        MarketConfig memory c = config(10_000e6);
        position.size = UNIT;
        MarginMath.add(sums, position, market, c, ETH_PRICE);
        assertEq(sums.positions, 1, "positions");
        assertEq(sums.value, int256(ETH_PRICE) * UNIT, "value");
        position.size = 0;
        MarginMath.add(sums, position, market, c, ETH_PRICE);
        assertEq(sums.positions, 1, "one that is not there");
    }

    /// @dev 1.89 % and 0.10 % and 4 % are a hundredth of a percent less than 6 %, all the way.
    function test_APenaltyMayStepToTheLastBasisPoint() public {
        MarketConfig memory c = config(10_000e6);
        c.penaltyBps = 189;
        changeParameters(ETH, c, 1 days);
        assertEq(cold.getMarketConfig(ETH).penaltyBps, 189, "in force");
    }

    function test_IndicesOfAMinuteAgoAppraise() public {
        vm.warp(block.timestamp + 10);
        setPrice(ETH, ETH_PRICE);
        setPrice(BTC, BTC_PRICE);
        cold.updateIndices(3, noUpdate);
        vm.warp(block.timestamp + 60);
        cold.appraise();
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.IndexTooOld.selector, ETH, 61, 60));
        cold.appraise();
    }

    function test_AnAccountWithoutAnythingIsHealthy() public {
        assertFalse(risk.getHealth(account(makeAddr("nobody"))).liquidatable, "liquidatable");
    }
}
