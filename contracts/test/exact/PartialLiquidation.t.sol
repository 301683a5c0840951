// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {Liquidation, LiquidationMath} from "../../src/libraries/LiquidationMath.sol";
import {MarginMath} from "../../src/libraries/MarginMath.sol";
import {Endangered, EndangeredAccounts} from "./EndangeredAccounts.sol";
import {Dice} from "./Cases.sol";
import {Held, HeldMath} from "./Held.sol";

/// @notice What a liquidation closes of an account of one to three positions is the least that restores its initial
/// margin: reckoned anew from the account as it was, and from the account as it is left.
/// forge-config: default.fuzz.runs = 300
/// forge-config: ci.fuzz.runs = 5000
contract PartialLiquidationTest is EndangeredAccounts {
    uint256 private constant DUST = 10e30;

    /// @dev How often each kind of liquidation was seen.
    struct Seen {
        uint256 healthy;
        uint256 whole;
        uint256 part;
        uint256 laterPart;
        uint256 cut;
        uint256 waiting;
        uint256 allOfOne;
        uint256 enough;
    }

    function testFuzz_APartIsTheLeastThatRestoresTheInitialMargin(uint256 seed) public pure {
        Seen memory seen;
        _check(Dice(seed), seen);
    }

    function test_TheCasesAreOfEveryKind() public pure {
        Seen memory seen;
        for (uint256 seed; seed < 300; ++seed) {
            _check(Dice(seed), seen);
        }
        assertGt(seen.healthy, 3, "healthy accounts");
        assertGt(seen.whole, 3, "whole liquidations");
        assertGt(seen.part, 30, "parts");
        assertGt(seen.laterPart, 3, "parts after whole positions");
        assertGt(seen.cut, 3, "parts cut by the meter");
        assertGt(seen.waiting, 3, "positions that wait for the meter");
        assertGt(seen.allOfOne, 3, "whole positions of which no part is enough");
        assertGt(seen.enough, 0, "accounts restored by one of several positions");
    }

    function testFuzz_WhatIsLeftHasTheEquityReckoned(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Endangered memory was = anyEndangered(dice);
        Endangered memory left = copyOf(was);
        Liquidation memory result = HeldMath.liquidate(left.holdings, was.margin, was.claim);
        uint256 open = _openOf(left);
        if (result.closed == 0 || open == 0) return;
        (int256 equity, uint256 initial,,) = appraise(left);
        equity += int256((result.margin + was.claim) * RAW);
        int256 surplus = equity - int256((initial + result.reward) * RAW);
        int256 reckoned = _surplusOf(was, left);
        assertLe(surplus, reckoned, "more equity is left than was reckoned");
        assertLt(reckoned - surplus, int256(result.closed * RAW), "a close loses a unit or more");
        if (reckoned < 0) return;
        left.margin = result.margin;
        assertFalse(HeldMath.liquidate(left.holdings, result.margin, was.claim).due, "due again at once");
    }

    function _check(Dice memory dice, Seen memory seen) private pure {
        Endangered memory was = anyEndangered(dice);
        Endangered memory left = copyOf(was);
        Liquidation memory result = HeldMath.liquidate(left.holdings, was.margin, was.claim);
        (int256 equity,, uint256 maintenance,) = appraise(was);
        equity += int256((was.margin + was.claim) * RAW);
        if (equity >= int256(maintenance * RAW)) {
            ++seen.healthy;
            assertFalse(result.due, "a healthy account is due");
            assertEq(result.closed, 0, "a healthy account is liquidated");
        } else if (2 * equity < int256(maintenance * RAW)) {
            ++seen.whole;
            assertEq(_openOf(left), 0, "something stays open below half of maintenance");
        } else {
            _checkParts(was, left, seen);
        }
    }

    /// @dev Position after position, the largest maintenance margin first.
    function _checkParts(Endangered memory was, Endangered memory left, Seen memory seen) private pure {
        Endangered memory reached = copyOf(was);
        uint256[] memory order = orderOf(was);
        bool done;
        for (uint256 i; i < order.length; ++i) {
            Held memory holding = was.holdings[order[i]];
            int256 before = _surplusOf(was, reached);
            uint256 size = magnitudeOf(holding.position.size);
            uint256 closed = magnitudeOf(left.holdings[order[i]].sizeDelta);
            if (done) {
                assertEq(closed, 0, "more is closed than is needed");
                continue;
            }
            assertLt(before, 0, "nothing lacks, but there is more");
            reached.holdings[order[i]].sizeDelta = left.holdings[order[i]].sizeDelta;
            // Of what does not change with this position's part.
            int256 others = before - _gain(holding, 0);
            if (closed == 0) {
                ++seen.waiting;
                _checkWaiting(holding, others);
            } else if (closed == size) {
                ++seen.allOfOne;
                assertLt(_best(holding, others, _partsOf(holding)), _rounding(holding), "a part would have been enough");
                done = others + _gain(holding, size) >= 0;
                if (done && i + 1 < order.length) ++seen.enough;
            } else {
                ++seen.part;
                if (i != 0) ++seen.laterPart;
                done = true;
                if (_checkPart(holding, others, closed)) ++seen.cut;
            }
        }
    }

    /// @dev It suffices and a unit less does not; or the meter, empty before, is full.
    function _checkPart(Held memory holding, int256 others, uint256 closed) private pure returns (bool cut) {
        uint256 rest = magnitudeOf(holding.position.size) - closed;
        assertGe(rest * holding.price.mid, DUST, "dust stays");
        uint256 growth = _growth(holding, closed);
        if (holding.capacity != 0) assertLe(growth, holding.room, "a part makes the skew grow beyond its meter");
        cut = others + _gain(holding, closed) < 0;
        if (cut) {
            assertEq(growth, holding.capacity, "a part that is not enough, and the meter is not its reason");
            assertGt(growth, 0, "a part that is not enough, without a meter");
        } else {
            assertLt(others + _gain(holding, closed - 1), _rounding(holding), "a unit less would have been enough");
        }
    }

    /// @dev No part for which the meter has room is enough.
    function _checkWaiting(Held memory holding, int256 others) private pure {
        assertLt(holding.room, holding.capacity, "left alone though the meter is empty, or there is none");
        int256 skew = FundingMath.skewOf(holding.market);
        bool reduces = (skew > 0) == (holding.position.size > 0);
        uint256 permitted = holding.room + (reduces ? 2 * magnitudeOf(skew) : 0);
        assertLt(permitted, magnitudeOf(holding.position.size), "left alone though the meter has room");
        assertLt(
            _best(holding, others, permitted), _rounding(holding), "a part within the meter would have been enough"
        );
    }

    /// @dev The largest part that leaves no dust.
    function _partsOf(Held memory holding) private pure returns (uint256) {
        uint256 least = (DUST + holding.price.mid - 1) / holding.price.mid;
        uint256 size = magnitudeOf(holding.position.size);
        return size > least ? size - least : 0;
    }

    /// @dev How far rounding goes, USD, 30 decimals: ten units of money, and four of the ratio on all of the notional.
    function _rounding(Held memory holding) private pure returns (int256) {
        return int256(1e13 + 4 * magnitudeOf(holding.position.size) * holding.price.hi / 1e18);
    }

    function _growth(Held memory holding, uint256 closed) private pure returns (uint256) {
        int256 skew = FundingMath.skewOf(holding.market);
        int256 later = holding.position.size > 0 ? skew - int256(closed) : skew + int256(closed);
        return magnitudeOf(later) > magnitudeOf(skew) ? magnitudeOf(later) - magnitudeOf(skew) : 0;
    }

    /// @dev The largest surplus of the parts up to `most`: what a part gains is a parabola open below.
    function _best(Held memory holding, int256 others, uint256 most) private pure returns (int256) {
        uint256 least;
        while (most - least > 2) {
            uint256 third = (most - least) / 3;
            bool rising = _gain(holding, least + third) < _gain(holding, most - third);
            if (rising) least += third;
            else most -= third;
        }
        int256 best = _gain(holding, least);
        for (uint256 part = least + 1; part <= most; ++part) {
            int256 gain = _gain(holding, part);
            if (gain > best) best = gain;
        }
        return others + best;
    }

    /// @dev Equity above initial margin, the reward paid and set aside anew, with the parts of `reached` closed.
    function _surplusOf(Endangered memory was, Endangered memory reached) private pure returns (int256 surplus) {
        (int256 equity,,, uint256 reward) = appraise(was);
        surplus = equity + int256((was.margin + was.claim) * RAW) - int256(2 * reward * RAW);
        for (uint256 i; i < was.holdings.length; ++i) {
            surplus += _gain(was.holdings[i], magnitudeOf(reached.holdings[i].sizeDelta));
        }
    }

    /// @dev What closing a part changes of equity, less the initial margin of the rest. USD, 30 decimals.
    function _gain(Held memory holding, uint256 part) private pure returns (int256) {
        MarketConfig memory c = holding.config;
        bool long = holding.position.size > 0;
        int256 delta = long ? -int256(part) : int256(part);
        int256 favourable = int256(long ? holding.price.hi : holding.price.lo);
        uint256 rest = magnitudeOf(holding.position.size) - part;
        uint256 required = MarginMath.required(rest * uint256(favourable), MarginMath.initialRatio(rest, c));
        if (part == 0) return -int256(required * RAW);
        int256 cost = FillMath.cost(holding.price.mid, FundingMath.skewOf(holding.market), delta, FillMath.skewScale(c))
            + int256(LiquidationMath.closingSpread(holding.price, !long) * part);
        uint256 penalty = (part * holding.price.mid * c.penaltyBps + 1e16 - 1) / 1e16;
        return delta * favourable - cost - int256((required + penalty) * RAW);
    }

    function _openOf(Endangered memory account) private pure returns (uint256 open) {
        for (uint256 i; i < account.holdings.length; ++i) {
            if (account.holdings[i].position.size != 0) ++open;
        }
    }
}
