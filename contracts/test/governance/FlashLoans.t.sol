// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {GovernanceToken} from "../../src/governance/GovernanceToken.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice What is done with borrowed tokens.
interface IBorrower {
    function onLoan(uint256 amount) external;
}

/// @notice Lends all it has, for one transaction.
contract FlashLender {
    GovernanceToken private immutable _token;

    constructor(GovernanceToken token) {
        _token = token;
    }

    function lend() external {
        uint256 amount = _token.balanceOf(address(this));
        _token.transfer(msg.sender, amount);
        IBorrower(msg.sender).onLoan(amount);
        require(_token.balanceOf(address(this)) == amount, "not returned");
    }
}

/// @notice Tries with borrowed votes whatever a governor lets one do, and tells what came of it.
contract FlashVoter is IBorrower {
    GovernanceToken private immutable _token;
    Governance private immutable _governance;
    FlashLender private immutable _lender;
    uint256 private _target;
    Draft private _draft;

    bytes public refusal;
    uint256 public weight;

    constructor(GovernanceToken token, Governance governance, FlashLender lender) {
        (_token, _governance, _lender) = (token, governance, lender);
        _token.delegate(address(this));
    }

    /// @param target What it votes for; zero to propose.
    function attack(uint256 target, Draft memory d) external {
        (_target, _draft) = (target, d);
        _lender.lend();
    }

    function onLoan(uint256 amount) external {
        if (_target == 0) _propose();
        else _vote();
        _token.transfer(msg.sender, amount);
    }

    function _propose() private {
        Draft memory d = _draft;
        try _governance.propose(d.targets, d.values, d.calldatas, d.description) {}
        catch (bytes memory reason) {
            refusal = reason;
        }
    }

    function _vote() private {
        try _governance.castVote(_target, 1) returns (uint256 counted) {
            weight = counted;
        } catch (bytes memory reason) {
            refusal = reason;
        }
    }
}

/// @notice A holder of most votes who wants it all in one transaction.
contract Hurried {
    Governance private immutable _governance;

    constructor(Governance governance, GovernanceToken token) {
        _governance = governance;
        token.delegate(address(this));
    }

    function propose(Draft memory d) public returns (uint256 id) {
        return _governance.propose(d.targets, d.values, d.calldatas, d.description);
    }

    function proposeAndVote(Draft memory d) external {
        _governance.castVote(propose(d), 1);
    }

    function proposeAndQueue(Draft memory d) external {
        _governance.queue(propose(d));
    }

    function proposeAndExecute(Draft memory d) external {
        _governance.execute(propose(d));
    }

    function queueAndExecute(uint256 id) external {
        _governance.queue(id);
        _governance.execute(id);
    }
}

/// @notice Beanstalk, April 2022: votes borrowed for a moment decided, and their proposal was executed with it.
contract FlashLoansTest is ProposalFixture {
    FlashLender private _lender;
    FlashVoter private _voter;
    Draft private _none;

    function setUp() public override {
        super.setUp();
        _lender = new FlashLender(token);
        _voter = new FlashVoter(token, governance, _lender);
        vm.prank(carol);
        token.transfer(address(_lender), SUPPLY * 20 / 100);
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    function test_BorrowedVotesProposeNothing() public {
        _voter.attack(0, ofKind(ProposalKind.Parameter, address(_voter)));
        assertEq(
            keccak256(_voter.refusal()),
            keccak256(
                abi.encodeWithSelector(
                    IGovernor.GovernorInsufficientProposerVotes.selector, _voter, 0, SUPPLY * 25 / 10_000
                )
            ),
            "only votes of the second before propose"
        );
    }

    function test_BorrowedVotesCountForNothing() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        toVote(id);
        _voter.attack(id, _none);
        assertEq(_voter.refusal().length, 0, "anybody may vote");
        assertEq(_voter.weight(), 0, "weight");
        (, uint256 forVotes,) = governance.proposalVotes(id);
        assertEq(forVotes, 0, "counted");
    }

    function test_ASnapshotInTheSecondOfTheLoanCountsWhatIsLeftAfterIt() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        vm.warp(governance.proposalSnapshot(id));
        _voter.attack(id, _none);
        assertEq(
            keccak256(_voter.refusal()),
            keccak256(unexpected(id, IGovernor.ProposalState.Pending, IGovernor.ProposalState.Active)),
            "nobody votes in the snapshot's second"
        );
        toVote(id);
        assertEq(token.getPastVotes(address(_voter), governance.proposalSnapshot(id)), 0, "votes at the snapshot");
        _voter.attack(id, _none);
        assertEq(_voter.weight(), 0, "weight");
    }

    function test_NothingIsExecutedInTheTransactionThatProposes() public {
        Hurried holder = new Hurried(governance, token);
        vm.prank(carol);
        token.transfer(address(holder), SUPPLY * 10 / 100);
        vm.warp(vm.getBlockTimestamp() + 1);
        Draft memory d = ofKind(ProposalKind.Parameter, address(holder));
        uint256 id = governance.getProposalId(d.targets, d.values, d.calldatas, keccak256(bytes(d.description)));
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Pending, IGovernor.ProposalState.Active));
        holder.proposeAndVote(d);
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Pending, IGovernor.ProposalState.Succeeded));
        holder.proposeAndQueue(d);
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Pending, IGovernor.ProposalState.Queued));
        holder.proposeAndExecute(d);
        assertEq(holder.propose(d), id, "it can be proposed");
        pass(id);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        holder.queueAndExecute(id);
        governance.queue(id);
        assertState(id, IGovernor.ProposalState.Queued, "it can be queued");
    }
}
