// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {EmergencyGuardian} from "../../src/governance/EmergencyGuardian.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {IProposalPolicy, ProposalKind, Terms} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "../governance/GovernanceFixture.sol";
import {Deed, PowersFixture} from "../governance/PowersFixture.sol";
import {ISafe, SafeFixture} from "../governance/SafeFixture.sol";

/// @notice Drift, April 2026: a few signatures of a small multisig, no timelock behind it, and the safeguards switched off
/// first. Here every key of both Safes and the steward's is no path to more risk, and the limiter is behind the same delay
/// as all else.
contract Row11DriftNoTimelockTest is PowersFixture, SafeFixture {
    uint256 private constant LEAST = 48 hours;

    address[] private _guards;
    address[] private _councillors;
    ISafe private _guardianSafe;
    ISafe private _councilSafe;

    function setUp() public override {
        deploySafes();
        _guards = makeOwners("guardian", 5);
        _councillors = makeOwners("council", 7);
        _guardianSafe = makeSafe(_guards, 3);
        _councilSafe = makeSafe(_councillors, 5);
        (guardianHolder, council) = (address(_guardianSafe), address(_councilSafe));
        super.setUp();
    }

    /// @dev All that can be done with them is tried; the exchange is as it was.
    function test_AllKeysTogetherRaiseNoRisk() public {
        Deed[] memory all = deeds();
        bytes32 before = _exchange();
        for (uint256 i; i < all.length; ++i) {
            string memory name = string.concat(all[i].name, " ", all[i].what);
            assertFalse(_byGuardian(all[i].target, all[i].data), string.concat("by the guardian: ", name));
            assertFalse(_byCouncil(all[i].target, all[i].data), string.concat("by the council: ", name));
            vm.prank(stewardHolder);
            (bool ok,) = all[i].target.call(all[i].data);
            assertFalse(ok, string.concat("by the steward: ", name));
        }
        assertEq(_exchange(), before, "the exchange has changed");
    }

    /// @dev The limiter goes first, as it went there: with every vote for it, in two days at the earliest.
    function test_TheLimiterIsUnderTheSameDelay() public {
        uint256 begunAt = block.timestamp;
        bytes memory off = abi.encodeCall(ILiquidityVault.setOutflowCap, (5000));
        assertFalse(_byGuardian(address(vault), off), "the guardian switched the limiter off");
        assertFalse(_byCouncil(address(vault), off), "the council switched the limiter off");
        vm.prank(stewardHolder);
        (bool ok,) = address(vault).call(off);
        assertFalse(ok, "the steward switched the limiter off");
        uint256 id = propose(carol, draft(carol, address(vault), off));
        pass(id);
        governance.queue(id);
        uint256 queuedAt = vm.getBlockTimestamp();
        vm.warp(governance.proposalEta(id) - 1);
        (ok,) = address(governance).call(abi.encodeWithSignature("execute(uint256)", id));
        assertFalse(ok, "the limiter was switched off before its time");
        assertEq(vault.getVault().outflowCapBps, 1500, "until then it is what it was");
        vm.warp(governance.proposalEta(id));
        governance.execute(id);
        assertGe(vm.getBlockTimestamp() - queuedAt, LEAST, "since the vote");
        assertGe(vm.getBlockTimestamp() - begunAt, LEAST, "since the first key was stolen");
    }

    /// @dev Nor does a vote take the delay itself away, now or later.
    function test_RevertWhen_TheDelayIsVotedAway() public {
        Terms memory t = terms()[uint256(ProposalKind.Risk)];
        t.timelock = uint32(LEAST) - 1;
        vm.prank(address(timelock));
        vm.expectRevert(
            abi.encodeWithSelector(IProposalPolicy.TermsOutOfBounds.selector, bytes32("timelock"), LEAST - 1, LEAST)
        );
        policy.setTerms(ProposalKind.Risk, t);
        enact(carol, draft(carol, address(timelock), abi.encodeCall(timelock.updateDelay, (0))));
        assertEq(timelock.getMinDelay(), 0, "the timelock asks for none");
        uint256 id = propose(carol, draft(carol, address(vault), abi.encodeCall(ILiquidityVault.setDepositLock, (0))));
        pass(id);
        governance.queue(id);
        assertGe(governance.proposalEta(id) - block.timestamp, LEAST, "the terms still do");
    }

    /// @dev What the keys can do ends by itself: a week's pause, and cancelling all but their own end.
    function test_StolenKeysHoldNothingForGood() public {
        vm.warp(block.timestamp + 7 days);
        guardian.expire();
        assertEq(cold.getPool().pauseLevel & 3, 0, "free");
        assertFalse(_byGuardian(address(guardian), abi.encodeCall(EmergencyGuardian.pause, (1))), "paused again");
        uint256 id = propose(carol, draft(carol, address(governance), abi.encodeCall(Governance.setCouncil, (erin))));
        Draft memory d = draft(dave, address(guardian), abi.encodeCall(EmergencyGuardian.setGuardian, (erin)));
        uint256 other = propose(dave, d);
        assertTrue(_byCouncil(address(governance), abi.encodeWithSignature("cancel(uint256)", other)), "cancelled");
        assertFalse(
            _byCouncil(address(governance), abi.encodeWithSignature("cancel(uint256)", id)), "cancelled its end"
        );
        passToDue(id);
        governance.execute(id);
        assertEq(governance.council(), erin, "another council");
        other = enact(dave, draft(dave, address(guardian), abi.encodeCall(EmergencyGuardian.setGuardian, (erin))));
        assertState(other, IGovernor.ProposalState.Executed, "another guardian");
        assertEq(guardian.holder(), erin, "another guardian");
    }

    function _byGuardian(address to, bytes memory data) private returns (bool ok) {
        (ok,) = execute(_guardianSafe, _guards, 5, to, data);
    }

    function _byCouncil(address to, bytes memory data) private returns (bool ok) {
        (ok,) = execute(_councilSafe, _councillors, 7, to, data);
    }

    /// @dev Parameters and what is on its way, feeds, the limiter, the pause, the terms, the powers' holders and the books.
    function _exchange() private view returns (bytes32 digest) {
        Solvency memory books = cold.solvency();
        for (uint256 id; id < cold.marketCount(); ++id) {
            digest = keccak256(abi.encode(digest, cold.getMarketConfig(id), cold.getSchedule(id), cold.getQueue(id)));
            digest =
                keccak256(abi.encode(digest, oracle.getFeed(id), oracle.getProposedFeed(id), oracle.getClosing(id)));
        }
        for (uint256 kind; kind < 4; ++kind) {
            digest = keccak256(abi.encode(digest, policy.getTerms(ProposalKind(kind))));
        }
        digest = keccak256(abi.encode(digest, vault.getVault(), cold.getPool(), books, timelock.getMinDelay()));
        return keccak256(abi.encode(digest, governance.council(), guardian.holder(), steward.holder()));
    }
}
