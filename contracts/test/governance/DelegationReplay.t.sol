// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice What is signed for votes counts once, in its time.
contract DelegationReplayTest is ProposalFixture {
    bytes32 private constant DELEGATION = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant BALLOT = keccak256("Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)");
    uint256 private constant KEY = 0x7461696c;

    address private _signer;

    function setUp() public override {
        super.setUp();
        _signer = vm.addr(KEY);
        hold(_signer, SUPPLY / 100);
    }

    function test_RevertWhen_ADelegationIsReplayed() public {
        uint256 expiry = vm.getBlockTimestamp() + 1 days;
        _delegate(dave, 0, expiry);
        assertEq(token.delegates(_signer), dave, "delegated");
        vm.prank(_signer);
        token.delegate(_signer);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, _signer, 1));
        _delegate(dave, 0, expiry);
        assertEq(token.delegates(_signer), _signer, "as the holder said last");
    }

    function test_RevertWhen_ADelegationHasExpired() public {
        uint256 expiry = vm.getBlockTimestamp() + 1 days;
        vm.warp(expiry + 1);
        vm.expectRevert(abi.encodeWithSelector(IVotes.VotesExpiredSignature.selector, expiry));
        _delegate(dave, 0, expiry);
        vm.warp(expiry);
        _delegate(dave, 0, expiry);
        assertEq(token.delegates(_signer), dave, "in its last second");
    }

    /// @dev Of two that were signed with one nonce the first to arrive counts: documented at the token.
    function test_APermitUsesUpTheNonceOfADelegation() public {
        uint256 expiry = vm.getBlockTimestamp() + 1 days;
        bytes32 what = keccak256(abi.encode(PERMIT, _signer, stranger, 1, 0, expiry));
        (uint8 v, bytes32 r, bytes32 s) = _sign(_domain("Tidemark", address(token)), what);
        token.permit(_signer, stranger, 1, expiry, v, r, s);
        assertEq(token.nonces(_signer), 1, "one for both");
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, _signer, 1));
        _delegate(dave, 0, expiry);
        _delegate(dave, 1, expiry);
        assertEq(token.delegates(_signer), dave, "with the next nonce");
    }

    function test_RevertWhen_ABallotIsReplayed() public {
        uint256 first = propose(carol, ofKind(ProposalKind.Parameter, carol));
        uint256 second = propose(dave, ofKind(ProposalKind.Risk, dave));
        toVote(first);
        bytes memory signature = _ballot(first);
        governance.castVoteBySig(first, 1, _signer, signature);
        assertTrue(governance.hasVoted(first, _signer), "voted");
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, _signer));
        governance.castVoteBySig(first, 1, _signer, signature);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, _signer));
        governance.castVoteBySig(second, 1, _signer, signature);
    }

    function _ballot(uint256 id) private view returns (bytes memory) {
        bytes32 what = keccak256(abi.encode(BALLOT, id, 1, _signer, governance.nonces(_signer)));
        (uint8 v, bytes32 r, bytes32 s) = _sign(_domain("Tidemark Governance", address(governance)), what);
        return abi.encodePacked(r, s, v);
    }

    function _delegate(address to, uint256 nonce, uint256 expiry) private {
        bytes32 what = keccak256(abi.encode(DELEGATION, to, nonce, expiry));
        (uint8 v, bytes32 r, bytes32 s) = _sign(_domain("Tidemark", address(token)), what);
        token.delegateBySig(to, nonce, expiry, v, r, s);
    }

    /// @dev Asked without a call, which an expected revert would take for its own.
    function _domain(string memory name, address of_) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                of_
            )
        );
    }

    function _sign(bytes32 domain, bytes32 what) private pure returns (uint8 v, bytes32 r, bytes32 s) {
        return vm.sign(KEY, keccak256(abi.encodePacked(hex"1901", domain, what)));
    }
}
