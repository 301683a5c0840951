// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What happens when the pool cannot carry a market any more, or the market ends.
/// @dev On the engine's own address. Source: docs/mechanism.md#deleveraging.
interface IDeleverager {
    /// @notice Cuts every position of a market's larger side by one fraction, at the index, without cost. Anybody may,
    /// while U⁺ + 20 % · |skew| · index exceeds 140 % of the market's allocation; it ends at 120 %.
    /// @dev The traders' value and every position's own stay as they are, to less than one size unit. Positions catch up
    /// when they are next used.
    /// @param update Signed prices of all markets that are not settled, or empty when the stored ones are young enough.
    function deleverage(uint256 market, bytes[] calldata update) external payable;

    /// @notice Moves a position's unrealised loss, at the price that favours it, out of the account's margin to those whose
    /// claims the pool owes. Neither the account's equity nor the pool's value changes. Anybody may, while claims are
    /// unpaid.
    /// @param update A signed price of the market, or empty when the stored one is young enough.
    function crystallise(bytes32 account, uint256 market, bytes[] calldata update) external payable;

    /// @notice Announces a market's end: it is reduce-only from now on and stays so. Needs CONFIGURATOR_ROLE.
    /// @param at Seconds, 24 h from now at least.
    function scheduleSettlement(uint256 market, uint40 at) external;

    /// @notice Takes the announcement back; opening is permitted again by {IEngineExtension-setReduceOnly}. Needs
    /// CONFIGURATOR_ROLE.
    function cancelSettlement(uint256 market) external;

    /// @notice Ends a market at the time announced: a last price, no order and no funding any more. Anybody may.
    /// @dev At the oracle's closing price, if it has one: then nothing that is brought counts.
    /// @param update A signed price of the market, or empty when the stored one is young enough.
    function settleMarket(uint256 market, bytes[] calldata update) external payable;

    /// @notice Takes a position out of a settled market at the index, or what a deleveraging left of one without size out
    /// of any market: no fee, no impact, into margin. Anybody may.
    /// @dev A loss beyond the margin stays in the account's other positions; without any it is bad debt.
    function settlePosition(bytes32 account, uint256 market) external;

    /// @notice When a market may be settled, seconds; zero when nothing is announced.
    function settlesAt(uint256 market) external view returns (uint256);
}
