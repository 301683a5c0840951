// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DevnetOnly} from "../../doubles/DevnetOnly.sol";
import {PythDouble} from "../../doubles/PythDouble.sol";
import {WormholeVaa} from "../../doubles/WormholeVaa.sol";
import {IPyth} from "../../src/interfaces/external/IPyth.sol";
import {PythErrors} from "../../src/interfaces/external/PythErrors.sol";
import {PythStructs} from "../../src/interfaces/external/PythStructs.sol";
import {Test} from "../foundry/Test.sol";
import {AccumulatorWriter} from "./AccumulatorWriter.sol";
import {PythFixture} from "./PythFixture.sol";

/// @notice What the double accepts, and every rule by which it refuses.
contract PythDoubleTest is Test {
    bytes32 private constant ETH = keccak256("ETH");
    bytes32 private constant BTC = keccak256("BTC");
    bytes32 private constant SOL = keccak256("SOL");
    uint256 private constant FEE = 3;
    uint64 private constant NOW = 1_800_000_000;
    uint64 private constant SLOT = 77;

    PythDouble private pyth;

    function setUp() public {
        vm.warp(NOW);
        pyth = PythFixture.deploy(FEE);
        vm.deal(address(this), 1 ether);
    }

    // Accepted.

    function test_ReturnsWhatWasSigned() public {
        AccumulatorWriter.Update memory update =
            AccumulatorWriter.Update(ETH, -2_000_12345678, 1_50000000, -8, NOW - 1, NOW - 3, 1_999_00000000, 7);
        (PythStructs.PriceFeed[] memory feeds, uint64[] memory slots) =
            _parse(_one(_blob(_list(update))), _ids(ETH), NOW - 2, NOW, true, true, false, FEE);
        assertEq(feeds[0].id, ETH, "id");
        assertEq(feeds[0].price.price, -2_000_12345678, "price");
        assertEq(feeds[0].price.conf, 1_50000000, "conf");
        assertEq(feeds[0].price.expo, -8, "expo");
        assertEq(feeds[0].price.publishTime, NOW - 1, "publish time");
        assertEq(feeds[0].emaPrice.price, 1_999_00000000, "ema price");
        assertEq(feeds[0].emaPrice.conf, 7, "ema conf");
        assertEq(slots[0], SLOT, "slot");
        vm.expectRevert(PythErrors.PriceFeedNotFound.selector);
        pyth.getPriceUnsafe(ETH);
    }

    function testFuzz_AcceptsAnySubsetOfASlot(uint256 count, uint256 from, uint256 taken) public {
        count = bound(count, 1, 9);
        from = bound(from, 0, count - 1);
        taken = bound(taken, 1, count - from);
        AccumulatorWriter.Update[] memory updates = new AccumulatorWriter.Update[](count);
        for (uint256 i; i < count; ++i) {
            updates[i] = AccumulatorWriter.update(bytes32(i + 1), int64(uint64(i + 100)), 1, NOW);
        }
        (bytes memory vaa, bytes[] memory messages, bytes[] memory proofs) = _parts(updates);
        bytes[] memory someMessages = new bytes[](taken);
        bytes[] memory someProofs = new bytes[](taken);
        bytes32[] memory ids = new bytes32[](taken);
        for (uint256 i; i < taken; ++i) {
            (someMessages[i], someProofs[i]) = (messages[from + i], proofs[from + i]);
            ids[taken - 1 - i] = bytes32(from + i + 1);
        }
        bytes[] memory data = _one(AccumulatorWriter.assemble(vaa, someMessages, someProofs));
        _assertFeedsInOrder(data, ids);
    }

    function _assertFeedsInOrder(bytes[] memory data, bytes32[] memory ids) private {
        (PythStructs.PriceFeed[] memory feeds,) = _parse(data, ids, NOW, NOW, true, true, false, FEE * ids.length);
        for (uint256 i; i < ids.length; ++i) {
            assertEq(feeds[i].id, ids[i], "in the order asked");
            assertEq(feeds[i].price.price, int256(uint256(ids[i])) + 99, "price of that feed");
        }
    }

    function test_MoreThanAQuorumSigns() public {
        AccumulatorWriter.Update[] memory updates = _list(_eth());
        bytes memory blob = AccumulatorWriter.blob(updates, SLOT, uint32(NOW), AccumulatorWriter.devnetKeys());
        _parse(_one(blob), _ids(ETH), NOW, NOW, true, true, false, FEE);
    }

    function test_WindowIsInclusiveAtBothEnds() public {
        _parse(_one(_blob(_list(_eth()))), _ids(ETH), NOW, NOW + 9, false, false, false, FEE);
        _parse(_one(_blob(_list(_eth()))), _ids(ETH), NOW - 9, NOW, false, false, false, FEE);
    }

    function test_WithoutTheMinimalFlagExtraMessagesPass() public {
        (PythStructs.PriceFeed[] memory feeds,) =
            _parse(_one(_blob(_two())), _ids(BTC), NOW, NOW, true, false, false, 2 * FEE);
        assertEq(feeds[0].id, BTC, "id");
    }

    function test_TrailingHeaderIsPassedOver() public {
        bytes memory blob = _blob(_list(_eth()));
        bytes memory extended = abi.encodePacked(_cut(blob, 0, 6), uint8(3), "new", _cut(blob, 7, blob.length - 7));
        _parse(_one(extended), _ids(ETH), NOW, NOW, true, true, false, FEE);
    }

    function test_ParseUniqueIsUniqueWithoutStoring() public {
        bytes[] memory data = _one(_blob(_two()));
        PythStructs.PriceFeed[] memory feeds =
            pyth.parsePriceFeedUpdatesUnique{value: 2 * FEE}(data, _ids(ETH), NOW, NOW);
        assertEq(feeds[0].price.price, 2_000_00000000, "price");
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        pyth.parsePriceFeedUpdatesUnique{value: 2 * FEE}(data, _ids(ETH), NOW - 1, NOW);
        vm.expectRevert(PythErrors.PriceFeedNotFound.selector);
        pyth.getPriceUnsafe(ETH);
    }

    // Signatures.

    function test_RevertWhen_SignedByStranger() public {
        uint256[] memory keys = AccumulatorWriter.quorumKeys();
        keys[1] = 0xbad;
        _expectRefused(_signedBy(keys), PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_TooFewSigners() public {
        uint256[] memory keys = new uint256[](2);
        (keys[0], keys[1]) = (AccumulatorWriter.devnetKeys()[0], AccumulatorWriter.devnetKeys()[1]);
        _expectRefused(_signedBy(keys), PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_ASignerCountsTwice() public {
        uint256[] memory keys = AccumulatorWriter.quorumKeys();
        keys[2] = keys[1];
        uint8[] memory indices = new uint8[](3);
        (indices[1], indices[2]) = (1, 1);
        _expectRefused(_signedAs(keys, indices), PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_SignersOutOfOrder() public {
        uint256[] memory keys = AccumulatorWriter.quorumKeys();
        (keys[0], keys[1]) = (keys[1], keys[0]);
        uint8[] memory indices = new uint8[](3);
        (indices[0], indices[1], indices[2]) = (1, 0, 2);
        _expectRefused(_signedAs(keys, indices), PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_SignerIndexUnknown() public {
        uint8[] memory indices = new uint8[](3);
        (indices[1], indices[2]) = (1, 5);
        _expectRefused(_signedAs(AccumulatorWriter.quorumKeys(), indices), PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_SignatureRecoversToNobody() public {
        bytes memory blob = _blob(_list(_eth()));
        // v of the first signature: header 8, size 2, VAA header 6, then the signature's last byte.
        blob[8 + 2 + 6 + 65] = 0x09;
        _expectRefused(blob, PythErrors.InvalidWormholeVaa.selector);
        // The largest v leaves no room for the 27 that is added to it.
        blob[8 + 2 + 6 + 65] = 0xff;
        _expectRefused(blob, PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_GuardianSetIsAnother() public {
        WormholeVaa.Trust memory trust = PythFixture.trust();
        trust.guardianSetIndex = 6;
        pyth = new PythDouble(trust, FEE);
        _expectRefused(_blob(_list(_eth())), PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_VaaVersionUnknown() public {
        bytes memory blob = _blob(_list(_eth()));
        blob[10] = 0x02;
        _expectRefused(blob, PythErrors.InvalidWormholeVaa.selector);
    }

    function test_RevertWhen_EmitterIsNotPyth() public {
        (, bytes[] memory messages, bytes[] memory proofs) = _parts(_list(_eth()));
        (bytes20 root,) = AccumulatorWriter.tree(messages);
        bytes memory payload = AccumulatorWriter.payload(root, SLOT);
        uint256[] memory keys = AccumulatorWriter.quorumKeys();
        bytes memory wrongChain = AccumulatorWriter.bodyFrom(1, AccumulatorWriter.EMITTER, payload, uint32(NOW), SLOT);
        bytes memory wrongAddress = AccumulatorWriter.bodyFrom(
            AccumulatorWriter.EMITTER_CHAIN, bytes32(uint256(1)), payload, uint32(NOW), SLOT
        );
        bytes4 expected = PythErrors.InvalidUpdateDataSource.selector;
        _expectRefused(AccumulatorWriter.assemble(AccumulatorWriter.vaa(wrongChain, keys), messages, proofs), expected);
        _expectRefused(
            AccumulatorWriter.assemble(AccumulatorWriter.vaa(wrongAddress, keys), messages, proofs), expected
        );
    }

    // Format.

    function test_RevertWhen_AnyHeaderFieldIsWrong() public {
        // Magic, major version and update type; the size of the VAA one too large.
        uint8[4] memory offsets = [0, 4, 7, 9];
        for (uint256 i; i < offsets.length; ++i) {
            bytes memory blob = _blob(_list(_eth()));
            blob[offsets[i]] = bytes1(uint8(blob[offsets[i]]) + 1);
            (bool success,) = address(pyth).call{value: FEE}(abi.encodeCall(IPyth.updatePriceFeeds, (_one(blob))));
            assertFalse(success, "header field");
        }
        bytes memory wrongMagic = _blob(_list(_eth()));
        wrongMagic[0] = "X";
        _expectRefused(wrongMagic, PythErrors.InvalidUpdateData.selector);
    }

    function test_RevertWhen_PayloadMagicIsWrong() public {
        (, bytes[] memory messages, bytes[] memory proofs) = _parts(_list(_eth()));
        (bytes20 root,) = AccumulatorWriter.tree(messages);
        bytes memory payload = AccumulatorWriter.payload(root, SLOT);
        payload[0] = "B";
        bytes memory vaa =
            AccumulatorWriter.vaa(AccumulatorWriter.body(payload, uint32(NOW), SLOT), AccumulatorWriter.quorumKeys());
        _expectRefused(AccumulatorWriter.assemble(vaa, messages, proofs), PythErrors.InvalidUpdateData.selector);
    }

    function test_RevertWhen_MessageIsNoPrice() public {
        bytes[] memory messages = AccumulatorWriter.encodeAll(_list(_eth()));
        messages[0][0] = 0x01;
        _expectRefused(_blobOf(messages), PythErrors.InvalidUpdateData.selector);
    }

    function test_RevertWhen_MessageIsShort() public {
        bytes[] memory messages = AccumulatorWriter.encodeAll(_list(_eth()));
        messages[0] = _cut(messages[0], 0, 84);
        _expectRefused(_blobOf(messages), PythErrors.InvalidUpdateData.selector);
    }

    function test_RevertWhen_MessageIsTampered() public {
        (bytes memory vaa, bytes[] memory messages, bytes[] memory proofs) = _parts(_two());
        messages[0][40] = bytes1(uint8(messages[0][40]) ^ 1);
        _expectRefused(AccumulatorWriter.assemble(vaa, messages, proofs), PythErrors.InvalidUpdateData.selector);
    }

    function test_RevertWhen_ProofIsTampered() public {
        (bytes memory vaa, bytes[] memory messages, bytes[] memory proofs) = _parts(_two());
        proofs[1][3] = bytes1(uint8(proofs[1][3]) ^ 1);
        _expectRefused(AccumulatorWriter.assemble(vaa, messages, proofs), PythErrors.InvalidUpdateData.selector);
    }

    function test_RevertWhen_ProofIsOfAnotherSlot() public {
        (bytes memory vaa,,) = _parts(_list(_eth()));
        (, bytes[] memory messages, bytes[] memory proofs) = _parts(_two());
        _expectRefused(AccumulatorWriter.assemble(vaa, messages, proofs), PythErrors.InvalidUpdateData.selector);
    }

    function test_RevertWhen_BytesTrail() public {
        _expectRefused(abi.encodePacked(_blob(_list(_eth())), uint8(0)), PythErrors.InvalidUpdateData.selector);
    }

    function testFuzz_RevertWhen_CutShort(uint256 length) public {
        bytes memory blob = _blob(_list(_eth()));
        bytes[] memory data = _one(_cut(blob, 0, bound(length, 0, blob.length - 1)));
        (bool success,) = address(pyth).call{value: 1 ether}(abi.encodeCall(IPyth.updatePriceFeeds, (data)));
        assertFalse(success, "cut short");
    }

    function testFuzz_RevertWhen_AnySignedByteIsChanged(uint256 offset, uint8 flip) public {
        bytes memory blob = _blob(_two());
        // From the first signature on, everything is signed, a signature, a message, a proof or a length of those.
        offset = bound(offset, 16, blob.length - 1);
        blob[offset] = bytes1(uint8(blob[offset]) ^ uint8(bound(flip, 1, 255)));
        (bool success,) = address(pyth).call{value: 1 ether}(abi.encodeCall(IPyth.updatePriceFeeds, (_one(blob))));
        assertFalse(success, "changed byte");
    }

    // Window, uniqueness, minimality, fee.

    function test_RevertWhen_PublishedOutsideTheWindow() public {
        bytes[] memory data = _one(_blob(_list(_eth())));
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        _parse(data, _ids(ETH), NOW + 1, NOW + 9, false, false, false, FEE);
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        _parse(data, _ids(ETH), NOW - 9, NOW - 1, false, false, false, FEE);
    }

    function test_RevertWhen_NotTheFirstInTheWindow() public {
        bytes[] memory data = _one(_blob(_list(_eth())));
        _parse(data, _ids(ETH), NOW - 1, NOW, false, true, false, FEE);
        // The feed was published at NOW − 1 as well, so at this minimum there is an earlier price.
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        _parse(data, _ids(ETH), NOW - 1, NOW, true, true, false, FEE);
    }

    function test_RevertWhen_FeedIsAbsent() public {
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        _parse(_one(_blob(_list(_eth()))), _ids(SOL), NOW, NOW, true, true, false, FEE);
    }

    function test_RevertWhen_PaddedWithAnotherMessage() public {
        vm.expectRevert(PythErrors.InvalidArgument.selector);
        _parse(_one(_blob(_two())), _ids(ETH), NOW, NOW, true, true, false, 2 * FEE);
    }

    function test_RevertWhen_PaddedWithAnotherBlob() public {
        bytes[] memory data = new bytes[](2);
        data[0] = _blob(_list(_eth()));
        data[1] = data[0];
        vm.expectRevert(PythErrors.InvalidArgument.selector);
        _parse(data, _ids(ETH), NOW, NOW, true, true, false, 2 * FEE);
    }

    function test_FeeCountsMessages() public view {
        bytes[] memory data = new bytes[](2);
        data[0] = _blob(_two());
        data[1] = _blob(_list(_eth()));
        assertEq(pyth.getUpdateFee(data), 3 * FEE, "fee of three messages");
    }

    function test_RevertWhen_FeeIsShort() public {
        bytes[] memory data = _one(_blob(_two()));
        vm.expectRevert(PythErrors.InsufficientFee.selector);
        _parse(data, _ids(ETH), NOW, NOW, true, false, false, 2 * FEE - 1);
        vm.expectRevert(PythErrors.InsufficientFee.selector);
        pyth.updatePriceFeeds{value: 2 * FEE - 1}(data);
    }

    function test_SurplusIsKept() public {
        pyth.updatePriceFeeds{value: 1000}(_one(_blob(_list(_eth()))));
        assertEq(address(pyth).balance, 1000, "surplus");
    }

    // Storing.

    function test_StoresOnlyNewerPrices() public {
        pyth.updatePriceFeeds{value: FEE}(_one(_blob(_list(_eth()))));
        pyth.updatePriceFeeds{value: FEE}(_one(_blob(_list(AccumulatorWriter.update(ETH, 1, 1, NOW - 5)))));
        pyth.updatePriceFeeds{value: FEE}(_one(_blob(_list(AccumulatorWriter.update(ETH, 2, 1, NOW)))));
        assertEq(pyth.getPriceUnsafe(ETH).price, 2_000_00000000, "older and equal times are passed over");
        vm.expectEmit(address(pyth));
        emit IPyth.PriceFeedUpdate(ETH, NOW + 1, 3, 1);
        pyth.updatePriceFeeds{value: FEE}(_one(_blob(_list(AccumulatorWriter.update(ETH, 3, 1, NOW + 1)))));
        assertEq(pyth.getPriceUnsafe(ETH).price, 3, "newer replaces");
    }

    function test_ParseStoresOnlyWhenAskedAndFresh() public {
        bytes[] memory data = _one(_blob(_list(_eth())));
        _parse(data, _ids(ETH), NOW, NOW, true, true, true, FEE);
        assertEq(pyth.getPriceUnsafe(ETH).publishTime, NOW, "stored");
        bytes[] memory older = _one(_blob(_list(AccumulatorWriter.update(ETH, 1, 1, NOW - 5))));
        (PythStructs.PriceFeed[] memory feeds,) = _parse(older, _ids(ETH), NOW - 5, NOW, true, true, true, FEE);
        assertEq(feeds[0].price.price, 1, "parsing is not monotonic");
        assertEq(pyth.getPriceUnsafe(ETH).price, 2_000_00000000, "storing is");
    }

    function test_AgeCountsInBothDirections() public {
        pyth.updatePriceFeeds{value: FEE}(_one(_blob(_list(_eth()))));
        vm.warp(NOW + 10);
        assertEq(pyth.getPriceNoOlderThan(ETH, 10).publishTime, NOW, "ten seconds old");
        vm.expectRevert(PythErrors.StalePrice.selector);
        pyth.getPriceNoOlderThan(ETH, 9);
        vm.warp(NOW - 10);
        assertEq(pyth.getPriceNoOlderThan(ETH, 10).publishTime, NOW, "ten seconds ahead");
        vm.expectRevert(PythErrors.StalePrice.selector);
        pyth.getPriceNoOlderThan(ETH, 9);
    }

    // Deployment.

    function test_RevertWhen_DeployedOnARealChain() public {
        WormholeVaa.Trust memory trust = PythFixture.trust();
        uint256[4] memory real = [uint256(1), 10, 11_155_420, 8453];
        for (uint256 i; i < real.length; ++i) {
            vm.chainId(real[i]);
            vm.expectRevert(abi.encodeWithSelector(DevnetOnly.DoubleOnRealChain.selector, real[i]));
            new PythDouble(trust, FEE);
        }
        vm.chainId(901);
        assertEq(new PythDouble(trust, FEE).singleUpdateFee(), FEE, "an OP devnet will do");
    }

    function test_RevertWhen_QuorumCannotBeMet() public {
        WormholeVaa.Trust memory trust = PythFixture.trust();
        trust.quorum = 6;
        vm.expectRevert(PythErrors.InvalidArgument.selector);
        new PythDouble(trust, FEE);
        trust.quorum = 0;
        vm.expectRevert(PythErrors.InvalidArgument.selector);
        new PythDouble(trust, FEE);
    }

    function test_SelectorsAreTheRealOnes() public pure {
        assertEq(IPyth.getUpdateFee.selector, bytes4(0xd47eed45), "getUpdateFee");
        assertEq(IPyth.updatePriceFeeds.selector, bytes4(0xef9e5e28), "updatePriceFeeds");
        assertEq(IPyth.getPriceUnsafe.selector, bytes4(0x96834ad3), "getPriceUnsafe");
        assertEq(IPyth.getPriceNoOlderThan.selector, bytes4(0xa4ae35e0), "getPriceNoOlderThan");
        assertEq(IPyth.parsePriceFeedUpdatesUnique.selector, bytes4(0xaccca7f9), "parsePriceFeedUpdatesUnique");
        assertEq(IPyth.parsePriceFeedUpdatesWithConfig.selector, bytes4(0x3a229d18), "parsePriceFeedUpdatesWithConfig");
        assertEq(PythErrors.StalePrice.selector, bytes4(0x19abf40e), "StalePrice");
        assertEq(PythErrors.InvalidUpdateData.selector, bytes4(0xe69ffece), "InvalidUpdateData");
        assertEq(PythErrors.InsufficientFee.selector, bytes4(0x025dbdd4), "InsufficientFee");
        assertEq(PythErrors.InvalidWormholeVaa.selector, bytes4(0x2acbe915), "InvalidWormholeVaa");
        assertEq(PythErrors.InvalidArgument.selector, bytes4(0xa9cb9e0d), "InvalidArgument");
        assertEq(PythErrors.InvalidUpdateDataSource.selector, bytes4(0xe60dce71), "InvalidUpdateDataSource");
        assertEq(PythErrors.NoFreshUpdate.selector, bytes4(0xde2c57fa), "NoFreshUpdate");
        assertEq(PythErrors.PriceFeedNotFound.selector, bytes4(0x14aebe68), "PriceFeedNotFound");
        assertEq(PythErrors.PriceFeedNotFoundWithinRange.selector, bytes4(0x45805f5d), "PriceFeedNotFoundWithinRange");
    }

    function _eth() private pure returns (AccumulatorWriter.Update memory) {
        return AccumulatorWriter.update(ETH, 2_000_00000000, 1_00000000, NOW);
    }

    function _list(AccumulatorWriter.Update memory update)
        private
        pure
        returns (AccumulatorWriter.Update[] memory updates)
    {
        updates = new AccumulatorWriter.Update[](1);
        updates[0] = update;
    }

    function _two() private pure returns (AccumulatorWriter.Update[] memory updates) {
        updates = new AccumulatorWriter.Update[](2);
        updates[0] = _eth();
        updates[1] = AccumulatorWriter.update(BTC, 60_000_00000000, 9_00000000, NOW);
    }

    function _parts(AccumulatorWriter.Update[] memory updates)
        private
        pure
        returns (bytes memory vaa, bytes[] memory messages, bytes[] memory proofs)
    {
        messages = AccumulatorWriter.encodeAll(updates);
        bytes20 root;
        (root, proofs) = AccumulatorWriter.tree(messages);
        vaa = AccumulatorWriter.vaa(_body(root), AccumulatorWriter.quorumKeys());
    }

    function _body(bytes20 root) private pure returns (bytes memory) {
        return AccumulatorWriter.body(AccumulatorWriter.payload(root, SLOT), uint32(NOW), SLOT);
    }

    function _blob(AccumulatorWriter.Update[] memory updates) private pure returns (bytes memory) {
        return AccumulatorWriter.blob(updates, SLOT, uint32(NOW), AccumulatorWriter.quorumKeys());
    }

    function _blobOf(bytes[] memory messages) private pure returns (bytes memory) {
        (bytes20 root, bytes[] memory proofs) = AccumulatorWriter.tree(messages);
        return AccumulatorWriter.assemble(
            AccumulatorWriter.vaa(_body(root), AccumulatorWriter.quorumKeys()), messages, proofs
        );
    }

    function _signedBy(uint256[] memory keys) private pure returns (bytes memory) {
        return AccumulatorWriter.blob(_list(_eth()), SLOT, uint32(NOW), keys);
    }

    function _signedAs(uint256[] memory keys, uint8[] memory indices) private pure returns (bytes memory) {
        bytes[] memory messages = AccumulatorWriter.encodeAll(_list(_eth()));
        (bytes20 root, bytes[] memory proofs) = AccumulatorWriter.tree(messages);
        return AccumulatorWriter.assemble(AccumulatorWriter.vaaBy(_body(root), keys, indices), messages, proofs);
    }

    function _expectRefused(bytes memory blob, bytes4 selector) private {
        vm.expectRevert(selector);
        pyth.updatePriceFeeds{value: 1 ether}(_one(blob));
        vm.expectRevert(selector);
        _parse(_one(blob), _ids(ETH), 0, type(uint64).max, false, false, false, 1 ether);
    }

    function _parse(
        bytes[] memory data,
        bytes32[] memory ids,
        uint64 from,
        uint64 to,
        bool unique,
        bool minimal,
        bool store,
        uint256 fee
    ) private returns (PythStructs.PriceFeed[] memory feeds, uint64[] memory slots) {
        return pyth.parsePriceFeedUpdatesWithConfig{value: fee}(data, ids, from, to, unique, minimal, store);
    }

    function _one(bytes memory blob) private pure returns (bytes[] memory data) {
        data = new bytes[](1);
        data[0] = blob;
    }

    function _ids(bytes32 id) private pure returns (bytes32[] memory ids) {
        ids = new bytes32[](1);
        ids[0] = id;
    }

    function _cut(bytes memory whole, uint256 from, uint256 size) private pure returns (bytes memory part) {
        part = new bytes(size);
        for (uint256 i; i < size; ++i) {
            part[i] = whole[from + i];
        }
    }
}
