// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {PriceIncident} from "./PriceIncident.sol";

/// @notice A sequencer's outage: after it, prices of before would let the quick trade against the slow and liquidate who
/// could not act. Ten minutes from its return on nothing but leaving at a fresh price, and nobody is liquidated who has
/// anything left; while the chain catches up, its
/// clock is behind the prices.
contract Row30SequencerOutageTest is PriceIncident {
    /// @dev At which who has put in a tenth is below maintenance; and at which nothing is left of it.
    int64 private constant WEAK = 1905_00000000;
    int64 private constant SUNK = 1780_00000000;

    function test_TenMinutesOfGraceFromTheReturn() public {
        address carol = makeAddr("carol");
        fund(carol, 2_105e6);
        settle(commit(carol, 10 * UNIT), firstUpdate());
        vm.warp(block.timestamp + 10);
        uptime.set(true, uint64(block.timestamp));
        refusesEveryUse(eth(block.timestamp), PriceState.SequencerDown, PriceReason.Down);
        vm.warp(block.timestamp + 3600);
        uint64 back = uint64(block.timestamp);
        uptime.set(false, back);
        answer(ETH, WEAK);
        for (uint256 use = uint256(PriceUse.Withdraw); use <= uint256(PriceUse.Crystallise); ++use) {
            vm.expectRevert(refusal(PriceUse(use), PriceState.SequencerDown, PriceReason.Grace));
            oracle.presentPrices{value: FEE}(1, eth(WEAK, ETH_CONF, block.timestamp), PriceUse(use), address(this));
        }
        assertFalse(_liquidates(carol), "who is weak");
        // A repeat of the uptime feed's report extends nothing.
        vm.warp(back + 599);
        uptime.set(false, back);
        assertFalse(_liquidates(carol), "a second too early");
        vm.warp(back + 600);
        assertTrue(_liquidates(carol), "after the grace");
    }

    /// @dev Who has nothing left costs more with every second.
    function test_InGraceWhoHasNothingLeftIsLiquidated() public {
        address carol = makeAddr("carol");
        fund(carol, 2_105e6);
        settle(commit(carol, 10 * UNIT), firstUpdate());
        vm.warp(block.timestamp + 3600);
        uptime.set(false, uint64(block.timestamp - 1));
        answer(ETH, SUNK);
        bytes[] memory update = eth(SUNK, ETH_CONF, block.timestamp);
        engine.liquidate{value: FEE}(account(carol), update);
        assertEq(int256(cold.getPosition(account(carol), ETH).size), 0, "closed");
    }

    function _liquidates(address who) private returns (bool ok) {
        bytes[] memory update = eth(WEAK, ETH_CONF, block.timestamp);
        (ok,) = address(engine).call{value: FEE}(abi.encodeCall(engine.liquidate, (account(who), update)));
    }

    function test_InGraceAnybodyLeavesAtAFreshPrice() public {
        vm.warp(block.timestamp + 3600);
        uptime.set(false, uint64(block.timestamp - 1));
        bytes[] memory update = eth(1990_00000000, ETH_CONF, block.timestamp);
        answer(ETH, 1990_00000000);
        vm.prank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, type(uint88).max, 0, update);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "left");
    }

    /// @dev Pyth silent since before the outage: Chainlink's answer alone neither fills nor closes anything.
    function test_InGraceChainlinkAloneServesNothing() public {
        vm.warp(block.timestamp + 3600);
        uptime.set(false, uint64(block.timestamp - 1));
        answer(ETH, 1990_00000000);
        Order[][] memory batches = commit(alice, -UNIT);
        vm.warp(block.timestamp + 4);
        answer(ETH, 1990_00000000);
        vm.expectRevert(refusal(PriceUse.Settle, PriceState.SequencerDown, PriceReason.Grace));
        engine.settle(ETH, batches, noUpdate);
        vm.expectRevert(refusal(PriceUse.Liquidate, PriceState.SequencerDown, PriceReason.Grace));
        engine.liquidate(account(bob), noUpdate);
    }

    /// @dev Each block of the backlog is two seconds after the last, hours behind what is signed.
    function test_WhileTheChainCatchesUpNoPriceServes() public {
        bytes[] memory update = eth(block.timestamp + 3600);
        store(update);
        vm.expectRevert(
            abi.encodeWithSelector(
                PriceOracle.PriceFromFuture.selector, ETH, block.timestamp + 3600, block.timestamp + 5
            )
        );
        oracle.presentPrices(1, noUpdate, PriceUse.Liquidate, address(this));
    }
}
