// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {TradeMath} from "../../src/libraries/TradeMath.sol";
import {WidthFixture} from "./WidthFixture.sol";

/// @notice Markets at the edges of their words.
contract MarketWidthsTest is WidthFixture {
    /// @dev 4 % of the largest S, base units, 12 decimals.
    uint256 private constant LARGEST = uint256(type(uint64).max) * 1e6 * 400 / 10_000;
    /// @dev The least price at which so much is worth $10.
    uint256 private constant LEAST_PRICE = 10e30 / LARGEST + 1;
    uint256 private constant HOUR = 3600;

    function test_TheLargestPositionsAtTheSmallestPriceOpenAndClose() public {
        uint256 id = _largest();
        tradeAt(alice, id, type(int88).max, LEAST_PRICE);
        assertEq(sizeIn(alice, id), int256(LARGEST), "a long up to the cap");
        assertEq(uint256(cold.getMarket(id).longs), LARGEST, "and its side");
        tradeAt(bob, id, -type(int88).max, LEAST_PRICE);
        assertEq(sizeIn(bob, id), -int256(LARGEST), "a short up to the cap");
        assertEq(uint256(cold.getMarket(id).shorts), LARGEST, "and its side");
        assertExact();
        tradeAt(alice, id, -int88(int256(LARGEST)), LEAST_PRICE);
        tradeAt(bob, id, int88(int256(LARGEST)), LEAST_PRICE);
        Market memory m = cold.getMarket(id);
        assertEq(uint256(m.longs) + m.shorts, 0, "all closed");
        assertEq(int256(m.cash), 0, "and nothing left over");
        assertExact();
    }

    function test_TheLargestSkewIsSummedOverAnHour() public {
        uint256 id = _largest();
        tradeAt(alice, id, type(int88).max, LEAST_PRICE);
        vm.warp((block.timestamp / HOUR + 3) * HOUR - 1);
        cold.accrue(id);
        Market memory m = cold.getMarket(id);
        assertEq(int256(m.skewSeconds), int256(LARGEST * (HOUR - 1)), "longs");
        assertEq(int256(m.fundingRate), 4e15, "a tenth of 4 %");
        vm.warp(block.timestamp + 1);
        tradeAt(alice, id, -int88(int256(LARGEST)), LEAST_PRICE);
        tradeAt(bob, id, -type(int88).max, LEAST_PRICE);
        vm.warp((block.timestamp / HOUR + 3) * HOUR - 1);
        cold.accrue(id);
        m = cold.getMarket(id);
        assertEq(int256(m.skewSeconds), -int256(LARGEST * (HOUR - 1)), "shorts");
        assertEq(int256(m.fundingRate), -4e15, "the other way");
        assertExact();
    }

    /// @dev S may have fallen under a standing skew.
    function test_ARateStopsAtItsCap() public {
        MarketConfig memory c = config(10_000e6);
        (c.fundingCoefficientBps, c.fundingCapPpm) = (1000, 5000);
        putConfig(ETH, c);
        trade(alice, ETH, 100 * UNIT, ETH_PRICE);
        c.skewScale = 1000e6;
        putConfig(ETH, c);
        vm.warp(block.timestamp + 2 * HOUR);
        cold.accrue(ETH);
        assertEq(int256(cold.getMarket(ETH).fundingRate), 5e15, "half a percent an hour");
        assertExact();
    }

    function test_AMeterStopsAtTheSkewsCap() public {
        uint256 id = _largest();
        tradeAt(alice, id, type(int88).max, LEAST_PRICE);
        tradeAt(bob, id, -type(int88).max, LEAST_PRICE);
        // Whoever has lost nearly all is liquidated whole.
        put(accountSlot(alice), 0, 96, 1e12);
        vm.warp(block.timestamp + 3);
        oracle.set(id, LEAST_PRICE, block.timestamp, 0, 0);
        vm.prank(keeper);
        engine.liquidate(account(alice), noUpdate);
        assertEq(sizeIn(alice, id), 0, "closed");
        assertEq(uint256(cold.getMarketRisk(id).metered), LARGEST, "full");
        assertEq(uint256(cold.getMarketRisk(id).meteredAt), block.timestamp, "its neighbour");
    }

    function test_ThePriceOfOneHundredMillionIsTakenAndNoLarger() public {
        uint256 id = list(config(1e6), 1e26, 50);
        tradeAt(alice, id, 1e9, 1e26);
        assertEq(sizeIn(alice, id), 1e9, "opened");
        assertEq(uint256(cold.getMarket(id).index), 1e26, "index");
        tradeAt(alice, id, -1e9, 1e26);
        assertEq(sizeIn(alice, id), 0, "closed");
        assertExact();
        vm.warp(block.timestamp + 1);
        oracle.set(id, 1e26 + 1, block.timestamp, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.PriceTooLarge.selector, 1e26 + 1, 1e26));
        cold.updateIndices(1 << id, noUpdate);
        oracle.set(id + 1, 1e26 + 1, block.timestamp, 0, 0);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.PriceTooLarge.selector, 1e26 + 1, 1e26));
        cold.listMarket(config(1e6), 50);
    }

    function test_FundingStopsAt64TimesTheLargestIndex() public {
        uint256 id = list(config(1e6), 1e26, 50);
        tradeAt(alice, id, 5e9, 1e26);
        put(bytes32(uint256(marketSlot(id)) + 1), 0, 96, 64e26 - 1);
        vm.warp(block.timestamp + 3 * HOUR);
        cold.accrue(id);
        assertEq(int256(cold.getMarket(id).funding), 64e26, "up");
        vm.warp(block.timestamp + 1);
        oracle.set(id, 1e26, block.timestamp, 0, 0);
        tradeAt(bob, id, -8e9, 1e26);
        assertEq(sizeIn(bob, id), -8e9, "shorts are more");
        put(bytes32(uint256(marketSlot(id)) + 1), 0, 96, uint256(-int256(64e26 - 1)));
        vm.warp(block.timestamp + 3 * HOUR);
        cold.accrue(id);
        assertEq(int256(cold.getMarket(id).funding), -64e26, "down");
        assertEq(uint256(cold.getMarket(id).index), 1e26, "its neighbour");
    }

    /// @dev Beyond ± 64 · index it may be, when the index has fallen; it never moves on.
    function test_FundingAtTheEdgesOfItsWidthStays() public {
        trade(alice, ETH, 100 * UNIT, ETH_PRICE);
        bytes32 slot = bytes32(uint256(marketSlot(ETH)) + 1);
        put(slot, 0, 96, uint256(int256(type(int96).max)));
        vm.warp(block.timestamp + 3 * HOUR);
        cold.accrue(ETH);
        assertEq(int256(cold.getMarket(ETH).funding), type(int96).max, "up");
        put(slot, 0, 96, 0);
        trade(bob, ETH, -200 * UNIT, ETH_PRICE);
        assertEq(sizeIn(bob, ETH), -200 * UNIT, "shorts are more");
        put(slot, 0, 96, uint256(int256(type(int96).min)));
        vm.warp(block.timestamp + 3 * HOUR);
        cold.accrue(ETH);
        assertEq(int256(cold.getMarket(ETH).funding), type(int96).min, "down");
        assertExact();
    }

    /// @dev $39 billion of profit against a pool of one million: the rest is claimed.
    function test_AProfitFromTheWidestFundingIsPaidAndClaimed() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        put(bytes32(uint256(marketSlot(ETH)) + 1), 0, 96, uint256(int256(type(int96).min)));
        trade(alice, ETH, -UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), 0, "closed");
        assertEq(int256(cold.getMarket(ETH).cash), 0, "nothing left over");
        assertEq(uint256(cold.getPool().cash), 0, "the pool has paid all it had");
        uint256 unpaid = cold.unpaidClaim(account(alice));
        assertGe(unpaid, cold.getClaims().outstanding, "the rest is claimed");
        // Rounded up by 27 decimals of it.
        assertLe(unpaid - cold.getClaims().outstanding, 40, "and no more");
        assertGt(uint256(cold.getClaims().outstanding), 39e27, "all of it");
        assertExact();
    }

    function test_AMarketsCashWithoutRoomRefusesWhatWouldLeaveIt() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        trade(bob, ETH, -UNIT, ETH_PRICE);
        put(bytes32(uint256(marketSlot(ETH)) + 2), 0, 152, uint256(int256(type(int152).min)));
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "an opening fails");
        assertEq(uint256(cold.getQueue(ETH).head), 3, "and the queue moves on");
        vm.warp(block.timestamp + 61);
        setPrice(ETH, ETH_PRICE);
        vm.prank(bob);
        vm.expectPartialRevert(TradeMath.CashOutOfRange.selector);
        engine.closeNow(account(bob), ETH, uint88(UNIT), type(uint96).max, noUpdate);
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        vm.prank(bob);
        engine.closeNow(account(bob), ETH, uint88(UNIT), type(uint96).max, noUpdate);
        assertEq(sizeIn(alice, ETH) + sizeIn(bob, ETH), 0, "once there is room both close");
        assertExact();
    }

    function test_EveryParameterAtItsUpperBoundIsKeptAndTraded() public {
        MarketConfig memory c = _bounds();
        uint256 id = list(c, LEAST_PRICE, 500);
        c.flags |= 1;
        vm.assertEq(abi.encode(cold.getMarketConfig(id)), abi.encode(c), "kept");
        assertEq(uint256(cold.getQueue(id).keeperFeeCents), 500, "keeper fee");
        tradeAt(alice, id, type(int88).max, LEAST_PRICE);
        assertEq(sizeIn(alice, id), int256(LARGEST), "opened");
        tradeAt(alice, id, type(int88).min + 1, LEAST_PRICE);
        vm.assertEq(abi.encode(cold.getMarketConfig(id)), abi.encode(c), "still");
        assertExact();
    }

    function test_EveryParameterBeyondItsUpperBoundIsRefused() public {
        MarketConfig memory c = _bounds();
        c.initialMarginBps = 10_001;
        _refused(c, "initialMarginBps", 10_001, 10_000);
        c = _bounds();
        c.maintenanceMarginBps = 8001;
        _refused(c, "maintenanceMarginBps", 8001, 8000);
        c = _bounds();
        c.marginSlopeBps = 50_001;
        _refused(c, "marginSlopeBps", 50_001, 50_000);
        c = _bounds();
        c.openInterestCapBps = 401;
        _refused(c, "openInterestCapBps", 401, 400);
        c = _bounds();
        c.skewCapBps = 401;
        _refused(c, "skewCapBps", 401, 400);
        c = _bounds();
        c.profitWeightBps = 9501;
        _refused(c, "profitWeightBps", 9501, 9500);
        c = _bounds();
        c.makerFeePpm = 2001;
        _refused(c, "makerFeePpm", 2001, 2000);
        c = _bounds();
        c.takerFeePpm = 2001;
        _refused(c, "takerFeePpm", 2001, 2000);
        c = _bounds();
        c.accountCapPercent = 101;
        _refused(c, "accountCapPercent", 101, 100);
        c = _bounds();
        c.fundingCoefficientBps = 1001;
        _refused(c, "fundingCoefficientBps", 1001, 1000);
        c = _bounds();
        c.fundingCapPpm = 5001;
        _refused(c, "fundingCapPpm", 5001, 5000);
        c = _bounds();
        c.allocationPercent = 51;
        _refused(c, "allocationPercent", 51, 50);
        c = _bounds();
        c.flags = 4;
        _refused(c, "flags", 4, 3);
    }

    /// @dev A settled market is never halted: its clock stands still anyway.
    function test_AMarketWithEveryFlagThatMeetIsLeft() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        bytes32 slot = configSlot(ETH);
        put(slot, 248, 8, 1 | 2 | 8 | 16);
        vm.startPrank(admin);
        cold.setPauseLevel(2);
        assertEq(uint256(cold.getMarketConfig(ETH).flags), 27, "not halted");
        cold.setPauseLevel(0);
        vm.stopPrank();
        deleverager.settlePosition(account(alice), ETH);
        assertEq(sizeIn(alice, ETH), 0, "left");
        assertEq(uint256(cold.getMarketConfig(ETH).allocationPercent), 40, "its neighbour");
        assertExact();
    }

    function _largest() private returns (uint256) {
        MarketConfig memory c = config(type(uint64).max);
        (c.skewCapBps, c.fundingCoefficientBps, c.fundingCapPpm) = (400, 1000, 5000);
        return list(c, LEAST_PRICE, 50);
    }

    function _bounds() private pure returns (MarketConfig memory) {
        return MarketConfig({
            skewScale: type(uint64).max,
            initialMarginBps: 10_000,
            maintenanceMarginBps: 8000,
            marginSlopeBps: 50_000,
            skewCapBps: 400,
            openInterestCapBps: 400,
            profitWeightBps: 9500,
            makerFeePpm: 2000,
            takerFeePpm: 2000,
            penaltyBps: 255,
            accountCapPercent: 100,
            fundingCoefficientBps: 1000,
            fundingCapPpm: 5000,
            allocationPercent: 50,
            flags: 0
        });
    }

    function _refused(MarketConfig memory c, bytes32 name, uint256 value, uint256 limit) private {
        oracle.set(2, ETH_PRICE, block.timestamp, 0, 0);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, name, value, limit));
        cold.listMarket(c, 500);
    }
}
