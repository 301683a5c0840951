// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice A proposal changes what it was made for, or nothing.
contract ChangesTest is ProposalFixture {
    function test_RevertWhen_AnotherProposalHasChangedTheSame() public {
        uint256 first = propose(carol, _taker(carol, 600, 1 days));
        Draft memory d = _taker(dave, 700, 1 days);
        uint256 second = propose(dave, d);
        _queueBoth(first, second);
        governance.execute(first);
        _expectBeforeChanged(second, d);
        governance.execute(second);
        assertEq(cold.getSchedule(ETH).to.takerFeePpm, 600, "the first");
    }

    function test_WhatAnotherProposalHasChangedBesidesIsNoMatter() public {
        uint256 first = propose(carol, ofKind(ProposalKind.Parameter, carol));
        uint256 second = propose(dave, _taker(dave, 700, 1 days));
        _queueBoth(first, second);
        governance.execute(first);
        governance.execute(second);
        assertEq(cold.getSchedule(ETH).to.takerFeePpm, 700, "the second");
    }

    function test_AProposalMadeDuringARampIsCarriedOutAfterIt() public {
        enact(carol, _taker(carol, 600, 3 days));
        uint256 id = propose(carol, _taker(carol, 700, 1 days));
        passToDue(id);
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).takerFeePpm, 600, "the ramp has ended");
        governance.execute(id);
        assertEq(cold.getSchedule(ETH).to.takerFeePpm, 700, "the next one is on its way");
    }

    function test_RevertWhen_TheRampItWasMadeForIsCancelled() public {
        enact(carol, _taker(carol, 600, 30 days));
        Draft memory d = _taker(carol, 700, 1 days);
        uint256 id = propose(carol, d);
        passToDue(id);
        vm.prank(address(timelock));
        cold.cancelParameters(ETH);
        _expectBeforeChanged(id, d);
        governance.execute(id);
    }

    function test_RevertWhen_ARampToElsewhereHasBegun() public {
        Draft memory d = _taker(carol, 700, 1 days);
        uint256 id = propose(carol, d);
        passToDue(id);
        MarketConfig memory to = _present();
        to.makerFeePpm = 100;
        vm.prank(address(timelock));
        cold.scheduleParameters(ETH, to, 50, 30 days);
        _expectBeforeChanged(id, d);
        governance.execute(id);
    }

    /// @dev The same way in less time is more risk sooner.
    function test_WhatHastensARampOfRiskIsRisk() public {
        MarketConfig memory to = _present();
        to.allocationPercent = 50;
        enact(carol, _scheduled(carol, to, 300 days));
        uint256 id = propose(carol, _scheduled(carol, to, 1 days));
        assertEq(uint256(governance.getProposal(id).kind), uint256(ProposalKind.Risk), "kind");
    }

    function _queueBoth(uint256 first, uint256 second) private {
        toVote(first);
        vote(carol, first, 1);
        vote(carol, second, 1);
        toEnd(first);
        governance.queue(first);
        governance.queue(second);
        vm.warp(governance.proposalEta(first));
    }

    function _present() private view returns (MarketConfig memory config) {
        config = cold.getMarketConfig(ETH);
        config.flags = 0;
    }

    function _taker(address proposer, uint16 ppm, uint256 duration) private returns (Draft memory) {
        MarketConfig memory to = _present();
        to.takerFeePpm = ppm;
        return _scheduled(proposer, to, duration);
    }

    function _scheduled(address proposer, MarketConfig memory to, uint256 duration) private returns (Draft memory) {
        return
            draft(
                proposer, address(engine), abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, to, 50, duration))
            );
    }

    function _expectBeforeChanged(uint256 id, Draft memory d) private {
        bytes32 present = policy.assess(d.targets, d.values, d.calldatas).before;
        bytes32 proposed = governance.getProposal(id).before;
        vm.expectRevert(abi.encodeWithSelector(Governance.BeforeChanged.selector, id, present, proposed));
    }
}
