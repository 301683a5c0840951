// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Market, MarketConfig, Position} from "../../../src/engine/EngineTypes.sol";
import {FillMath} from "../../../src/libraries/FillMath.sol";
import {Portfolio} from "../../../src/libraries/MarginMath.sol";
import {Outcome, Trade, TradeContext, TradeMath} from "../../../src/libraries/TradeMath.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice TradeMath: a close realises no more than the exact result, and what an account lacks is lacking whole.
/// forge-config: ci.fuzz.runs = 10000
contract TradeRoundingTest is Directions {
    function testFuzz_TheRealisedResultRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Market memory market, Position memory position) = _anyPosition(dice);
        int256 size = position.size;
        int256 cost = either(dice, magnitude(dice, 1, LARGEST_NOTIONAL));
        int256 exact = int256(position.cash) - size * market.funding - cost;
        int256 realised = TradeMath.close(market, position, -size, cost);
        assertFloor(realised, exact, RAW, "a close realises more than the exact result");
    }

    /// @dev The part of the cash that leaves shows where the result is a whole number of units, and a unit below.
    function testFuzz_ThePartOfTheCashRoundsTowardZeroForWhatStays(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Market memory market, Position memory position) = _anyPosition(dice);
        uint256 size = uint256(position.size < 0 ? -int256(position.size) : position.size);
        if (size == 1) return;
        uint256 part = between(dice, 1, size - 1);
        int256 delta = position.size < 0 ? int256(part) : -int256(part);
        uint256 cash = uint256(position.cash < 0 ? -int256(position.cash) : position.cash);
        int256 moved = int256(cash * part / size);
        if (position.cash < 0) moved = -moved;
        int256 whole = either(dice, magnitude(dice, 1, 1e26));
        int256 cost = moved + delta * market.funding - whole * int256(RAW);
        Market memory other = abi.decode(abi.encode(market), (Market));
        Position memory same = abi.decode(abi.encode(position), (Position));
        assertEq(TradeMath.close(market, position, delta, cost), whole, "more of a loss leaves than its part");
        assertEq(TradeMath.close(other, same, delta, cost + 1), whole - 1, "more of a profit leaves than its part");
    }

    function testFuzz_TheShortfallRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        TradeContext memory context;
        context.config = anyConfig(dice, price);
        uint256 most = FillMath.skewScale(context.config) / 25;
        (context.market, context.position) = _position(dice, price, most);
        int256 size = context.position.size;
        uint256 spread = price / between(dice, 20, 500);
        int256 equity = int256(roll(dice) % (spread + 1));
        context.others.value = equity - _value(context, price);
        context.trade = _close(-size, price, spread);
        uint256 fee = FillMath.tradeFee(price, _skew(context.market), -size, 0, context.config);
        int256 cost = FillMath.cost(price, _skew(context.market), -size, FillMath.skewScale(context.config))
            + int256(spread) * (size < 0 ? -size : size);
        Outcome memory outcome;
        TradeMath.execute(outcome, context);
        int256 lacking = size * int256(price) + cost + int256(fee * RAW) - equity;
        assertEq(uint256(outcome.failure), uint256(Failure.None), "does not fill");
        assertGt(lacking, 0, "nothing is lacking");
        uint256 borne = fee - outcome.fee + outcome.badDebt;
        assertUp(borne, uint256(lacking), RAW, "fee and bad debt bear less than is lacking");
    }

    /// @dev Below zero equity a part may be closed when equity / notional gets better: gain / |equity| > part / notional.
    /// The notional counts in whole units, and one unit more would permit more.
    function testFuzz_TheNotionalOfAReductionRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = magnitude(dice, 1e6, 1e14) * RAW;
        uint256 others = magnitude(dice, 1e24, 1e34);
        _checkReduction(dice, price, others, "a notional above the exact one permits a reduction");
    }

    /// @dev The part in whole units: one unit more would permit less.
    function testFuzz_ThePartOfAReductionRoundsDownForTheTrader(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = magnitude(dice, 1e18, 1e26);
        _checkReduction(dice, price, 0, "a part above the exact one refuses a reduction");
    }

    /// @param others Notional of other positions; zero rounds the sum off to whole units.
    function _checkReduction(Dice memory dice, uint256 price, uint256 others, string memory wrong) private pure {
        TradeContext memory context;
        context.config.skewScale = uint64(magnitude(dice, 1e10, 1e14));
        uint256 scale = FillMath.skewScale(context.config);
        uint256 size = magnitude(dice, scale / 1000, scale / 25);
        (context.position.size, context.market.longs) = (int88(int256(size)), uint88(size));
        uint256 part = between(dice, size / 10, size - 1);
        context.others.notional = others != 0 ? others : RAW - size * price % RAW;
        uint256 notional = (context.others.notional + size * price) / RAW;
        context.trade = _close(-int256(part), price, 0);
        int256 gain = -int256(part * price) - FillMath.cost(price, int256(size), -int256(part), scale);
        // gain · notional > |equity| · part holds up to here.
        int256 most = (gain * int256(notional) - 1) / int256(part * price / RAW);
        assertTrue(_permits(context, price, most), string.concat("refused: ", wrong));
        assertFalse(_permits(context, price, most + 1), string.concat("permitted: ", wrong));
    }

    /// @dev Whether the context's trade is permitted at an equity of −`below`.
    function _permits(TradeContext memory context, uint256 price, int256 below) private pure returns (bool) {
        TradeContext memory copy = abi.decode(abi.encode(context), (TradeContext));
        copy.others.value = -below - _value(context, price);
        Outcome memory outcome;
        TradeMath.execute(outcome, copy);
        if (outcome.failure == Failure.None) return true;
        assertEq(uint256(outcome.failure), uint256(Failure.EquityNegative), "fails for another reason");
        return false;
    }

    function _anyPosition(Dice memory dice) private pure returns (Market memory, Position memory) {
        return _position(dice, anyPrice(dice), LARGEST_SIZE);
    }

    /// @dev A position of either sign among others, of at most `most`, with cash as after any entry and funding.
    function _position(Dice memory dice, uint256 price, uint256 most)
        private
        pure
        returns (Market memory market, Position memory position)
    {
        uint256 size = magnitude(dice, 1, most < largestSize(price) ? most : largestSize(price));
        position.size = int88(either(dice, size));
        (market.longs, market.shorts) = (uint88(size), uint88(size));
        market.funding = int96(either(dice, magnitude(dice, 1, 64 * price)));
        position.cash = int136(either(dice, magnitude(dice, 1, 66 * price * size)));
        market.cash = position.cash;
    }

    function _close(int256 sizeDelta, uint256 price, uint256 spread) private pure returns (Trade memory) {
        return Trade({
            sizeDelta: sizeDelta,
            limitPrice: sizeDelta > 0 ? type(uint128).max : 0,
            price: price,
            spread: spread,
            adverseLong: price,
            adverseShort: price,
            reduceOnly: true,
            opening: false,
            builderFee: 0
        });
    }

    function _value(TradeContext memory context, uint256 price) private pure returns (int256) {
        return int256(context.position.size) * (int256(price) - context.market.funding) + context.position.cash;
    }

    function _skew(Market memory market) private pure returns (int256) {
        return int256(uint256(market.longs)) - int256(uint256(market.shorts));
    }
}
