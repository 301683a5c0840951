// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Schedule} from "../engine/EngineTypes.sol";
import {IEngineErrors} from "../interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../interfaces/IEngineExtension.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {Mandate} from "./Mandate.sol";
import {Timelocked} from "./Timelocked.sol";

/// @title The steward's power over markets: it may only tighten, slowly and by little.
/// @dev Holds CONFIGURATOR_ROLE of the engine and passes on two things of it. Tighter is
///  - up: IM, MM, β;
///  - down: κ, ω, w, account cap, allocation;
///  - neither: S, fees, penalty, funding and keeper fee, which so stay as they are.
/// A change is measured against what is in force and, while another is on its way, against where that one leads, too. So the
/// steward may stop a loosening at what is in force of it, which is meant; it never undoes a tightening, nor slows one down;
/// and it waits for a change of what it must leave as it is.
contract RiskSteward is Mandate {
    using FixedPoint for uint256;

    /// @dev A field moves by at most a tenth of what is in force.
    uint256 internal constant STEPS = 10;
    /// @dev From one change of a market to the next.
    uint256 internal constant SPACING = 7 days;
    /// @dev How long a change takes at least that can bring accounts below maintenance: time to add margin or to reduce.
    uint256 internal constant MIN_NOTICE = 48 hours;

    IEngineExtension private immutable _engine;

    /// @notice When the steward last changed a market's parameters, seconds; zero for never.
    mapping(uint256 market => uint256) public tightenedAt;

    /// @notice Thrown when a market's parameters would be changed again too soon. Seconds.
    error TightenedTooSoon(uint256 market, uint256 time, uint256 earliest);

    /// @param steward May tighten: a Safe.
    constructor(IEngineExtension engine, address timelock_, address steward) Timelocked(timelock_) Mandate(steward) {
        _engine = engine;
    }

    /// @notice Puts tighter parameters of a market on their way, in place of a change that was; a market's once in 7 days.
    /// Needs the steward.
    /// @dev {IEngineErrors-ParameterOutOfBounds} names what is not tighter, or moves by more than a tenth of what is in force
    /// (rounded down, but a unit always may). What is due of a change on its way is put in force first.
    /// The maintenance margin of no position falls: it is MM + (β · MM / IM) · |size| / S, and both of its terms are held.
    /// @param to Without flags.
    /// @param duration Seconds: 24 h at least, 48 h where MM or β rise; no longer than a change on its way that tightens.
    function tighten(uint256 market, MarketConfig calldata to, uint256 duration) external onlyHolder {
        uint256 earliest = tightenedAt[market] + SPACING;
        require(
            tightenedAt[market] == 0 || block.timestamp >= earliest, TightenedTooSoon(market, block.timestamp, earliest)
        );
        tightenedAt[market] = block.timestamp;
        if (_engine.getSchedule(market).endsAt != 0) _engine.advanceParameters(market);
        MarketConfig memory from = _engine.getMarketConfig(market);
        uint16 keeperFeeCents = _engine.getQueue(market).keeperFeeCents;
        Schedule memory s = _engine.getSchedule(market);
        if (s.endsAt == 0) (s.to, s.keeperFeeCents) = (from, keeperFeeCents);
        _equal("keeperFeeCents", keeperFeeCents, s.keeperFeeCents);
        _checkKept(from, to);
        _checkKept(s.to, to);
        if (_checkTighter(from, s.to, to) != 0) _atMost("duration", duration, s.endsAt - block.timestamp);
        _checkMaintenance(from, to, duration);
        _engine.scheduleParameters(market, to, keeperFeeCents, duration);
    }

    /// @notice Lets a market's positions only shrink; the timelock ends that. Needs the steward.
    function setReduceOnly(uint256 market) external onlyHolder {
        _engine.setReduceOnly(market, true);
    }

    /// @notice Appoints the steward for 180 days from now, anew or again. Needs the timelock.
    function setSteward(address steward) external onlyTimelock {
        _appoint(steward);
    }

    /// @dev Of these neither direction is plainly tighter.
    /// @param limit What is in force, or where the change on its way leads.
    function _checkKept(MarketConfig memory limit, MarketConfig calldata to) private pure {
        _equal("skewScale", to.skewScale, limit.skewScale);
        _equal("makerFeePpm", to.makerFeePpm, limit.makerFeePpm);
        _equal("takerFeePpm", to.takerFeePpm, limit.takerFeePpm);
        _equal("penaltyBps", to.penaltyBps, limit.penaltyBps);
        _equal("fundingCoefficientBps", to.fundingCoefficientBps, limit.fundingCoefficientBps);
        _equal("fundingCapPpm", to.fundingCapPpm, limit.fundingCapPpm);
    }

    /// @return tightened How many of them the change on its way tightens.
    function _checkTighter(MarketConfig memory from, MarketConfig memory goal, MarketConfig calldata to)
        private
        pure
        returns (uint256 tightened)
    {
        tightened += _checkRise("initialMarginBps", from.initialMarginBps, goal.initialMarginBps, to.initialMarginBps);
        tightened += _checkRise(
            "maintenanceMarginBps", from.maintenanceMarginBps, goal.maintenanceMarginBps, to.maintenanceMarginBps
        );
        tightened += _checkRise("marginSlopeBps", from.marginSlopeBps, goal.marginSlopeBps, to.marginSlopeBps);
        tightened += _checkFall("skewCapBps", from.skewCapBps, goal.skewCapBps, to.skewCapBps);
        tightened += _checkFall(
            "openInterestCapBps", from.openInterestCapBps, goal.openInterestCapBps, to.openInterestCapBps
        );
        tightened += _checkFall("profitWeightBps", from.profitWeightBps, goal.profitWeightBps, to.profitWeightBps);
        tightened += _checkFall(
            "accountCapPercent", from.accountCapPercent, goal.accountCapPercent, to.accountCapPercent
        );
        tightened += _checkFall(
            "allocationPercent", from.allocationPercent, goal.allocationPercent, to.allocationPercent
        );
    }

    /// @dev β · MM / IM must not fall on the way either, where each moves linearly. β · MM · IM₀ − β₀ · MM₀ · IM is convex
    /// along it and zero at its start, so it stays above zero if it begins to rise: ΔMM / MM₀ + Δβ / β₀ ≥ ΔIM / IM₀. What the
    /// engine puts in force rounds each by less than a basis point.
    function _checkMaintenance(MarketConfig memory from, MarketConfig calldata to, uint256 duration) private pure {
        // Neither has fallen.
        uint256 margin = to.maintenanceMarginBps - from.maintenanceMarginBps;
        uint256 slope = to.marginSlopeBps - from.marginSlopeBps;
        uint256 weight = uint256(from.maintenanceMarginBps) * from.marginSlopeBps;
        if (weight != 0) {
            uint256 rise = margin * from.marginSlopeBps + slope * from.maintenanceMarginBps;
            _atMost(
                "initialMarginBps",
                to.initialMarginBps,
                from.initialMarginBps + uint256(from.initialMarginBps).mulDivDown(rise, weight)
            );
        }
        if (margin + slope != 0) _atLeast("duration", duration, MIN_NOTICE);
    }

    /// @return One when the change on its way raises it, else zero.
    function _checkRise(bytes32 name, uint256 from, uint256 goal, uint256 to) private pure returns (uint256) {
        _atLeast(name, to, from.max(goal));
        _atMost(name, to, from + _step(from));
        return goal > from ? 1 : 0;
    }

    /// @return One when the change on its way lowers it, else zero.
    function _checkFall(bytes32 name, uint256 from, uint256 goal, uint256 to) private pure returns (uint256) {
        _atMost(name, to, from.min(goal));
        _atLeast(name, to, from - _step(from).min(from));
        return goal < from ? 1 : 0;
    }

    function _step(uint256 from) private pure returns (uint256) {
        return (from / STEPS).max(1);
    }

    function _equal(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value == limit, IEngineErrors.ParameterOutOfBounds(name, value, limit));
    }

    function _atMost(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value <= limit, IEngineErrors.ParameterOutOfBounds(name, value, limit));
    }

    function _atLeast(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value >= limit, IEngineErrors.ParameterOutOfBounds(name, value, limit));
    }
}
