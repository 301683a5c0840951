// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {IProposalPolicy} from "../../src/interfaces/IProposalPolicy.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {Draft, GovernanceFixture} from "../governance/GovernanceFixture.sol";

/// @notice What a proposal says it will do.
contract Plan {
    function carryOut() external {}
}

/// @notice What is put in its place.
contract OtherPlan {
    uint256 public taken;

    function carryOut() external {
        ++taken;
    }
}

/// @notice Four attacks by way of votes, each against the exchange's own governor.
contract Row33GovernanceAttacksTest is GovernanceFixture {
    address private _mallory = makeAddr("mallory");

    /// @dev What each of them wants: the limiter off.
    function _wish(address proposer) private returns (Draft memory) {
        return draft(proposer, address(vault), abi.encodeCall(ILiquidityVault.setOutflowCap, (5000)));
    }

    function _assertNothingGained() private view {
        assertEq(vault.getVault().outflowCapBps, 1500, "the limiter is off");
    }

    // ---------------------------------------------------------------- Beanstalk

    /// @notice April 2022, 182 M USD: votes borrowed, a proposal passed and executed with them, all in one transaction.
    /// @dev Mallory has enough to propose by herself. What she borrows, 12 times as much, counts neither for a proposal
    /// in that second nor for one whose snapshot is past.
    function test_Beanstalk_BorrowedVotesCountNothing() public {
        _give(dave, _mallory, 10_000_000e18);
        vm.warp(block.timestamp + 1);
        uint256 id = propose(_mallory, _wish(_mallory));
        toVote(id);
        address borrower = makeAddr("borrower");
        _borrow(borrower);
        vm.prank(borrower);
        assertEq(governance.castVote(id, 1), 0, "borrowed votes counted");
        Draft memory d = _wish(borrower);
        vm.prank(borrower);
        (bool ok, bytes memory result) = address(governance)
            .call(abi.encodeCall(governance.propose, (d.targets, d.values, d.calldatas, d.description)));
        assertFalse(ok, "borrowed votes proposed");
        bytes32 why = bytes32(IGovernor.GovernorInsufficientProposerVotes.selector);
        assertEq(bytes32(bytes4(result)), why, "why");
        vm.prank(_mallory);
        assertEq(governance.castVote(id, 1), 10_000_000e18, "her own");
        (ok,) = address(governance).call(abi.encodeWithSignature("execute(uint256)", id));
        assertFalse(ok, "executed in the second of the vote");
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "without a quorum");
        _assertNothingGained();
    }

    function _borrow(address borrower) private {
        _give(dave, borrower, 100_000_000e18);
        vm.prank(borrower);
        token.delegate(borrower);
    }

    function _give(address from, address to, uint256 amount) private {
        vm.prank(from);
        assertTrue(token.transfer(to, amount), "transfer");
        vm.prank(to);
        token.delegate(to);
    }

    // ---------------------------------------------------------------- Tornado Cash

    /// @notice May 2023: a proposal that read well, and other code at its address when it was executed.
    function test_TornadoCash_OtherCodeThanWasProposedDoesNotRun() public {
        address plan = address(new Plan());
        address other = address(new OtherPlan());
        uint256 id = propose(carol, draft(carol, plan, abi.encodeCall(Plan.carryOut, ())));
        pass(id);
        bytes memory was = plan.code;
        vm.etch(plan, other.code);
        assertFalse(_step("queue(uint256)", id), "other code was queued");
        vm.etch(plan, was);
        governance.queue(id);
        vm.warp(governance.proposalEta(id));
        vm.etch(plan, other.code);
        assertFalse(_step("execute(uint256)", id), "other code was executed");
        vm.etch(plan, was);
        assertTrue(_step("execute(uint256)", id), "what was proposed runs");
    }

    /// @dev Nor is there a way around the look at the code: no action may hide another.
    function test_TornadoCash_NothingIsHiddenInAnotherCall() public {
        bytes[] memory hidden = new bytes[](1);
        address notYet = makeAddr("where code will be");
        hidden[0] = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (notYet, ""));
        Draft memory d = draft(carol, address(engine), abi.encodeCall(IOrderDesk.multicall, (hidden)));
        vm.prank(carol);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProposalPolicy.ActionRefused.selector, address(engine), IOrderDesk.multicall.selector
            )
        );
        governance.propose(d.targets, d.values, d.calldatas, d.description);
    }

    /// @dev Whether it goes through; if not, for the code alone.
    function _step(string memory step, uint256 id) private returns (bool ok) {
        bytes memory result;
        (ok, result) = address(governance).call(abi.encodeWithSignature(step, id));
        if (!ok) assertEq(bytes32(bytes4(result)), bytes32(Governance.CodeChanged.selector), "why");
    }

    // ---------------------------------------------------------------- Compound 289

    /// @notice July 2024, 24 M USD: a majority of those few who looked on a weekend.
    /// @dev Whoever abstains makes no quorum; whoever brings it in the last hour gives the others two days; and what passes
    /// unseen can still be cancelled.
    function test_Compound289_AWeekendsMajorityIsNotEnough() public {
        _give(dave, _mallory, 19_000_000e18);
        vm.warp(block.timestamp + 1);
        uint256 id = propose(_mallory, _wish(_mallory));
        toVote(id);
        vote(_mallory, id, 1);
        vote(erin, id, 2);
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "abstentions made a quorum");

        id = propose(dave, _wish(dave));
        toVote(id);
        uint256 deadline = governance.proposalDeadline(id);
        vm.warp(deadline - 1 hours);
        vote(dave, id, 1);
        assertGe(governance.proposalDeadline(id), deadline - 1 hours + 2 days, "no time is left to answer");
        vm.warp(deadline + 1 days);
        vote(carol, id, 0);
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "answered");

        id = propose(erin, _wish(erin));
        toVote(id);
        vote(erin, id, 1);
        toEnd(id);
        governance.queue(id);
        vm.prank(council);
        governance.cancel(id);
        assertState(id, IGovernor.ProposalState.Canceled, "seen in time");
        _assertNothingGained();
    }

    // ---------------------------------------------------------------- Audius

    /// @notice July 2022, 6 M USD: a proxy's contract that could be initialised once more, by anybody.
    /// @dev Proxies and what stands behind them; the governor's contracts have no such function.
    function test_Audius_NothingIsInitialisedAgain() public {
        address[4] memory engines = [address(engine), _behind(address(engine)), address(vault), _behind(address(vault))];
        bytes memory initialize = abi.encodeCall(IEngineExtension.initialize, (_mallory));
        for (uint256 i; i < 4; ++i) {
            if (i == 2) initialize = abi.encodeCall(ILiquidityVault.initialize, (_mallory, "", ""));
            vm.prank(_mallory);
            (bool ok, bytes memory result) = engines[i].call(initialize);
            assertFalse(ok, "initialised again");
            assertEq(bytes32(bytes4(result)), bytes32(Initializable.InvalidInitialization.selector), "why");
        }
        string[6] memory fixedContracts =
            ["Governance", "GovernanceToken", "ProposalPolicy", "PostConditions", "TimelockController", "Treasury"];
        for (uint256 i; i < fixedContracts.length; ++i) {
            string memory path = string.concat("contracts/out/", fixedContracts[i], ".sol/", fixedContracts[i], ".json");
            string[] memory signatures = vm.parseJsonKeys(vm.readFile(path), ".methodIdentifiers");
            for (uint256 j; j < signatures.length; ++j) {
                assertFalse(bytes10(bytes(signatures[j])) == bytes10("initialize"), fixedContracts[i]);
            }
        }
        _assertNothingGained();
    }

    function _behind(address proxy) private view returns (address) {
        return address(uint160(uint256(vm.load(proxy, ERC1967Utils.IMPLEMENTATION_SLOT))));
    }
}
