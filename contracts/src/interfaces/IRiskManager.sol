// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Position} from "../engine/EngineTypes.sol";
import {Closing, Division} from "../libraries/LiquidationMath.sol";
import {Outcome} from "../libraries/TradeMath.sol";
import {Price} from "./IPriceOracle.sol";

/// @notice An account's standing at the accepted indices. USD, 18 decimals.
/// @param equity Margin and what the positions are worth, signed, rounded down.
/// @param notional Σ |size| · index, rounded down.
/// @param initialMargin Needed after opening.
/// @param maintenanceMargin Needed to stay.
/// @param unpaidClaim Owed by the pool; counts for maintenance only.
/// @param liquidatable Whether equity and claim are below maintenance at the indices. Liquidation itself asks the price
/// that favours the account.
struct Health {
    int256 equity;
    uint256 notional;
    uint256 initialMargin;
    uint256 maintenanceMargin;
    uint256 unpaidClaim;
    bool liquidatable;
}

/// @title Risk verdicts for everybody: the engine's own calculation over the engine's state.
interface IRiskManager {
    /// @notice An account's standing, funding accrued to now.
    function getHealth(bytes32 account) external view returns (Health memory);

    /// @notice What a market order would do at a price, by the calculation that settles it.
    /// @param sizeDelta Base units, 12 decimals, + buys, not zero.
    /// @param limitPrice USD per base unit, 18 decimals.
    /// @param price The fill's price; `lo ≤ mid ≤ hi`.
    /// @return outcome The fill, or why it would fail.
    /// @return position As it would be.
    function previewOrder(
        bytes32 account,
        uint256 market,
        int256 sizeDelta,
        uint256 limitPrice,
        bool reduceOnly,
        Price calldata price
    ) external view returns (Outcome memory outcome, Position memory position);

    /// @notice What an immediate close would do at a price. Same fields as {previewOrder}.
    function previewCloseNow(bytes32 account, uint256 market, uint256 size, uint256 limitPrice, Price calldata price)
        external
        view
        returns (Outcome memory outcome, Position memory position);

    /// @notice Whether margin may leave an account, to its owner or to another account of theirs.
    /// @param assets USDC units.
    /// @param prices One per market of the account, ascending, as for {PriceUse-Withdraw}.
    /// @return equity What would remain, at each market's worst supported price; USD, 18 decimals, signed, rounded down.
    /// @return required What has to remain, USD, 18 decimals.
    /// @return permitted Whether it would be permitted to the owner: margin, orders and pauses considered.
    function previewWithdrawal(bytes32 account, uint256 assets, Price[] calldata prices)
        external
        view
        returns (int256 equity, uint256 required, bool permitted);

    /// @notice What liquidating an account would do at prices, whether or not it may be liquidated.
    /// @param prices One per market of the account, ascending.
    /// @return liquidatable Whether equity at the favourable ends is below maintenance.
    /// @return closing The sums over its positions.
    /// @return division Who gets what.
    function previewLiquidation(bytes32 account, Price[] calldata prices)
        external
        view
        returns (bool liquidatable, Closing memory closing, Division memory division);
}
