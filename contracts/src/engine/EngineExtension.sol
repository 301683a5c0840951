// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEngineExtension, Solvency} from "../interfaces/IEngineExtension.sol";
import {IPriceOracle, Price, PriceState, PriceUse} from "../interfaces/IPriceOracle.sol";
import {DeleveragingMath} from "../libraries/DeleveragingMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingMath} from "../libraries/FundingMath.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PoolMath} from "../libraries/PoolMath.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {
    Account,
    Claims,
    Doubt,
    Market,
    MarketConfig,
    MarketRisk,
    Pool,
    Position,
    Queue,
    QueueItem,
    Reserves
} from "./EngineTypes.sol";
import {Parameters} from "./Parameters.sol";
import {WordStore} from "./WordStore.sol";

/// @title The engine's cold half: parameters, pool and insurance, views. Runs only by the engine's delegatecall.
contract EngineExtension is Parameters {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using WordStore for *;

    address private immutable _deleverager;

    constructor(IPriceOracle oracle_, IERC20 asset_, address deleverager_) EngineStorage(oracle_, asset_) {
        _deleverager = deleverager_;
    }

    /// @inheritdoc IEngineExtension
    function initialize(address admin) external initializer {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(CONFIGURATOR_ROLE, admin);
        _grantRole(GUARDIAN_ROLE, admin);
        _grantRole(UPGRADER_ROLE, admin);
    }

    // ---------------------------------------------------------------- collateral

    /// @inheritdoc IEngineExtension
    function withdraw(bytes32, uint256, address, bytes[] calldata) external payable {
        _delegate(_deleverager);
    }

    /// @inheritdoc IEngineExtension
    function moveMargin(bytes32, bytes32, uint256, bytes[] calldata) external payable {
        _delegate(_deleverager);
    }

    // ---------------------------------------------------------------- anybody

    /// @inheritdoc IEngineExtension
    function updateIndices(uint256 markets, bytes[] calldata update) external payable nonReentrant {
        _checkPause(_layout().pool, 1);
        Price[] memory prices = _oracle.observe{value: msg.value}(markets, update, msg.sender);
        uint256 next;
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            Book memory book = _openLive(id);
            Price memory price = prices[next++];
            bool taken = price.publishTime > book.market.indexAt && price.state <= PriceState.Guarded;
            require(!taken || price.hi <= MAX_PRICE, PriceTooLarge(price.hi, MAX_PRICE));
            _acceptIndex(book.market, price);
            _save(book);
        }
        _askPeg();
    }

    /// @dev Notes in the pool's slot, which every trade reads, whether USDC is off its peg.
    function _askPeg() private {
        Pool storage pool = _layout().pool;
        uint256 level = pool.pauseLevel;
        bool before = level & OFF_PEG != 0;
        bool off = _oracle.offPeg(before);
        if (off == before) return;
        // At most 7.
        pool.pauseLevel = uint8(level ^ OFF_PEG);
        emit PegObserved(off);
    }

    /// @inheritdoc IEngineExtension
    function accrue(uint256 market) external nonReentrant {
        _save(_open(market));
    }

    /// @inheritdoc IEngineExtension
    function expire(uint256 market, uint256 count) external nonReentrant {
        Layout storage $ = _layout();
        uint256 word = $.markets[market].queue.load();
        (uint256 head, uint256 tail) = (word.headOf(), word.tailOf());
        require(head < tail, QueueEmpty(market));
        uint256 from = head;
        uint256 fees;
        for (; head < tail && count != 0; (++head, --count)) {
            QueueItem memory item = $.markets[market].items[head % RING];
            uint256 end = uint256(item.committedAt) + INCLUSION_WINDOW;
            if (block.timestamp <= end) {
                require(head != from, WindowOpen(block.timestamp, end));
                break;
            }
            fees += uint256(item.count) * item.feeCents * 1e16;
        }
        $.markets[market].queue.saveSettled(word, head, word.escrowOf() - fees, word.marginPerUnitOf());
        Pool memory pool = $.pool;
        _insure(pool, fees);
        $.pool.save(pool);
        emit BatchesExpired(market, from, head, fees);
    }

    /// @inheritdoc IEngineExtension
    function collectClaim(bytes32 account) external nonReentrant {
        Account storage stored = _layout().accounts[account].account;
        _checkIdle(stored.load());
        Pool memory pool = _layout().pool;
        uint256 collected = _collect(pool, account);
        require(collected != 0, ZeroAmount());
        _layout().pool.save(pool);
        // Parts of custody: at most MAX_CUSTODY.
        stored.margin = uint96(stored.margin + collected);
        emit Credited(account, collected << 128 | stored.margin);
    }

    /// @inheritdoc IEngineExtension
    function divideReserves() external nonReentrant {
        Layout storage $ = _layout();
        (Pool memory pool, Reserves memory reserves) = ($.pool, $.reserves);
        _divideReserves(pool, reserves);
        $.pool.save(pool);
        $.reserves = reserves;
        emit ReservesDivided(reserves.insurance, reserves.treasury);
    }

    /// @inheritdoc IEngineExtension
    function fundInsurance(uint256 assets) external nonReentrant {
        require(assets != 0, ZeroAmount());
        Reserves storage reserves = _layout().reserves;
        uint256 amount = _takeCustody(assets);
        // A part of custody: at most MAX_CUSTODY.
        reserves.insurance = uint128(reserves.insurance + amount);
        emit InsuranceFunded(msg.sender, amount, reserves.insurance);
        _pull(msg.sender, assets);
    }

    /// @inheritdoc IEngineExtension
    function appraise() external nonReentrant {
        Layout storage $ = _layout();
        _checkPause($.pool, 1);
        int256 value =
            (int256(uint256($.pool.cash)) - int256(uint256($.claims.outstanding))) * int256(FixedPoint.RAW_PER_WAD);
        for (uint256 id; id < $.marketCount; ++id) {
            Book memory book = _open(id);
            uint256 age = block.timestamp - FixedPoint.min(block.timestamp, book.market.indexAt);
            require(
                age <= MarginMath.MAX_INDEX_AGE || book.config.flags & SETTLED != 0,
                IndexTooOld(id, age, MarginMath.MAX_INDEX_AGE)
            );
            value -= DeleveragingMath.owed(book.market, book.config, book.market.index);
        }
        _appraise(value.divFloor(FixedPoint.RAW_PER_WAD));
    }

    // ---------------------------------------------------------------- roles

    /// @inheritdoc IEngineExtension
    function payTreasury(address to, uint256 assets) external nonReentrant onlyRole(DEFAULT_ADMIN_ROLE) {
        Layout storage $ = _layout();
        uint256 amount = assets * ASSET_SCALE;
        require($.reserves.treasury >= amount, PoolTooLow($.reserves.treasury, amount));
        // At most the treasury, and so custody, is taken.
        $.reserves.treasury = uint128($.reserves.treasury - amount);
        _giveCustody(amount);
        emit TreasuryPaid(to, amount, $.reserves.treasury);
        _pay(to, assets);
    }

    /// @inheritdoc IEngineExtension
    function setGasMarket(uint256 market) external onlyRole(CONFIGURATOR_ROLE) {
        require(market < _layout().marketCount, UnknownMarket(market));
        _layout().gasMarket = market + 1;
        emit GasMarketSet(market);
    }

    /// @inheritdoc IEngineExtension
    /// @dev Funding is accrued up to the halt and starts again at its end, at the rate of the standing skew when an hour
    /// has ended in between.
    function setPauseLevel(uint8 level) external nonReentrant onlyRole(GUARDIAN_ROLE) {
        require(level <= 2, ParameterOutOfBounds("pauseLevel", level, 2));
        Layout storage $ = _layout();
        bool halted = $.pool.pauseLevel & 2 != 0;
        bool halting = level == 2 && !halted;
        bool resuming = level < 2 && halted;
        if (halting || resuming) {
            for (uint256 id; id < $.marketCount; ++id) {
                Book memory book = _open(id);
                if (book.config.flags & SETTLED != 0) continue;
                if (resuming) _restartClock(book);
                _save(book);
                $.markets[id].config.flags ^= uint8(HALTED);
                _takeOrders(book, resuming);
            }
        }
        // At most 7: the level beside the bit of the peg.
        $.pool.pauseLevel = uint8($.pool.pauseLevel & OFF_PEG | level);
        emit PauseLevelSet(level, msg.sender);
    }

    /// @dev Lets a market's orders in, or none.
    function _takeOrders(Book memory book, bool on) private {
        uint256 margin = on ? MarginMath.perUnit(book.market.index, book.config.initialMarginBps) : 0;
        // At most 1e18.
        _layout().markets[book.id].queue.marginPerUnit = uint64(margin);
    }

    function _restartClock(Book memory book) private view {
        Market memory market = book.market;
        if (block.timestamp / FundingMath.HOUR != market.accruedAt / FundingMath.HOUR) {
            int256 skew = FundingMath.skewOf(market);
            // At most fundingCapPpm ≤ 5,000, 5e15 < 2^55.
            market.fundingRate = int56(FundingMath.sealedRate(skew * int256(FundingMath.HOUR), book.config));
            // |skew| < 2^88, seconds of an hour < 2^12.
            market.skewSeconds = int104(skew * int256(block.timestamp % FundingMath.HOUR));
        }
        // Seconds: below 2^40.
        market.accruedAt = uint40(block.timestamp);
    }

    // ---------------------------------------------------------------- the vault

    /// @inheritdoc IEngineExtension
    /// @dev Without an event: the vault's says whose, the token's how much.
    function receiveLiquidity(address from, uint256 assets) external nonReentrant onlyRole(VAULT_ROLE) {
        require(assets != 0, ZeroAmount());
        Layout storage $ = _layout();
        require($.pool.pauseLevel & OFF_PEG == 0, OffPeg());
        // A part of custody: at most MAX_CUSTODY.
        $.lpPending = uint128($.lpPending + _takeCustody(assets));
        _pull(from, assets);
    }

    /// @inheritdoc IEngineExtension
    function addLiquidity(uint256 amount) external nonReentrant onlyRole(VAULT_ROLE) {
        Layout storage $ = _layout();
        // Below what it was, or the subtraction fails.
        $.lpPending = uint128($.lpPending - amount);
        Pool memory pool = $.pool;
        _poolReceives(pool, amount);
        // Stays at the largest that fits.
        pool.value = uint48((pool.value + amount / FixedPoint.WAD).min(type(uint48).max));
        $.pool.save(pool);
        emit LiquidityAdded(amount, pool.cash);
    }

    /// @inheritdoc IEngineExtension
    function removeLiquidity(uint256 amount) external nonReentrant onlyRole(VAULT_ROLE) {
        Layout storage $ = _layout();
        Pool memory pool = $.pool;
        uint256 free = $.claims.outstanding == 0 ? pool.cash : 0;
        require(free >= amount, PoolTooLow(free, amount));
        // Below what it was, as the line above has seen to.
        pool.cash = uint96(pool.cash - amount);
        uint256 value = pool.value;
        // Never more than it was.
        pool.value = uint48(value - amount.divUp(FixedPoint.WAD).min(value));
        $.pool.save(pool);
        // A part of custody: at most MAX_CUSTODY.
        $.lpPayable = uint128($.lpPayable + amount);
        emit LiquidityRemoved(amount, pool.cash);
    }

    /// @inheritdoc IEngineExtension
    function payLiquidity(address to, uint256 assets) external nonReentrant onlyRole(VAULT_ROLE) {
        Layout storage $ = _layout();
        uint256 amount = assets * ASSET_SCALE;
        // Below what it was, or the subtraction fails.
        $.lpPayable = uint128($.lpPayable - amount);
        _giveCustody(amount);
        emit LiquidityPaid(to, amount, $.lpPayable);
        _pay(to, assets);
    }

    /// @inheritdoc IEngineExtension
    /// @dev What waits is in no market's reach: neither the pool's cash nor its value knows of it.
    function returnLiquidity(address to, uint256 assets) external nonReentrant onlyRole(VAULT_ROLE) {
        Layout storage $ = _layout();
        uint256 amount = assets * ASSET_SCALE;
        // Below what it was, or the subtraction fails.
        $.lpPending = uint128($.lpPending - amount);
        _giveCustody(amount);
        emit LiquidityReturned(to, amount, $.lpPending);
        _pay(to, assets);
    }

    /// @inheritdoc IEngineExtension
    function priceLiquidity(bytes[] calldata update)
        external
        payable
        nonReentrant
        onlyRole(VAULT_ROLE)
        returns (int256 lowest, int256 highest, uint256 locked)
    {
        _checkPause(_layout().pool, 0);
        uint256 held = _heldMarkets();
        (lowest, highest, locked) = _valueOver(held, _acceptAll(held, update, PriceUse.Liquidity));
        _appraise(lowest);
    }

    /// @dev Bit m set: market m is not settled and has open interest, so that what it owes depends on its price.
    function _heldMarkets() private view returns (uint256 markets) {
        Layout storage $ = _layout();
        for (uint256 id; id < $.marketCount; ++id) {
            Market storage market = $.markets[id].market;
            if ($.markets[id].config.flags & SETTLED == 0 && market.longs | market.shorts != 0) markets |= 1 << id;
        }
    }

    /// @dev The pool's value at the ends of the price bands and what is locked of it. USD, 18 decimals, each rounded to the
    /// side that {priceLiquidity} says.
    /// @param held Bit m set: market m is priced. Any other owes its cash at every price, or has its last one.
    /// @param prices Of those, ascending.
    function _valueOver(uint256 held, Price[] memory prices)
        private
        view
        returns (int256 lowest, int256 highest, uint256 locked)
    {
        Layout storage $ = _layout();
        lowest = (int256(uint256($.pool.cash)) - int256(uint256($.claims.outstanding))) * int256(FixedPoint.RAW_PER_WAD);
        highest = lowest;
        uint256 next;
        for (uint256 id; id < $.marketCount; ++id) {
            (uint256 lo, uint256 hi) = ($.markets[id].market.index, $.markets[id].market.index);
            if (held >> id & 1 != 0) (lo, hi) = (prices[next].lo, prices[next++].hi);
            (int256 most, int256 least, uint256 lock) = _weigh(id, lo, hi);
            (lowest, highest, locked) = (lowest - most, highest - least, locked + lock);
        }
        lowest = lowest.divFloor(FixedPoint.RAW_PER_WAD);
        highest = -(-highest).divFloor(FixedPoint.RAW_PER_WAD);
        locked = locked.divUp(FixedPoint.RAW_PER_WAD);
    }

    /// @dev What markets may lock is measured by it: whole USD, rounded down, zero when negative.
    /// @param value USD, 18 decimals.
    function _appraise(int256 value) private {
        uint256 whole = value < 0 ? 0 : uint256(value) / FixedPoint.WAD;
        Pool storage pool = _layout().pool;
        // Stays at the largest that fits.
        pool.value = uint48(whole.min(type(uint48).max));
        emit PoolAppraised(value, pool.value);
    }

    /// @dev What a market owes at the ends of a price band, U + Res, and what it locks of the pool at most. USD, 30
    /// decimals.
    function _weigh(uint256 id, uint256 lo, uint256 hi) private view returns (int256 most, int256 least, uint256 lock) {
        (Market memory market, MarketConfig memory config) =
            (_layout().markets[id].market, _layout().markets[id].config);
        most = DeleveragingMath.owed(market, config, lo);
        least = DeleveragingMath.owed(market, config, hi);
        if (most < least) (most, least) = (least, most);
        lock = PoolMath.lockOf(market, lo).max(PoolMath.lockOf(market, hi));
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IEngineExtension
    function solvency() external view returns (Solvency memory s) {
        Layout storage $ = _layout();
        s.balance = _asset.balanceOf(address(this)) * ASSET_SCALE;
        s.custody = $.custody;
        (s.poolCash, s.fees) = ($.pool.cash, $.pool.fees);
        (s.insurance, s.treasury) = ($.reserves.insurance, $.reserves.treasury);
        (s.claimsPaid, s.lpPending, s.lpPayable) = ($.claimsPaid, $.lpPending, $.lpPayable);
        s.claims = $.claims.outstanding;
        for (uint256 id; id < $.marketCount; ++id) {
            s.escrow += $.markets[id].queue.escrow;
            Market memory market = $.markets[id].market;
            MarketConfig memory config = $.markets[id].config;
            _accrue(market, config, $.pool);
            int256 value = PoolMath.tradersValue(market, market.index);
            s.tradersValue += value;
            s.skewReserve += uint256(DeleveragingMath.owed(market, config, market.index) - value);
        }
        s.margin = s.custody - s.poolCash - s.fees - s.insurance - s.treasury - s.escrow - s.claimsPaid - s.lpPending
            - s.lpPayable;
        s.netAssetValue = (int256(s.poolCash) - int256(s.claims)) * int256(FixedPoint.RAW_PER_WAD) - s.tradersValue
            - int256(s.skewReserve);
    }

    /// @inheritdoc IEngineExtension
    function gasMarket() external view returns (uint256) {
        uint256 named = _layout().gasMarket;
        return named == 0 ? type(uint256).max : named - 1;
    }

    /// @inheritdoc IEngineExtension
    function withdrawalLeft() external view returns (uint256) {
        (, uint256 floor) = _outflow();
        uint256 custody = _layout().custody;
        return custody - floor.min(custody);
    }

    function getAccount(bytes32 account) external view returns (Account memory) {
        return _layout().accounts[account].account;
    }

    function getDoubt(bytes32 account) external view returns (Doubt memory) {
        return _layout().accounts[account].doubt;
    }

    function getPosition(bytes32 account, uint256 market) external view returns (Position memory) {
        return _loadPosition(account, market, _layout().markets[market].config.flags);
    }

    function getMarket(uint256 market) external view returns (Market memory) {
        return _layout().markets[market].market;
    }

    function getAccruedMarket(uint256 market) external view returns (Market memory) {
        return _open(market).market;
    }

    function getMarketRisk(uint256 market) external view returns (MarketRisk memory) {
        return _layout().markets[market].risk;
    }

    function getMarketConfig(uint256 market) external view returns (MarketConfig memory) {
        return _layout().markets[market].config;
    }

    function getQueue(uint256 market) external view returns (Queue memory) {
        return _layout().markets[market].queue;
    }

    function getQueueItem(uint256 market, uint256 index) external view returns (QueueItem memory) {
        return _layout().markets[market].items[index % RING];
    }

    function getPool() external view returns (Pool memory) {
        return _layout().pool;
    }

    function getReserves() external view returns (Reserves memory) {
        return _layout().reserves;
    }

    function getClaims() external view returns (Claims memory) {
        return _layout().claims;
    }

    function marketCount() external view returns (uint256) {
        return _layout().marketCount;
    }

    /// @inheritdoc IEngineExtension
    function oracle() external view returns (IPriceOracle) {
        return _oracle;
    }

    /// @inheritdoc IEngineExtension
    function asset() external view returns (IERC20) {
        return _asset;
    }

    /// @inheritdoc IEngineExtension
    function unpaidClaim(bytes32 account) external view returns (uint256) {
        return _unpaidClaim(account);
    }

    /// @inheritdoc IEngineExtension
    function claimOf(bytes32 account) external view returns (uint256) {
        return _claimOf(account);
    }

    /// @dev What is left is the deleverager's.
    fallback() external payable {
        _delegate(_deleverager);
    }
}
