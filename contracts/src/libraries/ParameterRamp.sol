// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Schedule} from "../engine/EngineTypes.sol";
import {FixedPoint} from "./FixedPoint.sol";

/// @notice Where a scheduled change of a market's parameters stands at a time.
/// @dev Mirrored by `parameterRamp.ts`. Source: docs/mechanism.md#parameters.
library ParameterRamp {
    using FixedPoint for uint256;

    uint256 internal constant HOUR = 3600;

    /// @notice When what does not move linearly changes: at the first full hour that is an hour or more after the start.
    /// @return Seconds.
    function stepAt(Schedule memory s) internal pure returns (uint256) {
        return (uint256(s.startedAt) + HOUR).divUp(HOUR) * HOUR;
    }

    /// @notice The parameters due at a time. S, IM, MM, β, κ, ω, w, account cap and allocation move linearly from start to
    /// end; the others change at {stepAt}.
    /// @dev IM is rounded up, all others down, so that what the bounds compare (MM with IM, κ and ω with MM) stays within
    /// them between two ends that are.
    /// @param time Seconds, ≥ the start.
    /// Narrowing: what lies between two ends fits the type of both.
    /// @return c Without flags: those are the market's own.
    /// @return stepped Whether what changes at once has.
    function dueAt(Schedule memory s, uint256 time) internal pure returns (MarketConfig memory c, bool stepped) {
        stepped = time >= stepAt(s);
        MarketConfig memory steps = stepped ? s.to : s.from;
        c = MarketConfig({
            skewScale: uint64(_between(s, s.from.skewScale, s.to.skewScale, time)),
            initialMarginBps: uint16(_betweenUp(s, s.from.initialMarginBps, s.to.initialMarginBps, time)),
            maintenanceMarginBps: uint16(_between(s, s.from.maintenanceMarginBps, s.to.maintenanceMarginBps, time)),
            marginSlopeBps: uint16(_between(s, s.from.marginSlopeBps, s.to.marginSlopeBps, time)),
            skewCapBps: uint16(_between(s, s.from.skewCapBps, s.to.skewCapBps, time)),
            openInterestCapBps: uint16(_between(s, s.from.openInterestCapBps, s.to.openInterestCapBps, time)),
            profitWeightBps: uint16(_between(s, s.from.profitWeightBps, s.to.profitWeightBps, time)),
            makerFeePpm: steps.makerFeePpm,
            takerFeePpm: steps.takerFeePpm,
            penaltyBps: steps.penaltyBps,
            accountCapPercent: uint8(_between(s, s.from.accountCapPercent, s.to.accountCapPercent, time)),
            fundingCoefficientBps: steps.fundingCoefficientBps,
            fundingCapPpm: steps.fundingCapPpm,
            allocationPercent: uint8(_between(s, s.from.allocationPercent, s.to.allocationPercent, time)),
            flags: 0
        });
    }

    /// @dev Between its ends, and so of their width.
    function _between(Schedule memory s, uint256 from, uint256 to, uint256 time) private pure returns (uint256) {
        (uint256 sum, uint256 duration) = _weighted(s, from, to, time);
        return sum / duration;
    }

    function _betweenUp(Schedule memory s, uint256 from, uint256 to, uint256 time) private pure returns (uint256) {
        (uint256 sum, uint256 duration) = _weighted(s, from, to, time);
        return sum.divUp(duration);
    }

    function _weighted(Schedule memory s, uint256 from, uint256 to, uint256 time)
        private
        pure
        returns (uint256 sum, uint256 duration)
    {
        duration = s.endsAt - s.startedAt;
        uint256 elapsed = (time - s.startedAt).min(duration);
        sum = from * (duration - elapsed) + to * elapsed;
    }
}
