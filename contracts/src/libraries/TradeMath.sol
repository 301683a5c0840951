// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Market, MarketConfig, Position} from "../engine/EngineTypes.sol";
import {FillMath} from "./FillMath.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {FundingMath} from "./FundingMath.sol";
import {MarginMath, Portfolio} from "./MarginMath.sol";

/// @notice A trade to be tried.
/// @param sizeDelta Base units, 12 decimals, + buys; never zero.
/// @param limitPrice Worst cost / size, USD per base unit, 18 decimals.
/// @param price The fill's mid, USD per base unit, 18 decimals.
/// @param spread Paid beside the curve, USD per base unit, 18 decimals.
/// @param adverseLong What a long is valued at when opening, 18 decimals.
/// @param adverseShort What a short is valued at when opening, 18 decimals.
/// @param reduceOnly Never opens.
/// @param opening Whether opening is permitted at all.
/// @param builderFee Of the notional, tenths of a basis point.
struct Trade {
    int256 sizeDelta;
    uint256 limitPrice;
    uint256 price;
    uint256 spread;
    uint256 adverseLong;
    uint256 adverseShort;
    bool reduceOnly;
    bool opening;
    uint256 builderFee;
}

/// @notice Everything a trade acts on.
/// @param market Accrued; changed in memory when the trade fills.
/// @param config The market's parameters.
/// @param position Changed in memory when the trade fills.
/// @param margin Realised margin before, USD, 18 decimals.
/// @param others Sums over the account's other positions, at their index.
/// @param trade What is tried.
/// @param allowance What the market may lock of the pool, USD, 18 decimals.
/// @param discount Of the account's fee tier, percent of the fee.
struct TradeContext {
    Market market;
    MarketConfig config;
    Position position;
    uint256 margin;
    Portfolio others;
    Trade trade;
    uint256 allowance;
    uint256 discount;
}

/// @notice What a trade did, or why it could not.
/// @param failure None when it filled.
/// @param sizeDelta Filled, base units, 12 decimals.
/// @param cost Of the fill, spread included, USD, 30 decimals; + the trader pays.
/// @param fee USD, 18 decimals, the builder's included.
/// @param margin The account's realised margin afterwards, USD, 18 decimals.
/// @param poolPays Cash the pool owes the account, USD, 18 decimals; negative when the account pays the pool.
/// @param deferred Loss that the margin could not cover and that the account's other positions must take, 18 decimals.
/// @param badDebt Loss beyond the account's equity, USD, 18 decimals.
/// @param required Initial margin that was missing, or the counted equity's bound when it was met, 18 decimals.
/// @param builderFee Of the fee, USD, 18 decimals: what a waiver takes first.
struct Outcome {
    Failure failure;
    int256 sizeDelta;
    int256 cost;
    uint256 fee;
    uint256 margin;
    int256 poolPays;
    uint256 deferred;
    uint256 badDebt;
    uint256 required;
    uint256 builderFee;
}

/// @notice The one calculation behind settlement, immediate close and preview.
/// @dev Mirrored by `tradeMath.ts`. Source: docs/mechanism.md#trades. Unchecked within the bounds that {FillMath} names.
library TradeMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev Smallest notional an opening may leave behind, USD, 30 decimals.
    uint256 internal constant MIN_NOTIONAL = 10e30;
    /// @dev Largest notional of a position, USD, 30 decimals.
    uint256 internal constant MAX_NOTIONAL = 5e38;

    /// @notice Tries a trade as one of an account's: a new position needs a place.
    /// @param outcome Set whole when the trade fills; else its failure, and what was missing.
    function attempt(Outcome memory outcome, TradeContext memory context) internal pure {
        outcome.required = 0;
        bool opens = context.position.size == 0 && !context.trade.reduceOnly;
        if (opens && context.others.positions == MarginMath.MAX_POSITIONS) {
            outcome.failure = Failure.TooManyPositions;
            return;
        }
        execute(outcome, context);
    }

    /// @notice Tries a trade and, if it fills, changes market and position in memory.
    /// @param outcome As of {attempt}.
    function execute(Outcome memory outcome, TradeContext memory context) internal pure {
        unchecked {
            Trade memory trade = context.trade;
            int256 closing = closingPart(context.position.size, trade.sizeDelta);
            int256 sizeDelta = closing;
            if (trade.reduceOnly) {
                outcome.failure = closing == 0 ? Failure.NothingToReduce : Failure.None;
            } else {
                int256 opening = trade.sizeDelta - closing;
                outcome.failure = Failure.None;
                if (opening != 0) (outcome.failure, opening) = _opening(context, closing, opening);
                sizeDelta += opening;
            }
            if (outcome.failure != Failure.None) return;

            int256 cost = _costOf(context, sizeDelta);
            (outcome.sizeDelta, outcome.cost) = (sizeDelta, cost);
            if (cost > int256(trade.limitPrice) * sizeDelta) {
                outcome.failure = Failure.LimitExceeded;
                return;
            }
            (outcome.deferred, outcome.badDebt) = (0, 0);
            int256 skew = FundingMath.skewOf(context.market);
            uint256 builderFee = FillMath.builderFee(trade.price, sizeDelta, trade.builderFee);
            outcome.builderFee = builderFee;
            outcome.fee = FillMath.tradeFee(trade.price, skew, sizeDelta, context.discount, context.config) + builderFee;
            if (sizeDelta == closing) _reduce(outcome, context);
            else _open(outcome, context, closing);
        }
    }

    /// @notice The part of a trade that closes: all that is opposite to the position, up to its size.
    /// @return Base units, 12 decimals, in the trade's sign.
    function closingPart(int256 size, int256 sizeDelta) internal pure returns (int256) {
        unchecked {
            // Of one sign, or no position.
            if (size == 0 || size ^ sizeDelta >= 0) return 0;
            return sizeDelta.abs() > size.abs() ? -size : sizeDelta;
        }
    }

    /// @notice Closes a part of a position in memory, as {realise} says.
    /// @param sizeDelta Opposite in sign to the position and at most its size.
    /// @param cost Of the part, USD, 30 decimals.
    /// @return realised USD, 18 decimals, rounded down.
    function close(Market memory market, Position memory position, int256 sizeDelta, int256 cost)
        internal
        pure
        returns (int256 realised)
    {
        unchecked {
            int256 change;
            int256 size = position.size;
            (realised, change) = realise(size, position.cash, market.funding, sizeDelta, cost);
            // Magnitude at most what it was: a part is closed.
            position.size = int88(size + sizeDelta);
            addCash(market, position, change);
            reduceInterest(market, sizeDelta);
        }
    }

    /// @notice What closing a part comes to: the integer cash · |part| / |size| leaves the position and is realised with the
    /// trade's cost.
    /// @param sizeDelta Opposite in sign to the position and at most its size.
    /// @param cost Of the part, USD, 30 decimals.
    /// @return realised USD, 18 decimals, rounded down; the remainder stays in the position, or is the pool's at a full
    /// close.
    /// @return change Of the position's cash, USD, 30 decimals.
    function realise(int256 size, int256 cash, int256 funding, int256 sizeDelta, int256 cost)
        internal
        pure
        returns (int256 realised, int256 change)
    {
        unchecked {
            int256 moved = cash * sizeDelta / -size;
            int256 raw = moved + sizeDelta * funding - cost;
            realised = raw.divFloor(FixedPoint.RAW_PER_WAD);
            change = -moved;
            if (size + sizeDelta != 0) change += raw - realised * int256(FixedPoint.RAW_PER_WAD);
        }
    }

    /// @notice Takes what closes out of the open interest of its side.
    /// @param sizeDelta Base units, 12 decimals, + where a short closes; at most the side's open interest.
    function reduceInterest(Market memory market, int256 sizeDelta) internal pure {
        unchecked {
            // At most what it was, below 2^88: what closes is a part of it.
            if (sizeDelta < 0) market.longs = uint88(uint256(int256(uint256(market.longs)) + sizeDelta));
            else market.shorts = uint88(uint256(market.shorts) - uint256(sizeDelta));
        }
    }

    /// @notice Changes a position's cash and the market's total by the same amount.
    /// @param change USD, 30 decimals. Reverts when it does not fit.
    function addCash(Market memory market, Position memory position, int256 change) internal pure {
        // Fits, or it reverts.
        position.cash = int136(addCash(market, position.cash, change));
    }

    /// @notice The same for a position that lies elsewhere.
    /// @param cash Of the position before, USD, 30 decimals.
    /// @return later Fits an int136.
    function addCash(Market memory market, int256 cash, int256 change) internal pure returns (int256 later) {
        unchecked {
            int256 total = market.cash + change;
            later = cash + change;
            require(_fits(later, total), CashOutOfRange(later));
            // Fits, by the line above.
            market.cash = int152(total);
        }
    }

    function _fits(int256 cash, int256 total) private pure returns (bool) {
        // What a narrowing changes does not fit.
        return cash == int136(cash) && total == int152(total);
    }

    /// @notice Thrown when a position's cash, or its market's total with it, would leave its width; no permitted size and
    /// price can.
    error CashOutOfRange(int256 cash);

    /// @dev What opens of a trade beyond the part that closes.
    /// @return failure Why the trade cannot fill.
    /// @return Base units, 12 decimals, in the trade's sign; zero where only the rest closes.
    function _opening(TradeContext memory context, int256 closing, int256 opening)
        private
        pure
        returns (Failure, int256)
    {
        unchecked {
            Trade memory trade = context.trade;
            uint256 room = trade.opening ? _room(context, closing, opening > 0).min(opening.abs()) : 0;
            if (room == 0) {
                if (closing != 0) return (Failure.None, 0);
                return (trade.opening ? Failure.CapReached : Failure.OpeningPaused, 0);
            }
            int256 part = opening > 0 ? int256(room) : -int256(room);
            uint256 notional = (int256(context.position.size) + closing + part).abs() * trade.price;
            if (notional < MIN_NOTIONAL) {
                // A flip that the caps leave no more than dust of still closes.
                return closing == 0 || part == opening ? (Failure.Dust, int256(0)) : (Failure.None, int256(0));
            }
            return (notional > MAX_NOTIONAL ? Failure.TooLarge : Failure.None, part);
        }
    }

    /// @dev What every cap leaves, after the part that closes.
    function _room(TradeContext memory context, int256 closing, bool buys) private pure returns (uint256 room) {
        unchecked {
            Market memory market = context.market;
            int256 skew = FundingMath.skewOf(market);
            (uint256 side, uint256 other) = buys ? (market.longs, market.shorts) : (market.shorts, market.longs);
            uint256 size = (context.position.size + closing).abs();
            room = FillMath.openingRoom(skew + closing, side, size, buys, context.config);
            if (room == 0) return 0;
            return room.min(
                FillMath.allocationRoom(
                    context.allowance, context.trade.price, _tradersValue(context, skew), side, other - closing.abs()
                )
            );
        }
    }

    /// @dev U at the trade's price, before it. USD, 30 decimals.
    function _tradersValue(TradeContext memory context, int256 skew) private pure returns (int256) {
        unchecked {
            Market memory market = context.market;
            return skew * (int256(context.trade.price) - market.funding) + market.cash;
        }
    }

    function _costOf(TradeContext memory context, int256 sizeDelta) private pure returns (int256) {
        unchecked {
            return FillMath.cost(
                context.trade.price, FundingMath.skewOf(context.market), sizeDelta, FillMath.skewScale(context.config)
            ) + int256(context.trade.spread * sizeDelta.abs());
        }
    }

    /// @dev A reducing trade needs non-negative equity before it, or a better equity / notional after it. What it costs
    /// beyond the equity is first waived from the fee, then bad debt; what the margin cannot pay stays as a loss in the
    /// account's positions.
    function _reduce(Outcome memory outcome, TradeContext memory context) private pure {
        unchecked {
            if (!_mayReduce(outcome, context)) return;
            (Market memory market, Position memory position) = (context.market, context.position);
            int256 margin = int256(context.margin);
            int256 realised = close(market, position, outcome.sizeDelta, outcome.cost);
            int256 marginAfter = margin + realised - int256(outcome.fee) + int256(outcome.badDebt);
            if (marginAfter < 0) {
                uint256 deferred = uint256(-marginAfter);
                marginAfter = 0;
                if (position.size != 0) addCash(market, position, -int256(deferred * FixedPoint.RAW_PER_WAD));
                else outcome.deferred = deferred;
            }
            outcome.margin = uint256(marginAfter);
            outcome.poolPays = marginAfter - margin + int256(outcome.fee);
        }
    }

    function _mayReduce(Outcome memory outcome, TradeContext memory context) private pure returns (bool) {
        unchecked {
            uint256 price = context.trade.price;
            int256 sizeDelta = outcome.sizeDelta;
            int256 equity = int256(context.margin * FixedPoint.RAW_PER_WAD) + context.others.value
                + MarginMath.value(context.position, price, context.market.funding);
            int256 equityAfter =
                equity + sizeDelta * int256(price) - outcome.cost - int256(outcome.fee * FixedPoint.RAW_PER_WAD);
            if (equityAfter >= 0) return true;
            if (equity < 0) {
                uint256 size = int256(context.position.size).abs();
                uint256 notional = (context.others.notional + size * price) / FixedPoint.RAW_PER_WAD;
                uint256 left = notional - sizeDelta.abs() * price / FixedPoint.RAW_PER_WAD;
                if (_isBetter(equityAfter, notional, equity, left)) return true;
                outcome.failure = Failure.EquityNegative;
                return false;
            }
            uint256 shortfall = uint256(-equityAfter).divUp(FixedPoint.RAW_PER_WAD);
            uint256 waived = shortfall.min(outcome.fee);
            outcome.fee -= waived;
            outcome.builderFee -= waived.min(outcome.builderFee);
            outcome.badDebt = shortfall - waived;
            return true;
        }
    }

    /// @dev Whether equityAfter / left > equity / notional, by products that revert where they do not fit.
    function _isBetter(int256 equityAfter, uint256 notional, int256 equity, uint256 left) private pure returns (bool) {
        return equityAfter * int256(notional) > equity * int256(left);
    }

    /// @dev The position is opened in memory, judged, and taken back when the verdict is against it.
    function _open(Outcome memory outcome, TradeContext memory context, int256 closing) private pure {
        unchecked {
            (Market memory market, Position memory position) = (context.market, context.position);
            (int88 size, int136 cash) = (position.size, position.cash);
            (uint88 longs, uint88 shorts, int152 total) = (market.longs, market.shorts, market.cash);
            (bool fits, int256 premium) = _place(outcome, context, closing);
            if (fits && _covered(outcome, context, premium)) return;
            outcome.failure = fits ? Failure.MarginTooLow : Failure.TooLarge;
            (outcome.margin, outcome.poolPays) = (0, 0);
            (position.size, position.cash) = (size, cash);
            (market.longs, market.shorts, market.cash) = (longs, shorts, total);
        }
    }

    /// @return fits As of {_add}.
    /// @return premium What the opening costs beyond its size at the mid, USD, 30 decimals.
    function _place(Outcome memory outcome, TradeContext memory context, int256 closing)
        private
        pure
        returns (bool fits, int256 premium)
    {
        unchecked {
            (Market memory market, Position memory position) = (context.market, context.position);
            (int256 realised, int256 cost) = (0, outcome.cost);
            if (closing != 0) {
                int256 closingCost = _costOf(context, closing);
                cost -= closingCost;
                realised = close(market, position, closing, closingCost);
            }
            int256 opening = outcome.sizeDelta - closing;
            outcome.poolPays = realised;
            // Judged before it is kept.
            outcome.margin = uint256(int256(context.margin) + realised - int256(outcome.fee));
            return (_add(market, position, opening, cost), cost - opening * int256(context.trade.price));
        }
    }

    /// @dev margin + Σ counted unrealised − max(0, premium) ≥ initial, the position valued at its adverse price and
    /// without the premium of its opening.
    /// @param premium As of {_place}.
    function _covered(Outcome memory outcome, TradeContext memory context, int256 premium) private pure returns (bool) {
        unchecked {
            Portfolio memory others = context.others;
            int256 margin = int256(outcome.margin);
            outcome.required = _requiredAfter(context);
            int256 unrealised = MarginMath.value(
                context.position,
                context.position.size > 0 ? context.trade.adverseLong : context.trade.adverseShort,
                context.market.funding
            ) + premium;
            int256 counted = margin * int256(FixedPoint.RAW_PER_WAD) + others.counted
                + MarginMath.counted(unrealised, context.config) - (premium > 0 ? premium : int256(0));
            return counted >= int256(outcome.required * FixedPoint.RAW_PER_WAD)
                && margin >= int256((others.positions + 1) * MarginMath.MARGIN_PER_POSITION);
        }
    }

    /// @dev Initial margin of the account with the position as it would be.
    function _requiredAfter(TradeContext memory context) private pure returns (uint256) {
        unchecked {
            uint256 size = int256(context.position.size).abs();
            uint256 notional = size * context.trade.price;
            return context.others.initial + MarginMath.required(notional, MarginMath.initialRatio(size, context.config))
                + MarginMath.rewardOf(context.others.notional + notional);
        }
    }

    /// @return fits False when the position's cash, or the market's, would leave its width, as it can where funding has grown to many times
    /// a price that then fell; nothing is changed then.
    function _add(Market memory market, Position memory position, int256 sizeDelta, int256 cost)
        private
        pure
        returns (bool fits)
    {
        unchecked {
            int256 change = sizeDelta * market.funding - cost;
            int256 cash = position.cash + change;
            int256 total = market.cash + change;
            if (!_fits(cash, total)) return false;
            // Sizes are at most ω · S < 2^80.
            (position.size, position.cash) = (int88(position.size + sizeDelta), int136(cash));
            // Fits, as seen above.
            market.cash = int152(total);
            // At most ω · S < 2^80.
            if (sizeDelta > 0) market.longs += uint88(uint256(sizeDelta));
            else market.shorts += uint88(uint256(-sizeDelta));
            return true;
        }
    }
}
