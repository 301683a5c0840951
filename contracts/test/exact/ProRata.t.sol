// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Deleveragings, Market, Position} from "../../src/engine/EngineTypes.sol";
import {DeleveragingMath} from "../../src/libraries/DeleveragingMath.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice Deleveraging in constant time is pro rata, whoever catches up when: many positions of one side through many
/// cuts, a whole one and ends of rounds among them, opened, closed and caught up at random in between.
contract ProRataTest is Cases {
    uint256 private constant STEPS = 90;
    uint256 private constant MOST = 12;

    Deleveragings private _side;
    Position[] private _positions;
    Market private _market;
    bool private _long;
    /// @dev Positions that ever had a size, and cuts.
    uint256 private _lives;
    uint256 private _cuts;
    uint256 private _price;

    /// forge-config: default.fuzz.runs = 30
    /// forge-config: ci.fuzz.runs = 300
    function testFuzz_EveryPositionOfASideIsCutByOneFraction(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _price = anyPrice(dice);
        _long = chance(dice, 50);
        for (uint256 i; i < STEPS; ++i) {
            _market.index = uint96(between(dice, _price / 2 + 1, _price));
            _market.funding = int96(either(dice, magnitude(dice, 1, 63 * _price / 2 + 1)));
            uint256 kind = roll(dice) % 10;
            if (kind < 3) _open(dice);
            else if (kind < 4) _close(dice);
            else if (kind < 6) _catchUp(dice);
            else _cut(dice);
            _assertSizes();
        }
        assertGt(_cuts, 2, "few cuts");
        while (_positions.length != 0) _closeWhole(roll(dice) % _positions.length);
        assertLe(_openInterest(), _lives * _cuts, "property 2: what is nobody's when the last holder has closed");
    }

    /// @dev A round may end at every cut: a position of before it crosses any number of them in a bounded number of steps.
    function testFuzz_APositionCrossesAnyNumberOfRounds(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _price = anyPrice(dice);
        _long = chance(dice, 50);
        (_market.index, _market.funding) = (uint96(_price), 0);
        _grow(largestSize(_price) / MOST + 1);
        Position memory first = _positions[0];
        int256 worth = _valueOf(first);
        for (uint256 i; i < 300; ++i) {
            _grow(largestSize(_price) / MOST + 1);
            uint256 before = _openInterest();
            _shrink(before, before >> 33);
        }
        uint256 gas = gasleft();
        Position memory now_ = DeleveragingMath.catchUp(_side, first);
        assertLt(gas - gasleft(), 150_000, "the steps do not grow with the rounds");
        assertEq(int256(now_.size), 0, "nothing is left");
        assertEq(uint256(now_.generation), 1, "its life ended");
        assertLe(_abs(int256(now_.cash) - worth), 4 * _price, "at a constant index it keeps its value");
    }

    // ---------------------------------------------------------------- steps

    function _open(Dice memory dice) private {
        if (_positions.length == MOST) return;
        _grow(magnitude(dice, 1, largestSize(_price) / MOST + 1));
    }

    function _grow(uint256 size) private {
        int256 signed = _long ? int256(size) : -int256(size);
        int256 cash = -signed * _value();
        uint16 latest = _long ? _side.longs : _side.shorts;
        _positions.push(Position(int88(signed), int136(cash), latest, 0));
        _add(int256(size), cash);
        ++_lives;
    }

    function _close(Dice memory dice) private {
        if (_positions.length != 0) _closeWhole(roll(dice) % _positions.length);
    }

    function _closeWhole(uint256 i) private {
        Position memory p = _current(i);
        // Checked: the side always holds what its positions do.
        if (_long) _market.longs -= uint88(uint256(int256(p.size)));
        else _market.shorts -= uint88(uint256(-int256(p.size)));
        _market.cash -= p.cash;
        _positions[i] = _positions[_positions.length - 1];
        _positions.pop();
    }

    function _catchUp(Dice memory dice) private {
        if (_positions.length == 0) return;
        uint256 i = roll(dice) % _positions.length;
        _positions[i] = _current(i);
    }

    function _cut(Dice memory dice) private {
        uint256 before = _openInterest();
        if (before == 0) return;
        uint256 kind = roll(dice) % 10;
        uint256 rest = kind == 0 ? 0 : kind == 1 ? before >> between(dice, 1, 60) : before * between(dice, 1, 99) / 100;
        uint256 count = _positions.length;
        Position[] memory held = new Position[](count);
        for (uint256 i; i < count; ++i) {
            held[i] = _current(i);
        }
        int256 value = _tradersValue();
        _shrink(before, rest);
        assertEq(_tradersValue(), value, "property 12: the traders' value");
        for (uint256 i; i < count; ++i) {
            Position memory after_ = _current(i);
            uint256 exact = Math.mulDiv(_abs(held[i].size), rest, before);
            assertLe(_abs(int256(exact) - int256(_abs(after_.size))), 1, "property 12: equal fractions");
            assertLe(_abs(_valueOf(after_) - _valueOf(held[i])), 2 * _abs(_value()) + 2, "its value");
        }
    }

    /// @dev What the engine does with a side.
    function _shrink(uint256 before, uint256 rest) private {
        int256 cut = int256(before - rest);
        _market.cash += int152((_long ? cut : -cut) * _value());
        if (_long) _market.longs = uint88(rest);
        else _market.shorts = uint88(rest);
        uint256 number = DeleveragingMath.record(_side, _long, before, rest, _value());
        assertEq(number, ++_cuts, "numbered without a gap");
    }

    // ---------------------------------------------------------------- sums

    function _assertSizes() private view {
        uint256 sum;
        for (uint256 i; i < _positions.length; ++i) {
            int256 size = _current(i).size;
            assertTrue(size == 0 || (size > 0) == _long, "its side");
            sum += _abs(size);
        }
        assertLe(sum, _openInterest(), "property 2: the side holds its positions");
        assertLe(_openInterest() - sum, _lives * _cuts, "property 2: to a unit for each position and cut");
    }

    function _current(uint256 i) private view returns (Position memory p) {
        p = _positions[i];
        if (p.size != 0) p = DeleveragingMath.catchUp(_side, p);
    }

    function _add(int256 size, int256 cash) private {
        if (_long) _market.longs += uint88(uint256(size));
        else _market.shorts += uint88(uint256(size));
        _market.cash += int152(cash);
    }

    function _openInterest() private view returns (uint256) {
        return _long ? _market.longs : _market.shorts;
    }

    function _value() private view returns (int256) {
        return int256(uint256(_market.index)) - _market.funding;
    }

    function _tradersValue() private view returns (int256) {
        return (_long ? int256(_openInterest()) : -int256(_openInterest())) * _value() + _market.cash;
    }

    function _valueOf(Position memory p) private view returns (int256) {
        return int256(p.size) * _value() + p.cash;
    }

    function _abs(int256 x) private pure returns (uint256) {
        return uint256(x < 0 ? -x : x);
    }
}
