// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {History, PriceHistory} from "../../src/oracle/PriceHistory.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice The mean of stored observations against a sum over all that were ever written. Every run looks at 80 histories:
/// after each observation the one so far.
/// forge-config: default.fuzz.runs = 64
/// forge-config: ci.fuzz.runs = 1300
contract PriceHistoryTest is Cases {
    using PriceHistory for History;

    uint256 private constant START = 1_700_000_000;

    /// @dev An observation as it should be.
    struct Observed {
        uint256 time;
        uint256 price;
    }

    History private _history;

    function testFuzz_TheMeanIsThatOfEverySecond(uint256 seed) public {
        Dice memory dice = Dice(seed);
        Observed[] memory all = new Observed[](80);
        for (uint256 i; i < 80; ++i) {
            _writeOne(dice, all, i);
            uint256 present = all[i].time + roll(dice) % 700;
            assertEq(_history.meanAt(present), _meanOf(all, i + 1, present), "another mean");
        }
    }

    function testFuzz_OneObservationMovesTheMeanByLessThanTheClamp(uint256 seed) public {
        Dice memory dice = Dice(seed);
        Observed[] memory all = _write(dice, 40);
        uint256 newest = all[all.length - 1].time;
        uint256 attackedAt = newest + 30 + roll(dice) % 270;
        uint256 mean = _history.meanAt(attackedAt);
        vm.assume(mean != 0);
        uint256 before = all[all.length - 1].price;
        _history.record(roll(dice) % 2 == 0 ? 1 : 1e26, attackedAt);
        assertEq(_history.meanAt(attackedAt), mean, "in its own second");
        // A block later, at most two seconds of it.
        uint256 later = _history.meanAt(attackedAt + 2);
        uint256 honest = _sumOf(all, 40, attackedAt + 2) / 900;
        uint256 step = before * 15 / 100 * 2 / 900 + 1;
        assertLe(later > honest ? later - honest : honest - later, step, "by more than the clamp for a block");
    }

    function test_SevenObservationsAreTooFew() public {
        for (uint256 i; i < 8; ++i) {
            assertEq(_history.meanAt(START + 1000 + 130 * i), 0, "ready");
            _history.record(2000e18, START + 1000 + 130 * i);
        }
        // Seven of them since the window began, and the one in force there.
        assertEq(_history.meanAt(START + 1000 + 910), 0, "of seven");
        _history.record(2000e18, START + 1000 + 130 * 8);
        assertEq(_history.meanAt(START + 1000 + 130 * 8), 0, "of seven within the window");
        _history.record(2000e18, START + 1000 + 130 * 8 + 40);
        assertEq(_history.meanAt(START + 1000 + 130 * 8 + 40), 2000e18, "of eight");
    }

    function test_AGapOfMoreThanFiveMinutesBeginsAnew() public {
        _regular(START, 40);
        uint256 newest = START + 39 * 30;
        assertEq(_history.meanAt(newest + 300), 2000e18, "before the gap");
        _history.record(2000e18, newest + 301);
        assertEq(_history.meanAt(newest + 301), 0, "after it");
        for (uint256 i = 1; i <= 30; ++i) {
            assertEq(_history.meanAt(newest + 301 + 30 * i - 1), 0, "too soon");
            _history.record(2000e18, newest + 301 + 30 * i);
        }
        assertEq(_history.meanAt(newest + 301 + 900), 2000e18, "15 minutes later");
    }

    function test_TenMinutesWithoutOneIsTooLong() public {
        _regular(START, 64);
        uint256 newest = START + 63 * 30;
        assertEq(_history.meanAt(newest + 300), 2000e18, "300 s");
        assertEq(_history.meanAt(newest + 601), 0, "601 s");
    }

    function test_AStepIsClamped() public pure {
        assertEq(PriceHistory.clamp(3000, 1000, 1), 1010, "1 % at once");
        assertEq(PriceHistory.clamp(1, 1000, 5), 990, "1 % within 5 s");
        assertEq(PriceHistory.clamp(3000, 1000, 30), 1060, "6 % in 30 s");
        assertEq(PriceHistory.clamp(3000, 1000, 75), 1150, "15 % in 75 s");
        assertEq(PriceHistory.clamp(3000, 1000, 1e6), 1150, "and no more");
        assertEq(PriceHistory.clamp(1005, 1000, 1), 1005, "within it, as it is");
        assertEq(PriceHistory.clamp(99, 101, 1), 100, "rounded inward below");
        assertEq(PriceHistory.clamp(199, 101, 1), 102, "rounded inward above");
    }

    function test_TheDeviationIsThatOfTheSteps() public {
        _regular(START, 31);
        assertEq(_history.deviationAt(START + 900), 0, "of a price that stands");
        _history.record(2010e18, START + 930);
        assertEq(_history.deviationAt(START + 930), 5000, "one step of 0.5 %");
        _history.record(2000e18, START + 960);
        // √(5000² + 4975²)
        assertEq(_history.deviationAt(START + 960), 7053, "two of them");
    }

    function test_AChangeIsThatOfTheFarthest() public {
        _history.record(2000e18, START);
        _history.record(2100e18, START + 30);
        _history.record(2050e18, START + 60);
        assertEq(_history.changeSince(1900e18, START + 60), 78_947, "from the newest");
        assertEq(_history.changeSince(1900e18, START + 30), 105_263, "from the highest");
        assertEq(_history.changeSince(2310e18, START), 155_000, "from the lowest");
        assertEq(_history.changeSince(1900e18, START + 61), 0, "nothing since");
    }

    function _regular(uint256 from, uint256 count) private {
        for (uint256 i; i < count; ++i) {
            _history.record(2000e18, from + 30 * i);
        }
    }

    function _write(Dice memory dice, uint256 count) private returns (Observed[] memory all) {
        all = new Observed[](count);
        for (uint256 i; i < count; ++i) {
            _writeOne(dice, all, i);
        }
    }

    /// @dev At prices that wander and sometimes leap, seldom after a gap.
    function _writeOne(Dice memory dice, Observed[] memory all, uint256 i) private {
        uint256 before = i == 0 ? magnitude(dice, 1e10, 1e26) : all[i - 1].price;
        uint256 price = before * (900 + roll(dice) % 201) / 1000;
        if (roll(dice) % 16 == 0) price = magnitude(dice, 1e10, 1e26);
        if (price > 1e26) price = 1e26;
        uint256 elapsed = 30 + roll(dice) % (roll(dice) % 64 == 0 ? 500 : 40);
        uint256 time = i == 0 ? START + roll(dice) % 1e6 : all[i - 1].time + elapsed;
        assertTrue(_history.isDue(time), "not due");
        _history.record(price, time);
        assertFalse(_history.isDue(time + 29), "due within half a minute");
        assertEq(uint256(_history.lastGood), price, "the last good one");
        if (i != 0) {
            uint256 ppm = elapsed * 2000 > 150_000 ? 150_000 : elapsed * 2000;
            uint256 least = (before * (1e6 - ppm) + 1e6 - 1) / 1e6;
            uint256 most = before * (1e6 + ppm) / 1e6;
            price = price < least ? least : price > most ? most : price;
        }
        all[i] = Observed(time, price);
    }

    /// @dev Of the first so many; zero when it is not ready.
    function _meanOf(Observed[] memory all, uint256 count, uint256 present) private pure returns (uint256) {
        uint256 start = present - 900;
        if (all[0].time > start || present - all[count - 1].time > 600) return 0;
        uint256 within;
        for (uint256 i; i < count; ++i) {
            if (all[i].time <= start) continue;
            ++within;
            // From the last one before the window on.
            if (all[i].time - all[i - 1].time > 300) return 0;
        }
        return within < 8 ? 0 : _sumOf(all, count, present) / 900;
    }

    /// @dev Over the seconds of the window, each at the price that was the newest.
    function _sumOf(Observed[] memory all, uint256 count, uint256 present) private pure returns (uint256 sum) {
        for (uint256 i; i < count; ++i) {
            uint256 from = all[i].time < present - 900 ? present - 900 : all[i].time;
            uint256 to = i + 1 < count ? all[i + 1].time : present;
            if (to > from) sum += all[i].price * (to - from);
        }
    }
}
