// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig} from "../../src/engine/EngineTypes.sol";
import {Health} from "../../src/interfaces/IRiskManager.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice dYdX, November 2023: the unrealised profit of a rising market opened ever more of it, over a hundred wallets,
/// until the price turned and the insurance fund paid. Here profit counts less than whole, size asks for more margin, and
/// what stands open in a market is bounded by its allocation, whoever holds it.
contract Row03DydxPyramidTest is IncidentFixture {
    uint256 private constant WALLETS = 12;
    uint256 private constant CAPITAL = 3000e6;

    address[] private wallets;

    /// @dev So small that the allocation is the first cap in the pyramid's way: 40 % of it lock 150 base units.
    function poolAssets() internal pure override returns (uint256) {
        return 150_000e6;
    }

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < WALLETS; ++i) {
            wallets.push(makeAddr(vm.toString(i)));
            fund(wallets[i], CAPITAL);
        }
    }

    /// @dev Twelve wallets buy whatever is let through at each of ten rises of 1 %; then the price falls by 30 %.
    function test_APyramidIsBoundedByTheAllocation() public {
        begin();
        uint256 price = ETH_PRICE;
        for (uint256 i; i < 10; ++i) {
            for (uint256 j; j < WALLETS; ++j) {
                uint256 before = cold.getMarket(ETH).longs;
                _buyAll(wallets[j], price);
                if (cold.getMarket(ETH).longs != before) _assertWithinAllocation(price);
            }
            price = price * 101 / 100;
            moveTo(price);
        }
        uint256 lock = uint256(cold.getMarket(ETH).longs) * price / 5;
        assertGt(lock * 2, _allotted() * 1e12, "the pyramid was never built");
        assertLe(lock, _allotted() * 1e12 * price / ETH_PRICE, "more stands open than the allocation bears");

        moveTo(price * 7 / 10);
        uint256 beyond = _beyondMargins();
        // At the top each had its initial margin, a tenth: of a fall of 30 % at most a fifth of the notional is left over.
        assertGt(beyond, 0, "the fall was within the margins");
        assertLe(beyond, lock, "the loss beyond margins exceeds what was allotted");
        _liquidateAll();
        assertGe(poolGain(), 0, "the pool paid for a profit that was never realised");
    }

    /// @dev Of a profit only w opens more: the rest is a reserve for the turn.
    function test_ProfitCountsLessThanWhole() public {
        trade(wallets[0], ETH, 12 * UNIT, ETH_PRICE);
        moveTo(2080e18);
        int256 profit = wealthOf(wallets[0]) - int256(uint256(cold.getAccount(account(wallets[0])).margin)) * 1e12;
        assertGt(profit, 900e30, "no profit");
        _buyAll(wallets[0], 2080e18);
        assertGt(sizeOf(wallets[0]), 12 * UNIT, "nothing was added");
        Health memory health = risk.getHealth(account(wallets[0]));
        assertGe(
            health.equity, int256(health.initialMargin) + profit / 1e12 / 5, "the whole profit opened new positions"
        );
    }

    /// @dev A size in one account asks for a larger part of it than half of it does.
    function test_SizeAsksForMoreThanItsShare() public {
        fund(wallets[0], 60_000e6);
        trade(wallets[0], ETH, 10 * UNIT, ETH_PRICE);
        trade(wallets[1], ETH, 5 * UNIT, ETH_PRICE);
        uint256 whole = risk.getHealth(account(wallets[0])).initialMargin;
        uint256 half = risk.getHealth(account(wallets[1])).initialMargin;
        // β · (10 · 10 − 2 · 5 · 5) / S of the price, and the reward's buffer, which is proportional here.
        assertGe(whole, 2 * half + 10e18, "size costs nothing");
    }

    /// @dev Ever smaller orders, until none fits any more; one that the caps bind fills in part.
    function _buyAll(address who, uint256 price) private {
        for (int88 size = 64 * UNIT; size >= UNIT; size /= 2) {
            if (uint256(int256(size)) * price / 1e12 > _marginsWorth(who)) continue;
            if (cold.getAccount(account(who)).margin < 0.5e18) return;
            trade(who, ETH, size, price);
        }
    }

    /// @dev What a commit lets an account ask for: a tenth of it must be there.
    function _marginsWorth(address who) private view returns (uint256) {
        return (uint256(cold.getAccount(account(who)).margin) - 0.5e18) * 9;
    }

    function _assertWithinAllocation(uint256 price) private view {
        assertLe(_stake(price), _allotted() * 1e12, "more was opened than the allocation bears");
    }

    /// @dev A fifth of the larger side and what the traders have already won, USD, 30 decimals.
    function _stake(uint256 price) private view returns (uint256) {
        Market memory m = cold.getAccruedMarket(ETH);
        int256 won = (int256(uint256(m.longs)) - int256(uint256(m.shorts))) * (int256(price) - m.funding) + m.cash;
        uint256 larger = m.longs > m.shorts ? m.longs : m.shorts;
        return larger * price / 5 + (won > 0 ? uint256(won) : 0);
    }

    /// @dev USD, 18 decimals.
    function _allotted() private view returns (uint256) {
        MarketConfig memory c = cold.getMarketConfig(ETH);
        return uint256(cold.getPool().cash) * c.allocationPercent / 100;
    }

    /// @dev What the wallets' losses exceed their margins by, USD, 30 decimals.
    function _beyondMargins() private view returns (uint256 beyond) {
        for (uint256 i; i < WALLETS; ++i) {
            int256 equity = risk.getHealth(account(wallets[i])).equity;
            if (equity < 0) beyond += uint256(-equity) * 1e12;
        }
    }

    function _liquidateAll() private {
        for (uint256 i; i < WALLETS; ++i) {
            if (sizeOf(wallets[i]) == 0) continue;
            vm.prank(keeper);
            engine.liquidate(account(wallets[i]), noUpdate);
        }
    }
}
