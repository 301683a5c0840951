// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Schedule} from "../../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../../src/interfaces/IEngineErrors.sol";
import {ParameterRamp} from "../../../src/libraries/ParameterRamp.sol";
import {RiskParameters} from "../../../src/libraries/RiskParameters.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice ParameterRamp and the bounds of a change: it steps no earlier, moves no faster, and a refusal shows what is there
/// against what is needed.
/// forge-config: ci.fuzz.runs = 10000
contract ParametersRoundingTest is Directions {
    Schedule private _stored;
    MarketConfig private _inForce;

    function testFuzz_TheStepOfAChangeRoundsUpForWhoIsWarned(uint256 seed) public pure {
        Schedule memory s = _anySchedule(Dice(seed));
        uint256 at = ParameterRamp.stepAt(s);
        assertEq(at % 3600, 0, "not at a full hour");
        assertUp(at / 3600, uint256(s.startedAt) + 3600, 3600, "it steps within an hour");
    }

    function testFuzz_WhatMovesRoundsDownForTheBounds(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Schedule memory s = _anySchedule(dice);
        uint256 time = between(dice, s.startedAt, s.endsAt);
        (MarketConfig memory c,) = ParameterRamp.dueAt(s, time);
        uint256 exact = uint256(s.from.maintenanceMarginBps) * (s.endsAt - time) + uint256(s.to.maintenanceMarginBps)
            * (time - s.startedAt);
        uint256 duration = s.endsAt - s.startedAt;
        assertDown(c.maintenanceMarginBps, exact, duration, "it is above the exact one on its way");
    }

    function testFuzz_TheMarginAtTheStepRoundsDownForCaution(uint256 seed) public view {
        (uint256 present,, uint256 exact,, uint256 duration) = _refusal(Dice(seed));
        assertDown(present, exact, duration, "more margin is told than is there");
    }

    function testFuzz_TheMarginNeededAtTheStepRoundsUpForCaution(uint256 seed) public view {
        (, uint256 needed,, uint256 exact, uint256 duration) = _refusal(Dice(seed));
        assertUp(needed, exact, duration, "less margin is told than is needed");
    }

    function testFuzz_TheLeastDurationRoundsUpForWhoIsWarned(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        MarketConfig memory from = anyConfig(dice, price);
        MarketConfig memory to = anyConfig(dice, price);
        from.skewScale = uint64(between(dice, 1e6, 1e12));
        to.skewScale = uint64(between(dice, uint256(from.skewScale) * 106 / 100, uint256(from.skewScale) * 10));
        (uint256 less, uint256 more) = (from.skewScale, to.skewScale);
        if (chance(dice, 50)) (from.skewScale, to.skewScale) = (to.skewScale, from.skewScale);
        try this.schedule(from, to) {
            revert("scheduled within no time");
        } catch (bytes memory reason) {
            (, uint256 least) = _figures(reason);
            assertUp(least, (more - less) * 1 days * 1e4, less * 500, "S may move faster than 5 % a day");
        }
    }

    function schedule(MarketConfig memory from, MarketConfig memory to) external {
        _inForce = from;
        RiskParameters.schedule(0, _stored, _inForce, to, 0, 0);
    }

    function checkStep(Schedule memory s) external pure {
        RiskParameters.checkStep(s);
    }

    /// @dev A maintenance margin that cannot be there when the penalty steps.
    function _refusal(Dice memory dice)
        private
        view
        returns (uint256 present, uint256 needed, uint256 exactPresent, uint256 exactNeeded, uint256 duration)
    {
        Schedule memory s = _anySchedule(dice);
        s.from.maintenanceMarginBps = uint16(between(dice, 1, s.from.openInterestCapBps));
        s.to.maintenanceMarginBps = uint16(between(dice, 1, s.to.openInterestCapBps));
        uint256 done = ParameterRamp.stepAt(s) - s.startedAt;
        duration = s.endsAt - s.startedAt;
        uint256 penalty = s.from.penaltyBps > s.to.penaltyBps ? s.from.penaltyBps : s.to.penaltyBps;
        exactPresent = uint256(s.from.maintenanceMarginBps) * (duration - done) + s.to.maintenanceMarginBps * done;
        exactNeeded = uint256(s.from.openInterestCapBps) * (duration - done) + s.to.openInterestCapBps * done
            + (penalty + 11) * duration;
        try this.checkStep(s) {
            revert("a margin that is missing is not");
        } catch (bytes memory reason) {
            (present, needed) = _figures(reason);
        }
    }

    function _anySchedule(Dice memory dice) private pure returns (Schedule memory s) {
        uint256 price = anyPrice(dice);
        (s.from, s.to) = (anyConfig(dice, price), anyConfig(dice, price));
        s.startedAt = uint40(between(dice, 1_700_000_000, 1_800_000_000));
        s.endsAt = uint40(s.startedAt + between(dice, 1 days, 365 days));
    }

    /// @dev The two figures of a refusal.
    function _figures(bytes memory reason) private pure returns (uint256 actual, uint256 limit) {
        bytes4 selector = IEngineErrors.ParameterOutOfBounds.selector;
        assertEq(bytes32(bytes4(reason)), bytes32(selector), "refused for another reason");
        assembly ("memory-safe") {
            actual := mload(add(reason, 68))
            limit := mload(add(reason, 100))
        }
    }
}
