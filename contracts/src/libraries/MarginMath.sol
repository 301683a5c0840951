// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Position} from "../engine/EngineTypes.sol";
import {FillMath} from "./FillMath.sol";
import {FixedPoint} from "./FixedPoint.sol";

/// @notice Sums over positions of one account.
/// @param value Σ u at the index, USD, 30 decimals.
/// @param counted Σ min(u, 0) + w · max(u, 0): what counts when opening, USD, 30 decimals.
/// @param notional Σ |size| · index, USD, 30 decimals.
/// @param initial Σ notional · imr, USD, 18 decimals, without the reward buffer.
/// @param maintenance Σ notional · mmr, USD, 18 decimals, without the reward buffer.
/// @param positions How many.
struct Portfolio {
    int256 value;
    int256 counted;
    uint256 notional;
    uint256 initial;
    uint256 maintenance;
    uint256 positions;
}

/// @notice Margin requirements and equity.
/// @dev Mirrored by `marginMath.ts`. Source: docs/mechanism.md#margin.
/// Unchecked throughout, by the widths of {FillMath}: |size| < 2^87, price < 2^87 and |funding| < 2^93 make a position's
/// value less than 2^182 and its notional less than 2^174; a ratio is below 2^111 (β · |size| / S at the smallest S, one
/// base unit), so a requirement is below 2^186 and the sums over 64 markets are below 2^192; margin and claim, each below
/// 2^112, are below 2^153 in the scale of values.
library MarginMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    uint256 internal constant REWARD_BPS = 10;
    uint256 internal constant REWARD_MIN = 2e18;
    uint256 internal constant REWARD_MAX = 500e18;
    /// @dev Realised margin per position after an opening trade: twice the smallest reward.
    uint256 internal constant MARGIN_PER_POSITION = 2 * REWARD_MIN;
    /// @dev Positions of an account at most.
    uint256 internal constant MAX_POSITIONS = 8;
    /// @dev Age up to which another market's index counts when opening, seconds.
    uint256 internal constant MAX_INDEX_AGE = 60;
    /// @dev 20 % of notional stays behind when margin is withdrawn.
    uint256 internal constant WITHDRAWAL_BPS = 2000;

    /// @notice How many markets a bitmap names.
    function count(uint256 markets) internal pure returns (uint256 markets_) {
        unchecked {
            for (; markets != 0; markets &= markets - 1) {
                ++markets_;
            }
        }
    }

    /// @notice What a position is worth: size · (price − funding) + cash.
    /// @return USD, 30 decimals, exact.
    function value(Position memory position, uint256 price, int256 funding) internal pure returns (int256) {
        unchecked {
            return int256(position.size) * (int256(price) - funding) + position.cash;
        }
    }

    /// @notice Share of notional that must be present after opening: IM + β · |size| / S.
    /// @return 18 decimals, rounded up.
    function initialRatio(uint256 size, MarketConfig memory config) internal pure returns (uint256) {
        return initialRatio(size, config.initialMarginBps, config.marginSlopeBps, FillMath.skewScale(config));
    }

    /// @param scale S, base units, 12 decimals.
    function initialRatio(uint256 size, uint256 initialBps, uint256 slopeBps, uint256 scale)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return initialBps * 1e14 + (slopeBps * 1e14 * size).divUp(scale);
        }
    }

    /// @notice Margin below which a position may be liquidated: initial · MM / IM.
    /// @param initial Initial margin, USD, 18 decimals.
    /// @return USD, 18 decimals, rounded up.
    function maintenanceOf(uint256 initial, MarketConfig memory config) internal pure returns (uint256) {
        return maintenanceOf(initial, config.maintenanceMarginBps, config.initialMarginBps);
    }

    function maintenanceOf(uint256 initial, uint256 maintenanceBps, uint256 initialBps)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return (initial * maintenanceBps).divUp(initialBps);
        }
    }

    /// @notice What liquidating an account pays, and so what its margin must cover beside the ratios (B).
    /// @dev clamp(10 bp · notional, $2, $500)
    /// @param notional USD, 30 decimals; zero means no position and no buffer.
    /// @return USD, 18 decimals, rounded up.
    function rewardOf(uint256 notional) internal pure returns (uint256) {
        if (notional == 0) return 0;
        return notional.divUp(FixedPoint.BPS / REWARD_BPS * FixedPoint.RAW_PER_WAD).max(REWARD_MIN).min(REWARD_MAX);
    }

    /// @notice Initial margin of one base unit, without the slope.
    /// @param index USD per base unit, 18 decimals.
    /// @return USD, 10 decimals, rounded up, at most 1e18.
    function perUnit(uint256 index, uint256 initialBps) internal pure returns (uint256) {
        unchecked {
            // Of 87 and 16 bits.
            return (index * initialBps).divUp(1e12);
        }
    }

    /// @notice ratio · notional.
    /// @param notional USD, 30 decimals.
    /// @return USD, 18 decimals, rounded up: against the trader.
    function required(uint256 notional, uint256 ratio) internal pure returns (uint256) {
        unchecked {
            return notional.mulDivUp(ratio, FixedPoint.WAD * FixedPoint.RAW_PER_WAD);
        }
    }

    /// @notice The part of an unrealised value that counts when opening: losses whole, profit by w.
    /// @return USD, 30 decimals, profit rounded down.
    function counted(int256 unrealised, MarketConfig memory config) internal pure returns (int256) {
        unchecked {
            if (unrealised <= 0) return unrealised;
            return int256(uint256(unrealised).mulDivDown(config.profitWeightBps, FixedPoint.BPS));
        }
    }

    /// @notice Sets the sums to zero.
    function clear(Portfolio memory sums) internal pure {
        assembly ("memory-safe") {
            // Past its end calldata is zero.
            calldatacopy(sums, calldatasize(), 0xc0)
        }
    }

    /// @notice Adds one position to the sums.
    /// @param market Accrued to the present.
    /// @param price Values the position; USD per base unit, 18 decimals.
    function add(
        Portfolio memory sums,
        Position memory position,
        Market memory market,
        MarketConfig memory config,
        uint256 price
    ) internal pure {
        unchecked {
            // One that was deleveraged to nothing is still worth its cash.
            if (position.size == 0 && position.cash == 0) return;
            uint256 size = int256(position.size).abs();
            int256 unrealised = value(position, price, market.funding);
            uint256 notional = size * price;
            sums.value += unrealised;
            sums.counted += counted(unrealised, config);
            sums.notional += notional;
            uint256 initial = required(notional, initialRatio(size, config));
            sums.initial += initial;
            sums.maintenance += maintenanceOf(initial, config);
            ++sums.positions;
        }
    }

    /// @notice Margin an account must keep to avoid liquidation.
    /// @return USD, 18 decimals, rounded up.
    function maintenanceRequirement(Portfolio memory sums) internal pure returns (uint256) {
        unchecked {
            return sums.maintenance + rewardOf(sums.notional);
        }
    }

    /// @notice Margin an account needs after opening.
    /// @return USD, 18 decimals, rounded up.
    function initialRequirement(Portfolio memory sums) internal pure returns (uint256) {
        unchecked {
            return sums.initial + rewardOf(sums.notional);
        }
    }

    /// @notice Equity that must remain after a withdrawal: max(initial, 20 % of notional).
    /// @return USD, 18 decimals, rounded up.
    function withdrawalRequirement(Portfolio memory sums) internal pure returns (uint256) {
        return
            initialRequirement(sums)
                .max(sums.notional.mulDivUp(WITHDRAWAL_BPS, FixedPoint.BPS * FixedPoint.RAW_PER_WAD));
    }

    /// @notice Realised margin plus what the positions are worth.
    /// @param margin USD, 18 decimals.
    /// @return USD, 30 decimals, exact.
    function equity(uint256 margin, Portfolio memory sums) internal pure returns (int256) {
        unchecked {
            return int256(margin * FixedPoint.RAW_PER_WAD) + sums.value;
        }
    }
}
