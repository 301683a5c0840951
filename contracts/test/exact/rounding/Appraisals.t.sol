// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Position} from "../../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../../src/interfaces/IEngineEvents.sol";
import {Price, PriceState} from "../../../src/interfaces/IPriceOracle.sol";
import {FillMath} from "../../../src/libraries/FillMath.sol";
import {StressFixture} from "../../fixtures/StressFixture.sol";
import {Vm} from "../../foundry/Vm.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice What the engine keeps of the pool's value, what it tells of a cut, and what a withdrawal is promised.
/// forge-config: default.fuzz.runs = 32
/// forge-config: ci.fuzz.runs = 1000
contract AppraisalRoundingTest is StressFixture, Directions {
    function testFuzz_TheAppraisedValueRoundsDownForCaution(uint256 seed) public {
        _positions(Dice(seed));
        Market memory market = cold.getAccruedMarket(ETH);
        MarketConfig memory c = cold.getMarketConfig(ETH);
        int256 skew = int256(uint256(market.longs)) - int256(uint256(market.shorts));
        uint256 reserve = FillMath.skewReserve(market.index, skew, uint256(c.skewScale) * 1e6);
        int256 owed = skew * (int256(uint256(market.index)) - market.funding) + market.cash + int256(reserve);
        (int256 value,) = _appraise();
        int256 exact = int256(uint256(cold.getPool().cash) * RAW) - owed;
        assertFloor(value, exact, RAW, "the pool is worth more than exactly");
    }

    function testFuzz_TheValueKeptRoundsDownForThePool(uint256 seed) public {
        _positions(Dice(seed));
        (int256 value, uint256 kept) = _appraise();
        assertEq(uint256(cold.getPool().value), kept, "told as kept");
        assertDown(kept, uint256(value), 1e18, "markets may lock of more than the pool's value");
    }

    function testFuzz_LiquidityThatComesRoundsDownInTheValueKept(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 before = cold.getPool().value;
        uint256 assets = magnitude(dice, 1, 1e13);
        provide(assets);
        assertDown(cold.getPool().value - before, assets * RAW, 1e18, "the value kept grows by more than has come");
    }

    function testFuzz_LiquidityThatGoesRoundsUpInTheValueKept(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 before = cold.getPool().value;
        uint256 amount = magnitude(dice, 1, 1e24 - 1);
        vm.prank(admin);
        cold.removeLiquidity(amount);
        assertUp(before - cold.getPool().value, amount, 1e18, "the value kept falls by less than has gone");
    }

    function testFuzz_ThePreviewedEquityOfAWithdrawalRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        int256 size = _positions(dice);
        uint256 margin = cold.getAccount(account(alice)).margin;
        uint256 assets = between(dice, 1, margin / RAW);
        Price[] memory prices = new Price[](1);
        uint256 mid = between(dice, 1800e18, 2200e18);
        prices[0] = Price(mid, mid - mid / 1000, mid + mid / 1000, 0, 0, PriceState.Normal);
        (int256 equity,,) = risk.previewWithdrawal(account(alice), assets, prices);
        Position memory position = cold.getPosition(account(alice), ETH);
        int256 price = int256(size > 0 ? prices[0].lo : prices[0].hi) - cold.getAccruedMarket(ETH).funding;
        int256 exact = int256((margin - assets * RAW) * RAW) + size * price + position.cash;
        assertFloor(equity, exact, RAW, "more equity counts than there is");
    }

    function testFuzz_TheFractionOfACutRoundsDown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        trade(alice, ETH, int88(int256(between(dice, 60e12, 80e12))), ETH_PRICE);
        trade(bob, ETH, int88(int256(between(dice, 30e12, 40e12))), ETH_PRICE);
        trade(carol, ETH, -int88(int256(between(dice, 1e12, 20e12))), ETH_PRICE);
        leavePool(60_000e18);
        moveTo(ETH, between(dice, 2100e18, 2150e18));
        uint256 before = cold.getMarket(ETH).longs;
        vm.recordLogs();
        deleverage(ETH);
        bytes memory told = _told(IEngineEvents.Deleveraged.selector);
        (,, uint256 fraction) = abi.decode(told, (bool, uint256, uint256));
        uint256 cut = before - cold.getMarket(ETH).longs;
        assertDown(fraction, cut * 1e18, before, "more is told than was cut");
    }

    /// @dev Alice holds up to $50,000 of ETH, either way, at a price that has moved since.
    function _positions(Dice memory dice) private returns (int256 size) {
        size = either(dice, between(dice, 1e12, 25e12));
        trade(alice, ETH, int88(size), between(dice, 1800e18, 2200e18));
        moveTo(ETH, between(dice, 1800e18, 2200e18));
    }

    function _appraise() private returns (int256 value, uint256 kept) {
        vm.recordLogs();
        cold.appraise();
        return abi.decode(_told(IEngineEvents.PoolAppraised.selector), (int256, uint256));
    }

    /// @dev What the last recorded event of a kind tells.
    function _told(bytes32 kind) private returns (bytes memory data) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == kind) data = logs[i].data;
        }
        assertGt(data.length, 0, "nothing is told");
    }
}
