// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Closing, ClosingPrice} from "../../../src/oracle/ClosingPrice.sol";
import {History, PriceHistory} from "../../../src/oracle/PriceHistory.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice PriceHistory and ClosingPrice: what is remembered of prices lies within what it may, and means are not above
/// what they are of.
/// forge-config: default.fuzz.runs = 64
/// forge-config: ci.fuzz.runs = 2000
contract HistoryRoundingTest is Directions {
    using ClosingPrice for Closing;
    using PriceHistory for History;

    uint256 private constant START = 1_700_000_000;

    History private _history;
    Closing private _closing;

    function testFuzz_AnObservationIsClampedInward(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 before, uint256 elapsed) = (anyPrice(dice), between(dice, 5, 75));
        uint256 step = 2000 * elapsed;
        uint256 most = PriceHistory.clamp(type(uint128).max, before, elapsed);
        assertDown(most, before * (1e6 + step), 1e6, "an observation is more than a step above the last");
        uint256 least = PriceHistory.clamp(1, before, elapsed);
        assertUp(least, before * (1e6 - step), 1e6, "an observation is more than a step below the last");
    }

    function testFuzz_TheMeanRoundsDown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (uint256 before, uint256 sum) = (anyPrice(dice), 0);
        _history.record(before, START);
        for (uint256 time = 90; time <= 900; time += 90) {
            sum += before * 90;
            before = before + between(dice, 0, before / 10);
            _history.record(before, START + time);
        }
        assertDown(_history.meanAt(START + 900), sum, 900, "the mean is above the exact one");
    }

    function testFuzz_AStepOfTheDeviationRoundsDown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 before = anyPrice(dice);
        uint256 step = between(dice, 1, before / 10);
        _history.record(before, START - 900);
        _history.record(before, START);
        _history.record(before + step, START + 90);
        assertDown(_history.deviationAt(START + 90), step * 1e6, before, "the deviation is above the exact one");
    }

    function testFuzz_TheMeanOfAClosingRoundsDown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 sum;
        for (uint256 time; time < 3600; time += 300) {
            uint256 price = anyPrice(dice);
            sum += price * 300;
            _closing.notePrice(price, 0, START + time);
        }
        _closing.notePrice(1, 0, START + 3600);
        assertDown(_closing.mean, sum, 3600, "the mean is above the exact one");
    }
}
