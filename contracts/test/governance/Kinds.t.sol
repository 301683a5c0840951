// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft, GovernanceFixture} from "./GovernanceFixture.sol";

/// @notice A proposal of each kind, from the proposal to the exchange that behaves otherwise.
contract KindsTest is GovernanceFixture {
    function _initialMargin(uint16 bps) private view returns (bytes memory) {
        MarketConfig memory to = cold.getMarketConfig(ETH);
        to.flags = 0;
        to.initialMarginBps = bps;
        return abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, to, 50, 1 days));
    }

    function test_AParameterChangesAfterSixDaysAndARamp() public {
        uint256 begun = block.timestamp;
        uint256 id = enact(carol, draft(carol, address(engine), _initialMargin(1200)));
        assertEq(uint256(governance.getProposal(id).kind), uint256(ProposalKind.Parameter), "kind");
        assertEq(block.timestamp - begun, 6 days + 1, "a day to look, three to vote, two to leave");
        vm.warp(block.timestamp + 1 days);
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).initialMarginBps, 1200, "initial margin");
        assertState(id, IGovernor.ProposalState.Executed, "state");
    }
}
