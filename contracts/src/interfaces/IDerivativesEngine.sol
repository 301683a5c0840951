// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, SignedOrder} from "../engine/EngineTypes.sol";

/// @title The exchange's hot operations.
/// @dev Sizes in base units with 12 decimals, + long. Prices USD per base unit, 18 decimals. `assets` are USDC units.
/// An account is `bytes32(owner << 96 | sub)`: one cross-margin portfolio of at most 8 positions. Refusals: IEngineErrors.
interface IDerivativesEngine {
    /// @notice Adds margin to any account, but while orders of it are pending: else its owner could decide by a deposit
    /// whether they fail, when their price is known.
    /// @param assets USDC units; the token must deliver exactly that.
    function deposit(bytes32 account, uint256 assets) external;

    /// @notice Commits a batch of orders of the caller's own accounts, or of those whose owners let the caller trade. They settle at the first unique price
    /// published 2 to 12 s later, in the order of the queue, within 60 s, whoever settles them; and cannot be cancelled.
    /// @param orders 1 to 32 of one market. Each escrows the market's keeper fee. None while orders of its account pend in
    /// another market; none that could open while the index of another market of its account is older than 60 s.
    /// @return index The batch's place in the queue.
    function commit(uint256 market, Order[] calldata orders) external returns (uint256 index);

    /// @notice Commits orders by their owners' signatures, or their delegates': EIP-712. One that cannot be taken is left out
    /// and told with the reason; when none can, the call reverts with the last one's.
    /// @param orders 1 to 32 of one market, each with its signature, or with the place of a longer one among the others.
    /// @param others Signatures that do not fit into an order's words: of owners that are contracts, as they judge them
    /// (EIP-1271); and of bundled orders, where it begins with how many orders the bundle has, one byte, which of them this is,
    /// one byte, and the hash of each.
    /// @return index The batch's place in the queue.
    function commitSigned(uint256 market, SignedOrder[] calldata orders, bytes[] calldata others)
        external
        returns (uint256 index);

    /// @notice Settles the batches at the head of a market's queue that were committed in one block. An order that
    /// cannot fill fails by a computed reason and never stops the next. Filled: the fee is the caller's; failed: half of
    /// it, half goes to insurance.
    /// @param batches Exactly what was committed, from the head on.
    /// @param update The first unique signed price of the window; its fee is taken from `msg.value`.
    function settle(uint256 market, Order[][] calldata batches, bytes[] calldata update) external payable;

    /// @notice Closes a position or a part of it at once, without any operator: at the worse of both sources, less the
    /// half-width, less a surcharge of max(10 bp, half-width). By the owner, or a delegate who may.
    /// @param size Base units, 12 decimals, positive; more than the position closes all of it.
    /// @param limitPrice Worst acceptable cost / size; zero binds no sell, the type's maximum binds no buy.
    /// @param update A signed price not older than 5 s.
    function closeNow(bytes32 account, uint256 market, uint256 size, uint96 limitPrice, bytes[] calldata update)
        external
        payable;

    /// @notice Liquidates an account whose equity, each market at the price that favours it, is below maintenance: closes,
    /// where an immediate close would fill, the least that restores its initial margin, or everything when equity is below
    /// half of maintenance. The caller earns the reward and chooses nothing.
    /// @dev Orders of the account committed before fail. A part that would make |skew| grow waits for the market's meter.
    /// While one source stands for both in one of its markets it must have no equity left, or have been flagged by {flag}
    /// between 60 and 600 s before; while the chain catches up it must have none left.
    /// @param update Signed prices of the account's markets, or empty when the stored ones are young enough.
    function liquidate(bytes32 account, bytes[] calldata update) external payable;

    /// @notice Liquidates up to 32 accounts by one update. Those that are not due, or wait for a meter, are passed over; when
    /// none was liquidated the call reverts as {liquidate} would for the last of them.
    /// @param update Signed prices of all markets of the accounts, or empty when the stored ones are young enough.
    function liquidateMany(bytes32[] calldata accounts, bytes[] calldata update) external payable;

    /// @notice Notes that an account is below maintenance by one source, while another is silent: its first breach, of which
    /// only a second one, a while later, lets it be liquidated. Anybody may; nothing is paid.
    /// @param update As of {liquidate}.
    function flag(bytes32 account, bytes[] calldata update) external payable;
}
