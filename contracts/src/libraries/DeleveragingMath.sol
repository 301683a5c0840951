// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoint, Deleveragings, Market, MarketConfig, Position} from "../engine/EngineTypes.sol";
import {IEngineErrors} from "../interfaces/IEngineErrors.sol";
import {FillMath} from "./FillMath.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {PoolMath} from "./PoolMath.sol";
import {FundingMath} from "./FundingMath.sol";

/// @notice What a deleveraging takes from a market.
/// @param exposure U⁺ + ℓ · |skew| · index, USD, 30 decimals, rounded up.
/// @param limit What it must exceed, USD, 30 decimals, rounded down.
/// @param cut Taken from the larger side, base units, 12 decimals.
/// @param least The smallest cut that is made, base units, 12 decimals, rounded up.
struct Reduction {
    uint256 exposure;
    uint256 limit;
    uint256 cut;
    uint256 least;
}

/// @notice Auto-deleveraging in O(1), pro rata; crystallising; leaving at the index.
/// @dev Mirrored by `deleveragingMath.ts`. Source: docs/mechanism.md#deleveraging. Its external functions are linked, not
/// inlined: they are called seldom.
library DeleveragingMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev Of the allocation, percent: above the first a market is deleveraged, down to the second.
    uint256 internal constant TRIGGER_PERCENT = 140;
    uint256 internal constant TARGET_PERCENT = 120;
    /// @dev One in the scale of multipliers.
    uint256 internal constant ONE = 1 << 127;
    /// @dev Below it a round ends: 2^-32.
    uint256 internal constant LEAST_MULTIPLIER = 1 << 95;
    uint256 internal constant SETTLED = 16;

    /// @notice The traders' unrealised value and the premium reserve of a market at a price: U + Res. Nobody pays a premium
    /// for leaving a settled market.
    /// @return USD, 30 decimals, signed; the reserve rounded up.
    function owed(Market memory market, MarketConfig memory config, uint256 price) internal pure returns (int256) {
        int256 skew = FundingMath.skewOf(market);
        int256 value = PoolMath.tradersValue(market, price);
        if (config.flags & SETTLED != 0) return value;
        return value + int256(FillMath.skewReserve(price, skew, FillMath.skewScale(config)));
    }

    /// @notice What a deleveraging at the market's index would take: what brings U⁺ + ℓ · |skew| · index down to 120 % of
    /// allocation · NAV, the skew at most to zero.
    /// @param market Accrued, at its new index.
    /// @param netAssetValue USD, 30 decimals, signed; what is not positive allots nothing.
    function reductionOf(Market memory market, MarketConfig memory config, int256 netAssetValue)
        external
        pure
        returns (Reduction memory r)
    {
        int256 value = PoolMath.tradersValue(market, market.index);
        uint256 owedToTraders = value > 0 ? uint256(value) : 0;
        uint256 skew = FundingMath.skewOf(market).abs();
        uint256 nav = netAssetValue > 0 ? uint256(netAssetValue) : 0;
        r.exposure = owedToTraders + (skew * market.index).mulDivUp(PoolMath.LOCK_BPS, FixedPoint.BPS);
        r.limit = nav.mulDivDown(uint256(config.allocationPercent) * TRIGGER_PERCENT, 1e4);
        uint256 target = nav.mulDivDown(uint256(config.allocationPercent) * TARGET_PERCENT, 1e4);
        uint256 left = target > owedToTraders
            ? (target - owedToTraders).mulDivDown(FixedPoint.BPS, PoolMath.LOCK_BPS * market.index).min(skew)
            : 0;
        r.cut = skew - left;
        r.least = uint256(market.longs).max(market.shorts).divUp(100);
    }

    /// @notice The state of a side after its open interest shrank.
    /// @param before Open interest before, base units, 12 decimals, not zero.
    /// @param rest Open interest afterwards.
    /// @param value index − funding, USD per base unit, 18 decimals, signed.
    /// @return to The multiplier rounded down: positions round toward zero. The cash per unit is exact.
    function advance(Checkpoint memory from, uint256 before, uint256 rest, int256 value)
        internal
        pure
        returns (Checkpoint memory to)
    {
        uint256 multiplier = uint256(from.multiplier).mulDivDown(rest, before);
        // Not above from.multiplier, since rest ≤ before.
        to.multiplier = uint128(multiplier);
        to.round = from.round;
        to.cash = from.cash + int256(from.multiplier - multiplier) * value;
    }

    /// @notice Brings a position from one checkpoint of its side to a later one of the same round.
    /// @dev size' = size · m' / m and cash' = cash + size · (A' − A) / m, each truncated toward zero. Cash stops at its
    /// width, $43 billion, rather than to lock the position.
    function carry(Position memory position, Checkpoint memory from, Checkpoint memory to) internal pure {
        int256 size = position.size;
        int256 cash = position.cash + size.mulDivTrunc(to.cash - from.cash, from.multiplier);
        // Clamped to what fits.
        position.cash = int136(cash.clamp(type(int136).min, type(int136).max));
        // Its magnitude is at most |size|, since to.multiplier ≤ from.multiplier.
        position.size = int88(size.mulDivTrunc(int256(uint256(to.multiplier)), from.multiplier));
    }

    /// @notice Brings a position that has a size to its side's latest checkpoint. One that loses all of its size ends its
    /// life; what it has earned or lost stays in its cash.
    /// @dev Every whole round that is crossed leaves less than 2^-32 of the size: after three, beside the one it was opened
    /// in, nothing of 2^87 units is left, so the loop ends whatever time has passed.
    function catchUp(Deleveragings storage side, Position memory position) external view returns (Position memory) {
        bool long = position.size > 0;
        uint16 latest = long ? side.longs : side.shorts;
        Checkpoint memory from = _read(side, _key(long, position.checkpoint));
        Checkpoint memory to = _read(side, _key(long, latest));
        while (position.size != 0 && from.round != to.round) {
            carry(position, from, side.roundEnds[_key(long, from.round)]);
            from = Checkpoint(uint128(ONE), from.round + 1, 0);
        }
        if (position.size != 0) carry(position, from, to);
        position.checkpoint = latest;
        if (position.size == 0) {
            // Counts modulo 2^16.
            unchecked {
                ++position.generation;
            }
        }
        return position;
    }

    /// @notice Records that a side's open interest shrank. Parameters as in {advance}.
    /// @return number Of the checkpoint.
    function record(Deleveragings storage side, bool long, uint256 before, uint256 rest, int256 value)
        external
        returns (uint256 number)
    {
        number = long ? side.longs : side.shorts;
        require(number < type(uint16).max, IEngineErrors.CheckpointsExhausted(number, type(uint16).max));
        Checkpoint memory from = _read(side, _key(long, number));
        Checkpoint memory to = advance(from, before, rest, value);
        if (to.multiplier < LEAST_MULTIPLIER) {
            side.roundEnds[_key(long, from.round)] = to;
            to = Checkpoint(uint128(ONE), from.round + 1, 0);
        }
        side.checkpoints[_key(long, ++number)] = to;
        // At most 2^16 − 1: the number before was below it.
        if (long) side.longs = uint16(number);
        else side.shorts = uint16(number);
    }

    /// @notice How much of a position's loss can move to unpaid claims.
    /// @param price The price that favours the account, USD per base unit, 18 decimals.
    /// @param margin The account's, USD, 18 decimals.
    /// @param claims Outstanding, USD, 18 decimals.
    /// @return amount USD, 18 decimals.
    /// @return loss The position's, USD, 18 decimals, rounded down.
    function crystallisable(Position memory position, uint256 price, int256 funding, uint256 margin, uint256 claims)
        internal
        pure
        returns (uint256 amount, uint256 loss)
    {
        int256 value = int256(position.size) * (int256(price) - funding) + position.cash;
        loss = value < 0 ? uint256(-value) / FixedPoint.RAW_PER_WAD : 0;
        amount = loss.min(margin).min(claims);
    }

    /// @notice Takes a whole position out of its market at the index, without cost; both change in memory.
    /// @return realised USD, 18 decimals, rounded down: the residue is the pool's.
    function leave(Market memory market, Position memory position) internal pure returns (int256 realised) {
        int256 size = position.size;
        int256 value = size * (int256(uint256(market.index)) - market.funding) + position.cash;
        realised = value.divFloor(FixedPoint.RAW_PER_WAD);
        market.cash -= position.cash;
        // Open interest is never less than the sum of its side's positions.
        if (size > 0) market.longs -= uint88(uint256(size));
        else market.shorts -= uint88(uint256(-size));
        (position.size, position.cash) = (0, 0);
    }

    function _key(bool long, uint256 number) private pure returns (uint256) {
        return number << 1 | (long ? 1 : 0);
    }

    /// @dev No stored checkpoint has a multiplier of zero.
    function _read(Deleveragings storage side, uint256 key) private view returns (Checkpoint memory found) {
        found = side.checkpoints[key];
        if (found.multiplier == 0) found.multiplier = uint128(ONE);
    }
}
