// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Chainlink's price feed.
/// @custom:source https://docs.chain.link/data-feeds/api-reference
interface AggregatorV3Interface {
    /// @notice Decimals of `answer`.
    function decimals() external view returns (uint8);

    /// @notice Name of the pair, as "ETH / USD".
    function description() external view returns (string memory);

    /// @notice Version of the aggregator's code.
    function version() external view returns (uint256);

    /// @notice One historical round.
    /// @dev Behind a proxy, roundId = phase << 64 | the aggregator's own round. Reverts with "No data present", or
    /// answers zeros, when there is no such round: which of them depends on the aggregator.
    /// @return roundId The round asked for.
    /// @return answer Price with `decimals()` decimals, signed.
    /// @return startedAt Unix seconds.
    /// @return updatedAt Unix seconds at which the answer was written.
    /// @return answeredInRound Deprecated.
    function getRoundData(uint80 _roundId)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// @notice The newest round; returns as `getRoundData` does.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
