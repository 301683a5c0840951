// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Errors of Pyth's contract, with their real selectors.
library PythErrors {
    /// @notice Thrown when arguments contradict each other, or more updates are brought than a minimal call needs.
    error InvalidArgument();

    /// @notice Thrown when the message was signed, but emitted by somebody other than Pyth.
    error InvalidUpdateDataSource();

    /// @notice Thrown when update data cannot be decoded, or a message is not under the signed root.
    error InvalidUpdateData();

    /// @notice Thrown when the value sent is below `getUpdateFee`.
    error InsufficientFee();

    /// @notice Thrown when no brought update is newer than what is stored.
    error NoFreshUpdate();

    /// @notice Thrown when a requested feed is absent, outside the window, or not the unique first one in it.
    error PriceFeedNotFoundWithinRange();

    /// @notice Thrown when nothing was ever stored for the feed.
    error PriceFeedNotFound();

    /// @notice Thrown when the stored price is older than asked for.
    error StalePrice();

    /// @notice Thrown when signatures are wrong, too few, repeated or out of order.
    error InvalidWormholeVaa();
}
