// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Market, MarketConfig, MarketRisk, Position} from "../engine/EngineTypes.sol";
import {Price} from "../interfaces/IPriceOracle.sol";
import {FillMath} from "./FillMath.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {FundingMath} from "./FundingMath.sol";
import {MarginMath} from "./MarginMath.sol";
import {TradeMath} from "./TradeMath.sol";

/// @notice One position of an account under liquidation.
/// @param id Of its market.
/// @param market Accrued; changed in memory when the position is closed.
/// @param config The market's parameters.
/// @param position Changed in memory.
/// @param price The fill's; `hi` favours a long, `lo` a short.
/// @param room How much closing a part may still make |skew| grow, base units, 12 decimals.
/// @param capacity What `room` is when nothing was metered of late, base units, 12 decimals; zero when closing cannot make
/// |skew| grow.
/// @param initial Initial margin at the favourable price, USD, 18 decimals.
/// @param maintenance Maintenance margin at the favourable price, USD, 18 decimals.
/// @param sizeDelta Closed, base units, 12 decimals; zero when the position was left alone.
/// @param cost Of what was closed, spread included, USD, 30 decimals; + the account pays.
struct Holding {
    uint256 id;
    Market market;
    MarketConfig config;
    Position position;
    Price price;
    uint256 room;
    uint256 capacity;
    uint256 initial;
    uint256 maintenance;
    int256 sizeDelta;
    int256 cost;
}

/// @notice What liquidating an account comes to. USD, 18 decimals unless said.
/// @param due Whether equity is below maintenance.
/// @param equity With every position at the price that favours it, unpaid claim included, USD, 30 decimals.
/// @param maintenance Required, the buffer for the reward included.
/// @param reward From the account to the keeper.
/// @param penalty From the account to insurance and treasury, as their part of fees.
/// @param margin Left to the account.
/// @param deferred Loss that the margin did not cover and that now stands in the first position that stays open.
/// @param badDebt Loss beyond the account's margin.
/// @param poolPays Cash from the pool; negative when the account pays the pool.
/// @param closed Positions closed or reduced.
struct Liquidation {
    bool due;
    int256 equity;
    uint256 maintenance;
    uint256 reward;
    uint256 penalty;
    uint256 margin;
    uint256 deferred;
    uint256 badDebt;
    int256 poolPays;
    uint256 closed;
}

/// @notice Liquidation: whether it is due, how much of what it closes, where that fills and who gets what is left.
/// @dev Mirrored by `liquidationMath.ts`. Source: docs/mechanism.md#liquidation. Unchecked as in {FillMath}.
/// Narrowing: what leaves a market's total is the cash of one of its positions, itself a part of the total.
library LiquidationMath {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev Surcharge of an immediate close, basis points of mid; at least the band's half-width.
    uint256 internal constant SURCHARGE_BPS = 10;
    /// @dev Seconds in which a market's meter empties.
    uint256 internal constant METER_SECONDS = 60;
    /// @dev Corrections at most after the root was found to the precision of the numbers; there is seldom one.
    uint256 private constant MAX_STEPS = 16;

    /// @dev Rounding of a surplus, USD, 30 decimals: each of its three amounts by less than a wad's unit, and of all the
    /// notional, the ratio by less than one of its own.
    int256 private constant ROUNDING = 3e12;

    /// @dev A position, what closing a part of it is reckoned from, and the part reckoned last.
    /// @param buys Whether closing buys.
    /// @param size Base units, 12 decimals.
    /// @param favourable What equity is measured at, USD per base unit, 18 decimals.
    /// @param spread Paid beside the curve, USD per base unit, 18 decimals.
    /// @param skew Longs − shorts before, base units, 12 decimals.
    /// @param scale S, base units, 12 decimals.
    /// @param lacking What equity lacks to the initial margin of all open positions before, USD, 30 decimals.
    /// @param closing Base units, 12 decimals.
    /// @param cost Of the part, spread included, USD, 30 decimals; + the account pays.
    /// @param penalty USD, 18 decimals, rounded up.
    /// @param surplus Of equity above initial margin with the part closed, USD, 30 decimals.
    struct Part {
        bool buys;
        uint256 size;
        uint256 favourable;
        uint256 spread;
        int256 skew;
        uint256 scale;
        int256 lacking;
        uint256 closing;
        int256 cost;
        uint256 penalty;
        int256 surplus;
    }

    /// @dev How far the liquidation of an account has come.
    /// @param whole Whether everything is closed.
    /// @param lacking What equity lacks to the initial margin of all open positions, USD, 30 decimals.
    /// @param cash Realised margin and what closing has realised, USD, 18 decimals, signed.
    /// @param band What closing has paid for spread, USD, 30 decimals.
    /// @param open Positions still open.
    struct Progress {
        bool whole;
        int256 lacking;
        int256 cash;
        uint256 band;
        uint256 open;
    }

    /// @notice What an immediate close pays beside the curve: the band and a surcharge of max(10 bp, half-width).
    /// @param buys Whether closing buys, as for a short.
    /// @return USD per base unit, 18 decimals, rounded up.
    function closingSpread(Price memory price, bool buys) internal pure returns (uint256) {
        uint256 surcharge = price.mid.mulDivUp(SURCHARGE_BPS, FixedPoint.BPS).max(price.halfWidth);
        return (buys ? price.hi - price.mid : price.mid - price.lo) + surcharge;
    }

    /// @notice How much liquidations of parts may still make a market's |skew| grow: a bucket of κ · S that empties
    /// evenly within {METER_SECONDS}.
    /// @return room Base units, 12 decimals, rounded down.
    /// @return capacity κ · S, base units, 12 decimals.
    function meter(MarketRisk memory risk, MarketConfig memory config, uint256 time)
        internal
        pure
        returns (uint256 room, uint256 capacity)
    {
        unchecked {
            capacity = FillMath.skewScale(config) * config.skewCapBps / FixedPoint.BPS;
            uint256 emptied = capacity * (time - risk.meteredAt).min(METER_SECONDS) / METER_SECONDS;
            uint256 level = uint256(risk.metered) - emptied.min(risk.metered);
            room = capacity - level.min(capacity);
        }
    }

    /// @notice By how much a trade makes |skew| grow.
    /// @return Base units, 12 decimals; zero when it falls.
    function skewGrowth(int256 skew, int256 sizeDelta) internal pure returns (uint256) {
        unchecked {
            (uint256 before, uint256 later) = (skew.abs(), (skew + sizeDelta).abs());
            return later > before ? later - before : 0;
        }
    }

    /// @notice Judges an account and, if it is due, closes in memory what restores it: the market with the largest
    /// maintenance margin first, and of each the least that leaves equity ≥ initial margin; everything when equity is
    /// below half of maintenance.
    /// @param holdings All positions of the account.
    /// @param margin Realised margin, USD, 18 decimals.
    /// @param claim Unpaid claim: counts as equity, cannot be spent. USD, 18 decimals.
    function liquidate(Holding[] memory holdings, uint256 margin, uint256 claim)
        internal
        pure
        returns (Liquidation memory result)
    {
        unchecked {
            (uint256 initial, uint256 reward) = _judge(result, holdings, margin + claim);
            if (!result.due) return result;
            // The reward is paid and set aside anew.
            int256 lacking = int256((initial + 2 * reward) * FixedPoint.RAW_PER_WAD) - result.equity;
            bool whole = 2 * result.equity < int256(result.maintenance * FixedPoint.RAW_PER_WAD);
            Progress memory progress = Progress(whole, lacking, int256(margin), 0, _countOpen(holdings));
            for (uint256 left = progress.open; left != 0; --left) {
                if (_liquidateOne(result, progress, holdings[_largest(holdings)])) break;
            }
            if (whole || result.closed != 0) _realiseEmpty(result, progress, holdings);
            if (progress.open == 0) _divideAll(result, progress, reward);
            else if (result.closed != 0) _dividePart(result, holdings, progress.cash, reward);
            else result.margin = margin;
            result.poolPays = int256(result.margin + result.reward + result.penalty) - int256(margin);
        }
    }

    function _countOpen(Holding[] memory holdings) private pure returns (uint256 open) {
        unchecked {
            for (uint256 i; i < holdings.length; ++i) {
                if (holdings[i].position.size != 0) ++open;
            }
        }
    }

    /// @dev Takes the cash out of positions that deleveraging has left without size.
    function _realiseEmpty(Liquidation memory result, Progress memory progress, Holding[] memory holdings)
        private
        pure
    {
        unchecked {
            for (uint256 i; i < holdings.length; ++i) {
                Holding memory holding = holdings[i];
                int256 cash = holding.position.cash;
                if (holding.position.size != 0 || holding.sizeDelta != 0) continue;
                progress.cash += cash.divFloor(FixedPoint.RAW_PER_WAD);
                holding.market.cash = int152(holding.market.cash - cash);
                holding.position.cash = 0;
                ++result.closed;
            }
        }
    }

    /// @return done Whether nothing more has to be closed.
    function _liquidateOne(Liquidation memory result, Progress memory progress, Holding memory holding)
        private
        pure
        returns (bool done)
    {
        unchecked {
            holding.maintenance = 0;
            Price memory price = holding.price;
            int256 size = holding.position.size;
            bool buys = size < 0;
            Part memory part = Part(
                buys,
                size.abs(),
                buys ? price.lo : price.hi,
                closingSpread(price, buys),
                FundingMath.skewOf(holding.market),
                FillMath.skewScale(holding.config),
                progress.lacking,
                0,
                0,
                0,
                0
            );
            if (progress.whole) _reckon(holding, part, part.size);
            else _reckonLeast(holding, part);
            if (part.closing == 0) return false;
            progress.lacking = -part.surplus;
            progress.band += part.closing * part.spread;
            result.penalty += part.penalty;
            ++result.closed;
            (holding.sizeDelta, holding.cost) = (buys ? int256(part.closing) : -int256(part.closing), part.cost);
            progress.cash += TradeMath.close(holding.market, holding.position, holding.sizeDelta, part.cost);
            if (part.closing == part.size) --progress.open;
            return !progress.whole && (part.closing < part.size || part.surplus >= 0);
        }
    }

    /// @dev Each market at the price that favours the account.
    function _judge(Liquidation memory result, Holding[] memory holdings, uint256 cash)
        private
        pure
        returns (uint256 initial, uint256 reward)
    {
        unchecked {
            int256 equity = int256(cash * FixedPoint.RAW_PER_WAD);
            uint256 total;
            uint256 maintenance;
            for (uint256 i; i < holdings.length; ++i) {
                Holding memory holding = holdings[i];
                MarketConfig memory config = holding.config;
                int256 size = holding.position.size;
                uint256 price = size > 0 ? holding.price.hi : holding.price.lo;
                uint256 notional = size.abs() * price;
                equity += MarginMath.value(holding.position, price, holding.market.funding);
                total += notional;
                holding.initial = MarginMath.required(notional, MarginMath.initialRatio(size.abs(), config));
                holding.maintenance = MarginMath.maintenanceOf(holding.initial, config);
                initial += holding.initial;
                maintenance += holding.maintenance;
            }
            reward = MarginMath.rewardOf(total);
            (result.equity, result.maintenance) = (equity, maintenance + reward);
            result.due = equity < int256(result.maintenance * FixedPoint.RAW_PER_WAD);
        }
    }

    /// @dev The first of those with the largest maintenance margin.
    function _largest(Holding[] memory holdings) private pure returns (uint256 largest) {
        unchecked {
            for (uint256 i = 1; i < holdings.length; ++i) {
                if (holdings[i].maintenance > holdings[largest].maintenance) largest = i;
            }
        }
    }

    /// @dev Reckons what closing a part does: the fill against the favourable price, the penalty, and the initial margin
    /// that it frees.
    function _reckon(Holding memory holding, Part memory part, uint256 closing) private pure {
        unchecked {
            MarketConfig memory config = holding.config;
            uint256 mid = holding.price.mid;
            int256 sizeDelta = part.buys ? int256(closing) : -int256(closing);
            int256 cost = FillMath.cost(mid, part.skew, sizeDelta, part.scale) + int256(part.spread * closing);
            uint256 penalty = (closing * mid * config.penaltyBps).divUp(FixedPoint.BPS * FixedPoint.RAW_PER_WAD);
            uint256 rest = part.size - closing;
            uint256 required = MarginMath.required(rest * part.favourable, MarginMath.initialRatio(rest, config));
            int256 freed = int256(holding.initial) - int256(required + penalty);
            part.surplus =
                sizeDelta * int256(part.favourable) - cost + freed * int256(FixedPoint.RAW_PER_WAD) - part.lacking;
            (part.closing, part.cost, part.penalty) = (closing, cost, penalty);
        }
    }

    /// @dev Reckons the least part whose closing leaves equity ≥ initial margin; the whole position when none does or only
    /// dust would stay. Up to rounding what lacks is c − b · n + a · n²: b what the first unit adds, a the curvature of
    /// the mark and of the margin's slope. The size beside its lesser root, 2 · c / (b + √(b² − 4 · a · c)), is the least
    /// when nothing lacks and no more than the last unit's effect is left over.
    function _reckonLeast(Holding memory holding, Part memory part) private pure {
        unchecked {
            int256 first = _slope(holding, part);
            // 4 · a · S: USD per base unit, 18 decimals, rounded down.
            uint256 curvature =
                2 * holding.price.mid + part.favourable * holding.config.marginSlopeBps * 4 / FixedPoint.BPS;
            uint256 closing = first > 0 ? _root(part, uint256(first), curvature) + 1 : part.size;
            int256 rounding = ROUNDING + int256(part.size * part.favourable / FixedPoint.WAD);
            for (uint256 i; closing < part.size && i < MAX_STEPS; ++i) {
                _reckon(holding, part, closing);
                // What the next unit adds; none where even the best part is not enough.
                int256 last = first - int256(curvature * closing / (2 * part.scale));
                int256 surplus = part.surplus;
                uint256 step = uint256(last > 0 ? last : first);
                if (surplus < 0) closing = last > 0 ? closing + uint256(-surplus).divUp(step) : part.size;
                else if (surplus < last + 2 * rounding) break;
                else closing -= (uint256(surplus - rounding) / step).max(1).min(closing);
            }
            if (closing < part.size) closing = _metered(holding, part, closing);
            if ((part.size - closing.min(part.size)) * holding.price.mid < TradeMath.MIN_NOTIONAL) closing = part.size;
            if (closing != part.closing) _reckon(holding, part, closing);
        }
    }

    /// @dev The lesser root, base units, 12 decimals; the whole position when there is none.
    function _root(Part memory part, uint256 first, uint256 curvature) private pure returns (uint256) {
        unchecked {
            uint256 lacking = uint256(part.lacking);
            uint256 square = first * first;
            uint256 product = lacking.mulDivDown(curvature, part.scale);
            if (product > square) return part.size;
            return 2 * lacking / (first + Math.sqrt(square - product));
        }
    }

    /// @dev What the first unit closed adds to the surplus: its fill at the mark, less spread and penalty, against the
    /// favourable price, and the initial margin it frees. USD per base unit, 18 decimals, rounded up.
    function _slope(Holding memory holding, Part memory part) private pure returns (int256) {
        unchecked {
            MarketConfig memory config = holding.config;
            uint256 mid = holding.price.mid;
            int256 gain = int256(mid) - int256(part.favourable);
            if (part.buys) gain = -gain;
            gain += int256(mid).mulDivCeil(part.buys ? -part.skew : part.skew, part.scale);
            uint256 ratio = uint256(config.initialMarginBps) * 1e14
                + (uint256(config.marginSlopeBps) * 2e14 * part.size).divUp(part.scale);
            return gain - int256(part.spread + mid * config.penaltyBps / FixedPoint.BPS)
                + int256((part.favourable * ratio).divUp(FixedPoint.WAD));
        }
    }

    /// @dev A part that makes |skew| grow waits for the meter; one larger than the meter takes all of it once it is empty.
    function _metered(Holding memory holding, Part memory part, uint256 closing) private pure returns (uint256) {
        unchecked {
            if (holding.capacity == 0) return closing;
            uint256 growth = skewGrowth(part.skew, part.buys ? int256(closing) : -int256(closing));
            if (growth <= holding.room) return closing;
            return holding.room < holding.capacity ? 0 : closing - (growth - holding.room);
        }
    }

    /// @dev Nothing stays open. If only the bands make the rest negative, the fills stop at zero equity; what is left pays
    /// the keeper, then the penalty, then the account.
    function _divideAll(Liquidation memory result, Progress memory progress, uint256 reward) private pure {
        unchecked {
            if (progress.cash < 0) {
                uint256 lost = uint256(-progress.cash);
                result.badDebt = lost - lost.min(progress.band / FixedPoint.RAW_PER_WAD);
                result.penalty = 0;
                return;
            }
            uint256 left = uint256(progress.cash);
            result.reward = left.min(reward);
            result.penalty = (left - result.reward).min(result.penalty);
            result.margin = left - result.reward - result.penalty;
        }
    }

    /// @dev Equity covers all of it; what the cash does not cover stays as a loss in a position that remains.
    function _dividePart(Liquidation memory result, Holding[] memory holdings, int256 cash, uint256 reward)
        private
        pure
    {
        unchecked {
            result.reward = reward;
            int256 left = cash - int256(reward + result.penalty);
            if (left >= 0) {
                result.margin = uint256(left);
                return;
            }
            result.deferred = uint256(-left);
            Holding memory first = holdings[firstOpen(holdings)];
            TradeMath.addCash(first.market, first.position, left * int256(FixedPoint.RAW_PER_WAD));
        }
    }

    /// @notice Which of the positions is the first that is open; there must be one.
    function firstOpen(Holding[] memory holdings) internal pure returns (uint256 i) {
        unchecked {
            while (holdings[i].position.size == 0) ++i;
        }
    }
}
