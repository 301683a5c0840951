// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDerivativesEngine} from "../interfaces/IDerivativesEngine.sol";
import {IPriceOracle, PriceUse} from "../interfaces/IPriceOracle.sol";
import {FeeMath} from "../libraries/FeeMath.sol";
import {FillMath} from "../libraries/FillMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {Outcome, Trade, TradeContext, TradeMath} from "../libraries/TradeMath.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {BookMemory} from "./BookMemory.sol";
import {Account, Failure, Order, Pool, Position, Queue} from "./EngineTypes.sol";
import {OracleCall} from "./OracleCall.sol";
import {WordStore} from "./WordStore.sol";

/// @title The exchange: accounts, orders, fills, immediate close, liquidation. It alone holds the tokens.
/// @dev Liquidation lives in {Liquidator} and cold operations in {EngineExtension}, each reached by one delegatecall on this
/// storage.
contract DerivativesEngine is EngineStorage, UUPSUpgradeable, IDerivativesEngine {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using OracleCall for IPriceOracle;
    using WordStore for *;

    address private immutable _extension;
    address private immutable _liquidator;

    constructor(IPriceOracle oracle_, IERC20 asset_, address extension_, address liquidator_)
        EngineStorage(oracle_, asset_)
    {
        (_extension, _liquidator) = (extension_, liquidator_);
    }

    // ---------------------------------------------------------------- collateral

    /// @inheritdoc IDerivativesEngine
    function deposit(bytes32 account, uint256 assets) external nonReentrant {
        require(assets != 0, ZeroAmount());
        Account storage stored = _layout().accounts[account];
        uint256 amount = _takeCustody(assets);
        uint256 margin = stored.margin + amount;
        // At most MAX_CUSTODY, which every margin is a part of.
        stored.margin = uint96(margin);
        emit Deposited(account, msg.sender, amount, margin);
        _pull(msg.sender, assets);
    }

    // ---------------------------------------------------------------- orders

    /// @inheritdoc IDerivativesEngine
    function commit(uint256 market, Order[] calldata orders) external nonReentrant returns (uint256 index) {
        uint256 count = orders.length;
        require(count != 0 && count <= MAX_BATCH, BatchSize(count, MAX_BATCH));
        Layout storage $ = _layout();
        uint256 flags = $.configs[market].flags;
        require(flags & LISTED != 0, UnknownMarket(market));
        require(flags & HALTED == 0, Paused(2, 1));
        require(flags & SETTLED == 0, MarketSettled(market));
        uint256 feeCents;
        (index, feeCents) = _enqueue(market, orders);
        for (uint256 i; i < count; ++i) {
            _commitOne(market, flags, orders[i], feeCents * 1e16);
        }
        emit BatchCommitted(market, index, feeCents, orders);
    }

    /// @return index The batch's place.
    /// @return feeCents Of each order.
    function _enqueue(uint256 market, Order[] calldata orders) private returns (uint256 index, uint256 feeCents) {
        Queue storage queue = _layout().queues[market];
        uint256 head;
        uint256 escrow;
        (head, index, escrow, feeCents) = queue.load();
        require(index - head < RING, QueueFull(index - head, RING));
        // Paid out of margins: at most MAX_CUSTODY.
        queue.save(head, index + 1, escrow + feeCents * 1e16 * orders.length, feeCents);
        uint256 digest = _digest(market, index, block.timestamp, orders);
        // At most 32 orders; the clock fits 32 bits until 2106.
        _layout().items[market][index % RING].save(digest, orders.length, feeCents, block.timestamp);
    }

    /// @dev Realised margin must cover the fee and, for the part that opens, the initial margin at the index: against
    /// floods. What decides is the check at settlement.
    function _commitOne(uint256 market, uint256 flags, Order calldata order, uint256 fee) private {
        bytes32 account = order.account;
        _onlyOwner(account);
        int256 sizeDelta = order.sizeDelta;
        require(sizeDelta != 0, ZeroSize());
        Account storage stored = _layout().accounts[account];
        uint256 word = stored.load();
        uint256 pending = _pendingOf(word);
        require(pending < MAX_PENDING, OrdersPending(pending, MAX_PENDING));
        uint256 margin = word.marginOf();
        uint256 required = fee;
        if (!order.reduceOnly) required += _openingMargin(market, flags, account, sizeDelta);
        require(margin >= required, MarginTooLow(margin, required));
        uint256 volume = FeeMath.decayed(word.volumeOf(), word.committedAtOf(), block.timestamp);
        stored.saveCommitted(word, margin - fee, block.timestamp, pending + 1, volume);
    }

    /// @dev Initial margin, at the index, of the part of a trade that opens.
    /// @return USD, 18 decimals, rounded up.
    function _openingMargin(uint256 market, uint256 flags, bytes32 account, int256 sizeDelta)
        private
        view
        returns (uint256)
    {
        Layout storage $ = _layout();
        int256 size =
            flags & DELEVERAGED == 0 ? $.positions[account][market].size : _loadPosition(account, market, flags).size;
        uint256 opening = (sizeDelta - TradeMath.closingPart(size, sizeDelta)).abs();
        return opening.mulDivUp(
            uint256($.markets[market].index) * $.configs[market].initialMarginBps,
            FixedPoint.RAW_PER_WAD * FixedPoint.BPS
        );
    }

    /// @inheritdoc IDerivativesEngine
    function settle(uint256 market, Order[][] calldata batches, bytes[] calldata update) external payable nonReentrant {
        Book memory book = _openBook(market)[0];
        _checkLive(book);
        _checkPause(book.pool, 1);
        Queue storage queue = _layout().queues[market];
        (uint256 head, uint256 tail, uint256 escrow, uint256 feeCents) = queue.load();
        require(head < tail, QueueEmpty(market));
        uint256 committedAt = _layout().items[market][head % RING].committedAt;
        uint256 end = committedAt + INCLUSION_WINDOW;
        require(block.timestamp <= end, WindowEnded(block.timestamp, end));
        book.price = _oracle.settlementPrice(market, update, committedAt + PRICE_DELAY, committedAt + PRICE_WINDOW)[0];
        require(book.price.hi <= MAX_PRICE, PriceTooLarge(book.price.hi, MAX_PRICE));
        _acceptIndex(book.market, book.price);

        (uint256 toKeeper, uint256 toInsurance) = _settleBatches(book, batches, committedAt, head, tail);
        queue.save(head + batches.length, tail, escrow - toKeeper - toInsurance, feeCents);
        _insure(book.pool, toInsurance);
        _save(book);
        _credit(msg.sender, toKeeper);
    }

    /// @return toKeeper USD, 18 decimals.
    /// @return toInsurance USD, 18 decimals.
    function _settleBatches(
        Book memory book,
        Order[][] calldata batches,
        uint256 committedAt,
        uint256 index,
        uint256 tail
    ) private returns (uint256 toKeeper, uint256 toInsurance) {
        TradeContext memory context = _newContext(book)[0];
        for (uint256 i; i < batches.length; (++i, ++index)) {
            require(index < tail, QueueEmpty(book.id));
            (uint256 more, uint256 half) = _settleBatch(book, context, batches[i], index, committedAt);
            (toKeeper, toInsurance) = (toKeeper + more, toInsurance + half);
        }
    }

    /// @dev An order that fills pays the keeper its fee, one that fails half of it and half of it insurance.
    function _settleBatch(
        Book memory book,
        TradeContext memory context,
        Order[] calldata orders,
        uint256 index,
        uint256 committedAt
    ) private returns (uint256 toKeeper, uint256 toInsurance) {
        Outcome memory outcome = BookMemory.newOutcome()[0];
        uint256 half = _checkBatch(book.id, index, committedAt, orders) * 5e15;
        unchecked {
            // At most 32 orders, with fees of 16 bits.
            for (uint256 i; i < orders.length; ++i) {
                if (!_settleOne(book, context, outcome, orders[i], index, committedAt)) toInsurance += half;
            }
            toKeeper = 2 * half * orders.length - toInsurance;
        }
    }

    function _checkBatch(uint256 market, uint256 index, uint256 expected, Order[] calldata orders)
        private
        view
        returns (uint256)
    {
        (uint256 digest, uint256 feeCents, uint256 committedAt) = _layout().items[market][index % RING].load();
        require(committedAt == expected, CommitTimeMismatch(committedAt, expected));
        require(digest == _digest(market, index, committedAt, orders), BatchMismatch(index));
        return feeCents;
    }

    /// @dev First 200 bits of the hash of the batch's place, time and orders, whose words follow one another.
    function _digest(uint256 market, uint256 index, uint256 committedAt, Order[] calldata orders)
        private
        pure
        returns (uint256 digest)
    {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, market)
            mstore(add(data, 0x20), index)
            mstore(add(data, 0x40), committedAt)
            let size := mul(orders.length, 0x80)
            calldatacopy(add(data, 0x60), orders.offset, size)
            digest := shr(56, keccak256(data, add(0x60, size)))
        }
    }

    function _settleOne(
        Book memory book,
        TradeContext memory context,
        Outcome memory outcome,
        Order calldata order,
        uint256 index,
        uint256 committedAt
    ) private returns (bool) {
        bytes32 account = order.account;
        Account storage stored = _layout().accounts[account];
        // One order less is pending. A later commit after this order's window cannot exist while its settlement is still in time.
        uint256 word = stored.load() - WordStore.ONE_PENDING;
        if (committedAt <= word.purgedAtOf()) {
            (outcome.failure, outcome.required) = (Failure.Purged, 0);
        } else {
            bool stale = _prepare(context, book, account, word);
            Trade memory trade = context.trade;
            (trade.sizeDelta, trade.limitPrice) = (order.sizeDelta, order.limitPrice);
            trade.reduceOnly = order.reduceOnly;
            trade.spread = trade.sizeDelta > 0 ? trade.adverseShort - trade.price : trade.price - trade.adverseLong;
            TradeMath.attempt(outcome, context, stale);
        }
        if (outcome.failure != Failure.None) {
            stored.saveWord(word);
            emit OrderFailed(book.id, account, index, outcome.failure, word.marginOf(), outcome.required);
            return false;
        }
        uint256 volume;
        unchecked {
            // A size is below 2^87 and a price too; the volume stays at its field's maximum.
            volume = FeeMath.grown(word.volumeOf(), outcome.sizeDelta.abs() * book.price.mid);
        }
        uint256 position = _apply(outcome, context, book, account, word, volume);
        _tellFilled(book.id, account, outcome, position, index);
        return true;
    }

    function _tellFilled(uint256 market, bytes32 account, Outcome memory outcome, uint256 position, uint256 index)
        private
    {
        (uint256 change, uint256 paid) = _words(outcome);
        emit OrderFilled(market, account, change, position, paid | index << 192, outcome.poolPays);
    }

    /// @return change As of {IEngineEvents-OrderFilled}.
    /// @return paid Likewise, without a place.
    function _words(Outcome memory outcome) private pure returns (uint256 change, uint256 paid) {
        // A trade's size is one of 88 bits; margin and fee are parts of the custody, which 96 bits hold.
        change = uint256(uint88(int88(outcome.sizeDelta))) | uint256(outcome.cost) << 88;
        paid = outcome.margin | outcome.fee << 96;
    }

    // ---------------------------------------------------------------- trades

    /// @dev For trades at the book's price, one after the other.
    /// @return contexts One: see {BookMemory}.
    function _newContext(Book memory book) private pure returns (TradeContext[] memory contexts) {
        contexts = BookMemory.newContext(book);
        TradeContext memory context = contexts[0];
        Trade memory trade = context.trade;
        trade.price = book.price.mid;
        (trade.adverseLong, trade.adverseShort) = (book.price.lo, book.price.hi);
        trade.opening = book.pool.pauseLevel == 0 && book.config.flags & REDUCE_ONLY == 0;
    }

    /// @dev Puts an account in the place of the last one.
    /// @param word All of the account.
    /// @return stale Whether the index of one of its other markets is too old to open by.
    function _prepare(TradeContext memory context, Book memory book, bytes32 account, uint256 word)
        private
        view
        returns (bool stale)
    {
        _layout().positions[account][book.id].load(context.position);
        if (book.config.flags & DELEVERAGED != 0) context.position = _loadPosition(account, book.id, DELEVERAGED);
        (context.margin, context.allowance) = (word.marginOf(), FillMath.allowance(book.pool, book.config));
        context.discount = FeeMath.discount(word.volumeOf());
        MarginMath.clear(context.others);
        uint256 others = word.marketsOf() & ~(1 << book.id);
        if (others != 0) stale = _portfolio(context.others, account, others, book.pool);
        if (book.pool.claimsOpen) context.others.value += int256(_claimOf(account) * FixedPoint.RAW_PER_WAD);
    }

    /// @dev Books a filled trade: cash between pool and margin, the fee, bad debt, the account and the position. Unchecked:
    /// money is a part of the custody, which 96 bits hold, or a claim, below 2^112.
    /// @param word All of the account but what the trade changes.
    /// @return All of the position.
    function _apply(
        Outcome memory outcome,
        TradeContext memory context,
        Book memory book,
        bytes32 account,
        uint256 word,
        uint256 volume
    ) private returns (uint256) {
        unchecked {
            Pool memory pool = book.pool;
            uint256 margin = outcome.margin;
            if (outcome.poolPays > 0) {
                uint256 owed = uint256(outcome.poolPays);
                margin += _poolPays(pool, account, owed);
                // A claim instead of cash: what the fee lacks is waived.
                uint256 waived = owed - owed.min(margin);
                outcome.fee -= waived;
                margin = margin + waived - owed;
            } else {
                _poolReceives(pool, uint256(-outcome.poolPays));
            }
            _divideFee(pool, outcome.fee);
            if (outcome.badDebt != 0) _coverBadDebt(pool, book.id, outcome.badDebt);
            uint256 markets = _afterTrade(context.position, book, word.marketsOf());
            if (outcome.deferred != 0) margin += _defer(book, account, markets, outcome.deferred);
            outcome.margin = margin;
            _layout().accounts[account].saveTraded(word, margin, markets, volume);
        }
        return _layout().positions[account][book.id].save(context.position);
    }

    /// @param markets Those in which the account had positions.
    /// @return Those in which it has.
    function _afterTrade(Position memory position, Book memory book, uint256 markets) private view returns (uint256) {
        if (position.size == 0) {
            _endLife(position);
            return markets & ~(1 << book.id);
        }
        if (book.config.flags & DELEVERAGED != 0) {
            position.checkpoint = _checkpointOf(book.id, position.size > 0);
        }
        return markets | 1 << book.id;
    }

    // ---------------------------------------------------------------- leaving at once

    /// @inheritdoc IDerivativesEngine
    function closeNow(bytes32 account, uint256 market, uint256 size, uint96 limitPrice, bytes[] calldata update)
        external
        payable
        nonReentrant
    {
        _onlyOwner(account);
        require(size != 0, ZeroSize());
        Book memory book = _openBook(market)[0];
        _checkLive(book);
        _checkPause(book.pool, 1);
        uint256 word = _layout().accounts[account].load();
        uint256 pending = _pendingOf(word);
        require(pending == 0, OrdersPending(pending, 0));
        _presentPrice(book, update, PriceUse.CloseNow);

        _closeAtOnce(book, account, word, size, limitPrice);
        _save(book);
    }

    function _closeAtOnce(Book memory book, bytes32 account, uint256 word, uint256 size, uint256 limitPrice) private {
        TradeContext memory context = _newContext(book)[0];
        _prepare(context, book, account, word);
        Trade memory trade = context.trade;
        bool buys = context.position.size < 0;
        size = size.min(type(uint88).max);
        trade.sizeDelta = buys ? int256(size) : -int256(size);
        (trade.limitPrice, trade.reduceOnly) = (limitPrice, true);
        trade.spread = LiquidationMath.closingSpread(book.price, buys);
        Outcome memory outcome = BookMemory.newOutcome()[0];
        TradeMath.attempt(outcome, context, false);
        require(outcome.failure == Failure.None, TradeFailed(outcome.failure));
        uint256 position = _apply(outcome, context, book, account, word, word.volumeOf());
        (uint256 change, uint256 paid) = _words(outcome);
        emit PositionClosed(book.id, account, change, position, paid, outcome.poolPays);
    }

    // ---------------------------------------------------------------- liquidation

    /// @inheritdoc IDerivativesEngine
    function liquidate(bytes32, bytes[] calldata) external payable {
        _delegate(_liquidator);
    }

    /// @inheritdoc IDerivativesEngine
    function liquidateMany(bytes32[] calldata, bytes[] calldata) external payable {
        _delegate(_liquidator);
    }

    // ---------------------------------------------------------------- internals

    /// @dev Roles are kept by the extension, on this address.
    function _authorizeUpgrade(address) internal view override {
        bool permitted = IAccessControl(address(this)).hasRole(UPGRADER_ROLE, msg.sender);
        require(permitted, IAccessControl.AccessControlUnauthorizedAccount(msg.sender, UPGRADER_ROLE));
    }

    /// @dev Everything else is the extension's.
    fallback() external payable {
        _delegate(_extension);
    }
}
