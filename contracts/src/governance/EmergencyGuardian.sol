// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineExtension} from "../interfaces/IEngineExtension.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {PriceOracle} from "../PriceOracle.sol";
import {Mandate} from "./Mandate.sol";
import {Timelocked} from "./Timelocked.sol";

/// @notice The incident that runs, or the last one. One slot. Times are seconds, zero for never.
/// @param level What the engine was told: 0 once the incident is over.
/// @param begunAt When the incident began.
/// @param endedAt When the last one was over.
/// @param haltedAt When the last full halt began.
/// @param noRiskUntil When level 1 ends; zero when the incident has had none.
/// @param haltedUntil When level 2 ends; zero when it has had none.
struct Pause {
    uint8 level;
    uint40 begunAt;
    uint40 endedAt;
    uint40 haltedAt;
    uint40 noRiskUntil;
    uint40 haltedUntil;
}

/// @title The guardian's power over engine and oracle: it may pause, for a time, and take back a voted price.
/// @dev Holds GUARDIAN_ROLE of both, and is to be the only one who does. An incident lasts from the first pause until the
/// level is 0 again. From its deadline on anybody may end a pause: no guardian that is silent, gone or hostile keeps the
/// exchange paused. What of the role does not end by itself is not passed on: halting a market, reduce-only, cancelling
/// parameters.
contract EmergencyGuardian is Mandate {
    using FixedPoint for uint256;

    /// @dev Levels of {IEngineExtension-setPauseLevel}.
    uint256 internal constant NO_RISK = 1;
    uint256 internal constant HALT = 2;
    /// @dev How long an incident may last, and so level 1.
    uint256 internal constant MAX_INCIDENT = 7 days;
    uint256 internal constant MAX_HALT = 48 hours;
    /// @dev From the beginning of a full halt to that of the next.
    uint256 internal constant HALT_SPACING = 30 days;
    /// @dev From the end of an incident to the beginning of the next.
    uint256 internal constant REST = 7 days;

    IEngineExtension private immutable _engine;
    PriceOracle private immutable _oracle;

    Pause private _pause;

    /// @notice The guardian paused at `level`, until `until` at the longest, seconds.
    event PauseBegun(uint256 level, uint256 until);
    /// @notice The pause at `level` has ended; `left` is the level that stands now, at 0 the incident is over.
    event PauseEnded(uint256 level, uint256 left, address indexed by);

    /// @notice Thrown when a pause would not raise the level, or is at no level there is.
    error LevelNotRaised(uint256 level, uint256 present);
    /// @notice Thrown when the incident's time is over, so that nothing but {expire} is left of it. Seconds.
    error IncidentOver(uint256 time, uint256 endsAt);
    /// @notice Thrown when an incident or a full halt would follow the last one too soon. Seconds.
    error PauseTooSoon(uint256 time, uint256 earliest);
    /// @notice Thrown when no pause is to be ended.
    error NothingPaused();
    /// @notice Thrown when the time of the present level has not passed. Seconds.
    error PauseStands(uint256 time, uint256 until);

    /// @param guardian May pause: a Safe of 3 of 5.
    constructor(IEngineExtension engine, PriceOracle oracle, address timelock_, address guardian)
        Timelocked(timelock_)
        Mandate(guardian)
    {
        (_engine, _oracle) = (engine, oracle);
    }

    // ---------------------------------------------------------------- the guardian

    /// @notice Raises the pause level. Level 1, no new risk, stands until 7 days after the incident's beginning. Level 2, a
    /// full halt, ends after 48 hours and no later than the incident would; level 1 stands again then, if it stood before.
    /// Needs the guardian.
    /// @dev A full halt begins at most once in 30 days, an incident 7 days after the last one's end at the earliest: as it was
    /// ended, not as it was due, so that the exchange is free for as long.
    /// @param level 1 or 2, above the present one: {lift} lowers.
    function pause(uint8 level) external onlyHolder {
        Pause memory p = _pause;
        require(level > p.level && level <= HALT, LevelNotRaised(level, p.level));
        if (p.level == 0) {
            _checkSpacing(p.endedAt, REST);
            // Seconds: below 2^40, as all times here.
            p.begunAt = uint40(block.timestamp);
        }
        uint256 until = p.begunAt + MAX_INCIDENT;
        require(block.timestamp < until, IncidentOver(block.timestamp, until));
        if (level == HALT) {
            _checkSpacing(p.haltedAt, HALT_SPACING);
            until = until.min(block.timestamp + MAX_HALT);
            // Below 2^40.
            (p.haltedAt, p.haltedUntil) = (uint40(block.timestamp), uint40(until));
        } else {
            // Below 2^40.
            p.noRiskUntil = uint40(until);
        }
        p.level = level;
        _pause = p;
        emit PauseBegun(level, until);
        _engine.setPauseLevel(level);
    }

    /// @notice Takes back the price that was voted for a market in settlement. Needs the guardian.
    function challengeClosingPrice(uint256 market) external onlyHolder {
        _oracle.challengeClosingPrice(market);
    }

    // ---------------------------------------------------------------- the end of a pause

    /// @notice Ends the incident at once. Needs the guardian or the timelock.
    function lift() external {
        if (msg.sender != timelock) _checkHolder();
        require(_pause.level != 0, NothingPaused());
        _lower(0);
    }

    /// @notice Lowers the level to what is due, once the time of the present one has passed. Anybody may.
    function expire() external {
        Pause memory p = _pause;
        require(p.level != 0, NothingPaused());
        uint256 due = levelAt(block.timestamp);
        require(due < p.level, PauseStands(block.timestamp, p.level == HALT ? p.haltedUntil : p.noRiskUntil));
        _lower(due);
    }

    // ---------------------------------------------------------------- the timelock

    /// @notice Appoints the guardian for 180 days from now, anew or again; what is paused stays so. Needs the timelock.
    function setGuardian(address guardian) external onlyTimelock {
        _appoint(guardian);
    }

    // ---------------------------------------------------------------- views

    /// @notice The level that is due at a time, by what was paused so far: where the present one is higher, {expire} may be
    /// called.
    /// @param time Seconds, now or later.
    function levelAt(uint256 time) public view returns (uint256) {
        if (time < _pause.haltedUntil) return HALT;
        return time < _pause.noRiskUntil ? NO_RISK : 0;
    }

    /// @notice The incident that runs, or the last one.
    function getPause() external view returns (Pause memory) {
        return _pause;
    }

    // ---------------------------------------------------------------- internals

    function _lower(uint256 level) private {
        Pause memory p = _pause;
        emit PauseEnded(p.level, level, msg.sender);
        // 0 or 1, that is, at most 2.
        p.level = uint8(level);
        p.haltedUntil = 0;
        // Seconds: below 2^40.
        if (level == 0) (p.noRiskUntil, p.endedAt) = (0, uint40(block.timestamp));
        _pause = p;
        _engine.setPauseLevel(p.level);
    }

    /// @param last Zero: there was none.
    function _checkSpacing(uint256 last, uint256 spacing) private view {
        uint256 earliest = last + spacing;
        require(last == 0 || block.timestamp >= earliest, PauseTooSoon(block.timestamp, earliest));
    }
}
