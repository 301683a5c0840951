// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Schedule} from "../../src/engine/EngineTypes.sol";
import {ParameterRamp} from "../../src/libraries/ParameterRamp.sol";
import {RiskParameters} from "../../src/libraries/RiskParameters.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice Between two sets of parameters within the bounds every point of a ramp is.
contract ParameterRampTest is Cases {
    uint256 private constant POINTS = 24;

    /// @dev Every third pair is as tight as the bounds permit, at both ends; where no penalty steps none is refused.
    /// forge-config: default.fuzz.runs = 150
    /// forge-config: ci.fuzz.runs = 3000
    function testFuzz_EveryPointIsWithinTheBounds(uint256 seed) public view {
        Dice memory dice = Dice(seed);
        Schedule memory s;
        uint256 price = anyPrice(dice);
        (s.from, s.to) = (anyConfig(dice, price), anyConfig(dice, price));
        bool tight = chance(dice, 33);
        if (tight) _tighten(dice, s.from);
        if (tight) _tighten(dice, s.to);
        if (chance(dice, 50)) (s.to.penaltyBps, s.to.takerFeePpm) = (s.from.penaltyBps, s.from.takerFeePpm);
        if (s.to.makerFeePpm > s.to.takerFeePpm) s.to.makerFeePpm = s.to.takerFeePpm;
        if (!_isWithin(s.to)) return;
        s.startedAt = uint40(between(dice, 1_700_000_000, 1_800_000_000));
        s.endsAt = uint40(s.startedAt + between(dice, 1 days, 3 days));
        try this.checkStep(s) {}
        catch {
            assertTrue(s.from.penaltyBps != s.to.penaltyBps, "refused although nothing that binds steps");
            return;
        }
        for (uint256 i; i <= POINTS; ++i) {
            (MarketConfig memory c,) = ParameterRamp.dueAt(s, between(dice, s.startedAt, s.endsAt + 1));
            RiskParameters.validate(c, 0);
            _assertBetween(s, c);
        }
    }

    function test_TheEndsAreExact() public pure {
        Dice memory dice = Dice(1);
        Schedule memory s;
        (s.from, s.to) = (anyConfig(dice, 1e18), anyConfig(dice, 1e18));
        (s.startedAt, s.endsAt) = (1_700_000_001, 1_700_000_001 + 100_003);
        (MarketConfig memory c, bool stepped) = ParameterRamp.dueAt(s, s.startedAt);
        vm.assertEq(abi.encode(c), abi.encode(s.from), "the start");
        assertFalse(stepped, "at the start");
        (c, stepped) = ParameterRamp.dueAt(s, s.endsAt);
        vm.assertEq(abi.encode(c), abi.encode(s.to), "the end");
        assertTrue(stepped, "at the end");
    }

    function checkStep(Schedule memory s) external pure {
        RiskParameters.checkStep(s);
    }

    /// @dev MM at its least and IM just above what it needs.
    function _tighten(Dice memory dice, MarketConfig memory c) private pure {
        c.maintenanceMarginBps = uint16(uint256(c.penaltyBps) + 11 + c.openInterestCapBps);
        uint256 least = (uint256(c.maintenanceMarginBps) * 10 + 7) / 8;
        c.initialMarginBps = uint16(least < 200 ? 200 : least);
        if (chance(dice, 50)) c.skewCapBps = c.openInterestCapBps;
    }

    function _isWithin(MarketConfig memory c) private view returns (bool) {
        try this.validate(c) {
            return true;
        } catch {
            return false;
        }
    }

    function validate(MarketConfig memory c) external pure {
        RiskParameters.validate(c, 0);
    }

    function _assertBetween(Schedule memory s, MarketConfig memory c) private pure {
        _between(s.from.skewScale, s.to.skewScale, c.skewScale);
        _between(s.from.initialMarginBps, s.to.initialMarginBps, c.initialMarginBps);
        _between(s.from.maintenanceMarginBps, s.to.maintenanceMarginBps, c.maintenanceMarginBps);
        _between(s.from.openInterestCapBps, s.to.openInterestCapBps, c.openInterestCapBps);
        _between(s.from.profitWeightBps, s.to.profitWeightBps, c.profitWeightBps);
    }

    function _between(uint256 a, uint256 b, uint256 value) private pure {
        assertGe(value, a < b ? a : b, "below both ends");
        assertLe(value, a < b ? b : a, "above both ends");
    }
}
