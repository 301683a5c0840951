// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Timelocked} from "../../src/governance/Timelocked.sol";
import {Treasury} from "../../src/governance/Treasury.sol";
import {TestUsdc} from "../fixtures/TestUsdc.sol";
import {Test} from "../foundry/Test.sol";

/// @notice A token with votes that anybody may mint: for tests.
contract TestVotes is ERC20Votes {
    constructor() ERC20("Test votes", "VOTE") EIP712("Test votes", "1") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Payments of the treasury and their cap.
contract TreasuryTest is Test {
    address private _timelock = makeAddr("timelock");
    address private _excluded = makeAddr("excluded");
    address private _to = makeAddr("to");
    TestUsdc private _usdc;
    TestVotes private _votes;
    Treasury private _treasury;
    /// @dev What was paid and when, told apart from the contract.
    uint256[] private _times;
    uint256[] private _amounts;

    function setUp() public {
        vm.warp(1_700_000_000);
        _usdc = new TestUsdc();
        _votes = new TestVotes();
        _treasury = new Treasury(_timelock, _votes, _excluded);
        _usdc.mint(address(_treasury), 1_000_000e6);
        _votes.mint(address(_treasury), 100e18);
    }

    function test_TheTimelockPaysATenth() public {
        assertEq(_treasury.left(_usdc), 100_000e6, "of what there is");
        vm.expectEmit(address(_treasury));
        emit Treasury.TreasuryPaid(_usdc, _to, 60_000e6, 60_000e6);
        _pay(60_000e6);
        assertEq(_usdc.balanceOf(_to), 60_000e6, "paid");
        assertEq(_treasury.left(_usdc), 40_000e6, "the rest");
        vm.expectEmit(address(_treasury));
        emit Treasury.TreasuryPaid(_usdc, _to, 40_000e6, 100_000e6);
        _pay(40_000e6);
        assertEq(_treasury.left(_usdc), 0, "nothing more");
    }

    function test_RevertWhen_TheCapIsReached() public {
        _refuses(100_000e6 + 1, abi.encodeWithSelector(Treasury.TreasuryCapReached.selector, 100_000e6 + 1, 100_000e6));
        _pay(100_000e6);
        _refuses(1, abi.encodeWithSelector(Treasury.TreasuryCapReached.selector, 1, 0));
    }

    function test_APaymentCountsForThirtyDays() public {
        _pay(100_000e6);
        vm.warp(block.timestamp + 30 days - 1);
        assertEq(_treasury.left(_usdc), 0, "still");
        vm.warp(block.timestamp + 1);
        assertEq(_treasury.left(_usdc), 90_000e6, "a tenth of the rest");
    }

    function test_EachTokenHasItsOwnCap() public {
        _pay(100_000e6);
        assertEq(_treasury.left(_votes), 10e18, "untouched");
        vm.prank(_timelock);
        _treasury.pay(_votes, _to, 10e18);
        assertEq(_votes.balanceOf(_to), 10e18, "paid");
    }

    function test_WhatComesInMakesRoom() public {
        _pay(100_000e6);
        _usdc.mint(address(_treasury), 500e6);
        assertEq(_treasury.left(_usdc), 50e6, "a tenth of it");
    }

    function test_TheCapRoundsDown() public {
        Treasury poor = new Treasury(_timelock, _votes, _excluded);
        _usdc.mint(address(poor), 19);
        assertEq(poor.left(_usdc), 1, "not two");
    }

    function test_RevertWhen_ATokenIsPaidTooOften() public {
        for (uint256 i; i < 32; ++i) {
            _pay(1);
            vm.warp(block.timestamp + 1);
        }
        _refuses(1, abi.encodeWithSelector(Treasury.TooManyPayments.selector, 32, 32));
        vm.prank(_timelock);
        _treasury.pay(_votes, _to, 1);
        vm.warp(block.timestamp + 30 days - 33);
        _refuses(1, abi.encodeWithSelector(Treasury.TooManyPayments.selector, 32, 32));
        vm.warp(block.timestamp + 1);
        _pay(1);
        assertEq(_usdc.balanceOf(_to), 33, "the first of them counts no more");
    }

    /// @dev At random times, random amounts up to a quarter more than is left, while money comes in.
    function testFuzz_NoThirtyDaysPayMoreThanATenth(uint256 seed) public {
        for (uint256 i; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.warp(vm.getBlockTimestamp() + bound(seed, 0, 6 days));
            if (seed >> 250 == 0) _usdc.mint(address(_treasury), bound(seed >> 64, 0, 100_000e6));
            uint256 amount = bound(seed >> 128, 0, _expectedLeft() * 5 / 4 + 1);
            vm.prank(_timelock);
            try _treasury.pay(_usdc, _to, amount) {
                _times.push(vm.getBlockTimestamp());
                _amounts.push(amount);
            } catch {
                assertGt(amount, _expectedLeft(), "refused above the cap only");
            }
            // What was paid is out of the balance; so this is the base of the last payment.
            uint256 paid = _paidSince(vm.getBlockTimestamp());
            assertLe(paid * 10, _usdc.balanceOf(address(_treasury)) + paid, "a tenth");
        }
        assertGt(_times.length, 20, "most were paid");
    }

    function test_RevertWhen_AnotherThanTheTimelockPays() public {
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotTimelock.selector, address(this), _timelock));
        _treasury.pay(_usdc, _to, 1);
    }

    function test_RevertWhen_EtherComes() public {
        vm.deal(address(this), 1);
        (bool ok,) = address(_treasury).call{value: 1}("");
        assertFalse(ok, "none is taken");
    }

    function test_ItsVotesAreTheExcludedAddresss() public view {
        assertEq(_votes.delegates(address(_treasury)), _excluded, "delegated");
        assertEq(_votes.getVotes(_excluded), 100e18, "what came later as well");
    }

    function _pay(uint256 amount) private {
        vm.prank(_timelock);
        _treasury.pay(_usdc, _to, amount);
    }

    function _refuses(uint256 amount, bytes memory reason) private {
        vm.prank(_timelock);
        vm.expectRevert(reason);
        _treasury.pay(_usdc, _to, amount);
    }

    /// @dev Within the 30 days that end at `time`.
    function _paidSince(uint256 time) private view returns (uint256 paid) {
        for (uint256 i; i < _times.length; ++i) {
            if (_times[i] + 30 days > time) paid += _amounts[i];
        }
    }

    function _expectedLeft() private view returns (uint256) {
        uint256 paid = _paidSince(vm.getBlockTimestamp());
        return (_usdc.balanceOf(address(_treasury)) + paid) / 10 - paid;
    }
}
