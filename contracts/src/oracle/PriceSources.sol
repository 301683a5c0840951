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
    /// @dev Seconds after which Chainlink's feed of USDC answers at the latest.
    uint256 internal constant USDC_HEARTBEAT = 86_400;
    /// @dev Between which USDC is on its peg, USD, 18 decimals.
    uint256 internal constant PEG_FLOOR = 0.99e18;
    uint256 internal constant PEG_CEILING = 1.01e18;
    /// @dev A bound of a feed in the scale of prices.
    uint256 internal constant BOUND_SCALE = 1e10;
    /// @dev Bytes of a round in Chainlink's answer.
    uint256 internal constant ROUND_SIZE = 160;

    /// @notice The low-latency source.
    IPyth public immutable pyth;
    /// @notice Chainlink's sequencer uptime feed; zero on a network registered as having none.
    AggregatorV3Interface public immutable uptimeFeed;
    /// @notice Chainlink's feed of USDC in USD; zero on a network registered as having none.
    AggregatorV3Interface public immutable usdcFeed;
    uint256 private immutable _usdcDecimals;

    /// @notice Thrown when the caller leaves too little gas to read a source.
    error GasTooLow(uint256 gas, uint256 required);

    constructor(IPyth pyth_, AggregatorV3Interface uptimeFeed_, AggregatorV3Interface usdcFeed_) {
        (pyth, uptimeFeed, usdcFeed) = (pyth_, uptimeFeed_, usdcFeed_);
        _usdcDecimals = address(usdcFeed_) == address(0) ? 0 : usdcFeed_.decimals();
    }

    // ---------------------------------------------------------------- Pyth

    /// @dev The newest price that Pyth has stored; none when it has none or does not answer.
    function _storedPrice(bytes32 pythId) internal view returns (PythStructs.Price memory found) {
        (bool ok, uint256 price, uint256 conf, uint256 expo, uint256 publishTime) =
            _read(address(pyth), IPyth.getPriceUnsafe.selector, uint256(pythId), 128);
        if (!ok) return found;
        // What does not fit is cut, and compared: then there is none.
        (found.price, found.conf, found.expo) = (int64(int256(price)), uint64(conf), int32(int256(expo)));
        bool fits = uint256(int256(found.price)) == price && found.conf == conf && uint256(int256(found.expo)) == expo;
        if (fits) found.publishTime = publishTime;
        else found.price = 0;
    }

    /// @dev Without value when it is not credible. What is published for a second that has not come is none.
    function _toQuote(Feed memory feed, PythStructs.Price memory found) internal view returns (Quote memory quote) {
        if (found.price <= 0 || found.conf == 0 || found.expo > 0 || found.expo < -18) return quote;
        if (found.publishTime > block.timestamp + MAX_FUTURE) return quote;
        uint256 decimals = uint256(-int256(found.expo));
        quote.value = PriceMath.toWad(uint256(int256(found.price)), decimals);
        quote.confidence = PriceMath.toWad(found.conf, decimals);
        quote.time = found.publishTime;
        _bound(feed, quote);
        if (quote.value != 0 && PriceMath.confidencePpm(quote) > PriceMath.MAX_CONFIDENCE_PPM) quote = Quote(0, 0, 0);
    }

    // ---------------------------------------------------------------- Chainlink

    /// @dev The newest round.
    function _anchor(Feed memory feed) internal view returns (Quote memory quote) {
        (bool ok,, int256 answer, uint256 updatedAt) = _readRound(feed.chainlink, 0);
        if (ok) _setAnchor(quote, feed, answer, updatedAt, block.timestamp);
    }

    /// @dev The round in force at a time: the newest not written after it. So the outcome of a settlement does not depend
    /// on when inside its window it is sent.
    function _anchorAt(Feed memory feed, uint256 time) internal view returns (Quote memory quote) {
        (bool ok, uint80 id, int256 answer, uint256 updatedAt) = _readRound(feed.chainlink, 0);
        for (uint256 back; ok && updatedAt > time; ++back) {
            if (back == MAX_ROUNDS_BACK || id == 0) return quote;
            (ok, id, answer, updatedAt) = _readRound(feed.chainlink, id - 1);
        }
        if (ok) _setAnchor(quote, feed, answer, updatedAt, time);
    }

    /// @dev The first round written at a time or later, for what fills without Pyth.
    function _anchorFrom(Feed memory feed, uint256 time) internal view returns (Quote memory quote) {
        (bool ok, uint80 id, int256 answer, uint256 updatedAt) = _readRound(feed.chainlink, 0);
        int256 first;
        uint256 firstAt;
        for (uint256 back; ok && updatedAt >= time; ++back) {
            if (back == MAX_ROUNDS_BACK) return quote;
            (first, firstAt) = (answer, updatedAt);
            if (id == 0) break;
            (ok, id, answer, updatedAt) = _readRound(feed.chainlink, id - 1);
        }
        if (firstAt >= time) _setAnchor(quote, feed, first, firstAt, block.timestamp);
    }

    /// @dev Leaves an anchor without value when the round is not credible.
    function _setAnchor(Quote memory quote, Feed memory feed, int256 answer, uint256 updatedAt, uint256 time)
        private
        pure
    {
        if (answer <= 0 || updatedAt == 0 || updatedAt > time) return;
        if (time - updatedAt > uint256(feed.heartbeat) * 11 / 10) return;
        if (answer > type(int128).max) return;
        (quote.value, quote.time) = (PriceMath.toWad(uint256(answer), feed.decimals), updatedAt);
        _bound(feed, quote);
    }

    /// @dev What lies beyond the feed's bounds has a time and no value.
    function _bound(Feed memory feed, Quote memory quote) private pure {
        bool within = quote.value >= feed.floor * BOUND_SCALE && quote.value <= feed.ceiling * BOUND_SCALE;
        if (!within) quote.value = 0;
    }

    /// @param id Zero reads the newest.
    function _readRound(AggregatorV3Interface feed, uint80 id)
        private
        view
        returns (bool ok, uint80 roundId, int256 answer, uint256 updatedAt)
    {
        bytes4 selector =
            id == 0 ? AggregatorV3Interface.latestRoundData.selector : AggregatorV3Interface.getRoundData.selector;
        (bool answered, uint256 first, uint256 second,, uint256 fourth) = _read(address(feed), selector, id, ROUND_SIZE);
        // Chainlink's ids have 80 bits; a longer one, cut, leads the walk to rounds that are judged by their own time.
        return (answered, uint80(first), int256(second), fourth);
    }

    // ---------------------------------------------------------------- the peg

    /// @dev Two rounds that follow one another say so; otherwise it is as it was.
    function _offPeg(bool before) internal view returns (bool) {
        if (address(usdcFeed) == address(0)) return before;
        (bool ok, uint80 id, int256 answer, uint256 updatedAt) = _readRound(usdcFeed, 0);
        if (!ok || !_isCredible(answer, updatedAt, block.timestamp)) return before;
        if (block.timestamp - updatedAt > USDC_HEARTBEAT * 11 / 10) return before;
        if (_isOff(answer) == before || id == 0) return before;
        uint256 newest = updatedAt;
        (ok,, answer, updatedAt) = _readRound(usdcFeed, id - 1);
        return ok && _isCredible(answer, updatedAt, newest) ? _isOff(answer) : before;
    }

    function _isCredible(int256 answer, uint256 updatedAt, uint256 time) private pure returns (bool) {
        return answer > 0 && answer <= type(int128).max && updatedAt != 0 && updatedAt <= time;
    }

    function _isOff(int256 answer) private view returns (bool) {
        uint256 price = PriceMath.toWad(uint256(answer), _usdcDecimals);
        return price < PEG_FLOOR || price > PEG_CEILING;
    }

    // ---------------------------------------------------------------- the sequencer

    function _sequencer() internal view returns (Sequencer) {
        if (address(uptimeFeed) == address(0)) return Sequencer.Up;
        (bool ok,, uint256 answer, uint256 startedAt,) =
            _read(address(uptimeFeed), AggregatorV3Interface.latestRoundData.selector, 0, ROUND_SIZE);
        if (!ok) return Sequencer.Unreadable;
        if (answer != 0 || startedAt == 0) return Sequencer.Down;
        return block.timestamp < startedAt + GRACE ? Sequencer.Grace : Sequencer.Up;
    }

    /// @dev Asks a source, by bounded gas which the caller must leave, so that nobody starves the read to force a fallback.
    /// @param argument Of the call, which has none when it is zero.
    /// @param size Least bytes of an answer; its first four words are returned, zeros when it is no answer.
    function _read(address source, bytes4 selector, uint256 argument, uint256 size)
        private
        view
        returns (bool ok, uint256 first, uint256 second, uint256 third, uint256 fourth)
    {
        uint256 available = gasleft() * 63 / 64;
        require(available > READ_GAS, GasTooLow(available, READ_GAS));
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            mstore(add(data, 4), argument)
            ok := staticcall(READ_GAS, source, data, add(4, shl(5, gt(argument, 0))), data, 128)
            ok := and(ok, iszero(lt(returndatasize(), size)))
            if ok {
                first := mload(data)
                second := mload(add(data, 32))
                third := mload(add(data, 64))
                fourth := mload(add(data, 96))
            }
        }
    }
}
