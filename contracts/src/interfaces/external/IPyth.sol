// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PythStructs} from "./PythStructs.sol";

/// @title The part of Pyth's contract this exchange calls.
/// @dev Errors are in `PythErrors`.
/// @custom:source https://docs.pyth.network/price-feeds/core/api-reference/evm
interface IPyth {
    /// @notice A newer price was stored.
    event PriceFeedUpdate(bytes32 indexed id, uint64 publishTime, int64 price, uint64 conf);

    /// @notice Verifies updates and stores each price that is newer than the stored one.
    /// @dev Storing is monotonic: an older update is verified and passed over. Any surplus value is kept.
    /// Reverts with `InsufficientFee`, `InvalidUpdateData`, `InvalidUpdateDataSource`, `InvalidWormholeVaa`.
    /// @param updateData Accumulator blobs as Hermes serves them.
    function updatePriceFeeds(bytes[] calldata updateData) external payable;

    /// @notice Verifies updates and returns one price per asked feed, published inside the window.
    /// @dev Nothing is stored unless asked. Any surplus value is kept.
    /// Reverts with `PriceFeedNotFoundWithinRange` when a feed is missing or fails the window or uniqueness, with
    /// `InvalidArgument` when the data is not minimal, and as `updatePriceFeeds` does.
    /// @param updateData Accumulator blobs as Hermes serves them.
    /// @param priceIds Feeds asked for.
    /// @param minAllowedPublishTime Unix seconds, inclusive.
    /// @param maxAllowedPublishTime Unix seconds, inclusive.
    /// @param checkUniqueness Also demand prevPublishTime < minAllowedPublishTime ≤ publishTime: the only first price.
    /// @param checkUpdateDataIsMinimal Also demand that every message brought is one asked for.
    /// @param storeUpdatesIfFresh Also store each price that is newer than the stored one.
    /// @return priceFeeds In the order of `priceIds`.
    /// @return slots Pythnet slot of each price, in the order of `priceIds`.
    function parsePriceFeedUpdatesWithConfig(
        bytes[] calldata updateData,
        bytes32[] calldata priceIds,
        uint64 minAllowedPublishTime,
        uint64 maxAllowedPublishTime,
        bool checkUniqueness,
        bool checkUpdateDataIsMinimal,
        bool storeUpdatesIfFresh
    ) external payable returns (PythStructs.PriceFeed[] memory priceFeeds, uint64[] memory slots);

    /// @notice `parsePriceFeedUpdatesWithConfig` with uniqueness only.
    function parsePriceFeedUpdatesUnique(
        bytes[] calldata updateData,
        bytes32[] calldata priceIds,
        uint64 minPublishTime,
        uint64 maxPublishTime
    ) external payable returns (PythStructs.PriceFeed[] memory priceFeeds);

    /// @notice What bringing these updates costs.
    /// @return feeAmount Wei: messages in all blobs × the fee of one message.
    function getUpdateFee(bytes[] calldata updateData) external view returns (uint256 feeAmount);

    /// @notice The stored price, of any age.
    /// @dev Reverts with `PriceFeedNotFound`.
    function getPriceUnsafe(bytes32 id) external view returns (PythStructs.Price memory price);

    /// @notice The stored price, if its publish time is within `age` seconds of now in either direction.
    /// @dev A price from the future passes up to the same distance: callers bound that themselves.
    /// Reverts with `PriceFeedNotFound`, `StalePrice`.
    function getPriceNoOlderThan(bytes32 id, uint256 age) external view returns (PythStructs.Price memory price);
}
