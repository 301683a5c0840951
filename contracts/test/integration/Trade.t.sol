// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {marketOrderOf, orderOf} from "../fixtures/Orders.sol";
import {Account, Failure, Order, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {Price, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

contract TradeTest is EngineFixture {
    function test_OpensAndClosesAtOraclePrice() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        Position memory position = cold.getPosition(account(alice), ETH);
        assertEq(int256(position.size), 10 * UNIT, "size");
        // Index cost 20,000; impact 2000 · 10² / (2 · 10,000) = 10; spread 5 bp = 10.
        assertEq(int256(position.cash), -20_020e30, "cash");
        // Taker 5 bp of 20,000 and the keeper's half dollar.
        assertEq(cold.getAccount(account(alice)).margin, 100_000e18 - 10e18 - 0.5e18, "margin");

        trade(alice, ETH, -10 * UNIT, ETH_PRICE);
        Account memory stored = cold.getAccount(account(alice));
        // Closing returns the impact, pays the spread and the maker fee.
        assertEq(stored.margin, 100_000e18 - 11e18 - 10e18 - 10e18 - 4e18, "margin after");
        assertEq(stored.markets, 0, "no position");
        assertBooks();
    }

    function test_PreviewIsTheFill() public {
        trade(bob, ETH, -3 * UNIT, ETH_PRICE);
        Order[] memory orders = marketOrder(alice, 7 * UNIT);
        commit(alice, ETH, orders);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, 2010e18);
        (Outcome memory outcome, Position memory position) = risk.previewOrder(
            ETH,
            orders[0],
            Price(2010e18, 2010e18 - 1.005e18, 2010e18 + 1.005e18, 1.005e18, block.timestamp, PriceState.Normal)
        );
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        engine.settle(ETH, batches, noUpdate);
        Position memory filled = cold.getPosition(account(alice), ETH);
        assertEq(int256(filled.cash), int256(position.cash), "cash");
        assertEq(cold.getAccount(account(alice)).margin, outcome.margin, "margin");
    }

    /// @dev The limits that bind nobody, and one that binds: the words of the engine's own order.
    function test_PreviewTakesTheLimitsOfAnOrder() public {
        Price memory price = oracle.peek(ETH);
        (Outcome memory outcome,) = risk.previewOrder(ETH, marketOrderOf(account(alice), UNIT), price);
        assertTrue(outcome.failure == Failure.None, "the largest binds no buy");
        (outcome,) = risk.previewOrder(ETH, orderOf(account(alice), UNIT, ETH_PRICE, false), price);
        assertTrue(outcome.failure == Failure.LimitExceeded, "the price itself binds, below the spread");
        trade(alice, ETH, -UNIT, ETH_PRICE);
        price = oracle.presentPrices(1 << ETH, noUpdate, PriceUse.CloseNow, alice)[0];
        (outcome,) = risk.previewCloseNow(account(alice), ETH, type(uint256).max, type(uint96).max, price);
        assertTrue(outcome.failure == Failure.None, "nor a close that buys, and more than the position is all of it");
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, type(uint256).max, type(uint96).max, noUpdate);
        assertEq(cold.getAccount(account(alice)).markets, 0, "no position");
        assertEq(cold.getAccount(account(alice)).margin, outcome.margin, "as foreseen");
    }

    /// @dev What no close can hold is refused where it is read, never taken for another number.
    function test_RevertWhen_APreviewsLimitFitsNoClose() public view {
        Price memory price = oracle.peek(ETH);
        (bytes32 own, uint256 most) = (account(alice), type(uint256).max);
        _refusesPreview(abi.encodeWithSelector(risk.previewCloseNow.selector, own, ETH, 1, most, price));
    }

    function _refusesPreview(bytes memory call) private view {
        (bool ok, bytes memory reason) = address(risk).staticcall(call);
        assertFalse(ok, "refused");
        assertEq(reason.length, 0, "by its decoding");
    }

    function test_FailsWithoutMarginAndDividesTheFee() public {
        // The market moves against the commit's flood check: margin 101 covers 10 % of 1,000 but not fee and spread.
        address carol = makeAddr("carol");
        fund(carol, 101e6);
        Order[] memory orders = marketOrder(carol, UNIT / 2);
        commit(carol, ETH, orders);
        settle(ETH, ETH_PRICE * 2, orders);
        assertEq(int256(cold.getPosition(account(carol), ETH).size), 0, "nothing filled");
        assertEq(cold.getAccount(account(keeper)).margin, 10e18 + 0.25e18, "half the fee to the keeper");
        assertEq(cold.getReserves().insurance, 0.25e18, "half to insurance");
        assertBooks();
    }

    function test_ClosesNow() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, ETH_PRICE);
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(10 * UNIT), 0, noUpdate);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "closed");
        assertBooks();
    }

    function test_WinnerIsNeverRefusedByAnEmptyPool() public {
        trade(alice, ETH, 100 * UNIT, ETH_PRICE);
        vm.startPrank(admin);
        cold.removeLiquidity(cold.getPool().cash);
        vm.stopPrank();
        trade(alice, ETH, -100 * UNIT, ETH_PRICE * 11 / 10);
        assertGt(cold.unpaidClaim(account(alice)), 19_000e18, "a claim instead of cash");
        uint256 margin = cold.getAccount(account(alice)).margin;
        uint256 unpaid = cold.unpaidClaim(account(alice));
        provide(10_000e6);
        cold.collectClaim(account(alice));
        uint256 collected = cold.getAccount(account(alice)).margin - margin;
        assertGe(collected, 10_000e18, "paid first from the inflow");
        assertEq(collected, unpaid - cold.unpaidClaim(account(alice)) + collected - 10_000e18, "and no longer owed");
        assertBooks();
    }

    function test_ExpiresAfterTheWindow() public {
        commit(alice, ETH, marketOrder(alice, UNIT));
        vm.expectPartialRevert(IEngineErrors.WindowOpen.selector);
        cold.expire(ETH, 1);
        vm.warp(block.timestamp + 61);
        cold.expire(ETH, 1);
        assertEq(cold.getReserves().insurance, 0.5e18, "fee to insurance");
        assertEq(cold.getQueue(ETH).head, 1, "passed");
    }

    function test_RevertWhen_OrdersPending() public {
        commit(alice, ETH, marketOrder(alice, UNIT));
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OrdersPending.selector, 1, 0));
        cold.withdraw(account(alice), 1, alice, noUpdate);
        vm.stopPrank();
    }

    function test_RevertWhen_NotOwner() public {
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, address(this), alice));
        cold.withdraw(account(alice), 1, alice, noUpdate);
    }

    function test_RevertWhen_TokenTakesAFee() public {
        usdc.setTransferFee(10);
        usdc.mint(alice, 100e6);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.TransferMismatch.selector, 99.9e6, 100e6));
        engine.deposit(account(alice), 100e6);
    }

    function test_RevertWhen_MarketUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, 9));
        vm.prank(alice);
        engine.commit(9, marketOrder(alice, UNIT));
    }

    function assertBooks() internal view {
        Solvency memory s = cold.solvency();
        assertEq(s.balance, s.custody, "balance is custody");
        uint256 margins = uint256(cold.getAccount(account(alice)).margin) + cold.getAccount(account(bob)).margin
            + cold.getAccount(account(keeper)).margin
            + cold.getAccount(account(address(uint160(uint256(keccak256("carol")))))).margin;
        assertEq(s.margin, margins, "margin by difference is the sum of margins");
    }
}
