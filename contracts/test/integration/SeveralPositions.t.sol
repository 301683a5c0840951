// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketRisk, Order} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Price, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Liquidation} from "../../src/libraries/LiquidationMath.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";
import {Vm} from "../foundry/Vm.sol";

/// @notice Accounts with several positions: what one lost and another won, and accounts of different markets in one call.
contract SeveralPositionsTest is StressFixture {
    int256 private constant RAW = 1e12;
    address private dave = makeAddr("dave");
    address private erin = makeAddr("erin");

    /// @dev A call's prices are of all its markets; each account takes its own.
    function test_EachAccountOfACallHasItsOwnMarkets() public {
        _open(erin, 3400e6, BTC, UNIT / 2);
        _open(dave, 3600e6, ETH, 10 * UNIT);
        trade(dave, BTC, UNIT / 10, BTC_PRICE);
        _prices(1830e18, 55_000e18);
        uint256 snapshot = vm.snapshotState();
        vm.startPrank(keeper);
        engine.liquidate(account(erin), noUpdate);
        engine.liquidate(account(dave), noUpdate);
        vm.stopPrank();
        (int256 erins, int256 daves, int256 davesOther) = (sizeOf(erin, BTC), sizeOf(dave, ETH), sizeOf(dave, BTC));
        vm.revertToState(snapshot);

        bytes32[] memory accounts = new bytes32[](2);
        (accounts[0], accounts[1]) = (account(erin), account(dave));
        vm.prank(keeper);
        engine.liquidateMany(accounts, noUpdate);
        assertLt(erins, UNIT / 2, "erin is reduced in the second market");
        assertLt(daves, 10 * UNIT, "dave in the first");
        assertEq(sizeOf(erin, BTC), erins, "erin as in a call of her own");
        assertEq(sizeOf(dave, ETH), daves, "and dave");
        assertEq(sizeOf(dave, BTC), davesOther, "in both of his markets");
        assertEq(davesOther, UNIT / 10, "the second of which stays");
        assertEq(sizeOf(erin, ETH), 0, "erin has nothing in his");
    }

    /// @dev The loss is beyond the margin, but not beyond the profit in the other market: nobody else pays it.
    function test_ALossBeyondTheMarginStaysInThePositionThatRemains() public {
        _open(erin, 9500e6, ETH, 30 * UNIT);
        trade(erin, BTC, UNIT / 10, BTC_PRICE);
        (Liquidation memory preview, int256[] memory parts) = _fallUntilDeferred();
        assertLe(parts[1], 0, "of the other nothing is added");
        assertGt(sizeOf(erin, BTC) + parts[1], 0, "and some of it stays");

        int256 nav = cold.solvency().netAssetValue;
        vm.recordLogs();
        vm.prank(keeper);
        engine.liquidate(account(erin), noUpdate);
        Vm.Log memory told = _only(IEngineEvents.LossDeferred.selector);
        (uint256 deferred, int256 cash) = abi.decode(told.data, (uint256, int256));
        assertEq(told.topics[1], account(erin), "account");
        assertEq(uint256(told.topics[2]), BTC, "the market that stays");
        assertEq(deferred, preview.deferred, "the loss foreseen");
        assertEq(cash, cold.getPosition(account(erin), BTC).cash, "the position's cash with it");
        assertEq(marginOf(erin), 0, "all of the margin is spent");
        assertEq(cold.getAccount(account(erin)).markets, 1 << BTC, "one position stays");
        assertGe(cold.solvency().netAssetValue, nav, "and the pool bears nothing");
    }

    /// @dev By an order, at the settlement: as by a liquidation.
    function test_AClosedLossBeyondTheMarginIsTheOtherPositions() public {
        _open(erin, 9500e6, ETH, 30 * UNIT);
        trade(erin, BTC, UNIT / 10, BTC_PRICE);
        moveTo(BTC, 200_000e18);
        Order[] memory orders = marketOrder(erin, -30 * UNIT);
        commit(erin, ETH, orders);
        uint256 snapshot = vm.snapshotState();
        vm.warp(block.timestamp + 3);
        setPrice(ETH, 1600e18);
        (Outcome memory outcome,) = risk.previewOrder(ETH, orders[0], oracle.peek(ETH));
        vm.revertToState(snapshot);
        assertGt(outcome.deferred, 0, "more than the margin is lost");
        assertEq(outcome.badDebt, 0, "and no more than there is");

        int256 cash = cold.getPosition(account(erin), BTC).cash;
        vm.recordLogs();
        settle(ETH, 1600e18, orders);
        Vm.Log memory told = _only(IEngineEvents.LossDeferred.selector);
        assertEq(uint256(told.topics[2]), BTC, "the market that stays");
        assertEq(sizeOf(erin, ETH), 0, "closed");
        assertEq(marginOf(erin), 0, "all of the margin is spent");
        int256 left = cold.getPosition(account(erin), BTC).cash;
        assertEq(left, cash - int256(outcome.deferred) * RAW, "the position's cash has the rest");
    }

    /// @dev What is closed has won more than the pool has: keeper and reserves are paid out of the margin, the account is
    /// owed the rest.
    function test_AProfitThatThePoolLacksIsClaimedAfterRewardAndPenalty() public {
        _open(erin, 10_000e6, ETH, 30 * UNIT);
        trade(erin, BTC, UNIT * 3 / 10, BTC_PRICE);
        leavePool(0);
        _prices(2200e18, 17_000e18);
        (Liquidation memory preview, int256[] memory parts) = _preview();
        assertLt(parts[0], 0, "of the winning position");
        assertEq(parts[1], 0, "alone");
        assertGt(preview.poolPays, 0, "the pool would pay");
        uint256 margin = marginOf(erin);
        uint256 fees = cold.getPool().fees;
        uint256 keepers = marginOf(keeper);

        vm.prank(keeper);
        engine.liquidate(account(erin), noUpdate);
        assertEq(cold.claimOf(account(erin)), uint256(preview.poolPays), "all of it is a claim");
        assertEq(marginOf(erin), margin - preview.reward - preview.penalty, "the margin has paid");
        assertEq(marginOf(keeper), keepers + preview.reward, "the keeper");
        assertEq(uint256(cold.getPool().fees), fees + preview.penalty, "and the penalty");
        assertGt(preview.reward, 0, "a reward");
        assertGt(preview.penalty, 0, "a penalty");
    }

    /// @dev Closing all of it would turn the skew and make it grow, closing the part does not.
    function test_APartThatMakesTheSkewShrinkIsNotMetered() public {
        trade(bob, ETH, -30 * UNIT, ETH_PRICE);
        _open(erin, 12_000e6, ETH, 50 * UNIT);
        assertEq(skewOf(ETH), 20 * UNIT, "the longs are more");
        _prices(1875e18, BTC_PRICE);
        vm.prank(keeper);
        engine.liquidate(account(erin), noUpdate);
        assertLt(sizeOf(erin, ETH), 50 * UNIT, "a part is closed");
        assertGt(sizeOf(erin, ETH), 0, "and a part stays");
        assertLt(abs(skewOf(ETH)), uint256(int256(20 * UNIT)), "the skew has shrunk");
        MarketRisk memory risk_ = cold.getMarketRisk(ETH);
        assertEq(uint256(risk_.metered), 0, "nothing is metered");
        assertEq(uint256(risk_.meteredAt), 0, "the meter has not begun");
    }

    // ---------------------------------------------------------------- scenes

    function _open(address owner, uint256 assets, uint256 market, int88 size) private {
        fund(owner, assets);
        trade(owner, market, size, market == ETH ? ETH_PRICE : BTC_PRICE);
    }

    function _prices(uint256 eth, uint256 btc) private {
        vm.warp(block.timestamp + 1);
        setPrice(ETH, eth);
        setPrice(BTC, btc);
    }

    function _preview() private returns (Liquidation memory, int256[] memory) {
        Price[] memory prices = oracle.presentPrices(3, noUpdate, PriceUse.Liquidate, address(this));
        return risk.previewLiquidation(account(erin), prices);
    }

    /// @dev The first market falls until all of that position is closed and its loss is more than the margin.
    function _fallUntilDeferred() private returns (Liquidation memory preview, int256[] memory parts) {
        for (uint256 price = 1340e18; price > 1200e18; price -= 1e18) {
            _prices(price, 200_000e18);
            (preview, parts) = _preview();
            if (preview.deferred != 0 && sizeOf(erin, ETH) + parts[0] == 0) return (preview, parts);
        }
        assertTrue(false, "no such price");
    }

    function _only(bytes32 selector) private returns (Vm.Log memory found) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != selector) continue;
            (found, count) = (logs[i], count + 1);
        }
        assertEq(count, 1, "told once");
    }
}
