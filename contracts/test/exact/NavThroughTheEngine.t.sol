// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";
import {Vm} from "../foundry/Vm.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice The same through committed orders and immediate closes, by the engine's own books: markets of any price and
/// parameters, hours of funding in between.
contract NavThroughTheEngineTest is EngineFixture, Cases {
    uint256 internal constant MARKET = 2;
    uint256 internal constant TRADES = 14;

    address[] private _traders;

    function setUp() public override {
        super.setUp();
        // Enough for every market here: what binds are the curve's own caps.
        provide(6e16);
        for (uint256 i; i < 3; ++i) {
            _traders.push(makeAddr(vm.toString(i)));
            fund(_traders[i], 2e15);
        }
    }

    /// forge-config: default.fuzz.runs = 6
    /// forge-config: ci.fuzz.runs = 60
    function testFuzz_ATradeChangesNavByItsFeeAndSpread(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice) * 99 / 100;
        uint256 half = between(dice, 0, 50);
        MarketConfig memory c = anyConfig(dice, price);
        oracle.set(MARKET, price, block.timestamp, half, 10);
        vm.prank(admin);
        cold.listMarket(c, 50);
        uint256 filled;
        for (uint256 i; i < TRADES; ++i) {
            vm.warp(block.timestamp + between(dice, 1, chance(dice, 50) ? 60 : 9000));
            address trader = _traders[roll(dice) % 3];
            int256 size = cold.getPosition(account(trader), MARKET).size;
            if (size != 0 && chance(dice, 25)) filled += _closeNow(dice, trader, size, price, half);
            else filled += _order(trader, _delta(dice, c, size, price), price, half);
        }
        assertGt(filled, TRADES / 3, "few fill");
    }

    /// @return 1 when it filled.
    function _order(address trader, int256 sizeDelta, uint256 price, uint256 half) private returns (uint256) {
        Order[] memory orders = marketOrder(trader, int88(sizeDelta));
        commit(trader, MARKET, orders);
        vm.warp(block.timestamp + 3);
        oracle.set(MARKET, price, block.timestamp, half, 10);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        int256 size = cold.getPosition(account(trader), MARKET).size;
        int256 before = cold.solvency().netAssetValue;
        vm.recordLogs();
        vm.prank(keeper);
        engine.settle(MARKET, batches, noUpdate);
        uint256 spread = (price * half + 9999) / 10_000;
        return _check(trader, size, before, spread, IEngineEvents.OrderFilled.selector);
    }

    function _closeNow(Dice memory dice, address trader, int256 size, uint256 price, uint256 half)
        private
        returns (uint256)
    {
        vm.warp(block.timestamp + 60);
        oracle.set(MARKET, price, block.timestamp, half, 10);
        uint256 part = chance(dice, 40) ? uint256(int256(LARGEST_SIZE)) : between(dice, 1, _abs(size));
        int256 before = cold.solvency().netAssetValue;
        vm.recordLogs();
        vm.prank(trader);
        engine.closeNow(account(trader), MARKET, part, size > 0 ? 0 : type(uint96).max, noUpdate);
        uint256 halfWidth = (price * half + 9999) / 10_000;
        uint256 surcharge = Math.max(halfWidth, (price + 999) / 1000);
        uint256 band = halfWidth + price * 10 / 10_000;
        return _check(trader, size, before, band + surcharge, IEngineEvents.PositionClosed.selector);
    }

    /// @dev What NAV gained beyond the pool's part of the fee and the spread.
    function _check(address trader, int256 size, int256 before, uint256 spread, bytes32 selector)
        private
        returns (uint256)
    {
        int256 gain = cold.solvency().netAssetValue - before;
        (int256 filled, uint256 fee) = _filled(selector);
        int256 left = cold.getPosition(account(trader), MARKET).size;
        gain -= int256((fee - fee * 3000 / 1e4) * RAW + spread * _abs(filled));
        assertGe(gain, 0, "NAV gains less than fee and spread");
        bool closes = size != 0 && (left == 0 || (size > 0) != (left > 0));
        if (closes) assertLe(gain, int256(RAW), "a full close leaves a wad or more");
        else assertLe(gain, 1, "NAV gains more than fee and spread");
        return filled == 0 ? 0 : 1;
    }

    function _filled(bytes32 selector) private returns (int256 sizeDelta, uint256 fee) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != selector) continue;
            (uint256 change,, uint256 paid) = abi.decode(logs[i].data, (uint256, uint256, uint256));
            (sizeDelta, fee) = (int88(uint88(change)), paid >> 96 & type(uint96).max);
        }
    }

    function _delta(Dice memory dice, MarketConfig memory c, int256 size, uint256 price) private pure returns (int256) {
        uint256 least = 11e30 / price + 1;
        uint256 most = Math.min(uint256(c.skewScale) * c.skewCapBps * 100 / 2, largestSize(price) / 2);
        int256 opening = either(dice, magnitude(dice, least, Math.max(least, most)));
        uint256 kind = size == 0 ? 3 : roll(dice) % 5;
        if (kind == 0) return -size;
        if (kind == 1) return -size + (size > 0 ? -int256(_abs(opening)) : int256(_abs(opening)));
        if (kind == 2) return -size / int256(between(dice, 1, 5));
        return opening;
    }

    function _abs(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
