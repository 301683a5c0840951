// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {IProposalPolicy} from "../../src/interfaces/IProposalPolicy.sol";
import {deploySuccessor, EngineSuccessor} from "./EngineSuccessor.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice What was voted on.
contract Harmless {
    uint256 public acted;

    function act() external {
        ++acted;
    }
}

/// @notice What stands there when it is executed.
contract Harmful {
    uint256 public acted;

    function act() external {
        acted += 1000;
    }
}

/// @notice Tornado Cash, May 2023: other code stood at the address that had been approved.
contract SwappedCodeTest is ProposalFixture {
    Harmless private _target;
    bytes private _harmless;
    bytes private _harmful;

    function setUp() public override {
        super.setUp();
        _target = new Harmless();
        (_harmless, _harmful) = (address(_target).code, address(new Harmful()).code);
    }

    function test_RevertWhen_CodeIsSwappedUntilItIsQueued() public {
        (uint256 id, Draft memory d) = _proposed();
        pass(id);
        vm.etch(address(_target), _harmful);
        _expectCodeChanged(id, d);
        governance.queue(id);
        vm.etch(address(_target), _harmless);
        governance.queue(id);
    }

    function test_RevertWhen_CodeIsSwappedUntilItIsExecuted() public {
        (uint256 id, Draft memory d) = _proposed();
        passToDue(id);
        vm.etch(address(_target), _harmful);
        _expectCodeChanged(id, d);
        governance.execute(id);
        assertEq(_target.acted(), 0, "nothing happened");
        vm.etch(address(_target), _harmless);
        governance.execute(id);
        assertEq(_target.acted(), 1, "what was voted on happened");
    }

    function test_RevertWhen_ThereIsNoCode() public {
        Draft memory d = draft(carol, stranger, abi.encodeCall(Harmless.act, ()));
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NoCode.selector, stranger));
        propose(carol, d);
    }

    function test_RevertWhen_CodeHasGone() public {
        (uint256 id,) = _proposed();
        pass(id);
        uint256 before = vm.snapshotState();
        vm.etch(address(_target), "");
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NoCode.selector, address(_target)));
        governance.queue(id);
        vm.revertToState(before);
        governance.queue(id);
        vm.warp(governance.proposalEta(id));
        vm.etch(address(_target), "");
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NoCode.selector, address(_target)));
        governance.execute(id);
    }

    /// @dev EIP-7702: an account without code points to a contract, and to another at will.
    function test_RevertWhen_AnAccountPointsToOtherCode() public {
        address harmful = address(new Harmful());
        vm.etch(stranger, abi.encodePacked(hex"ef0100", address(_target)));
        Draft memory d = draft(carol, stranger, abi.encodeCall(Harmless.act, ()));
        uint256 id = propose(carol, d);
        passToDue(id);
        vm.etch(stranger, abi.encodePacked(hex"ef0100", harmful));
        _expectCodeChanged(id, d);
        governance.execute(id);
        vm.etch(stranger, abi.encodePacked(hex"ef0100", address(_target)));
        governance.execute(id);
        assertEq(Harmless(stranger).acted(), 1, "what was voted on happened");
    }

    function test_RevertWhen_AnImplementationIsSwappedUntilItIsQueued() public {
        (uint256 id, Draft memory d, address successor) = _proposedUpgrade();
        pass(id);
        _swap(successor);
        _expectCodeChanged(id, d);
        governance.queue(id);
    }

    function test_RevertWhen_AnImplementationIsSwappedUntilItIsExecuted() public {
        (uint256 id, Draft memory d, address successor) = _proposedUpgrade();
        passToDue(id);
        bytes memory approved = successor.code;
        _swap(successor);
        _expectCodeChanged(id, d);
        governance.execute(id);
        vm.etch(successor, approved);
        governance.execute(id);
        assertEq(EngineSuccessor(payable(address(engine))).version(), 2, "what was voted on took over");
    }

    function test_RevertWhen_AnImplementationCannotBeUpgraded() public {
        Draft memory d =
            draft(carol, address(engine), abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (address(_target), "")));
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NotUpgradeable.selector, address(_target)));
        propose(carol, d);
        d = draft(carol, address(engine), abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (stranger, "")));
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NoCode.selector, stranger));
        propose(carol, d);
    }

    function _proposed() private returns (uint256 id, Draft memory d) {
        d = draft(carol, address(_target), abi.encodeCall(Harmless.act, ()));
        id = propose(carol, d);
    }

    function _proposedUpgrade() private returns (uint256 id, Draft memory d, address successor) {
        successor = address(deploySuccessor(oracle, IERC20(address(usdc))));
        d = draft(carol, address(engine), abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (successor, "")));
        id = propose(carol, d);
    }

    /// @dev Other code that could take over just as well: a byte more behind its end.
    function _swap(address successor) private {
        vm.etch(successor, abi.encodePacked(successor.code, hex"00"));
    }

    function _expectCodeChanged(uint256 id, Draft memory d) private {
        bytes32 present = policy.assess(d.targets, d.values, d.calldatas).code;
        bytes32 proposed = governance.getProposal(id).code;
        vm.expectRevert(abi.encodeWithSelector(Governance.CodeChanged.selector, id, present, proposed));
    }
}
