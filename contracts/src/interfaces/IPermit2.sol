// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What is called of Permit2, which moves tokens by their owner's signature.
interface IPermit2 {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    struct TransferDetails {
        address to;
        uint256 requestedAmount;
    }

    /// @notice Moves tokens from `owner`, who has signed that the caller may.
    function permitTransferFrom(
        PermitTransferFrom calldata permit,
        TransferDetails calldata transferDetails,
        address owner,
        bytes calldata signature
    ) external;
}
