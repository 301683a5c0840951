// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoint, Market, MarketConfig, Position} from "../../../src/engine/EngineTypes.sol";
import {DeleveragingMath, Reduction} from "../../../src/libraries/DeleveragingMath.sol";
import {Liquidation} from "../../../src/libraries/LiquidationMath.sol";
import {Dice} from "../Cases.sol";
import {Held, HeldMath} from "../Held.sol";
import {Directions} from "./Directions.sol";

/// @notice DeleveragingMath, and what liquidation does with a position that deleveraging has left without size: a market
/// is cut no later and no less than exactly, and no position takes more out of its side than its part.
/// forge-config: ci.fuzz.runs = 10000
contract DeleveragingRoundingTest is Directions {
    /// @dev What the pool's part is measured against.
    struct Case {
        Market market;
        MarketConfig config;
        uint256 nav;
        uint256 skew;
        uint256 owed;
    }

    function testFuzz_TheExposureRoundsUpForThePool(uint256 seed) public pure {
        Case memory c = _anyCase(Dice(seed));
        Reduction memory r = DeleveragingMath.reductionOf(c.market, c.config, int256(c.nav));
        uint256 exact = c.skew * c.market.index * 20;
        assertUp(r.exposure - c.owed, exact, 100, "the exposure is below the exact one");
    }

    function testFuzz_TheLimitOfTheExposureRoundsDownForThePool(uint256 seed) public pure {
        Case memory c = _anyCase(Dice(seed));
        Reduction memory r = DeleveragingMath.reductionOf(c.market, c.config, int256(c.nav));
        assertDown(r.limit, c.nav * c.config.allocationPercent * 140, 1e4, "the limit is above the exact one");
    }

    function testFuzz_TheSkewThatIsLeftRoundsDownForThePool(uint256 seed) public pure {
        Case memory c = _anyCase(Dice(seed));
        Reduction memory r = DeleveragingMath.reductionOf(c.market, c.config, int256(c.nav));
        uint256 target = c.nav * c.config.allocationPercent * 120 / 1e4;
        uint256 left = c.skew - r.cut;
        if (left == c.skew || target <= c.owed) return;
        assertDown(left, (target - c.owed) * 5, c.market.index, "more skew is left than the exact one");
    }

    /// @dev Traders are owed what lies a raw unit of USD above the rounded target less the exposure of a whole number of
    /// base units, so that a target rounded up would spare one of them.
    function testFuzz_TheTargetOfTheExposureRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Case memory c = _anyCase(dice);
        c.market.index = uint96(magnitude(dice, LEAST_PRICE, LARGEST_PRICE) / 5 * 5);
        c.nav = c.nav / 10_000 * 10_000 + 1;
        uint256 target = c.nav * c.config.allocationPercent * 120 / 1e4;
        uint256 spared = target * 5 / c.market.index / 2 + 1;
        if (spared > c.skew || spared * c.market.index / 5 > target) return;
        c.owed = target + 1 - spared * c.market.index / 5;
        (c.market.funding, c.market.cash) = (int96(uint96(c.market.index)), int152(int256(c.owed)));
        Reduction memory r = DeleveragingMath.reductionOf(c.market, c.config, int256(c.nav));
        uint256 left = (c.owed * 5 + (c.skew - r.cut) * c.market.index) * 1e4;
        uint256 exact = c.nav * c.config.allocationPercent * 120 * 5;
        assertLe(left, exact, "the exposure left is above the exact target");
    }

    function testFuzz_TheLeastCutRoundsUpForTheTraders(uint256 seed) public pure {
        Case memory c = _anyCase(Dice(seed));
        Reduction memory r = DeleveragingMath.reductionOf(c.market, c.config, int256(c.nav));
        uint256 larger = c.market.longs > c.market.shorts ? c.market.longs : c.market.shorts;
        assertUp(r.least, larger, 100, "a side is cut by less than a percent");
    }

    function testFuzz_TheMultiplierRoundsDownForTheMarket(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Checkpoint memory from = Checkpoint(uint128(between(dice, 1 << 95, 1 << 127)), 0, 0);
        uint256 before = magnitude(dice, 1, type(uint88).max);
        uint256 rest = between(dice, 0, before);
        Checkpoint memory to = DeleveragingMath.advance(from, before, rest, 1e18);
        assertDown(
            to.multiplier,
            uint256(from.multiplier) * rest,
            before,
            "positions keep more than the open interest that is left"
        );
    }

    function testFuzz_ThePartOfASizeRoundsTowardZeroForTheMarket(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Position memory position, Checkpoint memory from, Checkpoint memory to) = _anyCarry(dice);
        int256 size = position.size;
        DeleveragingMath.carry(position, from, to);
        int256 exact = size * int256(uint256(to.multiplier));
        assertTrunc(position.size, exact, from.multiplier, "a position keeps more than its part of the open interest");
    }

    function testFuzz_ThePartOfTheCashOfACutRoundsTowardZeroForTheMarket(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Position memory position, Checkpoint memory from, Checkpoint memory to) = _anyCarry(dice);
        (int256 size, int256 cash) = (position.size, position.cash);
        DeleveragingMath.carry(position, from, to);
        int256 exact = size * (to.cash - from.cash);
        assertTrunc(
            position.cash - cash, exact, from.multiplier, "a position takes more than its part of the market's cash"
        );
    }

    function testFuzz_TheLossThatCanMoveRoundsDownForTheTrader(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        Position memory position;
        position.size = int88(anySize(dice, price));
        int256 funding = either(dice, magnitude(dice, 1, price));
        uint256 lost = magnitude(dice, 1, LARGEST_NOTIONAL);
        position.cash = int136(-int256(position.size) * (int256(price) - funding) - int256(lost));
        (uint256 amount, uint256 loss) =
            DeleveragingMath.crystallisable(position, price, funding, type(uint96).max, type(uint112).max);
        assertEq(amount, loss, "margin and claims are larger");
        assertDown(loss, lost, RAW, "more than the exact loss is charged");
    }

    /// @dev An account that has nothing but what deleveraging left, which is a loss beyond its margin.
    function testFuzz_TheLossOfAnEmptyPositionRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Held[] memory holdings = new Held[](1);
        holdings[0].config = anyConfig(dice, anyPrice(dice));
        uint256 margin = magnitude(dice, 1, 1e24);
        uint256 lacking = magnitude(dice, 1, 1e36);
        int256 cash = -int256(margin * RAW + lacking);
        (holdings[0].position.cash, holdings[0].market.cash) = (int136(cash), int152(cash));
        Liquidation memory result = HeldMath.liquidate(holdings, margin, 0);
        assertEq(result.closed, 1, "the empty position goes");
        assertUp(result.badDebt, lacking, RAW, "insurance covers less than the pool's loss");
    }

    function _anyCase(Dice memory dice) private pure returns (Case memory c) {
        uint256 price = anyPrice(dice);
        c.config.allocationPercent = uint8(between(dice, 1, 50));
        c.market.index = uint96(price);
        uint256 most = 16 * largestSize(price);
        if (most > type(uint88).max) most = type(uint88).max;
        (c.market.longs, c.market.shorts) = (uint88(magnitude(dice, 2, most)), uint88(magnitude(dice, 1, most)));
        int256 skew = int256(uint256(c.market.longs)) - int256(uint256(c.market.shorts));
        c.skew = uint256(skew < 0 ? -skew : skew);
        c.market.funding = int96(either(dice, magnitude(dice, 1, price)));
        c.owed = magnitude(dice, 1, 1e39);
        c.market.cash = int152(int256(c.owed) - skew * (int256(price) - c.market.funding));
        // From what bears nothing to what bears all.
        uint256 part = c.owed + c.skew * price / 5;
        c.nav = magnitude(dice, part / 8 + 1, part * 128);
    }

    function _anyCarry(Dice memory dice)
        private
        pure
        returns (Position memory position, Checkpoint memory from, Checkpoint memory to)
    {
        position.size = int88(either(dice, magnitude(dice, 1, LARGEST_SIZE)));
        position.cash = int136(either(dice, magnitude(dice, 1, 1 << 130)));
        from.multiplier = uint128(between(dice, 1 << 95, 1 << 127));
        to.multiplier = uint128(between(dice, 0, from.multiplier));
        from.cash = either(dice, magnitude(dice, 1, 1 << 138));
        to.cash = either(dice, magnitude(dice, 1, 1 << 138));
    }
}
