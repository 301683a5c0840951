// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineExtension, Solvency} from "../../src/interfaces/IEngineExtension.sol";

/// @notice What a participant has, counted from the books alone.
library Wealth {
    /// @dev Raw cash per wad and per USDC unit.
    int256 internal constant RAW_PER_WAD = 1e12;
    int256 internal constant RAW_PER_ASSET = 1e24;

    /// @notice The first sub-account of an owner.
    function accountOf(address who) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(who)) << 96);
    }

    /// @notice Tokens, margin, claim and every position at the index.
    /// @return USD, 30 decimals, exact.
    function total(IEngineExtension engine, address who) internal view returns (int256) {
        bytes32 account = accountOf(who);
        int256 cash = int256(uint256(engine.getAccount(account).margin) + engine.claimOf(account));
        int256 raw = int256(engine.asset().balanceOf(who)) * RAW_PER_ASSET + cash * RAW_PER_WAD;
        for (uint256 id; id < engine.marketCount(); ++id) {
            raw += positionOf(engine, account, id);
        }
        return raw;
    }

    /// @notice A position at the index.
    /// @return USD, 30 decimals, exact.
    function positionOf(IEngineExtension engine, bytes32 account, uint256 id) internal view returns (int256) {
        Position memory position = engine.getPosition(account, id);
        Market memory market = engine.getAccruedMarket(id);
        return int256(position.size) * (int256(uint256(market.index)) - market.funding) + position.cash;
    }

    /// @notice Insurance, treasury and the fees that await their division.
    /// @return USD, 18 decimals.
    function reserves(IEngineExtension engine) internal view returns (uint256) {
        Solvency memory books = engine.solvency();
        return books.insurance + books.treasury + books.fees;
    }
}
