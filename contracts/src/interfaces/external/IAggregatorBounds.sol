// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What lies behind a Chainlink proxy: where its aggregator is, and within which bounds that can answer.
interface IAggregatorProxy {
    /// @notice The aggregator now answering.
    function aggregator() external view returns (address);

    /// @notice Number of that aggregator, the upper 16 bits of a round id.
    function phaseId() external view returns (uint16);
}

/// @title Limits of one aggregator: it never reports outside of them, so an answer at a limit says nothing.
interface IAggregatorBounds {
    /// @notice Lowest answer, in the feed's decimals.
    function minAnswer() external view returns (int192);

    /// @notice Highest answer, in the feed's decimals.
    function maxAnswer() external view returns (int192);
}
