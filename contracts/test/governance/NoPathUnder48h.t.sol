// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {EmergencyGuardian} from "../../src/governance/EmergencyGuardian.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Deed, PowersFixture} from "./PowersFixture.sol";
import {Draft} from "./GovernanceFixture.sol";

/// @notice Nobody but the timelock has a path that raises risk, and the timelock's takes 48 h at least. Every function of
/// every contract that changes state is either a deed that is tried here, or said below to be everybody's own affair.
contract NoPathUnder48hTest is PowersFixture {
    uint256 private constant LEAST = 48 hours;

    mapping(bytes32 deed => bool) private _known;
    /// @dev What a function that nobody knows of is called otherwise than, as a query says it.
    mapping(string contractName => string) private _others;

    // ---------------------------------------------------------------- nobody else

    /// @dev As whoever holds it each goes through, so that nothing but the caller is refused below.
    function test_EachDeedGoesThroughByItsPower() public {
        Deed[] memory all = deeds();
        uint256 done;
        for (uint256 i; i < all.length; ++i) {
            if (all[i].by == address(0)) continue;
            uint256 before = vm.snapshotState();
            (bool ok, bytes memory result) = _call(all[i].by, all[i]);
            vm.assertEq(ok ? bytes("") : result, bytes(""), _nameOf(all[i]));
            assertTrue(ok, _nameOf(all[i]));
            vm.revertToState(before);
            ++done;
        }
        assertGt(done, 60, "deeds were done");
    }

    function test_NobodyElseDoesAnyOfThem() public {
        Deed[] memory all = deeds();
        address[] memory callers = holders();
        for (uint256 i; i < all.length; ++i) {
            for (uint256 j; j < callers.length; ++j) {
                (bool ok,) = _call(callers[j], all[i]);
                assertFalse(ok, string.concat(_nameOf(all[i]), " by ", vm.toString(callers[j])));
            }
        }
    }

    // ---------------------------------------------------------------- the vote

    /// @dev With all votes for it, from the second of the proposal on, at the earliest second of each step.
    function test_TheFastestVoteTakesTwoDaysAtLeast() public {
        Deed[] memory all = deeds();
        uint256 done;
        for (uint256 i; i < all.length; ++i) {
            bool voted = all[i].by == address(timelock) || all[i].target == address(governance);
            // Those hand on calls: refused for good.
            if (!voted || bytes4(all[i].data) == Governor.relay.selector) continue;
            // Post-conditions begin and end in one proposal, see its tests.
            if (all[i].target == address(postConditions)) continue;
            uint256 before = vm.snapshotState();
            _vote(all[i]);
            vm.revertToState(before);
            ++done;
        }
        assertGt(done, 55, "deeds were voted for");
    }

    function _vote(Deed memory deed) private {
        string memory name = _nameOf(deed);
        uint256 begunAt = _time();
        Draft memory d = draft(carol, deed.target, deed.data);
        uint256 id = propose(carol, d);
        _assertNotYet(id, name);
        vm.warp(governance.proposalSnapshot(id) + 1);
        vote(carol, id, 1);
        vote(dave, id, 1);
        vote(erin, id, 1);
        _assertNotYet(id, name);
        vm.warp(governance.proposalDeadline(id) + 1);
        refresh();
        _assertNotYet(id, name);
        governance.queue(id);
        uint256 queuedAt = _time();
        // Only a market that is seen halted for a day may be put into settlement.
        vm.warp(governance.proposalEta(id) - 1 - 1 days);
        watch(1 << BTC);
        refresh();
        _assertNotYet(id, name);
        assertGe(_time() + 1 - queuedAt, LEAST, string.concat(name, ": since the vote"));
        assertGe(_time() + 1 - begunAt, LEAST, string.concat(name, ": since the proposal"));
        vm.warp(governance.proposalEta(id));
        refresh();
        governance.execute(id);
        assertState(id, IGovernor.ProposalState.Executed, name);
    }

    function _assertNotYet(uint256 id, string memory name) private {
        (bool ok,) = address(governance).call(abi.encodeWithSignature("execute(uint256)", id));
        assertFalse(ok, string.concat(name, ": executed at once"));
    }

    // ---------------------------------------------------------------- the mandates

    /// @dev Whatever time it is given, and neither where nothing is on its way nor where something is.
    function test_TheStewardLoosensNothing() public {
        uint256[4] memory durations = [uint256(1 days), 2 days, 30 days, 365 days];
        for (uint256 i; i < FIELDS; ++i) {
            (string memory field, MarketConfig memory to, uint16 fee) = loosened(i);
            // The keeper's fee is no argument of it.
            for (uint256 j; j < durations.length && fee == KEEPER_FEE; ++j) {
                vm.prank(stewardHolder);
                (bool ok, bytes memory result) =
                    address(steward).call(abi.encodeCall(steward.tighten, (ETH, to, durations[j])));
                assertFalse(ok, field);
                assertEq(bytes32(bytes4(result)), bytes32(IEngineErrors.ParameterOutOfBounds.selector), field);
            }
        }
        assertEq(uint256(cold.getSchedule(ETH).endsAt), 0, "nothing is on its way");
    }

    /// @dev BTC's maintenance margin is rising: it cannot be kept where it is, nor be put off.
    function test_TheStewardUndoesNoTightening() public {
        MarketConfig memory to = cold.getSchedule(BTC).to;
        uint256 left = cold.getSchedule(BTC).endsAt - block.timestamp;
        vm.startPrank(stewardHolder);
        vm.expectPartialRevert(IEngineErrors.ParameterOutOfBounds.selector);
        steward.tighten(BTC, to, left + 1);
        --to.maintenanceMarginBps;
        vm.expectPartialRevert(IEngineErrors.ParameterOutOfBounds.selector);
        steward.tighten(BTC, to, 2 days);
        vm.stopPrank();
        assertEq(cold.getSchedule(BTC).to.maintenanceMarginBps, 650, "still on its way");
    }

    /// @dev Tighter is done in its own time; the market that is reduce-only stays so.
    function test_TheStewardTightens() public {
        MarketConfig memory to = cold.getMarketConfig(ETH);
        to.flags = 0;
        to.openInterestCapBps -= 10;
        vm.startPrank(stewardHolder);
        steward.tighten(ETH, to, 1 days);
        steward.setReduceOnly(ETH);
        steward.setReduceOnly(BTC);
        vm.stopPrank();
        assertEq(cold.getSchedule(ETH).to.openInterestCapBps, 290, "on its way");
        assertEq(cold.getMarketConfig(BTC).flags & 2, 2, "reduce-only");
    }

    /// @dev What the guardian began it may end, and so brings back what the vote has set; nothing below it.
    function test_TheGuardianLiftsItsOwnPauseAlone() public {
        vm.startPrank(guardianHolder);
        vm.expectPartialRevert(EmergencyGuardian.LevelNotRaised.selector);
        guardian.pause(0);
        guardian.lift();
        assertEq(cold.getPool().pauseLevel & 3, 0, "as before the pause");
        vm.expectRevert(EmergencyGuardian.NothingPaused.selector);
        guardian.lift();
        vm.stopPrank();
        assertEq(cold.getMarketConfig(BTC).flags & 2, 2, "reduce-only stays");
        assertTrue(oracle.getClosing(BTC).mean == 0, "and no market's end is nearer");
    }

    function test_NobodyElseLiftsAPauseBeforeItsEnd() public {
        address[] memory callers = holders();
        for (uint256 i = 1; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert();
            guardian.lift();
            vm.expectPartialRevert(EmergencyGuardian.PauseStands.selector);
            guardian.expire();
            vm.stopPrank();
        }
    }

    // ---------------------------------------------------------------- nothing is forgotten

    /// @dev What anybody may do with what is theirs, or a power may do that lowers risk or brings nothing but the due.
    function _harmless() private {
        _know("Engine", "deposit withdraw moveMargin commit commitSigned announce multicall permit depositWithPermit2");
        _know("Engine", "setDelegate approveBuilder cancelNonces settle closeNow liquidate flag liquidateMany");
        _know("Engine", "updateIndices appraise accrue expire collectClaim divideReserves fundInsurance");
        _know("Engine", "advanceParameters settleMarket settlePosition deleverage crystallise renounceRole");
        _know("Vault", "requestDeposit requestRedeem settleEpoch claimDeposit refundDeposit claimRedeem");
        _know("Vault", "transfer transferFrom approve setOperator renounceRole");
        _know("Oracle", "settlementPrice presentPrices observe challengeClosingPrice renounceRole");
        _know("Governance", "propose queue execute cancel castVote castVoteWithReason castVoteWithReasonAndParams");
        _know("Governance", "castVoteBySig castVoteWithReasonAndParamsBySig castOverrideVote castOverrideVoteBySig");
        _know("Governance", "onERC721Received onERC1155Received onERC1155BatchReceived");
        _know("Timelock", "onERC721Received onERC1155Received onERC1155BatchReceived renounceRole");
        _know("Guardian", "pause lift expire challengeClosingPrice");
        _know("Steward", "tighten setReduceOnly");
        _know("Token", "transfer transferFrom approve permit delegate delegateBySig");
    }

    function test_EveryFunctionIsTriedOrHarmless() public {
        _harmless();
        Deed[] memory all = deeds();
        for (uint256 i; i < all.length; ++i) {
            _know(all[i].name);
        }
        string[4] memory engines = ["DerivativesEngine", "EngineExtension", "Deleverager", "OrderDesk"];
        for (uint256 i; i < engines.length; ++i) {
            _look("Engine", engines[i]);
        }
        _look("Vault", "LiquidityVault");
        _look("Oracle", "PriceOracle");
        _look("Policy", "ProposalPolicy");
        _look("PostConditions", "PostConditions");
        _look("Governance", "Governance");
        _look("Timelock", "TimelockController");
        _look("Treasury", "Treasury");
        _look("Guardian", "EmergencyGuardian");
        _look("Steward", "RiskSteward");
        _look("Token", "GovernanceToken");
    }

    /// @dev Asks the artifact for functions that change state and are none of those that are known.
    function _look(string memory name, string memory artifact) private view {
        string memory json = vm.readFile(string.concat("contracts/out/", artifact, ".sol/", artifact, ".json"));
        string memory taking = ".abi[?(@.type == 'function' && @.stateMutability == 'nonpayable'";
        string memory paid = ".abi[?(@.type == 'function' && @.stateMutability == 'payable'";
        assertTrue(vm.keyExistsJson(json, string.concat(taking, ")]")), artifact);
        string memory others = string.concat(_others[name], ")].name");
        string memory message = string.concat("nobody says what a function may do of ", artifact);
        assertFalse(vm.keyExistsJson(json, string.concat(taking, others)), message);
        assertFalse(vm.keyExistsJson(json, string.concat(paid, others)), message);
    }

    /// @param list Functions of a contract, a space between each two.
    function _know(string memory name, string memory list) private {
        bytes memory text = bytes(list);
        bytes memory word;
        for (uint256 i; i <= text.length; ++i) {
            if (i < text.length && text[i] != " ") {
                word = abi.encodePacked(word, text[i]);
                continue;
            }
            _others[name] = string.concat(_others[name], " && @.name != '", string(word), "'");
            word = "";
        }
    }

    /// @param deed Contract and function, a dot between them.
    function _know(string memory deed) private {
        if (_known[keccak256(bytes(deed))]) return;
        _known[keccak256(bytes(deed))] = true;
        bytes memory name;
        bytes memory rest;
        bool dot;
        for (uint256 i; i < bytes(deed).length; ++i) {
            if (bytes(deed)[i] == ".") dot = true;
            else if (dot) rest = abi.encodePacked(rest, bytes(deed)[i]);
            else name = abi.encodePacked(name, bytes(deed)[i]);
        }
        _know(string(name), string(rest));
    }

    function _call(address caller, Deed memory deed) private returns (bool ok, bytes memory result) {
        vm.prank(caller);
        return deed.target.call(deed.data);
    }

    function _nameOf(Deed memory deed) private pure returns (string memory) {
        return string.concat(deed.name, " ", deed.what);
    }

    function _time() private view returns (uint256) {
        return vm.getBlockTimestamp();
    }
}
