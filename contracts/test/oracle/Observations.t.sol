// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Price, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Explanation, PriceOracle} from "../../src/PriceOracle.sol";
import {AccumulatorWriter} from "../doubles/AccumulatorWriter.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice What the oracle remembers: the mean, halts that last, breakers, and since when a market is in its state.
contract ObservationsTest is OracleFixture {
    address private _guardian = makeAddr("guardian");

    function setUp() public override {
        super.setUp();
        vm.startPrank(admin);
        oracle.grantRole(oracle.GUARDIAN_ROLE(), _guardian);
        vm.stopPrank();
    }

    // The mean.

    function test_TheMeanIsReadyAfterFifteenMinutes() public {
        for (uint256 i; i < 30; ++i) {
            _observe(ETH_PRICE);
            assertEq(oracle.explain(ETH).mean, 0, "too early");
            vm.warp(block.timestamp + 30);
        }
        _observe(ETH_PRICE);
        assertEq(oracle.explain(ETH).mean, 2000e18, "mean");
        assertEq(oracle.explain(ETH).lastGood, 2000e18, "last good");
    }

    function test_OneObservationInHalfAMinuteCounts() public {
        _steady();
        vm.warp(block.timestamp + 30);
        _observe(2010_00000000);
        uint256 mean = oracle.explain(ETH).mean;
        vm.warp(block.timestamp + 29);
        _observe(1990_00000000);
        assertEq(oracle.explain(ETH).mean, mean + uint256(10e18) * 29 / 900, "the first one holds");
    }

    /// @dev As by a swap, a poke and a trade in one transaction.
    function test_WhatIsObservedHasNoWeightInItsOwnTransaction() public {
        _steady();
        vm.warp(block.timestamp + 30);
        _observe(2099_00000000);
        assertEq(oracle.explain(ETH).mean, 2000e18, "mean");
    }

    function test_OnlyPricesOfTwoSourcesAreRemembered() public {
        _steady();
        vm.warp(block.timestamp + 30);
        answer(ETH, 1900_00000000);
        Price memory price = _observeAs(ETH_PRICE, 1900_00000000);
        assertState(price, PriceState.Halted);
        vm.warp(block.timestamp + 1321);
        price = oracle.observe{value: FEE}(1, eth(block.timestamp), address(this))[0];
        assertState(price, PriceState.Single);
        assertEq(oracle.explain(ETH).lastGood, 2000e18, "the last good one");
        assertEq(oracle.explain(ETH).mean, 0, "older than ten minutes");
    }

    // A single source and the mean.

    function test_ASingleSourceFarFromTheMeanIsNone() public {
        _steady();
        _silenceChainlink();
        assertState(presentEth(eth(2199_00000000, ETH_CONF, block.timestamp), PriceUse.CloseNow), PriceState.Single);
        vm.expectRevert(refusal(PriceUse.CloseNow, PriceState.Halted, PriceReason.FarFromMean));
        this.ask(eth(2200_10000000, ETH_CONF, block.timestamp), PriceUse.CloseNow);
    }

    function test_WithoutAMeanASingleSourceLetsLeave() public {
        _silenceChainlink();
        assertState(presentEth(eth(3000_00000000, ETH_CONF, block.timestamp), PriceUse.CloseNow), PriceState.Single);
    }

    // Pyth is silent.

    function test_AnAbsentUpdateIsNoSilence() public {
        vm.warp(block.timestamp + 300);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UpdateRequired.selector, ETH));
        this.settle(noUpdate, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.PriceTooOld.selector, ETH, 300, 60));
        this.ask(noUpdate, PriceUse.Withdraw);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(refusal(PriceUse.Withdraw, PriceState.Single, PriceReason.QuoteSilent));
        this.ask(noUpdate, PriceUse.Withdraw);
    }

    /// @dev What a view says is what a call finds.
    function test_OnceSilentTheViewsHaveNoPriceOfPythEither() public {
        uint256 published = block.timestamp;
        answer(ETH, 1900_00000000);
        vm.warp(published + 300);
        assertState(oracle.peek(ETH), PriceState.Halted);
        Explanation memory known = oracle.explain(ETH);
        assertEq(uint256(known.reason), uint256(PriceReason.Deviation), "Pyth's price is judged");
        assertEq(known.quote.time, published, "and shown");
        vm.warp(published + 301);
        Price memory seen = oracle.peek(ETH);
        assertState(seen, PriceState.Single);
        known = oracle.explain(ETH);
        assertEq(uint256(known.state), uint256(PriceState.Single), "explained state");
        assertEq(uint256(known.reason), uint256(PriceReason.QuoteSilent), "explained reason");
        assertEq(known.quote.time, 0, "none of Pyth");
        Price memory served = presentEth(noUpdate, PriceUse.Liquidate);
        assertState(served, PriceState.Single);
        assertEq(seen.mid, served.mid, "Chainlink's");
        assertEq(seen.lo, served.lo, "its band below");
        assertEq(seen.hi, served.hi, "and above");
    }

    /// @dev Neither old enough to be none nor young enough to be one. Another market's is noted all the same.
    function test_NothingIsNotedWhileAPriceWouldHaveToBeBrought() public {
        uint256 from = block.timestamp;
        _observe(ETH_PRICE);
        vm.warp(from + 60);
        assertState(_look(), PriceState.Normal);
        answer(ETH, 1900_00000000);
        vm.warp(from + 61);
        vm.recordLogs();
        assertNone(_look());
        vm.warp(from + 360);
        assertNone(_look());
        assertEq(vm.getRecordedLogs().length, 0, "told");
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.PriceTooOld.selector, ETH, 360, 60));
        this.ask(noUpdate, PriceUse.Withdraw);
        Explanation memory known = oracle.explain(ETH);
        assertEq(uint256(known.standing.state), uint256(PriceState.Normal), "the state stays");
        assertEq(uint256(known.standing.since), from, "since then");
        assertEq(uint256(known.standing.doubtedAt), 0, "no doubt");
        answer(BTC, BTC_PRICE);
        store(AccumulatorWriter.data(AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, uint64(from + 360))));
        Price[] memory prices = oracle.observe(3, noUpdate, address(this));
        assertNone(prices[0]);
        assertEq(prices[1].mid, 60_000e18, "the other market's");
        assertEq(oracle.explain(BTC).lastGood, 60_000e18, "noted");
        // 300 s after the last observation.
        vm.warp(from + 361);
        vm.expectEmit(address(oracle));
        emit PriceOracle.StateObserved(ETH, PriceState.Single, PriceReason.QuoteSilent);
        assertState(_look(), PriceState.Single);
    }

    function test_WithoutPythAReductionFillsAtChainlinksNextAnswer() public {
        uint256 committed = block.timestamp + 301;
        vm.warp(committed);
        answer(ETH, 1999_00000000);
        vm.warp(committed + 1);
        vm.expectRevert(refusal(PriceUse.Settle, PriceState.Halted, PriceReason.NoSource));
        this.settle(noUpdate, committed + 2);
        vm.warp(committed + 10);
        answer(ETH, 1980_00000000);
        vm.warp(committed + 20);
        answer(ETH, 1970_00000000);
        Price memory price = this.settle(noUpdate, committed + 2);
        assertState(price, PriceState.Single);
        assertEq(price.mid, 1980e18, "the first answer since");
        assertEq(price.publishTime, committed + 10, "its time");
        assertEq(price.lo, 1980e18 - 0.198e18 - 5.94e18, "30 bp and 1 bp below");
        assertEq(price.hi, 1980e18 + 0.198e18 + 5.94e18, "30 bp and 1 bp above");
    }

    function test_WithoutAnySourceTheMeanLetsLeave() public {
        _steady();
        vm.warp(block.timestamp + 30);
        _observe(2010_00000000);
        vm.warp(block.timestamp + 450);
        _silenceChainlink();
        Price memory price = presentEth(noUpdate, PriceUse.CloseNow);
        assertState(price, PriceState.Fallback);
        assertEq(price.mid, oracle.explain(ETH).mean, "the mean");
        assertEq(price.lo, price.mid * 99 / 100, "1 % below the lower of mean and last good price");
        assertEq(price.hi, uint256(2010e18) * 101 / 100, "1 % above the higher");
        assertEq(price.halfWidth, 0, "no other width");
        vm.expectRevert(refusal(PriceUse.Liquidate, PriceState.Fallback, PriceReason.NoSource));
        this.ask(noUpdate, PriceUse.Liquidate);
        vm.warp(block.timestamp + 151);
        vm.expectRevert(refusal(PriceUse.CloseNow, PriceState.Halted, PriceReason.NoSource));
        this.ask(noUpdate, PriceUse.CloseNow);
    }

    // Halts.

    function test_OneContradictionHaltsNobodyForGood() public {
        assertState(_observeAs(ETH_PRICE, 1900_00000000), PriceState.Halted);
        vm.warp(block.timestamp + 60);
        assertState(_observe(ETH_PRICE), PriceState.Normal);
        vm.warp(block.timestamp + 60);
        assertState(_observeAs(ETH_PRICE, 1900_00000000), PriceState.Halted);
        answer(ETH, ETH_PRICE);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Normal);
    }

    function test_TwoContradictionsTwentySecondsApartHalt() public {
        _observeAs(ETH_PRICE, 1900_00000000);
        vm.warp(block.timestamp + 19);
        _observeAs(ETH_PRICE, 1900_00000000);
        assertEq(uint256(oracle.explain(ETH).standing.haltedAt), 0, "too soon");
        vm.warp(block.timestamp + 1);
        _observeAs(ETH_PRICE, 1900_00000000);
        assertEq(uint256(oracle.explain(ETH).standing.haltedAt), block.timestamp, "halted");
        answer(ETH, ETH_PRICE);
        vm.expectRevert(refusal(PriceUse.CloseNow, PriceState.Halted, PriceReason.Deviation));
        this.ask(eth(block.timestamp), PriceUse.CloseNow);
    }

    /// @dev The same price shown again confirms nothing.
    function test_APriceDoesNotConfirmItself() public {
        bytes[] memory update = eth(block.timestamp);
        answer(ETH, 1900_00000000);
        oracle.observe{value: FEE}(1, update, address(this));
        vm.warp(block.timestamp + 30);
        oracle.observe{value: FEE}(1, update, address(this));
        assertEq(uint256(oracle.explain(ETH).standing.haltedAt), 0, "halted");
    }

    /// @dev What was published before is judged by itself, so that no moment of a settlement's window decides.
    function test_AHaltBindsPricesFromItsConfirmationOn() public {
        uint256 before = block.timestamp + 19;
        _halt();
        assertState(settlement(eth(before), before), PriceState.Normal);
    }

    function test_ThreeObservationsThatAgreeEndAHalt() public {
        _halt();
        for (uint256 i; i < 3; ++i) {
            assertState(_observe(ETH_PRICE), PriceState.Halted);
            vm.warp(block.timestamp + 29);
            if (i != 2) assertState(_observe(ETH_PRICE), PriceState.Halted);
            vm.warp(block.timestamp + 1);
        }
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Normal);
    }

    /// @dev Strained sources agree within the halt's bound: in a crash there are hardly any others.
    function test_StrainedObservationsEndAHaltToo() public {
        _halt();
        for (uint256 i; i < 3; ++i) {
            assertState(_observeAs(ETH_PRICE, 1910_00000000), PriceState.Halted);
            vm.warp(block.timestamp + 30);
        }
        answer(ETH, 1910_00000000);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Strained);
    }

    function test_ARelapseCountsAnew() public {
        _halt();
        _observe(ETH_PRICE);
        vm.warp(block.timestamp + 30);
        _observe(ETH_PRICE);
        vm.warp(block.timestamp + 30);
        _observeAs(ETH_PRICE, 1880_00000000);
        vm.warp(block.timestamp + 30);
        assertState(_observe(ETH_PRICE), PriceState.Halted);
        vm.expectRevert(refusal(PriceUse.Index, PriceState.Halted, PriceReason.Deviation));
        this.ask(eth(block.timestamp), PriceUse.Index);
    }

    function test_TheGuardiansHaltEndsByTheConfiguratorAlone() public {
        vm.prank(_guardian);
        oracle.haltMarket(ETH);
        for (uint256 i; i < 4; ++i) {
            assertState(_observe(ETH_PRICE), PriceState.Halted);
            vm.warp(block.timestamp + 30);
        }
        vm.expectRevert(refusal(PriceUse.CloseNow, PriceState.Halted, PriceReason.Guardian));
        this.ask(eth(block.timestamp), PriceUse.CloseNow);
        bytes memory unauthorized = abi.encodeWithSelector(
            IAccessControl.AccessControlUnauthorizedAccount.selector, _guardian, oracle.CONFIGURATOR_ROLE()
        );
        vm.expectRevert(unauthorized);
        vm.prank(_guardian);
        oracle.releaseMarket(ETH);
        vm.prank(admin);
        oracle.releaseMarket(ETH);
        answer(ETH, ETH_PRICE);
        assertState(presentEth(eth(block.timestamp), PriceUse.Index), PriceState.Normal);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.NotHalted.selector, ETH));
        vm.prank(admin);
        oracle.releaseMarket(ETH);
    }

    // Breakers.

    function test_TenPercentInAMinutePausesOpening() public {
        _observe(ETH_PRICE);
        vm.warp(block.timestamp + 60);
        _observe(2199_00000000);
        assertState(presentEth(eth(2199_00000000, ETH_CONF, block.timestamp), PriceUse.Index), PriceState.Normal);
        vm.warp(block.timestamp + 1);
        answer(ETH, 2320_00000000);
        // The observation before was clamped to 12 %; 2320 is 5.5 % above it, 16 % above the first.
        _observe(2320_00000000);
        assertState(presentEth(eth(2320_00000000, ETH_CONF, block.timestamp), PriceUse.Index), PriceState.Normal);
        vm.warp(block.timestamp + 30);
        _observe(2420_00000000);
        assertEq(uint256(oracle.explain(ETH).standing.breakerUntil), block.timestamp + 300, "tripped");
        Price memory price = presentEth(eth(2420_00000000, ETH_CONF, block.timestamp), PriceUse.Index);
        assertState(price, PriceState.Guarded);
    }

    function test_TwentyPercentInFiveMinutesPausesOpeningForAsLong() public {
        int64[6] memory path = [ETH_PRICE, 2090_00000000, 2180_00000000, 2270_00000000, 2360_00000000, 2400_00000000];
        for (uint256 i; i < 6; ++i) {
            if (i != 0) vm.warp(block.timestamp + 59);
            _observe(path[i]);
        }
        uint256 tripped = block.timestamp;
        assertState(_at(tripped - 1, 2360_00000000), PriceState.Normal);
        assertState(_at(tripped, 2400_00000000), PriceState.Guarded);
        vm.warp(tripped + 300);
        answer(ETH, 2400_00000000);
        assertState(_at(tripped + 299, 2400_00000000), PriceState.Guarded);
        assertState(_at(tripped + 300, 2400_00000000), PriceState.Normal);
    }

    // What is told.

    function test_TheStateIsToldWithItsReasonAndSinceWhen() public {
        uint256 from = block.timestamp;
        _observe(ETH_PRICE);
        vm.warp(from + 40);
        _observe(ETH_PRICE);
        assertEq(uint256(oracle.explain(ETH).standing.since), from, "since");
        vm.warp(from + 80);
        answer(ETH, 1980_00000000);
        bytes[] memory update = eth(block.timestamp);
        vm.expectEmit(address(oracle));
        emit PriceOracle.StateObserved(ETH, PriceState.Strained, PriceReason.Deviation);
        oracle.observe{value: FEE}(1, update, address(this));
        Explanation memory known = oracle.explain(ETH);
        assertEq(uint256(known.standing.since), from + 80, "since the change");
        assertEq(uint256(known.reason), uint256(PriceReason.Deviation), "reason");
        assertEq(known.anchor.value, 1980e18, "Chainlink");
        assertEq(known.quote.value, 2000e18, "Pyth");
    }

    // Fixtures.

    function ask(bytes[] memory update, PriceUse use) external returns (Price memory) {
        return presentEth(update, use);
    }

    function settle(bytes[] memory update, uint256 time) external returns (Price memory) {
        return oracle.settlementPrice(ETH, update, time, time + 10, address(this));
    }

    /// @dev Both sources say so.
    function _observe(int64 price) private returns (Price memory) {
        return _observeAs(price, price);
    }

    function _observeAs(int64 price, int192 anchor) private returns (Price memory) {
        answer(ETH, anchor);
        return oracle.observe{value: FEE}(1, eth(price, ETH_CONF, block.timestamp), address(this))[0];
    }

    /// @dev At what is stored.
    function _look() private returns (Price memory) {
        return oracle.observe(1, noUpdate, address(this))[0];
    }

    function _at(uint256 time, int64 price) private returns (Price memory) {
        return settlement(eth(price, ETH_CONF, time), time);
    }

    /// @dev Fifteen minutes at one price.
    function _steady() private {
        for (uint256 i; i < 31; ++i) {
            if (i != 0) vm.warp(block.timestamp + 30);
            _observe(ETH_PRICE);
        }
    }

    function _halt() private {
        _observeAs(ETH_PRICE, 1900_00000000);
        vm.warp(block.timestamp + 19);
        answer(ETH, ETH_PRICE);
        vm.warp(block.timestamp + 1);
        _observeAs(ETH_PRICE, 1900_00000000);
        vm.warp(block.timestamp + 10);
    }

    function _silenceChainlink() private {
        proxies[ETH].setAggregator(makeAddr("nobody"));
    }

    function assertNone(Price memory price) private pure {
        assertState(price, PriceState.Halted);
        assertEq(price.mid, 0, "a price");
    }

    function assertState(Price memory price, PriceState state) private pure {
        assertEq(uint256(price.state), uint256(state), "state");
    }
}
