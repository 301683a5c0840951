// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../engine/EngineTypes.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {FundingMath} from "./FundingMath.sol";

/// @notice What a market owes its traders, and what of the liquidity pool it keeps for them.
/// @dev Mirrored by `poolMath.ts`. Source: docs/mechanism.md#pool. Unchecked within the bounds that {FillMath} names.
library PoolMath {
    using FixedPoint for uint256;

    /// @dev ℓ: the part of the larger side's notional that a market locks, basis points.
    uint256 internal constant LOCK_BPS = 2000;

    /// @notice U: what all positions of a market are worth, in O(1).
    /// @dev U = skew · (price − funding) + cash
    /// @param price USD per base unit, 18 decimals.
    /// @return USD, 30 decimals, signed: + the pool owes it. Exact.
    function tradersValue(Market memory market, uint256 price) internal pure returns (int256) {
        unchecked {
            return FundingMath.skewOf(market) * (int256(price) - market.funding) + market.cash;
        }
    }

    /// @notice What a market locks of the pool's value: a move against the pool, and what traders have already won.
    /// @dev lock = ⌈ℓ · max(longs, shorts) · price⌉ + max(U, 0). Convex in the price, so that over a band it is largest at
    /// one of the ends. 100 base units long against 40 short at $2,000 lock 0.2 · 100 · 2000 = $40,000, and U beside.
    /// @param price USD per base unit, 18 decimals.
    /// @return lock USD, 30 decimals, rounded up: against who wants to open or to redeem.
    function lockOf(Market memory market, uint256 price) internal pure returns (uint256 lock) {
        unchecked {
            // < 2^88 · 2^87 · 2^11
            uint256 notional = uint256(market.longs).max(market.shorts) * price;
            int256 value = tradersValue(market, price);
            lock = (notional * LOCK_BPS).divUp(FixedPoint.BPS) + (value > 0 ? uint256(value) : 0);
        }
    }
}
