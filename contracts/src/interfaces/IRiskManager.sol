// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Position} from "../engine/EngineTypes.sol";
import {Reduction} from "../libraries/DeleveragingMath.sol";
import {Liquidation} from "../libraries/LiquidationMath.sol";
import {Outcome} from "../libraries/TradeMath.sol";
import {Price} from "./IPriceOracle.sol";

/// @notice An account's standing at the accepted indices. USD, 18 decimals.
/// @param equity Margin and what the positions are worth, signed, rounded down.
/// @param notional Σ |size| · index, rounded down.
/// @param initialMargin Needed after opening.
/// @param maintenanceMargin Needed to stay.
/// @param claim On the pool, unpaid or not yet collected; counts for maintenance only.
/// @param liquidatable Whether equity and claim are below maintenance at the indices. Liquidation itself asks the price
/// that favours the account.
struct Health {
    int256 equity;
    uint256 notional;
    uint256 initialMargin;
    uint256 maintenanceMargin;
    uint256 claim;
    bool liquidatable;
}

/// @title Risk verdicts for everybody: the engine's own calculation over the engine's state.
interface IRiskManager {
    /// @notice Thrown when a preview was not given one price for each market of the account.
    error PriceCountMismatch(uint256 count, uint256 expected);

    /// @notice An account's standing, funding accrued to now.
    function getHealth(bytes32 account) external view returns (Health memory);

    /// @notice What an order would do at a price, by the calculation that settles it; its trigger taken as met, whatever is
    /// checked at the commit as passed. Other markets are at their indices or, while orders of the account pend, as they were
    /// when it committed the last.
    /// @param order {OrderWords}; its size change not zero.
    /// @param price The fill's price; `lo ≤ mid ≤ hi`.
    /// @return outcome The fill, or why it would fail.
    /// @return position As it would be.
    function previewOrder(uint256 market, Order calldata order, Price calldata price)
        external
        view
        returns (Outcome memory outcome, Position memory position);

    /// @notice What an immediate close would do at a price. Same fields as {previewOrder}.
    /// @param limitPrice Worst acceptable cost / size, USD per base unit, 18 decimals: zero binds no sell, the type's maximum
    /// binds no buy.
    /// @param size Base units, 12 decimals, positive; more than the position closes all of it.
    function previewCloseNow(bytes32 account, uint256 market, uint256 size, uint96 limitPrice, Price calldata price)
        external
        view
        returns (Outcome memory outcome, Position memory position);

    /// @notice Whether margin may leave an account, to its owner or to another account of theirs.
    /// @param assets USDC units.
    /// @param prices One per market of the account, and per market at whose doubtful price it has realised a profit that is
    /// still held, unless that has ended; ascending, as for {PriceUse-Withdraw}.
    /// @return equity What would remain, at each market's worst supported price; USD, 18 decimals, signed, rounded down.
    /// @return required What has to remain, USD, 18 decimals.
    /// @return permitted Whether it would be permitted to the owner: margin, orders and pauses considered.
    function previewWithdrawal(bytes32 account, uint256 assets, Price[] calldata prices)
        external
        view
        returns (int256 equity, uint256 required, bool permitted);

    /// @notice What liquidating an account at prices would do now, by the calculation that executes.
    /// @param prices One per market of the account, ascending.
    /// @return liquidation Whether it is due and who gets what; reward without what insurance adds, and as if the pool had
    /// the cash.
    /// @return sizeDeltas What would be closed of each position, base units, 12 decimals, in the order of the prices.
    function previewLiquidation(bytes32 account, Price[] calldata prices)
        external
        view
        returns (Liquidation memory liquidation, int256[] memory sizeDeltas);

    /// @notice What deleveraging a market would take, whether or not its exposure exceeds the limit.
    /// @param prices One per market that is not settled, ascending.
    function previewDeleveraging(uint256 market, Price[] calldata prices)
        external
        view
        returns (Reduction memory reduction);

    /// @notice How much of a position's loss would move to unpaid claims at a price. USD, 18 decimals.
    /// @return amount What moves; zero when nothing would.
    /// @return loss The position's, at the price's end that favours the account, rounded down.
    function previewCrystallise(bytes32 account, uint256 market, Price calldata price)
        external
        view
        returns (uint256 amount, uint256 loss);

    /// @notice What settling a position would realise at the market's index: USD, 18 decimals, signed, rounded down.
    function previewSettlement(bytes32 account, uint256 market) external view returns (int256 realised);
}
