// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, MarketRisk} from "../../../src/engine/EngineTypes.sol";
import {Price, PriceState} from "../../../src/interfaces/IPriceOracle.sol";
import {FillMath} from "../../../src/libraries/FillMath.sol";
import {GasCost} from "../../../src/libraries/GasCost.sol";
import {Liquidation, LiquidationMath} from "../../../src/libraries/LiquidationMath.sol";
import {MarginMath} from "../../../src/libraries/MarginMath.sol";
import {Dice} from "../Cases.sol";
import {Held, HeldMath} from "../Held.sol";
import {L1BlockDouble} from "../../doubles/L1BlockDouble.sol";
import {Directions} from "./Directions.sol";

/// @notice LiquidationMath and GasCost: what a closing charges is never less than the exact charge, and no more is handed
/// out than is there.
/// forge-config: ci.fuzz.runs = 10000
contract LiquidationRoundingTest is Directions {
    function testFuzz_TheClosingSpreadRoundsUpForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 mid = anyPrice(dice);
        uint256 spread = LiquidationMath.closingSpread(_flat(mid), chance(dice, 50));
        assertUp(spread, mid * 10, 1e4, "the surcharge is below the exact one");
    }

    /// @dev A bucket that began full and is not empty yet.
    function testFuzz_TheMetersRoomRoundsDownForTheSkew(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        MarketConfig memory c = anyConfig(dice, anyPrice(dice));
        uint256 capacity = uint256(c.skewScale) * 100 * c.skewCapBps;
        MarketRisk memory risk;
        (risk.metered, risk.meteredAt) = (uint88(capacity), uint40(between(dice, 1, 2e9)));
        uint256 passed = between(dice, 0, 60);
        (uint256 room, uint256 most) =
            LiquidationMath.meter(risk, FillMath.skewScale(c), c.skewCapBps, risk.meteredAt + passed);
        assertEq(most, capacity, "the capacity is exact");
        assertDown(room, capacity * passed, 60, "the meter empties early");
    }

    function testFuzz_ThePenaltyRoundsUpForInsurance(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Held[] memory holdings = _anyHolding(dice);
        Held memory holding = holdings[0];
        Liquidation memory result = HeldMath.liquidate(holdings, _endangered(dice, holding), 0);
        if (holding.position.size == 0) return;
        uint256 closed = uint256(holding.sizeDelta < 0 ? -holding.sizeDelta : holding.sizeDelta);
        uint256 exact = closed * holding.price.mid * holding.config.penaltyBps;
        assertUp(result.penalty, exact, 1e16, "the penalty is below the exact one");
    }

    function testFuzz_TheBandOfBadDebtRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Held[] memory holdings = _anyHolding(dice);
        Held memory holding = holdings[0];
        uint256 size = uint256(holding.position.size < 0 ? -int256(holding.position.size) : holding.position.size);
        uint256 band = size * LiquidationMath.closingSpread(holding.price, holding.position.size < 0);
        int256 settled = int256(holding.position.cash) - int256(holding.position.size) * holding.market.funding;
        Liquidation memory result = HeldMath.liquidate(holdings, 0, 0);
        if (holding.position.size != 0 || settled >= holding.cost) return;
        uint256 lost = (uint256(holding.cost - settled) + RAW - 1) / RAW;
        if (lost < band / RAW) return;
        assertDown(lost - result.badDebt, band, RAW, "insurance covers less than the pool's loss");
    }

    function testFuzz_WhatIsLeftRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Held[] memory holdings = _anyHolding(dice);
        Held memory holding = holdings[0];
        uint256 margin = _endangered(dice, holding);
        int256 exact =
            int256(margin * RAW) + holding.position.cash - int256(holding.position.size) * holding.market.funding;
        Liquidation memory result = HeldMath.liquidate(holdings, margin, 0);
        if (holding.position.size != 0 || holding.cost > exact) return;
        uint256 handed = result.margin + result.reward + result.penalty;
        assertFloor(int256(handed), exact - holding.cost, RAW, "more is handed out than is left");
    }

    function testFuzz_TheCostOfDataRoundsDownForInsurance(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (uint256 basefee, uint256 blob) = (magnitude(dice, 1, 1e12), magnitude(dice, 1, 1e12));
        (uint32 scalar, uint32 blobScalar) = (uint32(between(dice, 1, 1e6)), uint32(between(dice, 1, 1e6)));
        (uint256 gasUsed, uint256 size) = (between(dice, 21_000, 1e7), between(dice, 110, 1e5));
        vm.etch(GasCost.L1_BLOCK, address(new L1BlockDouble(basefee, blob, scalar, blobScalar)).code);
        vm.fee(magnitude(dice, 1, 1e12));
        uint256 data = GasCost.ofTransaction(gasUsed, size) - gasUsed * block.basefee;
        uint256 weighted = 16 * scalar * basefee + blobScalar * blob;
        assertDown(data, size * weighted, 1e6, "insurance pays more than the exact cost");
    }

    function _flat(uint256 mid) private pure returns (Price memory) {
        return Price(mid, mid, mid, 0, 0, PriceState.Normal);
    }

    /// @dev One position of a few dollars to the largest, alone in its market or against others, not metered.
    function _anyHolding(Dice memory dice) private pure returns (Held[] memory holdings) {
        holdings = new Held[](1);
        Held memory holding = holdings[0];
        uint256 mid = anyPrice(dice);
        holding.config = anyConfig(dice, mid);
        holding.price = _flat(mid);
        uint256 most = uint256(holding.config.skewScale) * 100 * holding.config.openInterestCapBps;
        uint256 largest = largestSize(mid);
        uint256 size = magnitude(dice, 1, most < largest ? most : largest);
        holding.position.size = int88(either(dice, size));
        (holding.market.longs, holding.market.shorts) = (uint88(size), uint88(between(dice, 0, 2 * size)));
        if (holding.position.size < 0) {
            (holding.market.longs, holding.market.shorts) = (holding.market.shorts, holding.market.longs);
        }
        holding.market.funding = int96(either(dice, magnitude(dice, 1, mid)));
        int256 entry = int256(between(dice, mid * 9 / 10, mid * 11 / 10));
        int256 noise = int256(roll(dice) % 2e12) - 1e12;
        holding.position.cash = int136(int256(holding.position.size) * (holding.market.funding - entry) + noise);
        holding.market.cash = holding.position.cash;
    }

    /// @dev Margin with which equity is a little below maintenance.
    function _endangered(Dice memory dice, Held memory holding) private pure returns (uint256) {
        uint256 size = uint256(holding.position.size < 0 ? -int256(holding.position.size) : holding.position.size);
        uint256 notional = size * holding.price.mid;
        uint256 initial = MarginMath.required(notional, MarginMath.initialRatio(size, holding.config));
        uint256 maintenance = MarginMath.maintenanceOf(initial, holding.config) + MarginMath.rewardOf(notional);
        int256 value = MarginMath.value(holding.position, holding.price.mid, holding.market.funding);
        int256 margin = int256(maintenance * between(dice, 600, 999) / 1000) - value / int256(RAW);
        return margin > 0 ? uint256(margin) : 0;
    }
}
