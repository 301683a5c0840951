// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Position} from "../../src/engine/EngineTypes.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {Holding, Liquidation, LiquidationMath} from "../../src/libraries/LiquidationMath.sol";

/// @notice A position of an account under liquidation, in the ledger's own structs; fields as {Holding}'s.
struct Held {
    Market market;
    MarketConfig config;
    Position position;
    Price price;
    uint256 room;
    uint256 capacity;
    int256 sizeDelta;
    int256 cost;
}

/// @notice Liquidates what is held in that form: market and position change in memory as the ledger's would.
library HeldMath {
    function liquidate(Held[] memory held, uint256 margin, uint256 claim)
        internal
        pure
        returns (Liquidation memory result)
    {
        Holding[] memory holdings = new Holding[](held.length);
        for (uint256 i; i < held.length; ++i) {
            Held memory one = held[i];
            holdings[i] = LiquidationMath.holdingOf(i, one.market, one.config, one.position, one.price);
            (holdings[i].room, holdings[i].capacity) = (one.room, one.capacity);
        }
        LiquidationMath.link(holdings);
        LiquidationMath.liquidate(result, holdings[0], margin, claim, false);
        for (uint256 i; i < held.length; ++i) {
            (Held memory one, Holding memory holding) = (held[i], holdings[i]);
            (one.position.size, one.position.cash) = (int88(holding.size), int136(holding.cash));
            (one.sizeDelta, one.cost) = (holding.sizeDelta, holding.cost);
        }
    }
}
