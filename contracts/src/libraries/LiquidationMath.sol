// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Position} from "../engine/EngineTypes.sol";
import {Price} from "../interfaces/IPriceOracle.sol";
import {FillMath} from "./FillMath.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {FundingMath} from "./FundingMath.sol";
import {MarginMath} from "./MarginMath.sol";

/// @notice What closing all positions of an account comes to.
/// @param realised Σ over positions at the adverse price, USD, 30 decimals.
/// @param band What of it the width of the price bands took, USD, 30 decimals.
/// @param notional Σ |size| · mid, USD, 30 decimals.
/// @param penalty Σ penalty due, USD, 18 decimals.
struct Closing {
    int256 realised;
    uint256 band;
    uint256 notional;
    uint256 penalty;
}

/// @notice How a closing's result is divided. USD, 18 decimals.
/// @param margin Left to the account.
/// @param reward From the account to the keeper.
/// @param penalty From the account to insurance.
/// @param badDebt Loss beyond the account's margin.
/// @param poolPays Cash from the pool; negative when the account pays the pool.
struct Division {
    uint256 margin;
    uint256 reward;
    uint256 penalty;
    uint256 badDebt;
    int256 poolPays;
}

/// @notice Whole liquidation: where it fills and who gets what is left.
/// @dev Mirrored by `liquidationMath.ts`. Source: docs/mechanism.md#liquidation.
library LiquidationMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev Surcharge of an immediate close, basis points of mid; at least the band's half-width.
    uint256 internal constant SURCHARGE_BPS = 10;

    /// @notice What an immediate close pays beside the curve: the band and a surcharge of max(10 bp, half-width).
    /// @param buys Whether closing buys, as for a short.
    /// @return USD per base unit, 18 decimals, rounded up.
    function closingSpread(Price memory price, bool buys) internal pure returns (uint256) {
        uint256 surcharge = price.mid.mulDivUp(SURCHARGE_BPS, FixedPoint.BPS).max(price.halfWidth);
        return (buys ? price.hi - price.mid : price.mid - price.lo) + surcharge;
    }

    /// @notice Closes a whole position in memory, where an immediate close would fill.
    /// @param sums Grows by the position's result.
    /// @return cost USD, 30 decimals; + the account pays.
    function closeWhole(
        Closing memory sums,
        Market memory market,
        MarketConfig memory config,
        Position memory position,
        Price memory price
    ) internal pure returns (int256 cost) {
        int256 size = position.size;
        uint256 band = closingSpread(price, size < 0) * size.abs();
        cost = FillMath.cost(price.mid, FundingMath.skewOf(market), -size, FillMath.skewScale(config)) + int256(band);
        uint256 notional = size.abs() * price.mid;
        sums.realised += int256(position.cash) - size * market.funding - cost;
        sums.band += band;
        sums.notional += notional;
        sums.penalty += notional.mulDivUp(config.penaltyBps, FixedPoint.BPS * FixedPoint.RAW_PER_WAD);
        market.cash = int152(market.cash - position.cash);
        if (size > 0) market.longs -= uint88(uint256(size));
        else market.shorts -= uint88(uint256(-size));
        (position.size, position.cash) = (0, 0);
    }

    /// @notice Divides a closing. If only the bands make equity negative, the fill stops at zero equity; what is left
    /// pays the keeper, then insurance, then the account.
    /// @param margin Realised margin before, USD, 18 decimals.
    function divide(Closing memory sums, uint256 margin) internal pure returns (Division memory division) {
        int256 result = int256(margin * FixedPoint.RAW_PER_WAD) + sums.realised;
        if (result < 0) {
            uint256 lost = uint256(-result);
            division.badDebt = (lost - lost.min(sums.band)).divUp(FixedPoint.RAW_PER_WAD);
        } else {
            uint256 left = uint256(result) / FixedPoint.RAW_PER_WAD;
            division.reward = left.min(MarginMath.rewardOf(sums.notional));
            division.penalty = (left - division.reward).min(sums.penalty);
            division.margin = left - division.reward - division.penalty;
        }
        division.poolPays = int256(division.margin + division.reward + division.penalty) - int256(margin);
    }
}
