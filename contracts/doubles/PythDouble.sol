// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPyth} from "../src/interfaces/external/IPyth.sol";
import {PythErrors} from "../src/interfaces/external/PythErrors.sol";
import {PythStructs} from "../src/interfaces/external/PythStructs.sol";
import {AccumulatorUpdate} from "./AccumulatorUpdate.sol";
import {DevnetOnly} from "./DevnetOnly.sol";
import {WormholeVaa} from "./WormholeVaa.sol";

/// @title A double of Pyth's contract, for devnets and tests; never for a chain with money in it.
/// @dev Pyth's contract is in no package, and the mock that is in one checks neither signatures nor uniqueness nor
/// minimality, stores on every parse and charges per blob. So this one verifies the real wire format by the real rules:
/// signatures, emitter, Merkle proofs, window, uniqueness, minimality, fee per message, monotonic storing. It differs in
/// that its signers are fixed at construction, governance is absent, and only accumulator updates are known (no legacy
/// batches, no TWAP messages).
contract PythDouble is IPyth, DevnetOnly {
    using WormholeVaa for WormholeVaa.Trust;

    /// @notice Wei per message.
    uint256 public immutable singleUpdateFee;

    WormholeVaa.Trust private _trust;

    /// @dev Two slots per feed, as the real contract.
    struct StoredPrice {
        uint64 publishTime;
        int32 expo;
        int64 price;
        uint64 conf;
        int64 emaPrice;
        uint64 emaConf;
    }

    mapping(bytes32 id => StoredPrice) private _stored;

    /// @dev A call to parse, as told to the internal functions.
    struct Query {
        bytes32[] ids;
        uint64 minPublishTime;
        uint64 maxPublishTime;
        bool unique;
        bool minimal;
        bool store;
    }

    /// @param trust Signers, quorum and emitter: 3 of 5 on the devnet; the real sets to check real updates.
    /// @param singleUpdateFee_ Wei per message.
    constructor(WormholeVaa.Trust memory trust, uint256 singleUpdateFee_) {
        if (trust.quorum == 0 || trust.quorum > trust.guardians.length) revert PythErrors.InvalidArgument();
        _trust = trust;
        singleUpdateFee = singleUpdateFee_;
    }

    /// @inheritdoc IPyth
    function updatePriceFeeds(bytes[] calldata updateData) external payable {
        _requireFee(updateData);
        for (uint256 i; i < updateData.length; ++i) {
            (, AccumulatorUpdate.PriceMessage[] memory messages) = _verify(updateData[i]);
            for (uint256 j; j < messages.length; ++j) {
                _storeIfFresh(messages[j]);
            }
        }
    }

    /// @inheritdoc IPyth
    function parsePriceFeedUpdatesWithConfig(
        bytes[] calldata updateData,
        bytes32[] calldata priceIds,
        uint64 minAllowedPublishTime,
        uint64 maxAllowedPublishTime,
        bool checkUniqueness,
        bool checkUpdateDataIsMinimal,
        bool storeUpdatesIfFresh
    ) external payable returns (PythStructs.PriceFeed[] memory priceFeeds, uint64[] memory slots) {
        return _parse(
            updateData,
            Query({
                ids: priceIds,
                minPublishTime: minAllowedPublishTime,
                maxPublishTime: maxAllowedPublishTime,
                unique: checkUniqueness,
                minimal: checkUpdateDataIsMinimal,
                store: storeUpdatesIfFresh
            })
        );
    }

    /// @inheritdoc IPyth
    function parsePriceFeedUpdatesUnique(
        bytes[] calldata updateData,
        bytes32[] calldata priceIds,
        uint64 minPublishTime,
        uint64 maxPublishTime
    ) external payable returns (PythStructs.PriceFeed[] memory priceFeeds) {
        (priceFeeds,) = _parse(
            updateData,
            Query({
                ids: priceIds,
                minPublishTime: minPublishTime,
                maxPublishTime: maxPublishTime,
                unique: true,
                minimal: false,
                store: false
            })
        );
    }

    /// @inheritdoc IPyth
    function getUpdateFee(bytes[] calldata updateData) public view returns (uint256 feeAmount) {
        for (uint256 i; i < updateData.length; ++i) {
            (, uint256 messageCount,) = AccumulatorUpdate.readHeader(updateData[i]);
            feeAmount += messageCount * singleUpdateFee;
        }
    }

    /// @inheritdoc IPyth
    function getPriceUnsafe(bytes32 id) public view returns (PythStructs.Price memory price) {
        StoredPrice storage stored = _stored[id];
        price = PythStructs.Price({
            price: stored.price, conf: stored.conf, expo: stored.expo, publishTime: stored.publishTime
        });
        if (price.publishTime == 0) revert PythErrors.PriceFeedNotFound();
    }

    /// @inheritdoc IPyth
    function getPriceNoOlderThan(bytes32 id, uint256 age) external view returns (PythStructs.Price memory price) {
        price = getPriceUnsafe(id);
        uint256 distance = block.timestamp > price.publishTime
            ? block.timestamp - price.publishTime
            : price.publishTime - block.timestamp;
        if (distance > age) revert PythErrors.StalePrice();
    }

    function _parse(bytes[] calldata updateData, Query memory query)
        private
        returns (PythStructs.PriceFeed[] memory priceFeeds, uint64[] memory slots)
    {
        _requireFee(updateData);
        priceFeeds = new PythStructs.PriceFeed[](query.ids.length);
        slots = new uint64[](query.ids.length);
        uint256 messageCount;
        for (uint256 i; i < updateData.length; ++i) {
            (uint64 slot, AccumulatorUpdate.PriceMessage[] memory messages) = _verify(updateData[i]);
            messageCount += messages.length;
            _select(query, slot, messages, priceFeeds, slots);
        }
        if (query.minimal && messageCount != query.ids.length) revert PythErrors.InvalidArgument();
        for (uint256 i; i < priceFeeds.length; ++i) {
            if (priceFeeds[i].id == 0) revert PythErrors.PriceFeedNotFoundWithinRange();
        }
    }

    /// @dev The first message to pass counts for its feed; later ones are ignored, as in the real contract.
    function _select(
        Query memory query,
        uint64 slot,
        AccumulatorUpdate.PriceMessage[] memory messages,
        PythStructs.PriceFeed[] memory priceFeeds,
        uint64[] memory slots
    ) private {
        for (uint256 j; j < messages.length; ++j) {
            AccumulatorUpdate.PriceMessage memory message = messages[j];
            if (query.store) _storeIfFresh(message);
            if (message.publishTime < query.minPublishTime || message.publishTime > query.maxPublishTime) continue;
            if (query.unique && message.prevPublishTime >= query.minPublishTime) continue;
            for (uint256 k; k < query.ids.length; ++k) {
                if (query.ids[k] != message.id || priceFeeds[k].id != 0) continue;
                priceFeeds[k] = _toFeed(message);
                slots[k] = slot;
            }
        }
    }

    /// @dev Every message of the blob is verified, asked for or not, and nothing may follow the last one.
    function _verify(bytes calldata blob)
        private
        view
        returns (uint64 slot, AccumulatorUpdate.PriceMessage[] memory messages)
    {
        (bytes calldata vaa, uint256 messageCount, uint256 offset) = AccumulatorUpdate.readHeader(blob);
        bytes20 root;
        (slot, root) = AccumulatorUpdate.readPayload(_trust.verify(vaa));
        messages = new AccumulatorUpdate.PriceMessage[](messageCount);
        for (uint256 i; i < messageCount; ++i) {
            (messages[i], offset) = AccumulatorUpdate.readMessage(blob, offset, root);
        }
        if (offset != blob.length) revert PythErrors.InvalidUpdateData();
    }

    function _requireFee(bytes[] calldata updateData) private view {
        if (msg.value < getUpdateFee(updateData)) revert PythErrors.InsufficientFee();
    }

    function _storeIfFresh(AccumulatorUpdate.PriceMessage memory message) private {
        if (message.publishTime <= _stored[message.id].publishTime) return;
        _stored[message.id] = StoredPrice({
            publishTime: message.publishTime,
            expo: message.expo,
            price: message.price,
            conf: message.conf,
            emaPrice: message.emaPrice,
            emaConf: message.emaConf
        });
        emit PriceFeedUpdate(message.id, message.publishTime, message.price, message.conf);
    }

    function _toFeed(AccumulatorUpdate.PriceMessage memory message)
        private
        pure
        returns (PythStructs.PriceFeed memory feed)
    {
        feed.id = message.id;
        feed.price = PythStructs.Price({
            price: message.price, conf: message.conf, expo: message.expo, publishTime: message.publishTime
        });
        feed.emaPrice = PythStructs.Price({
            price: message.emaPrice, conf: message.emaConf, expo: message.expo, publishTime: message.publishTime
        });
    }
}
