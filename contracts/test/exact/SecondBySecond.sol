// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One market's funding, moved on by one second at a time.
/// @param index USD per base unit, 18 decimals.
/// @param skew Longs − shorts, base units, 12 decimals.
/// @param scale S, base units, 12 decimals.
/// @param coefficient Rate per hour at skew = S, 18 decimals.
/// @param cap Largest |rate| per hour, 18 decimals.
/// @param rate Of this hour, sealed at its beginning, per hour, 18 decimals.
/// @param skewSeconds ∫ skew dt since the hour began.
/// @param funding USD per base unit in units of 1 / UNIT of the ledger's: no second is rounded.
/// @param time Seconds.
struct Clock {
    int256 index;
    int256 skew;
    int256 scale;
    int256 coefficient;
    int256 cap;
    int256 rate;
    int256 skewSeconds;
    int256 funding;
    uint256 time;
}

/// @notice Funding as docs/mechanism.md#funding states it and nothing else: every second at the rate in force, every
/// hour's rate sealed at its boundary from the seconds of the hour before. Shares no code with the ledger.
library SecondBySecond {
    /// @dev An hour's seconds times the 18 decimals of a rate.
    int256 internal constant UNIT = 3600e18;

    function runUntil(Clock memory clock, uint256 end) internal pure {
        while (clock.time < end) {
            _grow(clock, clock.index * inForce(clock));
            clock.skewSeconds += clock.skew;
            if (++clock.time % 3600 == 0) _seal(clock);
        }
    }

    /// @dev sign(skew) · min(|rate|, 2 · coefficient · |skew| / S) while rate and skew agree in sign, else zero.
    function inForce(Clock memory clock) internal pure returns (int256) {
        int256 bound = 2 * clock.coefficient * clock.skew / clock.scale;
        if (clock.skew > 0 && clock.rate > 0) return clock.rate < bound ? clock.rate : bound;
        if (clock.skew < 0 && clock.rate < 0) return clock.rate > bound ? clock.rate : bound;
        return 0;
    }

    /// @dev clamp(coefficient · skewSeconds / (3600 · S), ± cap)
    function _seal(Clock memory clock) private pure {
        int256 rate = clock.coefficient * clock.skewSeconds / (3600 * clock.scale);
        clock.rate = rate > clock.cap ? clock.cap : rate < -clock.cap ? -clock.cap : rate;
        clock.skewSeconds = 0;
    }

    /// @dev |funding| ≤ 64 · index: it stops there, or where it is when the index has fallen.
    function _grow(Clock memory clock, int256 change) private pure {
        int256 bound = 64 * clock.index * UNIT;
        int256 next = clock.funding + change;
        if (change > 0 && next > bound) next = clock.funding > bound ? clock.funding : bound;
        if (change < 0 && next < -bound) next = clock.funding < -bound ? clock.funding : -bound;
        clock.funding = next;
    }
}
