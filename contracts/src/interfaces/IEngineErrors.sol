// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Refusal} from "../engine/EngineTypes.sol";

/// @title Every refusal of the engine, with what was and what would have been allowed.
interface IEngineErrors {
    /// @notice Thrown when the caller is not the owner of the account, nor, where one may act, a delegate.
    error NotAccountOwner(address caller, address owner);
    /// @notice Thrown when a token moved another amount than asked, as a fee-on-transfer token does. USDC units.
    error TransferMismatch(uint256 received, uint256 expected);
    /// @notice Thrown when the engine would owe more than a margin can hold, $79 billion. USDC units.
    error CustodyFull(uint256 assets, uint256 room);
    /// @notice Thrown when the hour's withdrawals would take more of the custody than they may. USDC units, the second
    /// rounded down.
    error OutflowCapReached(uint256 assets, uint256 left);
    /// @notice Thrown when an amount is zero.
    error ZeroAmount();
    /// @notice Thrown when realised margin does not cover. USD, 18 decimals.
    error MarginTooLow(uint256 margin, uint256 required);
    /// @notice Thrown when equity would not cover. USD, 18 decimals, equity signed and rounded down.
    error EquityTooLow(int256 equity, uint256 required);
    /// @notice Thrown when margin would be moved to where it is.
    error SameAccount(bytes32 account);
    /// @notice Thrown while orders of the account are pending.
    error OrdersPending(uint256 pending, uint256 limit);
    /// @notice Thrown when a batch holds no order or too many.
    error BatchSize(uint256 count, uint256 limit);
    /// @notice Thrown when an order cannot be committed: why, what there is and what there should be.
    error OrderRefused(Refusal reason, uint256 actual, uint256 limit);
    /// @notice Thrown when a market's queue is full.
    error QueueFull(uint256 length, uint256 limit);
    /// @notice Thrown when the queue holds nothing to settle or expire.
    error QueueEmpty(uint256 market);
    /// @notice Thrown when the batch shown is not the one committed at the head of the queue.
    error BatchMismatch(uint256 index);
    /// @notice Thrown when the batches of one settlement were not committed in the same block. Seconds.
    error CommitTimeMismatch(uint256 committedAt, uint256 expected);
    /// @notice Thrown when a batch's window has ended. Seconds.
    error WindowEnded(uint256 time, uint256 limit);
    /// @notice Thrown when a batch's window has not ended yet. Seconds.
    error WindowOpen(uint256 time, uint256 limit);
    /// @notice Thrown when tokens would be paid to the engine itself, where they would be nobody's.
    error RecipientRefused(address to);
    /// @notice Thrown when the size of an order is zero.
    error ZeroSize();
    /// @notice Thrown when no market of that id is listed.
    error UnknownMarket(uint256 market);
    /// @notice Thrown when liquidity would be deposited while USDC is off its peg.
    error OffPeg();
    /// @notice Thrown when the pause level forbids the call.
    error Paused(uint256 level, uint256 limit);
    /// @notice Thrown when an immediate close fails.
    error TradeFailed(Failure reason);
    /// @notice Thrown when equity at the favourable prices still covers maintenance, or zero where that decides. USD, 18 decimals.
    error NotLiquidatable(int256 equity, uint256 maintenance);
    /// @notice Thrown when an account's markets are all priced by both sources, or one not at all: it is liquidated or not.
    error NothingToFlag(bytes32 account);
    /// @notice Thrown when an account is flagged again while its flag lasts. Seconds.
    error AlreadyFlagged(bytes32 account, uint256 flaggedAt, uint256 until);
    /// @notice Thrown when the market's meter has no room for a liquidation that would make |skew| grow. Base units, 12 decimals.
    error LiquidationMetered(uint256 room, uint256 capacity);
    /// @notice Thrown when a price is older than the index already accepted. Seconds.
    error PriceOlderThanIndex(uint256 publishTime, uint256 indexAt);
    /// @notice Thrown when a price does not fit. USD, 18 decimals.
    error PriceTooLarge(uint256 price, uint256 limit);
    /// @notice Thrown when a parameter lies outside its hard bounds.
    error ParameterOutOfBounds(bytes32 name, uint256 value, uint256 limit);
    /// @notice Thrown when no change of a market's parameters is on its way.
    error NothingScheduled(uint256 market);
    /// @notice Thrown when a market's index is too old to value the pool by. Seconds.
    error IndexTooOld(uint256 market, uint256 age, uint256 limit);
    /// @notice Thrown when the pool's free cash does not cover a redemption. USD, 18 decimals.
    error PoolTooLow(uint256 cash, uint256 required);
    /// @notice Thrown when ether is sent to a call that takes none.
    error UnexpectedValue(uint256 value);
    /// @notice Thrown when a market's index would have to be set before it is used.
    error IndexUnset(uint256 market);
    /// @notice Thrown when a market's exposure does not exceed what deleveraging begins at. USD, 30 decimals.
    error ExposureWithinLimit(uint256 exposure, uint256 limit);
    /// @notice Thrown when a deleveraging would take less than one percent of the side. Base units, 12 decimals.
    error NothingToDeleverage(uint256 cut, uint256 least);
    /// @notice Thrown when a side has been deleveraged as often as it can be counted.
    error CheckpointsExhausted(uint256 number, uint256 limit);
    /// @notice Thrown when a position has no loss, its account no margin, or the pool no unpaid claim. USD, 18 decimals.
    error NothingToCrystallise(uint256 loss, uint256 margin, uint256 claims);
    /// @notice Thrown when a market is settled for good.
    error MarketSettled(uint256 market);
    /// @notice Thrown when a market is not settled and the position in it still has a size.
    error MarketNotSettled(uint256 market);
    /// @notice Thrown while an account holds a position in a settled market: anybody can settle it first.
    error PositionUnsettled(uint256 market);
    /// @notice Thrown when an account has no position in the market.
    error NoPosition(uint256 market);
    /// @notice Thrown when a final settlement is announced too late. Seconds.
    error SettlementTooSoon(uint256 time, uint256 earliest);
    /// @notice Thrown before the time announced. Seconds.
    error SettlementNotDue(uint256 time, uint256 settlesAt);
    /// @notice Thrown when a market whose final settlement is announced would be opened again. Seconds.
    error SettlementAnnounced(uint256 market, uint256 settlesAt);
    /// @notice Thrown when no final settlement is announced.
    error SettlementNotScheduled(uint256 market);
}
