// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Base of every double: it exists on local chains only.
/// @dev Doubles answer what their operator tells them. On a chain with money in it that would be a back door, so their
/// constructors refuse; besides, they live outside of `src`, which is all a production build compiles.
abstract contract DevnetOnly {
    /// @notice Chain id of anvil and of forge's test runner.
    uint256 internal constant ANVIL_CHAIN_ID = 31_337;

    /// @notice Chain id that OP-mode devnets give their L2.
    uint256 internal constant OP_DEVNET_CHAIN_ID = 901;

    /// @notice Thrown when a double is deployed to a chain that is not a local one.
    error DoubleOnRealChain(uint256 chainId);

    constructor() {
        if (block.chainid != ANVIL_CHAIN_ID && block.chainid != OP_DEVNET_CHAIN_ID) {
            revert DoubleOnRealChain(block.chainid);
        }
    }
}
