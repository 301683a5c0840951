// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig} from "../../src/engine/EngineTypes.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {Cases, Dice} from "./Cases.sol";
import {Clock, SecondBySecond} from "./SecondBySecond.sol";

/// @notice Lazy funding is what counting every second comes to: over hours, with pokes, trades and new indices at any
/// second. Rates and skew integrals are equal; funding differs by less than one unit for each accrual that changed it,
/// the change being truncated toward zero.
contract LazyFundingTest is Cases {
    using SecondBySecond for Clock;

    uint256 internal constant HOUR = 3600;

    /// @dev Accruals that raised funding and such as lowered it.
    struct Count {
        int256 rises;
        int256 falls;
    }

    /// forge-config: default.fuzz.runs = 8
    /// forge-config: ci.fuzz.runs = 400
    function testFuzz_LazyFundingIsASecondBySecondSimulation(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Market memory market, MarketConfig memory config, Clock memory clock) = _anyMarket(dice);
        Count memory count;
        // Nobody touches the market over two boundaries at least.
        _step(market, config, clock, count, clock.time + between(dice, 2 * HOUR, 4 * HOUR));
        uint256 end = clock.time + between(dice, HOUR, 4 * HOUR);
        while (clock.time < end) {
            _disturb(dice, market, config, clock);
            _step(market, config, clock, count, _anyTime(dice, clock.time));
        }
    }

    /// @dev Accrues and simulates up to `time`, and compares.
    function _step(
        Market memory market,
        MarketConfig memory config,
        Clock memory clock,
        Count memory count,
        uint256 time
    ) private pure {
        int256 before = clock.funding;
        clock.runUntil(time);
        FundingMath.accrue(market, config, time);
        if (clock.funding > before) ++count.rises;
        if (clock.funding < before) ++count.falls;
        assertEq(uint256(market.accruedAt), time, "accrued to another time");
        assertEq(market.fundingRate, clock.rate, "the sealed rate is another");
        assertEq(market.skewSeconds, clock.skewSeconds, "the skew's integral is another");
        int256 ahead = market.funding * SecondBySecond.UNIT - clock.funding;
        int256 least = SecondBySecond.UNIT - 1;
        assertGe(ahead, -count.rises * least, "funding lags by a unit or more for each rise");
        assertLe(ahead, count.falls * least, "funding leads by a unit or more for each fall");
    }

    /// @dev Pokes in between cost at most a unit each and never add any.
    /// forge-config: default.fuzz.runs = 200
    /// forge-config: ci.fuzz.runs = 20000
    function testFuzz_APokeTakesAtMostOneUnitTowardZero(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (Market memory lazy, MarketConfig memory config, Clock memory clock) = _anyMarket(dice);
        Market memory poked = abi.decode(abi.encode(lazy), (Market));
        uint256 end = clock.time + between(dice, 1, 12 * HOUR);
        int256 pokes;
        for (uint256 time = _anyTime(dice, clock.time); time < end; time = _anyTime(dice, time)) {
            FundingMath.accrue(poked, config, time);
            ++pokes;
        }
        FundingMath.accrue(poked, config, end);
        FundingMath.accrue(lazy, config, end);
        int256 taken = int256(lazy.funding) - poked.funding;
        if (clock.skew < 0) taken = -taken;
        assertGe(taken, 0, "a poke adds to funding");
        assertLe(taken, pokes, "a poke takes more than a unit");
        assertEq(lazy.fundingRate, poked.fundingRate, "a poke changes the sealed rate");
        assertEq(lazy.skewSeconds, poked.skewSeconds, "a poke changes the skew's integral");
    }

    /// @dev Any market at any second of an hour, in every fourth case near the bound of funding.
    function _anyMarket(Dice memory dice)
        private
        pure
        returns (Market memory market, MarketConfig memory config, Clock memory clock)
    {
        uint256 price = anyPrice(dice);
        config = anyConfig(dice, price);
        clock.index = int256(price);
        clock.scale = int256(uint256(config.skewScale)) * 1e6;
        clock.coefficient = int256(uint256(config.fundingCoefficientBps)) * 1e14;
        clock.cap = int256(uint256(config.fundingCapPpm)) * 1e12;
        clock.time = between(dice, 1_700_000_000, 1_800_000_000);
        int256 funding =
            either(dice, chance(dice, 25) ? 64 * price - magnitude(dice, 1, price) : between(dice, 0, price));
        clock.funding = funding * SecondBySecond.UNIT;
        (market.index, market.accruedAt, market.funding) = (uint96(price), uint40(clock.time), int96(funding));
        _trade(dice, market, config, clock);
        // As after an hour of another skew.
        clock.rate = either(dice, between(dice, 0, uint256(clock.cap)));
        clock.skewSeconds = either(dice, between(dice, 0, uint256(clock.scale) * config.skewCapBps / 1e4 * HOUR));
        (market.fundingRate, market.skewSeconds) = (int56(clock.rate), int104(clock.skewSeconds));
    }

    /// @dev A trade, another index, or nothing: a mere poke.
    function _disturb(Dice memory dice, Market memory market, MarketConfig memory config, Clock memory clock)
        private
        pure
    {
        uint256 kind = roll(dice) % 10;
        if (kind < 4) _trade(dice, market, config, clock);
        if (kind < 4 || kind > 6) return;
        uint256 price = market.index;
        clock.index = int256(bound(between(dice, price * 7 / 10, price * 13 / 10), LEAST_PRICE, LARGEST_PRICE));
        market.index = uint96(uint256(clock.index));
    }

    /// @dev Open interest anywhere up to its cap; the sides are as likely equal as one of them empty.
    function _trade(Dice memory dice, Market memory market, MarketConfig memory config, Clock memory clock)
        private
        pure
    {
        uint256 most = uint256(clock.scale) * config.openInterestCapBps / 1e4;
        market.longs = uint88(chance(dice, 10) ? 0 : magnitude(dice, 1, most));
        market.shorts = uint88(chance(dice, 10) ? market.longs : chance(dice, 10) ? 0 : magnitude(dice, 1, most));
        clock.skew = int256(uint256(market.longs)) - int256(uint256(market.shorts));
    }

    /// @dev Later: at a boundary, a second beside one, after seconds, minutes or hours.
    function _anyTime(Dice memory dice, uint256 time) private pure returns (uint256) {
        uint256 kind = roll(dice) % 10;
        uint256 boundary = time - time % HOUR + HOUR;
        if (kind < 2) return boundary;
        if (kind < 3) return boundary + 1;
        if (kind < 4 && boundary - 1 > time) return boundary - 1;
        if (kind < 5) return time + between(dice, HOUR, 3 * HOUR);
        return time + magnitude(dice, 1, HOUR);
    }
}
