// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig} from "../engine/EngineTypes.sol";
import {FillMath} from "./FillMath.sol";
import {FixedPoint} from "./FixedPoint.sol";

/// @notice Hour-sealed funding, accrued lazily in O(1) whatever time has passed.
/// @dev rate = (mark − index) / index · coefficient = coefficient · skew / S. Hour h's rate is sealed at its beginning
/// from the time-weighted skew of hour h − 1. Mirrored by `fundingMath.ts`. Source: docs/mechanism.md#funding.
/// Unchecked throughout: |skew| < 2^88 and time < 2^40, so |skewSeconds| < 2^100; the coefficient is below 2^63 and a rate
/// never beyond its cap, below 2^53, so |rateSeconds| < 2^94; index < 2^87. What would exceed 2^255 goes through 512-bit
/// mulDiv.
/// Narrowing: |rate| ≤ 5e15, the largest cap {RiskParameters} lets pass, against 3.6e16 of an int56; skewSeconds covers at
/// most an hour, 3600 · 2^88 against 2^103; |funding| ≤ 64 · 1e26 against 3.9e28 of an int96; times fit 40 bits for 34,000
/// years.
library FundingMath {
    using FixedPoint for int256;
    using FixedPoint for uint256;

    uint256 internal constant HOUR = 3600;
    /// @dev |funding| ≤ 64 · index keeps every product in its width.
    int256 internal constant MAX_FUNDING_RATIO = 64;

    /// @notice The skew of a market: longs − shorts.
    /// @return Base units, 12 decimals.
    function skewOf(Market memory market) internal pure returns (int256) {
        unchecked {
            return int256(uint256(market.longs)) - int256(uint256(market.shorts));
        }
    }

    /// @notice Rate sealed for an hour from the skew of the hour before.
    /// @dev clamp(coefficient · (skewSeconds / 3600) / S, ± cap)
    /// @param skewSeconds ∫ skew dt over the hour, base units (12 decimals) · seconds.
    /// @return Per hour, 18 decimals, truncated toward zero; + longs pay.
    function sealedRate(int256 skewSeconds, MarketConfig memory config) internal pure returns (int256) {
        return sealedRate(skewSeconds, config.fundingCoefficientBps, config.fundingCapPpm, FillMath.skewScale(config));
    }

    /// @param scale S, base units, 12 decimals.
    function sealedRate(int256 skewSeconds, uint256 coefficientBps, uint256 capPpm, uint256 scale)
        internal
        pure
        returns (int256)
    {
        unchecked {
            int256 cap = int256(capPpm * 1e12);
            return skewSeconds.mulDivTrunc(int256(coefficientBps * 1e14), HOUR * scale).clamp(-cap, cap);
        }
    }

    /// @notice Rate in force at a skew: sign(skew) · min(|rate|, 2 · coefficient · |skew| / S), or zero when the sealed
    /// rate would let the minority pay.
    /// @return Per hour, 18 decimals; + longs pay.
    function effectiveRate(int256 rate, int256 skew, MarketConfig memory config) internal pure returns (int256) {
        return effectiveRate(rate, skew, config.fundingCoefficientBps, FillMath.skewScale(config));
    }

    /// @param scale S, base units, 12 decimals.
    function effectiveRate(int256 rate, int256 skew, uint256 coefficientBps, uint256 scale)
        internal
        pure
        returns (int256)
    {
        unchecked {
            // Zero, or of different signs.
            if (rate * skew <= 0) return 0;
            // Rounded down.
            uint256 bound = coefficientBps * 2e14 * skew.abs() / scale;
            int256 magnitude = int256(rate.abs().min(bound));
            return skew > 0 ? magnitude : -magnitude;
        }
    }

    /// @notice Brings a market's funding, rate and skew integral to `time`, at its stored index.
    /// @dev The rest of this hour at its sealed rate, the next hour at its own, all later ones at the rate of the
    /// standing skew; one division for the sum, so that a poke in between changes funding by at most one unit, toward
    /// zero.
    /// @param market Changed in memory.
    /// @param time Seconds, ≥ market.accruedAt.
    function accrue(Market memory market, MarketConfig memory config, uint256 time) internal pure {
        accrue(market, config.fundingCoefficientBps, config.fundingCapPpm, FillMath.skewScale(config), time);
    }

    /// @param scale S, base units, 12 decimals.
    function accrue(Market memory market, uint256 coefficientBps, uint256 capPpm, uint256 scale, uint256 time)
        internal
        pure
    {
        unchecked {
            uint256 from = market.accruedAt;
            if (time == from) return;
            int256 skew = skewOf(market);
            uint256 hourEnd = from - from % HOUR + HOUR;
            int256 rateSeconds;
            if (time < hourEnd) {
                int256 elapsed = int256(time - from);
                rateSeconds = effectiveRate(market.fundingRate, skew, coefficientBps, scale) * elapsed;
                market.skewSeconds = int104(market.skewSeconds + skew * elapsed);
            } else {
                int256 rest = int256(hourEnd - from);
                rateSeconds = effectiveRate(market.fundingRate, skew, coefficientBps, scale) * rest;
                int256 rate = sealedRate(market.skewSeconds + skew * rest, coefficientBps, capPpm, scale);
                uint256 nextEnd = hourEnd + HOUR;
                rateSeconds += effectiveRate(rate, skew, coefficientBps, scale) * int256(time.min(nextEnd) - hourEnd);
                if (time >= nextEnd) {
                    rate = sealedRate(skew * int256(HOUR), coefficientBps, capPpm, scale);
                    rateSeconds += effectiveRate(rate, skew, coefficientBps, scale) * int256(time - nextEnd);
                }
                market.fundingRate = int56(rate);
                market.skewSeconds = int104(skew * int256(time % HOUR));
            }
            market.accruedAt = uint40(time);
            market.funding = int96(_bounded(market, rateSeconds));
        }
    }

    /// @dev Funding after the change, stopped where it would leave ± 64 · index.
    function _bounded(Market memory market, int256 rateSeconds) private pure returns (int256) {
        unchecked {
            int256 before = market.funding;
            int256 bound = int256(uint256(market.index)) * MAX_FUNDING_RATIO;
            int256 change = int256(uint256(market.index)) * rateSeconds / int256(HOUR * FixedPoint.WAD);
            int256 later = before + change;
            if (later > before) {
                if (later > bound) return before > bound ? before : bound;
            } else if (later < -bound) {
                return before < -bound ? before : -bound;
            }
            return later;
        }
    }
}
