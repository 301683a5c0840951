// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "./FixedPoint.sol";

/// @notice Fee tiers by trailing volume, in O(1): what an account traded, fading by a thirtieth a day.
/// @dev Volumes are whole hundreds of USD. Unchecked: a volume is below 2^24, a factor at most 1e18, a notional / 1e32 below
/// 2^68. Mirrored by `feeMath.ts`. Source: docs/mechanism.md#fee-tiers.
library FeeMath {
    using FixedPoint for uint256;

    uint256 internal constant DAY = 86_400;
    /// @dev A volume's unit as notional, USD, 30 decimals.
    uint256 internal constant VOLUME_UNIT = 100e30;
    uint256 internal constant MAX_VOLUME = type(uint24).max;
    /// @dev 29/30, 18 decimals, rounded down.
    uint256 internal constant DAILY_DECAY = 966_666_666_666_666_666;
    /// @dev Days after which nothing of the largest volume is left.
    uint256 internal constant FORGOTTEN = 512;

    /// @notice What of a volume is left after the days between two times: volume · (29/30)^days.
    /// @param from Seconds.
    /// @param to Seconds, ≥ `from`.
    /// @return Hundreds of USD, rounded down, as is each power on the way.
    function decayed(uint256 volume, uint256 from, uint256 to) internal pure returns (uint256) {
        unchecked {
            if (volume == 0) return 0;
            uint256 elapsed = to / DAY - from / DAY;
            if (elapsed == 0) return volume;
            if (elapsed >= FORGOTTEN) return 0;
            uint256 factor = FixedPoint.WAD;
            for (uint256 power = DAILY_DECAY; elapsed != 0; elapsed >>= 1) {
                if (elapsed & 1 == 1) factor = factor * power / FixedPoint.WAD;
                power = power * power / FixedPoint.WAD;
            }
            return volume * factor / FixedPoint.WAD;
        }
    }

    /// @notice A volume with a fill added; it stays at its maximum.
    /// @param notional USD, 30 decimals.
    /// @return Hundreds of USD, the fill rounded down.
    function grown(uint256 volume, uint256 notional) internal pure returns (uint256) {
        unchecked {
            return (volume + notional / VOLUME_UNIT).min(MAX_VOLUME);
        }
    }

    /// @notice The tier of a volume: from $5 M 10 %, $25 M 20 %, $100 M 30 %, $500 M 40 %.
    /// @return Percent of a trade's fee.
    function discount(uint256 volume) internal pure returns (uint256) {
        if (volume < 50_000) return 0;
        if (volume < 250_000) return 10;
        if (volume < 1_000_000) return 20;
        return volume < 5_000_000 ? 30 : 40;
    }
}
