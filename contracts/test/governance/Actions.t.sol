// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {Action, IActionValidator, IProposalPolicy, ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice Fails whatever it is asked.
contract FailingValidator is IActionValidator {
    error Failing();

    function validate(address, bytes calldata) external pure returns (ProposalKind, bytes32) {
        revert Failing();
    }
}

/// @notice Takes ether, and says so.
contract Till {
    uint256 public taken;

    function take() external payable {
        taken += msg.value;
    }
}

/// @notice What a proposal counts as follows from all of its actions.
contract ActionsTest is ProposalFixture {
    IActionValidator private constant NONE = IActionValidator(address(0));

    // ---------------------------------------------------------------- the strictest counts

    function test_OneUnknownActionMakesAnUpgrade() public {
        Draft memory d = ofKind(ProposalKind.Parameter, carol);
        d = also(d, address(engine), unknown());
        d = also(d, address(vault), outflowCap(2000));
        uint256 begun = vm.getBlockTimestamp();
        uint256 id = propose(carol, d);
        assertEq(uint256(governance.getProposal(id).kind), uint256(ProposalKind.Upgrade), "kind");
        assertEq(governance.proposalSnapshot(id) - begun, 2 days, "voting delay");
        passToDue(id);
        assertEq(vm.getBlockTimestamp() - begun, 16 days + 1, "until it is due");
    }

    function test_TheStrictestOfKnownActionsCounts() public {
        Draft memory d = also(ofKind(ProposalKind.Parameter, carol), address(oracle), newFeed());
        assertEq(uint256(_assess(d)), uint256(ProposalKind.Market), "a market among parameters");
        d = also(d, address(vault), outflowCap(2000));
        assertEq(uint256(_assess(d)), uint256(ProposalKind.Risk), "risk last");
        d = also(draft(carol, address(vault), outflowCap(2000)), address(engine), gasMarket());
        assertEq(uint256(_assess(d)), uint256(ProposalKind.Risk), "risk first");
    }

    function test_EtherMakesAnUpgrade() public {
        Till till = new Till();
        vm.prank(address(timelock));
        policy.register(Action(address(till), Till.take.selector, ProposalKind.Parameter, NONE));
        Draft memory d = draft(carol, address(till), abi.encodeCall(Till.take, ()));
        assertEq(uint256(_assess(d)), uint256(ProposalKind.Parameter), "without ether");
        d.values[0] = 1;
        uint256 id = propose(carol, d);
        assertEq(uint256(governance.getProposal(id).kind), uint256(ProposalKind.Upgrade), "kind");
        passToDue(id);
        governance.execute{value: 1}(d.targets, d.values, d.calldatas, keccak256(bytes(d.description)));
        assertEq(till.taken(), 1, "paid");
    }

    // ---------------------------------------------------------------- how many

    function test_TwentyActionsPass() public {
        enact(carol, _many(20));
        assertEq(vault.getVault().depositLock, 19 hours, "the last of them");
    }

    function test_RevertWhen_ThereAreNoneOrMoreThanTwenty() public {
        Draft memory d = _many(21);
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionCount.selector, 21, 20));
        propose(carol, d);
        Draft memory none;
        none.description = describe(carol);
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionCount.selector, 0, 20));
        propose(carol, none);
    }

    function test_RevertWhen_TheyAreNotAsMany() public {
        Draft memory d = _many(2);
        d.values = new uint256[](1);
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionLengths.selector, 2, 1, 2));
        propose(carol, d);
        (d.values, d.calldatas) = (new uint256[](2), new bytes[](3));
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionLengths.selector, 2, 2, 3));
        propose(carol, d);
    }

    // ---------------------------------------------------------------- a validator that fails

    function test_AFailingValidatorStopsNothingElseAndIsReplaced() public {
        uint256 id = propose(dave, ofKind(ProposalKind.Parameter, dave));
        FailingValidator failing = new FailingValidator();
        Action memory action =
            Action(address(engine), IEngineExtension.setGasMarket.selector, ProposalKind.Parameter, failing);
        vm.prank(address(timelock));
        policy.register(action);

        Draft memory d = ofKind(ProposalKind.Parameter, carol);
        vm.expectRevert(FailingValidator.Failing.selector);
        propose(carol, d);
        pass(id);
        vm.expectRevert(FailingValidator.Failing.selector);
        governance.queue(id);

        action.validator = validator;
        enact(carol, draft(carol, address(policy), abi.encodeCall(IProposalPolicy.register, (action))));
        enact(carol, ofKind(ProposalKind.Parameter, carol));
        assertEq(cold.gasMarket(), BTC, "as before");
    }

    // ---------------------------------------------------------------- the registry while a proposal is live

    function test_RevertWhen_AnActionCountsAsMoreThanWhenItWasProposed() public {
        uint256 id = propose(carol, ofKind(ProposalKind.Parameter, carol));
        bytes memory changed =
            abi.encodeWithSelector(Governance.KindChanged.selector, id, ProposalKind.Upgrade, ProposalKind.Parameter);
        pass(id);
        uint256 before = vm.snapshotState();
        _remove();
        vm.expectRevert(changed);
        governance.queue(id);
        vm.revertToState(before);
        governance.queue(id);
        vm.warp(governance.proposalEta(id));
        _remove();
        vm.expectRevert(changed);
        governance.execute(id);
    }

    function test_AnActionThatCountsAsLessWaitsAsItWasProposed() public {
        uint256 begun = vm.getBlockTimestamp();
        Till till = new Till();
        uint256 id = propose(carol, draft(carol, address(till), abi.encodeCall(Till.take, ())));
        vm.prank(address(timelock));
        policy.register(Action(address(till), Till.take.selector, ProposalKind.Parameter, NONE));
        passToDue(id);
        assertEq(vm.getBlockTimestamp() - begun, 16 days + 1, "until it is due");
        governance.execute(id);
    }

    // ---------------------------------------------------------------- what can never count as less

    function test_RevertWhen_ThePolicyOrTheTimelockIsRegistered() public {
        bytes4[3] memory own =
            [IProposalPolicy.register.selector, IProposalPolicy.remove.selector, IProposalPolicy.setTerms.selector];
        for (uint256 i; i < own.length; ++i) {
            _refused(address(policy), own[i], ProposalKind.Risk);
        }
        _refused(address(timelock), timelock.grantRole.selector, ProposalKind.Parameter);
        _refused(address(timelock), timelock.updateDelay.selector, ProposalKind.Parameter);
        _refused(address(engine), UUPSUpgradeable.upgradeToAndCall.selector, ProposalKind.Risk);
        _refused(address(engine), IEngineExtension.setGasMarket.selector, ProposalKind.Upgrade);
    }

    function test_TheGovernorsSettersAreUpgradesWhateverIsRegistered() public {
        bytes[2] memory calls = [
            abi.encodeCall(Governance.setCouncil, (stranger)),
            abi.encodeCall(governance.setLateQuorumVoteExtension, (0))
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(address(timelock));
            policy.register(Action(address(governance), bytes4(calls[i]), ProposalKind.Parameter, NONE));
            uint256 before = vm.snapshotState();
            uint256 id = propose(carol, draft(carol, address(governance), calls[i]));
            assertEq(uint256(governance.getProposal(id).kind), uint256(ProposalKind.Upgrade), "kind");
            vm.revertToState(before);
        }
    }

    function test_TheRegistryChangesByAnUpgradeAlone() public {
        bytes memory data =
            abi.encodeCall(IProposalPolicy.remove, (address(engine), IEngineExtension.setGasMarket.selector));
        uint256 id = enact(carol, draft(carol, address(policy), data));
        assertEq(uint256(governance.getProposal(id).kind), uint256(ProposalKind.Upgrade), "kind");
        assertEq(uint256(_assess(ofKind(ProposalKind.Parameter, carol))), uint256(ProposalKind.Upgrade), "removed");
    }

    function _refused(address target, bytes4 selector, ProposalKind kind) private {
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionRefused.selector, target, selector));
        vm.prank(address(timelock));
        policy.register(Action(target, selector, kind, NONE));
    }

    function _remove() private {
        vm.prank(address(timelock));
        policy.remove(address(engine), IEngineExtension.setGasMarket.selector);
    }

    function _assess(Draft memory d) private view returns (ProposalKind) {
        return policy.assess(d.targets, d.values, d.calldatas).kind;
    }

    /// @dev The vault's lock set to 0 h, 1 h and so on.
    function _many(uint256 count) private returns (Draft memory d) {
        d = draft(carol, address(vault), abi.encodeCall(ILiquidityVault.setDepositLock, (0)));
        for (uint256 i = 1; i < count; ++i) {
            d = also(d, address(vault), abi.encodeCall(ILiquidityVault.setDepositLock, (i * 1 hours)));
        }
    }
}
