// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../interfaces/external/AggregatorV3Interface.sol";
import {IPyth} from "../interfaces/external/IPyth.sol";
import {PythStructs} from "../interfaces/external/PythStructs.sol";
import {PriceMath, Quote} from "./PriceMath.sol";

/// @notice Where a market's prices come from and what makes them credible.
/// @param pythId Pyth's feed.
/// @param chainlink Chainlink's proxy.
/// @param heartbeat Seconds after which Chainlink answers at the latest.
/// @param thresholdPpm Chainlink's deviation threshold, parts per million.
/// @param haltPpm Deviation between the sources above which the market is halted.
/// @param strainConfidencePpm Confidence above which nothing opens.
/// @param decimals Of Chainlink's answers; read at registration.
/// @param floor Lowest credible price, USD, 8 decimals.
/// @param ceiling Highest credible price, USD, 8 decimals.
struct Feed {
    bytes32 pythId;
    AggregatorV3Interface chainlink;
    uint32 heartbeat;
    uint16 thresholdPpm;
    uint24 haltPpm;
    uint16 strainConfidencePpm;
    uint8 decimals;
    uint64 floor;
    uint64 ceiling;
}

/// @notice Whether what happened on L2 could be seen from outside.
enum Sequencer {
    Up,
    Grace,
    Down,
    Unreadable
}

/// @notice Reads the sources and leaves what is not credible out.
abstract contract PriceSources {
    uint256 internal constant MAX_FUTURE = 5;
    uint256 internal constant GRACE = 600;
    /// @dev Gas that reading a source may use; the caller must leave it.
    uint256 internal constant READ_GAS = 150_000;
    /// @dev How many rounds back the one in force at a time is sought.
    uint256 internal constant MAX_ROUNDS_BACK = 8;
    /// @dev A bound of a feed in the scale of prices.
    uint256 internal constant BOUND_SCALE = 1e10;

    /// @notice The low-latency source.
    IPyth public immutable pyth;
    /// @notice Chainlink's sequencer uptime feed; zero on a network registered as having none.
    AggregatorV3Interface public immutable uptimeFeed;

    /// @notice Thrown when the caller leaves too little gas to read a source.
    error GasTooLow(uint256 gas, uint256 required);

    struct Round {
        uint80 id;
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
    }

    constructor(IPyth pyth_, AggregatorV3Interface uptimeFeed_) {
        (pyth, uptimeFeed) = (pyth_, uptimeFeed_);
    }

    // ---------------------------------------------------------------- Pyth

    /// @dev The newest price that Pyth has stored; none when it has none or does not answer.
    function _storedPrice(Feed memory feed) internal view returns (PythStructs.Price memory found) {
        (bool ok, bytes memory result) = _read(address(pyth), abi.encodeCall(IPyth.getPriceUnsafe, (feed.pythId)), 128);
        if (ok) {
            (int256 price, uint256 conf, int256 expo, uint256 publishTime) =
                abi.decode(result, (int256, uint256, int256, uint256));
            // What does not fit is compared, and none.
            bool fits = int64(price) == price && uint64(conf) == conf && int32(expo) == expo;
            // It fits.
            if (fits) found = PythStructs.Price(int64(price), uint64(conf), int32(expo), publishTime);
        }
    }

    /// @dev Without value when it is not credible. What is published for a second that has not come is none.
    function _toQuote(Feed memory feed, PythStructs.Price memory found) internal view returns (Quote memory quote) {
        if (found.price <= 0 || found.conf == 0 || found.expo > 0 || found.expo < -18) return quote;
        if (found.publishTime > block.timestamp + MAX_FUTURE) return quote;
        uint256 decimals = uint256(-int256(found.expo));
        quote = Quote(
            PriceMath.toWad(uint256(int256(found.price)), decimals),
            PriceMath.toWad(found.conf, decimals),
            found.publishTime
        );
        _bound(feed, quote);
        if (quote.value != 0 && PriceMath.confidencePpm(quote) > PriceMath.MAX_CONFIDENCE_PPM) quote = Quote(0, 0, 0);
    }

    // ---------------------------------------------------------------- Chainlink

    /// @dev The newest round.
    function _anchor(Feed memory feed) internal view returns (Quote memory quote) {
        (bool ok, Round memory round) = _readRound(feed.chainlink, 0);
        if (ok) return _toAnchor(feed, round, block.timestamp);
    }

    /// @dev The round in force at a time: the newest not written after it. So the outcome of a settlement does not depend
    /// on when inside its window it is sent.
    function _anchorAt(Feed memory feed, uint256 time) internal view returns (Quote memory quote) {
        (bool ok, Round memory round) = _readRound(feed.chainlink, 0);
        for (uint256 back; ok && round.updatedAt > time; ++back) {
            if (back == MAX_ROUNDS_BACK || round.id == 0) return quote;
            (ok, round) = _readRound(feed.chainlink, round.id - 1);
        }
        if (ok) return _toAnchor(feed, round, time);
    }

    /// @dev The first round written at a time or later, for what fills without Pyth.
    function _anchorFrom(Feed memory feed, uint256 time) internal view returns (Quote memory quote) {
        (bool ok, Round memory round) = _readRound(feed.chainlink, 0);
        Round memory first;
        for (uint256 back; ok && round.updatedAt >= time; ++back) {
            if (back == MAX_ROUNDS_BACK) return quote;
            first = round;
            if (round.id == 0) break;
            (ok, round) = _readRound(feed.chainlink, round.id - 1);
        }
        if (first.updatedAt >= time) return _toAnchor(feed, first, block.timestamp);
    }

    /// @dev Without value when it is not credible.
    function _toAnchor(Feed memory feed, Round memory round, uint256 time) private pure returns (Quote memory quote) {
        if (round.answer <= 0 || round.updatedAt == 0 || round.updatedAt > time) return quote;
        if (time - round.updatedAt > uint256(feed.heartbeat) * 11 / 10) return quote;
        if (round.answer > type(int128).max) return quote;
        quote = Quote(PriceMath.toWad(uint256(round.answer), feed.decimals), 0, round.updatedAt);
        _bound(feed, quote);
    }

    /// @dev What lies beyond the feed's bounds has a time and no value.
    function _bound(Feed memory feed, Quote memory quote) private pure {
        bool within = quote.value >= feed.floor * BOUND_SCALE && quote.value <= feed.ceiling * BOUND_SCALE;
        if (!within) quote.value = 0;
    }

    /// @param id Zero reads the newest.
    function _readRound(AggregatorV3Interface feed, uint80 id) private view returns (bool ok, Round memory round) {
        bytes memory result;
        (ok, result) = _read(
            address(feed),
            id == 0
                ? abi.encodeCall(AggregatorV3Interface.latestRoundData, ())
                : abi.encodeCall(AggregatorV3Interface.getRoundData, (id)),
            160
        );
        if (!ok) return (false, round);
        (uint256 roundId, int256 answer, uint256 startedAt, uint256 updatedAt,) =
            abi.decode(result, (uint256, int256, uint256, uint256, uint256));
        // Chainlink's ids have 80 bits; a longer one, cut, leads the walk to rounds that are judged by their own time.
        return (true, Round(uint80(roundId), answer, startedAt, updatedAt));
    }

    // ---------------------------------------------------------------- the sequencer

    function _sequencer() internal view returns (Sequencer) {
        if (address(uptimeFeed) == address(0)) return Sequencer.Up;
        (bool ok, Round memory round) = _readRound(uptimeFeed, 0);
        if (!ok) return Sequencer.Unreadable;
        if (round.answer != 0 || round.startedAt == 0) return Sequencer.Down;
        return block.timestamp < round.startedAt + GRACE ? Sequencer.Grace : Sequencer.Up;
    }

    /// @dev Bounded gas which the caller must leave, so that nobody starves the read to force a fallback.
    /// @param size Least bytes of an answer.
    function _read(address source, bytes memory call, uint256 size)
        private
        view
        returns (bool ok, bytes memory result)
    {
        uint256 available = gasleft() * 63 / 64;
        require(available > READ_GAS, GasTooLow(available, READ_GAS));
        (ok, result) = source.staticcall{gas: READ_GAS}(call);
        if (result.length < size) ok = false;
    }
}
