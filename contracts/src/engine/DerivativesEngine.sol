// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDerivativesEngine} from "../interfaces/IDerivativesEngine.sol";
import {IPriceOracle, Price, PriceUse} from "../interfaces/IPriceOracle.sol";
import {FeeMath} from "../libraries/FeeMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {MarginMath, Portfolio} from "../libraries/MarginMath.sol";
import {Outcome, Trade, TradeMath} from "../libraries/TradeMath.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {Account, Failure, Market, Order, Pool, Position, Queue, QueueItem} from "./EngineTypes.sol";
import {WordStore} from "./WordStore.sol";

/// @title The exchange: accounts, orders, fills, immediate close, liquidation. It alone holds the tokens.
/// @dev Liquidation lives in {Liquidator} and cold operations in {EngineExtension}, each reached by one delegatecall on this
/// storage.
contract DerivativesEngine is EngineStorage, UUPSUpgradeable, IDerivativesEngine {
    using FixedPoint for uint256;
    using FixedPoint for int256;
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
        Queue memory queue = $.queues[market];
        require(queue.tail - queue.head < RING, QueueFull(queue.tail - queue.head, RING));
        uint256 fee = uint256(queue.keeperFeeCents) * 1e16;
        for (uint256 i; i < count; ++i) {
            _commitOne(market, flags, orders[i], fee);
        }
        index = queue.tail++;
        // Paid out of margins: at most MAX_CUSTODY.
        queue.escrow = uint96(queue.escrow + fee * count);
        $.queues[market].save(queue);
        // At most 32 orders; the clock fits 32 bits until 2106.
        $.items[market][index % RING] = QueueItem(
            _digest(market, index, block.timestamp, orders), uint8(count), queue.keeperFeeCents, uint32(block.timestamp)
        );
        emit BatchCommitted(market, index, queue.keeperFeeCents, orders);
    }

    /// @dev Realised margin must cover the fee and, for the part that opens, the initial margin at the index: against
    /// floods. What decides is the check at settlement.
    function _commitOne(uint256 market, uint256 flags, Order calldata order, uint256 fee) private {
        _onlyOwner(order.account);
        require(order.sizeDelta != 0, ZeroSize());
        Layout storage $ = _layout();
        Account memory stored = $.accounts[order.account];
        uint256 pending = _pendingOf(stored);
        require(pending < MAX_PENDING, OrdersPending(pending, MAX_PENDING));
        uint256 required = fee;
        if (!order.reduceOnly) {
            int256 size = flags & DELEVERAGED == 0
                ? $.positions[order.account][market].size
                : _loadPosition(order.account, market, flags).size;
            int256 delta = order.sizeDelta;
            uint256 opening = delta.abs();
            if (size != 0 && (size > 0) != (delta > 0)) opening -= opening.min(size.abs());
            required += opening.mulDivUp(
                uint256($.markets[market].index) * $.configs[market].initialMarginBps,
                FixedPoint.RAW_PER_WAD * FixedPoint.BPS
            );
        }
        require(stored.margin >= required, MarginTooLow(stored.margin, required));
        // Below what it was: the fee is at most the margin.
        stored.margin = uint96(stored.margin - fee);
        // At most 8.
        stored.pending = uint8(pending + 1);
        // Never more than it was.
        stored.volume = uint24(FeeMath.decayed(stored.volume, stored.committedAt, block.timestamp));
        // Fits until 2106.
        stored.committedAt = uint32(block.timestamp);
        $.accounts[order.account].save(stored);
    }

    /// @inheritdoc IDerivativesEngine
    function settle(uint256 market, Order[][] calldata batches, bytes[] calldata update) external payable nonReentrant {
        Book memory book = _open(market);
        _checkLive(book);
        _checkPause(book.pool, 1);
        Layout storage $ = _layout();
        Queue memory queue = $.queues[market];
        require(queue.head < queue.tail, QueueEmpty(market));
        uint256 committedAt = $.items[market][queue.head % RING].committedAt;
        require(
            block.timestamp <= committedAt + INCLUSION_WINDOW,
            WindowEnded(block.timestamp, committedAt + INCLUSION_WINDOW)
        );
        book.price = _oracle.settlementPrice{value: msg.value}(
            market, update, committedAt + PRICE_DELAY, committedAt + PRICE_WINDOW, msg.sender
        );
        require(book.price.hi <= MAX_PRICE, PriceTooLarge(book.price.hi, MAX_PRICE));
        _acceptIndex(book.market, book.price);

        uint256 toKeeper;
        uint256 toInsurance;
        for (uint256 i; i < batches.length; ++i) {
            uint256 feeCents = _checkBatch(market, queue, batches[i], committedAt);
            (uint256 filled, uint256 failed) = _settleBatch(book, batches[i], queue.head, committedAt);
            uint256 half = failed * feeCents * 5e15;
            toKeeper += filled * feeCents * 1e16 + half;
            toInsurance += half;
            ++queue.head;
        }
        // Below what it was.
        queue.escrow = uint96(queue.escrow - toKeeper - toInsurance);
        $.queues[market].save(queue);
        _insure(book.pool, toInsurance);
        _save(book);
        _credit(msg.sender, toKeeper);
    }

    function _checkBatch(uint256 market, Queue memory queue, Order[] calldata orders, uint256 committedAt)
        private
        view
        returns (uint256 feeCents)
    {
        require(queue.head < queue.tail, QueueEmpty(market));
        QueueItem memory item = _layout().items[market][queue.head % RING];
        require(item.committedAt == committedAt, CommitTimeMismatch(item.committedAt, committedAt));
        require(item.digest == _digest(market, queue.head, committedAt, orders), BatchMismatch(queue.head));
        return item.feeCents;
    }

    function _digest(uint256 market, uint256 index, uint256 committedAt, Order[] calldata orders)
        private
        pure
        returns (uint200)
    {
        // 56 bits are shifted out.
        return uint200(uint256(keccak256(abi.encode(market, index, committedAt, orders))) >> 56);
    }

    function _settleBatch(Book memory book, Order[] calldata orders, uint256 index, uint256 committedAt)
        private
        returns (uint256 filled, uint256 failed)
    {
        for (uint256 i; i < orders.length; ++i) {
            if (_settleOne(book, orders[i], index, committedAt)) ++filled;
            else ++failed;
        }
    }

    function _settleOne(Book memory book, Order calldata order, uint256 index, uint256 committedAt)
        private
        returns (bool filled)
    {
        Account memory stored = _layout().accounts[order.account];
        // A later commit after this order's window cannot exist while its settlement is still in time.
        --stored.pending;
        Position memory position = _loadPosition(order.account, book.id, book.config.flags);
        Outcome memory outcome;
        if (committedAt <= stored.purgedAt) outcome.failure = Failure.Purged;
        else outcome = _tryOrder(book, order, stored, position);

        if (outcome.failure != Failure.None) {
            _layout().accounts[order.account].save(stored);
            emit OrderFailed(book.id, order.account, index, outcome.failure, stored.margin, outcome.required);
            return false;
        }
        unchecked {
            // A size is below 2^87 and a price too; the volume stays at its field's maximum.
            stored.volume = uint24(FeeMath.grown(stored.volume, outcome.sizeDelta.abs() * book.price.mid));
        }
        _apply(book, order.account, stored, position, outcome);
        emit OrderFilled(
            book.id,
            order.account,
            index,
            outcome.sizeDelta,
            outcome.cost,
            outcome.fee,
            outcome.poolPays,
            position.size,
            position.cash,
            stored.margin
        );
        return true;
    }

    function _tryOrder(Book memory book, Order calldata order, Account memory stored, Position memory position)
        private
        view
        returns (Outcome memory outcome)
    {
        bool buys = order.sizeDelta > 0;
        Price memory price = book.price;
        Trade memory trade = Trade({
            sizeDelta: order.sizeDelta,
            limitPrice: order.limitPrice,
            price: price.mid,
            spread: buys ? price.hi - price.mid : price.mid - price.lo,
            adverseLong: price.lo,
            adverseShort: price.hi,
            reduceOnly: order.reduceOnly,
            opening: book.pool.pauseLevel == 0 && book.config.flags & REDUCE_ONLY == 0
        });
        return _try(book, order.account, stored, position, trade);
    }

    /// @dev Books a filled trade: cash between pool and margin, the fee, bad debt, the account and the position.
    function _apply(
        Book memory book,
        bytes32 account,
        Account memory stored,
        Position memory position,
        Outcome memory outcome
    ) private {
        Layout storage $ = _layout();
        uint256 margin = outcome.margin;
        if (outcome.poolPays > 0) {
            uint256 owed = uint256(outcome.poolPays);
            margin += _poolPays(book.pool, account, owed);
            // A claim instead of cash: what the fee lacks is waived.
            uint256 waived = owed - owed.min(margin);
            outcome.fee -= waived;
            margin = margin + waived - owed;
        } else {
            _poolReceives(book.pool, uint256(-outcome.poolPays));
        }
        _divideFee(book.pool, outcome.fee);
        _coverBadDebt(book.pool, book.id, outcome.badDebt);
        if (position.size == 0) {
            // Never more bits than there were.
            stored.markets = uint64(stored.markets & ~(1 << book.id));
            _endLife(position);
        } else {
            // The id is below MAX_MARKETS, 64.
            stored.markets = uint64(stored.markets | 1 << book.id);
            if (book.config.flags & DELEVERAGED != 0) {
                position.checkpoint = _checkpointOf(book.id, position.size > 0);
            }
        }
        if (outcome.deferred != 0) margin += _defer(book, account, stored.markets, outcome.deferred);
        // A part of custody: at most MAX_CUSTODY.
        stored.margin = uint96(margin);
        $.accounts[account].save(stored);
        $.positions[account][book.id].save(position);
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
        Book memory book = _open(market);
        _checkLive(book);
        _checkPause(book.pool, 1);
        Account memory stored = _layout().accounts[account];
        uint256 pending = _pendingOf(stored);
        require(pending == 0, OrdersPending(pending, 0));
        Position memory position = _loadPosition(account, market, book.config.flags);
        _presentPrice(book, update, PriceUse.CloseNow);

        bool buys = position.size < 0;
        size = size.min(type(uint88).max);
        Trade memory trade = Trade({
            sizeDelta: buys ? int256(size) : -int256(size),
            limitPrice: limitPrice,
            price: book.price.mid,
            spread: LiquidationMath.closingSpread(book.price, buys),
            adverseLong: book.price.lo,
            adverseShort: book.price.hi,
            reduceOnly: true,
            opening: false
        });
        Outcome memory outcome = _try(book, account, stored, position, trade);
        require(outcome.failure == Failure.None, TradeFailed(outcome.failure));
        _apply(book, account, stored, position, outcome);
        _save(book);
        emit PositionClosed(
            market,
            account,
            outcome.sizeDelta,
            outcome.cost,
            outcome.fee,
            outcome.poolPays,
            position.size,
            position.cash,
            stored.margin
        );
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
