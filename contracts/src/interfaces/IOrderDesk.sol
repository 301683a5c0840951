// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, Pin, SignedOrder} from "../engine/EngineTypes.sol";

/// @title Orders that others bring, and whom an owner lets trade and charge, on the engine's own address.
interface IOrderDesk {
    /// @notice Puts signed orders where everybody sees them, when nobody else keeps them: as an event. Nothing is checked.
    /// @param orders 1 to 32 of one market; as of {IDerivativesEngine-commitSigned}, as the others.
    function announce(uint256 market, SignedOrder[] calldata orders, bytes[] calldata others) external;

    /// @notice Does several things in one transaction, all or none. Takes no ether.
    /// @param calls Of this contract.
    function multicall(bytes[] calldata calls) external returns (bytes[] memory results);

    /// @notice Uses the caller's EIP-2612 permit for this contract. One that fails is passed over: somebody may have used it
    /// before, and what counts is the allowance at the deposit.
    /// @param assets USDC units.
    function permit(uint256 assets, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Adds margin to any account by the caller's signature for Permit2.
    /// @param assets USDC units; the amount signed.
    function depositWithPermit2(
        bytes32 account,
        uint256 assets,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Lets somebody trade for all of the caller's accounts, or ends that by an expiry of zero. Never more than trade:
    /// margin stays, nor can it name others. What was spent today counts on.
    function setDelegate(address delegate, Delegation calldata delegation) external;

    /// @notice Lets a builder charge up to `maxFee`, tenths of a basis point of notional, on the caller's orders that name it.
    function approveBuilder(address builder, uint256 maxFee) external;

    /// @notice Uses up nonces for good, so that what was signed with them can no longer be committed; what is committed stays
    /// so, but is not free again when it is released.
    /// @param nonces Bit i set: nonce `word` · 256 + i.
    function cancelNonces(bytes32 account, uint256 word, uint256 nonces) external;

    /// @notice EIP-712: name Tidemark, version 1, this chain, this address.
    function domainSeparator() external view returns (bytes32);
    function getDelegation(address owner, address delegate) external view returns (Delegation memory);
    /// @notice Tenths of a basis point.
    function getBuilderFee(address owner, address builder) external view returns (uint256);
    /// @notice Bit i set: nonce `word` · 256 + i is used up.
    function getNonces(bytes32 account, uint256 word) external view returns (uint256);
    /// @notice What a market is worth to orders that were committed elsewhere in a second: set when its `committedAt` is that
    /// second, which it stays for 64 s.
    /// @param committedAt Seconds.
    function getPin(uint256 market, uint256 committedAt) external view returns (Pin memory);

    /// @notice Signed orders, for anybody to commit.
    event OrdersAnnounced(uint256 indexed market, address indexed by, SignedOrder[] orders, bytes[] others);
    event DelegateSet(
        address indexed owner,
        address indexed delegate,
        uint256 expiry,
        uint256 markets,
        uint256 permissions,
        uint256 dailyLimit
    );
    event BuilderApproved(address indexed owner, address indexed builder, uint256 maxFee);
    event NoncesCancelled(bytes32 indexed account, uint256 word, uint256 nonces);

    /// @notice Thrown when a builder would be approved for more than the most.
    error BuilderFeeTooHigh(uint256 fee, uint256 limit);
    /// @notice Thrown when too little gas is left to ask a wallet that is a contract.
    error GasTooLow(uint256 gas, uint256 required);
}
