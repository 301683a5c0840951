// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice What may leave the exchange within a clock hour, and what does not count or stand in the way.
contract OutflowCapTest is EngineFixture {
    uint256 private constant HOUR = 3600;
    /// @dev USDC units.
    uint256 private constant MILLION = 1_000_000e6;

    address private whale = makeAddr("whale");

    // ---------------------------------------------------------------- how much

    function test_AQuarterOfWhatTheFirstWithdrawalFindsMayLeave() public {
        fund(alice, 20 * MILLION);
        uint256 cap = _custody() / 4;
        assertEq(_left(), cap, "before the hour's first");
        _withdraw(alice, 1);
        assertEq(_left(), cap - 1, "of the custody that it found");
        _withdraw(bob, 10e6);
        _withdraw(alice, cap - 1 - 10e6);
        assertEq(_left(), 0, "all of it");
        _assertRefused(alice, 1, 0);
        _assertRefused(bob, 100e6, 0);
        assertEq(cold.solvency().balance, cold.solvency().custody, "the books");
    }

    function test_OneMoreThanTheCapIsRefusedAtOnce() public {
        fund(alice, 20 * MILLION);
        uint256 cap = _custody() / 4;
        _assertRefused(alice, cap + 1, cap);
        _withdraw(alice, cap);
        assertEq(usdc.balanceOf(alice), cap, "the cap itself");
    }

    function test_TheRestOfAnHourIsToldRoundedDown() public {
        fund(alice, 20 * MILLION + 3);
        assertEq(_custody() % 4, 3, "no whole quarter");
        _assertRefused(alice, _custody() / 4 + 1, _custody() / 4);
        _withdraw(alice, _custody() / 4);
    }

    function test_AMillionMayLeaveInAnyCase() public {
        fund(alice, 2 * MILLION);
        assertLt(_custody() / 4, MILLION, "a quarter is less");
        assertEq(_left(), MILLION, "before");
        _withdraw(alice, MILLION);
        _assertRefused(alice, 1, 0);
    }

    /// @dev An exchange that holds no more than the least cap can always be left by all, whatever anybody does.
    function test_ASmallExchangeIsNeverClosed() public {
        vm.startPrank(admin);
        cold.removeLiquidity(900_000e18);
        cold.payLiquidity(admin, 900_000e6);
        vm.stopPrank();
        assertLt(_custody(), MILLION, "small");
        assertEq(_left(), _custody(), "all that it holds");
        _withdraw(alice, 100_000e6);
        fund(whale, 3 * MILLION);
        _withdraw(whale, 3 * MILLION);
        _withdraw(bob, 100_000e6);
        assertEq(_left(), _custody(), "and still");
    }

    // ---------------------------------------------------------------- when

    function test_EachClockHourHasItsOwn() public {
        fund(alice, 20 * MILLION);
        uint256 boundary = (block.timestamp / HOUR + 1) * HOUR;
        vm.warp(boundary - 1);
        uint256 cap = _left();
        _withdraw(alice, cap);
        _assertRefused(alice, 1, 0);
        vm.warp(boundary);
        uint256 next = _custody() / 4;
        assertEq(_left(), next, "a quarter of what was left");
        assertLt(next, cap, "which is less");
        _withdraw(alice, next);
        _assertRefused(alice, 1, 0);
        vm.warp(boundary + HOUR - 1);
        _assertRefused(alice, 1, 0);
        vm.warp(boundary + HOUR);
        _withdraw(alice, 1);
    }

    /// @dev The exchange stands still for days: the hour of the last withdrawal is not the present one.
    function test_AnHourLongPastDoesNotCount() public {
        fund(alice, 20 * MILLION);
        _withdraw(alice, _left());
        vm.warp(block.timestamp + 30 days);
        assertEq(_left(), _custody() / 4, "anew");
    }

    // ---------------------------------------------------------------- what does not count

    function test_MovingMarginIsNotLeaving() public {
        fund(alice, 20 * MILLION);
        _withdraw(alice, _left());
        bytes32 own = account(alice);
        vm.prank(alice);
        cold.moveMargin(own, bytes32(uint256(own) + 1), 10 * MILLION, noUpdate);
        assertEq(_left(), 0, "and makes no room");
    }

    function test_ClosingIsNotLeaving() public {
        fund(alice, 20 * MILLION);
        trade(bob, ETH, 10 * UNIT, ETH_PRICE);
        _withdraw(alice, _left());
        vm.warp(block.timestamp + 61);
        setPrice(ETH, ETH_PRICE);
        vm.prank(bob);
        engine.closeNow(account(bob), ETH, uint88(10 * UNIT), 0, noUpdate);
        assertEq(int256(cold.getPosition(account(bob), ETH).size), 0, "closed");
    }

    /// @dev What others are paid out within the hour takes nothing from who withdraws, and gives nothing.
    function test_WhatThePoolAndTheTreasuryPayDoesNotCount() public {
        trade(bob, ETH, 10 * UNIT, ETH_PRICE);
        cold.divideReserves();
        fund(alice, 8 * MILLION);
        usdc.mint(bob, 50_000e6);
        vm.startPrank(admin);
        cold.removeLiquidity(300_000e18);
        cold.receiveLiquidity(bob, 50_000e6);
        vm.stopPrank();
        _withdraw(alice, 1);
        uint256 left = _left();
        vm.startPrank(admin);
        cold.payLiquidity(admin, 300_000e6);
        assertEq(_left(), left, "a redemption");
        cold.returnLiquidity(admin, 50_000e6);
        assertEq(_left(), left, "a refund");
        cold.payTreasury(admin, 1e5);
        assertEq(_left(), left, "the treasury");
        vm.stopPrank();
        _withdraw(alice, left);
        _assertRefused(alice, 1, 0);
    }

    /// @dev Paid out though withdrawals may take all: never less than nothing has to stay.
    function test_WhatHasToStayStopsAtNothing() public {
        fund(alice, MILLION / 2);
        assertGt(_custody(), MILLION, "more than the cap");
        _withdraw(alice, 1);
        vm.startPrank(admin);
        cold.removeLiquidity(1_000_000e18);
        cold.payLiquidity(admin, MILLION);
        vm.stopPrank();
        assertEq(_left(), _custody(), "all");
        _withdraw(alice, _custody() - 200_010e6);
    }

    /// @dev Before the hour's first withdrawal they change what it finds.
    function test_WhatIsPaidBeforeTheFirstChangesWhatItFinds() public {
        fund(alice, 20 * MILLION);
        vm.startPrank(admin);
        cold.removeLiquidity(800_000e18);
        cold.payLiquidity(admin, 800_000e6);
        vm.stopPrank();
        assertEq(_left(), _custody() / 4, "a quarter of the rest");
    }

    // ---------------------------------------------------------------- who would take it from others

    function test_WhatComesWithinTheHourMayLeaveInIt() public {
        fund(alice, 20 * MILLION);
        _withdraw(alice, _left());
        fund(whale, 5 * MILLION);
        assertEq(_left(), 5 * MILLION, "as much again");
        _withdraw(whale, 5 * MILLION);
        assertEq(_left(), 0, "and no more");
    }

    /// @dev In and out, as often as one likes: others can take what they could before.
    function test_InAndOutTakesNothingFromOthers() public {
        fund(alice, 20 * MILLION);
        _withdraw(alice, 1);
        uint256 left = _left();
        for (uint256 i; i < 3; ++i) {
            fund(whale, 50 * MILLION);
            _withdraw(whale, 50 * MILLION);
            assertEq(_left(), left, "as before");
        }
        _withdraw(alice, left);
    }

    /// @dev Borrowed for one transaction, and the hour's first: it could not be given back.
    function test_AFlashLoanCannotFillTheHour() public {
        fund(alice, 20 * MILLION);
        uint256 before = _custody();
        fund(whale, 100 * MILLION);
        uint256 cap = (before + 100 * MILLION) / 4;
        _assertRefused(whale, 100 * MILLION, cap);
        // Without it the hour is as it was.
        assertEq(_left(), cap, "nothing is counted");
    }

    /// @dev Who takes the hour from others has brought a third of all that they hold, before the hour, and his is out then.
    function test_FillingAnHourTakesAThirdOfAllOthersHold() public {
        fund(alice, 20 * MILLION);
        uint256 third = _custody() / 3;
        uint256 boundary = (block.timestamp / HOUR + 1) * HOUR;
        vm.warp(boundary - 1);
        fund(whale, third);
        vm.warp(boundary);
        _withdraw(whale, third);
        assertEq(_left(), 0, "to the last unit");
        _assertRefused(bob, 1e6, 0);
        // Whoever brings something is not kept from taking it out again, and an hour later nobody is kept.
        fund(bob, 1e6);
        _withdraw(bob, 1e6);
        vm.warp(boundary + HOUR);
        _withdraw(bob, 100_000e6);
    }

    // ---------------------------------------------------------------- the order of refusals

    function test_WhatIsMissingInTheAccountIsToldFirst() public {
        fund(alice, 20 * MILLION);
        _withdraw(alice, _left());
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.MarginTooLow.selector, 100_000e18, 100_001e18));
        cold.withdraw(account(bob), 100_001e6, bob, noUpdate);
    }

    /// @dev A refusal leaves the hour as it was: nothing of it is begun.
    function test_ARefusalBeginsNoHour() public {
        fund(alice, 20 * MILLION);
        uint256 cap = _left();
        _assertRefused(alice, cap + 1, cap);
        fund(bob, 4 * MILLION);
        assertEq(_left(), cap + MILLION, "a quarter of what came is in it");
    }

    // ---------------------------------------------------------------- parts

    function _withdraw(address owner, uint256 assets) private {
        vm.prank(owner);
        cold.withdraw(account(owner), assets, owner, noUpdate);
    }

    function _assertRefused(address owner, uint256 assets, uint256 left) private {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OutflowCapReached.selector, assets, left));
        cold.withdraw(account(owner), assets, owner, noUpdate);
    }

    /// @dev USDC units.
    function _custody() private view returns (uint256) {
        return cold.solvency().custody / 1e12;
    }

    function _left() private view returns (uint256) {
        return cold.withdrawalLeft() / 1e12;
    }
}
