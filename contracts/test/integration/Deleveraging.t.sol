// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Order, Position, Refusal} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Price, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Reduction} from "../../src/libraries/DeleveragingMath.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";

/// @notice A market whose exposure outgrew its part of the pool is cut at the index, pro rata, in constant time.
contract DeleveragingTest is StressFixture {
    uint256 private constant RAW = 1e12;
    /// @dev Of allocation · NAV, both in percent.
    uint256 private constant TRIGGER = 40 * 140;
    uint256 private constant TARGET = 40 * 120;

    function test_RevertWhen_ExposureWithinLimit() public {
        _longs();
        moveTo(ETH, ETH_PRICE);
        (uint256 exposure, uint256 limit) = (_exposure(skewOf(ETH)), _part(TRIGGER));
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.ExposureWithinLimit.selector, exposure, limit));
        deleverage(ETH);
    }

    function test_CutsTheLargerSideUntilTheTarget() public {
        _overexposed();
        (int256 value, Market memory before) = (tradersValue(ETH), cold.getMarket(ETH));
        uint256 target = _part(TARGET);
        deleverage(ETH);
        Market memory m = cold.getMarket(ETH);
        assertEq(tradersValue(ETH), value, "property 12: the traders' value");
        assertEq(m.shorts, before.shorts, "the smaller side stays");
        assertLt(m.longs, before.longs, "the larger side is cut");
        assertLe(_exposure(skewOf(ETH)), target, "down to the target");
        assertGt(_exposure(skewOf(ETH) + 1), target, "and not further");
        assertBooks();
    }

    function test_EveryPositionOfTheSideShrinksAlikeAtTheIndex() public {
        _overexposed();
        (int256 a, int256 b, int256 c) = (sizeOf(alice, ETH), sizeOf(bob, ETH), sizeOf(carol, ETH));
        (int256 va, int256 vb) = (valueOf(alice, ETH), valueOf(bob, ETH));
        uint256 before = cold.getMarket(ETH).longs;
        deleverage(ETH);
        int256 rest = int256(uint256(cold.getMarket(ETH).longs));
        assertLe(abs(a * rest / int256(before) - sizeOf(alice, ETH)), 1, "property 12: alice's fraction");
        assertLe(abs(b * rest / int256(before) - sizeOf(bob, ETH)), 1, "property 12: bob's fraction");
        assertEq(sizeOf(carol, ETH), c, "the other side stays");
        uint256 unit = cold.getMarket(ETH).index + 1;
        assertLe(abs(va - valueOf(alice, ETH)), unit, "alice's value");
        assertLe(abs(vb - valueOf(bob, ETH)), unit, "bob's value");
    }

    function test_TheLastHolderCloses() public {
        _overexposed();
        deleverage(ETH);
        closeAll(carol, ETH, 2150e18);
        closeAll(bob, ETH, 2150e18);
        closeAll(alice, ETH, 2150e18);
        Market memory m = cold.getMarket(ETH);
        assertLe(m.longs, 2, "property 2: a unit each position at most is nobody's");
        assertEq(m.shorts, 0, "shorts");
        assertEq(cold.getAccount(account(alice)).markets, 0, "out");
        assertBooks();
    }

    function test_WhoOpensAfterwardsIsNotCutByWhatWasBefore() public {
        _overexposed();
        deleverage(ETH);
        provide(1_000_000e6);
        trade(carol, ETH, 25 * UNIT, 2100e18);
        assertEq(sizeOf(carol, ETH), 5 * UNIT, "flipped to long");
        trade(alice, ETH, UNIT, 2100e18);
        leavePool(60_000e18);
        (int256 a, int256 c) = (sizeOf(alice, ETH), sizeOf(carol, ETH));
        moveTo(ETH, 2100e18);
        uint256 before = cold.getMarket(ETH).longs;
        deleverage(ETH);
        int256 rest = int256(uint256(cold.getMarket(ETH).longs));
        assertLe(abs(c * rest / int256(before) - sizeOf(carol, ETH)), 1, "carol by the second only");
        assertLe(abs(a * rest / int256(before) - sizeOf(alice, ETH)), 1, "alice as well");
    }

    function test_RevertWhen_TheCutIsLessThanAPercent() public {
        trade(bob, ETH, -100 * UNIT, ETH_PRICE);
        trade(alice, ETH, 100 * UNIT + UNIT / 2, ETH_PRICE);
        leavePool(100e18);
        moveTo(ETH, 3000e18);
        uint256 longs = cold.getMarket(ETH).longs;
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.NothingToDeleverage.selector, UNIT / 2, (longs + 99) / 100)
        );
        deleverage(ETH);
    }

    function test_RevertWhen_SettledOrUnknownOrHalted() public {
        _overexposed();
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, 7));
        deleverage(7);
        vm.prank(admin);
        cold.setPauseLevel(2);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.Paused.selector, 2, 1));
        deleverage(ETH);
        vm.prank(admin);
        cold.setPauseLevel(1);
        deleverage(ETH);
    }

    function test_APoolWithoutValueCarriesNoSkew() public {
        _wiped();
        assertEq(skewOf(ETH), 0, "no skew");
        assertEq(sizeOf(alice, ETH), 0, "alice has no size");
        assertGt(valueOf(alice, ETH), 0, "but her profit");
        assertEq(uint256(cold.getAccount(account(alice)).markets), 1, "still a position");
    }

    function test_WhatIsLeftOfAPositionIsSettledByAnybody() public {
        _wiped();
        int256 value = valueOf(alice, ETH);
        uint256 margin = marginOf(alice);
        uint256 cash = cold.getPool().cash;
        int256 nav = cold.solvency().netAssetValue;
        uint16 generation = cold.getPosition(account(alice), ETH).generation;
        int256 foreseen = risk.previewSettlement(account(alice), ETH);
        deleverager.settlePosition(account(alice), ETH);
        assertEq(foreseen, value / int256(RAW), "previewed");
        assertEq(marginOf(alice), margin + cash, "the pool's cash");
        assertEq(cold.unpaidClaim(account(alice)), uint256(value) / RAW - cash, "the rest is a claim");
        assertEq(cold.getAccount(account(alice)).markets, 0, "no position");
        assertEq(cold.getPosition(account(alice), ETH).generation, generation, "its life ended when its size did");
        assertLt(abs(cold.solvency().netAssetValue - nav), RAW, "the pool's value");
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NoPosition.selector, ETH));
        deleverager.settlePosition(account(alice), ETH);
        assertBooks();
    }

    function test_RevertWhen_SettlingAPositionWithSize() public {
        _longs();
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.MarketNotSettled.selector, ETH));
        deleverager.settlePosition(account(alice), ETH);
    }

    function test_WhatIsLeftOfAPositionGoesIntoTheNextOpening() public {
        _wiped();
        provide(1_000_000e6);
        int256 left = cold.getPosition(account(alice), ETH).cash;
        uint16 generation = cold.getPosition(account(alice), ETH).generation;
        trade(alice, ETH, UNIT, 2200e18);
        Position memory p = cold.getPosition(account(alice), ETH);
        // 2200 plus 5 bp and the impact 2200 · 1 / (2 · 10,000).
        assertEq(int256(p.cash), left - 2200e30 - 1.1e30 - 0.11e30, "cash");
        assertEq(p.generation, generation, "the new life has the number the wiped one ended with");
        assertEq(p.checkpoint, 1, "from the side's latest checkpoint");
    }

    function test_WhatIsLeftOfAPositionCountsForWithdrawalAndLiquidation() public {
        _wiped();
        assertEq(cold.getPosition(account(alice), ETH).size, 0, "no size");
        int256 equity = risk.getHealth(account(alice)).equity;
        assertEq(equity, int256(marginOf(alice)) + valueOf(alice, ETH) / int256(RAW), "equity");
        vm.warp(block.timestamp + 61);
        setPrice(ETH, 2200e18);
        uint256 margin = marginOf(alice) / 1e12;
        vm.prank(alice);
        cold.withdraw(account(alice), margin, alice, noUpdate);
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.liquidate(account(alice), noUpdate);
    }

    function test_ACommitAsksMarginForWhatTheCutLeavesToOpen() public {
        _overexposed();
        deleverage(ETH);
        uint256 left = abs(sizeOf(alice, ETH));
        // Selling her size of before opens a short of what was cut; what is asked for is from the last settlement.
        uint256 opens = uint256(uint88(80 * UNIT)) - left;
        uint256 required = 0.5e18 + (opens * cold.getQueue(ETH).marginPerUnit + 1e4 - 1) / 1e4;
        uint256 keeps = (required - 1) / RAW;
        vm.startPrank(alice);
        cold.withdraw(account(alice), marginOf(alice) / RAW - keeps, alice, noUpdate);
        Order[] memory orders = marketOrder(alice, -80 * UNIT);
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, Refusal.MarginTooLow, marginOf(alice), required)
        );
        engine.commit(ETH, orders);
        vm.stopPrank();
    }

    function test_PreviewIsTheCut() public {
        _overexposed();
        uint256 longs = cold.getMarket(ETH).longs;
        Price[] memory prices = oracle.presentPrices(3, noUpdate, PriceUse.Deleverage, address(this));
        Reduction memory r = risk.previewDeleveraging(ETH, prices);
        deleverage(ETH);
        assertEq(longs - cold.getMarket(ETH).longs, r.cut, "cut");
    }

    function test_NewParametersKeepWhatThePastRequires() public {
        _overexposed();
        deleverage(ETH);
        int256 size = sizeOf(alice, ETH);
        vm.prank(admin);
        cold.scheduleParameters(ETH, config(12_000e6), 50, 10 days);
        vm.warp(block.timestamp + 10 days);
        cold.advanceParameters(ETH);
        assertEq(uint256(cold.getMarketConfig(ETH).skewScale), 12_000e6, "in force");
        assertEq(sizeOf(alice, ETH), size, "caught up as before");
    }

    /// @dev Three traders on both sides, prices that jump, a pool that shrinks: whatever was cut, everybody gets out.
    /// forge-config: default.fuzz.runs = 20
    /// forge-config: ci.fuzz.runs = 400
    function testFuzz_AfterAnyNumberOfCutsEverybodyCanClose(uint256 seed) public {
        address[3] memory traders = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) {
            fund(traders[i], 10_000_000e6);
        }
        uint256 price = ETH_PRICE;
        uint256 cuts;
        for (uint256 i; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            price = bound(seed >> 8, price * 9 / 10, price * 11 / 10);
            int88 size = int88(int256(bound(seed >> 80, 1, 60))) * (seed & 1 == 0 ? UNIT : -UNIT);
            _allot(255);
            if (seed % 3 != 0) trade(traders[seed % 7 % 3], ETH, size, price);
            _allot(40);
            if (seed % 5 == 0) vm.warp(block.timestamp + 1 hours);
            if (cold.getPool().cash > 30_000e18 && !cold.getPool().claimsOpen) leavePool(30_000e18);
            moveTo(ETH, price);
            cuts += _cutIfDue();
        }
        for (uint256 i; i < 3; ++i) {
            if (sizeOf(traders[i], ETH) != 0) closeAll(traders[i], ETH, price);
            if (cold.getAccount(account(traders[i])).markets != 0) {
                deleverager.settlePosition(account(traders[i]), ETH);
            }
        }
        Market memory m = cold.getMarket(ETH);
        assertGt(cuts, 0, "no cut");
        assertLe(uint256(m.longs) + m.shorts, 24 * cuts, "property 2: what is nobody's");
        assertBooks();
    }

    /// @dev Opening stops at the whole allocation; here more of it stands than that, as it may after the pool has shrunk.
    function _allot(uint8 percent) private {
        MarketConfig memory c = cold.getMarketConfig(ETH);
        c.allocationPercent = percent;
        putConfig(ETH, c);
    }

    /// @return 1 when the market was cut.
    function _cutIfDue() private returns (uint256) {
        Price[] memory prices = oracle.presentPrices(3, noUpdate, PriceUse.Deleverage, address(this));
        Reduction memory r = risk.previewDeleveraging(ETH, prices);
        if (r.exposure <= r.limit || r.cut < r.least || r.cut == 0) return 0;
        (int256 value, int256 skew) = (tradersValue(ETH), skewOf(ETH));
        int256 nav = cold.solvency().netAssetValue;
        deleverage(ETH);
        assertEq(tradersValue(ETH), value, "property 12: the traders' value");
        assertLt(abs(skewOf(ETH)), abs(skew), "property 12: the skew shrinks");
        assertTrue(skewOf(ETH) == 0 || (skewOf(ETH) > 0) == (skew > 0), "property 12: and is not flipped");
        assertGe(cold.solvency().netAssetValue, nav, "the pool's value, by the reserve");
        int256 longs;
        int256 shorts;
        address[3] memory traders = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) {
            int256 size = sizeOf(traders[i], ETH);
            if (size > 0) longs += size;
            else shorts -= size;
        }
        Market memory m = cold.getMarket(ETH);
        assertLe(longs, int256(uint256(m.longs)), "property 2: longs");
        assertLe(shorts, int256(uint256(m.shorts)), "property 2: shorts");
        return 1;
    }

    // ---------------------------------------------------------------- scenes

    function _longs() private {
        trade(alice, ETH, 80 * UNIT, ETH_PRICE);
        trade(bob, ETH, 40 * UNIT, ETH_PRICE);
        trade(carol, ETH, -20 * UNIT, ETH_PRICE);
    }

    function _overexposed() private {
        _longs();
        leavePool(60_000e18);
        moveTo(ETH, 2100e18);
    }

    /// @dev Alice alone is long, in profit, and the pool's value is gone.
    function _wiped() private {
        trade(alice, ETH, 80 * UNIT, ETH_PRICE);
        leavePool(10_000e18);
        moveTo(ETH, 2200e18);
        deleverage(ETH);
    }

    function _exposure(int256 skew) private view returns (uint256) {
        int256 value = tradersValue(ETH);
        return (value > 0 ? uint256(value) : 0) + (abs(skew) * cold.getMarket(ETH).index * 20 + 99) / 100;
    }

    function _part(uint256 percent) private view returns (uint256) {
        int256 nav = cold.solvency().netAssetValue;
        return nav > 0 ? uint256(nav) * percent / 1e4 : 0;
    }
}
