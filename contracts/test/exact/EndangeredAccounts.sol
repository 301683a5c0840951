// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, Position} from "../../src/engine/EngineTypes.sol";
import {Price, PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {MarginMath} from "../../src/libraries/MarginMath.sol";
import {Cases, Dice} from "./Cases.sol";
import {Held} from "./Held.sol";

/// @notice An account and what a liquidation is told of its positions.
/// @param margin USD, 18 decimals.
/// @param claim Unpaid, USD, 18 decimals.
struct Endangered {
    Held[] holdings;
    uint256 margin;
    uint256 claim;
}

/// @notice Accounts of one to three positions, equity around their maintenance margin, in markets of any skew and meters
/// of any level.
abstract contract EndangeredAccounts is Cases {
    function anyEndangered(Dice memory dice) internal pure returns (Endangered memory account) {
        account.holdings = new Held[](between(dice, 1, 3));
        uint256 notional = magnitude(dice, 1e32, LARGEST_NOTIONAL / 4);
        for (uint256 i; i < account.holdings.length; ++i) {
            _enter(dice, account.holdings[i], notional);
        }
        (int256 value,, uint256 maintenance,) = appraise(account);
        uint256 kind = roll(dice) % 10;
        uint256 part = between(dice, 500_001, 999_999);
        if (kind == 0) part = between(dice, 0, 500_000);
        else if (kind == 1) part = between(dice, 999_999, 1_100_000);
        int256 cash = int256(maintenance * part / 1e6) - value / int256(RAW);
        account.margin = cash > 0 ? uint256(cash) : 0;
        if (chance(dice, 20)) {
            account.claim = between(dice, 0, account.margin);
            account.margin -= account.claim;
        }
    }

    /// @dev A position of a quarter of a notional to four times that, as far as the caps permit.
    function _enter(Dice memory dice, Held memory holding, uint256 notional) private pure {
        uint256 mid = anyPrice(dice);
        uint256 width = mid / between(dice, 100, 10_000);
        holding.price = Price(mid, mid - width, mid + width, width, 0, PriceState.Normal);
        holding.config = anyConfig(dice, mid);
        uint256 most = FillMath.skewScale(holding.config) * holding.config.openInterestCapBps / 1e4;
        uint256 largest = largestSize(holding.price.hi);
        if (largest > most) largest = most;
        uint256 size = magnitude(dice, notional / 4, notional * 4) / mid;
        size = size == 0 ? 1 : size > largest ? largest : size;
        (Market memory market, Position memory position) = (holding.market, holding.position);
        position.size = int88(either(dice, size));
        (uint256 own, uint256 other) = (size + between(dice, 0, most - size), between(dice, 0, most));
        (market.longs, market.shorts) = position.size > 0 ? (uint88(own), uint88(other)) : (uint88(other), uint88(own));
        _pay(dice, holding);
        _meter(dice, holding);
    }

    /// @dev Entered within 5 % of the present price, at any funding.
    function _pay(Dice memory dice, Held memory holding) private pure {
        uint256 mid = holding.price.mid;
        holding.market.funding = int96(either(dice, magnitude(dice, 1, mid)));
        int256 entry = int256(between(dice, mid * 95 / 100, mid * 105 / 100));
        int256 noise = int256(roll(dice) % 2e12) - 1e12;
        holding.position.cash = int136(int256(holding.position.size) * (holding.market.funding - entry) + noise);
        holding.market.cash = holding.position.cash;
    }

    /// @dev Only a position whose leaving makes |skew| grow is metered.
    function _meter(Dice memory dice, Held memory holding) private pure {
        int256 skew = FundingMath.skewOf(holding.market);
        if (magnitudeOf(skew - holding.position.size) <= magnitudeOf(skew)) return;
        holding.capacity = FillMath.skewScale(holding.config) * holding.config.skewCapBps / 1e4;
        // Less than the position, as where the caps have been tightened.
        if (chance(dice, 40)) holding.capacity = magnitude(dice, 1, magnitudeOf(holding.position.size));
        uint256 kind = roll(dice) % 3;
        if (kind == 0) holding.room = holding.capacity;
        else if (kind == 1) holding.room = magnitude(dice, 1, holding.capacity) - 1;
        else holding.room = between(dice, 0, holding.capacity);
    }

    /// @return value Of the positions, each at the price that favours it, USD, 30 decimals.
    /// @return initial Margin without the reward, USD, 18 decimals.
    /// @return maintenance Margin, the reward included.
    /// @return reward Set aside.
    function appraise(Endangered memory account)
        internal
        pure
        returns (int256 value, uint256 initial, uint256 maintenance, uint256 reward)
    {
        uint256 total;
        for (uint256 i; i < account.holdings.length; ++i) {
            Held memory holding = account.holdings[i];
            if (holding.position.size == 0) continue;
            uint256 price = favourableTo(holding);
            uint256 required = initialOf(holding);
            value += MarginMath.value(holding.position, price, holding.market.funding);
            total += magnitudeOf(holding.position.size) * price;
            initial += required;
            maintenance += MarginMath.maintenanceOf(required, holding.config);
        }
        reward = MarginMath.rewardOf(total);
        maintenance += reward;
    }

    /// @dev Places of the positions, the largest maintenance margin first, the first of equals.
    function orderOf(Endangered memory account) internal pure returns (uint256[] memory order) {
        order = new uint256[](account.holdings.length);
        for (uint256 i; i < order.length; ++i) {
            uint256 margin = _maintenanceOf(account.holdings[i]);
            uint256 place = i;
            for (; place != 0 && _maintenanceOf(account.holdings[order[place - 1]]) < margin; --place) {
                order[place] = order[place - 1];
            }
            order[place] = i;
        }
    }

    function copyOf(Endangered memory account) internal pure returns (Endangered memory) {
        return abi.decode(abi.encode(account), (Endangered));
    }

    function favourableTo(Held memory holding) internal pure returns (uint256) {
        return holding.position.size > 0 ? holding.price.hi : holding.price.lo;
    }

    function initialOf(Held memory holding) internal pure returns (uint256) {
        uint256 size = magnitudeOf(holding.position.size);
        return MarginMath.required(size * favourableTo(holding), MarginMath.initialRatio(size, holding.config));
    }

    function magnitudeOf(int256 value) internal pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }

    function _maintenanceOf(Held memory holding) private pure returns (uint256) {
        return MarginMath.maintenanceOf(initialOf(holding), holding.config);
    }
}
