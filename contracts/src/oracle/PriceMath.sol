// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceState} from "../interfaces/IPriceOracle.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";

/// @notice A price of one source.
/// @param value USD per base unit, 18 decimals; zero when the source gives none that is credible.
/// @param confidence Half the confidence interval, 18 decimals; zero for sources without one.
/// @param time Seconds; when it was published or written. Without a value: when the source said what lies beyond the feed's
/// bounds, zero when it said nothing.
struct Quote {
    uint256 value;
    uint256 confidence;
    uint256 time;
}

/// @notice How two quotes of one market become a price with a state.
/// @dev Mirrored by `priceMath.ts`. Shares are parts per million. Source: docs/mechanism.md#oracle-states.
library PriceMath {
    using FixedPoint for uint256;

    uint256 internal constant PPM = 1e6;
    /// @dev Least half-width: 1 bp.
    uint256 internal constant MIN_HALF_WIDTH_PPM = 100;
    /// @dev Confidence above which the low-latency source is invalid: 200 bp.
    uint256 internal constant MAX_CONFIDENCE_PPM = 20_000;
    /// @dev Least deviation that strains: 50 bp.
    uint256 internal constant MIN_STRAIN_PPM = 5000;
    /// @dev Added to each side of the band when only one source answers: 30 bp.
    uint256 internal constant SINGLE_SPREAD_PPM = 3000;
    /// @dev How far a single source may lie from the mean: 10 %.
    uint256 internal constant MAX_FROM_MEAN_PPM = 100_000;
    /// @dev Around the mean and the last good price, when no source answers: at least 1 %, at most 10 %.
    uint256 internal constant MIN_FALLBACK_PPM = 10_000;
    uint256 internal constant MAX_FALLBACK_PPM = 100_000;

    /// @notice An integer with `decimals` decimals in 18, rounded down.
    /// @param decimals At most 36.
    function toWad(uint256 value, uint256 decimals) internal pure returns (uint256) {
        return decimals <= 18 ? value * 10 ** (18 - decimals) : value / 10 ** (decimals - 18);
    }

    /// @notice max(2 · confidence, 1 bp of the price), rounded up.
    function halfWidth(Quote memory quote) internal pure returns (uint256) {
        return (2 * quote.confidence).max(quote.value.mulDivUp(MIN_HALF_WIDTH_PPM, PPM));
    }

    /// @notice Confidence over price, parts per million, rounded up.
    function confidencePpm(Quote memory quote) internal pure returns (uint256) {
        return quote.confidence.mulDivUp(PPM, quote.value);
    }

    /// @notice |anchor − quote| / min(anchor, quote), parts per million, rounded up; of an anchor older than the quote
    /// only what exceeds its own threshold.
    function deviationPpm(Quote memory quote, Quote memory anchor, uint256 thresholdPpm)
        internal
        pure
        returns (uint256 deviation)
    {
        (uint256 low, uint256 high) =
            quote.value < anchor.value ? (quote.value, anchor.value) : (anchor.value, quote.value);
        deviation = (high - low).mulDivUp(PPM, low);
        if (anchor.time < quote.time) deviation -= deviation.min(thresholdPpm);
    }

    /// @notice Halted above D2; guarded by a wide confidence; strained above D1 = max(50 bp, 3θ + 2 · confidence), never
    /// above D2; else normal.
    /// @param thresholdPpm θ: the anchor's own deviation threshold.
    /// @param haltPpm D2.
    /// @param strainConfidencePpm Confidence above which the price is guarded whatever the anchor says.
    function classify(
        Quote memory quote,
        Quote memory anchor,
        uint256 thresholdPpm,
        uint256 haltPpm,
        uint256 strainConfidencePpm
    ) internal pure returns (PriceState) {
        uint256 deviation = deviationPpm(quote, anchor, thresholdPpm);
        if (deviation > haltPpm) return PriceState.Halted;
        uint256 confidence = confidencePpm(quote);
        if (confidence > strainConfidencePpm) return PriceState.Guarded;
        uint256 limit = MIN_STRAIN_PPM.max(3 * thresholdPpm + 2 * confidence).min(haltPpm);
        return deviation > limit ? PriceState.Strained : PriceState.Normal;
    }

    /// @notice The lowest and the highest price the sources support; outward rounding.
    /// @param spanning Whether both sources count even when they agree, as for what acts at once.
    function band(Quote memory quote, Quote memory anchor, PriceState state, uint256 thresholdPpm, bool spanning)
        internal
        pure
        returns (uint256 lo, uint256 hi)
    {
        uint256 width = halfWidth(quote);
        (lo, hi) = (quote.value - width, quote.value + width);
        if (anchor.value != 0 && spanning) {
            lo = lo.min(anchor.value - width.min(anchor.value));
            hi = hi.max(anchor.value + width);
        }
        if (anchor.value == 0 || state == PriceState.Single) {
            uint256 spread = quote.value.mulDivUp(SINGLE_SPREAD_PPM, PPM);
            return (lo - spread, hi + spread);
        }
        if (state == PriceState.Strained || state == PriceState.Guarded) {
            lo = lo.min(anchor.value * (PPM - thresholdPpm) / PPM);
            hi = hi.max(anchor.value.mulDivUp(PPM + thresholdPpm, PPM));
        }
    }

    /// @notice The band when no source answers: twice the deviation beyond mean and last good price; outward rounding.
    /// @param deviationPpm_ Of the price over the mean's window.
    function fallbackBand(uint256 mean, uint256 lastGood, uint256 deviationPpm_)
        internal
        pure
        returns (uint256 lo, uint256 hi)
    {
        uint256 spread = (2 * deviationPpm_).max(MIN_FALLBACK_PPM).min(MAX_FALLBACK_PPM);
        lo = mean.min(lastGood).mulDivDown(PPM - spread, PPM);
        hi = mean.max(lastGood).mulDivUp(PPM + spread, PPM);
    }
}
