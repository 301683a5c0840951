// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {RiskParameters} from "../../src/libraries/RiskParameters.sol";
import {Test} from "../foundry/Test.sol";

/// @notice Random numbers from one seed, each drawn once.
struct Dice {
    uint256 seed;
}

/// @notice Random markets, positions and amounts over everything the exchange permits: prices from 1e-6 to 1e8 USD,
/// positions of both signs up to $500 M, funding up to ± 64 · price.
abstract contract Cases is Test {
    uint256 internal constant LEAST_PRICE = 1e12;
    uint256 internal constant LARGEST_PRICE = 1e26;
    uint256 internal constant LARGEST_NOTIONAL = 5e38;
    uint256 internal constant LARGEST_SIZE = uint256(uint88(type(int88).max));
    /// @dev Raw cash per wad.
    uint256 internal constant RAW = 1e12;

    function roll(Dice memory dice) internal pure returns (uint256 random) {
        assembly ("memory-safe") {
            random := keccak256(dice, 32)
            mstore(dice, random)
        }
    }

    /// @dev Uniform in [lo, hi].
    function between(Dice memory dice, uint256 lo, uint256 hi) internal pure returns (uint256) {
        return lo + roll(dice) % (hi - lo + 1);
    }

    /// @dev In [lo, hi], every power of two as likely as every other.
    function magnitude(Dice memory dice, uint256 lo, uint256 hi) internal pure returns (uint256) {
        uint256 random = roll(dice);
        uint256 bits = Math.log2(lo) + random % (Math.log2(hi) - Math.log2(lo) + 1);
        uint256 value = 1 << bits | random >> 8 & (1 << bits) - 1;
        return value < lo ? lo : value > hi ? hi : value;
    }

    function chance(Dice memory dice, uint256 percent) internal pure returns (bool) {
        return roll(dice) % 100 < percent;
    }

    /// @dev Minus or plus.
    function either(Dice memory dice, uint256 amount) internal pure returns (int256) {
        return chance(dice, 50) ? int256(amount) : -int256(amount);
    }

    function anyPrice(Dice memory dice) internal pure returns (uint256) {
        return magnitude(dice, LEAST_PRICE, LARGEST_PRICE);
    }

    /// @dev The largest size of a position at a price.
    function largestSize(uint256 price) internal pure returns (uint256) {
        uint256 size = LARGEST_NOTIONAL / price;
        return size < LARGEST_SIZE ? size : LARGEST_SIZE;
    }

    /// @dev Up to $500 M at a price, + or −, not zero.
    function anySize(Dice memory dice, uint256 price) internal pure returns (int256) {
        return either(dice, magnitude(dice, 1, largestSize(price)));
    }

    /// @dev What sixteen such positions on one side add up to.
    function anySkew(Dice memory dice, uint256 price) internal pure returns (int256) {
        return either(dice, magnitude(dice, 1, 16 * largestSize(price)));
    }

    /// @dev A market of $100,000 to $10 trillion of depth, as far as the price and the field permit, its parameters
    /// anywhere within the hard bounds.
    function anyConfig(Dice memory dice, uint256 price) internal pure returns (MarketConfig memory c) {
        uint256 depth = magnitude(dice, 1e41, 1e49) / price;
        c.skewScale = uint64(depth < 1e6 ? 1e6 : depth > type(uint64).max ? type(uint64).max : depth);
        c.initialMarginBps = uint16(between(dice, 900, 10_000));
        c.takerFeePpm = uint16(between(dice, 0, 2000));
        c.makerFeePpm = uint16(between(dice, 0, c.takerFeePpm));
        c.penaltyBps = uint8(between(dice, (uint256(c.takerFeePpm) + 99) / 100, 100));
        c.openInterestCapBps = uint16(between(dice, 50, 400));
        c.skewCapBps = uint16(between(dice, 50, c.openInterestCapBps));
        uint256 least = uint256(c.penaltyBps) + 11 + c.openInterestCapBps;
        c.maintenanceMarginBps = uint16(between(dice, least, uint256(c.initialMarginBps) * 8 / 10));
        c.marginSlopeBps = uint16(between(dice, 0, 50_000));
        c.profitWeightBps = uint16(between(dice, 0, 9500));
        c.fundingCoefficientBps = uint16(between(dice, 0, 1000));
        c.fundingCapPpm = uint16(between(dice, 0, 5000));
        c.accountCapPercent = 100;
        c.allocationPercent = 50;
        RiskParameters.validate(c, 0);
    }
}
