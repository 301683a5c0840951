// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FeeMath} from "../libraries/FeeMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingMath} from "../libraries/FundingMath.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {OrderWords} from "../libraries/OrderWords.sol";
import {TradeMath} from "../libraries/TradeMath.sol";
import {BookMemory} from "./BookMemory.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {Account, Delegation, Pin, Position, Refusal} from "./EngineTypes.sol";
import {WordStore} from "./WordStore.sol";

/// @notice A batch while its orders are taken.
/// @param market Whose queue.
/// @param place The first slot of all that is stored of it.
/// @param queue The queue's word.
/// @param words Where in memory the batch's market, place, time and orders lie, one after the other.
/// @param end Where the next order's words come.
/// @param others Of an account's word the bits of all markets but this one.
/// @param refusal Why the last order that was not taken was not.
/// @param actual What there was.
/// @param limit What there should have been.
struct Intake {
    uint256 market;
    uint256 place;
    uint256 queue;
    uint256 words;
    uint256 end;
    uint256 others;
    Refusal refusal;
    uint256 actual;
    uint256 limit;
}

/// @notice How orders are taken, whoever brings them: everything that is checked and used up at the commit.
abstract contract OrderTaking is EngineStorage {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using OrderWords for uint256;
    using WordStore for *;

    /// @dev Of pending orders, shifted to bit 0 and XORed with a market: what is set in their market's bits when they are of
    /// another, and in their number's when there are eight.
    uint256 private constant ELSEWHERE_OR_FULL = 8 << 6 | 63;
    /// @dev {Delegation-permissions}.
    uint256 internal constant MAY_OPEN = 1;
    uint256 internal constant MAY_REDUCE = 2;
    uint256 internal constant MAY_CLOSE_NOW = 4;

    /// @dev Opens a batch of at most `most` orders.
    /// @return intakes One, as the one element of a list: see {BookMemory}.
    function _begin(uint256 market, uint256 most) internal view returns (Intake[] memory intakes) {
        require(most != 0 && most <= MAX_BATCH, BatchSize(most, MAX_BATCH));
        MarketSlots storage slots = _layout().markets[market];
        uint256 queue = slots.queue.load();
        if (queue.marginPerUnitOf() == 0) _refuseMarket(market);
        uint256 index = queue.tailOf();
        require(index - queue.headOf() < RING, QueueFull(index - queue.headOf(), RING));
        assembly ("memory-safe") {
            intakes := mload(0x40)
            let intake := add(intakes, 0x40)
            let words := add(intake, 0x120)
            mstore(intakes, 1)
            mstore(add(intakes, 0x20), intake)
            mstore(intake, market)
            mstore(add(intake, 0x20), slots.slot)
            mstore(add(intake, 0x40), queue)
            mstore(add(intake, 0x60), words)
            mstore(add(intake, 0x80), add(words, 0x60))
            mstore(add(intake, 0xa0), and(not(shl(add(market, 128), 1)), shl(128, 0xffffffffffffffff)))
            mstore(words, market)
            mstore(add(words, 0x20), index)
            mstore(add(words, 0x40), timestamp())
            mstore(0x40, add(words, add(0x60, mul(most, 0x60))))
        }
    }

    /// @dev Puts the orders taken at the queue's end: their hash, with place and time, in one slot.
    /// @return index The batch's place.
    function _finish(Intake memory intake) internal returns (uint256 index) {
        (uint256 market, uint256 queue) = (intake.market, intake.queue);
        (uint256 words, uint256 end, uint256 feeCents) = (intake.words, intake.end, queue.feeCentsOf());
        index = queue.tailOf();
        uint256 digest;
        uint256 count;
        assembly ("memory-safe") {
            digest := shr(56, keccak256(words, sub(end, words)))
            count := div(sub(end, add(words, 0x60)), 0x60)
        }
        MarketSlots storage slots;
        assembly ("memory-safe") {
            slots.slot := mload(add(intake, 0x20))
        }
        // At most 32 orders; the clock fits 32 bits until 2106.
        slots.items[index % RING].save(digest, count, feeCents, block.timestamp);
        unchecked {
            // Paid out of margins: at most MAX_CUSTODY.
            slots.queue.saveAppended(queue, feeCents * 1e16 * count);
        }
        bytes32 topic = BatchCommitted.selector;
        assembly ("memory-safe") {
            // As an array is encoded: where it begins, how many, each.
            let data := add(words, 0x20)
            mstore(data, 0x20)
            mstore(add(words, 0x40), count)
            log2(data, sub(end, data), topic, or(or(index, shl(40, feeCents)), shl(56, market)))
        }
    }

    /// @dev Says why a market takes no orders.
    function _refuseMarket(uint256 market) private view {
        uint256 flags = _layout().markets[market].config.flags;
        require(flags & LISTED != 0, UnknownMarket(market));
        require(flags & SETTLED == 0, MarketSettled(market));
        revert Paused(2, 1);
    }

    /// @dev Takes an order, or says in the intake why not and changes nothing but pins, which are whoever makes them the same.
    /// @param signer Who committed or signed it: the owner or a delegate.
    /// @param signed Whether it uses up its nonce or its second.
    function _take(Intake memory intake, bytes32 account, uint256 terms, uint256 extras, address signer, bool signed)
        internal
        returns (bool)
    {
        // The lower 96 bits are the sub-account.
        if (uint96(uint256(account)) == EARNINGS) {
            return _refuse(intake, Refusal.AccountOfEarnings, EARNINGS, EARNINGS - 1);
        }
        bool plain = OrderWords.isPlain(terms, extras);
        if (!plain && !_checkWords(intake, terms, extras)) return false;
        Account storage stored = _layout().accounts[account].account;
        uint256 word = _aged(stored.load(), intake.market);
        uint256 nonces;
        if (signed) {
            if (terms.flagsOf() & OrderWords.MOMENT != 0) {
                word = _useMoment(intake, word, terms);
                if (word == 0) return false;
            } else {
                nonces = _useNonce(intake, account, terms.nonceOf());
                if (nonces == 0) return false;
            }
        } else if (terms.nonceOf() != 0) {
            // Released, it would free what another order has used up.
            return _refuse(intake, Refusal.TermsInvalid, terms.nonceOf(), 0);
        }
        if ((word >> 222 ^ intake.market) & ELSEWHERE_OR_FULL != 0) return _refuseFurther(intake, word);
        if (extras | word & intake.others != 0) {
            if (!_checkExtras(intake, account, terms, extras) || !_pinOthers(intake, word, terms)) return false;
        }
        // A fee of 16 bits of cents; the margin covers it.
        unchecked {
            uint256 fee = intake.queue.feeCentsOf() * 1e16;
            if (!plain || word.marginOf() < fee + _initialOf(intake, terms.sizeDeltaOf())) {
                if (!_checkMargin(intake, account, terms, word.marginOf(), fee)) return false;
            }
            if (signer != _ownerOf(account) && !_spendOnOrder(intake, account, signer, terms)) return false;
            stored.saveWord(word + WordStore.ONE_PENDING - fee);
        }
        if (nonces != 0) _layout().accounts[account].nonces[terms.nonceOf() >> 8] = nonces;
        assembly ("memory-safe") {
            let end := mload(add(intake, 0x80))
            mstore(end, account)
            mstore(add(end, 0x20), terms)
            mstore(add(end, 0x40), extras)
            mstore(add(intake, 0x80), add(end, 0x60))
        }
        return true;
    }

    /// @dev Reverts with what refused the last order.
    function _throw(Intake memory intake) internal pure {
        revert OrderRefused(intake.refusal, intake.actual, intake.limit);
    }

    function _refuse(Intake memory intake, Refusal refusal, uint256 actual, uint256 limit)
        internal
        pure
        returns (bool)
    {
        (intake.refusal, intake.actual, intake.limit) = (refusal, actual, limit);
        return false;
    }

    /// @dev What the words and the clock decide.
    function _checkWords(Intake memory intake, uint256 terms, uint256 extras) private view returns (bool) {
        if (terms.sizeDeltaOf() == 0) return _refuse(intake, Refusal.ZeroSize, 0, 1);
        if (!OrderWords.isSound(terms, extras)) return _refuse(intake, Refusal.TermsInvalid, terms.flagsOf(), 0);
        uint256 deadline = terms.deadlineOf();
        if (deadline == 0 || block.timestamp <= deadline) return true;
        return _refuse(intake, Refusal.DeadlinePassed, block.timestamp, deadline);
    }

    /// @dev Says why an account may have no further order now.
    function _refuseFurther(Intake memory intake, uint256 word) private pure returns (bool) {
        uint256 market = word.marketOf();
        if (market != intake.market) return _refuse(intake, Refusal.OrdersElsewhere, market, intake.market);
        return _refuse(intake, Refusal.OrdersPending, MAX_PENDING, MAX_PENDING);
    }

    /// @dev Pins the account's other markets: at the order's settlement they are worth what they are now. What can open asks
    /// that their indices are not old.
    function _pinOthers(Intake memory intake, uint256 word, uint256 terms) private returns (bool) {
        bool opens = OrderWords.mayOpen(terms);
        Book memory book = BookMemory.newBook()[0];
        uint256 markets = (word & intake.others) >> 128;
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            uint256 age = _pin(book, id);
            if (opens && age > MarginMath.MAX_INDEX_AGE) {
                return _refuse(intake, Refusal.IndexStale, age, MarginMath.MAX_INDEX_AGE);
            }
        }
        return true;
    }

    /// @dev Pins a market for this second, unless it is: what comes within a second after its first pin changes none.
    /// @param book Overwritten.
    /// @return age Of the index that is pinned, seconds.
    function _pin(Book memory book, uint256 id) private returns (uint256 age) {
        MarketSlots storage slots = _layout().markets[id];
        Pin storage pin = slots.pins[block.timestamp % PINS];
        uint256 word = pin.load();
        if (word.pinnedAtOf() == block.timestamp) return word.ageOf();
        slots.config.load(book.config);
        slots.market.load(book.market);
        if (book.config.flags & SETTLED == 0) {
            // No order is taken while the clock of funding stands still.
            FundingMath.accrue(book.market, book.config, block.timestamp);
            age = (block.timestamp - block.timestamp.min(book.market.indexAt)).min(type(uint24).max);
        }
        pin.save(book.market, block.timestamp, age);
    }

    /// @dev An account as it is at a commit now, before it: what was counted from its last commit is counted from now, and
    /// where no order pends the market is the commit's.
    /// @param word All of the account.
    /// @return Likewise.
    function _aged(uint256 word, uint256 market) private view returns (uint256) {
        // No commit lies in the future, and what is shifted and added has 24 and 6 bits.
        unchecked {
            uint256 elapsed = block.timestamp - word.committedAtOf();
            uint256 volume = FeeMath.decayed(word.volumeOf(), block.timestamp - elapsed, block.timestamp);
            // No order of so long ago can still be settled, nor therefore be purged.
            if (elapsed > INCLUSION_WINDOW) return word.aged(block.timestamp, 0, PURGED_NOTHING | market << 6, volume);
            uint256 moments = elapsed < OrderWords.MOMENT_SPAN ? word.momentsOf() << elapsed & type(uint24).max : 0;
            uint256 purge = (word.purgeOf() + elapsed).min(PURGED_NOTHING);
            uint256 pending = word.pendingOf();
            if (pending != 0) market = word.marketOf();
            return word.aged(block.timestamp, moments, purge | market << 6 | pending << 12, volume);
        }
    }

    /// @return nonces The word of the order's nonce with it; zero when it is used.
    function _useNonce(Intake memory intake, bytes32 account, uint256 nonce) private view returns (uint256 nonces) {
        // A nonce has 24 bits.
        unchecked {
            uint256 bit = 1 << (nonce & 255);
            nonces = _layout().accounts[account].nonces[nonce >> 8];
            if (nonce != 0 && nonces & bit == 0) return nonces | bit;
            _refuse(intake, Refusal.NonceUsed, nonce, 0);
            return 0;
        }
    }

    /// @param word All of the account, as it is now.
    /// @return With the order's second used; zero when it was.
    function _useMoment(Intake memory intake, uint256 word, uint256 terms) private view returns (uint256) {
        // A deadline is at least now, since one that has passed was refused; from none it is far too many seconds.
        unchecked {
            uint256 deadline = terms.deadlineOf();
            uint256 left = deadline - block.timestamp;
            if (left < OrderWords.MOMENT_SPAN) {
                uint256 moment = WordStore.PRESENT_MOMENT << OrderWords.MOMENT_SPAN - 1 - left;
                if (word & moment == 0) return word | moment;
            }
            _refuse(intake, Refusal.NonceUsed, deadline, 0);
            return 0;
        }
    }

    /// @dev The builder must be approved, the trigger be met at the index.
    function _checkExtras(Intake memory intake, bytes32 account, uint256 terms, uint256 extras)
        private
        view
        returns (bool)
    {
        uint256 fee = extras.builderFeeOf();
        if (fee != 0) {
            uint256 most = _layout().builderFees[_ownerOf(account)][extras.builderOf()];
            if (fee > most) return _refuse(intake, Refusal.BuilderNotApproved, fee, most);
        }
        if (terms.flagsOf() & OrderWords.TRIGGERED == 0) return true;
        uint256 index = _layout().markets[intake.market].market.index;
        if (OrderWords.isTriggered(terms, extras, index)) return true;
        return _refuse(intake, Refusal.TriggerNotMet, index, extras.triggerPriceOf());
    }

    /// @dev Realised margin must cover the fee and, for the part that opens, the initial margin when the market was last
    /// settled: against floods. What decides is the check at settlement.
    function _checkMargin(Intake memory intake, bytes32 account, uint256 terms, uint256 margin, uint256 fee)
        private
        view
        returns (bool)
    {
        // Sizes of 88 bits, margins of 64 for a unit, fees of 16 bits of cents.
        unchecked {
            Position memory position = _positionOf(account, intake.market);
            int256 sizeDelta = terms.sizeDeltaOf();
            uint256 flags = terms.flagsOf();
            if (flags & OrderWords.ATTACHED != 0) {
                if (position.size == 0 || position.generation != terms.generationOf()) {
                    return _refuse(intake, Refusal.PositionEnded, position.generation, terms.generationOf());
                }
                sizeDelta = OrderWords.partOf(position.size, sizeDelta);
            }
            uint256 required = fee;
            if (flags & OrderWords.REDUCE_ONLY == 0) {
                required += _initialOf(intake, sizeDelta - TradeMath.closingPart(position.size, sizeDelta));
            }
            return margin >= required || _refuse(intake, Refusal.MarginTooLow, margin, required);
        }
    }

    function _positionOf(bytes32 account, uint256 market) internal view returns (Position memory) {
        return _loadPosition(account, market, _layout().markets[market].config.flags);
    }

    /// @return USD, 18 decimals, rounded up.
    function _initialOf(Intake memory intake, int256 opening) private pure returns (uint256) {
        unchecked {
            // 12 and 10 decimals, of 88 and 64 bits.
            return (opening.abs() * intake.queue.marginPerUnitOf()).divUp(1e4);
        }
    }

    // ---------------------------------------------------------------- delegates

    /// @dev Uses up a delegate's allowance of the day for an order.
    function _spendOnOrder(Intake memory intake, bytes32 account, address delegate, uint256 terms)
        private
        returns (bool)
    {
        int256 sizeDelta = terms.sizeDeltaOf();
        if (terms.flagsOf() & OrderWords.ATTACHED != 0) {
            sizeDelta = OrderWords.partOf(_positionOf(account, intake.market).size, sizeDelta);
        }
        uint256 needed = terms.flagsOf() & OrderWords.REDUCE_ONLY == 0 ? MAY_OPEN : MAY_REDUCE;
        (intake.refusal, intake.actual, intake.limit) =
            _spend(_ownerOf(account), delegate, intake.market, needed, sizeDelta.abs());
        return intake.refusal == Refusal.None;
    }

    /// @dev Uses up a delegate's allowance of the day, at the index.
    /// @param needed Bit of {Delegation-permissions}.
    /// @param size Base units, 12 decimals.
    /// @return None, or why it may not; then nothing has changed.
    function _spend(address owner, address delegate, uint256 market, uint256 needed, uint256 size)
        internal
        returns (Refusal, uint256, uint256)
    {
        Delegation storage stored = _layout().delegations[owner][delegate];
        Delegation memory delegation = stored;
        bool permitted = block.timestamp < delegation.expiry && delegation.markets >> market & 1 != 0
            && delegation.permissions & needed != 0;
        if (!permitted) return (Refusal.DelegateNotPermitted, delegation.permissions, needed);
        uint256 today = block.timestamp / FeeMath.DAY;
        uint256 spent = delegation.day == today ? delegation.spent : 0;
        // Whole USD, rounded up.
        spent += (size * _layout().markets[market].market.index).divUp(FixedPoint.WAD * FixedPoint.RAW_PER_WAD);
        if (spent > delegation.dailyLimit) return (Refusal.DelegateLimit, spent, delegation.dailyLimit);
        // At most the limit, 48 bits; days fit 32 bits.
        (stored.spent, stored.day) = (uint48(spent), uint32(today));
        return (Refusal.None, 0, 0);
    }
}
