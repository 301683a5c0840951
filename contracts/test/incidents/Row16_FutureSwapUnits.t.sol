// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {Health} from "../../src/interfaces/IRiskManager.sol";
import {IncidentFixture} from "./IncidentFixture.sol";
import {Wealth} from "./Wealth.sol";

/// @notice FutureSwap, January 2026: an amount read as basis points. Here names carry their unit, and each quantity is
/// what its name says wherever it is used: counted again in plain integers, at amounts that could be mistaken for another.
contract Row16FutureSwapUnitsTest is IncidentFixture {
    uint256 private constant BPS = 1e4;
    uint256 private constant PPM = 1e6;
    /// @dev Size units per base unit.
    uint256 private constant SIZE_UNIT = 1e12;
    uint256 private market;
    MarketConfig private listed;

    /// @dev Assets are USDC units, margins wads: nothing is created or lost between them, small and large.
    function testFuzz_AssetsAreTokenUnits(uint256 assets) public {
        assets = bound(assets, 1, 1_000_000_000e6);
        // The hour's first, so that whatever comes after it may leave in the same hour.
        fund(mallory, 1);
        vm.prank(mallory);
        cold.withdraw(account(mallory), 1, mallory, noUpdate);
        usdc.mint(mallory, assets);
        uint256 held = usdc.balanceOf(address(engine));
        vm.startPrank(mallory);
        usdc.approve(address(engine), assets);
        engine.deposit(account(mallory), assets);
        assertEq(uint256(cold.getAccount(account(mallory)).margin), assets * 1e12, "margin");
        assertEq(usdc.balanceOf(address(engine)) - held, assets, "tokens in");
        vm.expectRevert();
        cold.withdraw(account(mallory), assets + 1, mallory, noUpdate);
        cold.withdraw(account(mallory), assets, mallory, noUpdate);
        vm.stopPrank();
        assertEq(usdc.balanceOf(mallory), assets + 1, "tokens out");
    }

    /// @dev A deposit of liquidity, too: shares by value, value by assets.
    function testFuzz_LiquidityIsTokenUnits(uint256 assets) public {
        assets = bound(assets, 1, 1_000_000_000e6);
        int256 value = cold.solvency().netAssetValue;
        uint256 shares = provideShares(mallory, assets);
        assertEq(cold.solvency().netAssetValue - value, int256(assets) * 1e24, "value");
        assertLe(sharesWorth(shares), assets * 1e24, "shares are worth no more");
    }

    /// @dev Fees are parts per million of notional, the keeper's fee is cents, margins are basis points.
    function testFuzz_FeesAndMarginsAreWhatTheirNamesSay(uint16 fee, uint16 cents, uint16 initial, uint64 size) public {
        _list(uint16(bound(fee, 1, 2000)), uint16(bound(cents, 0, 500)), uint16(bound(initial, 900, 10_000)), 50);
        uint256 units = bound(size, SIZE_UNIT, 150 * SIZE_UNIT);
        fund(mallory, 1_000_000e6);
        _trade(int88(int256(units)));

        uint256 notional = units * ETH_PRICE;
        uint256 paid = 1_000_000e18 - cold.getAccount(account(mallory)).margin;
        uint256 charged = paid - uint256(bound(cents, 0, 500)) * 1e16;
        _assertRoundedUp(charged, notional * listed.takerFeePpm, PPM * SIZE_UNIT, "fee");

        Health memory health = risk.getHealth(account(mallory));
        // IM + β · |size| / S, then B = clamp(10 bp, $2, $500).
        uint256 slope = notional * listed.marginSlopeBps / BPS * units / (uint256(listed.skewScale) * 1e6);
        uint256 buffer = notional * 10 / BPS / SIZE_UNIT;
        buffer = buffer < 2e18 ? 2e18 : buffer > 500e18 ? 500e18 : buffer;
        uint256 required = (notional * listed.initialMarginBps / BPS + slope) / SIZE_UNIT + buffer;
        _assertNear(health.initialMargin, required, notional / SIZE_UNIT, "initial margin");
        required = (required - buffer) * listed.maintenanceMarginBps / listed.initialMarginBps + buffer;
        _assertNear(health.maintenanceMargin, required, notional / SIZE_UNIT, "maintenance margin");
        assertEq(health.notional, notional / SIZE_UNIT, "notional");
    }

    /// @dev The penalty is basis points of what was liquidated, and no more than the account had beside.
    function testFuzz_ThePenaltyIsBasisPoints(uint16 penalty) public {
        _list(500, 50, 1000, uint8(bound(penalty, 5, 150)));
        fund(mallory, 24_000e6);
        _trade(100 * UNIT);
        vm.warp(block.timestamp + 1);
        oracle.set(market, 1860e18, block.timestamp, 5, 10);
        cold.updateIndices(1 << market, noUpdate);
        uint256 before = Wealth.reserves(cold);
        vm.prank(keeper);
        engine.liquidate(account(mallory), noUpdate);
        int256 left = cold.getPosition(account(mallory), market).size;
        uint256 closed = uint256(int256(100 * UNIT) - left) * 1860e18;
        _assertRoundedUp(Wealth.reserves(cold) - before, closed * listed.penaltyBps, BPS * SIZE_UNIT, "penalty");
    }

    function _list(uint16 takerFeePpm, uint16 keeperFeeCents, uint16 initialMarginBps, uint8 penaltyBps) private {
        listed = config(10_000e6);
        (listed.takerFeePpm, listed.makerFeePpm) = (takerFeePpm, 0);
        listed.initialMarginBps = initialMarginBps;
        listed.maintenanceMarginBps = uint16(uint256(initialMarginBps) * 6 / 10);
        listed.penaltyBps = penaltyBps;
        oracle.set(2, ETH_PRICE, block.timestamp, 5, 10);
        vm.prank(admin);
        market = cold.listMarket(listed, keeperFeeCents);
    }

    function _trade(int88 size) private {
        Order[] memory orders = marketOrder(mallory, size);
        commit(mallory, market, orders);
        vm.warp(block.timestamp + 3);
        oracle.set(market, ETH_PRICE, block.timestamp, 5, 10);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.prank(keeper);
        engine.settle(market, batches, noUpdate);
        assertEq(int256(cold.getPosition(account(mallory), market).size), size, "filled");
    }

    /// @dev product / divisor, to the next wad.
    function _assertRoundedUp(uint256 actual, uint256 product, uint256 divisor, string memory what) private pure {
        assertGe(actual + 1, product / divisor, what);
        assertLe(actual, product / divisor + 1, what);
    }

    /// @dev Ratios have 18 decimals, so a requirement is exact to a wad per unit of notional.
    function _assertNear(uint256 actual, uint256 expected, uint256 notional, string memory what) private pure {
        uint256 slack = notional / 1e18 + 4;
        assertGe(actual + slack, expected, what);
        assertLe(actual, expected + slack, what);
    }
}
