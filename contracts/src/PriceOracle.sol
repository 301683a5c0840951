// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {AggregatorV3Interface} from "./interfaces/external/AggregatorV3Interface.sol";
import {IAggregatorBounds, IAggregatorProxy} from "./interfaces/external/IAggregatorBounds.sol";
import {IPyth} from "./interfaces/external/IPyth.sol";
import {PythStructs} from "./interfaces/external/PythStructs.sol";
import {IPriceOracle, Price, PriceState, PriceUse} from "./interfaces/IPriceOracle.sol";
import {PriceMath, Quote} from "./oracle/PriceMath.sol";

/// @notice Where a market's prices come from and what makes them credible.
/// @param pythId Pyth's feed.
/// @param chainlink Chainlink's proxy.
/// @param heartbeat Seconds after which Chainlink answers at the latest.
/// @param thresholdPpm Chainlink's deviation threshold, parts per million.
/// @param haltPpm Deviation between the sources above which the market is halted.
/// @param strainConfidencePpm Confidence above which the market is strained.
/// @param decimals Of Chainlink's answers; read at registration.
/// @param floor Lowest credible price, USD, 18 decimals.
/// @param ceiling Highest credible price, USD, 18 decimals.
struct Feed {
    bytes32 pythId;
    AggregatorV3Interface chainlink;
    uint32 heartbeat;
    uint16 thresholdPpm;
    uint24 haltPpm;
    uint16 strainConfidencePpm;
    uint8 decimals;
    uint128 floor;
    uint128 ceiling;
}

/// @title Prices from Pyth, each validated against Chainlink.
/// @dev Not a proxy: the engine holds its address in code, so that replacing it is an upgrade of the engine. It never
/// holds ether between calls. Source: docs/mechanism.md#oracle-states.
contract PriceOracle is AccessControl, ReentrancyGuardTransient, IPriceOracle {
    bytes32 public constant CONFIGURATOR_ROLE = keccak256("CONFIGURATOR_ROLE");

    uint256 internal constant MAX_FUTURE = 5;
    uint256 internal constant GRACE = 600;
    /// @dev Gas a Chainlink read may use; the caller must leave it.
    uint256 internal constant READ_GAS = 150_000;
    /// @dev How many rounds back the one in force at a settlement price's time is sought.
    uint256 internal constant MAX_ROUNDS_BACK = 8;

    /// @notice The low-latency source.
    IPyth public immutable pyth;
    /// @notice Chainlink's sequencer uptime feed; zero on a network registered as having none.
    AggregatorV3Interface public immutable uptimeFeed;

    mapping(uint256 market => Feed) private _feeds;
    mapping(uint256 market => Feed) private _proposed;

    event FeedProposed(uint256 indexed market, Feed feed);
    event FeedAccepted(uint256 indexed market, Feed feed);

    /// @notice Thrown when no feed is registered for the market.
    error UnknownFeed(uint256 market);
    /// @notice Thrown when the ether sent does not cover the update's fee. Wei.
    error FeeTooLow(uint256 sent, uint256 fee);
    /// @notice Thrown when the surplus cannot be returned.
    error RefundFailed(address to, uint256 value);
    /// @notice Thrown when ether is sent and no update is brought. Wei.
    error UnexpectedValue(uint256 value);
    /// @notice Thrown when the use needs an update brought along.
    error UpdateRequired(uint256 market);
    /// @notice Thrown when the low-latency price is too old for the use. Seconds.
    error PriceTooOld(uint256 market, uint256 age, uint256 limit);
    /// @notice Thrown when the low-latency price is from the future: the sequencer is catching up. Seconds.
    error PriceFromFuture(uint256 market, uint256 publishTime, uint256 limit);
    /// @notice Thrown when the low-latency source's answer is not credible. As published.
    error PriceInvalid(uint256 market, int64 price, uint64 confidence, int32 expo);
    /// @notice Thrown when the caller leaves too little gas to read a source.
    error GasTooLow(uint256 gas, uint256 required);
    /// @notice Thrown when a feed cannot be registered: `reason` names what does not fit.
    error FeedRefused(uint256 market, bytes32 reason);

    /// @param pyth_ The low-latency source.
    /// @param uptimeFeed_ Zero only where no uptime feed exists.
    /// @param admin Holds DEFAULT_ADMIN_ROLE and CONFIGURATOR_ROLE.
    constructor(IPyth pyth_, AggregatorV3Interface uptimeFeed_, address admin) {
        pyth = pyth_;
        uptimeFeed = uptimeFeed_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(CONFIGURATOR_ROLE, admin);
    }

    // ---------------------------------------------------------------- prices

    /// @inheritdoc IPriceOracle
    function settlementPrice(
        uint256 market,
        bytes[] calldata update,
        uint256 minPublishTime,
        uint256 maxPublishTime,
        address refundTo
    ) external payable nonReentrant returns (Price memory price) {
        Feed memory feed = _feedOf(market);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = feed.pythId;
        uint256 fee = _feeOf(update);
        // The engine's window ends below 2^33; a caller's own beyond 2^64 is read modulo that, which moves nothing here.
        (PythStructs.PriceFeed[] memory found,) = pyth.parsePriceFeedUpdatesWithConfig{value: fee}(
            update, ids, uint64(minPublishTime), uint64(maxPublishTime), true, true, false
        );
        Quote memory quote = _validated(market, feed, found[0].price);
        price = _judge(market, feed, quote, _anchorAt(feed, quote.time), PriceUse.Settle, _sequencer());
        _refund(refundTo, fee);
    }

    /// @inheritdoc IPriceOracle
    function presentPrices(uint256 markets, bytes[] calldata update, PriceUse use, address refundTo)
        external
        payable
        nonReentrant
        returns (Price[] memory prices)
    {
        uint256[] memory ids = _marketsOf(markets);
        prices = new Price[](ids.length);
        PythStructs.Price[] memory found =
            update.length == 0 ? _stored(ids, use) : _brought(ids, update, maxAge(use), refundTo);
        Sequencer sequencer = _sequencer();
        for (uint256 i; i < ids.length; ++i) {
            Feed memory feed = _feedOf(ids[i]);
            Quote memory quote = _validated(ids[i], feed, found[i]);
            uint256 age = block.timestamp - _min(quote.time, block.timestamp);
            require(age <= maxAge(use), PriceTooOld(ids[i], age, maxAge(use)));
            prices[i] = _judge(ids[i], feed, quote, _anchor(feed), use, sequencer);
        }
    }

    /// @inheritdoc IPriceOracle
    function peek(uint256 market) external view returns (Price memory price) {
        Feed memory feed = _feedOf(market);
        try pyth.getPriceUnsafe(feed.pythId) returns (PythStructs.Price memory found) {
            Quote memory quote = _toQuote(feed, found);
            if (quote.value == 0) {
                price.state = PriceState.Fallback;
            } else {
                Quote memory anchor = _anchor(feed);
                price = _compose(feed, quote, anchor, _stateOf(feed, quote, anchor, _sequencer()), false);
            }
        } catch {
            price.state = PriceState.Fallback;
        }
    }

    /// @notice How old a price may be for a use, seconds.
    function maxAge(PriceUse use) public pure returns (uint256) {
        if (use == PriceUse.CloseNow) return 5;
        return use == PriceUse.Settle || use == PriceUse.Withdraw || use == PriceUse.Index ? 60 : 15;
    }

    /// @notice What is registered for a market.
    function getFeed(uint256 market) external view returns (Feed memory) {
        return _feeds[market];
    }

    // ---------------------------------------------------------------- registration

    /// @notice First step: proposes a market's feed after a dry run. `decimals` is read, not taken; `floor` and
    /// `ceiling` are narrowed to within 1 % of the aggregator's own bounds. Needs CONFIGURATOR_ROLE.
    function proposeFeed(uint256 market, Feed memory feed) external onlyRole(CONFIGURATOR_ROLE) {
        require(feed.thresholdPpm != 0 && feed.haltPpm <= 100_000, FeedRefused(market, "thresholds"));
        require(feed.haltPpm >= PriceMath.MIN_STRAIN_PPM, FeedRefused(market, "haltPpm"));
        require(feed.heartbeat != 0 && feed.heartbeat <= 86_400, FeedRefused(market, "heartbeat"));
        feed.decimals = feed.chainlink.decimals();
        require(feed.decimals <= 18, FeedRefused(market, "decimals"));
        _narrow(feed);
        require(feed.floor < feed.ceiling, FeedRefused(market, "bounds"));
        _dryRun(market, feed);
        _proposed[market] = feed;
        emit FeedProposed(market, feed);
    }

    /// @notice Second step: runs dry again and takes the proposal into use; a feed already in use must agree within 5 %.
    /// Needs CONFIGURATOR_ROLE.
    function acceptFeed(uint256 market) external onlyRole(CONFIGURATOR_ROLE) {
        Feed memory feed = _proposed[market];
        require(address(feed.chainlink) != address(0), UnknownFeed(market));
        require(feed.chainlink.decimals() == feed.decimals, FeedRefused(market, "decimals"));
        uint256 value = _dryRun(market, feed);
        Feed memory old = _feeds[market];
        if (address(old.chainlink) != address(0)) {
            Quote memory before = _anchor(old);
            bool agrees =
                before.value == 0 || PriceMath.deviationPpm(Quote(value, 0, 0), Quote(before.value, 0, 0), 0) <= 50_000;
            require(agrees, FeedRefused(market, "old feed disagrees"));
        }
        _feeds[market] = feed;
        delete _proposed[market];
        emit FeedAccepted(market, feed);
    }

    /// @dev Both sources answer, and agree within the halt's bound.
    function _dryRun(uint256 market, Feed memory feed) private view returns (uint256) {
        Quote memory anchor = _anchor(feed);
        require(anchor.value != 0, FeedRefused(market, "chainlink"));
        Quote memory quote = _toQuote(feed, pyth.getPriceUnsafe(feed.pythId));
        require(quote.value != 0, FeedRefused(market, "pyth"));
        require(PriceMath.deviationPpm(quote, anchor, 0) <= feed.haltPpm, FeedRefused(market, "sources disagree"));
        return anchor.value;
    }

    /// @dev An answer at a limit of the aggregator says nothing; an aggregator without limits leaves the feed's own.
    function _narrow(Feed memory feed) private view {
        try IAggregatorProxy(address(feed.chainlink)).aggregator() returns (address aggregator) {
            try IAggregatorBounds(aggregator).minAnswer() returns (int192 least) {
                uint256 floor = PriceMath.toWad(uint256(int256(least)), feed.decimals) * 101 / 100;
                // Does not fit from 3.4e20 USD on: above every price the engine takes, whatever remains of the floor.
                if (least > 0 && floor > feed.floor) feed.floor = uint128(floor);
            } catch {}
            try IAggregatorBounds(aggregator).maxAnswer() returns (int192 most) {
                uint256 ceiling = PriceMath.toWad(uint256(int256(most)), feed.decimals) * 99 / 100;
                // Below a ceiling of 128 bits.
                if (ceiling < feed.ceiling) feed.ceiling = uint128(ceiling);
            } catch {}
        } catch {}
    }

    // ---------------------------------------------------------------- the low-latency source

    function _brought(uint256[] memory markets, bytes[] calldata update, uint256 age, address refundTo)
        private
        returns (PythStructs.Price[] memory prices)
    {
        bytes32[] memory ids = new bytes32[](markets.length);
        for (uint256 i; i < ids.length; ++i) {
            ids[i] = _feedOf(markets[i]).pythId;
        }
        uint256 fee = _feeOf(update);
        // age ≤ 60 s: both times fit, as long as the clock does.
        (PythStructs.PriceFeed[] memory found,) = pyth.parsePriceFeedUpdatesWithConfig{value: fee}(
            update, ids, uint64(block.timestamp - age), uint64(block.timestamp + MAX_FUTURE), false, true, true
        );
        prices = new PythStructs.Price[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            prices[i] = found[i].price;
        }
        _refund(refundTo, fee);
    }

    function _stored(uint256[] memory markets, PriceUse use) private view returns (PythStructs.Price[] memory prices) {
        require(msg.value == 0, UnexpectedValue(msg.value));
        prices = new PythStructs.Price[](markets.length);
        for (uint256 i; i < markets.length; ++i) {
            require(use != PriceUse.CloseNow, UpdateRequired(markets[i]));
            prices[i] = pyth.getPriceUnsafe(_feedOf(markets[i]).pythId);
        }
    }

    function _validated(uint256 market, Feed memory feed, PythStructs.Price memory found)
        private
        view
        returns (Quote memory quote)
    {
        uint256 limit = block.timestamp + MAX_FUTURE;
        require(found.publishTime <= limit, PriceFromFuture(market, found.publishTime, limit));
        quote = _toQuote(feed, found);
        require(quote.value != 0, PriceInvalid(market, found.price, found.conf, found.expo));
    }

    /// @dev Zero when it is not credible.
    function _toQuote(Feed memory feed, PythStructs.Price memory found) private pure returns (Quote memory quote) {
        if (found.price <= 0 || found.conf == 0 || found.expo > 0 || found.expo < -18) return quote;
        uint256 decimals = uint256(-int256(found.expo));
        uint256 value = PriceMath.toWad(uint256(int256(found.price)), decimals);
        if (value < feed.floor || value > feed.ceiling) return quote;
        quote = Quote(value, PriceMath.toWad(found.conf, decimals), found.publishTime);
        if (PriceMath.confidencePpm(quote) > PriceMath.MAX_CONFIDENCE_PPM) quote.value = 0;
    }

    function _feeOf(bytes[] calldata update) private view returns (uint256 fee) {
        fee = pyth.getUpdateFee(update);
        require(msg.value >= fee, FeeTooLow(msg.value, fee));
    }

    function _refund(address to, uint256 fee) private {
        uint256 surplus = msg.value - fee;
        if (surplus == 0) return;
        (bool ok,) = to.call{value: surplus}("");
        require(ok, RefundFailed(to, surplus));
    }

    // ---------------------------------------------------------------- the anchor

    enum Sequencer {
        Up,
        Grace,
        Down,
        Unreadable
    }

    function _anchor(Feed memory feed) private view returns (Quote memory) {
        (bool ok, Round memory round) = _readRound(feed.chainlink, 0);
        if (!ok) return Quote(0, 0, 0);
        return _toAnchor(feed, round, block.timestamp);
    }

    /// @dev The round in force at a time: the newest not written after it. So the outcome of a settlement does not depend
    /// on when inside its window it is sent.
    function _anchorAt(Feed memory feed, uint256 time) private view returns (Quote memory) {
        (bool ok, Round memory round) = _readRound(feed.chainlink, 0);
        for (uint256 back; ok && round.updatedAt > time; ++back) {
            if (back == MAX_ROUNDS_BACK || round.id == 0) return Quote(0, 0, 0);
            (ok, round) = _readRound(feed.chainlink, round.id - 1);
        }
        if (!ok) return Quote(0, 0, 0);
        return _toAnchor(feed, round, time);
    }

    /// @dev Zero when it is not credible.
    function _toAnchor(Feed memory feed, Round memory round, uint256 time) private pure returns (Quote memory quote) {
        if (round.answer <= 0 || round.updatedAt == 0 || round.updatedAt > time) return quote;
        if (time - round.updatedAt > uint256(feed.heartbeat) * 11 / 10) return quote;
        if (round.answer > type(int128).max) return quote;
        uint256 value = PriceMath.toWad(uint256(round.answer), feed.decimals);
        if (value < feed.floor || value > feed.ceiling) return quote;
        return Quote(value, 0, round.updatedAt);
    }

    struct Round {
        uint80 id;
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
    }

    /// @dev Bounded gas which the caller must leave, so that nobody starves the read to force a fallback.
    /// @param id Zero reads the newest.
    function _readRound(AggregatorV3Interface feed, uint80 id) private view returns (bool ok, Round memory round) {
        uint256 available = gasleft() * 63 / 64;
        require(available > READ_GAS, GasTooLow(available, READ_GAS));
        bytes memory result;
        (ok, result) = address(feed).staticcall{gas: READ_GAS}(
            id == 0
                ? abi.encodeCall(AggregatorV3Interface.latestRoundData, ())
                : abi.encodeCall(AggregatorV3Interface.getRoundData, (id))
        );
        if (!ok || result.length < 160) return (false, round);
        (uint256 roundId, int256 answer, uint256 startedAt, uint256 updatedAt,) =
            abi.decode(result, (uint256, int256, uint256, uint256, uint256));
        // Chainlink's ids have 80 bits; a longer one, cut, leads the walk to rounds that are judged by their own time.
        return (true, Round(uint80(roundId), answer, startedAt, updatedAt));
    }

    function _sequencer() private view returns (Sequencer) {
        if (address(uptimeFeed) == address(0)) return Sequencer.Up;
        (bool ok, Round memory round) = _readRound(uptimeFeed, 0);
        if (!ok) return Sequencer.Unreadable;
        if (round.answer != 0 || round.startedAt == 0) return Sequencer.Down;
        return block.timestamp < round.startedAt + GRACE ? Sequencer.Grace : Sequencer.Up;
    }

    // ---------------------------------------------------------------- verdicts

    function _judge(
        uint256 market,
        Feed memory feed,
        Quote memory quote,
        Quote memory anchor,
        PriceUse use,
        Sequencer sequencer
    ) private pure returns (Price memory) {
        PriceState state = _stateOf(feed, quote, anchor, sequencer);
        bool leaving = use == PriceUse.CloseNow;
        bool permitted = state == PriceState.Normal || (state == PriceState.Strained && use != PriceUse.Crystallise)
            || (leaving && (state == PriceState.Single || sequencer == Sequencer.Grace) && state != PriceState.Halted);
        require(permitted, PriceUseRefused(market, use, state));
        return _compose(feed, quote, anchor, state, leaving || use == PriceUse.Liquidate || use == PriceUse.Crystallise);
    }

    /// @dev Bottom row first: the sequencer, then disagreement, then a missing source.
    function _stateOf(Feed memory feed, Quote memory quote, Quote memory anchor, Sequencer sequencer)
        private
        pure
        returns (PriceState state)
    {
        if (sequencer == Sequencer.Down) return PriceState.SequencerDown;
        state = anchor.value == 0
            ? PriceState.Single
            : PriceMath.classify(quote, anchor, feed.thresholdPpm, feed.haltPpm, feed.strainConfidencePpm);
        if (state == PriceState.Halted) return state;
        if (sequencer == Sequencer.Grace) return PriceState.SequencerDown;
        if (sequencer == Sequencer.Unreadable) return PriceState.Single;
    }

    function _compose(Feed memory feed, Quote memory quote, Quote memory anchor, PriceState state, bool spanning)
        private
        pure
        returns (Price memory price)
    {
        price.mid = quote.value;
        price.halfWidth = PriceMath.halfWidth(quote);
        (price.lo, price.hi) = PriceMath.band(quote, anchor, state, feed.thresholdPpm, spanning);
        price.publishTime = quote.time;
        price.state = state;
    }

    function _feedOf(uint256 market) private view returns (Feed memory feed) {
        feed = _feeds[market];
        require(address(feed.chainlink) != address(0), UnknownFeed(market));
    }

    function _marketsOf(uint256 bitmap) private pure returns (uint256[] memory ids) {
        uint256 count;
        for (uint256 rest = bitmap; rest != 0; rest &= rest - 1) {
            ++count;
        }
        ids = new uint256[](count);
        uint256 next;
        for (uint256 id; bitmap != 0; (++id, bitmap >>= 1)) {
            if (bitmap & 1 != 0) ids[next++] = id;
        }
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
