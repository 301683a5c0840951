// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Queue, Schedule} from "../engine/EngineTypes.sol";
import {WordStore} from "../engine/WordStore.sol";
import {IEngineErrors} from "../interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../interfaces/IEngineEvents.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {MarginMath} from "./MarginMath.sol";
import {ParameterRamp} from "./ParameterRamp.sol";

/// @notice Hard bounds of a market's parameters, and their changes: no role reaches beyond them.
/// @dev Source: docs/mechanism.md#parameters. Linked, not inlined: parameters change seldom.
library RiskParameters {
    using FixedPoint for uint256;
    using WordStore for MarketConfig;

    uint256 internal constant MAX_KEEPER_FEE_CENTS = 500;
    /// @dev Seconds a change takes.
    uint256 internal constant MIN_DURATION = 1 days;
    uint256 internal constant MAX_DURATION = 365 days;
    /// @dev How far S may move in a day, basis points of the smaller of its two ends.
    uint256 internal constant SKEW_SCALE_BPS_PER_DAY = 500;

    /// @notice Reverts with the first parameter that lies outside its bounds.
    function validate(MarketConfig memory c, uint256 keeperFeeCents) public pure {
        _atLeast("skewScale", c.skewScale, 1e6);
        _atLeast("initialMarginBps", c.initialMarginBps, 200);
        _atMost("initialMarginBps", c.initialMarginBps, 10_000);
        _atMost("maintenanceMarginBps", c.maintenanceMarginBps, uint256(c.initialMarginBps) * 8 / 10);
        _atMost("marginSlopeBps", c.marginSlopeBps, 50_000);
        _atMost("openInterestCapBps", c.openInterestCapBps, 400);
        _atMost("skewCapBps", c.skewCapBps, c.openInterestCapBps);
        _atMost("profitWeightBps", c.profitWeightBps, 9500);
        _atMost("makerFeePpm", c.makerFeePpm, c.takerFeePpm);
        _atMost("takerFeePpm", c.takerFeePpm, 2000);
        // A liquidation never charges less than the immediate close it stands in for.
        _atLeast("penaltyBps", c.penaltyBps, (uint256(c.takerFeePpm) + 99) / 100);
        _atLeast("accountCapPercent", c.accountCapPercent, 1);
        _atMost("accountCapPercent", c.accountCapPercent, 100);
        _atMost("fundingCoefficientBps", c.fundingCoefficientBps, 1000);
        _atMost("fundingCapPpm", c.fundingCapPpm, 5000);
        _atLeast("allocationPercent", c.allocationPercent, 1);
        _atMost("allocationPercent", c.allocationPercent, 50);
        _atMost("flags", c.flags, 3);
        _atMost("keeperFeeCents", keeperFeeCents, MAX_KEEPER_FEE_CENTS);
        // Impact, penalty and reward of a liquidation must fit into the maintenance margin.
        uint256 worst = uint256(c.penaltyBps) + MarginMath.REWARD_BPS + c.openInterestCapBps;
        _atLeast("maintenanceMarginBps", c.maintenanceMarginBps, worst + 1);
    }

    /// @notice Checks a new market's parameters and puts them in force.
    /// @param flags Set beside those of `c`.
    function list(
        uint256 market,
        MarketConfig storage inForce,
        Queue storage queue,
        MarketConfig memory c,
        uint16 keeperFeeCents,
        uint256 flags
    ) external {
        validate(c, keeperFeeCents);
        // Of eight bits each.
        c.flags = uint8(c.flags | flags);
        inForce.save(c);
        queue.keeperFeeCents = keeperFeeCents;
        emit IEngineEvents.MarketConfigured(market, _word(inForce), keeperFeeCents);
    }

    /// @notice Checks a change and writes it down, from the parameters in force. Nothing is in force of it yet.
    /// @param to Within the bounds; no flags, those are set by themselves.
    /// @param duration Seconds.
    function schedule(
        uint256 market,
        Schedule storage stored,
        MarketConfig storage inForce,
        MarketConfig memory to,
        uint16 keeperFeeCents,
        uint256 duration
    ) external {
        validate(to, keeperFeeCents);
        _atMost("flags", to.flags, 0);
        Schedule memory s;
        (s.from, s.to, s.keeperFeeCents) = (inForce, to, keeperFeeCents);
        s.from.flags = 0;
        checkDuration(s.from.skewScale, to.skewScale, duration);
        // Seconds: below 2^40.
        s.startedAt = uint40(block.timestamp);
        // Bounded above.
        s.endsAt = uint40(block.timestamp + duration);
        checkStep(s);
        stored.from.save(s.from);
        stored.to.save(to);
        (stored.startedAt, stored.endsAt, stored.keeperFeeCents) = (s.startedAt, s.endsAt, keeperFeeCents);
        emit IEngineEvents.ParametersScheduled(
            market, _word(stored.from), _word(stored.to), s.startedAt, s.endsAt, keeperFeeCents
        );
    }

    /// @notice Writes what is due of a change into the parameters in force; at its end nothing is scheduled any more.
    function advance(uint256 market, Schedule storage stored, MarketConfig storage inForce, Queue storage queue)
        external
    {
        Schedule memory s = stored;
        (MarketConfig memory c, bool stepped) = ParameterRamp.dueAt(s, block.timestamp);
        c.flags = inForce.flags;
        inForce.save(c);
        if (stepped) queue.keeperFeeCents = s.keeperFeeCents;
        if (block.timestamp >= s.endsAt) stored.endsAt = 0;
        emit IEngineEvents.MarketConfigured(market, _word(inForce), queue.keeperFeeCents);
    }

    /// @notice The one bound that a change could leave on its way between two ends within: penalty + reward + ω < MM, where
    /// the penalty changes at once and the others move. Both sides are linear before and after the step, so it is enough
    /// to look at the step, exactly.
    function checkStep(Schedule memory s) public pure {
        uint256 done = ParameterRamp.stepAt(s) - s.startedAt;
        uint256 left = uint256(s.endsAt) - s.startedAt - done;
        uint256 penalty = uint256(s.from.penaltyBps).max(s.to.penaltyBps);
        uint256 present = s.from.maintenanceMarginBps * left + s.to.maintenanceMarginBps * done;
        uint256 needed = (penalty + MarginMath.REWARD_BPS + 1) * (left + done) + s.from.openInterestCapBps * left
            + s.to.openInterestCapBps * done;
        require(
            present >= needed,
            IEngineErrors.ParameterOutOfBounds(
                "maintenanceMarginBps", present / (left + done), needed.divUp(left + done)
            )
        );
    }

    /// @notice Reverts when a change would be too fast or too slow.
    /// @param duration Seconds.
    function checkDuration(uint256 skewScaleBefore, uint256 skewScaleAfter, uint256 duration) public pure {
        _atLeast("duration", duration, _leastDuration(skewScaleBefore, skewScaleAfter));
        _atMost("duration", duration, MAX_DURATION);
    }

    /// @dev At most 5 % of S a day, of its value on any day.
    function _leastDuration(uint256 from, uint256 to) private pure returns (uint256) {
        uint256 change = from.max(to) - from.min(to);
        return (change * 1 days * FixedPoint.BPS).divUp(from.min(to) * SKEW_SCALE_BPS_PER_DAY).max(MIN_DURATION);
    }

    function _word(MarketConfig storage config) private view returns (bytes32 word) {
        assembly ("memory-safe") {
            word := sload(config.slot)
        }
    }

    function _atMost(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value <= limit, IEngineErrors.ParameterOutOfBounds(name, value, limit));
    }

    function _atLeast(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value >= limit, IEngineErrors.ParameterOutOfBounds(name, value, limit));
    }
}
