// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {Grant, GovernanceToken} from "../../src/governance/GovernanceToken.sol";
import {Test} from "../foundry/Test.sol";

/// @notice The token: all of it is granted at the beginning, votes count by the second, signatures once.
contract GovernanceTokenTest is Test {
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant DELEGATION = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
    uint256 private constant KEY = uint256(keccak256("signer"));

    GovernanceToken private _token;
    address private _signer = vm.addr(KEY);
    address private _bob = makeAddr("bob");

    function setUp() public {
        vm.warp(1_700_000_000);
        Grant[] memory grants = new Grant[](2);
        grants[0] = Grant(_signer, 70e18);
        grants[1] = Grant(_bob, 30e18);
        _token = new GovernanceToken(grants);
    }

    function test_GrantsAreTheSupply() public view {
        assertEq(_token.totalSupply(), 100e18, "supply");
        assertEq(_token.balanceOf(_signer), 70e18, "first");
        assertEq(_token.balanceOf(_bob), 30e18, "second");
        assertEq(_token.getVotes(_signer), 0, "what is not delegated does not vote");
        assertEq(_token.symbol(), "TIDE", "symbol");
    }

    function test_RevertWhen_AGrantIsOfNothingOrToNobody() public {
        Grant[] memory grants = new Grant[](2);
        grants[0] = Grant(_bob, 1);
        grants[1] = Grant(address(0), 5);
        vm.expectRevert(abi.encodeWithSelector(GovernanceToken.GrantRefused.selector, 1, address(0), 5));
        new GovernanceToken(grants);
        grants[1] = Grant(_bob, 0);
        vm.expectRevert(abi.encodeWithSelector(GovernanceToken.GrantRefused.selector, 1, _bob, 0));
        new GovernanceToken(grants);
    }

    function test_VotesAreThoseOfASecond() public {
        uint256 start = block.timestamp;
        vm.prank(_signer);
        _token.delegate(_bob);
        vm.warp(start + 1);
        vm.prank(_signer);
        assertTrue(_token.transfer(makeAddr("carol"), 20e18), "transfer");
        vm.warp(start + 2);
        assertEq(_token.CLOCK_MODE(), "mode=timestamp", "mode");
        assertEq(uint256(_token.clock()), start + 2, "clock");
        assertEq(_token.getPastVotes(_bob, start - 1), 0, "before");
        assertEq(_token.getPastVotes(_bob, start), 70e18, "from the second of the delegation on");
        assertEq(_token.getPastVotes(_bob, start + 1), 50e18, "from the second of the transfer on");
        assertEq(_token.getVotes(_bob), 50e18, "now");
        assertEq(_token.getPastTotalSupply(start + 1), 100e18, "supply");
        assertEq(_token.getPastDelegate(_signer, start - 1), address(0), "no delegate before");
        assertEq(_token.getPastDelegate(_signer, start), _bob, "delegate");
        assertEq(_token.getPastBalanceOf(_signer, start), 70e18, "balance before the transfer");
        assertEq(_token.getPastBalanceOf(_signer, start + 1), 50e18, "balance after it");
    }

    function test_RevertWhen_ThePresentIsAskedAsThePast() public {
        vm.expectRevert(
            abi.encodeWithSelector(Votes.ERC5805FutureLookup.selector, block.timestamp, uint48(block.timestamp))
        );
        _token.getPastVotes(_bob, block.timestamp);
    }

    function test_PermitLetsAnotherSpend() public {
        _permit(block.timestamp, 0);
        assertEq(_token.allowance(_signer, _bob), 5e18, "allowance");
        assertEq(_token.nonces(_signer), 1, "nonce");
        vm.prank(_bob);
        assertTrue(_token.transferFrom(_signer, _bob, 5e18), "transfer");
    }

    function test_RevertWhen_APermitIsLateOrComesAgain() public {
        uint256 late = block.timestamp - 1;
        (uint8 v, bytes32 r, bytes32 s) = _signPermit(late, 0);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, late));
        _token.permit(_signer, _bob, 5e18, late, v, r, s);
        _permit(block.timestamp, 0);
        (v, r, s) = _signPermit(block.timestamp, 0);
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        _token.permit(_signer, _bob, 5e18, block.timestamp, v, r, s);
    }

    function test_ASignatureDelegatesOnce() public {
        _delegate(block.timestamp, 0);
        assertEq(_token.delegates(_signer), _bob, "delegate");
        assertEq(_token.getVotes(_bob), 70e18, "votes");
        vm.prank(_signer);
        _token.delegate(_signer);
        (uint8 v, bytes32 r, bytes32 s) = _signDelegation(block.timestamp, 0);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, _signer, 1));
        _token.delegateBySig(_bob, 0, block.timestamp, v, r, s);
        assertEq(_token.delegates(_signer), _signer, "as the signer said last");
    }

    function test_RevertWhen_ADelegationIsLate() public {
        uint256 late = block.timestamp - 1;
        (uint8 v, bytes32 r, bytes32 s) = _signDelegation(late, 0);
        vm.expectRevert(abi.encodeWithSelector(IVotes.VotesExpiredSignature.selector, late));
        _token.delegateBySig(_bob, 0, late, v, r, s);
    }

    /// @dev Of a permit and a delegation that were signed with one nonce, the first to arrive counts.
    function test_PermitsAndDelegationsShareTheirNonces() public {
        _permit(block.timestamp, 0);
        (uint8 v, bytes32 r, bytes32 s) = _signDelegation(block.timestamp, 0);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, _signer, 1));
        _token.delegateBySig(_bob, 0, block.timestamp, v, r, s);
        _delegate(block.timestamp, 1);
        assertEq(_token.nonces(_signer), 2, "nonce");
    }

    function _permit(uint256 deadline, uint256 nonce) private {
        (uint8 v, bytes32 r, bytes32 s) = _signPermit(deadline, nonce);
        _token.permit(_signer, _bob, 5e18, deadline, v, r, s);
    }

    function _delegate(uint256 expiry, uint256 nonce) private {
        (uint8 v, bytes32 r, bytes32 s) = _signDelegation(expiry, nonce);
        _token.delegateBySig(_bob, nonce, expiry, v, r, s);
    }

    function _signPermit(uint256 deadline, uint256 nonce) private view returns (uint8, bytes32, bytes32) {
        return _sign(keccak256(abi.encode(PERMIT, _signer, _bob, 5e18, nonce, deadline)));
    }

    function _signDelegation(uint256 expiry, uint256 nonce) private view returns (uint8, bytes32, bytes32) {
        return _sign(keccak256(abi.encode(DELEGATION, _bob, nonce, expiry)));
    }

    function _sign(bytes32 hash) private view returns (uint8, bytes32, bytes32) {
        return vm.sign(KEY, keccak256(abi.encodePacked(hex"1901", _token.DOMAIN_SEPARATOR(), hash)));
    }
}
