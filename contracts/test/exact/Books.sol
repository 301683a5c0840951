// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Market, MarketConfig, Position} from "../../src/engine/EngineTypes.sol";
import {Price, PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {Holding, Liquidation, LiquidationMath} from "../../src/libraries/LiquidationMath.sol";
import {MarginMath, Portfolio} from "../../src/libraries/MarginMath.sol";
import {Outcome, Trade, TradeContext, TradeMath} from "../../src/libraries/TradeMath.sol";
import {Cases, Dice} from "./Cases.sol";

/// @notice One market's books in memory: accounts of one position each, and the pool as one signed number.
/// @param margins USD, 18 decimals.
/// @param pool V − claims, USD, 18 decimals: unfunded claims make it negative.
/// @param out What left to insurance, treasury and keepers, USD, 18 decimals.
/// @param elsewhere Value of the accounts' positions in other markets, USD, 30 decimals.
struct Books {
    Market market;
    MarketConfig config;
    Position[] positions;
    uint256[] margins;
    int256 pool;
    uint256 out;
    int256 elsewhere;
}

/// @notice Books the libraries' results as the engine does, without storage, tokens or permissions.
abstract contract BookKeeping is Cases {
    uint256 internal constant RESERVES_FEE_BPS = 3000;
    /// @dev More than any market here locks of the pool, USD, 18 decimals.
    uint256 internal constant UNBOUND = 1 << 128;

    /// @dev A market with positions on both sides at any price, funding and skew that the caps permit or once permitted.
    function anyBooks(Dice memory dice, uint256 count) internal pure returns (Books memory books) {
        uint256 price = anyPrice(dice);
        books.config = anyConfig(dice, price);
        Market memory market = books.market;
        (market.index, market.accruedAt) = (uint96(price), uint40(between(dice, 1_700_000_000, 1_800_000_000)));
        market.funding = int96(either(dice, magnitude(dice, 1, 64 * price)));
        books.positions = new Position[](count);
        books.margins = new uint256[](count);
        books.pool = int256(magnitude(dice, 1e18, 1e27));
        for (uint256 i; i < count; ++i) {
            if (!chance(dice, 20)) _enter(dice, books, books.positions[i]);
            uint256 notional = magnitudeOf(books.positions[i].size) * price;
            books.margins[i] = magnitude(dice, 1e18, (2 * notional / RAW) + 1e24);
        }
    }

    /// @dev A position opened at a price up to twice or down to half the present one.
    function _enter(Dice memory dice, Books memory books, Position memory position) private pure {
        Market memory market = books.market;
        uint256 scale = FillMath.skewScale(books.config);
        uint256 most = scale * books.config.openInterestCapBps / 1e4 / books.positions.length;
        uint256 largest = largestSize(market.index);
        uint256 size = magnitude(dice, 1, most < largest ? most + 1 : largest);
        position.size = int88(either(dice, size));
        uint256 entry = between(dice, uint256(market.index) / 2, uint256(market.index) * 2);
        int256 noise = int256(roll(dice) % 2e12) - 1e12;
        position.cash = int136(int256(position.size) * (market.funding - int256(entry)) + noise);
        market.cash += position.cash;
        if (position.size > 0) market.longs += uint88(size);
        else market.shorts += uint88(size);
    }

    /// @dev A trade of one account, booked when it fills. `others` is what else the account holds.
    function trade(Books memory books, uint256 i, Trade memory what, Portfolio memory others)
        internal
        pure
        returns (Outcome memory outcome)
    {
        TradeMath.execute(
            outcome,
            TradeContext({
                market: books.market,
                config: books.config,
                position: books.positions[i],
                margin: books.margins[i],
                others: others,
                trade: what,
                allowance: UNBOUND,
                discount: 0
            })
        );
        if (outcome.failure != Failure.None) return outcome;
        uint256 other = outcome.fee * RESERVES_FEE_BPS / 1e4;
        books.margins[i] = outcome.margin;
        books.pool += int256(outcome.fee - other) - outcome.poolPays;
        books.out += other;
        books.elsewhere -= int256(outcome.deferred * RAW);
    }

    /// @dev Liquidates an account, if it is due, without a meter.
    /// @return result What it came to.
    /// @return holding What was closed.
    /// @return left Equity of a position closed whole, before anybody is paid, USD, 30 decimals.
    function liquidate(Books memory books, uint256 i, Price memory price)
        internal
        pure
        returns (Liquidation memory result, Holding memory holding, int256 left)
    {
        Position memory position = books.positions[i];
        holding = LiquidationMath.holdingOf(0, books.market, books.config, position, price);
        holding.room = type(uint256).max;
        left = int256(books.margins[i] * RAW) + position.cash - int256(position.size) * books.market.funding;
        LiquidationMath.liquidate(result, holding, books.margins[i], 0, false);
        (position.size, position.cash) = (int88(holding.size), int136(holding.cash));
        if (!result.due) return (result, holding, 0);
        left -= holding.cost;
        books.margins[i] = result.margin;
        books.pool -= result.poolPays;
        books.out += result.reward + result.penalty;
    }

    /// @dev Margin with which an account's equity at the favourable price is half of maintenance or a little less than all.
    function endanger(Dice memory dice, Books memory books, uint256 i, Price memory price) internal pure {
        Portfolio memory sums;
        bool long = books.positions[i].size > 0;
        MarginMath.add(sums, books.positions[i], books.market, books.config, long ? price.hi : price.lo);
        uint256 maintenance = MarginMath.maintenanceRequirement(sums);
        int256 margin = int256(maintenance * between(dice, 500, 999) / 1000) - sums.value / int256(RAW) - 1;
        books.margins[i] = margin > 0 ? uint256(margin) : 0;
    }

    function tradeOf(int256 sizeDelta, uint256 price, uint256 spread) internal pure returns (Trade memory) {
        return Trade({
            sizeDelta: sizeDelta,
            limitPrice: sizeDelta > 0 ? type(uint128).max : 0,
            price: price,
            spread: spread,
            adverseLong: price - spread,
            adverseShort: price + spread,
            reduceOnly: false,
            opening: true,
            builderFee: 0
        });
    }

    function priceOf(uint256 mid, uint256 width) internal pure returns (Price memory) {
        return Price(mid, mid - width, mid + width, width, 0, PriceState.Normal);
    }

    /// @notice U of the market: skew · (price − funding) + cash.
    function tradersValue(Market memory market, uint256 price) internal pure returns (int256) {
        return FundingMath.skewOf(market) * (int256(price) - market.funding) + market.cash;
    }

    /// @notice V − claims − Σ (U + Res), USD, 30 decimals.
    function netAssetValue(Books memory books, uint256 price) internal pure returns (int256) {
        int256 skew = FundingMath.skewOf(books.market);
        uint256 reserve = FillMath.skewReserve(price, skew, FillMath.skewScale(books.config));
        return books.pool * int256(RAW) - tradersValue(books.market, price) - int256(reserve) - books.elsewhere;
    }

    function magnitudeOf(int256 value) internal pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
