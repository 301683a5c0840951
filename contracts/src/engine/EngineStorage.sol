// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEngineErrors} from "../interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../interfaces/IEngineEvents.sol";
import {IPriceOracle, Price, PriceState, PriceUse} from "../interfaces/IPriceOracle.sol";
import {DeleveragingMath} from "../libraries/DeleveragingMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingMath} from "../libraries/FundingMath.sol";
import {MarginMath, Portfolio} from "../libraries/MarginMath.sol";
import {TradeMath} from "../libraries/TradeMath.sol";
import {
    Account,
    Claim,
    Claims,
    Delegation,
    Deleveragings,
    Doubt,
    Market,
    MarketConfig,
    MarketRisk,
    Outflow,
    Pin,
    Pool,
    Position,
    Queue,
    QueueItem,
    Reserves,
    Schedule
} from "./EngineTypes.sol";
import {BookMemory} from "./BookMemory.sol";
import {OracleCall} from "./OracleCall.sol";
import {WordStore} from "./WordStore.sol";

/// @notice A market held in memory while one call works on it.
/// @dev `place` is the first slot of all that is stored of it.
struct Book {
    uint256 id;
    Market market;
    MarketConfig config;
    Pool pool;
    Price price;
    uint256 place;
}

/// @notice Storage and the bookkeeping that the engine and its extension share.
/// @dev Both run on the same storage: the extension only ever by the engine's delegatecall.
abstract contract EngineStorage is Initializable, ReentrancyGuardTransient, IEngineErrors, IEngineEvents {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using OracleCall for IPriceOracle;
    using WordStore for *;
    using SafeERC20 for IERC20;

    /// @dev ERC-7201: keccak256(abi.encode(uint256(keccak256("tidemark.storage.Engine")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant ENGINE_STORAGE = 0xf74014143085709cecb4a3a0216928a701f3f837dc01f40937042c59d9da0500;

    bytes32 internal constant CONFIGURATOR_ROLE = keccak256("CONFIGURATOR_ROLE");
    bytes32 internal constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");
    bytes32 internal constant VAULT_ROLE = keccak256("VAULT_ROLE");
    bytes32 internal constant UPGRADER_ROLE = keccak256("UPGRADER_ROLE");

    uint256 internal constant LISTED = 1;
    uint256 internal constant REDUCE_ONLY = 2;
    uint256 internal constant HALTED = 4;
    uint256 internal constant DELEVERAGED = 8;
    uint256 internal constant SETTLED = 16;
    /// @dev In {Pool-pauseLevel}: the level, and that USDC is off its peg.
    uint256 internal constant PAUSE_LEVEL = 3;
    uint256 internal constant OFF_PEG = 4;
    uint256 internal constant MAX_MARKETS = 64;
    uint256 internal constant MAX_PENDING = 8;
    uint256 internal constant MAX_BATCH = 32;
    uint256 internal constant RING = 1024;
    uint256 internal constant MAX_PRICE = 1e26;
    /// @dev The most the engine owes in tokens, USD, 18 decimals. Every amount of cash is a part of it and so fits its own
    /// field, none of which is narrower than a margin.
    uint256 internal constant MAX_CUSTODY = type(uint96).max;
    /// @dev An owner's last sub-account: it takes no orders.
    uint96 internal constant EARNINGS = type(uint96).max;
    /// @dev Wad per USDC unit.
    uint256 internal constant ASSET_SCALE = 1e12;
    /// @dev Seconds after the commit: the price's window opens, closes; inclusion ends.
    uint256 internal constant PRICE_DELAY = 2;
    uint256 internal constant PRICE_WINDOW = 12;
    uint256 internal constant INCLUSION_WINDOW = 60;
    /// @dev The largest purge of {Account-orders}: beyond the window.
    uint256 internal constant PURGED_NOTHING = 63;
    /// @dev Seconds whose pins a market keeps: more than the window of an order.
    uint256 internal constant PINS = 64;
    /// @dev Of every fee, basis points: what does not go to the pool, and insurance's part of that.
    uint256 internal constant RESERVES_FEE_BPS = 3000;
    uint256 internal constant INSURANCE_FEE_BPS = 6667;
    uint256 internal constant CLAIM_FACTOR = 1e27;
    /// @dev Of the insurance fund, basis points: what one market's bad debt may take of it within an hour.
    uint256 internal constant INSURANCE_CAP_BPS = 5000;
    /// @dev What withdrawals may take within a clock hour: of the custody that the first of them finds, basis points, and in
    /// any case, USD, 18 decimals.
    uint256 internal constant OUTFLOW_CAP_BPS = 2500;
    uint256 internal constant OUTFLOW_CAP_MIN = 1_000_000e18;

    /// @dev Everything under an account's key.
    struct AccountSlots {
        Account account;
        Claim claim;
        Position[MAX_MARKETS] positions;
        // Used ones have their bit set: bit n mod 256 of word n / 256.
        mapping(uint256 word => uint256) nonces;
        // Of those the ones that no release frees: cancelled by the owner.
        mapping(uint256 word => uint256) cancelled;
        Doubt doubt;
    }

    /// @dev Everything under a market's key.
    struct MarketSlots {
        Market market;
        MarketConfig config;
        Queue queue;
        MarketRisk risk;
        // Seconds from which it may be settled for good; zero when nothing is announced.
        uint256 settlesAt;
        Schedule schedule;
        Deleveragings deleveragings;
        QueueItem[RING] items;
        // By second modulo their number.
        Pin[PINS] pins;
    }

    /// @custom:storage-location erc7201:tidemark.storage.Engine
    struct Layout {
        mapping(bytes32 account => AccountSlots) accounts;
        mapping(uint256 market => MarketSlots) markets;
        Pool pool;
        Reserves reserves;
        Claims claims;
        // Everything the engine owes in tokens, USD 18 decimals: moves only when tokens do.
        uint128 custody;
        // Deposits of liquidity that await their epoch and redemptions that await their pull, USD 18 decimals. The first
        // beside the custody, because both grow with each request.
        uint128 lpPending;
        uint128 lpPayable;
        uint128 claimsPaid;
        uint256 marketCount;
        // The market whose index is the price of ether, plus one; zero when there is none.
        uint256 gasMarket;
        mapping(address owner => mapping(address delegate => Delegation)) delegations;
        // What an owner lets a builder charge, tenths of a basis point.
        mapping(address owner => mapping(address builder => uint256)) builderFees;
        Outflow outflow;
    }

    IPriceOracle internal immutable _oracle;
    IERC20 internal immutable _asset;

    constructor(IPriceOracle oracle_, IERC20 asset_) {
        _oracle = oracle_;
        _asset = asset_;
        _disableInitializers();
    }

    function _layout() internal pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := ENGINE_STORAGE
        }
    }

    /// @dev Answers as the target would on this storage.
    function _delegate(address target) internal {
        assembly ("memory-safe") {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }

    /// @dev The lock's check alone, for what calls nobody.
    modifier notEntered() {
        require(!_reentrancyGuardEntered(), ReentrancyGuardReentrantCall());
        _;
    }

    // ---------------------------------------------------------------- accounts

    function _ownerOf(bytes32 account) internal pure returns (address) {
        return address(bytes20(account));
    }

    /// @return An owner's first sub-account.
    function _firstOf(address owner) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(owner)) << 96);
    }

    function _onlyOwner(bytes32 account) internal view {
        require(msg.sender == _ownerOf(account), NotAccountOwner(msg.sender, _ownerOf(account)));
    }

    /// @dev Orders that still bind the account: those past their window no longer do, settled or not.
    /// @param word All of the account.
    function _pendingOf(uint256 word) internal view returns (uint256) {
        return block.timestamp > word.committedAtOf() + INCLUSION_WINDOW ? 0 : word.pendingOf();
    }

    /// @dev Refuses while orders bind the account: nothing that its owner does may decide what becomes of them.
    /// @param word All of the account.
    function _checkIdle(uint256 word) internal view {
        uint256 pending = _pendingOf(word);
        require(pending == 0, OrdersPending(pending, 0));
    }

    /// @dev Rewards and fees are credited to the margin of the recipient's first sub-account, to be withdrawn from there;
    /// while its orders pend to that of the last, which takes none.
    function _credit(address recipient, uint256 amount) internal {
        if (amount == 0) return;
        bytes32 account = _firstOf(recipient);
        Account storage stored = _layout().accounts[account].account;
        if (_pendingOf(stored.load()) != 0) {
            account |= bytes32(uint256(EARNINGS));
            stored = _layout().accounts[account].account;
        }
        // A part of custody: at most MAX_CUSTODY.
        emit Credited(account, amount << 128 | stored.addMargin(amount));
    }

    /// @param limit 0 or 1; a level above it has a bit that it has not.
    function _checkPause(Pool memory pool, uint256 limit) internal pure {
        uint256 level = pool.pauseLevel;
        require(level & (PAUSE_LEVEL ^ limit) == 0, Paused(level & PAUSE_LEVEL, limit));
    }

    // ---------------------------------------------------------------- markets

    /// @dev Loads a market accrued to the present, at the index accepted before this transaction.
    function _open(uint256 id) internal view returns (Book memory) {
        return _openBook(id)[0];
    }

    /// @return books The market's, as the one element of a list: see {BookMemory}.
    function _openBook(uint256 id) internal view returns (Book[] memory books) {
        MarketSlots storage slots = _layout().markets[id];
        books = BookMemory.newBook();
        Book memory book = books[0];
        book.id = id;
        slots.config.load(book.config);
        require(book.config.flags & LISTED != 0, UnknownMarket(id));
        _layout().pool.load(book.pool);
        slots.market.load(book.market);
        _accrue(book.market, book.config, book.pool);
        uint256 place;
        assembly ("memory-safe") {
            place := slots.slot
        }
        book.place = place;
    }

    /// @dev All that is stored of a market in memory.
    function _slotsOf(Book memory book) internal pure returns (MarketSlots storage slots) {
        uint256 place = book.place;
        assembly ("memory-safe") {
            slots.slot := place
        }
    }

    /// @dev Refuses what a settled market takes no part in any more.
    function _checkLive(Book memory book) internal pure {
        require(book.config.flags & SETTLED == 0, MarketSettled(book.id));
    }

    /// @dev The clock of funding stands still at pause level 2, and for good in a settled market.
    function _accrue(Market memory market, MarketConfig memory config, Pool memory pool) internal view {
        if (pool.pauseLevel & 2 == 0 && config.flags & SETTLED == 0) {
            FundingMath.accrue(market, config, block.timestamp);
        }
    }

    /// @dev A newer price that both sources stand behind becomes the index; another leaves it. It is not too large.
    function _acceptIndex(Market memory market, Price memory price) internal pure {
        if (price.publishTime <= market.indexAt || OracleCall.isBeyond(price, PriceState.Guarded)) return;
        // At most MAX_PRICE, 1e26 < 2^87.
        market.index = uint96(price.mid);
        // Seconds: the oracle takes none that is more than moments ahead, below 2^40.
        market.indexAt = uint40(price.publishTime);
    }

    /// @dev A price that acts at once must not be older than the index.
    function _checkFresh(Book memory book) internal pure {
        require(
            book.price.publishTime >= book.market.indexAt,
            PriceOlderThanIndex(book.price.publishTime, book.market.indexAt)
        );
        require(book.price.hi <= MAX_PRICE, PriceTooLarge(book.price.hi, MAX_PRICE));
    }

    /// @dev Reads one present price; it must not be older than the index.
    function _presentPrice(Book memory book, bytes[] calldata update, PriceUse use) internal {
        book.price = _oracle.presentPrice(book.id, update, use)[0];
        _checkFresh(book);
        _acceptIndex(book.market, book.price);
    }

    /// @dev Accepts the present prices of markets as their index, accruing funding first. None may be older than it.
    function _acceptAll(uint256 markets, bytes[] calldata update, PriceUse use)
        internal
        returns (Price[] memory prices)
    {
        prices = _oracle.presentPrices{value: msg.value}(markets, update, use, msg.sender);
        uint256 next;
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            Book memory book = _openLive(id);
            book.price = prices[next++];
            _checkFresh(book);
            _acceptIndex(book.market, book.price);
            _save(book);
        }
    }

    /// @dev Opens a market that is not settled.
    function _openLive(uint256 id) internal view returns (Book memory book) {
        book = _open(id);
        _checkLive(book);
    }

    /// @dev Bit m set: market m is listed and not settled.
    function _liveMarkets() internal view returns (uint256 markets) {
        Layout storage $ = _layout();
        for (uint256 id; id < $.marketCount; ++id) {
            if ($.markets[id].config.flags & SETTLED == 0) markets |= 1 << id;
        }
    }

    /// @dev {_checkFresh} and {_acceptIndex} in one.
    function _acceptFresh(Market memory market, uint256 mid, uint256 hi, uint256 time, PriceState state) internal pure {
        uint256 before = market.indexAt;
        require(time >= before, PriceOlderThanIndex(time, before));
        require(hi <= MAX_PRICE, PriceTooLarge(hi, MAX_PRICE));
        if (time != before && state <= PriceState.Guarded) {
            // A price is below 2^87; 40 bits of seconds last 34,000 years.
            (market.index, market.indexAt) = (uint96(mid), uint40(time));
        }
    }

    function _save(Book memory book) internal {
        _layout().pool.save(book.pool);
        _saveMarket(book);
    }

    function _saveMarket(Book memory book) internal {
        _saveMarket(book.id, _slotsOf(book).market, book.market, book.pool.cash);
    }

    function _saveMarket(uint256 id, Market storage stored, Market memory market, uint256 poolCash) internal {
        (uint256 interest, uint256 pricing, uint256 totals) = stored.save(market);
        emit MarketUpdated(id, interest, pricing, totals, poolCash);
    }

    /// @dev An account's position as it is now: caught up with its side's deleveragings. One that has lost all of its
    /// size still has its cash, as a part of the account's value, until it is settled or opened anew.
    /// @param flags Of the market's parameters.
    function _loadPosition(AccountSlots storage slots, uint256 market, uint256 flags)
        internal
        view
        returns (Position memory position)
    {
        position = slots.positions[market];
        if (flags & DELEVERAGED == 0 || position.size == 0) return position;
        if (position.checkpoint == _checkpointOf(market, position.size > 0)) return position;
        return DeleveragingMath.catchUp(_layout().markets[market].deleveragings, position);
    }

    function _loadPosition(bytes32 account, uint256 market, uint256 flags) internal view returns (Position memory) {
        return _loadPosition(_layout().accounts[account], market, flags);
    }

    /// @dev The number of a side's latest checkpoint: what a position opened now starts from.
    function _checkpointOf(uint256 market, bool long) internal view returns (uint16) {
        Deleveragings storage deleveragings = _layout().markets[market].deleveragings;
        return long ? deleveragings.longs : deleveragings.shorts;
    }

    /// @dev Refuses while the account holds a position in a settled market, of which no price may be asked any more.
    function _checkUnsettled(uint256 markets) internal view {
        Layout storage $ = _layout();
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            require(markets & 1 == 0 || $.markets[id].config.flags & SETTLED == 0, PositionUnsettled(id));
        }
    }

    /// @dev Sums over an account's positions.
    /// @param sums Zero; what they are worth and need.
    /// @param markets Those of the positions.
    /// @param committedAt Seconds: as they were worth when an order was committed; zero: now, at their stored index.
    function _portfolio(
        Portfolio memory sums,
        AccountSlots storage slots,
        uint256 markets,
        Pool memory pool,
        uint256 committedAt
    ) internal view {
        Layout storage $ = _layout();
        Book memory book = BookMemory.newBook()[0];
        (Market memory market, MarketConfig memory config) = (book.market, book.config);
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            MarketSlots storage stored = $.markets[id];
            stored.config.load(config);
            uint256 pin = committedAt == 0 ? 0 : stored.pins[committedAt % PINS].load();
            if (pin != 0 && pin.pinnedAtOf() == committedAt) {
                pin.pricingOf(market);
            } else {
                stored.market.load(market);
                _accrue(market, config, pool);
            }
            MarginMath.add(sums, _loadPosition(slots, id, config.flags), market, config, market.index);
        }
    }

    /// @dev Unchecked, counts modulo 2^16: no number of lives may keep a position from closing.
    function _endLife(Position memory position) internal pure {
        unchecked {
            ++position.generation;
        }
    }

    // ---------------------------------------------------------------- cash

    /// @dev Cash into the pool; unpaid claims come first.
    function _poolReceives(Pool memory pool, uint256 amount) internal {
        if (pool.claimsOpen) amount -= _payClaims(amount);
        unchecked {
            // A part of custody: at most MAX_CUSTODY.
            pool.cash = uint96(pool.cash + amount);
        }
    }

    /// @dev Cash out of the pool to an account's margin; what is missing becomes a claim.
    /// @return cash What the margin grows by: what the pool paid and what earlier claims had collected. USD, 18 decimals.
    function _poolPays(Pool memory pool, bytes32 account, uint256 amount) internal returns (uint256 cash) {
        cash = amount.min(pool.cash);
        // Below what it was.
        pool.cash = uint96(pool.cash - cash);
        if (cash < amount) cash += _openClaim(pool, account, amount - cash);
    }

    /// @dev The pool's part of a fee enters its cash at once, so that its value never lags; the residue is the pool's.
    function _divideFee(Pool memory pool, uint256 fee) internal {
        if (fee == 0) return;
        unchecked {
            // A part of custody: at most MAX_CUSTODY.
            uint256 other = fee * RESERVES_FEE_BPS / FixedPoint.BPS;
            // Likewise.
            pool.fees = uint96(pool.fees + other);
            _poolReceives(pool, fee - other);
        }
    }

    /// @dev Insurance's and treasury's parts of the undivided fees.
    function _divideReserves(Pool memory pool, Reserves memory reserves) internal pure {
        uint256 insurance = uint256(pool.fees) * INSURANCE_FEE_BPS / FixedPoint.BPS;
        // Parts of custody: at most MAX_CUSTODY each.
        reserves.insurance = uint128(reserves.insurance + insurance);
        // At most MAX_CUSTODY.
        reserves.treasury = uint128(reserves.treasury + pool.fees - insurance);
        pool.fees = 0;
    }

    /// @dev Insurance pays bad debt to the pool, up to a share of the fund for each market and hour; the rest is the pool's
    /// loss.
    /// @return covered USD, 18 decimals.
    function _coverBadDebt(Pool memory pool, uint256 market, uint256 badDebt) internal returns (uint256 covered) {
        if (badDebt == 0) return 0;
        Reserves memory reserves = _layout().reserves;
        _divideReserves(pool, reserves);
        covered = badDebt.min(_insuranceLeft(market, reserves.insurance));
        // Below what it was: at most half of it is covered.
        reserves.insurance = uint128(reserves.insurance - covered);
        _layout().reserves = reserves;
        MarketRisk storage risk = _layout().markets[market].risk;
        // At most half of what was spent and is there, each below 2^96.
        risk.insuranceSpent = uint96(risk.insuranceSpent + covered);
        _poolReceives(pool, covered);
        emit BadDebtCovered(market, badDebt, covered, reserves.insurance);
    }

    /// @dev Starts the market's hour anew when it has ended.
    /// @return USD, 18 decimals, rounded down.
    function _insuranceLeft(uint256 id, uint256 insurance) private returns (uint256) {
        MarketRisk storage risk = _layout().markets[id].risk;
        uint256 hour = block.timestamp / FundingMath.HOUR;
        // Hours: below 2^32.
        if (risk.insuranceHour != hour) (risk.insuranceHour, risk.insuranceSpent) = (uint32(hour), 0);
        uint256 cap = (insurance + risk.insuranceSpent) * INSURANCE_CAP_BPS / FixedPoint.BPS;
        return cap - cap.min(risk.insuranceSpent);
    }

    /// @dev A loss beyond the realised margin, while other positions are in profit, stays as a loss in the first of them
    /// (or is set off against the account's unpaid claim): equity unchanged, nobody else pays.
    /// @return collected What of a claim had been paid, for the margin.
    function _defer(Book memory book, bytes32 account, uint256 markets, uint256 loss)
        internal
        returns (uint256 collected)
    {
        Layout storage $ = _layout();
        if (markets == 0) {
            (, collected) = _setOff(book.pool, account, loss);
            return collected;
        }
        uint256 id;
        while (markets >> id & 1 == 0) ++id;
        Market memory market = $.markets[id].market;
        Position memory position = _loadPosition(account, id, $.markets[id].config.flags);
        TradeMath.addCash(market, position, -int256(loss * FixedPoint.RAW_PER_WAD));
        $.markets[id].market.save(market);
        $.accounts[account].positions[id].save(position);
        emit LossDeferred(account, id, loss, position.cash);
    }

    function _insure(Pool memory pool, uint256 amount) internal {
        if (amount == 0) return;
        Reserves memory reserves = _layout().reserves;
        _divideReserves(pool, reserves);
        // A part of custody: at most MAX_CUSTODY.
        reserves.insurance = uint128(reserves.insurance + amount);
        _layout().reserves = reserves;
    }

    // ---------------------------------------------------------------- tokens

    /// @dev Counts tokens about to come in.
    /// @param assets USDC units.
    /// @return amount USD, 18 decimals.
    function _takeCustody(uint256 assets) internal returns (uint256 amount) {
        Layout storage $ = _layout();
        uint256 custody = $.custody;
        uint256 room = (MAX_CUSTODY - custody) / ASSET_SCALE;
        require(assets <= room, CustodyFull(assets, room));
        amount = assets * ASSET_SCALE;
        // At most MAX_CUSTODY, by the line above.
        $.custody = uint128(custody + amount);
    }

    /// @dev Tokens about to go out that are nobody's margin: the hour's withdrawals may take as much as before.
    /// @param amount USD, 18 decimals; at most the custody.
    function _giveCustody(uint256 amount) internal {
        Layout storage $ = _layout();
        // Below what it was, or the subtraction fails.
        $.custody = uint128($.custody - amount);
        (bool begun, uint256 floor) = _outflow();
        // Never more than it was.
        if (begun) $.outflow.floor = uint96(floor - amount.min(floor));
    }

    /// @dev What the present hour's withdrawals leave in custody at least. Whatever comes in meanwhile may leave too, so that
    /// only who takes out what he brought before the hour takes room from others.
    /// @return begun Whether one of them was.
    /// @return floor USD, 18 decimals, rounded up; as it would be, when none was.
    function _outflow() internal view returns (bool begun, uint256 floor) {
        Layout storage $ = _layout();
        Outflow memory outflow = $.outflow;
        begun = outflow.hour == block.timestamp / FundingMath.HOUR;
        uint256 custody = $.custody;
        uint256 cap = (custody * OUTFLOW_CAP_BPS / FixedPoint.BPS).max(OUTFLOW_CAP_MIN);
        floor = begun ? outflow.floor : custody - cap.min(custody);
    }

    /// @dev Takes exactly `assets`, USDC units, or reverts.
    function _pull(address from, uint256 assets) internal {
        uint256 before = _asset.balanceOf(address(this));
        _asset.safeTransferFrom(from, address(this), assets);
        uint256 received = _asset.balanceOf(address(this)) - before;
        require(received == assets, TransferMismatch(received, assets));
    }

    function _pay(address to, uint256 assets) internal {
        require(to != address(this), RecipientRefused(to));
        _asset.safeTransfer(to, assets);
    }

    // ---------------------------------------------------------------- claims

    function _payClaims(uint256 amount) private returns (uint256 paid) {
        Layout storage $ = _layout();
        Claims memory claims = $.claims;
        paid = amount.min(claims.outstanding);
        if (paid == 0) return 0;
        // A part of custody: at most MAX_CUSTODY.
        $.claimsPaid = uint128($.claimsPaid + paid);
        if (paid == claims.outstanding) {
            $.claims = Claims(0, uint112(CLAIM_FACTOR), claims.round + 1);
        } else {
            uint256 left = claims.outstanding - paid;
            // Never grows, as left < outstanding.
            claims.factor = uint112(uint256(claims.factor).mulDivUp(left, claims.outstanding));
            // Below what it was.
            claims.outstanding = uint112(left);
            $.claims = claims;
        }
        emit ClaimsPaid(paid, $.claims.outstanding);
    }

    /// @dev Nothing bounds what winners are owed, and no close may fail for it: what the outstanding sum has no room for,
    /// beyond $5.2e15, is not claimed.
    function _openClaim(Pool memory pool, bytes32 account, uint256 amount) private returns (uint256 collected) {
        Layout storage $ = _layout();
        collected = _collect(pool, account);
        Claims memory claims = $.claims;
        if (claims.factor == 0) claims.factor = uint112(CLAIM_FACTOR);
        amount = amount.min(type(uint112).max - claims.outstanding);
        // At most 2^112 − 1, by the line above.
        claims.outstanding = uint112(claims.outstanding + amount);
        $.claims = claims;
        // Claims are rounded up, their sum is not: at most the rounding lies beyond 2^112 − 1.
        uint256 unpaid = ($.accounts[account].claim.amount + amount).min(type(uint112).max);
        // At most 2^112 − 1, by the line above.
        $.accounts[account].claim = Claim(uint112(unpaid), claims.factor, claims.round);
        pool.claimsOpen = true;
        emit ClaimOpened(account, amount, unpaid, claims.outstanding);
    }

    /// @dev Takes what has been paid on an account's claim out of the funds set aside for claims.
    /// @return collected USD, 18 decimals; the caller adds it to the account's margin.
    function _collect(Pool memory pool, bytes32 account) internal returns (uint256 collected) {
        Layout storage $ = _layout();
        uint256 amount = $.accounts[account].claim.amount;
        if (amount == 0) return 0;
        uint256 unpaid = _unpaidClaim(account);
        collected = amount - unpaid;
        if (collected == 0) return 0;
        // Below the claim's amount.
        $.accounts[account].claim = Claim(uint112(unpaid), $.claims.factor, $.claims.round);
        // Below what it was, or the subtraction fails.
        $.claimsPaid = uint128($.claimsPaid - collected);
        _noteClaims(pool);
    }

    /// @dev What has been paid equals what is left to collect once nothing is outstanding, to the last unit.
    function _noteClaims(Pool memory pool) private view {
        if (_layout().claims.outstanding == 0) pool.claimsOpen = _layout().claimsPaid != 0;
    }

    /// @dev Sets a loss, which its owner would otherwise leave to the pool, off against the account's claim: what is unpaid
    /// of it is cancelled, and what has been paid on it pays the rest.
    /// @return left Of the loss, USD, 18 decimals.
    /// @return collected USD, 18 decimals; the caller adds it to the account's margin.
    function _setOff(Pool memory pool, bytes32 account, uint256 loss)
        internal
        returns (uint256 left, uint256 collected)
    {
        collected = _collect(pool, account);
        left = loss - _cancelClaim(pool, account, loss);
        // When that was all that is outstanding, the unit by which the claim was rounded up is paid.
        collected += _collect(pool, account);
        uint256 repaid = collected.min(left);
        (left, collected) = (left - repaid, collected - repaid);
        _poolReceives(pool, repaid);
    }

    /// @return cancelled USD, 18 decimals.
    function _cancelClaim(Pool memory pool, bytes32 account, uint256 amount) private returns (uint256 cancelled) {
        Layout storage $ = _layout();
        Claim memory claim = $.accounts[account].claim;
        cancelled = amount.min(claim.amount).min($.claims.outstanding);
        if (cancelled == 0) return 0;
        // At most all of it is cancelled.
        $.accounts[account].claim.amount = uint112(claim.amount - cancelled);
        uint256 outstanding = $.claims.outstanding - cancelled;
        // Below what it was.
        $.claims.outstanding = uint112(outstanding);
        if (outstanding == 0) {
            $.claims = Claims(0, uint112(CLAIM_FACTOR), $.claims.round + 1);
            _noteClaims(pool);
        }
        emit ClaimCancelled(account, cancelled, claim.amount - cancelled, outstanding);
    }

    /// @dev What a claim still brings: unpaid, or paid and not collected. USD, 18 decimals.
    function _claimOf(bytes32 account) internal view returns (uint256) {
        return _layout().accounts[account].claim.amount;
    }

    /// @dev What of a claim is still unpaid, USD, 18 decimals, rounded up.
    function _unpaidClaim(bytes32 account) internal view returns (uint256) {
        Claim memory claim = _layout().accounts[account].claim;
        Claims memory claims = _layout().claims;
        if (claim.amount == 0 || claim.round != claims.round) return 0;
        return uint256(claim.amount).mulDivUp(claims.factor, claim.factor);
    }
}
