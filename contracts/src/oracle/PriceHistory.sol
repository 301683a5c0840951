// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "../libraries/FixedPoint.sol";

/// @notice What a market's validated prices were. One slot and 64 of observations.
/// @param lastGood The newest validated price, USD, 18 decimals, not clamped.
/// @param newestAt When the newest observation was written, seconds; zero before the first.
/// @param unbrokenSince When the first observation after the last gap was written, seconds.
/// @param newest Where the newest observation lies.
/// @param agreed While the market is halted: how often its sources were found to agree since they last did not.
/// @param agreedAt When it was last counted so, seconds.
/// @param observations From the lowest bit: cumulative price 128 bits, price 88, time 40. The cumulative price is
/// ∫ price dt up to `time`, USD (18 decimals) · seconds: each price counts from its own observation to the next one's.
struct History {
    uint88 lastGood;
    uint40 newestAt;
    uint40 unbrokenSince;
    uint8 newest;
    uint8 agreed;
    uint40 agreedAt;
    uint256[64] observations;
}

/// @notice The time-weighted mean of a market's own validated prices.
/// @dev Mirrored by `priceHistory.ts`. A price below 2^87 for 2^40 seconds stays below 2^128.
library PriceHistory {
    using FixedPoint for uint256;

    uint256 internal constant SIZE = 64;
    /// @dev Least seconds between two observations, so that 64 of them reach back beyond the window.
    uint256 internal constant SPACING = 30;
    /// @dev Seconds of the mean.
    uint256 internal constant WINDOW = 900;
    /// @dev The mean is none of fewer observations, nor when the newest is older, nor over a longer gap; seconds.
    uint256 internal constant MIN_OBSERVATIONS = 8;
    uint256 internal constant MAX_AGE = 600;
    uint256 internal constant MAX_GAP = 300;
    /// @dev How far an observation may lie from the last one: by its distance in time, from 1 % to 15 %. Parts per million.
    uint256 internal constant STEP_PPM_PER_SECOND = 2000;
    uint256 internal constant MIN_STEP_PPM = 10_000;
    uint256 internal constant MAX_STEP_PPM = 150_000;
    uint256 internal constant PPM = 1e6;

    /// @notice A price moved to within what may lie between it and the one observed before, rounded inward.
    /// @param price USD, 18 decimals, as `before`.
    /// @param elapsed Seconds between them.
    function clamp(uint256 price, uint256 before, uint256 elapsed) internal pure returns (uint256) {
        uint256 step = (STEP_PPM_PER_SECOND * elapsed).max(MIN_STEP_PPM).min(MAX_STEP_PPM);
        return price.max(before.mulDivUp(PPM - step, PPM)).min(before.mulDivDown(PPM + step, PPM));
    }

    /// @notice Whether an observation may be written: the first, or one far enough from the last.
    function isDue(History storage history, uint256 time) internal view returns (bool) {
        return time >= history.newestAt + SPACING;
    }

    /// @notice Writes an observation.
    /// @param price Validated, USD, 18 decimals, below 2^87.
    /// @param time Seconds, {isDue}.
    function record(History storage history, uint256 price, uint256 time) internal {
        uint256 newestAt = history.newestAt;
        uint256 place = history.newest;
        uint256 observation = history.observations[place];
        uint256 observed = price;
        uint256 cumulative;
        if (newestAt != 0) {
            uint256 before = priceOf(observation);
            observed = clamp(price, before, time - newestAt);
            cumulative = cumulativeOf(observation) + before * (time - newestAt);
            place = (place + 1) % SIZE;
        }
        // A place below 64, a price below 2^87, seconds below 2^40.
        (history.lastGood, history.newestAt, history.newest) = (uint88(price), uint40(time), uint8(place));
        // Seconds below 2^40.
        if (newestAt == 0 || time - newestAt > MAX_GAP) history.unbrokenSince = uint40(time);
        history.observations[place] = cumulative | observed << 128 | time << 216;
    }

    /// @notice The mean over the last {WINDOW} seconds, rounded down. The newest observation has weight only for the time
    /// since it was written, so none in the transaction that wrote it.
    /// @param time The present, seconds.
    /// @return mean USD, 18 decimals; zero when it is not ready.
    function meanAt(History storage history, uint256 time) internal view returns (uint256 mean) {
        uint256 newestAt = history.newestAt;
        uint256 start = time - WINDOW;
        if (newestAt == 0 || time > newestAt + MAX_AGE || history.unbrokenSince > start) return 0;
        (uint256 observation, uint256 later) = _inForceAt(history, start);
        // What lies before the window needs no price; what is in it, so many.
        if (later < MIN_OBSERVATIONS) return 0;
        uint256 newest = history.observations[history.newest];
        uint256 sum = cumulativeOf(newest) + priceOf(newest) * (time - newestAt);
        sum -= cumulativeOf(observation) + priceOf(observation) * (start - timeOf(observation));
        return sum / WINDOW;
    }

    /// @notice Standard deviation of the price over the window by its observations' steps, parts per million, rounded down.
    /// @param time The present, seconds; the mean is ready.
    function deviationAt(History storage history, uint256 time) internal view returns (uint256) {
        uint256 place = history.newest;
        uint256 later = priceOf(history.observations[place]);
        uint256 sum;
        for (uint256 i; i < SIZE - 1 && timeOf(history.observations[place]) > time - WINDOW; ++i) {
            place = (place + SIZE - 1) % SIZE;
            uint256 price = priceOf(history.observations[place]);
            uint256 step = (price.max(later) - price.min(later)) * PPM / price;
            sum += step * step;
            later = price;
        }
        return sum.sqrt();
    }

    /// @notice How far a price lies from those observed since a time, the farthest of them. Parts per million of the lower
    /// one, rounded down.
    function changeSince(History storage history, uint256 price, uint256 since) internal view returns (uint256) {
        (uint256 least, uint256 most) = (price, price);
        uint256 place = history.newest;
        for (uint256 i; i < SIZE; ++i) {
            uint256 observation = history.observations[place];
            if (observation == 0 || timeOf(observation) < since) break;
            least = least.min(priceOf(observation));
            most = most.max(priceOf(observation));
            place = (place + SIZE - 1) % SIZE;
        }
        // The farthest is the lowest or the highest, the price itself among them.
        return ((most - price) * PPM / price).max((price - least) * PPM / least);
    }

    function timeOf(uint256 observation) internal pure returns (uint256) {
        return observation >> 216;
    }

    function priceOf(uint256 observation) internal pure returns (uint256) {
        return (observation >> 128) & type(uint88).max;
    }

    function cumulativeOf(uint256 observation) internal pure returns (uint256) {
        return observation & type(uint128).max;
    }

    /// @dev By halving: an observation is {SPACING} or more from the next, so that {SIZE} of them reach back to any time
    /// within the window.
    /// @return observation The newest not later than a time, which one of the stored is.
    /// @return later How many are newer.
    function _inForceAt(History storage history, uint256 time)
        private
        view
        returns (uint256 observation, uint256 later)
    {
        uint256 newest = history.newest;
        (uint256 least, uint256 most) = (0, SIZE - 1);
        while (least < most) {
            uint256 back = (least + most) / 2;
            if (timeOf(history.observations[(newest + SIZE - back) % SIZE]) <= time) most = back;
            else least = back + 1;
        }
        return (history.observations[(newest + SIZE - least) % SIZE], least);
    }
}
