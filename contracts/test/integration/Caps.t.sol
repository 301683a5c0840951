// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Market, MarketConfig, Order, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice What one account may hold, and what one market may lock of the pool.
contract CapsTest is EngineFixture {
    function test_AnAccountFillsUpToItsCap() public {
        MarketConfig memory c = config(10_000e6);
        c.accountCapPercent = 25;
        putConfig(ETH, c);
        // 25 % of 4 % of 10,000.
        trade(alice, ETH, 90 * UNIT, ETH_PRICE);
        trade(alice, ETH, 90 * UNIT, ETH_PRICE);
        assertEq(size(alice), 100 * UNIT, "filled what fits");
        _fails(alice, UNIT);
        trade(bob, ETH, -90 * UNIT, ETH_PRICE);
        trade(alice, ETH, -150 * UNIT, ETH_PRICE);
        assertEq(size(alice), -50 * UNIT, "a position that turns counts from zero");
        trade(alice, ETH, -90 * UNIT, ETH_PRICE);
        assertEq(size(alice), -100 * UNIT, "either way");
        trade(alice, ETH, 150 * UNIT, ETH_PRICE);
        assertEq(size(alice), 50 * UNIT, "it may leave, and beyond");
    }

    /// @dev The side that the flip would enter has room for $4, or for $12.
    function test_AFlipThatTheCapsLeaveDustOfStillCloses() public {
        MarketConfig memory c = config(10_000e6);
        (c.openInterestCapBps, c.accountCapPercent) = (100, 100);
        putConfig(ETH, c);
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        trade(bob, ETH, -(100 * UNIT - UNIT / 500), ETH_PRICE);
        trade(alice, ETH, -20 * UNIT, ETH_PRICE);
        assertEq(size(alice), 0, "closed");
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        trade(bob, ETH, UNIT / 250, ETH_PRICE);
        trade(alice, ETH, -20 * UNIT, ETH_PRICE);
        assertEq(size(alice), -UNIT / 500 - UNIT / 250, "closed, and opened what fits");
    }

    /// @dev 40 % of $50,000 bears $100,000 of the larger side: 50 ETH.
    function test_AMarketFillsUpToItsAllocation() public {
        _leave(50_000e18);
        trade(alice, ETH, 60 * UNIT, ETH_PRICE);
        // The curve's premium is the traders' loss, and no profit is counted before the fill.
        assertEq(size(alice), 50 * UNIT, "filled what fits");
        _fails(bob, UNIT);
        _fails(bob, -UNIT);
        trade(alice, ETH, -10 * UNIT, ETH_PRICE);
        assertEq(size(alice), 40 * UNIT, "who leaves is never refused");
        trade(bob, ETH, -90 * UNIT, ETH_PRICE);
        uint256 shorts = cold.getMarket(ETH).shorts;
        assertGt(shorts, 40e12, "the other side has its own room");
        assertLe(shorts, 51e12, "up to the same");
    }

    function test_ProfitOfTheTradersTakesTheAllocation() public {
        trade(alice, ETH, 40 * UNIT, ETH_PRICE);
        _leave(50_000e18);
        // At 2200 their profit of nearly $8,000 leaves $12,000 of the allocation: 27 ETH of a side. 40 are open.
        _failsAt(bob, UNIT, 2200e18);
        _failsAt(bob, -UNIT, 2200e18);
        trade(bob, ETH, 5 * UNIT, ETH_PRICE);
        assertEq(size(bob), 5 * UNIT, "without it there is room");
    }

    function test_TheSmallerOfValueAndCashIsWhatCounts() public {
        trade(alice, ETH, 40 * UNIT, ETH_PRICE);
        // A loss of the traders of about $8,000 is the pool's value, not yet its cash.
        vm.warp(block.timestamp + 1);
        setPrice(ETH, 1800e18);
        _refresh(BTC_PRICE);
        cold.appraise();
        assertGt(uint256(cold.getPool().value), uint256(cold.getPool().cash) / 1e18, "worth more than its cash");
        uint256 cash = cold.getPool().cash;
        vm.prank(admin);
        cold.removeLiquidity(cash - 20_000e18);
        // 40 % of 20,000 bears 40,000: 22 ETH. 40 are open.
        _failsAt(bob, UNIT, 1800e18);
    }

    /// @dev Of 40 % of $20,000 there is no room beside 40 ETH, and for 22 alone; of $28,000, once the loss is paid, for 31.
    function test_WhatOneOrderPaysThePoolTheNextOfTheCallMayUse() public {
        trade(alice, ETH, 40 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, 1800e18);
        _refresh(BTC_PRICE);
        cold.appraise();
        _leave(20_000e18);
        Order[][] memory batches = new Order[][](2);
        (batches[0], batches[1]) = (marketOrder(alice, -40 * UNIT), marketOrder(bob, 30 * UNIT));
        commit(alice, ETH, batches[0]);
        commit(bob, ETH, batches[1]);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, 1800e18);
        vm.prank(keeper);
        engine.settle(ETH, batches, noUpdate);
        assertEq(size(bob), 30 * UNIT, "filled whole");
    }

    function testFuzz_AfterAnOpeningTheAllocationHolds(uint256 seed, uint256 left) public {
        left = bound(left, 5000e18, 400_000e18);
        _leave(left);
        uint256 price = ETH_PRICE;
        for (uint256 i; i < 10; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            price = price * (9500 + seed % 1001) / 10_000;
            int88 delta = int88(int256(seed >> 16) % (60 * UNIT));
            if (delta == 0) continue;
            Market memory before = cold.getMarket(ETH);
            uint256 allowance = _allowance();
            address owner = seed % 2 == 0 ? alice : bob;
            bool opens = size(owner) == 0 || (size(owner) > 0) == (delta > 0);
            trade(owner, ETH, delta, price);
            Market memory m = cold.getMarket(ETH);
            if (!opens || m.longs + m.shorts == before.longs + before.shorts) continue;
            before.funding = m.funding;
            int256 value = FundingMath.skewOf(before) * (int256(price) - before.funding) + before.cash;
            uint256 larger = m.longs > m.shorts ? m.longs : m.shorts;
            assertLe(
                larger * price / 5 + (value > 0 ? uint256(value) : 0),
                allowance * 1e12,
                "more than the allocation is locked"
            );
        }
    }

    // The pool's value.

    function test_LiquidityThatComesAndGoesIsCounted() public {
        assertEq(cold.getPool().value, 1_000_000, "what the fixture put in");
        vm.startPrank(admin);
        cold.removeLiquidity(1.5e18);
        assertEq(cold.getPool().value, 999_998, "rounded against the market");
        cold.removeLiquidity(cold.getPool().cash);
        assertEq(cold.getPool().value, 0, "and not below zero");
        vm.stopPrank();
        provide(1_999_999);
        assertEq(cold.getPool().value, 1, "rounded down");
    }

    function test_AppraisingValuesThePoolAtTheIndices() public {
        trade(alice, ETH, 40 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 5);
        setPrice(ETH, 2100e18);
        _refresh(BTC_PRICE + 1);
        int256 value = cold.solvency().netAssetValue / 1e12;
        vm.expectEmit(address(engine));
        emit IEngineEvents.PoolAppraised(value, uint256(value) / 1e18);
        cold.appraise();
        assertEq(cold.getPool().value, uint256(value) / 1e18, "kept");
        assertLt(uint256(value), 1_000_000e18 - 3900e18, "less what the traders won");
    }

    function test_APoolWithoutValueBearsNothing() public {
        trade(alice, ETH, 40 * UNIT, ETH_PRICE);
        _leave(1000e18);
        vm.warp(block.timestamp + 5);
        setPrice(ETH, 2100e18);
        _refresh(BTC_PRICE);
        cold.appraise();
        assertEq(cold.getPool().value, 0, "not below zero");
        _failsAt(bob, UNIT, 2100e18);
    }

    function test_RevertWhen_AnIndexIsTooOldToAppraiseBy() public {
        _refresh(BTC_PRICE);
        vm.warp(block.timestamp + 61);
        setPrice(ETH, ETH_PRICE);
        cold.updateIndices(1, noUpdate);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.IndexTooOld.selector, BTC, 61, 60));
        cold.appraise();
    }

    function test_RevertWhen_AppraisingAtLevel2() public {
        _refresh(BTC_PRICE);
        vm.prank(admin);
        cold.setPauseLevel(2);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.Paused.selector, 2, 1));
        cold.appraise();
    }

    // Fixtures.

    function size(address owner) private view returns (int256) {
        return cold.getPosition(account(owner), ETH).size;
    }

    function _allowance() private view returns (uint256) {
        uint256 value = uint256(cold.getPool().value) * 1e18;
        uint256 cash = cold.getPool().cash;
        return (value < cash ? value : cash) * 40 / 100;
    }

    /// @dev All of the pool's cash but this goes.
    function _leave(uint256 amount) private {
        uint256 cash = cold.getPool().cash;
        vm.prank(admin);
        cold.removeLiquidity(cash - amount);
    }

    function _refresh(uint256 btcPrice) private {
        setPrice(BTC, btcPrice);
        if (oracle.peek(ETH).publishTime != block.timestamp) setPrice(ETH, ETH_PRICE);
        cold.updateIndices(3, noUpdate);
    }

    function _fails(address owner, int88 delta) private {
        _failsAt(owner, delta, ETH_PRICE);
    }

    function _failsAt(address owner, int88 delta, uint256 price) private {
        Order[] memory orders = marketOrder(owner, delta);
        commit(owner, ETH, orders);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, price);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        uint256 index = cold.getQueue(ETH).head;
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderFailed(
            ETH, account(owner), index, Failure.CapReached, cold.getAccount(account(owner)).margin, 0
        );
        engine.settle(ETH, batches, noUpdate);
    }
}
