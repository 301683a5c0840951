// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../engine/EngineTypes.sol";
import {IEngineErrors} from "../interfaces/IEngineErrors.sol";
import {MarginMath} from "./MarginMath.sol";

/// @notice Hard bounds of a market's parameters: no role reaches beyond them.
/// @dev Source: docs/mechanism.md#parameters. Linked, not inlined: parameters change seldom.
library RiskParameters {
    uint256 internal constant MAX_KEEPER_FEE_CENTS = 500;

    /// @notice Reverts with the first parameter that lies outside its bounds.
    function validate(MarketConfig memory c, uint256 keeperFeeCents) external pure {
        _atLeast("skewScale", c.skewScale, 1e6);
        _atLeast("initialMarginBps", c.initialMarginBps, 200);
        _atMost("initialMarginBps", c.initialMarginBps, 10_000);
        _atMost("maintenanceMarginBps", c.maintenanceMarginBps, uint256(c.initialMarginBps) * 8 / 10);
        _atMost("marginSlopeBps", c.marginSlopeBps, 50_000);
        _atMost("openInterestCapBps", c.openInterestCapBps, 400);
        _atMost("skewCapBps", c.skewCapBps, c.openInterestCapBps);
        _atMost("profitWeightBps", c.profitWeightBps, 9500);
        _atMost("makerFeePpm", c.makerFeePpm, c.takerFeePpm);
        _atMost("takerFeePpm", c.takerFeePpm, 2000);
        // A liquidation never charges less than the immediate close it stands in for.
        _atLeast("penaltyBps", c.penaltyBps, (uint256(c.takerFeePpm) + 99) / 100);
        _atLeast("accountCapPercent", c.accountCapPercent, 1);
        _atMost("accountCapPercent", c.accountCapPercent, 100);
        _atMost("fundingCoefficientBps", c.fundingCoefficientBps, 1000);
        _atMost("fundingCapPpm", c.fundingCapPpm, 5000);
        _atLeast("allocationPercent", c.allocationPercent, 1);
        _atMost("allocationPercent", c.allocationPercent, 50);
        _atMost("flags", c.flags, 3);
        _atMost("keeperFeeCents", keeperFeeCents, MAX_KEEPER_FEE_CENTS);
        // Impact, penalty and reward of a liquidation must fit into the maintenance margin.
        uint256 worst = uint256(c.penaltyBps) + MarginMath.REWARD_BPS + c.openInterestCapBps;
        _atLeast("maintenanceMarginBps", c.maintenanceMarginBps, worst + 1);
    }

    function _atMost(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value <= limit, IEngineErrors.ParameterOutOfBounds(name, value, limit));
    }

    function _atLeast(bytes32 name, uint256 value, uint256 limit) private pure {
        require(value >= limit, IEngineErrors.ParameterOutOfBounds(name, value, limit));
    }
}
