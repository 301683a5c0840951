// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../../src/engine/EngineTypes.sol";
import {PoolMath} from "../../src/libraries/PoolMath.sol";
import {VaultFixture} from "./VaultFixture.sol";

/// @notice What a market locks, against plain integers, and the engine's sum of it.
contract PoolMathTest is VaultFixture {
    function test_TheSmallestNotionalLocksAUnit() public pure {
        Market memory market;
        market.shorts = 1;
        assertEq(PoolMath.lockOf(market, 1), 1, "a fifth of a unit, rounded up");
        assertEq(PoolMath.lockOf(market, 0), 0, "of nothing, nothing");
    }

    function test_TheLargerSideAndTheGainsAreLocked() public pure {
        Market memory market;
        (market.longs, market.shorts) = (100e12, 40e12);
        (market.cash, market.funding) = (-60 * 2000e30, 10e18);
        assertEq(PoolMath.tradersValue(market, 2000e18), -600e30, "they have paid funding of $10 a unit");
        assertEq(PoolMath.lockOf(market, 2000e18), 40_000e30, "a fifth of 100 at $2,000");
        assertEq(PoolMath.lockOf(market, 2110e18), 42_200e30 + 6000e30, "and what 60 have won by $100");
    }

    function testFuzz_LockIsPlain(uint256 longs, uint256 shorts, uint256 price, int256 funding, int256 cash)
        public
        pure
    {
        Market memory market;
        (market.longs, market.shorts) = (uint88(bound(longs, 0, type(uint88).max)), uint88(bound(shorts, 0, 1e26)));
        price = bound(price, 0, 1e26);
        market.funding = int96(int256(bound(uint256(funding), 0, 2 * 64 * price)) - int256(64 * price));
        market.cash = int152(int256(bound(uint256(cash), 0, 2e42)) - 1e42);
        int256 value = (int256(uint256(market.longs)) - int256(uint256(market.shorts)))
            * (int256(price) - market.funding) + market.cash;
        uint256 notional = (market.longs > market.shorts ? market.longs : market.shorts) * price;
        uint256 least = notional / 5 + (value > 0 ? uint256(value) : 0);
        assertEq(PoolMath.lockOf(market, price), notional % 5 == 0 ? least : least + 1, "lock");
    }

    function test_TheSumIsRoundedUpOnce() public {
        provideShares(alice, 100_000e6);
        trade(bob, ETH, UNIT / 3, ETH_PRICE);
        trade(bob, BTC, -UNIT / 700, BTC_PRICE);
        (uint256 ethPrice, uint256 btcPrice) = (ETH_PRICE + 1_234_567_891, BTC_PRICE + 9_876_543_217);
        setPrice(ETH, ethPrice);
        setPrice(BTC, btcPrice);
        vm.prank(admin);
        (,, uint256 locked) = cold.priceLiquidity(noUpdate);
        uint256 raw = _largest(ETH) + _largest(BTC);
        assertGt(raw % 1e12, 0, "nothing to round");
        assertEq(locked, raw / 1e12 + 1, "locked");
    }

    function _largest(uint256 id) private view returns (uint256) {
        Market memory market = cold.getMarket(id);
        uint256 low = PoolMath.lockOf(market, oracle.peek(id).lo);
        uint256 high = PoolMath.lockOf(market, oracle.peek(id).hi);
        return low > high ? low : high;
    }
}
