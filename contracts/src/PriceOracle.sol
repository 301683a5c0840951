// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {AggregatorV3Interface} from "./interfaces/external/AggregatorV3Interface.sol";
import {IAggregatorBounds, IAggregatorProxy} from "./interfaces/external/IAggregatorBounds.sol";
import {IPyth} from "./interfaces/external/IPyth.sol";
import {PythStructs} from "./interfaces/external/PythStructs.sol";
import {IPriceOracle, Price, PriceReason, PriceState, PriceUse} from "./interfaces/IPriceOracle.sol";
import {FixedPoint} from "./libraries/FixedPoint.sol";
import {Closing, ClosingPrice} from "./oracle/ClosingPrice.sol";
import {History, PriceHistory} from "./oracle/PriceHistory.sol";
import {PriceMath, Quote} from "./oracle/PriceMath.sol";
import {Feed, PriceSources, Sequencer} from "./oracle/PriceSources.sol";

/// @notice What is remembered of a market's prices. One slot. Times are seconds; those of prices are publish times.
/// @param doubtedAt The first price that another source contradicted, while none has agreed since; zero when none.
/// @param haltedAt The price from which on the market is halted; zero when it is not.
/// @param halt Why it is halted.
/// @param breakerFrom Prices from this one on are guarded,
/// @param breakerUntil and from this one on no longer.
/// @param state As last observed.
/// @param reason Likewise.
/// @param since When it was first observed so.
/// @param closing Whether the market has been put into settlement.
struct Standing {
    uint40 doubtedAt;
    uint40 haltedAt;
    PriceReason halt;
    uint40 breakerFrom;
    uint40 breakerUntil;
    PriceState state;
    PriceReason reason;
    uint40 since;
    bool closing;
}

/// @notice Everything that is known of a market's price.
/// @param standing What is remembered.
/// @param state Of the stored price, now.
/// @param reason Why.
/// @param sequencer What the uptime feed says.
/// @param quote Pyth's stored price, of any age until Pyth is silent, then none.
/// @param anchor Chainlink's newest round.
/// @param mean USD, 18 decimals; zero when it is not ready.
/// @param lastGood The newest price that was observed, USD, 18 decimals.
/// @param haltedFor How long the market has been observed halted without a break, seconds.
struct Explanation {
    Standing standing;
    PriceState state;
    PriceReason reason;
    Sequencer sequencer;
    Quote quote;
    Quote anchor;
    uint256 mean;
    uint256 lastGood;
    uint256 haltedFor;
}

/// @notice A market's price while it is judged.
/// @param quote Pyth's price.
/// @param anchor Chainlink's.
struct Reading {
    uint256 market;
    Feed feed;
    Sequencer sequencer;
    Quote quote;
    Quote anchor;
    PriceState state;
    PriceReason reason;
}

/// @title Prices from Pyth, each validated against Chainlink and the market's own past.
/// @dev Not a proxy: the engine holds its address in code, so that replacing it is an upgrade of the engine. It never
/// holds ether between calls. Source: docs/mechanism.md#oracle-states.
contract PriceOracle is AccessControl, ReentrancyGuardTransient, PriceSources, IPriceOracle {
    using FixedPoint for uint256;
    using ClosingPrice for Closing;
    using PriceHistory for History;

    bytes32 public constant CONFIGURATOR_ROLE = keccak256("CONFIGURATOR_ROLE");
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");

    /// @dev Seconds without a price of Pyth after which it counts as silent: until then one has to be brought.
    uint256 internal constant SILENCE = 300;
    /// @dev Seconds between two prices that contradict the anchor, after which the market is halted for good.
    uint256 internal constant CONFIRMATION = 20;
    /// @dev Observations of sources that agree within the halt's bound that end a halt, seconds between two of them.
    uint256 internal constant RECOVERY = 3;
    uint256 internal constant RECOVERY_SPACING = 30;
    /// @dev A price that has changed by 10 % in 60 s, or 20 % in 300 s, opens nothing for 300 s.
    uint256 internal constant BREAKER_FAST_PPM = 100_000;
    uint256 internal constant BREAKER_FAST = 60;
    uint256 internal constant BREAKER_SLOW_PPM = 200_000;
    uint256 internal constant BREAKER_SLOW = 300;
    uint256 internal constant BREAKER_PAUSE = 300;
    /// @dev Of an observation's price, seconds. Between this and {SILENCE} a stored one is none and says nothing.
    uint256 internal constant MAX_OBSERVED_AGE = 60;
    /// @dev What the engine takes: prices below 2^87, as an observation's field.
    uint256 internal constant MAX_PRICE = 1e26;

    mapping(uint256 market => Feed) private _feeds;
    mapping(uint256 market => Feed) private _proposed;
    mapping(uint256 market => Standing) private _standings;
    mapping(uint256 market => History) private _histories;
    mapping(uint256 market => Closing) private _closings;

    event FeedProposed(uint256 indexed market, Feed feed);
    event FeedAccepted(uint256 indexed market, Feed feed);
    /// @notice A market was observed in another state than before, or for another reason.
    event StateObserved(uint256 indexed market, PriceState state, PriceReason reason);
    /// @notice Nothing opens at prices published in [from, until), seconds.
    event BreakerTripped(uint256 indexed market, uint256 from, uint256 until);
    /// @notice A market was halted, at prices published from `from` on.
    event MarketHalted(uint256 indexed market, PriceReason reason, uint256 from);
    event MarketReleased(uint256 indexed market);
    /// @notice A market that was halted for long was put into settlement.
    event ClosingBegun(uint256 indexed market);
    event ClosingCancelled(uint256 indexed market);
    /// @notice The price at which a market in settlement ends unless a source returns. USD, 18 decimals; it counts from
    /// `from` on, seconds.
    event ClosingPriceVoted(uint256 indexed market, uint256 price, uint256 from);
    event ClosingPriceChallenged(uint256 indexed market);

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
    /// @notice Thrown when the low-latency price is too old for the use and too young to count as silent. Seconds.
    error PriceTooOld(uint256 market, uint256 age, uint256 limit);
    /// @notice Thrown when the low-latency price is from the future: the sequencer is catching up. Seconds.
    error PriceFromFuture(uint256 market, uint256 publishTime, uint256 limit);
    /// @notice Thrown when the low-latency source's answer is not credible. As published.
    error PriceInvalid(uint256 market, int64 price, uint64 confidence, int32 expo);
    /// @notice Thrown when a feed cannot be registered: `reason` names what does not fit.
    error FeedRefused(uint256 market, bytes32 reason);
    /// @notice Thrown when a market is not halted.
    error NotHalted(uint256 market);
    /// @notice Thrown when a market has not been halted for long enough to be put into settlement. Seconds.
    error HaltTooShort(uint256 market, uint256 haltedFor, uint256 required);
    /// @notice Thrown when a market is in settlement already, or is not.
    error ClosingRefused(uint256 market, uint256 begunAt);
    /// @notice Thrown when a price is voted for a market to which a source has returned. USD, 18 decimals.
    error ClosingPriceKnown(uint256 market, uint256 mean);
    /// @notice Thrown when a price is voted while a source may still return. Seconds.
    error VoteTooEarly(uint256 market, uint256 time, uint256 earliest);
    /// @notice Thrown when no market can have the price. USD, 18 decimals.
    error PriceOutOfBounds(uint256 price, uint256 limit);
    /// @notice Thrown when no price is voted.
    error NothingVoted(uint256 market);

    /// @param pyth_ The low-latency source.
    /// @param uptimeFeed_ Zero only where no uptime feed exists.
    /// @param usdcFeed_ Zero only where no feed of USDC exists.
    /// @param admin Holds DEFAULT_ADMIN_ROLE and CONFIGURATOR_ROLE.
    constructor(IPyth pyth_, AggregatorV3Interface uptimeFeed_, AggregatorV3Interface usdcFeed_, address admin)
        PriceSources(pyth_, uptimeFeed_, usdcFeed_)
    {
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
        Reading memory reading = _begin(market, _sequencer());
        if (update.length == 0) _readFirstAnswer(reading, minPublishTime);
        else _readFirstUnique(reading, update, minPublishTime, maxPublishTime, refundTo);
        _judge(reading);
        // With an update Pyth is not silent, whatever it says.
        bool permitted = reading.state <= PriceState.Guarded
            || (reading.state == PriceState.Single && reading.quote.time == 0 && update.length == 0);
        require(permitted, PriceUseRefused(market, PriceUse.Settle, reading.state, reading.reason));
        _compose(price, reading, false);
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
        bool brought = update.length != 0;
        PythStructs.PriceFeed[] memory found = _parse(ids, update, maxAge(use), refundTo);
        Sequencer sequencer = _sequencer();
        for (uint256 i; i < ids.length; ++i) {
            Reading memory reading = _begin(ids[i], sequencer);
            _readYoung(reading, brought ? found[i].price : _storedPrice(reading.feed.pythId), use, brought);
            _serve(prices[i], reading, use);
        }
    }

    /// @inheritdoc IPriceOracle
    function observe(uint256 markets, bytes[] calldata update, address refundTo)
        external
        payable
        nonReentrant
        returns (Price[] memory prices)
    {
        uint256[] memory ids = _marketsOf(markets);
        prices = new Price[](ids.length);
        PythStructs.PriceFeed[] memory found = _parse(ids, update, MAX_OBSERVED_AGE, refundTo);
        Sequencer sequencer = _sequencer();
        for (uint256 i; i < ids.length; ++i) {
            Reading memory reading = _begin(ids[i], sequencer);
            _look(prices[i], reading, update.length == 0 ? _storedPrice(reading.feed.pythId) : found[i].price);
        }
    }

    /// @inheritdoc IPriceOracle
    function peek(uint256 market) external view returns (Price memory price) {
        _compose(price, _readStored(market), false);
    }

    /// @inheritdoc IPriceOracle
    function offPeg(bool before) external view returns (bool) {
        return _offPeg(before);
    }

    /// @notice What the sources say of a market's stored price, what is remembered, and what follows. Once Pyth is silent it
    /// follows from Chainlink's alone, as it does for what acts.
    function explain(uint256 market) external view returns (Explanation memory) {
        Reading memory reading = _readStored(market);
        History storage history = _histories[market];
        return Explanation({
            standing: _standings[market],
            state: reading.state,
            reason: reading.reason,
            sequencer: reading.sequencer,
            quote: reading.quote,
            anchor: reading.anchor,
            mean: history.meanAt(block.timestamp),
            lastGood: history.lastGood,
            haltedFor: _closings[market].haltedFor(block.timestamp)
        });
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

    /// @notice What is proposed for a market and not accepted.
    function getProposedFeed(uint256 market) external view returns (Feed memory) {
        return _proposed[market];
    }

    // ---------------------------------------------------------------- the guardian

    /// @notice Halts a market at all prices, until it is released. Needs GUARDIAN_ROLE.
    function haltMarket(uint256 market) external onlyRole(GUARDIAN_ROLE) {
        _feedOf(market);
        _halt(market, _standings[market], PriceReason.Guardian, 1);
    }

    /// @notice Ends a halt. Needs CONFIGURATOR_ROLE.
    function releaseMarket(uint256 market) external onlyRole(CONFIGURATOR_ROLE) {
        Standing storage standing = _standings[market];
        require(standing.haltedAt != 0, NotHalted(market));
        _release(market, standing);
    }

    // ---------------------------------------------------------------- the end of a market

    /// @notice Puts a market that has been halted for 24 h into settlement: from now on every observation adds to the mean
    /// that it ends at. Needs CONFIGURATOR_ROLE.
    function beginClosing(uint256 market) external onlyRole(CONFIGURATOR_ROLE) {
        Closing storage closing = _closings[market];
        require(closing.begunAt == 0, ClosingRefused(market, closing.begunAt));
        uint256 halted = closing.haltedFor(block.timestamp);
        require(halted >= ClosingPrice.MIN_HALT, HaltTooShort(market, halted, ClosingPrice.MIN_HALT));
        // Seconds: below 2^40.
        (closing.begunAt, _standings[market].closing) = (uint40(block.timestamp), true);
        emit ClosingBegun(market);
    }

    /// @notice Takes a market out of settlement, and forgets its mean and what was voted. Needs CONFIGURATOR_ROLE.
    function cancelClosing(uint256 market) external onlyRole(CONFIGURATOR_ROLE) {
        _checkClosing(market);
        delete _closings[market];
        _standings[market].closing = false;
        emit ClosingCancelled(market);
    }

    /// @notice Says what a market in settlement ends at, when no source has returned for an hour within 14 days; 48 h later
    /// it counts, unless one returns first. Needs CONFIGURATOR_ROLE.
    /// @param price USD, 18 decimals.
    function voteClosingPrice(uint256 market, uint256 price) external onlyRole(CONFIGURATOR_ROLE) {
        Closing storage closing = _checkClosing(market);
        require(closing.mean == 0, ClosingPriceKnown(market, closing.mean));
        uint256 earliest = closing.begunAt + ClosingPrice.VOTE_AFTER;
        require(block.timestamp >= earliest, VoteTooEarly(market, block.timestamp, earliest));
        require(price != 0 && price <= MAX_PRICE, PriceOutOfBounds(price, MAX_PRICE));
        uint256 from = block.timestamp + ClosingPrice.CHALLENGE;
        // At most MAX_PRICE, below 2^87; seconds below 2^40.
        (closing.voted, closing.votedFrom) = (uint88(price), uint40(from));
        emit ClosingPriceVoted(market, price, from);
    }

    /// @notice Takes a voted price back. Needs GUARDIAN_ROLE or CONFIGURATOR_ROLE.
    function challengeClosingPrice(uint256 market) external {
        if (!hasRole(GUARDIAN_ROLE, msg.sender)) _checkRole(CONFIGURATOR_ROLE);
        Closing storage closing = _closings[market];
        require(closing.votedFrom != 0, NothingVoted(market));
        (closing.voted, closing.votedFrom) = (0, 0);
        emit ClosingPriceChallenged(market);
    }

    /// @inheritdoc IPriceOracle
    function closingPrice(uint256 market) external view returns (uint256) {
        return _closings[market].priceAt(block.timestamp);
    }

    /// @notice All that is known of a market's settlement.
    function getClosing(uint256 market) external view returns (Closing memory) {
        return _closings[market];
    }

    function _checkClosing(uint256 market) private view returns (Closing storage closing) {
        closing = _closings[market];
        require(closing.begunAt != 0, ClosingRefused(market, 0));
    }

    // ---------------------------------------------------------------- registration

    /// @notice First step: proposes a market's feed after a dry run, as {checkFeed} returns it. Needs CONFIGURATOR_ROLE.
    function proposeFeed(uint256 market, Feed memory feed) external onlyRole(CONFIGURATOR_ROLE) {
        feed = checkFeed(market, feed);
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

    /// @notice Whether a market could take a feed now: within its bounds, both sources answering and agreeing within the
    /// halt's bound.
    /// @return The feed as it would be registered: `decimals` read, not taken; `floor` and `ceiling` narrowed to within 1 % of
    /// the aggregator's own bounds.
    function checkFeed(uint256 market, Feed memory feed) public view returns (Feed memory) {
        require(feed.thresholdPpm != 0 && feed.haltPpm <= 100_000, FeedRefused(market, "thresholds"));
        require(feed.haltPpm >= PriceMath.MIN_STRAIN_PPM, FeedRefused(market, "haltPpm"));
        require(feed.heartbeat != 0 && feed.heartbeat <= 86_400, FeedRefused(market, "heartbeat"));
        feed.decimals = feed.chainlink.decimals();
        require(feed.decimals <= 18, FeedRefused(market, "decimals"));
        _narrow(feed);
        bool bounded = feed.floor < feed.ceiling && feed.ceiling <= MAX_PRICE / BOUND_SCALE;
        require(bounded, FeedRefused(market, "bounds"));
        _dryRun(market, feed);
        return feed;
    }

    /// @dev Both sources answer, and agree within the halt's bound.
    function _dryRun(uint256 market, Feed memory feed) private view returns (uint256) {
        Quote memory anchor = _anchor(feed);
        require(anchor.value != 0, FeedRefused(market, "chainlink"));
        Quote memory quote = _toQuote(feed, _storedPrice(feed.pythId));
        require(quote.value != 0, FeedRefused(market, "pyth"));
        require(PriceMath.deviationPpm(quote, anchor, 0) <= feed.haltPpm, FeedRefused(market, "sources disagree"));
        return anchor.value;
    }

    /// @dev An answer at a limit of the aggregator says nothing; an aggregator without limits leaves the feed's own.
    function _narrow(Feed memory feed) private view {
        try IAggregatorProxy(address(feed.chainlink)).aggregator() returns (address aggregator) {
            try IAggregatorBounds(aggregator).minAnswer() returns (int192 least) {
                uint256 floor = PriceMath.toWad(uint256(int256(least)), feed.decimals) * 101 / 100 / BOUND_SCALE;
                // At most the largest of 64 bits, $184 G, which no credible price reaches.
                if (least > 0 && floor > feed.floor) feed.floor = uint64(floor.min(type(uint64).max));
            } catch {}
            try IAggregatorBounds(aggregator).maxAnswer() returns (int192 most) {
                uint256 ceiling = PriceMath.toWad(uint256(int256(most)), feed.decimals) * 99 / 100 / BOUND_SCALE;
                // Below a ceiling of 64 bits.
                if (ceiling < feed.ceiling) feed.ceiling = uint64(ceiling);
            } catch {}
        } catch {}
    }

    // ---------------------------------------------------------------- the low-latency source

    /// @dev What an update brings, in the order of the markets; nothing without one.
    /// @param age Of the prices at most, seconds.
    function _parse(uint256[] memory markets, bytes[] calldata update, uint256 age, address refundTo)
        private
        returns (PythStructs.PriceFeed[] memory found)
    {
        if (update.length == 0) {
            _checkNoValue();
            return found;
        }
        bytes32[] memory ids = new bytes32[](markets.length);
        for (uint256 i; i < ids.length; ++i) {
            ids[i] = _feedOf(markets[i]).pythId;
        }
        uint256 fee = _feeOf(update);
        // age ≤ 60 s: both times fit, as long as the clock does.
        (found,) = pyth.parsePriceFeedUpdatesWithConfig{value: fee}(
            update, ids, uint64(block.timestamp - age), uint64(block.timestamp + MAX_FUTURE), false, true, true
        );
        _refund(refundTo, fee);
    }

    /// @dev Pyth's first price in the window, beside the round that was in force then.
    function _readFirstUnique(
        Reading memory reading,
        bytes[] calldata update,
        uint256 minPublishTime,
        uint256 maxPublishTime,
        address refundTo
    ) private {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = reading.feed.pythId;
        uint256 fee = _feeOf(update);
        // The engine's window ends below 2^33; a caller's own beyond 2^64 is read modulo that, which moves nothing here.
        (PythStructs.PriceFeed[] memory found,) = pyth.parsePriceFeedUpdatesWithConfig{value: fee}(
            update, ids, uint64(minPublishTime), uint64(maxPublishTime), true, true, false
        );
        _refund(refundTo, fee);
        _readPresent(reading, found[0].price);
        reading.anchor = _anchorAt(reading.feed, found[0].price.publishTime);
    }

    /// @dev No quote, and Chainlink's first answer since the window began: only while Pyth is silent.
    function _readFirstAnswer(Reading memory reading, uint256 minPublishTime) private view {
        _checkNoValue();
        bool silent = _isSilent(reading.market, _storedPrice(reading.feed.pythId).publishTime);
        require(silent, UpdateRequired(reading.market));
        reading.anchor = _anchorFrom(reading.feed, minPublishTime);
    }

    /// @dev A stored price that is too old for the use is none, once Pyth is silent; until then one has to be brought.
    /// @param brought Whether the price came with the call.
    function _readYoung(Reading memory reading, PythStructs.Price memory found, PriceUse use, bool brought)
        private
        view
    {
        uint256 limit = maxAge(use);
        uint256 age = _ageOf(found.publishTime);
        reading.anchor = _anchor(reading.feed);
        if (age <= limit && (brought || use != PriceUse.CloseNow)) return _readPresent(reading, found);
        if (_isSilent(reading.market, found.publishTime)) return;
        require(brought || use != PriceUse.CloseNow, UpdateRequired(reading.market));
        revert PriceTooOld(reading.market, age, limit);
    }

    function _readPresent(Reading memory reading, PythStructs.Price memory found) private view {
        uint256 limit = block.timestamp + MAX_FUTURE;
        require(found.publishTime <= limit, PriceFromFuture(reading.market, found.publishTime, limit));
        reading.quote = _toQuote(reading.feed, found);
        require(reading.quote.time != 0, PriceInvalid(reading.market, found.price, found.conf, found.expo));
    }

    /// @dev What is stored, judged; none once Pyth is silent, as for what acts.
    function _readStored(uint256 market) private view returns (Reading memory reading) {
        reading = _begin(market, _sequencer());
        PythStructs.Price memory found = _storedPrice(reading.feed.pythId);
        if (!_isSilent(market, found.publishTime)) reading.quote = _toQuote(reading.feed, found);
        reading.anchor = _anchor(reading.feed);
        _judge(reading);
    }

    /// @param publishTime Of the stored price, seconds.
    function _isSilent(uint256 market, uint256 publishTime) private view returns (bool) {
        return _ageOf(publishTime.max(_histories[market].newestAt)) > SILENCE;
    }

    /// @dev Seconds; zero of a time to come.
    function _ageOf(uint256 time) private view returns (uint256) {
        return block.timestamp - time.min(block.timestamp);
    }

    function _checkNoValue() private view {
        require(msg.value == 0, UnexpectedValue(msg.value));
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

    // ---------------------------------------------------------------- verdicts

    function _begin(uint256 market, Sequencer sequencer) private view returns (Reading memory reading) {
        (reading.market, reading.feed, reading.sequencer) = (market, _feedOf(market), sequencer);
    }

    function _serve(Price memory price, Reading memory reading, PriceUse use) private view {
        _judge(reading);
        bool permitted = _permits(use, reading);
        require(permitted, PriceUseRefused(reading.market, use, reading.state, reading.reason));
        bool spanning = use == PriceUse.CloseNow || use == PriceUse.Liquidate || use == PriceUse.Crystallise;
        _compose(price, reading, spanning);
        // Chainlink's price is older and stands all the same.
        if (reading.quote.value == 0) price.publishTime = block.timestamp;
    }

    function _permits(PriceUse use, Reading memory reading) private pure returns (bool) {
        (PriceState state, PriceReason reason) = (reading.state, reading.reason);
        if (state <= PriceState.Guarded) return state == PriceState.Normal || use != PriceUse.Crystallise;
        // Whom it may close then is the engine's to judge.
        if (use == PriceUse.Liquidate) {
            return state == PriceState.Single || (state == PriceState.SequencerDown && reading.quote.value != 0);
        }
        if (use != PriceUse.CloseNow) return false;
        // Without Pyth a reduction is committed, and fills at Chainlink's next answer.
        if (state == PriceState.Single) return reason != PriceReason.QuoteSilent;
        // In the grace at a fresh price of Pyth alone.
        return state == PriceState.Fallback || (reason == PriceReason.Grace && reading.quote.value != 0);
    }

    /// @dev By what is remembered of the market, and by what the sources say.
    function _judge(Reading memory reading) private view {
        Standing storage standing = _standings[reading.market];
        Quote memory quote = reading.quote;
        bool halted = standing.haltedAt != 0 && (quote.value == 0 || quote.time >= standing.haltedAt);
        if (halted) {
            (reading.state, reading.reason) = (PriceState.Halted, standing.halt);
            return;
        }
        (PriceState state, PriceReason reason) = _agreementOf(reading);
        bool fast =
            state <= PriceState.Strained && quote.time >= standing.breakerFrom && quote.time < standing.breakerUntil;
        (reading.state, reading.reason) = fast ? (PriceState.Guarded, PriceReason.Breaker) : (state, reason);
    }

    /// @dev Bottom row first, but that what halts is asked before the sequencer: then a missing source.
    function _agreementOf(Reading memory reading) private view returns (PriceState state, PriceReason) {
        (Quote memory quote, Quote memory anchor) = (reading.quote, reading.anchor);
        bool outside = (quote.value == 0 && quote.time != 0) || (anchor.value == 0 && anchor.time != 0);
        if (outside) return (PriceState.Halted, PriceReason.Bounds);
        bool both = quote.value != 0 && anchor.value != 0;
        if (both) {
            Feed memory feed = reading.feed;
            state = PriceMath.classify(quote, anchor, feed.thresholdPpm, feed.haltPpm, feed.strainConfidencePpm);
            if (state == PriceState.Halted) return (state, PriceReason.Deviation);
        }
        if (reading.sequencer == Sequencer.Down) return (PriceState.SequencerDown, PriceReason.Down);
        if (reading.sequencer == Sequencer.Grace) return (PriceState.SequencerDown, PriceReason.Grace);
        if (!both || reading.sequencer == Sequencer.Unreadable) return _stateOfOne(reading);
        if (state == PriceState.Guarded) return (state, PriceReason.Confidence);
        return (state, state == PriceState.Normal ? PriceReason.None : PriceReason.Deviation);
    }

    /// @dev One source stands for both as far as the mean agrees with it; none leaves the mean.
    function _stateOfOne(Reading memory reading) private view returns (PriceState, PriceReason) {
        uint256 mean = _histories[reading.market].meanAt(block.timestamp);
        bool silent = reading.quote.value == 0;
        uint256 value = silent ? reading.anchor.value : reading.quote.value;
        if (value == 0) return (mean == 0 ? PriceState.Halted : PriceState.Fallback, PriceReason.NoSource);
        bool far =
            mean != 0 && PriceMath.deviationPpm(Quote(value, 0, 0), Quote(mean, 0, 0), 0) > PriceMath.MAX_FROM_MEAN_PPM;
        if (far) return (PriceState.Halted, PriceReason.FarFromMean);
        if (silent) return (PriceState.Single, PriceReason.QuoteSilent);
        bool unanswered = reading.anchor.value == 0;
        return (PriceState.Single, unanswered ? PriceReason.AnchorSilent : PriceReason.UptimeUnreadable);
    }

    /// @dev Without any source nothing but the mean in Fallback, else nothing.
    /// @param price Filled in.
    function _compose(Price memory price, Reading memory reading, bool spanning) private view {
        (Quote memory quote, Quote memory anchor) = (reading.quote, reading.anchor);
        if (quote.value == 0) (quote, anchor) = (anchor, Quote(0, 0, 0));
        price.state = reading.state;
        if (quote.value != 0) {
            (price.mid, price.halfWidth, price.publishTime) = (quote.value, PriceMath.halfWidth(quote), quote.time);
            (price.lo, price.hi) = PriceMath.band(quote, anchor, reading.state, reading.feed.thresholdPpm, spanning);
        } else if (reading.state == PriceState.Fallback) {
            History storage history = _histories[reading.market];
            price.mid = history.meanAt(block.timestamp);
            uint256 deviation = history.deviationAt(block.timestamp);
            (price.lo, price.hi) = PriceMath.fallbackBand(price.mid, history.lastGood, deviation);
        }
    }

    // ---------------------------------------------------------------- observations

    /// @dev A stored price that is too old to be observed says nothing until Pyth is silent: then nothing is noted.
    /// @param price Filled in.
    function _look(Price memory price, Reading memory reading, PythStructs.Price memory found) private {
        if (_ageOf(found.publishTime) <= MAX_OBSERVED_AGE) {
            reading.quote = _toQuote(reading.feed, found);
        } else if (!_isSilent(reading.market, found.publishTime)) {
            price.state = PriceState.Halted;
            return;
        }
        reading.anchor = _anchor(reading.feed);
        _judge(reading);
        _note(reading);
        _compose(price, reading, false);
    }

    function _note(Reading memory reading) private {
        Standing storage standing = _standings[reading.market];
        Standing memory before = standing;
        (PriceState state, PriceReason reason) = (reading.state, reading.reason);
        if (before.haltedAt != 0) _recover(reading, standing);
        else if (reading.quote.value != 0) _doubt(reading, standing, before.doubtedAt);
        if (state <= PriceState.Guarded) _record(reading, standing);
        if (state == PriceState.Halted || before.state == PriceState.Halted) {
            _closings[reading.market].noteHalt(state == PriceState.Halted, block.timestamp);
        }
        if (before.closing) {
            _closings[reading.market].notePrice(reading.anchor.value, reading.quote.value, block.timestamp);
        }
        if (state != before.state || reason != before.reason || before.since == 0) {
            // Seconds: below 2^40.
            (standing.state, standing.reason, standing.since) = (state, reason, uint40(block.timestamp));
            emit StateObserved(reading.market, state, reason);
        }
    }

    /// @dev One contradiction says nothing for good; another price, later, does.
    function _doubt(Reading memory reading, Standing storage standing, uint256 doubtedAt) private {
        uint256 time = reading.quote.time;
        bool contradicted = reading.state == PriceState.Halted && reading.reason == PriceReason.Deviation;
        if (!contradicted) {
            if (doubtedAt != 0 && time > doubtedAt) standing.doubtedAt = 0;
        } else if (doubtedAt == 0) {
            // Seconds, at most moments ahead: below 2^40.
            standing.doubtedAt = uint40(time);
        } else if (time >= doubtedAt + CONFIRMATION) {
            _halt(reading.market, standing, PriceReason.Deviation, time);
        }
    }

    /// @dev A halt by deviation ends when the sources have agreed for a while.
    function _recover(Reading memory reading, Standing storage standing) private {
        if (standing.halt == PriceReason.Guardian) return;
        (PriceState state,) = _agreementOf(reading);
        History storage history = _histories[reading.market];
        if (state > PriceState.Guarded) {
            history.agreed = 0;
        } else if (history.agreed == 0 || block.timestamp >= history.agreedAt + RECOVERY_SPACING) {
            // At most three; seconds below 2^40.
            (history.agreed, history.agreedAt) = (history.agreed + 1, uint40(block.timestamp));
            if (history.agreed == RECOVERY) _release(reading.market, standing);
        }
    }

    function _halt(uint256 market, Standing storage standing, PriceReason reason, uint256 from) private {
        // A price's time: below 2^40.
        (standing.halt, standing.haltedAt, standing.doubtedAt) = (reason, uint40(from), 0);
        _histories[market].agreed = 0;
        emit MarketHalted(market, reason, from);
    }

    function _release(uint256 market, Standing storage standing) private {
        (standing.halt, standing.haltedAt) = (PriceReason.None, 0);
        _histories[market].agreed = 0;
        emit MarketReleased(market);
    }

    /// @dev Trips the breaker by what was observed before, then adds to it.
    function _record(Reading memory reading, Standing storage standing) private {
        History storage history = _histories[reading.market];
        (uint256 price, uint256 time) = (reading.quote.value, reading.quote.time);
        // The longer time has the shorter one in it.
        uint256 change = history.changeSince(price, block.timestamp - BREAKER_SLOW);
        bool fast = change >= BREAKER_FAST_PPM
            && (change >= BREAKER_SLOW_PPM
                || history.changeSince(price, block.timestamp - BREAKER_FAST) >= BREAKER_FAST_PPM);
        if (fast) {
            // Seconds, at most moments ahead: below 2^40.
            (uint40 from, uint40 until) = (uint40(time), uint40(time + BREAKER_PAUSE));
            if (from >= standing.breakerUntil) standing.breakerFrom = from;
            if (until > standing.breakerUntil) {
                standing.breakerUntil = until;
                emit BreakerTripped(reading.market, standing.breakerFrom, until);
            }
        }
        if (history.isDue(block.timestamp)) history.record(price, block.timestamp);
    }

    // ---------------------------------------------------------------- internals

    function _feedOf(uint256 market) private view returns (Feed storage feed) {
        feed = _feeds[market];
        require(address(feed.chainlink) != address(0), UnknownFeed(market));
    }

    function _marketsOf(uint256 bitmap) private pure returns (uint256[] memory ids) {
        unchecked {
            // Counts below 2^9.
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
    }
}
