// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Failure} from "../../src/engine/EngineTypes.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {MarginMath, Portfolio} from "../../src/libraries/MarginMath.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {Holding, Liquidation, LiquidationMath} from "../../src/libraries/LiquidationMath.sol";
import {Outcome, Trade} from "../../src/libraries/TradeMath.sol";
import {BookKeeping, Books} from "./Books.sol";
import {Dice} from "./Cases.sol";

/// @notice At a constant index a trade changes the pool's net asset value by its part of the fee and the spread, and by
/// nothing else: whatever the price, skew, size and funding, and whoever pays.
contract NavNeutralityTest is BookKeeping {
    uint256 internal constant CASES = 500;

    /// @dev What the cases of one run came to.
    struct Seen {
        uint256 opened;
        uint256 reduced;
        uint256 closed;
        uint256 flipped;
        uint256 badDebt;
        uint256 waived;
        uint256 deferred;
        uint256 unitMore;
        uint256 failed;
    }

    /// forge-config: default.fuzz.runs = 2
    /// forge-config: ci.fuzz.runs = 30
    function testFuzz_ATradeChangesNavByItsFeeAndSpread(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Seen memory seen;
        for (uint256 i; i < CASES; ++i) {
            _oneTrade(dice, seen);
        }
        assertGt(seen.opened, CASES / 10, "few open");
        assertGt(seen.reduced, CASES / 10, "few reduce");
        assertGt(seen.closed, CASES / 20, "few close");
        assertGt(seen.flipped, CASES / 40, "few flip");
        assertGt(seen.unitMore, CASES / 20, "few leave a unit");
    }

    function _oneTrade(Dice memory dice, Seen memory seen) private pure {
        Books memory books = anyBooks(dice, 3);
        uint256 price = books.market.index;
        int256 size = books.positions[0].size;
        uint256 spread = chance(dice, 20) ? 0 : price / between(dice, 10, 10_000);
        Trade memory what = tradeOf(_delta(dice, books), price, spread);
        Portfolio memory others;
        if (chance(dice, 50)) others.value = int256(books.margins[0] * RAW);
        if (size != 0 && chance(dice, 40)) _toTheBrink(dice, books, others.value);
        else books.margins[0] += 2 * magnitudeOf(what.sizeDelta) * price / RAW;

        int256 before = netAssetValue(books, price);
        Outcome memory outcome = trade(books, 0, what, others);
        int256 gain = netAssetValue(books, price) - before;
        int256 left = books.positions[0].size;
        if (outcome.failure != Failure.None) {
            ++seen.failed;
            assertEq(gain, 0, "a failed trade changes NAV");
            assertEq(left, size, "a failed trade changes the position");
            return;
        }
        uint256 poolsFee = outcome.fee - outcome.fee * RESERVES_FEE_BPS / 1e4;
        gain -= int256(poolsFee * RAW + spread * magnitudeOf(outcome.sizeDelta)) - int256(outcome.badDebt * RAW);
        bool closes = size != 0 && (left == 0 || (size > 0) != (left > 0));
        assertGe(gain, 0, "NAV gains less than fee and spread");
        if (closes) assertLe(gain, int256(RAW), "a full close leaves a wad or more");
        else assertLe(gain, 1, "NAV gains more than fee and spread");
        _note(seen, size, left, outcome, gain);
    }

    /// @dev The bands go to the pool; what the account lacks of them and of its losses does not.
    /// forge-config: default.fuzz.runs = 200
    /// forge-config: ci.fuzz.runs = 2000
    function testFuzz_ALiquidationChangesNavByTheBandsAndBadDebt(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Books memory books = anyBooks(dice, 3);
        uint256 price = books.market.index;
        Price memory quote = priceOf(price, price / between(dice, 20, 10_000));
        if (chance(dice, 50)) _toTheBrink(dice, books, 0);
        else endanger(dice, books, 0, quote);
        int256 before = netAssetValue(books, price);
        (Liquidation memory result, Holding memory holding, int256 left) = liquidate(books, 0, quote);
        int256 gain = netAssetValue(books, price) - before;
        uint256 spread = LiquidationMath.closingSpread(quote, holding.sizeDelta > 0);
        int256 paid = int256(spread * magnitudeOf(holding.sizeDelta));
        bool short = books.positions[0].size == 0 && left < 0;
        if (short) paid += left;
        assertGe(gain, paid, "NAV gains less than the account can pay of the bands");
        assertLe(gain, paid + int256(RAW), "a liquidation leaves a wad or more");
        assertGe(gain + int256(result.badDebt * RAW), 0, "bad debt is less than the pool's loss");
        if (result.badDebt != 0) {
            assertLe(gain + int256(result.badDebt * RAW), 2 * int256(RAW), "bad debt of a wad more");
        }
    }

    function _note(Seen memory seen, int256 size, int256 left, Outcome memory outcome, int256 gain) private pure {
        if (left == 0) ++seen.closed;
        else if (size != 0 && (size > 0) != (left > 0)) ++seen.flipped;
        else if (magnitudeOf(left) > magnitudeOf(size)) ++seen.opened;
        else ++seen.reduced;
        if (outcome.fee == 0) ++seen.waived;
        if (outcome.badDebt != 0) ++seen.badDebt;
        if (outcome.deferred != 0) ++seen.deferred;
        if (gain == 1) ++seen.unitMore;
    }

    /// @dev An opening, a part of the position, all of it, or more than all.
    function _delta(Dice memory dice, Books memory books) private pure returns (int256) {
        int256 size = books.positions[0].size;
        uint256 kind = size == 0 ? 3 : roll(dice) % 5;
        if (kind == 0) return -size;
        int256 back = size > 0 ? -1 : int256(1);
        if (kind == 1) return back * int256(between(dice, 1, magnitudeOf(size)));
        return kind == 2 ? back * int256(_opening(dice, books)) - size : either(dice, _opening(dice, books));
    }

    /// @dev From $10 to what the caps of an empty market leave room for.
    function _opening(Dice memory dice, Books memory books) private pure returns (uint256) {
        uint256 least = 11e30 / uint256(books.market.index) + 1;
        uint256 cap = FillMath.skewScale(books.config) * books.config.skewCapBps / 1e4;
        uint256 most = Math.min(cap, largestSize(books.market.index) / 2);
        return magnitude(dice, least, Math.max(least, most));
    }

    /// @dev Margin with which the account's equity is a few dollars, or nothing.
    function _toTheBrink(Dice memory dice, Books memory books, int256 elsewhere) private pure {
        int256 value = MarginMath.value(books.positions[0], books.market.index, books.market.funding) + elsewhere;
        uint256 missing = value < 0 ? (uint256(-value) + RAW - 1) / RAW : 0;
        books.margins[0] = missing + magnitude(dice, 1, 1e20) - 1;
    }
}
