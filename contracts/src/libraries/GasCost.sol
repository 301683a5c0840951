// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What OP Stack chains tell about the price of L1's data.
interface IL1Block {
    function basefee() external view returns (uint256);
    function blobBaseFee() external view returns (uint256);
    function baseFeeScalar() external view returns (uint32);
    function blobBaseFeeScalar() external view returns (uint32);
}

/// @notice What a transaction costs on this chain.
/// @dev Source: https://specs.optimism.io/protocol/ecotone/l1-attributes.html#ecotone-l1-cost-fee-changes-eip-4844-da
library GasCost {
    /// @dev OP Stack's predeploy; no code stands there on other chains.
    address internal constant L1_BLOCK = 0x4200000000000000000000000000000000000015;

    /// @notice Cost of execution at the block's base fee and of the L1 data, as if nothing could be compressed.
    /// @param gasUsed L2 gas.
    /// @param size Bytes of the transaction.
    /// @return Wei, rounded down.
    function ofTransaction(uint256 gasUsed, uint256 size) internal view returns (uint256) {
        uint256 execution = gasUsed * block.basefee;
        if (L1_BLOCK.code.length == 0) return execution;
        IL1Block l1 = IL1Block(L1_BLOCK);
        uint256 weighted = 16 * uint256(l1.baseFeeScalar()) * l1.basefee() + l1.blobBaseFeeScalar() * l1.blobBaseFee();
        return execution + size * weighted / 1e6;
    }
}
