// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../../src/engine/EngineTypes.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice 10 October 2025: deleveraging went down a queue of winners, whole positions at a time, and took tens of millions
/// more than was lacking. Here one index takes the same part of everybody, and no more than brings the exposure down.
contract Row07DeleveragingOvershootTest is IncidentFixture {
    uint256 private constant ALLOCATION = 40;
    uint256 private constant TARGET = 120;

    address[] private longs;

    function setUp() public override {
        super.setUp();
        longs = [alice, mallory, sybil, carol];
        fund(mallory, 30_000e6);
        fund(sybil, 30_000e6);
        fund(carol, 30_000e6);
        fund(bob, 500_000e6);
        trade(mallory, ETH, 60 * UNIT, ETH_PRICE);
        trade(sybil, ETH, 25 * UNIT, 2010e18);
        trade(carol, ETH, 40 * UNIT, 2020e18);
        _shrinkPool(80_000e18);
    }

    /// @dev The same rises for both: what the queue takes beyond what is lacking, ours never does.
    function test_TheIndexTakesOnlyWhatIsLacking() public {
        uint256 rounds;
        for (uint256 price = 2040e18; price <= 2200e18; price += 20e18) {
            moveTo(price);
            uint256 lacking = _lacking();
            uint256 side = cold.getMarket(ETH).longs;
            if (_exposure(0) <= _part(140) || lacking < side / 100 + 1) continue;
            (uint256 queue, uint256 target) = (_byQueue(lacking), _part(TARGET));
            setPrice(BTC, BTC_PRICE);
            deleverager.deleverage(ETH, noUpdate);
            uint256 taken = side - cold.getMarket(ETH).longs;
            assertEq(taken, lacking, "more was taken than was lacking");
            assertLe(_exposure(0), target, "exposure is above the target");
            assertGt(_exposure(1), target, "a unit less would have done");
            assertGt(queue, taken, "the queue overshot");
            ++rounds;
        }
        assertGt(rounds, 1, "nothing was deleveraged");
    }

    /// @dev Everybody of the side loses the same fraction, winners and latecomers alike; the other side loses nothing.
    function test_EverybodyLosesTheSamePart() public {
        moveTo(2100e18);
        setPrice(BTC, BTC_PRICE);
        uint256 side = cold.getMarket(ETH).longs;
        int256[] memory had = new int256[](longs.length);
        int256[] memory worth = new int256[](longs.length);
        for (uint256 i; i < longs.length; ++i) {
            (had[i], worth[i]) = (sizeOf(longs[i]), wealthOf(longs[i]));
        }
        int256 short = sizeOf(bob);
        deleverager.deleverage(ETH, noUpdate);
        uint256 rest = cold.getMarket(ETH).longs;
        assertLt(rest, side, "nothing was taken");
        for (uint256 i; i < longs.length; ++i) {
            int256 fair = had[i] * int256(rest) / int256(side);
            assertGe(sizeOf(longs[i]), fair - 1, "somebody lost more than the others");
            assertLe(sizeOf(longs[i]), fair, "somebody lost less than the others");
            assertLe(worth[i] - wealthOf(longs[i]), int256(2101e18), "what was cut was not paid at the index");
        }
        assertEq(sizeOf(bob), short, "the other side was cut");
    }

    /// @dev Whole positions, the greatest profit by its notional first, until no less than the lacking size is gone.
    function _byQueue(uint256 lacking) private view returns (uint256 taken) {
        Market memory m = cold.getAccruedMarket(ETH);
        bool[] memory gone = new bool[](longs.length);
        while (taken < lacking) {
            uint256 first = longs.length;
            int256 best = type(int256).min;
            for (uint256 i; i < longs.length; ++i) {
                int256 size = sizeOf(longs[i]);
                if (gone[i] || size == 0) continue;
                int256 cash = cold.getPosition(account(longs[i]), ETH).cash;
                int256 profit = (size * (int256(uint256(m.index)) - m.funding) + cash) / size;
                if (profit > best) (first, best) = (i, profit);
            }
            assertLt(first, longs.length, "the queue ran out");
            gone[first] = true;
            taken += uint256(sizeOf(longs[first]));
        }
    }

    /// @dev The least size whose leaving at the index brings the exposure to the target.
    function _lacking() private view returns (uint256) {
        Market memory m = cold.getAccruedMarket(ETH);
        uint256 skew = uint256(m.longs) - m.shorts;
        uint256 won = _won(m);
        uint256 target = _part(TARGET);
        uint256 left = target > won ? (target - won) * 5 / m.index : 0;
        return left < skew ? skew - left : 0;
    }

    /// @dev U⁺ and a fifth of the skew, `more` units added to it; USD, 30 decimals.
    function _exposure(uint256 more) private view returns (uint256) {
        Market memory m = cold.getAccruedMarket(ETH);
        return _won(m) + ((uint256(m.longs) - m.shorts + more) * m.index + 4) / 5;
    }

    function _won(Market memory m) private pure returns (uint256) {
        int256 value =
            (int256(uint256(m.longs)) - int256(uint256(m.shorts))) * (int256(uint256(m.index)) - m.funding) + m.cash;
        return value > 0 ? uint256(value) : 0;
    }

    /// @dev Percent of the market's allocation, USD, 30 decimals.
    function _part(uint256 percent) private view returns (uint256) {
        int256 nav = cold.solvency().netAssetValue;
        return nav > 0 ? uint256(nav) * ALLOCATION * percent / 10_000 : 0;
    }

    function _shrinkPool(uint256 cash) private {
        uint256 surplus = cold.getPool().cash - cash;
        vm.prank(admin);
        cold.removeLiquidity(surplus);
    }
}
