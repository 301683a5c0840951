// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {MarketConfig, Schedule} from "../../src/engine/EngineTypes.sol";
import {Mandate} from "../../src/governance/Mandate.sol";
import {RiskSteward} from "../../src/governance/RiskSteward.sol";
import {Timelocked} from "../../src/governance/Timelocked.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {MarginMath} from "../../src/libraries/MarginMath.sol";
import {ParameterRamp} from "../../src/libraries/ParameterRamp.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice The steward tightens, by little and slowly, and never loosens. The admin stands for the governor.
contract RiskStewardTest is EngineFixture {
    /// @dev Bits of a market's word, and whether more of it is tighter (1), less (2) or neither (0).
    struct Field {
        bytes32 name;
        uint256 shift;
        uint256 bits;
        uint256 tighter;
    }

    RiskSteward private steward;
    address private timelock = makeAddr("timelock");
    address private safe = makeAddr("the steward's Safe");
    Field[] private _fields;
    MarketConfig private _stored;

    function setUp() public override {
        super.setUp();
        steward = new RiskSteward(cold, timelock, safe);
        vm.prank(admin);
        IAccessControl(address(engine)).grantRole(keccak256("CONFIGURATOR_ROLE"), address(steward));
        uint256 shift;
        shift = _field("skewScale", shift, 64, 0);
        shift = _field("initialMarginBps", shift, 16, 1);
        shift = _field("maintenanceMarginBps", shift, 16, 1);
        shift = _field("marginSlopeBps", shift, 16, 1);
        shift = _field("skewCapBps", shift, 16, 2);
        shift = _field("openInterestCapBps", shift, 16, 2);
        shift = _field("profitWeightBps", shift, 16, 2);
        shift = _field("makerFeePpm", shift, 16, 0);
        shift = _field("takerFeePpm", shift, 16, 0);
        shift = _field("penaltyBps", shift, 8, 0);
        shift = _field("accountCapPercent", shift, 8, 2);
        shift = _field("fundingCoefficientBps", shift, 16, 0);
        shift = _field("fundingCapPpm", shift, 16, 0);
        shift = _field("allocationPercent", shift, 8, 2);
        assertEq(shift, 248, "all but the flags");
    }

    // ---------------------------------------------------------------- each field

    function test_EveryFieldMovesTowardTighterByATenth() public {
        for (uint256 i; i < _fields.length; ++i) {
            Field memory f = _fields[i];
            uint256 from = _get(f, config(10_000e6));
            // The initial margin alone would lower β · MM / IM.
            if (f.tighter == 0 || f.name == "initialMarginBps") continue;
            uint256 limit = f.tighter == 1 ? from + from / 10 : from - from / 10;
            uint256 before = vm.snapshotState();
            _tighten(_with(f, limit), 48 hours);
            assertEq(_get(f, cold.getSchedule(ETH).to), limit, string(abi.encodePacked(f.name)));
            vm.revertToState(before);
            _refuses(_with(f, f.tighter == 1 ? limit + 1 : limit - 1), 48 hours, f.name, limit);
        }
    }

    function test_RevertWhen_AnyFieldIsLoosened() public {
        for (uint256 i; i < _fields.length; ++i) {
            Field memory f = _fields[i];
            uint256 from = _get(f, config(10_000e6));
            if (f.tighter != 2) _refuses(_with(f, from - 1), 48 hours, f.name, from);
            if (f.tighter != 1) _refuses(_with(f, from + 1), 48 hours, f.name, from);
        }
    }

    function test_AStepRoundsDownButAUnitMayAlwaysMove() public {
        MarketConfig memory c = config(10_000e6);
        (c.marginSlopeBps, c.allocationPercent, c.profitWeightBps) = (0, 3, 19);
        putConfig(ETH, c);
        (c.marginSlopeBps, c.allocationPercent, c.profitWeightBps, c.flags) = (1, 2, 17, 0);
        _refuses(c, 48 hours, "profitWeightBps", 18);
        c.profitWeightBps = 18;
        _tighten(c, 48 hours);
        assertEq(cold.getSchedule(ETH).to.marginSlopeBps, 1, "from none");
        assertEq(cold.getSchedule(ETH).to.allocationPercent, 2, "less than a tenth would be");
    }

    function test_TheKeeperFeeStays() public {
        _tighten(_with(_named("skewCapBps"), 180), 1 days);
        assertEq(cold.getSchedule(ETH).keeperFeeCents, 50, "as in force");
    }

    function test_TheFlagsAreNotTheStewards() public {
        MarketConfig memory c = config(10_000e6);
        c.flags = 1;
        _refuses(c, 1 days, "flags", 0);
    }

    // ---------------------------------------------------------------- the maintenance margin

    function test_RevertWhen_TheInitialMarginAloneRises() public {
        MarketConfig memory c = config(10_000e6);
        c.initialMarginBps = 1001;
        _refuses(c, 48 hours, "initialMarginBps", 1000);
        // 600 · 1.1 carries 1,100.
        (c.initialMarginBps, c.maintenanceMarginBps) = (1100, 659);
        _refuses(c, 48 hours, "initialMarginBps", 1098);
        // 600 · 10,000 / 1,000 is less than 629 · 10,490 / 1,098, but not than what is half way to it.
        (c.initialMarginBps, c.maintenanceMarginBps, c.marginSlopeBps) = (1098, 629, 10_490);
        _refuses(c, 48 hours, "initialMarginBps", 1097);
        (c.initialMarginBps, c.maintenanceMarginBps, c.marginSlopeBps) = (1101, 660, 10_000);
        _refuses(c, 48 hours, "initialMarginBps", 1100);
        c.initialMarginBps = 1100;
        _tighten(c, 48 hours);
    }

    function test_WithoutASlopeTheInitialMarginRisesAlone() public {
        MarketConfig memory c = config(10_000e6);
        c.marginSlopeBps = 0;
        putConfig(ETH, c);
        (c.initialMarginBps, c.flags) = (1100, 0);
        _tighten(c, 1 days);
        assertEq(cold.getSchedule(ETH).to.initialMarginBps, 1100, "what is needed to open, nothing else");
    }

    function test_WhatCanLiquidateTakesTwoDays() public {
        MarketConfig memory c = config(10_000e6);
        c.maintenanceMarginBps = 601;
        _refuses(c, 48 hours - 1, "duration", 48 hours);
        _tighten(c, 48 hours);
        pass(7 days);
        cold.advanceParameters(ETH);
        c.marginSlopeBps = 10_001;
        _refuses(c, 48 hours - 1, "duration", 48 hours);
        _tighten(c, 48 hours);
    }

    function test_OtherChangesTakeADay() public {
        MarketConfig memory c = _with(_named("openInterestCapBps"), 360);
        _refuses(c, 24 hours - 1, "duration", 24 hours);
        _tighten(c, 24 hours);
    }

    /// @dev Any change that is taken, at any size: the requirement at its end is at least the one at its start, and on its
    /// way, but for the basis point that each field is rounded by.
    function testFuzz_NoPositionsMaintenanceFalls(uint256 seed, uint256 size, uint256 elapsed) public {
        MarketConfig memory from = config(10_000e6);
        from.initialMarginBps = uint16(bound(seed & 0xffff, 800, 4000));
        from.maintenanceMarginBps = uint16(bound(seed >> 16 & 0xffff, 500, uint256(from.initialMarginBps) * 7 / 10));
        from.marginSlopeBps = uint16(bound(seed >> 32 & 0xffff, 0, 40_000));
        MarketConfig memory to = abi.decode(abi.encode(from), (MarketConfig));
        to.initialMarginBps += uint16(bound(seed >> 48 & 0xffff, 0, from.initialMarginBps / 10));
        to.maintenanceMarginBps += uint16(bound(seed >> 64 & 0xffff, 0, from.maintenanceMarginBps / 10));
        to.marginSlopeBps += uint16(bound(seed >> 80 & 0xffff, 0, from.marginSlopeBps / 10));
        putConfig(ETH, from);
        vm.prank(safe);
        try steward.tighten(ETH, to, 48 hours) {}
        catch {
            vm.assume(false);
        }
        // Up to the whole of S.
        size = bound(size, 1, 10_000e12);
        // But for the last unit of a ratio, which is rounded up.
        uint256 unit = size * ETH_PRICE / 1e30 + 2;
        assertGe(_maintenance(to, size) + unit, _maintenance(from, size), "at the end");
        Schedule memory s = cold.getSchedule(ETH);
        (MarketConfig memory c,) = ParameterRamp.dueAt(s, s.startedAt + bound(elapsed, 0, 48 hours));
        assertGe(c.maintenanceMarginBps, from.maintenanceMarginBps, "of a small position, on the way");
        assertGe(
            (uint256(c.maintenanceMarginBps) + 1) * (uint256(c.marginSlopeBps) + 1) * from.initialMarginBps,
            uint256(from.maintenanceMarginBps) * from.marginSlopeBps * (c.initialMarginBps - 1),
            "of a large one, on the way"
        );
    }

    // ---------------------------------------------------------------- beside the governor

    function test_ItDoesNotUndoATightening() public {
        MarketConfig memory goal = config(10_000e6);
        (goal.maintenanceMarginBps, goal.skewCapBps) = (640, 190);
        _govern(goal, 4 days);
        MarketConfig memory c = config(10_000e6);
        _refuses(c, 48 hours, "maintenanceMarginBps", 640);
        c.maintenanceMarginBps = 639;
        _refuses(c, 48 hours, "maintenanceMarginBps", 640);
        c.maintenanceMarginBps = 640;
        _refuses(c, 48 hours, "skewCapBps", 190);
        c.skewCapBps = 191;
        _refuses(c, 48 hours, "skewCapBps", 190);
        c.skewCapBps = 180;
        _tighten(c, 48 hours);
        assertEq(cold.getSchedule(ETH).to.skewCapBps, 180, "tighter than both");
    }

    function test_ItDoesNotSlowATighteningDown() public {
        MarketConfig memory goal = config(10_000e6);
        goal.skewCapBps = 190;
        _govern(goal, 4 days);
        pass(1 days);
        _refuses(goal, 3 days + 1, "duration", 3 days);
        _tighten(goal, 3 days);
        assertEq(cold.getSchedule(ETH).endsAt, time() + 3 days, "as before");
    }

    function test_ItStopsALooseningWhereItStands() public {
        MarketConfig memory goal = config(10_000e6);
        goal.profitWeightBps = 9000;
        _govern(goal, 4 days);
        pass(2 days);
        MarketConfig memory c = config(10_000e6);
        c.profitWeightBps = 8501;
        // What is due now is put in force first.
        _refuses(c, 30 days, "profitWeightBps", 8500);
        c.profitWeightBps = 8500;
        _tighten(c, 30 days);
        assertEq(cold.getMarketConfig(ETH).profitWeightBps, 8500, "half of it");
        assertEq(cold.getSchedule(ETH).to.profitWeightBps, 8500, "and no more");
    }

    function test_ItWaitsForAChangeOfWhatItMustLeave() public {
        MarketConfig memory goal = config(10_000e6);
        goal.skewScale = 10_100e6;
        _govern(goal, 4 days);
        MarketConfig memory c = _with(_named("skewCapBps"), 180);
        _refuses(c, 1 days, "skewScale", 10_100e6);
        vm.prank(admin);
        cold.scheduleParameters(ETH, config(10_000e6), 60, 4 days);
        _refuses(c, 1 days, "keeperFeeCents", 60);
        pass(2 hours);
        _tighten(c, 1 days);
        assertEq(cold.getSchedule(ETH).keeperFeeCents, 60, "which has stepped");
    }

    function test_AChangeThatHasArrivedIsPutInForceFirst() public {
        MarketConfig memory goal = config(10_000e6);
        goal.openInterestCapBps = 380;
        _govern(goal, 1 days);
        pass(2 days);
        _refuses(config(10_000e6), 1 days, "openInterestCapBps", 380);
        goal.openInterestCapBps = 342;
        _tighten(goal, 1 days);
        assertEq(cold.getMarketConfig(ETH).openInterestCapBps, 380, "in force");
    }

    // ---------------------------------------------------------------- how often

    function test_RevertWhen_AMarketIsTightenedTwiceInSevenDays() public {
        MarketConfig memory c = _with(_named("skewCapBps"), 190);
        _tighten(c, 1 days);
        uint256 earliest = time() + 7 days;
        assertEq(steward.tightenedAt(ETH), time(), "told");
        c.skewCapBps = 180;
        vm.warp(earliest - 1);
        vm.prank(safe);
        vm.expectRevert(abi.encodeWithSelector(RiskSteward.TightenedTooSoon.selector, ETH, earliest - 1, earliest));
        steward.tighten(ETH, c, 1 days);
        vm.prank(safe);
        MarketConfig memory btc = config(400e6);
        btc.skewCapBps = 190;
        steward.tighten(BTC, btc, 1 days);
        vm.warp(earliest);
        _tighten(c, 1 days);
    }

    // ---------------------------------------------------------------- who may

    function test_ItLetsAMarketOnlyShrink() public {
        vm.prank(safe);
        steward.setReduceOnly(ETH);
        assertEq(cold.getMarketConfig(ETH).flags, 3, "listed, reduce-only");
    }

    function test_RevertWhen_AStrangerCalls() public {
        bytes memory stranger = abi.encodeWithSelector(Mandate.NotAppointed.selector, address(this), safe);
        MarketConfig memory c = config(10_000e6);
        vm.expectRevert(stranger);
        steward.tighten(ETH, c, 1 days);
        vm.expectRevert(stranger);
        steward.setReduceOnly(ETH);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotTimelock.selector, address(this), timelock));
        steward.setSteward(address(this));
        vm.prank(safe);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotTimelock.selector, safe, timelock));
        steward.setSteward(safe);
    }

    function test_TheTermEndsAfter180DaysUnlessRenewed() public {
        uint256 endsAt = time() + 180 days;
        vm.warp(endsAt);
        MarketConfig memory c = config(10_000e6);
        bytes memory ended = abi.encodeWithSelector(Mandate.TermEnded.selector, endsAt, endsAt);
        vm.startPrank(safe);
        vm.expectRevert(ended);
        steward.tighten(ETH, c, 1 days);
        vm.expectRevert(ended);
        steward.setReduceOnly(ETH);
        vm.stopPrank();
        vm.expectEmit(address(steward));
        emit Mandate.Appointed(safe, endsAt + 180 days);
        vm.prank(timelock);
        steward.setSteward(safe);
        vm.warp(endsAt + 180 days - 1);
        _tighten(c, 1 days);
    }

    // ---------------------------------------------------------------- fixtures

    function _tighten(MarketConfig memory c, uint256 duration) private {
        vm.prank(safe);
        steward.tighten(ETH, c, duration);
    }

    /// @dev Its bound is the third argument of the error; the second is what `c` or `duration` has, or what is in force.
    function _refuses(MarketConfig memory c, uint256 duration, bytes32 name, uint256 limit) private {
        uint256 value = name == "duration" ? duration : name == "flags" ? c.flags : 50;
        for (uint256 i; i < _fields.length; ++i) {
            if (_fields[i].name == name) value = _get(_fields[i], c);
        }
        vm.prank(safe);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, name, value, limit));
        steward.tighten(ETH, c, duration);
    }

    function _govern(MarketConfig memory c, uint256 duration) private {
        vm.prank(admin);
        cold.scheduleParameters(ETH, c, 50, duration);
    }

    function _maintenance(MarketConfig memory c, uint256 size) private pure returns (uint256) {
        return MarginMath.maintenanceOf(MarginMath.required(size * ETH_PRICE, MarginMath.initialRatio(size, c)), c);
    }

    function _field(bytes32 name, uint256 shift, uint256 bits, uint256 tighter) private returns (uint256) {
        _fields.push(Field(name, shift, bits, tighter));
        return shift + bits;
    }

    function _named(bytes32 name) private view returns (Field memory f) {
        for (uint256 i; i < _fields.length; ++i) {
            if (_fields[i].name == name) return _fields[i];
        }
    }

    function _get(Field memory f, MarketConfig memory c) private returns (uint256) {
        _stored = c;
        uint256 word;
        assembly ("memory-safe") {
            word := sload(_stored.slot)
        }
        return word >> f.shift & ((1 << f.bits) - 1);
    }

    /// @dev ETH's parameters with one of them changed.
    function _with(Field memory f, uint256 value) private returns (MarketConfig memory) {
        _stored = config(10_000e6);
        assembly ("memory-safe") {
            let shift := mload(add(f, 0x20))
            let mask := shl(shift, sub(shl(mload(add(f, 0x40)), 1), 1))
            sstore(_stored.slot, or(and(sload(_stored.slot), not(mask)), shl(shift, value)))
        }
        return _stored;
    }

    function time() private view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    function pass(uint256 span) private {
        vm.warp(time() + span);
    }
}
