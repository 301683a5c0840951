// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoint, Deleveragings, Failure} from "../../src/engine/EngineTypes.sol";
import {Price, PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {DeleveragingMath} from "../../src/libraries/DeleveragingMath.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {Outcome, TradeContext, TradeMath} from "../../src/libraries/TradeMath.sol";
import {Test} from "../foundry/Test.sol";
import {Held, HeldMath} from "./Held.sol";

/// @notice What holds at the very value of a bound, and what a unit beside it: random numbers do not meet them.
/// At $1 and without fees, skew and depth as to leave no impact.
contract BoundariesTest is Test {
    using HeldMath for Held[];

    uint256 internal constant DOLLAR = 1e18;
    int88 internal constant UNIT = 1e12;

    Deleveragings private _side;
    Deleveragings private _other;

    // ---------------------------------------------------------------- trades

    function test_ALimitPriceBindsBeyondItself() public pure {
        TradeContext memory context = _opening(100 * UNIT);
        _expect(context, Failure.None);
        context = _opening(100 * UNIT);
        context.trade.limitPrice = DOLLAR - 1;
        _expect(context, Failure.LimitExceeded);
    }

    function test_TheLeastNotionalIsNoDust() public pure {
        _expect(_opening(10 * UNIT), Failure.None);
        _expect(_opening(10 * UNIT - 2), Failure.Dust);
    }

    function test_TheLargestNotionalIsNotTooLarge() public pure {
        _expect(_vast(5 * UNIT), Failure.None);
        _expect(_vast(5 * UNIT + 2), Failure.TooLarge);
    }

    /// @dev $100 of initial margin and $2 for a reward.
    function test_TheInitialMarginIsEnough() public pure {
        _needs(1000 * UNIT, 102e18);
    }

    /// @dev $3 would be enough for the ratio and a reward.
    function test_TheMarginOfAPositionIsEnough() public pure {
        _needs(10 * UNIT, 4e18);
    }

    function test_AnAccountWithoutEquityStillCloses() public pure {
        TradeContext memory context = _closing(1000 * UNIT, -1000 * UNIT);
        context.trade.spread = 1e15;
        Outcome memory outcome = _expect(context, Failure.None);
        assertEq(outcome.badDebt, 1e18, "the spread is not lost");
        context = _closing(1000 * UNIT, -1000 * UNIT);
        context.trade.spread = 1e15;
        context.others.value = -1;
        _expect(context, Failure.EquityNegative);
    }

    /// @dev Half of a position gains $5 along the curve, half of the $10 that are lacking.
    function test_EquityToNotionalMustGetBetter() public pure {
        _expect(_lacking(10e30, -50 * UNIT), Failure.EquityNegative);
        _expect(_lacking(10e30 - 1, -50 * UNIT), Failure.None);
    }

    /// @dev All of it gains $7.50 along the curve.
    function test_AGainOfAllThatLacksCloses() public pure {
        _expect(_lacking(7.5e30, -100 * UNIT), Failure.None);
        _expect(_lacking(7.5e30 + 1, -100 * UNIT), Failure.EquityNegative);
    }

    function test_AsMuchAgainClosesNothing() public pure {
        assertEq(TradeMath.closingPart(5, 5), 0, "an increase closes");
        assertEq(TradeMath.closingPart(5, -5), -5, "the opposite does not close all");
    }

    /// @dev A fifth of 5,000 units is the $1,000 that the market may lock.
    function test_ASideAtItsCapLetsNoneOpen() public pure {
        uint256 cap = 5000e12;
        assertEq(FillMath.allocationRoom(1000e18, DOLLAR, 0, 0, cap), 0, "beside a side at the cap");
        assertEq(FillMath.allocationRoom(1000e18, DOLLAR, 0, 0, cap - 1), cap, "beside a side below it");
    }

    // ---------------------------------------------------------------- liquidation

    /// @dev $50 of maintenance margin and $2 for the reward.
    function test_MaintenanceMarginIsEnough() public pure {
        assertFalse(_one(_held(1000 * UNIT, 500)).liquidate(52e18, 0).due, "due at the maintenance margin");
        assertTrue(_one(_held(1000 * UNIT, 500)).liquidate(52e18 - 1, 0).due, "not due below it");
    }

    function test_HalfOfMaintenanceMarginLeavesAPart() public pure {
        Held[] memory held = _one(_held(1000 * UNIT, 500));
        held.liquidate(26e18, 0);
        assertGt(held[0].sizeDelta, -1000 * UNIT, "whole at a half");
        held = _one(_held(1000 * UNIT, 500));
        held.liquidate(26e18 - 1, 0);
        assertEq(held[0].sizeDelta, -1000 * UNIT, "a part below it");
    }

    function test_OfTwoAlikeTheFirstIsClosed() public pure {
        Held[] memory held = new Held[](2);
        (held[0], held[1]) = (_held(1000 * UNIT, 800), _held(1000 * UNIT, 800));
        held.liquidate(161e18, 0);
        assertLt(held[0].sizeDelta, 0, "the first is left alone");
        assertEq(held[1].sizeDelta, 0, "the second is closed");
    }

    function test_APartMayTakeAllThatTheMeterHas() public pure {
        uint256 part = _closed(0, 0);
        assertGt(part, 0, "nothing is closed");
        assertLt(part, 1000e12, "all is closed");
        assertEq(_closed(part, 2 * part), part, "what is there");
        assertEq(_closed(part - 1, 2 * part), 0, "what is not there yet");
        assertEq(_closed(part - 1, part - 1), part - 1, "a full meter is too small");
    }

    /// @dev The surcharge takes all that a unit frees, so that no part restores the account.
    function test_WhatClosesWholeWaitsForNoMeter() public pure {
        Held[] memory held = _one(_held(1000 * UNIT, 800));
        (held[0].price.halfWidth, held[0].capacity) = (DOLLAR / 10, 1);
        held.liquidate(81e18, 0);
        assertEq(held[0].sizeDelta, -1000 * UNIT, "waits");
    }

    /// @dev The meter leaves $10 of a position that would be closed to less.
    function test_TheLeastNotionalMayStay() public pure {
        assertEq(_leaving(190e12), 190e12, "ten dollars do not stay");
        assertEq(_leaving(190e12 + 1), 200e12, "dust stays");
    }

    // ---------------------------------------------------------------- deleveraging

    function test_ARoundEndsBelowTheLeastMultiplier() public {
        DeleveragingMath.record(_side, true, 1 << 32, 1, 0);
        Checkpoint memory last = _side.checkpoints[1 << 1 | 1];
        assertEq(last.multiplier, DeleveragingMath.LEAST_MULTIPLIER, "another multiplier");
        assertEq(last.round, 0, "ends at it");
        DeleveragingMath.record(_other, true, (1 << 32) + 1, 1, 0);
        assertEq(_other.checkpoints[1 << 1 | 1].round, 1, "goes on below it");
    }

    // ---------------------------------------------------------------- fixtures

    function _expect(TradeContext memory context, Failure failure) private pure returns (Outcome memory outcome) {
        TradeMath.execute(outcome, context);
        assertEq(uint256(outcome.failure), uint256(failure), "another outcome");
    }

    /// @dev To open so much, and not a unit less.
    function _needs(int88 size, uint256 margin) private pure {
        TradeContext memory context = _opening(size);
        context.margin = margin;
        _expect(context, Failure.None);
        context = _opening(size);
        context.margin = margin - 1;
        _expect(context, Failure.MarginTooLow);
    }

    /// @dev Half of the size against the others, half beyond: the impact is zero.
    function _opening(int88 size) private pure returns (TradeContext memory context) {
        context.config.skewScale = type(uint64).max;
        (context.config.skewCapBps, context.config.openInterestCapBps) = (400, 400);
        (context.config.accountCapPercent, context.config.initialMarginBps) = (100, 1000);
        context.market.shorts = uint88(size / 2);
        (context.margin, context.allowance) = (1e27, 1e30);
        (context.trade.sizeDelta, context.trade.opening, context.trade.limitPrice) = (size, true, DOLLAR);
        _price(context, DOLLAR);
    }

    /// @dev At $100 M a unit.
    function _vast(int88 size) private pure returns (TradeContext memory context) {
        context = _opening(size);
        context.trade.limitPrice = 1e26;
        _price(context, 1e26);
    }

    /// @dev Without equity.
    function _closing(int88 size, int256 sizeDelta) private pure returns (TradeContext memory context) {
        context.config.skewScale = type(uint64).max;
        (context.position.size, context.position.cash) = (size, -int136(size) * int136(int256(DOLLAR)));
        (context.market.longs, context.market.shorts) = (uint88(size), uint88(size / 2));
        context.market.cash = context.position.cash;
        (context.trade.sizeDelta, context.trade.reduceOnly) = (sizeDelta, true);
        _price(context, DOLLAR);
    }

    function _lacking(int256 lacking, int256 sizeDelta) private pure returns (TradeContext memory context) {
        context = _closing(100 * UNIT, sizeDelta);
        context.config.skewScale = 1e9;
        (context.market.longs, context.market.shorts) = (125e12, 0);
        context.others.value = -lacking;
    }

    function _price(TradeContext memory context, uint256 price) private pure {
        (context.trade.price, context.trade.adverseLong, context.trade.adverseShort) = (price, price, price);
    }

    /// @dev A long worth nothing, at 10 % of initial margin, in a market without skew.
    function _held(int88 size, uint16 maintenanceBps) private pure returns (Held memory held) {
        (held.config.skewScale, held.config.initialMarginBps) = (type(uint64).max, 1000);
        held.config.maintenanceMarginBps = maintenanceBps;
        (held.position.size, held.position.cash) = (size, -int136(size) * int136(int256(DOLLAR)));
        (held.market.longs, held.market.shorts, held.market.cash) = (uint88(size), uint88(size), held.position.cash);
        held.price = Price(DOLLAR, DOLLAR, DOLLAR, 0, 0, PriceState.Normal);
    }

    function _one(Held memory held) private pure returns (Held[] memory list) {
        list = new Held[](1);
        list[0] = held;
    }

    /// @return What is closed of 1,000 units, 12 decimals.
    function _closed(uint256 room, uint256 capacity) private pure returns (uint256) {
        Held[] memory held = _one(_held(1000 * UNIT, 800));
        (held[0].room, held[0].capacity) = (room, capacity);
        held.liquidate(81e18, 0);
        return uint256(-held[0].sizeDelta);
    }

    /// @return What is closed of 200 units, 12 decimals, by a full meter.
    function _leaving(uint256 capacity) private pure returns (uint256) {
        Held[] memory held = _one(_held(200 * UNIT, 800));
        held[0].config.penaltyBps = 201;
        (held[0].room, held[0].capacity) = (capacity, capacity);
        held.liquidate(9e18, 0);
        return uint256(-held[0].sizeDelta);
    }
}
