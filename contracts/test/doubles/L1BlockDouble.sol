// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What an OP Stack chain tells about L1.
contract L1BlockDouble {
    uint256 public immutable basefee;
    uint256 public immutable blobBaseFee;
    uint32 public immutable baseFeeScalar;
    uint32 public immutable blobBaseFeeScalar;

    constructor(uint256 basefee_, uint256 blobBaseFee_, uint32 baseFeeScalar_, uint32 blobBaseFeeScalar_) {
        (basefee, blobBaseFee) = (basefee_, blobBaseFee_);
        (baseFeeScalar, blobBaseFeeScalar) = (baseFeeScalar_, blobBaseFeeScalar_);
    }
}
