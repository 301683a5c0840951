// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlUpgradeable} from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEngineExtension, Solvency} from "../interfaces/IEngineExtension.sol";
import {IPriceOracle, Price, PriceUse} from "../interfaces/IPriceOracle.sol";
import {FillMath} from "../libraries/FillMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingMath} from "../libraries/FundingMath.sol";
import {PoolMath} from "../libraries/PoolMath.sol";
import {RiskParameters} from "../libraries/RiskParameters.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {
    Account,
    Claims,
    Market,
    MarketConfig,
    MarketRisk,
    Pool,
    Position,
    Queue,
    QueueItem,
    Reserves
} from "./EngineTypes.sol";
import {WordStore} from "./WordStore.sol";

/// @title The engine's cold half: configuration, pool and insurance, views. Runs only by the engine's delegatecall.
contract EngineExtension is EngineStorage, AccessControlUpgradeable, IEngineExtension {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using WordStore for *;

    constructor(IPriceOracle oracle_, IERC20 asset_) EngineStorage(oracle_, asset_) {}

    /// @inheritdoc IEngineExtension
    function initialize(address admin) external initializer {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(CONFIGURATOR_ROLE, admin);
        _grantRole(GUARDIAN_ROLE, admin);
        _grantRole(UPGRADER_ROLE, admin);
    }

    // ---------------------------------------------------------------- anybody

    /// @inheritdoc IEngineExtension
    function updateIndices(uint256 markets, bytes[] calldata update) external payable nonReentrant {
        _checkPause(_layout().pool, 1);
        _acceptAll(markets, update, PriceUse.Index);
    }

    /// @inheritdoc IEngineExtension
    function accrue(uint256 market) external nonReentrant {
        _save(_open(market));
    }

    /// @inheritdoc IEngineExtension
    function expire(uint256 market, uint256 count) external nonReentrant {
        Layout storage $ = _layout();
        Queue memory queue = $.queues[market];
        require(queue.head < queue.tail, QueueEmpty(market));
        uint256 from = queue.head;
        uint256 fees;
        for (; queue.head < queue.tail && count != 0; (++queue.head, --count)) {
            QueueItem memory item = $.items[market][queue.head % RING];
            uint256 end = uint256(item.committedAt) + INCLUSION_WINDOW;
            if (block.timestamp <= end) {
                require(queue.head != from, WindowOpen(block.timestamp, end));
                break;
            }
            fees += uint256(item.count) * item.feeCents * 1e16;
        }
        queue.escrow = uint96(queue.escrow - fees);
        $.queues[market].save(queue);
        Pool memory pool = $.pool;
        _insure(pool, fees);
        $.pool.save(pool);
        emit BatchesExpired(market, from, queue.head, fees);
    }

    /// @inheritdoc IEngineExtension
    function collectClaim(bytes32 account) external nonReentrant {
        uint256 collected = _collect(account);
        require(collected != 0, ZeroAmount());
        Account storage stored = _layout().accounts[account];
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
        reserves.insurance = uint128(reserves.insurance + amount);
        emit InsuranceFunded(msg.sender, amount, reserves.insurance);
        _pull(msg.sender, assets);
    }

    // ---------------------------------------------------------------- roles

    /// @inheritdoc IEngineExtension
    function payTreasury(address to, uint256 assets) external nonReentrant onlyRole(DEFAULT_ADMIN_ROLE) {
        Layout storage $ = _layout();
        uint256 amount = assets * ASSET_SCALE;
        require($.reserves.treasury >= amount, PoolTooLow($.reserves.treasury, amount));
        $.reserves.treasury = uint128($.reserves.treasury - amount);
        $.custody = uint128($.custody - amount);
        emit TreasuryPaid(to, amount, $.reserves.treasury);
        _pay(to, assets);
    }

    /// @inheritdoc IEngineExtension
    function listMarket(MarketConfig calldata config, uint16 keeperFeeCents)
        external
        nonReentrant
        onlyRole(CONFIGURATOR_ROLE)
        returns (uint256 id)
    {
        Layout storage $ = _layout();
        id = $.marketCount++;
        require(id < MAX_MARKETS, ParameterOutOfBounds("marketCount", id, MAX_MARKETS - 1));
        Price memory price = _oracle.peek(id);
        require(price.mid != 0, IndexUnset(id));
        require(price.hi <= MAX_PRICE, PriceTooLarge(price.hi, MAX_PRICE));
        Market storage market = $.markets[id];
        (market.index, market.indexAt) = (uint96(price.mid), uint40(price.publishTime));
        market.accruedAt = uint40(block.timestamp);
        emit MarketListed(id, keeperFeeCents);
        _configure(id, config, keeperFeeCents);
    }

    /// @inheritdoc IEngineExtension
    function configureMarket(uint256 market, MarketConfig calldata config, uint16 keeperFeeCents)
        external
        nonReentrant
        onlyRole(CONFIGURATOR_ROLE)
    {
        _save(_open(market));
        _configure(market, config, keeperFeeCents);
    }

    function _configure(uint256 id, MarketConfig memory config, uint16 keeperFeeCents) private {
        RiskParameters.validate(config, keeperFeeCents);
        config.flags = uint8(config.flags | LISTED | (_layout().pool.pauseLevel == 2 ? HALTED : 0));
        _layout().configs[id] = config;
        _layout().queues[id].keeperFeeCents = keeperFeeCents;
        bytes32 word;
        mapping(uint256 => MarketConfig) storage configs = _layout().configs;
        MarketConfig storage stored = configs[id];
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
        emit MarketConfigured(id, word);
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
        bool halting = level == 2 && $.pool.pauseLevel < 2;
        bool resuming = level < 2 && $.pool.pauseLevel == 2;
        if (halting || resuming) {
            for (uint256 id; id < $.marketCount; ++id) {
                Book memory book = _open(id);
                if (resuming) _restartClock(book);
                _save(book);
                $.configs[id].flags ^= uint8(HALTED);
            }
        }
        $.pool.pauseLevel = level;
        emit PauseLevelSet(level, msg.sender);
    }

    function _restartClock(Book memory book) private view {
        Market memory market = book.market;
        if (block.timestamp / FundingMath.HOUR != market.accruedAt / FundingMath.HOUR) {
            int256 skew = FundingMath.skewOf(market);
            market.fundingRate = int56(FundingMath.sealedRate(skew * int256(FundingMath.HOUR), book.config));
            market.skewSeconds = int104(skew * int256(block.timestamp % FundingMath.HOUR));
        }
        market.accruedAt = uint40(block.timestamp);
    }

    // ---------------------------------------------------------------- the vault

    /// @inheritdoc IEngineExtension
    /// @dev Without an event: the vault's says whose, the token's how much.
    function receiveLiquidity(address from, uint256 assets) external nonReentrant onlyRole(VAULT_ROLE) {
        require(assets != 0, ZeroAmount());
        Layout storage $ = _layout();
        $.lpPending = uint128($.lpPending + _takeCustody(assets));
        _pull(from, assets);
    }

    /// @inheritdoc IEngineExtension
    function addLiquidity(uint256 amount) external nonReentrant onlyRole(VAULT_ROLE) {
        Layout storage $ = _layout();
        $.lpPending = uint128($.lpPending - amount);
        Pool memory pool = $.pool;
        _poolReceives(pool, amount);
        $.pool.save(pool);
        emit LiquidityAdded(amount, pool.cash);
    }

    /// @inheritdoc IEngineExtension
    function removeLiquidity(uint256 amount) external nonReentrant onlyRole(VAULT_ROLE) {
        Layout storage $ = _layout();
        Pool memory pool = $.pool;
        require(!pool.claimsOpen && pool.cash >= amount, PoolTooLow(pool.claimsOpen ? 0 : pool.cash, amount));
        pool.cash = uint96(pool.cash - amount);
        $.pool.save(pool);
        $.lpPayable = uint128($.lpPayable + amount);
        emit LiquidityRemoved(amount, pool.cash);
    }

    /// @inheritdoc IEngineExtension
    function payLiquidity(address to, uint256 assets) external nonReentrant onlyRole(VAULT_ROLE) {
        Layout storage $ = _layout();
        uint256 amount = assets * ASSET_SCALE;
        $.lpPayable = uint128($.lpPayable - amount);
        $.custody = uint128($.custody - amount);
        emit LiquidityPaid(to, amount, $.lpPayable);
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
        Layout storage $ = _layout();
        _checkPause($.pool, 0);
        Price[] memory prices = _acceptAll((1 << $.marketCount) - 1, update, PriceUse.Liquidity);
        int256 cash = int256(uint256($.pool.cash)) - int256(uint256($.claims.outstanding));
        lowest = cash * int256(FixedPoint.RAW_PER_WAD);
        highest = lowest;
        for (uint256 id; id < prices.length; ++id) {
            Market memory market = $.markets[id];
            int256 low = _owed(market, $.configs[id], prices[id].lo);
            int256 high = _owed(market, $.configs[id], prices[id].hi);
            lowest -= low > high ? low : high;
            highest -= low > high ? high : low;
            locked += PoolMath.lockOf(market, prices[id].lo).max(PoolMath.lockOf(market, prices[id].hi));
        }
        lowest = lowest.divFloor(FixedPoint.RAW_PER_WAD);
        highest = -(-highest).divFloor(FixedPoint.RAW_PER_WAD);
        locked = locked.divUp(FixedPoint.RAW_PER_WAD);
    }

    /// @dev U + Res of a market at a price, USD, 30 decimals.
    function _owed(Market memory market, MarketConfig memory config, uint256 price) private pure returns (int256) {
        uint256 reserve = FillMath.skewReserve(price, FundingMath.skewOf(market), FillMath.skewScale(config));
        return PoolMath.tradersValue(market, price) + int256(reserve);
    }

    function _acceptAll(uint256 markets, bytes[] calldata update, PriceUse use)
        private
        returns (Price[] memory prices)
    {
        prices = _oracle.presentPrices{value: msg.value}(markets, update, use, msg.sender);
        uint256 next;
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            Book memory book = _open(id);
            book.price = prices[next++];
            _checkFresh(book);
            _acceptIndex(book.market, book.price);
            _save(book);
        }
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
            s.escrow += $.queues[id].escrow;
            Market memory market = $.markets[id];
            _accrue(market, $.configs[id], $.pool);
            int256 skew = FundingMath.skewOf(market);
            s.tradersValue += PoolMath.tradersValue(market, market.index);
            s.skewReserve += FillMath.skewReserve(market.index, skew, FillMath.skewScale($.configs[id]));
        }
        s.margin = s.custody - s.poolCash - s.fees - s.insurance - s.treasury - s.escrow - s.claimsPaid - s.lpPending
            - s.lpPayable;
        s.netAssetValue = (int256(s.poolCash) - int256(s.claims)) * int256(FixedPoint.RAW_PER_WAD) - s.tradersValue
            - int256(s.skewReserve);
    }

    function getAccount(bytes32 account) external view returns (Account memory) {
        return _layout().accounts[account];
    }

    function getPosition(bytes32 account, uint256 market) external view returns (Position memory) {
        return _layout().positions[account][market];
    }

    function getMarket(uint256 market) external view returns (Market memory) {
        return _layout().markets[market];
    }

    function getAccruedMarket(uint256 market) external view returns (Market memory) {
        return _open(market).market;
    }

    function getMarketRisk(uint256 market) external view returns (MarketRisk memory) {
        return _layout().risks[market];
    }

    function getMarketConfig(uint256 market) external view returns (MarketConfig memory) {
        return _layout().configs[market];
    }

    function getQueue(uint256 market) external view returns (Queue memory) {
        return _layout().queues[market];
    }

    function getQueueItem(uint256 market, uint256 index) external view returns (QueueItem memory) {
        return _layout().items[market][index % RING];
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
}
