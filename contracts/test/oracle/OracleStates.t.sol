// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Price, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {BrokenAggregator} from "./BrokenAggregators.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice Every row of the state table: what finds a price in the state, what the price then is, and what it is for.
contract OracleStatesTest is OracleFixture {
    PriceUse[8] private _uses = [
        PriceUse.Settle,
        PriceUse.CloseNow,
        PriceUse.Liquidate,
        PriceUse.Withdraw,
        PriceUse.Liquidity,
        PriceUse.Index,
        PriceUse.Deleverage,
        PriceUse.Crystallise
    ];

    function test_EveryUseSaysHowOldItsPriceMayBe() public view {
        uint8[8] memory ages = [60, 5, 15, 60, 15, 60, 15, 15];
        for (uint256 i; i < ages.length; ++i) {
            assertEq(oracle.maxAge(_uses[i]), ages[i], "seconds");
        }
    }

    // Normal.

    function test_NormalPriceIsPythsAndServesEveryUse() public {
        Price memory price = presentEth(eth(block.timestamp), PriceUse.Index);
        assertState(price, PriceState.Normal);
        assertEq(price.mid, 2000e18, "mid");
        assertEq(price.halfWidth, 2e18, "twice the confidence");
        assertEq(price.lo, 1998e18, "mid less the half-width");
        assertEq(price.hi, 2002e18, "mid and the half-width");
        assertEq(price.publishTime, block.timestamp, "publish time");
        assertServes([true, true, true, true, true, true, true, true], PriceState.Normal, PriceReason.None);
    }

    function test_HalfWidthIsAtLeastOneBasisPoint() public {
        Price memory price = presentEth(eth(ETH_PRICE, 1, block.timestamp), PriceUse.Index);
        assertEq(price.halfWidth, 0.2e18, "1 bp of 2000");
    }

    function test_WhatActsAtOnceSpansBothSources() public {
        answer(ETH, 1996_00000000);
        Price memory price = presentEth(eth(block.timestamp), PriceUse.CloseNow);
        assertState(price, PriceState.Normal);
        assertEq(price.lo, 1994e18, "Chainlink less the half-width");
        assertEq(price.hi, 2002e18, "Pyth and the half-width");
        price = presentEth(eth(block.timestamp), PriceUse.Liquidate);
        assertEq(price.lo, 1994e18, "as for liquidation");
        price = presentEth(eth(block.timestamp), PriceUse.Withdraw);
        assertEq(price.lo, 1998e18, "not for withdrawal");
    }

    // Strained.

    function test_DeviationStrainsAndTheBandSpansBothSources() public {
        // D1 = 3 · 15 bp + 2 · 5 bp = 55 bp; 2000 to 1980 is 101.01… bp, both of the same second.
        answer(ETH, 1980_00000000);
        Price memory price = presentEth(eth(block.timestamp), PriceUse.Index);
        assertState(price, PriceState.Strained);
        assertEq(price.mid, 2000e18, "mid stays Pyth's");
        assertEq(price.lo, 1980e18 * 9985 / 10_000, "Chainlink less its threshold");
        assertEq(price.hi, 2002e18, "Pyth and the half-width");
        assertServes([true, true, true, true, true, true, true, false], PriceState.Strained, PriceReason.Deviation);
    }

    function test_StrainBeginsAboveD1() public {
        // 2000 · 0.0055 / 1.0055 = 10.93983… below.
        answer(ETH, 1989_06016908);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Normal);
        answer(ETH, 1989_05816908);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Strained);
    }

    function test_AnOlderAnchorsThresholdDoesNotCount() public {
        answer(ETH, 1987_00000000);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Strained);
        vm.warp(block.timestamp + 1);
        // 65.4 bp, less 15 bp that the feed need not have reported.
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Normal);
    }

    function test_WideConfidenceGuards() public {
        assertState(presentEth(eth(ETH_PRICE, 10_00000000, block.timestamp), PriceUse.Index), PriceState.Normal);
        assertState(presentEth(eth(ETH_PRICE, 10_00000001, block.timestamp), PriceUse.Index), PriceState.Guarded);
    }

    // Single.

    function test_SingleByPythWidensAndOnlyLetsLeave() public {
        vm.warp(block.timestamp + 1321);
        Price memory price = presentEth(eth(block.timestamp), PriceUse.CloseNow);
        assertState(price, PriceState.Single);
        assertEq(price.mid, 2000e18, "mid");
        assertEq(price.lo, 1992e18, "the half-width and 30 bp below");
        assertEq(price.hi, 2008e18, "the half-width and 30 bp above");
        assertServes(
            [false, true, true, false, false, false, false, false], PriceState.Single, PriceReason.AnchorSilent
        );
    }

    function test_AHeartbeatAndATenthIsNotStale() public {
        vm.warp(block.timestamp + 1320);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Normal);
    }

    function test_UnreadableUptimeFeedMeansSingle() public {
        BrokenAggregator broken = _breakUptimeFeed();
        broken.breakDown(BrokenAggregator.Way.Reverts);
        assertServes(
            [false, true, true, false, false, false, false, false], PriceState.Single, PriceReason.UptimeUnreadable
        );
    }

    function test_PeekShowsChainlinksPriceWithoutOneOfPyth() public {
        store(eth(ETH_PRICE, ETH_CONF * 100, block.timestamp + 1));
        answer(ETH, 1990_00000000);
        Price memory price = oracle.peek(ETH);
        assertState(price, PriceState.Single);
        assertEq(price.mid, 1990e18, "Chainlink's");
    }

    /// @dev As for a feed that Pyth no longer has.
    function test_PeekShowsChainlinksPriceWhenPythReverts() public {
        assertState(oracle.peek(ETH), PriceState.Normal);
        // Reverts without data.
        vm.etch(address(pyth), hex"5f5ffd");
        assertState(oracle.peek(ETH), PriceState.Single);
    }

    // Halted.

    function test_DisagreementHaltsEveryUse() public {
        answer(ETH, 1900_00000000);
        assertServes([false, false, false, false, false, false, false, false], PriceState.Halted, PriceReason.Deviation);
        assertState(oracle.peek(ETH), PriceState.Halted);
    }

    function test_HaltBeginsAboveD2() public {
        // 5 % of the lower one.
        answer(ETH, 1904_76190477);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Strained);
        answer(ETH, 1904_75990476);
        vm.expectRevert(refusal(PriceUse.Index, PriceState.Halted, PriceReason.Deviation));
        this.ask(eth(block.timestamp), PriceUse.Index);
    }

    function test_DisagreementHaltsEvenInGrace() public {
        answer(ETH, 1900_00000000);
        uptime.set(false, uint64(block.timestamp - 10));
        vm.expectRevert(refusal(PriceUse.CloseNow, PriceState.Halted, PriceReason.Deviation));
        this.ask(eth(block.timestamp), PriceUse.CloseNow);
    }

    // Sequencer down and grace.

    function test_SequencerDownRefusesEveryUse() public {
        uptime.set(true, uint64(block.timestamp - 10));
        assertServes(
            [false, false, true, false, false, false, false, false], PriceState.SequencerDown, PriceReason.Down
        );
        assertState(oracle.peek(ETH), PriceState.SequencerDown);
    }

    function test_UptimeFeedWithoutAStartCountsAsDown() public {
        uptime.set(false, 0);
        assertServes(
            [false, false, true, false, false, false, false, false], PriceState.SequencerDown, PriceReason.Down
        );
    }

    function test_GraceOnlyLetsLeave() public {
        uptime.set(false, uint64(block.timestamp - 599));
        assertServes(
            [false, true, true, false, false, false, false, false], PriceState.SequencerDown, PriceReason.Grace
        );
    }

    function test_GraceEndsTenMinutesAfterTheStart() public {
        uptime.set(false, uint64(block.timestamp - 600));
        assertServes([true, true, true, true, true, true, true, true], PriceState.Normal, PriceReason.None);
    }

    function test_GraceCountsFromTheStartNotFromARepeat() public {
        uint64 startedAt = uint64(block.timestamp - 600);
        uptime.set(false, startedAt);
        vm.warp(block.timestamp + 60);
        uptime.set(false, startedAt);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Normal);
    }

    // Fixtures.

    /// @dev Asks for ETH by each use in turn: it answers in the state, or is refused by it.
    function assertServes(bool[8] memory serves, PriceState state, PriceReason reason) private {
        for (uint256 i; i < 8; ++i) {
            PriceUse use = _uses[i];
            uint256 id = vm.snapshotState();
            if (!serves[i]) vm.expectRevert(refusal(use, state, reason));
            Price memory price = this.ask(eth(block.timestamp), use);
            if (serves[i]) assertState(price, state);
            vm.revertToState(id);
        }
    }

    function ask(bytes[] memory update, PriceUse use) external returns (Price memory) {
        return use == PriceUse.Settle ? settlement(update, block.timestamp) : presentEth(update, use);
    }

    function assertState(Price memory price, PriceState state) private pure {
        assertEq(uint256(price.state), uint256(state), "state");
    }

    /// @dev The uptime feed's next phase is one that breaks.
    function _breakUptimeFeed() private returns (BrokenAggregator broken) {
        broken = new BrokenAggregator();
        uptimeProxy.setAggregator(address(broken));
    }
}
