// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {orderOf} from "../fixtures/Orders.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Market, Order} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {IPriceOracle, Price, PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";

/// @notice A delisted market is announced a day ahead, stops at a last price, and everybody leaves at it.
contract FinalSettlementTest is StressFixture {
    uint256 private constant RAW = 1e12;
    bytes32 private constant CONFIGURATOR = keccak256("CONFIGURATOR_ROLE");

    // ---------------------------------------------------------------- the announcement

    function test_AnnouncingMakesTheMarketReduceOnly() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        uint256 at = _announce(ETH);
        assertEq(deleverager.settlesAt(ETH), at, "announced");
        Order[] memory orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        assertEq(sizeOf(alice, ETH), 10 * UNIT, "does not open");
        trade(alice, ETH, -4 * UNIT, ETH_PRICE);
        assertEq(sizeOf(alice, ETH), 6 * UNIT, "reduces");
        // Nor can it be opened again while the end stands.
        vm.prank(admin);
        vm.expectPartialRevert(IEngineErrors.SettlementAnnounced.selector);
        cold.setReduceOnly(ETH, false);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        assertEq(sizeOf(alice, ETH), 6 * UNIT, "still does not");
    }

    function test_RevertWhen_AnnouncedLessThanADayAhead() public {
        uint256 earliest = block.timestamp + 24 hours;
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.SettlementTooSoon.selector, earliest - 1, earliest));
        deleverager.scheduleSettlement(ETH, uint40(earliest - 1));
    }

    function test_RevertWhen_AnnouncedOrCancelledByAStranger() public {
        bytes memory refusal =
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, alice, CONFIGURATOR);
        vm.startPrank(alice);
        vm.expectRevert(refusal);
        deleverager.scheduleSettlement(ETH, uint40(block.timestamp + 2 days));
        vm.expectRevert(refusal);
        deleverager.cancelSettlement(ETH);
    }

    function test_TheAnnouncementCanBeTakenBack() public {
        uint256 at = _announce(ETH);
        vm.prank(admin);
        deleverager.cancelSettlement(ETH);
        vm.warp(at);
        setPrice(ETH, ETH_PRICE);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.SettlementNotScheduled.selector, ETH));
        deleverager.settleMarket(ETH, noUpdate);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.SettlementNotScheduled.selector, ETH));
        deleverager.cancelSettlement(ETH);
        vm.prank(admin);
        cold.setReduceOnly(ETH, false);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeOf(alice, ETH), UNIT, "open again");
    }

    function test_RevertWhen_SettledBeforeItsTime() public {
        uint256 at = _announce(ETH);
        vm.warp(at - 1);
        setPrice(ETH, ETH_PRICE);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.SettlementNotDue.selector, at - 1, at));
        deleverager.settleMarket(ETH, noUpdate);
        vm.warp(at);
        setPrice(ETH, ETH_PRICE);
        deleverager.settleMarket(ETH, noUpdate);
    }

    // ---------------------------------------------------------------- a market whose sources have failed

    function test_TheOraclesClosingPriceGoesBeforeThePresentOne() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        vm.warp(_announce(ETH));
        oracle.setJudged(ETH, ETH_PRICE, block.timestamp, 5, 10, PriceState.Halted);
        vm.expectPartialRevert(IPriceOracle.PriceUseRefused.selector);
        deleverager.settleMarket(ETH, noUpdate);
        oracle.setClosingPrice(ETH, 1234e18);
        vm.deal(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.UnexpectedValue.selector, uint256(1)));
        deleverager.settleMarket{value: 1}(ETH, noUpdate);
        deleverager.settleMarket(ETH, noUpdate);
        Market memory last = cold.getMarket(ETH);
        assertEq(last.index, 1234e18, "the closing price");
        assertEq(last.indexAt, block.timestamp, "as of now");
        deleverager.settlePosition(account(alice), ETH);
        assertEq(cold.getMarket(ETH).longs, 0, "and everybody leaves at it");
        assertBooks();
    }

    // ---------------------------------------------------------------- after the end

    function test_IndexAndFundingStayForGood() public {
        trade(alice, ETH, 50 * UNIT, ETH_PRICE);
        _end(ETH, 2300e18);
        Market memory last = cold.getMarket(ETH);
        assertEq(last.index, 2300e18, "the last price");
        vm.warp(block.timestamp + 30 days);
        setPrice(ETH, 9e18);
        cold.accrue(ETH);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.MarketSettled.selector, ETH));
        cold.updateIndices(1, noUpdate);
        Market memory now_ = cold.getAccruedMarket(ETH);
        assertEq(now_.index, last.index, "index");
        assertEq(int256(now_.funding), int256(last.funding), "funding");
    }

    function test_RevertWhen_AnythingElseIsAskedOfASettledMarket() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        _announce(ETH);
        vm.warp(block.timestamp + 24 hours);
        Order[] memory waiting = marketOrder(alice, -UNIT);
        commit(alice, ETH, waiting);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        deleverager.settleMarket(ETH, noUpdate);
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.MarketSettled.selector, ETH);

        Order[][] memory batches = new Order[][](1);
        batches[0] = waiting;
        vm.expectRevert(refusal);
        engine.settle(ETH, batches, noUpdate);
        vm.warp(block.timestamp + 61);
        Price memory price = oracle.peek(ETH);
        vm.startPrank(alice);
        vm.expectRevert(refusal);
        engine.commit(ETH, waiting);
        vm.expectRevert(refusal);
        engine.closeNow(account(alice), ETH, 1, 0, noUpdate);
        vm.expectRevert(refusal);
        risk.previewOrder(ETH, orderOf(account(alice), -UNIT, 0, true), price);
        vm.expectRevert(refusal);
        deleverager.deleverage(ETH, noUpdate);
        vm.expectRevert(refusal);
        deleverager.crystallise(account(alice), ETH, noUpdate);
        vm.expectRevert(refusal);
        deleverager.settleMarket(ETH, noUpdate);
        vm.stopPrank();
        vm.startPrank(admin);
        vm.expectRevert(refusal);
        deleverager.scheduleSettlement(ETH, uint40(block.timestamp + 2 days));
        vm.expectRevert(refusal);
        cold.scheduleParameters(ETH, config(10_000e6), 50, 1 days);
        vm.expectRevert(refusal);
        cold.setReduceOnly(ETH, false);
        vm.stopPrank();
        cold.expire(ETH, 1);
        assertEq(cold.getQueue(ETH).escrow, 0, "orders that waited expire as ever");
    }

    function test_AWinnerLeavesAtTheIndexWithoutCost() public {
        trade(alice, ETH, 10 * UNIT + 7, ETH_PRICE);
        _end(ETH, 2300e18 + 1);
        (uint256 margin, int256 value) = (marginOf(alice), valueOf(alice, ETH));
        Solvency memory before = cold.solvency();
        assertEq(before.skewReserve, 0, "nobody leaves by the curve any more");
        assertEq(risk.previewSettlement(account(alice), ETH), value / int256(RAW), "previewed");
        deleverager.settlePosition(account(alice), ETH);
        assertEq(marginOf(alice), margin + uint256(value) / RAW, "all of it, nothing less");
        assertEq(cold.getAccount(account(alice)).markets, 0, "out");
        assertEq(cold.getMarket(ETH).longs, 0, "no open interest");
        assertEq(uint256(cold.getPosition(account(alice), ETH).generation), 1, "a life ended");
        int256 gain = cold.solvency().netAssetValue - before.netAssetValue;
        assertTrue(gain >= 0 && gain < int256(RAW), "the pool gains less than a wad");
        assertBooks();
    }

    function test_AShortLeavesToo() public {
        trade(alice, ETH, -10 * UNIT, ETH_PRICE);
        _end(ETH, 1700e18);
        (uint256 margin, int256 value) = (marginOf(alice), valueOf(alice, ETH));
        deleverager.settlePosition(account(alice), ETH);
        assertEq(marginOf(alice), margin + uint256(value) / RAW, "profit");
        assertEq(cold.getMarket(ETH).shorts, 0, "no open interest");
        assertBooks();
    }

    function test_AWinnerIsOwedWhatThePoolLacks() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        leavePool(500e18);
        _end(ETH, 2300e18);
        (uint256 margin, int256 value) = (marginOf(alice), valueOf(alice, ETH));
        deleverager.settlePosition(account(alice), ETH);
        assertEq(marginOf(alice), margin + 500e18, "what there was");
        assertEq(cold.unpaidClaim(account(alice)), uint256(value) / RAW - 500e18, "the rest");
        assertBooks();
    }

    function test_ALossBeyondTheMarginStaysInTheOtherPosition() public {
        trade(carol, BTC, UNIT / 2, BTC_PRICE);
        trade(carol, ETH, -40 * UNIT, ETH_PRICE);
        _withdrawTo(carol, 30_000e18);
        _end(ETH, 3000e18);
        (int256 value, int256 btc) = (valueOf(carol, ETH), cold.getPosition(account(carol), BTC).cash);
        uint256 margin = marginOf(carol);
        int256 nav = cold.solvency().netAssetValue;
        deleverager.settlePosition(account(carol), ETH);
        uint256 lost = (uint256(-value) + RAW - 1) / RAW;
        assertEq(marginOf(carol), 0, "all of the margin");
        assertEq(
            int256(cold.getPosition(account(carol), BTC).cash), btc - int256((lost - margin) * RAW), "the rest stays"
        );
        int256 gain = cold.solvency().netAssetValue - nav;
        assertTrue(gain >= 0 && gain < int256(RAW), "nobody else pays");
        assertBooks();
    }

    function test_ALossBeyondEverythingIsBadDebtThatInsuranceCovers() public {
        trade(carol, ETH, -40 * UNIT, ETH_PRICE);
        _withdrawTo(carol, 30_000e18);
        usdc.mint(address(this), 5_000e6);
        usdc.approve(address(engine), 5_000e6);
        cold.fundInsurance(5_000e6);
        _end(ETH, 3000e18);
        uint256 lost = (uint256(-valueOf(carol, ETH)) + RAW - 1) / RAW;
        uint256 badDebt = lost - marginOf(carol);
        uint256 margin = marginOf(carol);
        Solvency memory before = cold.solvency();
        cold.divideReserves();
        uint256 insurance = cold.getReserves().insurance;
        deleverager.settlePosition(account(carol), ETH);
        assertGt(badDebt, insurance, "more than insurance has");
        assertEq(cold.getReserves().insurance, insurance - insurance / 2, "half of insurance first");
        assertEq(cold.solvency().poolCash, before.poolCash + margin + insurance / 2, "then the pool");
        assertEq(marginOf(carol), 0, "nothing left");
        assertBooks();
    }

    // ---------------------------------------------------------------- accounts that still hold one

    function test_RevertWhen_AnAccountWithAnUnsettledPositionWithdrawsOrIsLiquidated() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        _end(ETH, 1500e18);
        setPrice(BTC, BTC_PRICE);
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.PositionUnsettled.selector, ETH);
        vm.prank(alice);
        vm.expectRevert(refusal);
        cold.withdraw(account(alice), 1e6, alice, noUpdate);
        vm.expectRevert(refusal);
        engine.liquidate(account(alice), noUpdate);
        deleverager.settlePosition(account(alice), ETH);
        vm.prank(alice);
        cold.withdraw(account(alice), 1e6, alice, noUpdate);
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.liquidate(account(alice), noUpdate);
    }

    function test_ASettledPositionIsNeverStale() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        _end(ETH, ETH_PRICE);
        vm.warp(block.timestamp + 30 days);
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        assertEq(sizeOf(alice, BTC), UNIT / 10, "opens beside it");
    }

    function test_TheOthersAskNoPriceOfIt() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        _end(ETH, 2300e18);
        vm.warp(block.timestamp + 1 days);
        // The oracle's price of the settled market is gone; its index counts.
        oracle.set(ETH, 0, 0, 0, 0);
        setPrice(BTC, BTC_PRICE);
        vm.startPrank(admin);
        (int256 lowest, int256 highest,) = cold.priceLiquidity(noUpdate);
        assertEq(lowest, highest, "no band where no market is open");
        int256 nav = cold.solvency().netAssetValue;
        assertTrue(nav - lowest * int256(RAW) < int256(RAW) && nav >= lowest * int256(RAW), "at the frozen index");
        cold.setPauseLevel(2);
        cold.setPauseLevel(0);
        vm.stopPrank();
        assertEq(cold.getMarket(ETH).index, 2300e18, "index");
        vm.expectPartialRevert(IEngineErrors.ExposureWithinLimit.selector);
        deleverager.deleverage(BTC, noUpdate);
    }

    // ---------------------------------------------------------------- scenes

    function _announce(uint256 market) private returns (uint256 at) {
        at = block.timestamp + 24 hours;
        vm.prank(admin);
        deleverager.scheduleSettlement(market, uint40(at));
    }

    function _end(uint256 market, uint256 price) private {
        vm.warp(_announce(market));
        setPrice(market, price);
        deleverager.settleMarket(market, noUpdate);
    }

    function _withdrawTo(address owner, uint256 margin) private {
        vm.warp(block.timestamp + 61);
        setPrice(ETH, ETH_PRICE);
        setPrice(BTC, BTC_PRICE);
        uint256 assets = (marginOf(owner) - margin) / RAW;
        vm.prank(owner);
        cold.withdraw(account(owner), assets, owner, noUpdate);
    }
}
