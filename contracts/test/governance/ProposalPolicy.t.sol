// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Conditions, PostConditions} from "../../src/governance/PostConditions.sol";
import {ProposalPolicy} from "../../src/governance/ProposalPolicy.sol";
import {Timelocked} from "../../src/governance/Timelocked.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {
    Action,
    Assessment,
    IActionValidator,
    IProposalPolicy,
    ProposalKind,
    Terms
} from "../../src/interfaces/IProposalPolicy.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {Draft, GovernanceFixture} from "./GovernanceFixture.sol";

/// @notice What an upgrade cannot put in place: its answer is of another slot.
contract OtherSlot {
    function proxiableUUID() external pure returns (bytes32) {
        return "another";
    }
}

/// @notice The registry of actions, the terms' bounds, and what proposals amount to by both.
contract ProposalPolicyTest is GovernanceFixture {
    IActionValidator private constant NONE = IActionValidator(address(0));

    function _assess(Draft memory d) private view returns (Assessment memory) {
        return policy.assess(d.targets, d.values, d.calldatas);
    }

    function _assertKind(Draft memory d, ProposalKind kind, string memory message) private view {
        assertEq(uint256(_assess(d).kind), uint256(kind), message);
    }

    function _gasMarket(uint256 market) private pure returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.setGasMarket, (market));
    }

    function _cap() private pure returns (bytes memory) {
        return abi.encodeCall(ILiquidityVault.setOutflowCap, (1000));
    }

    function _release() private pure returns (bytes memory) {
        return abi.encodeCall(PriceOracle.releaseMarket, (ETH));
    }

    // ---------------------------------------------------------------- the registry

    function test_RegistersAnewAndRemoves() public {
        bytes4 selector = IEngineExtension.setGasMarket.selector;
        vm.startPrank(address(timelock));
        vm.expectEmit(address(policy));
        emit IProposalPolicy.ActionRegistered(address(engine), selector, ProposalKind.Risk, NONE);
        policy.register(Action(address(engine), selector, ProposalKind.Risk, NONE));
        (ProposalKind kind, IActionValidator by) = policy.getAction(address(engine), selector);
        assertEq(uint256(kind), uint256(ProposalKind.Risk), "registered as risk");
        assertEq(address(by), address(0), "without a validator");
        _assertKind(draft(carol, address(engine), _gasMarket(BTC)), ProposalKind.Risk, "counts as risk");
        vm.expectEmit(address(policy));
        emit IProposalPolicy.ActionRemoved(address(engine), selector);
        policy.remove(address(engine), selector);
        (kind, by) = policy.getAction(address(engine), selector);
        assertEq(uint256(kind), uint256(ProposalKind.Upgrade), "an upgrade again");
        _assertKind(draft(carol, address(engine), _gasMarket(BTC)), ProposalKind.Upgrade, "counts as an upgrade");
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionUnknown.selector, address(engine), selector));
        policy.remove(address(engine), selector);
        vm.stopPrank();
    }

    function test_TheFirstRegistryIsAsGiven() public view {
        Action[] memory list = actions();
        for (uint256 i; i < list.length; ++i) {
            (ProposalKind kind, IActionValidator by) = policy.getAction(list[i].target, list[i].selector);
            assertEq(uint256(kind), uint256(list[i].kind), "kind");
            assertEq(address(by), address(list[i].validator), "validator");
        }
    }

    function test_RevertWhen_NotTheTimelock() public {
        address[5] memory callers = [carol, council, address(governance), admin, address(this)];
        Terms[4] memory t = terms();
        for (uint256 i; i < callers.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(Timelocked.NotTimelock.selector, callers[i], timelock);
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            policy.register(Action(address(engine), 0x12345678, ProposalKind.Parameter, NONE));
            vm.expectRevert(refusal);
            policy.remove(address(engine), IEngineExtension.setGasMarket.selector);
            vm.expectRevert(refusal);
            policy.setTerms(ProposalKind.Risk, t[2]);
            vm.stopPrank();
        }
    }

    /// @dev The policy's own functions, the timelock's, upgrades, and what would be an upgrade anyway.
    function test_RevertWhen_WhatIsAnUpgradeForGoodIsRegistered() public {
        bytes4 upgrade = UUPSUpgradeable.upgradeToAndCall.selector;
        _registerRefused(address(policy), ProposalPolicy.register.selector, ProposalKind.Risk);
        _registerRefused(address(timelock), 0x12345678, ProposalKind.Risk);
        _registerRefused(address(vault), upgrade, ProposalKind.Risk);
        _registerRefused(address(vault), 0x12345678, ProposalKind.Upgrade);
        Action[] memory list = new Action[](1);
        list[0] = Action(address(vault), upgrade, ProposalKind.Parameter, NONE);
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionRefused.selector, vault, upgrade));
        new ProposalPolicy(address(timelock), postConditions, terms(), list);
    }

    function _registerRefused(address target, bytes4 selector, ProposalKind kind) private {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionRefused.selector, target, selector));
        policy.register(Action(target, selector, kind, NONE));
    }

    // ---------------------------------------------------------------- terms

    function test_TermsAtTheirBounds() public {
        Terms memory least = Terms(0, 1 days, 3 days, 200, 5000, 2 days);
        Terms memory most = Terms(200, 30 days, 30 days, 1500, 8000, 30 days);
        vm.startPrank(address(timelock));
        policy.setTerms(ProposalKind.Market, least);
        vm.assertEq(abi.encode(policy.getTerms(ProposalKind.Market)), abi.encode(least), "least");
        vm.expectEmit(address(policy));
        emit IProposalPolicy.TermsSet(ProposalKind.Market, most);
        policy.setTerms(ProposalKind.Market, most);
        vm.stopPrank();
        vm.assertEq(abi.encode(policy.getTerms(ProposalKind.Market)), abi.encode(most), "most");
        vm.assertEq(abi.encode(policy.getTerms(ProposalKind.Risk)), abi.encode(terms()[2]), "another's stay");
    }

    function test_RevertWhen_TermsAreBeyondTheirBounds() public {
        Terms memory t = Terms(200, 1 days, 3 days, 200, 5000, 2 days);
        t.thresholdBps = 201;
        _termsRefused(t, "thresholdBps", 201, 200);
        t = Terms(200, 1 days - 1, 3 days, 200, 5000, 2 days);
        _termsRefused(t, "votingDelay", 1 days - 1, 1 days);
        t.votingDelay = 30 days + 1;
        _termsRefused(t, "votingDelay", 30 days + 1, 30 days);
        t = Terms(200, 1 days, 3 days - 1, 200, 5000, 2 days);
        _termsRefused(t, "votingPeriod", 3 days - 1, 3 days);
        t.votingPeriod = 30 days + 1;
        _termsRefused(t, "votingPeriod", 30 days + 1, 30 days);
        t = Terms(200, 1 days, 3 days, 199, 5000, 2 days);
        _termsRefused(t, "quorumBps", 199, 200);
        t.quorumBps = 1501;
        _termsRefused(t, "quorumBps", 1501, 1500);
        t = Terms(200, 1 days, 3 days, 200, 4999, 2 days);
        _termsRefused(t, "approvalBps", 4999, 5000);
        t.approvalBps = 8001;
        _termsRefused(t, "approvalBps", 8001, 8000);
        t = Terms(200, 1 days, 3 days, 200, 5000, 2 days - 1);
        _termsRefused(t, "timelock", 2 days - 1, 2 days);
        t.timelock = 30 days + 1;
        _termsRefused(t, "timelock", 30 days + 1, 30 days);
    }

    /// @dev By a vote, and in the first terms.
    function _termsRefused(Terms memory t, bytes32 name, uint256 value, uint256 limit) private {
        bytes memory refusal = abi.encodeWithSelector(IProposalPolicy.TermsOutOfBounds.selector, name, value, limit);
        vm.prank(address(timelock));
        vm.expectRevert(refusal);
        policy.setTerms(ProposalKind.Parameter, t);
        Terms[4] memory all = terms();
        all[3] = t;
        vm.expectRevert(refusal);
        new ProposalPolicy(address(timelock), postConditions, all, new Action[](0));
    }

    // ---------------------------------------------------------------- what proposals amount to

    function test_TheStrictestActionCounts() public {
        Draft memory d = draft(carol, address(engine), _gasMarket(BTC));
        _assertKind(d, ProposalKind.Parameter, "a parameter");
        d = also(d, address(vault), _cap());
        _assertKind(d, ProposalKind.Risk, "and a risk");
        _assertKind(also(d, address(engine), _gasMarket(ETH)), ProposalKind.Risk, "whatever comes after it");
        d = also(d, address(usdc), abi.encodeWithSignature("anything()"));
        _assertKind(d, ProposalKind.Upgrade, "and what nobody knows");
        d = draft(carol, address(engine), _gasMarket(BTC));
        d.values[0] = 1;
        _assertKind(d, ProposalKind.Upgrade, "ether");
        _assertKind(draft(carol, address(engine), ""), ProposalKind.Upgrade, "no selector");
        _assertKind(
            draft(carol, address(policy), abi.encodeCall(policy.remove, (address(0), 0))),
            ProposalKind.Upgrade,
            "policy"
        );
    }

    /// @dev A validator may say more than the registry, not less.
    function test_TheValidatorRaisesTheKind() public {
        vm.prank(address(timelock));
        policy.register(Action(address(engine), IEngineExtension.setGasMarket.selector, ProposalKind.Market, validator));
        _assertKind(draft(carol, address(engine), _gasMarket(BTC)), ProposalKind.Market, "as registered");
        _assertKind(draft(carol, address(vault), _cap()), ProposalKind.Risk, "as the validator says");
    }

    function test_RevertWhen_ThereAreNoActionsOrTooMany() public {
        Draft memory d = draft(carol, address(engine), _gasMarket(BTC));
        for (uint256 i = 1; i < policy.MAX_ACTIONS(); ++i) {
            d = also(d, address(engine), _gasMarket(BTC));
        }
        _assertKind(d, ProposalKind.Parameter, "as many as may be");
        d = also(d, address(engine), _gasMarket(BTC));
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionCount.selector, 21, 20));
        _assess(d);
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionCount.selector, 0, 20));
        policy.assess(new address[](0), new uint256[](0), new bytes[](0));
    }

    function test_RevertWhen_TheListsAreNotAsLong() public {
        Draft memory d = draft(carol, address(engine), _gasMarket(BTC));
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionLengths.selector, 1, 2, 1));
        policy.assess(d.targets, new uint256[](2), d.calldatas);
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionLengths.selector, 1, 1, 0));
        policy.assess(d.targets, d.values, new bytes[](0));
    }

    function test_RevertWhen_AnActionIsOutOfBounds() public {
        Draft memory d = draft(carol, address(vault), abi.encodeCall(ILiquidityVault.setOutflowCap, (99)));
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.OutflowCapOutOfBounds.selector, 99, 100));
        _assess(d);
    }

    /// @dev What would hide calls in a call is no action, whether registered or not.
    function test_RevertWhen_AnActionHandsOnCalls() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (address(new LiquidityVault(cold)), ""));
        Draft memory d = draft(carol, address(engine), abi.encodeCall(IOrderDesk.multicall, (calls)));
        bytes memory refusal = abi.encodeWithSelector(
            IProposalPolicy.ActionRefused.selector, address(engine), IOrderDesk.multicall.selector
        );
        vm.expectRevert(refusal);
        _assess(d);
        vm.prank(address(timelock));
        policy.register(Action(address(engine), IOrderDesk.multicall.selector, ProposalKind.Parameter, NONE));
        vm.expectRevert(refusal);
        _assess(d);
        d = draft(carol, address(governance), abi.encodeCall(Governor.relay, (address(timelock), 0, "")));
        vm.expectRevert(
            abi.encodeWithSelector(IProposalPolicy.ActionRefused.selector, address(governance), Governor.relay.selector)
        );
        _assess(d);
    }

    // ---------------------------------------------------------------- code

    function _upgrade(address implementation) private returns (Draft memory) {
        bytes memory data = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (implementation, ""));
        return draft(carol, address(vault), data);
    }

    function test_RevertWhen_ThereIsNoCode() public {
        Draft memory d = also(draft(carol, address(engine), _gasMarket(BTC)), stranger, "");
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NoCode.selector, stranger));
        _assess(d);
        d = _upgrade(stranger);
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NoCode.selector, stranger));
        _assess(d);
    }

    function test_RevertWhen_AnUpgradeCouldNotBeUpgraded() public {
        address[2] memory others = [address(token), address(new OtherSlot())];
        for (uint256 i; i < others.length; ++i) {
            Draft memory d = _upgrade(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.NotUpgradeable.selector, others[i]));
            _assess(d);
        }
    }

    function test_TheDigestIsOfTargetsAndImplementations() public {
        address implementation = address(new LiquidityVault(cold));
        Draft memory d = _upgrade(implementation);
        bytes32 first = _assess(d).code;
        assertEq(_assess(d).code, first, "the same for the same");
        assertFalse(
            _assess(_upgrade(address(new LiquidityVault(IEngineExtension(address(oracle)))))).code == first,
            "another implementation"
        );
        vm.etch(implementation, abi.encodePacked(implementation.code, hex"00"));
        bytes32 second = _assess(d).code;
        assertFalse(second == first, "another code of the implementation");
        vm.etch(address(vault), abi.encodePacked(address(vault).code, hex"00"));
        assertFalse(_assess(d).code == second, "another code of the target");
    }

    function test_TheDigestsAreOfEveryActionInItsOrder() public {
        Draft memory d = also(draft(carol, address(engine), _gasMarket(BTC)), address(oracle), _release());
        Draft memory turned = also(draft(carol, address(oracle), _release()), address(engine), _gasMarket(BTC));
        Assessment memory a = _assess(d);
        Assessment memory b = _assess(turned);
        assertFalse(a.code == b.code, "code");
        assertFalse(a.before == b.before, "before");
        assertFalse(a.code == _assess(draft(carol, address(engine), _gasMarket(BTC))).code, "one less");
    }

    // ---------------------------------------------------------------- post-conditions

    function test_PostConditionsEncloseAProposal() public {
        Draft memory d = draft(carol, address(postConditions), _begin());
        d = also(d, address(engine), _gasMarket(BTC));
        _assertKind(also(d, address(postConditions), _end()), ProposalKind.Parameter, "both");
    }

    function test_RevertWhen_PostConditionsAreMisplaced() public {
        Draft memory d = draft(carol, address(postConditions), _begin());
        _misplaced(d, 0);
        d = also(d, address(engine), _gasMarket(BTC));
        _misplaced(d, 1);
        _misplaced(also(also(d, address(postConditions), _end()), address(engine), _gasMarket(BTC)), 2);
        _misplaced(also(also(d, address(postConditions), _begin()), address(postConditions), _end()), 2);
        _misplaced(draft(carol, address(postConditions), _end()), 0);
        d = also(draft(carol, address(engine), _gasMarket(BTC)), address(postConditions), _begin());
        _misplaced(d, 1);
        d = also(draft(carol, address(postConditions), _begin()), address(postConditions), "");
        _misplaced(d, 1);
    }

    function _misplaced(Draft memory d, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.PostConditionsMisplaced.selector, index));
        _assess(d);
    }

    function _begin() private pure returns (bytes memory) {
        return abi.encodeCall(PostConditions.begin, (Conditions(0, 0, 0, new bytes32[](0))));
    }

    function _end() private pure returns (bytes memory) {
        return abi.encodeCall(PostConditions.end, (Conditions(0, 0, 0, new bytes32[](0))));
    }
}
