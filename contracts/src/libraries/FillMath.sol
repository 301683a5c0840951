// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Pool} from "../engine/EngineTypes.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {PoolMath} from "./PoolMath.sol";

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
    /// @param discount Percent of the fee, see {FeeMath-discount}.
    /// @return fee USD, 18 decimals, rounded up once: against the trader.
    function tradeFee(uint256 index, int256 skew, int256 sizeDelta, uint256 discount, MarketConfig memory config)
        internal
        pure
        returns (uint256 fee)
    {
        unchecked {
            uint256 size = sizeDelta.abs();
            uint256 maker = (skew > 0) != (sizeDelta > 0) ? size.min(skew.abs()) : 0;
            uint256 weighted = maker * config.makerFeePpm + (size - maker) * config.takerFeePpm;
            return (index * weighted * (100 - discount)).divUp(FixedPoint.RAW_PER_WAD * FixedPoint.PPM * 100);
        }
    }

    /// @notice What a builder asks for a trade.
    /// @param rate Tenths of a basis point of notional.
    /// @return USD, 18 decimals, rounded up: against the trader.
    function builderFee(uint256 index, int256 sizeDelta, uint256 rate) internal pure returns (uint256) {
        unchecked {
            if (rate == 0) return 0;
            return (index * sizeDelta.abs() * rate).divUp(FixedPoint.RAW_PER_WAD * FixedPoint.BPS * 10);
        }
    }

    /// @notice How much of an opening trade the market's and the account's caps leave room for.
    /// @dev |skew after| ≤ max(κ · S, |skew|), and ≤ κ · S once its sign flips; open interest of the side ≤ ω · S; the
    /// position ≤ accountCapPercent % of ω · S.
    /// @param skew Base units, 12 decimals, before the opening.
    /// @param side Open interest of the side that opens, base units, 12 decimals.
    /// @param size Of the account's position before the opening, magnitude, base units, 12 decimals.
    /// @param buys Whether the opening is long.
    /// @return room Base units, 12 decimals, the caps rounded down.
    function openingRoom(int256 skew, uint256 side, uint256 size, bool buys, MarketConfig memory config)
        internal
        pure
        returns (uint256 room)
    {
        unchecked {
            uint256 scale = skewScale(config);
            int256 skewRoom = int256(scale * config.skewCapBps / FixedPoint.BPS) - (buys ? skew : -skew);
            if (skewRoom <= 0) return 0;
            uint256 cap = scale * config.openInterestCapBps / FixedPoint.BPS;
            if (side >= cap) return 0;
            room = uint256(skewRoom).min(cap - side);
            cap = cap * config.accountCapPercent / 100;
            return size >= cap ? 0 : room.min(cap - size);
        }
    }

    /// @notice Halves what opening trades may reach, as where the price is strained; rounded down.
    function halveCaps(MarketConfig memory config) internal pure {
        (config.skewCapBps, config.openInterestCapBps) = (config.skewCapBps / 2, config.openInterestCapBps / 2);
    }

    /// @notice What a market may lock of the pool: a_m · min(value, cash).
    /// @return USD, 18 decimals, rounded down.
    function allowance(Pool memory pool, MarketConfig memory config) internal pure returns (uint256) {
        unchecked {
            return (uint256(pool.value) * FixedPoint.WAD).min(pool.cash) * config.allocationPercent / 100;
        }
    }

    /// @notice How much of an opening trade the market's allocation of the pool leaves room for.
    /// @dev ℓ · max(side, other) · price + max(value, 0) ≤ limit. Beyond it nothing opens, on either side.
    /// @param limit See {allowance}; USD, 18 decimals.
    /// @param price USD per base unit, 18 decimals, not zero.
    /// @param value U: all traders' unrealised value at the price, USD, 30 decimals, signed.
    /// @param side Open interest of the side that opens, base units, 12 decimals.
    /// @param other Open interest of the other side.
    /// @return Base units, 12 decimals, the cap rounded down.
    function allocationRoom(uint256 limit, uint256 price, int256 value, uint256 side, uint256 other)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 raw = limit * FixedPoint.RAW_PER_WAD;
            uint256 owed = value > 0 ? uint256(value) : 0;
            if (owed >= raw) return 0;
            uint256 cap = (raw - owed) * FixedPoint.BPS / (PoolMath.LOCK_BPS * price);
            return side.max(other) >= cap ? 0 : cap - side;
        }
    }
}
