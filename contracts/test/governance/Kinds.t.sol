// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {ExchangeValidator} from "../../src/governance/ExchangeValidator.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Feed, PriceOracle} from "../../src/PriceOracle.sol";
import {orderOf} from "../fixtures/Orders.sol";
import {ScriptedAggregator} from "../oracle/BrokenAggregators.sol";
import {deploySuccessor, EngineSuccessor} from "./EngineSuccessor.sol";
import {Draft} from "./GovernanceFixture.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice A proposal of each kind, from the proposal to the exchange that behaves otherwise.
contract KindsTest is ProposalFixture {
    function test_AParameterChangesAfterSixDaysAndARamp() public {
        MarketConfig memory to = _present();
        to.initialMarginBps = 1200;
        uint256 id = _enact(_schedule(to), ProposalKind.Parameter, 1 days, 3 days, 2 days);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).initialMarginBps, 1200, "initial margin");
        assertState(id, IGovernor.ProposalState.Executed, "state");
    }

    function test_AMarketIsAddedAfterSixDaysIfItsFeedsAnswer() public {
        Order[][] memory batches = new Order[][](1);
        batches[0] = new Order[](1);
        batches[0][0] = orderOf(account(alice), UNIT, type(uint96).max, false);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, NEW_MARKET));
        vm.prank(alice);
        engine.commit(NEW_MARKET, batches[0]);

        _enact(_addition(feedOf(ETH)), ProposalKind.Market, 1 days, 3 days, 2 days);
        assertEq(cold.marketCount(), 3, "markets");
        assertEq(cold.getMarket(NEW_MARKET).index, 2000e18, "index");
        vm.prank(alice);
        engine.commit(NEW_MARKET, batches[0]);
    }

    function test_RevertWhen_AFeedDoesNotAnswerWhenItIsProposed() public {
        Feed memory feed = feedOf(ETH);
        ScriptedAggregator dead = new ScriptedAggregator();
        feed.chainlink = dead;
        Draft memory d = _addition(feed);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeedRefused.selector, NEW_MARKET, bytes32("chainlink")));
        propose(carol, d);
        dead.set(ETH_PRICE, vm.getBlockTimestamp());
        propose(carol, d);
    }

    function test_RevertWhen_AFeedHasDiedUntilItIsExecuted() public {
        Feed memory feed = feedOf(ETH);
        ScriptedAggregator scripted = new ScriptedAggregator();
        scripted.set(ETH_PRICE, vm.getBlockTimestamp());
        feed.chainlink = scripted;
        uint256 id = propose(carol, _addition(feed));
        pass(id);
        freshen();
        scripted.set(ETH_PRICE, vm.getBlockTimestamp());
        governance.queue(id);
        vm.warp(governance.proposalEta(id));
        freshen();
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeedRefused.selector, NEW_MARKET, bytes32("chainlink")));
        governance.execute(id);
        assertEq(cold.marketCount(), 2, "not listed");
        scripted.set(ETH_PRICE, vm.getBlockTimestamp());
        governance.execute(id);
        assertEq(cold.marketCount(), 3, "listed once it answers");
    }

    function test_RiskChangesAfterNineDaysAndARamp() public {
        settle(commit(alice, UNIT), firstUpdate());
        uint256 before = risk.getHealth(account(alice)).maintenanceMargin;
        MarketConfig memory to = _present();
        (to.maintenanceMarginBps, to.penaltyBps) = (700, 80);
        _enact(_schedule(to), ProposalKind.Risk, 1 days, 5 days, 3 days);

        uint256 begun = vm.getBlockTimestamp();
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).maintenanceMarginBps, 600, "maintenance at the ramp's beginning");
        assertEq(cold.getMarketConfig(ETH).penaltyBps, 50, "penalty at the ramp's beginning");
        vm.warp(begun + 12 hours);
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).maintenanceMarginBps, 650, "maintenance half way");
        assertEq(cold.getMarketConfig(ETH).penaltyBps, 80, "penalty, all at once");
        vm.warp(begun + 1 days);
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).maintenanceMarginBps, 700, "maintenance at the ramp's end");
        assertGt(risk.getHealth(account(alice)).maintenanceMargin, before * 116 / 100, "what Alice has to keep");
    }

    function test_TheEngineIsUpgradedAfterSixteenDays() public {
        EngineSuccessor successor = deploySuccessor(oracle, IERC20(address(usdc)));
        uint256 margin = cold.getAccount(account(alice)).margin;
        vm.expectRevert(bytes(""));
        EngineSuccessor(payable(address(engine))).version();
        bytes memory data = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (address(successor), ""));
        _enact(draft(carol, address(engine), data), ProposalKind.Upgrade, 2 days, 7 days, 7 days);
        assertEq(EngineSuccessor(payable(address(engine))).version(), 2, "version");
        assertEq(cold.getAccount(account(alice)).margin, margin, "margin");
    }

    function test_TheTreasuryIsPaidAfterNineDays() public {
        settle(commit(alice, UNIT), firstUpdate());
        cold.divideReserves();
        uint256 assets = cold.getReserves().treasury / 1e12;
        assertGt(assets, 0, "there is something");
        bytes memory data = abi.encodeCall(IEngineExtension.payTreasury, (treasury, assets));
        _enact(draft(carol, address(engine), data), ProposalKind.Risk, 1 days, 5 days, 3 days);
        assertEq(usdc.balanceOf(treasury), assets, "paid");
    }

    function test_RevertWhen_TheTreasuryWouldBePaidElsewhere() public {
        Draft memory d = draft(carol, address(engine), abi.encodeCall(IEngineExtension.payTreasury, (stranger, 1)));
        vm.expectRevert(abi.encodeWithSelector(ExchangeValidator.TreasuryElsewhere.selector, stranger, treasury));
        propose(carol, d);
    }

    /// @dev From proposal to execution, as soon as each step can be; a second before, it is refused.
    function _enact(Draft memory d, ProposalKind kind, uint256 delay, uint256 period, uint256 wait)
        private
        returns (uint256 id)
    {
        uint256 begun = vm.getBlockTimestamp();
        id = propose(carol, d);
        assertEq(uint256(governance.getProposal(id).kind), uint256(kind), "kind");
        vm.warp(begun + delay);
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Pending, IGovernor.ProposalState.Active));
        vote(carol, id, 1);
        vm.warp(begun + delay + 1);
        vote(carol, id, 1);
        vm.warp(begun + delay + period);
        vm.expectRevert(unexpected(id, IGovernor.ProposalState.Active, IGovernor.ProposalState.Succeeded));
        governance.queue(id);
        vm.warp(begun + delay + period + 1);
        freshen();
        governance.queue(id);
        vm.warp(begun + delay + period + 1 + wait - 1);
        freshen();
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        governance.execute(id);
        vm.warp(begun + delay + period + 1 + wait);
        governance.execute(id);
    }

    function _present() private view returns (MarketConfig memory config) {
        config = cold.getMarketConfig(ETH);
        config.flags = 0;
    }

    function _schedule(MarketConfig memory to) private returns (Draft memory) {
        return draft(carol, address(engine), abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, to, 50, 1 days)));
    }

    function _addition(Feed memory feed) private returns (Draft memory d) {
        d = draft(carol, address(oracle), abi.encodeCall(PriceOracle.proposeFeed, (NEW_MARKET, feed)));
        d = also(d, address(oracle), abi.encodeCall(PriceOracle.acceptFeed, (NEW_MARKET)));
        d = also(d, address(engine), abi.encodeCall(IEngineExtension.listMarket, (config(400e6), 50)));
    }
}
