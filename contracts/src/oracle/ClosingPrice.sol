// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "../libraries/FixedPoint.sol";

/// @notice What a market is settled at that has been halted for long. Three slots. Times are seconds.
/// @param haltedSince When the market was first observed halted, while every observation since has found it so and none was
/// later than {ClosingPrice-MAX_PAUSE} after the one before; zero when it is not.
/// @param seenAt When it was last observed so.
/// @param begunAt When it was put into settlement; zero while it is not.
/// @param votedFrom From when the voted price counts; zero while none is voted.
/// @param voted USD, 18 decimals.
/// @param startedAt When the mean's first price was observed; zero before.
/// @param pricedAt When its newest was.
/// @param price The newest, USD, 18 decimals.
/// @param mean USD, 18 decimals, rounded down; zero until it is known.
/// @param cumulative ∫ price dt from `startedAt` to `pricedAt`, USD (18 decimals) · seconds.
/// @param byAnchor Whether the prices are Chainlink's.
struct Closing {
    uint40 haltedSince;
    uint40 seenAt;
    uint40 begunAt;
    uint40 votedFrom;
    uint88 voted;
    uint40 startedAt;
    uint40 pricedAt;
    uint88 price;
    uint88 mean;
    uint128 cumulative;
    bool byAnchor;
}

/// @notice The last price of a market whose sources have failed: the mean over an hour of the first one that returns, or
/// what was voted when none has.
library ClosingPrice {
    using FixedPoint for uint256;

    /// @dev A market halted for so long may be put into settlement, seconds.
    uint256 internal constant MIN_HALT = 24 hours;
    /// @dev Longest time between two observations of a halt that counts as one, seconds.
    uint256 internal constant MAX_PAUSE = 1 hours;
    /// @dev Seconds of the mean.
    uint256 internal constant WINDOW = 1 hours;
    /// @dev Longest time between two prices of the mean, seconds.
    uint256 internal constant MAX_GAP = 300;
    /// @dev Without a source for so long since it was put into settlement, the price is voted; seconds.
    uint256 internal constant VOTE_AFTER = 14 days;
    /// @dev A voted price may be challenged for so long, seconds.
    uint256 internal constant CHALLENGE = 48 hours;

    /// @notice Notes whether a market was observed halted.
    /// @param time The present, seconds.
    function noteHalt(Closing storage closing, bool halted, uint256 time) internal {
        if (!halted) {
            closing.haltedSince = 0;
            return;
        }
        bool same = closing.haltedSince != 0 && time <= closing.seenAt + MAX_PAUSE;
        // Seconds: below 2^40.
        if (!same) closing.haltedSince = uint40(time);
        // Seconds: below 2^40.
        closing.seenAt = uint40(time);
    }

    /// @notice How long a market has been halted without a break, seconds; zero when it is not, or nobody has looked lately.
    /// @param time The present, seconds.
    function haltedFor(Closing storage closing, uint256 time) internal view returns (uint256) {
        if (closing.haltedSince == 0 || time > closing.seenAt + MAX_PAUSE) return 0;
        return time - closing.haltedSince;
    }

    /// @notice Adds to the mean of a market in settlement what its sources say. Whichever spoke first goes on alone; when it
    /// pauses, the mean begins anew by whichever speaks, Chainlink before Pyth.
    /// @param anchor Chainlink's price, USD, 18 decimals, below 2^87; zero when it gives none.
    /// @param quote Pyth's, likewise.
    /// @param time The present, seconds.
    function notePrice(Closing storage closing, uint256 anchor, uint256 quote, uint256 time) internal {
        if (closing.mean != 0) return;
        bool begun = closing.startedAt != 0 && time <= closing.pricedAt + MAX_GAP;
        uint256 price = begun ? (closing.byAnchor ? anchor : quote) : (anchor != 0 ? anchor : quote);
        if (price == 0) return;
        uint256 cumulative;
        if (begun) {
            cumulative = closing.cumulative + uint256(closing.price) * (time - closing.pricedAt);
            uint256 elapsed = time - closing.startedAt;
            // A mean of prices below 2^87.
            if (elapsed >= WINDOW) closing.mean = uint88(cumulative / elapsed);
        } else {
            // Seconds: below 2^40.
            (closing.startedAt, closing.byAnchor) = (uint40(time), anchor != 0);
        }
        // Prices below 2^87 for an hour and five minutes, seconds below 2^40, a price below 2^87.
        (closing.cumulative, closing.pricedAt, closing.price) = (uint128(cumulative), uint40(time), uint88(price));
    }

    /// @notice The price that a market in settlement ends at, USD, 18 decimals; zero while there is none. The mean, once it
    /// is known, goes before what was voted.
    /// @param time The present, seconds.
    function priceAt(Closing storage closing, uint256 time) internal view returns (uint256) {
        if (closing.mean != 0) return closing.mean;
        return closing.votedFrom != 0 && time >= closing.votedFrom ? closing.voted : 0;
    }
}
