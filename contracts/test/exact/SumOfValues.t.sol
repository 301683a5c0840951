// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Failure, Market, Position} from "../../src/engine/EngineTypes.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {MarginMath, Portfolio} from "../../src/libraries/MarginMath.sol";
import {Outcome, Trade} from "../../src/libraries/TradeMath.sol";
import {BookKeeping, Books} from "./Books.sol";
import {Dice} from "./Cases.sol";

/// @notice After any mixture of trades, funding, price moves, closes and liquidations the market's aggregate is its
/// positions' sum, to the last unit, and no cash has appeared or gone.
contract SumOfValuesTest is BookKeeping {
    uint256 internal constant POSITIONS = 12;
    uint256 internal constant STEPS = 200;

    /// @dev How many steps of each kind did something.
    struct Seen {
        uint256 fills;
        uint256 closes;
        uint256 liquidations;
        uint256 deferred;
        uint256 funded;
    }

    /// forge-config: default.fuzz.runs = 4
    /// forge-config: ci.fuzz.runs = 150
    function testFuzz_TheAggregateIsTheSum(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Books memory books = anyBooks(dice, POSITIONS);
        uint256 scale = FillMath.skewScale(books.config);
        Seen memory seen;
        int256 cash = _cash(books);
        for (uint256 i; i < STEPS; ++i) {
            uint256 kind = roll(dice) % 10;
            if (kind < 6) _trade(dice, books, seen, scale);
            else if (kind < 7) _liquidate(dice, books, seen);
            else if (kind < 9) _wait(dice, books, seen);
            else books.market.index = uint96(_moved(dice, books.market.index));
            _check(dice, books);
            assertEq(_cash(books), cash, "cash appeared or went");
        }
        assertGt(seen.fills, STEPS / 10, "few trades fill");
    }

    function _check(Dice memory dice, Books memory books) private pure {
        Market memory market = books.market;
        uint256 price = anyPrice(dice);
        (uint256 longs, uint256 shorts, int256 cash, int256 value) = (0, 0, 0, 0);
        for (uint256 i; i < POSITIONS; ++i) {
            Position memory position = books.positions[i];
            if (position.size > 0) longs += magnitudeOf(position.size);
            else shorts += magnitudeOf(position.size);
            cash += position.cash;
            value += MarginMath.value(position, price, market.funding);
            if (position.size == 0) assertEq(position.cash, 0, "cash without a position");
        }
        assertEq(longs, market.longs, "the longs are not their sum");
        assertEq(shorts, market.shorts, "the shorts are not their sum");
        assertEq(cash, market.cash, "the cash is not its sum");
        assertEq(value, tradersValue(market, price), "the value is not its sum");
    }

    /// @dev Margins, pool and what left: every cent that was ever put in, USD, 18 decimals.
    function _cash(Books memory books) private pure returns (int256 sum) {
        sum = books.pool + int256(books.out);
        for (uint256 i; i < POSITIONS; ++i) {
            sum += int256(books.margins[i]);
        }
    }

    function _trade(Dice memory dice, Books memory books, Seen memory seen, uint256 scale) private pure {
        uint256 i = roll(dice) % POSITIONS;
        uint256 price = books.market.index;
        int256 size = books.positions[i].size;
        Trade memory what = tradeOf(_delta(dice, books, i, scale), price, price / between(dice, 100, 10_000));
        Portfolio memory others;
        if (size != 0 && chance(dice, 40)) {
            // As in an account whose margin is gone and whose other positions are in profit.
            what.sizeDelta = -size / 2 - (size > 0 ? int256(1) : -1);
            others.value = int256(magnitudeOf(size) * price);
            books.pool += int256(books.margins[i]);
            books.margins[i] = 0;
        }
        what.reduceOnly = others.value != 0 || chance(dice, 20);
        Outcome memory outcome = trade(books, i, what, others);
        if (others.value != 0) {
            if (outcome.margin == 0 && books.positions[i].size != 0) ++seen.deferred;
            _pay(books, i);
        }
        if (outcome.failure != Failure.None) return;
        ++seen.fills;
        if (size != 0 && books.positions[i].size == 0) ++seen.closes;
    }

    /// @dev From $10 to half the cap, back as often as on; a whole close as often as a part.
    function _delta(Dice memory dice, Books memory books, uint256 i, uint256 scale) private pure returns (int256) {
        uint256 price = books.market.index;
        uint256 least = 11e30 / price + 1;
        uint256 most = Math.min(scale * books.config.skewCapBps / 2e4, largestSize(price) / 4);
        int256 size = books.positions[i].size;
        if (size != 0 && chance(dice, 30)) return -size;
        if (size != 0 && chance(dice, 30)) return -size / int256(between(dice, 1, 9));
        return either(dice, magnitude(dice, least, Math.max(least, most)));
    }

    function _liquidate(Dice memory dice, Books memory books, Seen memory seen) private pure {
        uint256 i = roll(dice) % POSITIONS;
        if (books.positions[i].size == 0) return;
        uint256 price = books.market.index;
        Price memory quote = priceOf(price, price / between(dice, 20, 10_000));
        uint256 margin = books.margins[i];
        endanger(dice, books, i, quote);
        books.pool += int256(margin) - int256(books.margins[i]);
        liquidate(books, i, quote);
        ++seen.liquidations;
        // Somebody else comes.
        _pay(books, i);
    }

    /// @dev Ten times what the caps permit an account to need.
    function _pay(Books memory books, uint256 i) private pure {
        uint256 amount = FillMath.skewScale(books.config) * books.market.index / 2 / RAW;
        books.margins[i] += amount;
        books.pool -= int256(amount);
    }

    function _wait(Dice memory dice, Books memory books, Seen memory seen) private pure {
        int256 before = books.market.funding;
        uint256 time = books.market.accruedAt + between(dice, 1, chance(dice, 50) ? 600 : 100_000);
        FundingMath.accrue(books.market, books.config, time);
        if (books.market.funding != before) ++seen.funded;
    }

    /// @dev By up to 20 %.
    function _moved(Dice memory dice, uint256 price) private pure returns (uint256) {
        return bound(between(dice, price * 8 / 10, price * 12 / 10), LEAST_PRICE, LARGEST_PRICE);
    }
}
