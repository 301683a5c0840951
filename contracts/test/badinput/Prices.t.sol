// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {PythErrors} from "../../src/interfaces/external/PythErrors.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {AccumulatorWriter} from "../doubles/AccumulatorWriter.sol";
import {BadInputFixture} from "./BadInputFixture.sol";

/// @notice Alice holds one ETH and waits for another; each bad price meets her settlement, or what acts at once.
contract PricesTest is BadInputFixture {
    bytes private constant OUTSIDE = abi.encodeWithSelector(PythErrors.PriceFeedNotFoundWithinRange.selector);
    bytes private constant PADDED = abi.encodeWithSelector(PythErrors.InvalidArgument.selector);
    bytes private constant BROKEN = abi.encodeWithSelector(PythErrors.InvalidUpdateData.selector);
    bytes private constant UNSIGNED = abi.encodeWithSelector(PythErrors.InvalidWormholeVaa.selector);

    Order[][] private _batches;

    function setUp() public override {
        super.setUp();
        settle(commit(alice, UNIT), firstUpdate());
        vm.warp(block.timestamp + 57);
        answer(ETH, ETH_PRICE);
        Order[][] memory batches = commit(alice, UNIT);
        _batches.push();
        _batches[0].push(batches[0][0]);
    }

    // Wrong.

    function test_RevertWhen_PriceIsSignedByAStranger() public {
        uint256[] memory keys = AccumulatorWriter.quorumKeys();
        keys[1] = 0xbad;
        _refusesThenFills(_signedBy(keys), UNSIGNED);
    }

    function test_RevertWhen_PriceIsOfAnotherEmitter() public {
        (bytes[] memory messages, bytes20 root, bytes[] memory proofs) = _tree();
        bytes memory body = AccumulatorWriter.bodyFrom(
            AccumulatorWriter.EMITTER_CHAIN,
            bytes32(uint256(1)),
            AccumulatorWriter.payload(root, 1),
            uint32(block.timestamp),
            1
        );
        bytes memory vaa = AccumulatorWriter.vaa(body, AccumulatorWriter.quorumKeys());
        _refusesThenFills(
            _one(AccumulatorWriter.assemble(vaa, messages, proofs)),
            abi.encodeWithSelector(PythErrors.InvalidUpdateDataSource.selector)
        );
    }

    function test_RevertWhen_PriceIsOfAnotherChain() public {
        (bytes[] memory messages, bytes20 root, bytes[] memory proofs) = _tree();
        bytes memory body = AccumulatorWriter.bodyFrom(
            1, AccumulatorWriter.EMITTER, AccumulatorWriter.payload(root, 1), uint32(block.timestamp), 1
        );
        bytes memory vaa = AccumulatorWriter.vaa(body, AccumulatorWriter.quorumKeys());
        _refusesThenFills(
            _one(AccumulatorWriter.assemble(vaa, messages, proofs)),
            abi.encodeWithSelector(PythErrors.InvalidUpdateDataSource.selector)
        );
    }

    function test_RevertWhen_MerkleProofIsBroken() public {
        (bytes[] memory messages, bytes20 root, bytes[] memory proofs) = _tree();
        proofs[0][7] = ~proofs[0][7];
        _refusesThenFills(_signed(root, messages, proofs), BROKEN);
    }

    function test_RevertWhen_MessageIsNotTheSignedOne() public {
        (bytes[] memory messages, bytes20 root, bytes[] memory proofs) = _tree();
        // The lowest byte of the price.
        messages[0][40] = ~messages[0][40];
        _refusesThenFills(_signed(root, messages, proofs), BROKEN);
    }

    function test_RevertWhen_PriceIsOfAnotherFeed() public {
        _refusesThenFills(
            AccumulatorWriter.data(AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, uint64(block.timestamp - 1))),
            OUTSIDE
        );
    }

    function test_RevertWhen_PriceIsFarFromTheAnchor() public {
        _refusesThenFills(eth(ETH_PRICE * 9 / 10, ETH_CONF, block.timestamp - 1), _halted(PriceUse.Settle));
        bytes[] memory far = eth(ETH_PRICE * 11 / 10, ETH_CONF, block.timestamp);
        _refusesAtOnce(far, _halted(PriceUse.CloseNow), _halted(PriceUse.Withdraw));
        _leavesTheIndex(far);
    }

    function test_RevertWhen_PriceIsZeroOrWithoutConfidence() public {
        bytes[] memory zero = eth(0, ETH_CONF, block.timestamp - 1);
        _refusesThenFills(zero, _invalid(0, ETH_CONF));
        bytes[] memory sure = eth(ETH_PRICE, 0, block.timestamp);
        bytes memory reason = _invalid(ETH_PRICE, 0);
        _refusesAtOnce(sure, reason, reason);
        _leavesTheIndex(sure);
    }

    // Stale and future.

    function test_RevertWhen_SettlementPriceIsStale() public {
        _refusesThenFills(eth(block.timestamp - 2), OUTSIDE);
    }

    function test_RevertWhen_SettlementPriceIsNotTheFirst() public {
        vm.warp(block.timestamp + 2);
        bytes[] memory first = eth(block.timestamp - 3);
        refusesSettlement(_batches, eth(block.timestamp - 2), OUTSIDE);
        _fills(first);
    }

    function test_RevertWhen_SettlementPriceIsAfterItsWindow() public {
        uint256 first = block.timestamp - 1;
        vm.warp(first + 11);
        refusesSettlement(_batches, eth(block.timestamp), OUTSIDE);
        _fills(eth(first));
    }

    function test_RevertWhen_SettlementPriceIsFromTheFuture() public {
        uint256 time = block.timestamp + 6;
        AccumulatorWriter.Update memory update = AccumulatorWriter.Update(
            ETH_ID, ETH_PRICE, ETH_CONF, -8, uint64(time), uint64(block.timestamp - 2), ETH_PRICE, ETH_CONF
        );
        _refusesThenFills(
            AccumulatorWriter.data(update),
            abi.encodeWithSelector(PriceOracle.PriceFromFuture.selector, ETH, time, block.timestamp + 5)
        );
    }

    function test_RevertWhen_PriceOfWhatActsAtOnceIsStale() public {
        _endWindow();
        refuses(alice, address(engine), FEE, _closing(eth(block.timestamp - 6)), OUTSIDE);
        refuses(bob, address(engine), FEE, _updating(eth(block.timestamp - 61)), OUTSIDE);
        refuses(alice, address(engine), FEE, _withdrawing(eth(block.timestamp - 61)), OUTSIDE);
        refuses(bob, address(engine), FEE, _liquidating(eth(block.timestamp - 16)), OUTSIDE);
    }

    function test_RevertWhen_StoredPriceIsStale() public {
        _endWindow();
        store(eth(block.timestamp));
        vm.warp(block.timestamp + 61);
        answer(ETH, ETH_PRICE);
        refuses(alice, _withdrawing(noUpdate), _tooOld(61, 60));
        _leavesTheIndex(noUpdate);
        refuses(bob, _liquidating(noUpdate), _tooOld(61, 15));
    }

    function test_RevertWhen_PriceOfWhatActsAtOnceIsFromTheFuture() public {
        _endWindow();
        bytes[] memory future = eth(block.timestamp + 6);
        _refusesAtOnce(future, OUTSIDE, OUTSIDE);
        refuses(bob, address(engine), FEE, _updating(future), OUTSIDE);
        store(future);
        refuses(
            alice,
            _withdrawing(noUpdate),
            abi.encodeWithSelector(PriceOracle.PriceFromFuture.selector, ETH, block.timestamp + 6, block.timestamp + 5)
        );
    }

    // Unsigned.

    function test_RevertWhen_PriceIsUnsigned() public {
        _refusesThenFills(_signedBy(new uint256[](0)), UNSIGNED);
    }

    function test_RevertWhen_PriceIsSignedByTooFew() public {
        uint256[] memory keys = new uint256[](2);
        (keys[0], keys[1]) = (AccumulatorWriter.devnetKeys()[0], AccumulatorWriter.devnetKeys()[1]);
        _refusesThenFills(_signedBy(keys), UNSIGNED);
    }

    // Padded.

    function test_RevertWhen_BytesTrailThePrice() public {
        _refusesThenFills(_one(abi.encodePacked(firstUpdate()[0], uint8(0))), BROKEN);
    }

    function test_RevertWhen_PriceIsCutShort() public {
        bytes memory whole = firstUpdate()[0];
        bytes memory cut = new bytes(whole.length - 1);
        for (uint256 i; i < cut.length; ++i) {
            cut[i] = whole[i];
        }
        _refusesThenFills(_one(cut), BROKEN);
    }

    function test_RevertWhen_AnotherFeedPadsThePrice() public {
        _refusesThenFills(both(block.timestamp - 1), PADDED);
        _endWindow();
        bytes[] memory padded = both(block.timestamp);
        _refusesAtOnce(padded, PADDED, PADDED);
        refuses(bob, address(engine), pyth.getUpdateFee(padded), _updating(padded), PADDED);
    }

    /// @dev Nobody has a position in BTC.
    function test_RevertWhen_ThePoolIsValuedByAnEmptyMarketsPrice() public {
        vm.deal(admin, 1 ether);
        bytes[] memory update = both(block.timestamp);
        bytes memory call = abi.encodeCall(IEngineExtension.priceLiquidity, (update));
        refuses(admin, address(engine), pyth.getUpdateFee(update), call, PADDED);
        vm.prank(admin);
        cold.priceLiquidity{value: FEE}(eth(block.timestamp));
        assertEq(uint256(cold.getMarket(ETH).indexAt), block.timestamp, "valued");
    }

    function test_RevertWhen_ThePricePadsItself() public {
        bytes[] memory twice = new bytes[](2);
        (twice[0], twice[1]) = (firstUpdate()[0], firstUpdate()[0]);
        _refusesThenFills(twice, PADDED);
    }

    // Replayed.

    function test_RevertWhen_PriceOfAnEarlierOrderIsReplayed() public {
        _refusesThenFills(eth(block.timestamp - 61), OUTSIDE);
    }

    function test_RevertWhen_SettlementIsReplayed() public {
        bytes[] memory update = firstUpdate();
        _fills(update);
        refusesSettlement(_batches, update, abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, ETH));
    }

    function test_RevertWhen_PriceIsOlderThanTheIndex() public {
        _endWindow();
        bytes[] memory old = eth(block.timestamp - 2);
        cold.updateIndices{value: FEE}(1, eth(block.timestamp));
        bytes memory reason =
            abi.encodeWithSelector(IEngineErrors.PriceOlderThanIndex.selector, block.timestamp - 2, block.timestamp);
        _refusesAtOnce(old, reason, reason);
        _leavesTheIndex(old);
    }

    function test_ThePriceReplayedAtOnceChangesNothing() public {
        bytes[] memory update = eth(block.timestamp);
        cold.updateIndices{value: FEE}(1, update);
        Books memory before = books();
        cold.updateIndices{value: FEE}(1, update);
        before.etherHeld += FEE;
        assertSame(before, books());
    }

    // Absent, and its fee.

    function test_RevertWhen_SettlementBringsNoPrice() public {
        _refusesThenFills(noUpdate, abi.encodeWithSelector(PriceOracle.UpdateRequired.selector, ETH));
    }

    function test_RevertWhen_AnImmediateCloseBringsNoPrice() public {
        _endWindow();
        refuses(alice, _closing(noUpdate), abi.encodeWithSelector(PriceOracle.UpdateRequired.selector, ETH));
    }

    function test_RevertWhen_FeeIsTooLow() public {
        bytes memory reason = abi.encodeWithSelector(PriceOracle.FeeTooLow.selector, FEE - 1, FEE);
        refuses(keeper, address(engine), FEE - 1, settling(ETH, _batches, firstUpdate()), reason);
        _endWindow();
        refuses(alice, address(engine), FEE - 1, _closing(eth(block.timestamp)), reason);
        refuses(alice, address(engine), FEE - 1, _withdrawing(eth(block.timestamp)), reason);
        refuses(bob, address(engine), FEE - 1, _updating(eth(block.timestamp)), reason);
    }

    function test_RevertWhen_EtherComesWithoutAPrice() public {
        _endWindow();
        store(eth(block.timestamp));
        bytes memory reason = abi.encodeWithSelector(PriceOracle.UnexpectedValue.selector, 1);
        refuses(alice, address(engine), 1, _withdrawing(noUpdate), reason);
        refuses(bob, address(engine), 1, _updating(noUpdate), reason);
        refuses(bob, address(engine), 1, _liquidating(noUpdate), reason);
    }

    // Fixtures.

    /// @dev After the bad price the order is still there, and a good one fills it.
    function _refusesThenFills(bytes[] memory update, bytes memory reason) private {
        refusesSettlement(_batches, update, reason);
        _fills(eth(uint256(cold.getQueueItem(ETH, 1).committedAt) + 2));
    }

    function _fills(bytes[] memory update) private {
        settle(_batches, update);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 2 * UNIT, "the order fills");
    }

    /// @dev Orders bind no longer, so that what acts at once is refused for its price alone.
    function _endWindow() private {
        vm.warp(block.timestamp + 60);
        answer(ETH, ETH_PRICE);
        if (cold.getQueue(ETH).head == 1) cold.expire(ETH, 1);
    }

    function _refusesAtOnce(bytes[] memory update, bytes memory close, bytes memory withdraw) private {
        uint256 fee = pyth.getUpdateFee(update);
        refuses(alice, address(engine), fee, _closing(update), close);
        refuses(alice, address(engine), fee, _withdrawing(update), withdraw);
    }

    /// @dev Whatever is shown is looked at, for all markets of the call; what is not credible becomes no index.
    function _leavesTheIndex(bytes[] memory update) private {
        Market memory before = cold.getMarket(ETH);
        cold.updateIndices{value: update.length == 0 ? 0 : pyth.getUpdateFee(update)}(1 << ETH, update);
        assertEq(cold.getMarket(ETH).index, before.index, "the index");
        assertEq(cold.getMarket(ETH).indexAt, before.indexAt, "its time");
    }

    function _closing(bytes[] memory update) private view returns (bytes memory) {
        return abi.encodeCall(IDerivativesEngine.closeNow, (account(alice), ETH, uint88(UNIT), 0, update));
    }

    function _withdrawing(bytes[] memory update) private view returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.withdraw, (account(alice), 1, alice, update));
    }

    function _liquidating(bytes[] memory update) private view returns (bytes memory) {
        return abi.encodeCall(IDerivativesEngine.liquidate, (account(alice), update));
    }

    function _updating(bytes[] memory update) private pure returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.updateIndices, (1 << ETH, update));
    }

    function _tree() private view returns (bytes[] memory messages, bytes20 root, bytes[] memory proofs) {
        AccumulatorWriter.Update[] memory updates = new AccumulatorWriter.Update[](2);
        updates[0] = AccumulatorWriter.update(ETH_ID, ETH_PRICE, ETH_CONF, uint64(block.timestamp - 1));
        updates[1] = AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, uint64(block.timestamp - 1));
        bytes[] memory all = AccumulatorWriter.encodeAll(updates);
        bytes[] memory allProofs;
        (root, allProofs) = AccumulatorWriter.tree(all);
        (messages, proofs) = (_one(all[0]), _one(allProofs[0]));
    }

    function _signed(bytes20 root, bytes[] memory messages, bytes[] memory proofs)
        private
        view
        returns (bytes[] memory)
    {
        bytes memory body = AccumulatorWriter.body(AccumulatorWriter.payload(root, 1), uint32(block.timestamp), 1);
        bytes memory vaa = AccumulatorWriter.vaa(body, AccumulatorWriter.quorumKeys());
        return _one(AccumulatorWriter.assemble(vaa, messages, proofs));
    }

    function _signedBy(uint256[] memory keys) private view returns (bytes[] memory) {
        AccumulatorWriter.Update[] memory updates = new AccumulatorWriter.Update[](1);
        updates[0] = AccumulatorWriter.update(ETH_ID, ETH_PRICE, ETH_CONF, uint64(block.timestamp - 1));
        return _one(AccumulatorWriter.blob(updates, 1, uint32(block.timestamp), keys));
    }

    function _one(bytes memory single) private pure returns (bytes[] memory list) {
        list = new bytes[](1);
        list[0] = single;
    }

    function _halted(PriceUse use) private pure returns (bytes memory) {
        return refusal(use, PriceState.Halted, PriceReason.Deviation);
    }

    function _invalid(int64 price, uint64 confidence) private pure returns (bytes memory) {
        return abi.encodeWithSelector(PriceOracle.PriceInvalid.selector, ETH, price, confidence, int32(-8));
    }

    function _tooOld(uint256 age, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(PriceOracle.PriceTooOld.selector, ETH, age, limit);
    }
}
