// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {Draft, GovernanceFixture} from "./GovernanceFixture.sol";

/// @notice A proposal of each kind, brought to each of its states.
abstract contract ProposalFixture is GovernanceFixture {
    uint256 internal constant NEW_MARKET = 2;

    address internal mallory = makeAddr("mallory");

    IGovernor.ProposalState[4] internal live = [
        IGovernor.ProposalState.Pending,
        IGovernor.ProposalState.Active,
        IGovernor.ProposalState.Succeeded,
        IGovernor.ProposalState.Queued
    ];

    /// @dev Of one action that counts as this kind.
    function ofKind(ProposalKind kind, address proposer) internal returns (Draft memory) {
        if (kind == ProposalKind.Parameter) return draft(proposer, address(engine), gasMarket());
        if (kind == ProposalKind.Market) return draft(proposer, address(oracle), newFeed());
        if (kind == ProposalKind.Risk) return draft(proposer, address(vault), outflowCap(2000));
        return draft(proposer, address(engine), unknown());
    }

    function gasMarket() internal pure returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.setGasMarket, (BTC));
    }

    function newFeed() internal view returns (bytes memory) {
        return abi.encodeCall(PriceOracle.proposeFeed, (NEW_MARKET, feedOf(ETH)));
    }

    function outflowCap(uint256 bps) internal pure returns (bytes memory) {
        return abi.encodeCall(ILiquidityVault.setOutflowCap, (bps));
    }

    /// @dev Nothing that is registered, and harmless.
    function unknown() internal view returns (bytes memory) {
        return abi.encodeCall(IAccessControl.revokeRole, (keccak256("GUARDIAN_ROLE"), stranger));
    }

    /// @dev Carol's tokens to an account that votes with them from the next second on.
    function hold(address who, uint256 amount) internal {
        vm.prank(carol);
        token.transfer(who, amount);
        vm.prank(who);
        token.delegate(who);
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    function cancel(address caller, uint256 id) internal {
        vm.prank(caller);
        governance.cancel(id);
    }

    /// @dev From Pending. Expired is the one that is never queued.
    function bring(uint256 id, IGovernor.ProposalState to) internal {
        if (to == IGovernor.ProposalState.Active) toVote(id);
        if (to == IGovernor.ProposalState.Canceled) cancel(governance.proposalProposer(id), id);
        if (to == IGovernor.ProposalState.Defeated) toEnd(id);
        if (to == IGovernor.ProposalState.Succeeded || to == IGovernor.ProposalState.Expired) pass(id);
        if (to == IGovernor.ProposalState.Queued || to == IGovernor.ProposalState.Executed) passToDue(id);
        if (to == IGovernor.ProposalState.Executed) governance.execute(id);
        if (to == IGovernor.ProposalState.Expired) vm.warp(vm.getBlockTimestamp() + governance.GRACE());
        assertState(id, to, "where it was to be brought");
    }

    /// @dev The error of a call that a proposal's state does not permit.
    function unexpected(uint256 id, IGovernor.ProposalState present, IGovernor.ProposalState needed)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IGovernor.GovernorUnexpectedProposalState.selector, id, present, bytes32(1 << uint8(needed))
        );
    }

    /// @dev Both sources say now what they said at first.
    function freshen() internal {
        answer(ETH, ETH_PRICE);
        answer(BTC, BTC_PRICE);
        store(both(vm.getBlockTimestamp()));
    }
}
