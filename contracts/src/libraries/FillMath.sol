// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../engine/EngineTypes.sol";
import {FixedPoint} from "./FixedPoint.sol";

/// @notice What a trade costs: the integral of the mark, and its fee.
/// @dev Mirrored by `fillMath.ts`. Source: docs/mechanism.md#fills.
/// Unchecked throughout the risk mathematics: |size| < 2^87, price < 2^87, |funding| ≤ 64 · price, cash < 2^136 and
/// margin < 2^96 are enforced where they are stored, so sums of their products stay below 2^255; what can exceed it goes
/// through 512-bit mulDiv.
library FillMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @notice S in the scale of sizes.
    /// @return scale Base units, 12 decimals.
    function skewScale(MarketConfig memory config) internal pure returns (uint256 scale) {
        unchecked {
            return uint256(config.skewScale) * 1e6;
        }
    }

    /// @notice Cost of trading `sizeDelta` while the skew moves from `skew` to `skew + sizeDelta`.
    /// @dev cost = index · Δ + ⌈index · Δ · (2 · skew + Δ) / (2 · scale)⌉. One rounding, up: against the trader. So a
    /// trade's cost does not depend on its path and splitting is never cheaper.
    /// @param index USD per base unit, 18 decimals.
    /// @param skew Longs − shorts before the trade, base units, 12 decimals.
    /// @param sizeDelta Base units, 12 decimals, + buys.
    /// @param scale S, base units, 12 decimals.
    /// @return USD, 30 decimals, signed: + the trader pays.
    function cost(uint256 index, int256 skew, int256 sizeDelta, uint256 scale) internal pure returns (int256) {
        unchecked {
            int256 flat = int256(index) * sizeDelta;
            return flat + impact(flat, skew, sizeDelta, scale);
        }
    }

    /// @notice What a trade costs beyond `flat`, its size at the index; the same when skew and trade both change sign.
    /// @return USD, 30 decimals, rounded up; + the trader pays.
    function impact(int256 flat, int256 skew, int256 sizeDelta, uint256 scale) internal pure returns (int256) {
        unchecked {
            return flat.mulDivCeil(2 * skew + sizeDelta, 2 * scale);
        }
    }

    /// @notice mark = index · (1 + skew / S).
    /// @return USD per base unit, 18 decimals, truncated toward the index.
    function mark(uint256 index, int256 skew, uint256 scale) internal pure returns (uint256) {
        return uint256(int256(index) + int256(index).mulDivTrunc(skew, scale));
    }

    /// @notice The premium that unwinding the skew would pay back to traders: ⌈index · skew² / (2 · S)⌉.
    /// @return USD, 30 decimals, rounded up: against the pool's reported value.
    function skewReserve(uint256 index, int256 skew, uint256 scale) internal pure returns (uint256) {
        unchecked {
            uint256 magnitude = skew.abs();
            return (index * magnitude).mulDivUp(magnitude, 2 * scale);
        }
    }

    /// @notice Fee of a trade: maker for the part that reduces |skew|, taker for the part that grows it.
    /// @param index USD per base unit, 18 decimals.
    /// @return fee USD, 18 decimals, rounded up once: against the trader.
    function tradeFee(uint256 index, int256 skew, int256 sizeDelta, MarketConfig memory config)
        internal
        pure
        returns (uint256 fee)
    {
        unchecked {
            uint256 size = sizeDelta.abs();
            uint256 maker = (skew > 0) != (sizeDelta > 0) ? size.min(skew.abs()) : 0;
            uint256 weighted = maker * config.makerFeePpm + (size - maker) * config.takerFeePpm;
            return (index * weighted).divUp(FixedPoint.RAW_PER_WAD * FixedPoint.PPM);
        }
    }

    /// @notice How much of an opening trade the market's caps leave room for.
    /// @dev |skew after| ≤ max(κ · S, |skew|), and ≤ κ · S once its sign flips; open interest of the side ≤ ω · S.
    /// @param skew Base units, 12 decimals, before the opening.
    /// @param sideOpenInterest Of the side that opens, base units, 12 decimals.
    /// @param buys Whether the opening is long.
    /// @return room Base units, 12 decimals.
    function openingRoom(int256 skew, uint256 sideOpenInterest, bool buys, MarketConfig memory config)
        internal
        pure
        returns (uint256 room)
    {
        unchecked {
            uint256 scale = skewScale(config);
            int256 skewRoom = int256(scale * config.skewCapBps / FixedPoint.BPS) - (buys ? skew : -skew);
            if (skewRoom <= 0) return 0;
            uint256 cap = scale * config.openInterestCapBps / FixedPoint.BPS;
            if (sideOpenInterest >= cap) return 0;
            return uint256(skewRoom).min(cap - sideOpenInterest);
        }
    }
}
