// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Failure, Market, MarketConfig, Order, Pin, Pool, Position} from "./engine/EngineTypes.sol";
import {IEngineExtension} from "./interfaces/IEngineExtension.sol";
import {IEngineErrors} from "./interfaces/IEngineErrors.sol";
import {IOrderDesk} from "./interfaces/IOrderDesk.sol";
import {Price, PriceState} from "./interfaces/IPriceOracle.sol";
import {Health, IRiskManager} from "./interfaces/IRiskManager.sol";
import {DeleveragingMath, Reduction} from "./libraries/DeleveragingMath.sol";
import {FeeMath} from "./libraries/FeeMath.sol";
import {FillMath} from "./libraries/FillMath.sol";
import {FixedPoint} from "./libraries/FixedPoint.sol";
import {Holding, Liquidation, LiquidationMath} from "./libraries/LiquidationMath.sol";
import {MarginMath, Portfolio} from "./libraries/MarginMath.sol";
import {OrderWords} from "./libraries/OrderWords.sol";
import {Outcome, Trade, TradeContext, TradeMath} from "./libraries/TradeMath.sol";

/// @title Risk verdicts over the engine's state. Holds nothing and changes nothing.
/// @dev The engine links the same libraries, so a verdict here is the engine's.
contract RiskManager is IRiskManager {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using OrderWords for uint256;

    uint256 private constant LISTED = 1;
    uint256 private constant SETTLED = 16;
    /// @dev Seconds after a commit within which its orders bind the account; wad per USDC unit. As in the engine.
    uint256 private constant INCLUSION_WINDOW = 60;
    uint256 private constant ASSET_SCALE = 1e12;
    /// @dev In {Account-orders}.
    uint256 private constant PENDING_OFFSET = 12;

    IEngineExtension public immutable engine;

    constructor(IEngineExtension engine_) {
        engine = engine_;
    }

    /// @inheritdoc IRiskManager
    function getHealth(bytes32 account) external view returns (Health memory health) {
        Account memory stored = engine.getAccount(account);
        Portfolio memory sums = _portfolio(account, stored.markets, 0);
        health.claim = engine.claimOf(account);
        health.equity = MarginMath.equity(stored.margin, sums).divFloor(FixedPoint.RAW_PER_WAD);
        health.notional = sums.notional / FixedPoint.RAW_PER_WAD;
        health.initialMargin = MarginMath.initialRequirement(sums);
        health.maintenanceMargin = MarginMath.maintenanceRequirement(sums);
        health.liquidatable = health.equity + int256(health.claim) < int256(health.maintenanceMargin);
    }

    /// @inheritdoc IRiskManager
    function previewOrder(uint256 market, Order calldata order, Price calldata price)
        external
        view
        returns (Outcome memory outcome, Position memory position)
    {
        uint256 terms = order.terms;
        int256 sizeDelta = terms.sizeDeltaOf();
        require(sizeDelta != 0, IEngineErrors.ZeroSize());
        if (terms.flagsOf() & OrderWords.ATTACHED != 0) {
            position = engine.getPosition(order.account, market);
            sizeDelta = OrderWords.partOf(position.size, sizeDelta);
            if (position.generation != terms.generationOf() || sizeDelta == 0) {
                outcome.failure = Failure.PositionEnded;
                return (outcome, position);
            }
        }
        TradeContext memory context;
        context.trade = Trade({
            sizeDelta: sizeDelta,
            limitPrice: terms.limitPriceOf(),
            price: price.mid,
            spread: sizeDelta > 0 ? price.hi - price.mid : price.mid - price.lo,
            adverseLong: price.lo,
            adverseShort: price.hi,
            reduceOnly: terms.flagsOf() & OrderWords.REDUCE_ONLY != 0,
            opening: true,
            builderFee: order.extras.builderFeeOf()
        });
        return _preview(context, order.account, market, price.state);
    }

    /// @inheritdoc IRiskManager
    function previewCloseNow(bytes32 account, uint256 market, uint256 size, uint96 limitPrice, Price calldata price)
        external
        view
        returns (Outcome memory, Position memory)
    {
        require(size != 0, IEngineErrors.ZeroSize());
        bool buys = engine.getPosition(account, market).size < 0;
        size = size.min(type(uint88).max);
        TradeContext memory context;
        context.trade = Trade({
            sizeDelta: buys ? int256(size) : -int256(size),
            limitPrice: limitPrice,
            price: price.mid,
            spread: LiquidationMath.closingSpread(price, buys),
            adverseLong: price.lo,
            adverseShort: price.hi,
            reduceOnly: true,
            opening: false,
            builderFee: 0
        });
        return _preview(context, account, market, price.state);
    }

    /// @inheritdoc IRiskManager
    function previewLiquidation(bytes32 account, Price[] calldata prices)
        external
        view
        returns (Liquidation memory liquidation, int256[] memory sizeDeltas)
    {
        Account memory stored = engine.getAccount(account);
        uint256 count = MarginMath.count(stored.markets);
        require(prices.length == count, PriceCountMismatch(prices.length, count));
        Holding[] memory holdings = new Holding[](count);
        uint256 next;
        for (uint256 id; next < count; ++id) {
            if (stored.markets >> id & 1 == 0) continue;
            holdings[next] = _holding(account, id, prices[next]);
            ++next;
        }
        LiquidationMath.link(holdings);
        uint256 claim = engine.claimOf(account);
        if (count == 0) LiquidationMath.passOver(liquidation, stored.margin, claim);
        else LiquidationMath.liquidate(liquidation, holdings[0], stored.margin, claim, _isStrict(account, prices));
        sizeDeltas = new int256[](count);
        for (uint256 i; i < count; ++i) {
            sizeDeltas[i] = holdings[i].sizeDelta;
        }
    }

    /// @inheritdoc IRiskManager
    function previewDeleveraging(uint256 market, Price[] calldata prices)
        external
        view
        returns (Reduction memory reduction)
    {
        int256 value = int256(uint256(engine.getPool().cash)) - int256(uint256(engine.getClaims().outstanding));
        value *= int256(FixedPoint.RAW_PER_WAD);
        uint256 count = engine.marketCount();
        uint256 next;
        Market memory chosen;
        for (uint256 id; id < count; ++id) {
            (Market memory one, MarketConfig memory config) = (engine.getAccruedMarket(id), engine.getMarketConfig(id));
            if (config.flags & SETTLED == 0) {
                Price memory price = prices[next++];
                // A price that the engine takes is at most 1e26; another only makes this preview meaningless.
                if (price.publishTime > one.indexAt) one.index = uint96(price.mid);
            }
            if (id == market) chosen = one;
            value -= DeleveragingMath.owed(one, config, one.index);
        }
        MarketConfig memory parameters = engine.getMarketConfig(market);
        require(parameters.flags & LISTED != 0, IEngineErrors.UnknownMarket(market));
        require(parameters.flags & SETTLED == 0, IEngineErrors.MarketSettled(market));
        return DeleveragingMath.reductionOf(chosen, parameters, value);
    }

    /// @inheritdoc IRiskManager
    function previewCrystallise(bytes32 account, uint256 market, Price calldata price)
        external
        view
        returns (uint256 amount, uint256 loss)
    {
        Position memory position = engine.getPosition(account, market);
        return DeleveragingMath.crystallisable(
            position,
            position.size > 0 ? price.hi : price.lo,
            engine.getAccruedMarket(market).funding,
            engine.getAccount(account).margin,
            engine.getClaims().outstanding
        );
    }

    /// @inheritdoc IRiskManager
    function previewSettlement(bytes32 account, uint256 market) external view returns (int256 realised) {
        return DeleveragingMath.leave(engine.getAccruedMarket(market), engine.getPosition(account, market));
    }

    /// @inheritdoc IRiskManager
    function previewWithdrawal(bytes32 account, uint256 assets, Price[] calldata prices)
        external
        view
        returns (int256 equity, uint256 required, bool permitted)
    {
        require(assets != 0, IEngineErrors.ZeroAmount());
        Account memory stored = engine.getAccount(account);
        uint256 amount = assets * ASSET_SCALE;
        permitted = stored.margin >= amount && !_isPending(stored) && engine.getPool().pauseLevel & 2 == 0;
        Portfolio memory sums = _worst(account, stored.markets | _doubtful(account), prices);
        equity = MarginMath.equity(stored.margin, sums).divFloor(FixedPoint.RAW_PER_WAD) - int256(amount);
        required = MarginMath.withdrawalRequirement(sums);
        permitted = permitted && equity >= int256(required);
    }

    function _isStrict(bytes32 account, Price[] calldata prices) private view returns (bool) {
        PriceState state;
        for (uint256 i; i < prices.length; ++i) {
            if (prices[i].state > state) state = prices[i].state;
        }
        return LiquidationMath.isStrict(state, engine.getDoubt(account).flaggedAt, block.timestamp);
    }

    /// @dev Bit m set: market m holds the account's margin until it has a trusted price; one that has ended needs none.
    function _doubtful(bytes32 account) private view returns (uint256 markets) {
        uint256 held = engine.getDoubt(account).held;
        for (uint256 id; held != 0; (++id, held >>= 1)) {
            if (held & 1 != 0 && engine.getMarketConfig(id).flags & SETTLED == 0) markets |= 1 << id;
        }
    }

    /// @dev Sums over an account's positions, each at the price that is worst for it.
    function _worst(bytes32 account, uint256 markets, Price[] calldata prices)
        private
        view
        returns (Portfolio memory sums)
    {
        uint256 next;
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            Price memory price = prices[next++];
            (Market memory market, MarketConfig memory config, Position memory position) = _load(account, id);
            require(config.flags & SETTLED == 0, IEngineErrors.PositionUnsettled(id));
            MarginMath.add(sums, position, market, config, position.size > 0 ? price.lo : price.hi);
        }
    }

    /// @dev Whether orders of the account may still settle.
    function _isPending(Account memory stored) private view returns (bool) {
        return stored.orders >> PENDING_OFFSET != 0 && block.timestamp <= uint256(stored.committedAt) + INCLUSION_WINDOW;
    }

    function _holding(bytes32 account, uint256 id, Price calldata price) private view returns (Holding memory holding) {
        (Market memory market, MarketConfig memory config, Position memory position) = _load(account, id);
        require(config.flags & SETTLED == 0, IEngineErrors.PositionUnsettled(id));
        holding = LiquidationMath.holdingOf(id, market, config, position, price);
        (holding.room, holding.capacity) =
            LiquidationMath.meter(engine.getMarketRisk(id), holding.scale, config.skewCapBps, block.timestamp);
    }

    function _preview(TradeContext memory context, bytes32 account, uint256 id, PriceState state)
        private
        view
        returns (Outcome memory outcome, Position memory)
    {
        Account memory stored = engine.getAccount(account);
        bool committed = context.trade.opening && _isPending(stored);
        // What is committed has faded already; what is closed at once does not.
        uint256 volume = !context.trade.opening || committed
            ? stored.volume
            : FeeMath.decayed(stored.volume, stored.committedAt, block.timestamp);
        (context.market, context.config, context.position) = _load(account, id);
        require(context.config.flags & SETTLED == 0, IEngineErrors.MarketSettled(id));
        if (state == PriceState.Strained) FillMath.halveCaps(context.config);
        context.margin = stored.margin;
        Pool memory pool = engine.getPool();
        bool opens = context.config.flags & 2 == 0 && pool.pauseLevel == 0 && state <= PriceState.Strained;
        context.trade.opening = context.trade.opening && opens;
        context.allowance = FillMath.allowance(pool, context.config);
        context.discount = FeeMath.discount(volume);
        context.others = _portfolio(account, stored.markets & ~(1 << id), committed ? stored.committedAt : 0);
        context.others.value += int256(engine.claimOf(account) * FixedPoint.RAW_PER_WAD);
        TradeMath.attempt(outcome, context);
        return (outcome, context.position);
    }

    /// @param committedAt Seconds: as the markets were pinned then; zero: as they are.
    function _portfolio(bytes32 account, uint256 markets, uint256 committedAt)
        private
        view
        returns (Portfolio memory sums)
    {
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            (Market memory market, MarketConfig memory config, Position memory position) = _load(account, id);
            if (committedAt != 0) {
                Pin memory pin = IOrderDesk(address(engine)).getPin(id, committedAt);
                if (pin.committedAt == committedAt) (market.funding, market.index) = (pin.funding, pin.index);
            }
            MarginMath.add(sums, position, market, config, market.index);
        }
    }

    function _load(bytes32 account, uint256 id)
        private
        view
        returns (Market memory, MarketConfig memory, Position memory)
    {
        return (engine.getAccruedMarket(id), engine.getMarketConfig(id), engine.getPosition(account, id));
    }
}
