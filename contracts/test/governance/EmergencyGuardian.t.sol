// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EmergencyGuardian, Pause} from "../../src/governance/EmergencyGuardian.sol";
import {Mandate} from "../../src/governance/Mandate.sol";
import {Timelocked} from "../../src/governance/Timelocked.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {GuardianFixture} from "./GuardianFixture.sol";

/// @notice What the guardian may, and for how long.
contract EmergencyGuardianTest is GuardianFixture {
    // ---------------------------------------------------------------- one pause

    function test_NoNewRiskEndsAfterSevenDaysForAnybody() public {
        vm.expectEmit(address(guardian));
        emit EmergencyGuardian.PauseBegun(1, time() + 7 days);
        pause(1);
        assertEq(engineLevel(), 1, "paused");
        uint256 until = time() + 7 days;
        pass(7 days - 1);
        assertEq(guardian.levelAt(time()), 1, "still due");
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuardian.PauseStands.selector, until - 1, until));
        guardian.expire();
        pass(1);
        assertEq(guardian.levelAt(time()), 0, "no longer");
        vm.expectEmit(address(guardian));
        emit EmergencyGuardian.PauseEnded(1, 0, keeper);
        vm.prank(keeper);
        guardian.expire();
        assertEq(engineLevel(), 0, "free");
    }

    function test_AFullHaltEndsAfterTwoDaysForAnybody() public {
        pause(2);
        assertEq(engineLevel(), 2, "halted");
        uint256 until = time() + 48 hours;
        pass(48 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuardian.PauseStands.selector, until - 1, until));
        guardian.expire();
        pass(1);
        vm.prank(keeper);
        guardian.expire();
        assertEq(engineLevel(), 0, "no level 1 stood before");
        vm.expectRevert(EmergencyGuardian.NothingPaused.selector);
        guardian.expire();
    }

    function test_AfterAFullHaltLevel1StandsAgain() public {
        uint256 begun = time();
        pause(1);
        pass(1 days);
        pause(2);
        pass(48 hours);
        vm.expectEmit(address(guardian));
        emit EmergencyGuardian.PauseEnded(2, 1, address(this));
        guardian.expire();
        assertEq(engineLevel(), 1, "level 1 again");
        vm.warp(begun + 7 days - 1);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuardian.PauseStands.selector, time(), time() + 1));
        guardian.expire();
        pass(1);
        guardian.expire();
        assertEq(engineLevel(), 0, "seven days in all");
    }

    function test_AFullHaltEndsWithItsIncident() public {
        uint256 begun = time();
        pause(1);
        pass(7 days - 1 hours);
        vm.expectEmit(address(guardian));
        emit EmergencyGuardian.PauseBegun(2, begun + 7 days);
        pause(2);
        pass(1 hours - 1);
        assertEq(guardian.levelAt(time()), 2, "still due");
        pass(1);
        guardian.expire();
        assertEq(engineLevel(), 0, "both are over");
    }

    function test_RevertWhen_TheIncidentIsOver() public {
        pause(1);
        uint256 until = time() + 7 days;
        pass(7 days - 1);
        uint256 before = vm.snapshotState();
        pause(2);
        assertEq(engineLevel(), 2, "for its last second");
        vm.revertToState(before);
        pass(1);
        vm.prank(safe);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuardian.IncidentOver.selector, until, until));
        guardian.pause(2);
    }

    function test_RevertWhen_TheLevelIsNotRaised() public {
        uint8[3] memory none = [0, 3, 255];
        for (uint256 i; i < 3; ++i) {
            _refuses(none[i], abi.encodeWithSelector(EmergencyGuardian.LevelNotRaised.selector, none[i], 0));
        }
        pause(1);
        _refuses(1, abi.encodeWithSelector(EmergencyGuardian.LevelNotRaised.selector, 1, 1));
        pause(2);
        _refuses(1, abi.encodeWithSelector(EmergencyGuardian.LevelNotRaised.selector, 1, 2));
        _refuses(2, abi.encodeWithSelector(EmergencyGuardian.LevelNotRaised.selector, 2, 2));
    }

    function test_GuardianAndTimelockLiftAtAnyTime() public {
        address[2] memory lifters = [safe, timelock];
        for (uint256 i; i < 2; ++i) {
            pause(1);
            pass(1 hours);
            pause(2);
            vm.expectEmit(address(guardian));
            emit EmergencyGuardian.PauseEnded(2, 0, lifters[i]);
            vm.prank(lifters[i]);
            guardian.lift();
            assertEq(engineLevel(), 0, "level 1 as well");
            vm.prank(lifters[i]);
            vm.expectRevert(EmergencyGuardian.NothingPaused.selector);
            guardian.lift();
            pass(30 days);
        }
    }

    function test_ThePauseIsTold() public {
        uint256 begun = time();
        pause(1);
        pass(1 days);
        pause(2);
        Pause memory p = guardian.getPause();
        assertEq(p.level, 2, "level");
        assertEq(p.begunAt, begun, "begun");
        assertEq(p.endedAt, 0, "never one before");
        assertEq(p.haltedAt, begun + 1 days, "halted");
        assertEq(p.haltedUntil, begun + 3 days, "and until");
        assertEq(p.noRiskUntil, begun + 7 days, "level 1 until");
        assertEq(guardian.levelAt(begun + 3 days - 1), 2, "within");
        assertEq(guardian.levelAt(begun + 3 days), 1, "after the halt");
        assertEq(guardian.levelAt(begun + 7 days), 0, "after all");
        lift();
        assertEq(guardian.getPause().endedAt, time(), "ended");
        assertEq(guardian.levelAt(time()), 0, "nothing is due");
    }

    // ---------------------------------------------------------------- no chains

    function test_ANewIncidentWaitsSevenDays() public {
        pause(1);
        pass(1 hours);
        lift();
        _refusesUntil(1, 7 days);
        pause(1);
    }

    function test_AnIncidentThatNobodyEndedDelaysTheNext() public {
        pause(1);
        pass(20 days);
        _refuses(1, abi.encodeWithSelector(EmergencyGuardian.LevelNotRaised.selector, 1, 1));
        guardian.expire();
        _refusesUntil(1, 7 days);
        pause(1);
    }

    function test_AFullHaltComesOnceInThirtyDays() public {
        pause(2);
        lift();
        uint256 next = time() + 30 days;
        pass(7 days);
        pause(1);
        _refuses(2, abi.encodeWithSelector(EmergencyGuardian.PauseTooSoon.selector, time(), next));
        lift();
        vm.warp(next - 1);
        _refuses(2, abi.encodeWithSelector(EmergencyGuardian.PauseTooSoon.selector, time(), next));
        pass(1);
        pause(2);
    }

    function test_ANewGuardianInheritsWhatTheLastOneUsedUp() public {
        pause(2);
        lift();
        address next = makeAddr("the next Safe");
        vm.prank(timelock);
        guardian.setGuardian(next);
        vm.prank(next);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuardian.PauseTooSoon.selector, time(), time() + 7 days));
        guardian.pause(1);
    }

    /// @dev A hostile guardian that tries anything at any time, and one keeper who ends what is over.
    function testFuzz_NothingStaysPausedForLong(uint256 seed) public {
        uint256 end = time() + 120 days;
        // When the exchange was last free for the first time, paused, and halted.
        uint256[3] memory since;
        since[0] = time() - 7 days;
        uint256 lastHalt;
        uint256 last;
        while (time() < end) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(seed);
            uint256 level = engineLevel();
            if (last == 0 && level != 0) {
                assertGe(time() - since[0], 7 days, "free for seven days before");
                since[1] = time();
            }
            if (last != 2 && level == 2) {
                assertTrue(lastHalt == 0 || time() - lastHalt >= 30 days, "halted once in thirty days");
                (lastHalt, since[2]) = (time(), time());
            }
            if (level != 0) assertLt(time() - since[1], 7 days, "paused for seven days at most");
            if (level == 2) assertLt(time() - since[2], 48 hours, "halted for two days at most");
            if (last != 0 && level == 0) since[0] = time();
            last = level;
        }
        assertGt(guardian.getPause().begunAt, 0, "some were begun");
    }

    // ---------------------------------------------------------------- who may

    function test_RevertWhen_AStrangerCalls() public {
        bytes memory stranger = abi.encodeWithSelector(Mandate.NotAppointed.selector, address(this), safe);
        vm.expectRevert(stranger);
        guardian.pause(1);
        vm.expectRevert(stranger);
        guardian.challengeClosingPrice(ETH);
        pause(1);
        vm.expectRevert(stranger);
        guardian.lift();
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotTimelock.selector, address(this), timelock));
        guardian.setGuardian(address(this));
        vm.prank(safe);
        vm.expectRevert(abi.encodeWithSelector(Timelocked.NotTimelock.selector, safe, timelock));
        guardian.setGuardian(safe);
        vm.prank(timelock);
        vm.expectRevert(abi.encodeWithSelector(Mandate.NotAppointed.selector, timelock, safe));
        guardian.pause(2);
    }

    function test_TheTermEndsAfter180Days() public {
        uint256 endsAt = time() + 180 days;
        vm.warp(endsAt - 1);
        pause(1);
        pass(1);
        bytes memory ended = abi.encodeWithSelector(Mandate.TermEnded.selector, endsAt, endsAt);
        _refuses(2, ended);
        vm.prank(safe);
        vm.expectRevert(ended);
        guardian.challengeClosingPrice(ETH);
        vm.prank(safe);
        vm.expectRevert(ended);
        guardian.lift();
        assertEq(engineLevel(), 1, "paused by one who may nothing any more");
    }

    function test_WhatAnEndedTermLeftPausedEndsAllTheSame() public {
        vm.warp(time() + 180 days - 1);
        pause(1);
        uint256 before = vm.snapshotState();
        pass(7 days);
        guardian.expire();
        assertEq(engineLevel(), 0, "by anybody");
        vm.revertToState(before);
        pass(1);
        vm.prank(timelock);
        guardian.lift();
        assertEq(engineLevel(), 0, "by the timelock");
    }

    function test_TheTimelockRenewsTheTerm() public {
        pass(200 days);
        vm.expectEmit(address(guardian));
        emit Mandate.Appointed(safe, time() + 180 days);
        vm.prank(timelock);
        guardian.setGuardian(safe);
        pass(180 days - 1);
        pause(1);
        assertEq(engineLevel(), 1, "paused");
    }

    function test_TheTimelockReplacesTheGuardian() public {
        address next = makeAddr("the next Safe");
        vm.prank(timelock);
        guardian.setGuardian(next);
        _refuses(1, abi.encodeWithSelector(Mandate.NotAppointed.selector, safe, next));
        vm.prank(next);
        guardian.pause(1);
        assertEq(engineLevel(), 1, "paused");
    }

    // ---------------------------------------------------------------- what it does to traders

    function test_Level1NeverBlocksReducing() public {
        trade(alice, ETH, 2 * UNIT, ETH_PRICE);
        pause(1);
        trade(alice, ETH, -UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "by an order");
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "at once");
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "nothing opens");
        pass(7 days);
        guardian.expire();
        setPrice(ETH, ETH_PRICE);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "until it has ended");
    }

    // ---------------------------------------------------------------- fixtures

    /// @dev Time passes in steps that end at the next deadline at the latest, at which the keeper is there.
    function _step(uint256 seed) private {
        uint256 next = time() + bound(seed >> 8, 1, 5 days);
        Pause memory p = guardian.getPause();
        if (p.haltedUntil > time() && p.haltedUntil < next) next = p.haltedUntil;
        if (p.noRiskUntil > time() && p.noRiskUntil < next) next = p.noRiskUntil;
        vm.warp(next);
        // The guardian comes first.
        uint256 action = seed % 8;
        vm.prank(safe);
        if (action < 6) {
            try guardian.pause(action < 3 ? 1 : 2) {} catch {}
        } else if (action == 6) {
            try guardian.lift() {} catch {}
        } else {
            try guardian.expire() {} catch {}
        }
        if (guardian.levelAt(time()) < engineLevel()) guardian.expire();
    }

    function _refuses(uint8 level, bytes memory reason) private {
        vm.prank(safe);
        vm.expectRevert(reason);
        guardian.pause(level);
    }

    /// @dev From now on for `span`; then no longer.
    function _refusesUntil(uint8 level, uint256 span) private {
        uint256 earliest = time() + span;
        _refuses(level, abi.encodeWithSelector(EmergencyGuardian.PauseTooSoon.selector, time(), earliest));
        vm.warp(earliest - 1);
        _refuses(level, abi.encodeWithSelector(EmergencyGuardian.PauseTooSoon.selector, time(), earliest));
        pass(1);
    }
}
