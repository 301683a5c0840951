// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDerivativesEngine} from "../interfaces/IDerivativesEngine.sol";
import {IPriceOracle, PriceState, PriceUse} from "../interfaces/IPriceOracle.sol";
import {FeeMath} from "../libraries/FeeMath.sol";
import {FillMath} from "../libraries/FillMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {OrderWords} from "../libraries/OrderWords.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {Outcome, Trade, TradeContext, TradeMath} from "../libraries/TradeMath.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {Intake, OrderTaking} from "./OrderTaking.sol";
import {BookMemory, Settling} from "./BookMemory.sol";
import {Account, Failure, Order, Pool, Position, Refusal, SignedOrder} from "./EngineTypes.sol";
import {OracleCall} from "./OracleCall.sol";
import {WordStore} from "./WordStore.sol";

/// @title The exchange: accounts, orders, fills, immediate close, liquidation. It alone holds the tokens.
/// @dev Liquidation lives in {Liquidator} and cold operations in {EngineExtension}, each reached by one delegatecall on this
/// storage.
contract DerivativesEngine is OrderTaking, UUPSUpgradeable, IDerivativesEngine {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using OracleCall for IPriceOracle;
    using OrderWords for uint256;
    using WordStore for *;

    address private immutable _extension;
    address private immutable _liquidator;
    address private immutable _desk;

    constructor(IPriceOracle oracle_, IERC20 asset_, address extension_, address liquidator_, address desk_)
        EngineStorage(oracle_, asset_)
    {
        (_extension, _liquidator, _desk) = (extension_, liquidator_, desk_);
    }

    // ---------------------------------------------------------------- collateral

    /// @inheritdoc IDerivativesEngine
    function deposit(bytes32 account, uint256 assets) external nonReentrant {
        require(assets != 0, ZeroAmount());
        Account storage stored = _layout().accounts[account].account;
        _checkIdle(stored.load());
        uint256 amount = _takeCustody(assets);
        // At most MAX_CUSTODY, which every margin is a part of.
        uint256 margin = stored.addMargin(amount);
        emit Deposited(account, msg.sender, amount, margin);
        _pull(msg.sender, assets);
    }

    // ---------------------------------------------------------------- orders

    /// @inheritdoc IDerivativesEngine
    function commit(uint256 market, Order[] calldata orders) external notEntered returns (uint256) {
        Intake memory intake = _begin(market, orders.length)[0];
        for (uint256 i; i < orders.length; ++i) {
            Order calldata order = orders[i];
            if (!_take(intake, order.account, order.terms, order.extras, msg.sender, false)) _throw(intake);
        }
        return _finish(intake);
    }

    /// @inheritdoc IDerivativesEngine
    function commitSigned(uint256, SignedOrder[] calldata, bytes[] calldata) external returns (uint256) {
        _delegate(_desk);
    }

    /// @inheritdoc IDerivativesEngine
    function settle(uint256 market, Order[][] calldata batches, bytes[] calldata update) external payable nonReentrant {
        Book memory book = _openBook(market)[0];
        _checkLive(book);
        _checkPause(book.pool, 1);
        MarketSlots storage slots = _slotsOf(book);
        uint256 word = slots.queue.load();
        uint256 head = word.headOf();
        require(head < word.tailOf(), QueueEmpty(market));
        uint256 committedAt = slots.items[head % RING].committedAt;
        uint256 end = committedAt + INCLUSION_WINDOW;
        require(block.timestamp <= end, WindowEnded(block.timestamp, end));
        book.price = _oracle.settlementPrice(market, update, committedAt + PRICE_DELAY, committedAt + PRICE_WINDOW)[0];
        require(book.price.hi <= MAX_PRICE, PriceTooLarge(book.price.hi, MAX_PRICE));
        _acceptIndex(book.market, book.price);

        Settling memory settling = BookMemory.newSettling()[0];
        (settling.book, settling.index, settling.committedAt) = (book, head, committedAt);
        _settleBatches(settling, batches, word.tailOf());
        slots.queue
            .saveSettled(
                word,
                settling.index,
                word.escrowOf() - settling.toKeeper - settling.toInsurance - settling.released,
                MarginMath.perUnit(book.market.index, book.config.initialMarginBps)
            );
        _saveSettled(settling);
    }

    /// @dev The keeper's fees are told with the market, so that there is one event less.
    function _saveSettled(Settling memory settling) private {
        Book memory book = settling.book;
        _insure(book.pool, settling.toInsurance);
        _layout().pool.save(book.pool);
        (uint256 interest, uint256 pricing, uint256 totals) = _slotsOf(book).market.save(book.market);
        // Money within 96 bits, as the custody is.
        unchecked {
            uint256 fees = settling.toKeeper;
            Account storage stored = _layout().accounts[_firstOf(msg.sender)].account;
            uint256 word = stored.load();
            if (_pendingOf(word) != 0) {
                _credit(msg.sender, fees);
                fees = 0;
            }
            stored.saveWord(word + fees);
            // Halves of cents within 64 bits.
            uint256 cash = book.pool.cash | (word + fees).marginOf() << 96 | fees / 5e15 << 192;
            emit BatchesSettled(book.id, msg.sender, interest, pricing, totals, cash);
        }
    }

    function _settleBatches(Settling memory settling, Order[][] calldata batches, uint256 tail) private {
        settling.context = _newContext(settling.book)[0];
        settling.outcome = BookMemory.newOutcome()[0];
        for (uint256 i; i < batches.length; ++i) {
            require(settling.index < tail, QueueEmpty(settling.book.id));
            Order[] calldata orders = batches[i];
            settling.halfFee = _checkBatch(settling, orders) * 5e15;
            for (uint256 j; j < orders.length; ++j) {
                _settleOne(settling, orders[j]);
            }
            ++settling.index;
        }
    }

    /// @return Keeper fee of each order, US cents.
    function _checkBatch(Settling memory settling, Order[] calldata orders) private view returns (uint256) {
        (uint256 index, uint256 expected) = (settling.index, settling.committedAt);
        (uint256 digest, uint256 feeCents, uint256 committedAt) = _slotsOf(settling.book).items[index % RING].load();
        require(committedAt == expected, CommitTimeMismatch(committedAt, expected));
        require(digest == _digest(settling.book.id, index, committedAt, orders), BatchMismatch(index));
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
            let size := mul(orders.length, 0x60)
            calldatacopy(add(data, 0x60), orders.offset, size)
            digest := shr(56, keccak256(data, add(0x60, size)))
        }
    }

    /// @dev An order that fills pays the keeper its fee, one that fails half of it and half of it insurance; one that is
    /// released gets it back. Unchecked: fees of 16 bits of cents, a part of the escrow.
    function _settleOne(Settling memory settling, Order calldata order) private {
        unchecked {
            bytes32 account = order.account;
            AccountSlots storage slots = _layout().accounts[account];
            // One order less is pending. A later commit after this order's window cannot exist while its settlement is still in
            // time.
            uint256 word = slots.account.load() - WordStore.ONE_PENDING;
            Outcome memory outcome = settling.outcome;
            if (settling.committedAt + word.purgeOf() <= word.committedAtOf()) {
                (outcome.failure, outcome.required) = (Failure.Purged, 0);
            } else if (!OrderWords.isTriggered(order.terms, order.extras, settling.book.price.mid)) {
                settling.released += 2 * settling.halfFee;
                slots.account.saveWord(word + 2 * settling.halfFee);
                _release(settling, account, order.terms);
                return;
            } else {
                _tryOrder(settling, slots, word, order.terms, order.extras);
            }
            if (outcome.failure == Failure.None) {
                settling.toKeeper += 2 * settling.halfFee;
                _fill(settling, account, word, order.extras);
            } else {
                settling.toKeeper += settling.halfFee;
                settling.toInsurance += settling.halfFee;
                slots.account.saveWord(word);
                emit OrderFailed(
                    settling.book.id, account, settling.index, outcome.failure, word.marginOf(), outcome.required
                );
            }
        }
    }

    /// @dev Its owner may have it committed again, by the same signature, unless he has cancelled it meanwhile.
    function _release(Settling memory settling, bytes32 account, uint256 terms) private {
        uint256 nonce = terms.nonceOf();
        if (nonce != 0) {
            AccountSlots storage slots = _layout().accounts[account];
            uint256 freed = (1 << (nonce & 255)) & ~slots.cancelled[nonce >> 8];
            slots.nonces[nonce >> 8] &= ~freed;
        }
        emit OrderReleased(settling.book.id, account, settling.index, nonce);
    }

    function _tryOrder(
        Settling memory settling,
        AccountSlots storage slots,
        uint256 word,
        uint256 terms,
        uint256 extras
    ) private view {
        TradeContext memory context = settling.context;
        _prepare(context, settling.book, slots, word, settling.committedAt);
        Trade memory trade = context.trade;
        trade.sizeDelta = terms.sizeDeltaOf();
        if (terms.flagsOf() & OrderWords.ATTACHED != 0) {
            Position memory position = context.position;
            trade.sizeDelta = OrderWords.partOf(position.size, trade.sizeDelta);
            if (position.generation != terms.generationOf() || trade.sizeDelta == 0) {
                (settling.outcome.failure, settling.outcome.required) = (Failure.PositionEnded, 0);
                return;
            }
        }
        (trade.limitPrice, trade.reduceOnly) = (terms.limitPriceOf(), terms.flagsOf() & OrderWords.REDUCE_ONLY != 0);
        trade.builderFee = extras.builderFeeOf();
        trade.spread = trade.sizeDelta > 0 ? trade.adverseShort - trade.price : trade.price - trade.adverseLong;
        TradeMath.attempt(settling.outcome, context);
    }

    function _fill(Settling memory settling, bytes32 account, uint256 word, uint256 extras) private {
        Outcome memory outcome = settling.outcome;
        uint256 volume;
        unchecked {
            // A size is below 2^87 and a price too; the volume stays at its field's maximum.
            volume = FeeMath.grown(word.volumeOf(), outcome.sizeDelta.abs() * settling.book.price.mid);
        }
        uint256 position = _apply(outcome, settling.context, settling.book, account, word, volume);
        (uint256 change, uint256 paid) = _words(outcome, settling.book.id);
        emit OrderFilled(account, change, position, paid | settling.index << 192, outcome.poolPays);
        if (outcome.builderFee != 0) _credit(extras.builderOf(), outcome.builderFee);
    }

    /// @return change As of {IEngineEvents-OrderFilled}.
    /// @return paid Likewise, without a place.
    function _words(Outcome memory outcome, uint256 market) private pure returns (uint256 change, uint256 paid) {
        // A trade's size is one of 88 bits; margin and fee are parts of the custody, which 96 bits hold.
        change = uint256(uint88(int88(outcome.sizeDelta))) | uint256(outcome.cost) << 88;
        paid = outcome.margin | outcome.fee << 96 | market << 232;
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
        if (!OracleCall.isBeyond(book.price, PriceState.Normal)) return contexts;
        if (OracleCall.isBeyond(book.price, PriceState.Strained)) trade.opening = false;
        // The book's own parameters, which no trade stores.
        else FillMath.halveCaps(book.config);
    }

    /// @dev Puts an account in the place of the last one.
    /// @param word All of the account.
    /// @param committedAt Seconds, when the order was: its other markets are worth what they were then. Zero: what they are.
    function _prepare(
        TradeContext memory context,
        Book memory book,
        AccountSlots storage slots,
        uint256 word,
        uint256 committedAt
    ) private view {
        slots.positions[book.id].load(context.position);
        if (book.config.flags & DELEVERAGED != 0) context.position = _loadPosition(slots, book.id, DELEVERAGED);
        (context.margin, context.allowance) = (word.marginOf(), FillMath.allowance(book.pool, book.config));
        context.discount = FeeMath.discount(word.volumeOf());
        MarginMath.clear(context.others);
        uint256 others = word.marketsOf() & ~(1 << book.id);
        if (others != 0) _portfolio(context.others, slots, others, book.pool, committedAt);
        if (book.pool.claimsOpen) context.others.value += int256(slots.claim.amount * FixedPoint.RAW_PER_WAD);
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
                outcome.builderFee -= waived.min(outcome.builderFee);
                margin = margin + waived - owed;
                // A profit by a price that is in doubt stays until it is not.
                bool doubtful = OracleCall.isBeyond(book.price, PriceState.Guarded);
                // At most 64 markets.
                if (doubtful) _layout().accounts[account].doubt.held |= uint64(1 << book.id);
            } else {
                _poolReceives(pool, uint256(-outcome.poolPays));
            }
            _divideFee(pool, outcome.fee - outcome.builderFee);
            if (outcome.badDebt != 0) _coverBadDebt(pool, book.id, outcome.badDebt);
            uint256 markets = _afterTrade(context.position, book, word.marketsOf(), outcome.sizeDelta);
            if (outcome.deferred != 0) margin += _defer(book, account, markets, outcome.deferred);
            outcome.margin = margin;
            AccountSlots storage slots = _layout().accounts[account];
            slots.account.saveTraded(word, margin, markets, volume);
            return slots.positions[book.id].save(context.position);
        }
    }

    /// @dev A life ends at no size and where the position turns to the other side.
    /// @param markets Those in which the account had positions.
    /// @param sizeDelta Of the trade.
    /// @return Those in which it has.
    function _afterTrade(Position memory position, Book memory book, uint256 markets, int256 sizeDelta)
        private
        view
        returns (uint256)
    {
        int256 size = position.size;
        if (size == 0) {
            _endLife(position);
            return markets & ~(1 << book.id);
        }
        if (size > 0 ? sizeDelta > size : sizeDelta < size) _endLife(position);
        if (book.config.flags & DELEVERAGED != 0) position.checkpoint = _checkpointOf(book.id, size > 0);
        return markets | 1 << book.id;
    }

    // ---------------------------------------------------------------- leaving at once

    /// @inheritdoc IDerivativesEngine
    function closeNow(bytes32 account, uint256 market, uint256 size, uint96 limitPrice, bytes[] calldata update)
        external
        payable
        nonReentrant
    {
        address owner = _ownerOf(account);
        bool permitted = msg.sender == owner || _layout().delegations[owner][msg.sender].expiry != 0;
        require(permitted, NotAccountOwner(msg.sender, owner));
        require(size != 0, ZeroSize());
        Book memory book = _openBook(market)[0];
        if (msg.sender != owner) _spendOnClose(owner, account, market, size);
        _checkLive(book);
        _checkPause(book.pool, 1);
        uint256 word = _layout().accounts[account].account.load();
        _checkIdle(word);
        _presentPrice(book, update, PriceUse.CloseNow);

        _closeAtOnce(book, account, word, size, limitPrice);
        _save(book);
    }

    /// @dev Uses up the allowance of a delegate who closes.
    function _spendOnClose(address owner, bytes32 account, uint256 market, uint256 size) private {
        size = size.min(int256(_positionOf(account, market).size).abs());
        (Refusal reason, uint256 actual, uint256 limit) = _spend(owner, msg.sender, market, MAY_CLOSE_NOW, size);
        require(reason == Refusal.None, OrderRefused(reason, actual, limit));
    }

    function _closeAtOnce(Book memory book, bytes32 account, uint256 word, uint256 size, uint256 limitPrice) private {
        TradeContext memory context = _newContext(book)[0];
        _prepare(context, book, _layout().accounts[account], word, 0);
        Trade memory trade = context.trade;
        bool buys = context.position.size < 0;
        size = size.min(type(uint88).max);
        trade.sizeDelta = buys ? int256(size) : -int256(size);
        (trade.limitPrice, trade.reduceOnly) = (limitPrice, true);
        trade.spread = LiquidationMath.closingSpread(book.price, buys);
        Outcome memory outcome = BookMemory.newOutcome()[0];
        TradeMath.attempt(outcome, context);
        require(outcome.failure == Failure.None, TradeFailed(outcome.failure));
        uint256 position = _apply(outcome, context, book, account, word, word.volumeOf());
        (uint256 change, uint256 paid) = _words(outcome, book.id);
        emit PositionClosed(account, change, position, paid, outcome.poolPays);
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

    /// @inheritdoc IDerivativesEngine
    function flag(bytes32, bytes[] calldata) external payable {
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
