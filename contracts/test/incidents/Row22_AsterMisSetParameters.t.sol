// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Health} from "../../src/interfaces/IRiskManager.sol";
import {RiskParameters} from "../../src/libraries/RiskParameters.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Aster's XPL, September 2025: a cap between index and mark was set wrongly, the price ran, and traders were
/// liquidated by a parameter. Here a change lies within hard bounds at every moment of its way, takes a day at least, moves
/// evenly, and never asks for more margin than the stricter of its two ends.
contract Row22AsterMisSetParametersTest is IncidentFixture {
    uint256 private constant POINTS = 24;

    function setUp() public override {
        super.setUp();
        fund(mallory, 30_000e6);
        trade(mallory, ETH, 100 * UNIT, ETH_PRICE);
    }

    /// @dev Whatever is let onto its way: at each of its points within the bounds, no faster than its share of the time.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_NoPointOfTheWayLiquidates(uint256 seed) public {
        MarketConfig memory from = _inForce();
        MarketConfig memory to = _draw(seed);
        uint256 duration = bound(seed >> 200, 20 days, 40 days);
        vm.prank(admin);
        cold.scheduleParameters(ETH, to, 50, duration);
        vm.assertEq(abi.encode(_inForce()), abi.encode(from), "something was in force at once");
        uint256 worst = _strictest(from, to);
        uint256 startedAt = block.timestamp;
        MarketConfig memory last = from;
        for (uint256 i = 1; i <= POINTS; ++i) {
            vm.warp(startedAt + duration * i / POINTS);
            cold.advanceParameters(ETH);
            MarketConfig memory c = _inForce();
            RiskParameters.validate(c, 50);
            uint256 elapsed = block.timestamp - startedAt;
            _assertEven(from.initialMarginBps, to.initialMarginBps, c.initialMarginBps, elapsed, duration);
            _assertEven(from.maintenanceMarginBps, to.maintenanceMarginBps, c.maintenanceMarginBps, elapsed, duration);
            _assertEven(from.skewScale, to.skewScale, c.skewScale, elapsed, duration);
            assertLe(
                _difference(c.skewScale, last.skewScale) * 1 days * 20,
                uint256(_smaller(from.skewScale, to.skewScale)) * (duration / POINTS + 1) + 1 days * 20,
                "S moved by more than 5 % a day"
            );
            Health memory health = risk.getHealth(account(mallory));
            assertLe(health.maintenanceMargin, worst, "stricter on its way than at either end");
            last = c;
        }
        vm.assertEq(abi.encode(_inForce()), abi.encode(to), "not there at its end");
    }

    /// @dev No margin within a day, whoever asks.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_RevertWhen_FasterThanADay(uint256 seed) public {
        MarketConfig memory to = _draw(seed);
        // S alone may ask for longer.
        to.skewScale = _inForce().skewScale;
        uint256 duration = bound(seed >> 200, 0, 1 days - 1);
        vm.prank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, bytes32("duration"), duration, 1 days)
        );
        cold.scheduleParameters(ETH, to, 50, duration);
    }

    /// @dev A slip of the hand in any one of them, by a factor or a digit, is refused before anything is on its way.
    function test_RevertWhen_AParameterIsMisSet() public {
        MarketConfig[12] memory slips;
        for (uint256 i; i < slips.length; ++i) {
            slips[i] = _inForce();
        }
        slips[0].skewScale = 1e5;
        slips[1].initialMarginBps = 100;
        slips[2].maintenanceMarginBps = 6000;
        slips[3].maintenanceMarginBps = 60;
        slips[4].marginSlopeBps = 50_001;
        slips[5].skewCapBps = 2000;
        slips[6].openInterestCapBps = 4000;
        slips[7].profitWeightBps = 10_000;
        slips[8].takerFeePpm = 5000;
        slips[9].penaltyBps = 1;
        slips[10].fundingCapPpm = 50_000;
        slips[11].allocationPercent = 51;
        for (uint256 i; i < slips.length; ++i) {
            vm.prank(admin);
            vm.expectPartialRevert(IEngineErrors.ParameterOutOfBounds.selector);
            cold.scheduleParameters(ETH, slips[i], 50, 30 days);
        }
        assertEq(uint256(cold.getSchedule(ETH).endsAt), 0, "something is on its way");
    }

    /// @dev Within the bounds; the penalty stays, so that the step needs no room.
    function _draw(uint256 seed) private view returns (MarketConfig memory c) {
        c = _inForce();
        c.skewScale = uint64(bound(seed, c.skewScale / 2, uint256(c.skewScale) * 2));
        c.initialMarginBps = uint16(bound(seed >> 16, 700, 3000));
        c.maintenanceMarginBps = uint16(bound(seed >> 32, 461, uint256(c.initialMarginBps) * 8 / 10));
        c.marginSlopeBps = uint16(bound(seed >> 48, 0, 50_000));
        c.openInterestCapBps = uint16(bound(seed >> 64, 1, 400));
        c.skewCapBps = uint16(bound(seed >> 80, 0, c.openInterestCapBps));
        c.profitWeightBps = uint16(bound(seed >> 96, 0, 9500));
        c.takerFeePpm = uint16(bound(seed >> 112, 0, 2000));
        c.makerFeePpm = uint16(bound(seed >> 128, 0, c.takerFeePpm));
        c.allocationPercent = uint8(bound(seed >> 144, 1, 50));
        c.fundingCapPpm = uint16(bound(seed >> 160, 0, 5000));
        if (uint256(c.penaltyBps) * 100 < c.takerFeePpm) c.takerFeePpm = c.makerFeePpm = 500;
    }

    /// @dev Never more than its share of the time has moved, to one unit of its own.
    function _assertEven(uint256 from, uint256 to, uint256 present, uint256 elapsed, uint256 duration) private pure {
        uint256 share = _difference(from, to) * elapsed / duration;
        assertLe(_difference(from, present), share + 1, "a parameter moved faster than its ramp");
        assertGe(_difference(from, present) + 1, share, "a parameter moved slower than its ramp");
    }

    /// @dev What maintenance comes to with each parameter at the stricter of its ends. USD, 18 decimals, rounded up.
    function _strictest(MarketConfig memory a, MarketConfig memory b) private view returns (uint256) {
        uint256 size = uint256(sizeOf(mallory));
        uint256 notional = size * uint256(cold.getMarket(ETH).index) / 1e12;
        uint256 slope = a.marginSlopeBps > b.marginSlopeBps ? a.marginSlopeBps : b.marginSlopeBps;
        uint256 scale = _smaller(a.skewScale, b.skewScale) * 1e6;
        // Shares of 18 decimals: MM, and β · |size| / S at the larger MM / IM.
        uint256 flat =
            uint256(a.maintenanceMarginBps > b.maintenanceMarginBps ? a.maintenanceMarginBps : b.maintenanceMarginBps);
        uint256 sloped = (slope * 1e14 * size / scale + 1) * _ratio(a, b) / 1e18 + 1;
        return notional * (flat * 1e14 + sloped) / 1e18 + notional / 1000 + 1e18;
    }

    /// @dev The larger MM / IM, 18 decimals, rounded up.
    function _ratio(MarketConfig memory a, MarketConfig memory b) private pure returns (uint256) {
        uint256 first = uint256(a.maintenanceMarginBps) * 1e18 / a.initialMarginBps + 1;
        uint256 second = uint256(b.maintenanceMarginBps) * 1e18 / b.initialMarginBps + 1;
        return first > second ? first : second;
    }

    /// @dev Without the flag of a listed market.
    function _inForce() private view returns (MarketConfig memory c) {
        c = cold.getMarketConfig(ETH);
        c.flags = 0;
    }

    function _difference(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }

    function _smaller(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
