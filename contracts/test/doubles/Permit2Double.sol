// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IPermit2} from "../../src/interfaces/IPermit2.sol";

/// @notice Stands in for Permit2 in tests: moves tokens by the owner's EIP-712 signature for the caller, each nonce once,
/// until a deadline, as Permit2 does.
contract Permit2Double is IPermit2 {
    bytes32 private constant TOKEN_TYPEHASH = keccak256("TokenPermissions(address token,uint256 amount)");
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)TokenPermissions(address token,uint256 amount)"
    );

    mapping(address owner => mapping(uint256 word => uint256 bits)) public nonceBitmap;

    error InvalidAmount(uint256 maxAmount);
    error InvalidNonce();
    error InvalidSigner();
    error SignatureExpired(uint256 signatureDeadline);

    function permitTransferFrom(
        PermitTransferFrom calldata permit,
        TransferDetails calldata transferDetails,
        address owner,
        bytes calldata signature
    ) external {
        uint256 asked = transferDetails.requestedAmount;
        require(block.timestamp <= permit.deadline, SignatureExpired(permit.deadline));
        require(asked <= permit.permitted.amount, InvalidAmount(permit.permitted.amount));
        uint256 bit = 1 << (permit.nonce & 255);
        require(nonceBitmap[owner][permit.nonce >> 8] & bit == 0, InvalidNonce());
        nonceBitmap[owner][permit.nonce >> 8] |= bit;
        bytes32 digest = digestOf(permit, msg.sender);
        require(SignatureChecker.isValidSignatureNow(owner, digest, signature), InvalidSigner());
        require(IERC20(permit.permitted.token).transferFrom(owner, transferDetails.to, asked), "TRANSFER_FROM_FAILED");
    }

    /// @notice What an owner signs.
    function digestOf(PermitTransferFrom calldata permit, address spender) public view returns (bytes32) {
        bytes32 permitted = keccak256(abi.encode(TOKEN_TYPEHASH, permit.permitted.token, permit.permitted.amount));
        bytes32 hash = keccak256(abi.encode(TRANSFER_TYPEHASH, permitted, spender, permit.nonce, permit.deadline));
        return keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), hash));
    }

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        bytes32 typehash = keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(typehash, keccak256("Permit2"), block.chainid, address(this)));
    }
}
