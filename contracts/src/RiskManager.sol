// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Market, MarketConfig, Position} from "./engine/EngineTypes.sol";
import {IEngineExtension} from "./interfaces/IEngineExtension.sol";
import {IEngineErrors} from "./interfaces/IEngineErrors.sol";
import {Price} from "./interfaces/IPriceOracle.sol";
import {Health, IRiskManager} from "./interfaces/IRiskManager.sol";
import {FixedPoint} from "./libraries/FixedPoint.sol";
import {Holding, Liquidation, LiquidationMath} from "./libraries/LiquidationMath.sol";
import {MarginMath, Portfolio} from "./libraries/MarginMath.sol";
import {Outcome, Trade, TradeContext, TradeMath} from "./libraries/TradeMath.sol";

/// @title Risk verdicts over the engine's state. Holds nothing and changes nothing.
/// @dev The engine links the same libraries, so a verdict here is the engine's.
contract RiskManager is IRiskManager {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    IEngineExtension public immutable engine;

    constructor(IEngineExtension engine_) {
        engine = engine_;
    }

    /// @inheritdoc IRiskManager
    function getHealth(bytes32 account) external view returns (Health memory health) {
        Account memory stored = engine.getAccount(account);
        (Portfolio memory sums,) = _portfolio(account, stored.markets);
        health.unpaidClaim = engine.unpaidClaim(account);
        health.equity = MarginMath.equity(stored.margin, sums).divFloor(FixedPoint.RAW_PER_WAD);
        health.notional = sums.notional / FixedPoint.RAW_PER_WAD;
        health.initialMargin = MarginMath.initialRequirement(sums);
        health.maintenanceMargin = MarginMath.maintenanceRequirement(sums);
        health.liquidatable = health.equity + int256(health.unpaidClaim) < int256(health.maintenanceMargin);
    }

    /// @inheritdoc IRiskManager
    function previewOrder(
        bytes32 account,
        uint256 market,
        int256 sizeDelta,
        uint256 limitPrice,
        bool reduceOnly,
        Price calldata price
    ) external view returns (Outcome memory, Position memory) {
        require(sizeDelta != 0, IEngineErrors.ZeroSize());
        TradeContext memory context;
        context.trade = Trade({
            sizeDelta: sizeDelta,
            limitPrice: limitPrice,
            price: price.mid,
            spread: sizeDelta > 0 ? price.hi - price.mid : price.mid - price.lo,
            adverseLong: price.lo,
            adverseShort: price.hi,
            reduceOnly: reduceOnly,
            opening: true
        });
        return _preview(context, account, market);
    }

    /// @inheritdoc IRiskManager
    function previewCloseNow(bytes32 account, uint256 market, uint256 size, uint256 limitPrice, Price calldata price)
        external
        view
        returns (Outcome memory, Position memory)
    {
        require(size != 0, IEngineErrors.ZeroSize());
        bool buys = engine.getPosition(account, market).size < 0;
        TradeContext memory context;
        context.trade = Trade({
            sizeDelta: buys ? int256(size) : -int256(size),
            limitPrice: limitPrice,
            price: price.mid,
            spread: LiquidationMath.closingSpread(price, buys),
            adverseLong: price.lo,
            adverseShort: price.hi,
            reduceOnly: true,
            opening: false
        });
        return _preview(context, account, market);
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
        uint256 claim = engine.unpaidClaim(account);
        if (count == 0) LiquidationMath.passOver(liquidation, stored.margin, claim);
        else LiquidationMath.liquidate(liquidation, holdings[0], stored.margin, claim);
        sizeDeltas = new int256[](count);
        for (uint256 i; i < count; ++i) {
            sizeDeltas[i] = holdings[i].sizeDelta;
        }
    }

    function _holding(bytes32 account, uint256 id, Price calldata price) private view returns (Holding memory holding) {
        (Market memory market, MarketConfig memory config, Position memory position) = _load(account, id);
        holding = LiquidationMath.holdingOf(id, market, config, position, price);
        (holding.room, holding.capacity) =
            LiquidationMath.meter(engine.getMarketRisk(id), holding.scale, config.skewCapBps, block.timestamp);
    }

    function _preview(TradeContext memory context, bytes32 account, uint256 id)
        private
        view
        returns (Outcome memory outcome, Position memory)
    {
        Account memory stored = engine.getAccount(account);
        (context.market, context.config, context.position) = _load(account, id);
        context.margin = stored.margin;
        context.trade.opening =
            context.trade.opening && context.config.flags & 2 == 0 && engine.getPool().pauseLevel == 0;
        bool stale;
        (context.others, stale) = _portfolio(account, stored.markets & ~(1 << id));
        context.others.value += int256(engine.unpaidClaim(account) * FixedPoint.RAW_PER_WAD);
        outcome = TradeMath.attempt(context, stale);
        return (outcome, context.position);
    }

    function _portfolio(bytes32 account, uint256 markets) private view returns (Portfolio memory sums, bool stale) {
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            (Market memory market, MarketConfig memory config, Position memory position) = _load(account, id);
            if (block.timestamp > market.indexAt + MarginMath.MAX_INDEX_AGE) stale = true;
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
