// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Conditions, PostConditions} from "../../src/governance/PostConditions.sol";
import {IProposalPolicy, ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {deploySuccessor, EngineSuccessor} from "./EngineSuccessor.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice A proposal that promises what its execution leaves as it was, by an upgrade that does not.
contract GuardedProposalsTest is ProposalFixture {
    address private _successor;

    function setUp() public override {
        super.setUp();
        _successor = address(deploySuccessor(oracle, IERC20(address(usdc))));
        settle(commit(alice, 180 * UNIT), firstUpdate());
        settle(commit(bob, -180 * UNIT), firstUpdate());
    }

    function test_RevertWhen_ThePoolsValueMovesByMore() public {
        uint256 limit = uint256(cold.solvency().netAssetValue) / 100;
        uint256 amount = limit / 1e12 + 1;
        bytes memory loss = abi.encodeCall(EngineSuccessor.loseCash, (uint96(amount)));
        uint256 id = _due(Conditions(100, 0, 0, new bytes32[](0)), loss);
        vm.expectRevert(abi.encodeWithSelector(PostConditions.NetAssetValueMoved.selector, amount * 1e12, limit));
        governance.execute(id);

        usdc.mint(admin, 100e6);
        vm.startPrank(admin);
        usdc.approve(address(engine), 100e6);
        cold.receiveLiquidity(admin, 100e6);
        cold.addLiquidity(100e18);
        vm.stopPrank();
        governance.execute(id);
        assertState(id, IGovernor.ProposalState.Executed, "within it");
    }

    function test_RevertWhen_FundingMovesByMore() public {
        uint256 limit = uint256(cold.getMarket(ETH).index) / 10_000;
        bytes memory move = abi.encodeCall(EngineSuccessor.moveFunding, (ETH, -int96(uint96(limit + 1))));
        uint256 id = _due(Conditions(10_000, 1, 0, new bytes32[](0)), move);
        vm.expectRevert(abi.encodeWithSelector(PostConditions.FundingMoved.selector, ETH, limit + 1, limit));
        governance.execute(id);
        assertState(id, IGovernor.ProposalState.Queued, "state");
    }

    function test_RevertWhen_AccountsAreEndangered() public {
        uint256 id = _due(_sample(), _endangering());
        vm.expectRevert(abi.encodeWithSelector(PostConditions.AccountsEndangered.selector, 1, 0));
        governance.execute(id);
        assertEq(cold.getMarketConfig(ETH).maintenanceMarginBps, 600, "as it was");
        fund(alice, 1_000_000e6);
        vm.warp(governance.proposalEta(id) + 14 days);
        governance.execute(id);
        assertEq(cold.getMarketConfig(ETH).maintenanceMarginBps, 3000, "in the last second of the grace");
    }

    function test_AccountsThatAreOutOfDangerAreNoBreach() public {
        enact(carol, draft(carol, address(engine), _upgrade(_endangering())));
        assertTrue(risk.getHealth(account(alice)).liquidatable, "in danger");
        uint256 id = _due(_sample(), abi.encodeCall(EngineSuccessor.setMaintenance, (ETH, 600)));
        governance.execute(id);
        assertFalse(risk.getHealth(account(alice)).liquidatable, "out of it");
    }

    function test_WhatStaysBrokenExpires() public {
        uint256 id = _due(_sample(), _endangering());
        vm.warp(governance.proposalEta(id) + 14 days);
        vm.expectRevert(abi.encodeWithSelector(PostConditions.AccountsEndangered.selector, 1, 0));
        governance.execute(id);
        vm.warp(governance.proposalEta(id) + 14 days + 1);
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Expired, IGovernor.ProposalState.Queued));
        governance.execute(id);
    }

    function test_ConditionsMakeNoOtherKind() public {
        Draft memory d = _guard(_sample(), address(engine), gasMarket());
        assertEq(uint256(policy.assess(d.targets, d.values, d.calldatas).kind), uint256(ProposalKind.Parameter), "kind");
        enact(carol, d);
        assertEq(cold.gasMarket(), BTC, "executed");
    }

    function test_RevertWhen_ConditionsAreMisplaced() public {
        bytes memory begin = abi.encodeCall(PostConditions.begin, (_sample()));
        bytes memory end = abi.encodeCall(PostConditions.end, (_sample()));
        address conditions = address(postConditions);
        _misplaced(draft(carol, conditions, begin), 0);
        _misplaced(draft(carol, conditions, end), 0);
        _misplaced(also(draft(carol, conditions, begin), address(engine), gasMarket()), 1);
        _misplaced(also(draft(carol, address(engine), gasMarket()), conditions, begin), 1);
        Draft memory d = also(draft(carol, conditions, begin), conditions, end);
        _misplaced(also(d, address(engine), gasMarket()), 1);
        _misplaced(also(draft(carol, conditions, begin), conditions, begin), 1);
    }

    function test_RevertWhen_OtherConditionsEnd() public {
        Conditions memory lax = _sample();
        lax.liquidatable = 1;
        Draft memory d = _guard(_sample(), address(engine), gasMarket());
        d.calldatas[2] = abi.encodeCall(PostConditions.end, (lax));
        uint256 id = propose(carol, d);
        passToDue(id);
        vm.expectRevert(
            abi.encodeWithSelector(
                PostConditions.ConditionsNotBegun.selector, keccak256(abi.encode(lax)), keccak256(abi.encode(_sample()))
            )
        );
        governance.execute(id);
    }

    function _misplaced(Draft memory d, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.PostConditionsMisplaced.selector, index));
        propose(carol, d);
    }

    /// @dev At most a hundredth of what the pool is worth, no funding, none of whom Alice is.
    function _sample() private view returns (Conditions memory c) {
        (c.netAssetValueBps, c.fundingBps, c.sample) = (100, 0, new bytes32[](1));
        c.sample[0] = account(alice);
    }

    function _endangering() private pure returns (bytes memory) {
        return abi.encodeCall(EngineSuccessor.setMaintenance, (ETH, 3000));
    }

    /// @dev An upgrade by which this is called, guarded, to the second in which it is due.
    function _due(Conditions memory c, bytes memory call) private returns (uint256 id) {
        id = propose(carol, _guard(c, address(engine), _upgrade(call)));
        passToDue(id);
    }

    function _upgrade(bytes memory call) private view returns (bytes memory) {
        return abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (_successor, call));
    }

    function _guard(Conditions memory c, address target, bytes memory data) private returns (Draft memory d) {
        d = draft(carol, address(postConditions), abi.encodeCall(PostConditions.begin, (c)));
        d = also(d, target, data);
        d = also(d, address(postConditions), abi.encodeCall(PostConditions.end, (c)));
    }
}
