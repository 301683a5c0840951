// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Price, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {PythErrors} from "../../src/interfaces/external/PythErrors.sol";
import {PriceSources} from "../../src/oracle/PriceSources.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {AccumulatorWriter} from "../doubles/AccumulatorWriter.sol";
import {BrokenAggregator, ScriptedAggregator, SizedAnswer} from "./BrokenAggregators.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice Takes no ether.
contract Purseless {
    function settle(PriceOracle oracle, bytes[] calldata update, uint256 time) external payable {
        oracle.settlementPrice{value: msg.value}(0, update, time, time + 10, address(this));
    }
}

/// @notice Every bad price by name, each with the error it meets.
contract BadPricesTest is OracleFixture {
    uint256 private _now;

    function setUp() public override {
        super.setUp();
        _now = block.timestamp;
    }

    // The low-latency source, at settlement.

    function test_RevertWhen_SettlementIsOfTheWrongFeed() public {
        bytes[] memory btc = AccumulatorWriter.data(AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, uint64(_now)));
        _refusesSettlement(btc, abi.encodeWithSelector(PythErrors.PriceFeedNotFoundWithinRange.selector));
    }

    function test_RevertWhen_SettlementIsBeforeTheWindow() public {
        _refusesSettlement(eth(_now - 1), abi.encodeWithSelector(PythErrors.PriceFeedNotFoundWithinRange.selector));
    }

    function test_RevertWhen_SettlementIsAfterTheWindow() public {
        vm.warp(_now + 11);
        answer(ETH, ETH_PRICE);
        _refusesSettlement(eth(_now + 11), abi.encodeWithSelector(PythErrors.PriceFeedNotFoundWithinRange.selector));
    }

    function test_RevertWhen_SettlementIsNotTheFirst() public {
        vm.warp(_now + 2);
        bytes[] memory second = eth(_now + 1);
        _refusesSettlement(second, abi.encodeWithSelector(PythErrors.PriceFeedNotFoundWithinRange.selector));
        assertEq(settlement(eth(_now), _now).publishTime, _now, "the first one serves");
    }

    function test_RevertWhen_SettlementIsReplayedForALaterOrder() public {
        bytes[] memory update = eth(_now);
        settlement(update, _now);
        vm.warp(_now + 4);
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        this.settlementAt(update, _now + 2, FEE);
    }

    function test_RevertWhen_SettlementIsUnsigned() public {
        AccumulatorWriter.Update[] memory updates = new AccumulatorWriter.Update[](1);
        updates[0] = AccumulatorWriter.update(ETH_ID, ETH_PRICE, ETH_CONF, uint64(_now));
        bytes[] memory update = new bytes[](1);
        uint256[] memory none = new uint256[](0);
        update[0] = AccumulatorWriter.blob(updates, uint64(_now), uint32(_now), none);
        _refusesSettlement(update, abi.encodeWithSelector(PythErrors.InvalidWormholeVaa.selector));
    }

    function test_RevertWhen_SettlementIsSignedByTooFew() public {
        AccumulatorWriter.Update[] memory updates = new AccumulatorWriter.Update[](1);
        updates[0] = AccumulatorWriter.update(ETH_ID, ETH_PRICE, ETH_CONF, uint64(_now));
        uint256[] memory all = AccumulatorWriter.quorumKeys();
        uint256[] memory two = new uint256[](2);
        (two[0], two[1]) = (all[0], all[1]);
        bytes[] memory update = new bytes[](1);
        update[0] = AccumulatorWriter.blob(updates, uint64(_now), uint32(_now), two);
        _refusesSettlement(update, abi.encodeWithSelector(PythErrors.InvalidWormholeVaa.selector));
    }

    function test_RevertWhen_SettlementIsPadded() public {
        vm.expectRevert(PythErrors.InvalidArgument.selector);
        this.settlementAt(both(_now), _now, 2 * FEE);
    }

    function test_RevertWhen_SettlementIsFromTheFuture() public {
        _refusesSettlement(
            _firstAt(_now + 6), abi.encodeWithSelector(PriceOracle.PriceFromFuture.selector, ETH, _now + 6, _now + 5)
        );
        assertEq(settlement(_firstAt(_now + 5), _now).publishTime, _now + 5, "five seconds ahead is drift");
    }

    function test_RevertWhen_SettlementHasNoUpdate() public {
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UpdateRequired.selector, ETH));
        this.settlementAt(noUpdate, _now, 0);
    }

    // The low-latency source's values.

    function test_RevertWhen_PriceIsZero() public {
        _refusesValue(0, ETH_CONF, -8);
    }

    function test_RevertWhen_PriceIsNegative() public {
        _refusesValue(-ETH_PRICE, ETH_CONF, -8);
    }

    function test_RevertWhen_ConfidenceIsZero() public {
        _refusesValue(ETH_PRICE, 0, -8);
    }

    function test_RevertWhen_ConfidenceIsWide() public {
        // 200 bp of 2000 is 40.
        assertState(presentEth(eth(ETH_PRICE, 40_00000000, _now), PriceUse.Index), PriceState.Guarded);
        _refusesValue(ETH_PRICE, 40_00000001, -8);
    }

    function test_RevertWhen_ExponentIsPositive() public {
        _refusesValue(200, 1, 1);
    }

    function test_RevertWhen_ExponentIsBelowMinusEighteen() public {
        _refusesValue(ETH_PRICE, ETH_CONF, -19);
    }

    function test_ExponentsFromZeroToMinusEighteenAreRead() public {
        assertEq(_price(2000, 1, 0).mid, 2000e18, "0");
        // 10 USD, the feed's floor, in the finest exponent an int64 holds.
        answer(ETH, 9_20000000);
        vm.expectRevert(refusal(PriceUse.Index, PriceState.Halted, PriceReason.Bounds));
        this.present1(_update(9.2e18, 1e15, -18));
    }

    function test_RevertWhen_PriceIsBelowTheFloor() public {
        _isOutOfBounds(9_99999999);
    }

    function test_RevertWhen_PriceIsAboveTheCeiling() public {
        _isOutOfBounds(1_000_000_00000001);
    }

    // Ages of what acts at once.

    function test_RevertWhen_StoredPriceIsStale() public {
        PriceUse[6] memory uses = [
            PriceUse.Liquidate,
            PriceUse.Liquidity,
            PriceUse.Deleverage,
            PriceUse.Crystallise,
            PriceUse.Withdraw,
            PriceUse.Index
        ];
        uint256[6] memory limits = [uint256(15), 15, 15, 15, 60, 60];
        for (uint256 i; i < 6; ++i) {
            vm.warp(_now + limits[i]);
            assertEq(presentEth(noUpdate, uses[i]).publishTime, _now, "at the limit");
            vm.warp(_now + limits[i] + 1);
            vm.expectRevert(abi.encodeWithSelector(PriceOracle.PriceTooOld.selector, ETH, limits[i] + 1, limits[i]));
            this.presentOf(noUpdate, uses[i]);
        }
    }

    function test_RevertWhen_CloseNowBringsNoUpdate() public {
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UpdateRequired.selector, ETH));
        this.presentOf(noUpdate, PriceUse.CloseNow);
    }

    function test_RevertWhen_CloseNowBringsAPriceOlderThanFiveSeconds() public {
        bytes[] memory update = eth(_now);
        vm.warp(_now + 5);
        presentEth(update, PriceUse.CloseNow);
        vm.warp(_now + 6);
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        this.presentOf(update, PriceUse.CloseNow);
    }

    function test_RevertWhen_PriceBroughtIsFromTheFuture() public {
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        this.presentOf(eth(_now + 6), PriceUse.Index);
    }

    function test_RevertWhen_StoredPriceIsFromTheFuture() public {
        store(eth(_now + 6));
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.PriceFromFuture.selector, ETH, _now + 6, _now + 5));
        this.presentOf(noUpdate, PriceUse.Index);
    }

    function test_RevertWhen_PriceBroughtIsPadded() public {
        vm.expectRevert(PythErrors.InvalidArgument.selector);
        this.presentOf(both(_now), PriceUse.Index);
    }

    function test_RevertWhen_PriceBroughtIsOfTheWrongFeed() public {
        bytes[] memory btc = AccumulatorWriter.data(AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, uint64(_now)));
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        this.presentOf(btc, PriceUse.Index);
    }

    function test_RevertWhen_MarketHasNoFeed() public {
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UnknownFeed.selector, 2));
        oracle.presentPrices(4, noUpdate, PriceUse.Index, address(this));
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UnknownFeed.selector, 2));
        oracle.peek(2);
    }

    // Fee and refund.

    function test_FeeIsExactAndTheSurplusReturned() public {
        uint256 before = address(this).balance;
        uint256 kept = address(pyth).balance;
        oracle.settlementPrice{value: 0.5 ether}(ETH, eth(_now), _now, _now + 10, address(this));
        assertEq(before - address(this).balance, FEE, "one message");
        oracle.presentPrices{value: 1000}(3, both(_now), PriceUse.Index, keeper);
        assertEq(keeper.balance, 1 ether + 1000 - 2 * FEE, "two messages, the rest to whom it should go");
        assertEq(address(pyth).balance - kept, 3 * FEE, "Pyth keeps the fee and no more");
        assertEq(address(oracle).balance, 0, "nothing stays");
    }

    function test_RevertWhen_FeeIsTooLow() public {
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeeTooLow.selector, FEE - 1, FEE));
        this.settlementAt(eth(_now), _now, FEE - 1);
        bytes[] memory update = both(_now);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeeTooLow.selector, FEE, 2 * FEE));
        oracle.presentPrices{value: FEE}(3, update, PriceUse.Index, address(this));
    }

    function test_RevertWhen_EtherComesWithoutAnUpdate() public {
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UnexpectedValue.selector, 1));
        oracle.presentPrices{value: 1}(1, noUpdate, PriceUse.Index, address(this));
    }

    function test_RevertWhen_SurplusCannotBeReturned() public {
        Purseless caller = new Purseless();
        bytes[] memory update = eth(_now);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.RefundFailed.selector, address(caller), 1));
        caller.settle{value: FEE + 1}(oracle, update, _now);
        caller.settle{value: FEE}(oracle, update, _now);
    }

    // The anchor's values: what is not credible leaves one source.

    function test_AnchorThatIsZeroIsNone() public {
        _leavesOneSource(0, _now);
    }

    function test_AnchorThatIsNegativeIsNone() public {
        _leavesOneSource(-2000_00000000, _now);
    }

    function test_AnchorFromTheFutureIsNone() public {
        _leavesOneSource(2000_00000000, _now + 1);
    }

    function test_AnchorNeverUpdatedIsNone() public {
        _leavesOneSource(2000_00000000, 0);
    }

    function test_AnchorThatIsStaleIsNone() public {
        _leavesOneSource(2000_00000000, _now - 1321);
    }

    function test_AnchorBelowTheFloorHalts() public {
        _halts(9_99999999);
    }

    function test_AnchorAboveTheCeilingHalts() public {
        _halts(1_000_000_00000001);
    }

    function test_AnchorTooLargeToScaleIsNone() public {
        _leavesOneSource(type(int256).max, _now);
    }

    function test_AnchorThatRevertsIsNone() public {
        _breakAnchor(BrokenAggregator.Way.Reverts);
        _onlyLeaving();
    }

    function test_AnchorThatBurnsItsGasIsNone() public {
        _breakAnchor(BrokenAggregator.Way.BurnsAllGas);
        _onlyLeaving();
    }

    function test_AnchorThatAnswersTooLittleIsNone() public {
        _breakAnchor(BrokenAggregator.Way.ReturnsTooLittle);
        _onlyLeaving();
    }

    /// @dev The registered feed itself, with no proxy between that would refuse it.
    function test_AnAnswerAByteTooShortIsNone() public {
        _answerBy(address(proxies[ETH]), 160, 1, 2000_00000000, 1);
        assertState(oracle.peek(ETH), PriceState.Normal);
        _answerBy(address(proxies[ETH]), 159, 1, 2000_00000000, 1);
        assertState(oracle.peek(ETH), PriceState.Single);
        assertEq(oracle.explain(ETH).anchor.time, 0, "no round");
        _answerBy(address(pyth), 128, 2000_00000000, 1_00000000, uint256(int256(-8)));
        assertEq(oracle.explain(ETH).quote.value, 2000e18, "Pyth's whole answer");
        _answerBy(address(pyth), 127, 2000_00000000, 1_00000000, uint256(int256(-8)));
        assertEq(oracle.explain(ETH).quote.time, 0, "no price");
    }

    /// @dev Whoever answers pays for its length; a copy of this one would cost more than all the rest.
    function test_AnAnswerOfAnyLengthIsReadByItsFirstWords() public {
        _answerBy(address(proxies[ETH]), 160, 1, 2000_00000000, 1);
        uint256 before = gasleft();
        oracle.peek(ETH);
        uint256 usual = before - gasleft();
        _answerBy(address(proxies[ETH]), 200_000, 1, 2000_00000000, 1);
        before = gasleft();
        assertState(oracle.peek(ETH), PriceState.Normal);
        assertLt(before - gasleft(), usual + 150_000, "no more than the read's own");
    }

    function test_AnchorWithoutCodeIsNone() public {
        proxies[ETH].setAggregator(makeAddr("nobody"));
        _onlyLeaving();
    }

    /// @dev Whatever gas a caller leaves, the answer is the one of ample gas, or none.
    function test_StarvedReadsNeverLookLikeAMissingSource() public {
        bytes memory call = abi.encodeCall(oracle.presentPrices, (1, noUpdate, PriceUse.Index, address(this)));
        uint256 refused;
        uint256 answered;
        for (uint256 gas = 20_000; gas < 420_000; gas += 2500) {
            (bool ok, bytes memory result) = address(oracle).call{gas: gas}(call);
            if (ok) {
                ++answered;
                assertState(abi.decode(result, (Price[]))[0], PriceState.Normal);
            } else if (result.length != 0) {
                ++refused;
                assertEq(bytes32(bytes4(result)), bytes32(PriceSources.GasTooLow.selector), "starved");
            }
        }
        assertGt(refused, 10, "some leave too little");
        assertGt(answered, 10, "some leave enough");
    }

    // Fixtures.

    function settlementAt(bytes[] memory update, uint256 time, uint256 value) external {
        oracle.settlementPrice{value: value}(ETH, update, time, time + 10, address(this));
    }

    function presentOf(bytes[] memory update, PriceUse use) external returns (Price memory) {
        return presentEth(update, use);
    }

    function present1(bytes[] memory update) external returns (Price memory) {
        return presentEth(update, PriceUse.Index);
    }

    function _update(int64 price, uint64 conf, int32 expo) private view returns (bytes[] memory) {
        return AccumulatorWriter.data(
            AccumulatorWriter.Update(ETH_ID, price, conf, expo, uint64(_now), uint64(_now - 1), price, conf)
        );
    }

    /// @dev The first update since before now.
    function _firstAt(uint256 time) private view returns (bytes[] memory) {
        return AccumulatorWriter.data(
            AccumulatorWriter.Update(ETH_ID, ETH_PRICE, ETH_CONF, -8, uint64(time), uint64(_now - 1), 1, 1)
        );
    }

    function _price(int64 price, uint64 conf, int32 expo) private returns (Price memory) {
        return presentEth(_update(price, conf, expo), PriceUse.Index);
    }

    function _refusesSettlement(bytes[] memory update, bytes memory reason) private {
        vm.expectRevert(reason);
        this.settlementAt(update, _now, FEE);
    }

    /// @dev At once and at settlement alike.
    function _refusesValue(int64 price, uint64 conf, int32 expo) private {
        bytes memory reason = abi.encodeWithSelector(PriceOracle.PriceInvalid.selector, ETH, price, conf, expo);
        bytes[] memory update = _update(price, conf, expo);
        vm.expectRevert(reason);
        this.present1(update);
        _refusesSettlement(update, reason);
        assertEq(oracle.peek(ETH).mid, 2000e18, "what was refused is not stored");
    }

    function _isOutOfBounds(int64 price) private {
        bytes[] memory update = _update(price, 1, -8);
        vm.expectRevert(refusal(PriceUse.Index, PriceState.Halted, PriceReason.Bounds));
        this.present1(update);
        _refusesSettlement(update, refusal(PriceUse.Settle, PriceState.Halted, PriceReason.Bounds));
    }

    function _halts(int256 value) private {
        ScriptedAggregator scripted = new ScriptedAggregator();
        scripted.set(value, _now);
        proxies[ETH].setAggregator(address(scripted));
        vm.expectRevert(refusal(PriceUse.CloseNow, PriceState.Halted, PriceReason.Bounds));
        this.presentOf(eth(_now), PriceUse.CloseNow);
        _refusesSettlement(eth(_now), refusal(PriceUse.Settle, PriceState.Halted, PriceReason.Bounds));
    }

    function _leavesOneSource(int256 value, uint256 updatedAt) private {
        ScriptedAggregator scripted = new ScriptedAggregator();
        scripted.set(value, updatedAt);
        proxies[ETH].setAggregator(address(scripted));
        _onlyLeaving();
    }

    /// @dev A source answers every call with so many bytes.
    function _answerBy(address source, uint256 size, uint256 first, uint256 second, uint256 third) private {
        vm.etch(source, address(new SizedAnswer(size, first, second, third)).code);
    }

    function _breakAnchor(BrokenAggregator.Way way) private {
        BrokenAggregator broken = new BrokenAggregator();
        broken.set(2000_00000000, _now);
        proxies[ETH].setAggregator(address(broken));
        assertState(presentEth(eth(_now), PriceUse.Index), PriceState.Normal);
        broken.breakDown(way);
    }

    function _onlyLeaving() private {
        assertState(presentEth(eth(_now), PriceUse.CloseNow), PriceState.Single);
        vm.expectRevert(_refusal(PriceUse.Index));
        this.presentOf(eth(_now), PriceUse.Index);
        _refusesSettlement(eth(_now), _refusal(PriceUse.Settle));
    }

    function _refusal(PriceUse use) private pure returns (bytes memory) {
        return refusal(use, PriceState.Single, PriceReason.AnchorSilent);
    }

    function assertState(Price memory price, PriceState state) private pure {
        assertEq(uint256(price.state), uint256(state), "state");
    }
}
