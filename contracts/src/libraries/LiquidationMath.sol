// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, MarketRisk, Position} from "../engine/EngineTypes.sol";
import {Price, PriceState} from "../interfaces/IPriceOracle.sol";
import {FillMath} from "./FillMath.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {FundingMath} from "./FundingMath.sol";
import {MarginMath} from "./MarginMath.sol";
import {TradeMath} from "./TradeMath.sol";

/// @notice One position of an account under liquidation. Flat, so that what is the market's can be copied from account to
/// account in one go and nothing is unpacked twice. An account's positions are a list, in ascending order of market.
/// @param next The position after this one, alone; empty at the last.
/// @param room How much closing a part may still make |skew| grow, base units, 12 decimals.
/// @param capacity What `room` is when nothing was metered of late, base units, 12 decimals; zero when closing cannot make
/// |skew| grow.
/// @param sizeDelta Closed, base units, 12 decimals; zero when the position was left alone.
/// @param closing The part reckoned last, base units, 12 decimals.
/// @param id Of its market.
/// @param flags Of the market's parameters.
/// @param market Accrued; changed in memory when the position is closed.
/// @param mid The fill's, USD per base unit, 18 decimals.
/// @param lo Favours a short, 18 decimals.
/// @param hi Favours a long, 18 decimals.
/// @param surcharge On top of the band, USD per base unit, 18 decimals.
/// @param drag What closing a unit takes from equity beside the curve, from the favourable price across both bands and the
/// surcharge: the same for longs and shorts. USD per base unit, 18 decimals.
/// @param scale S, base units, 12 decimals.
/// @param initialBps IM, basis points of notional.
/// @param maintenanceBps MM, basis points of notional.
/// @param slopeBps β, 10,000 = 1.
/// @param penaltyBps Of the notional liquidated.
/// @param place Where the position is stored; zero when it is not.
/// @param rest The position's other fields, where its word holds them.
/// @param size Of the position, base units, 12 decimals, + long; changed when it is closed.
/// @param cash Of the position, USD, 30 decimals; changed when it is closed.
/// @param magnitude |size| before, base units, 12 decimals.
/// @param favourable The price that equity is measured at, USD per base unit, 18 decimals.
/// @param initial Initial margin at the favourable price, USD, 18 decimals.
/// @param maintenance Maintenance margin at the favourable price, USD, 18 decimals.
/// @param cost Of what was closed, spread included, USD, 30 decimals; + the account pays.
/// @param skew Before, base units, 12 decimals; + where closing adds to it.
/// @param lacking What equity lacks to the initial margin of all open positions before, USD, 30 decimals.
/// @param impact Of the part along the curve, USD, 30 decimals; + the account pays.
/// @param penalty On the part, USD, 18 decimals, rounded up.
/// @param surplus Of equity above initial margin with the part closed, USD, 30 decimals.
struct Holding {
    Holding[] next;
    uint256 room;
    uint256 capacity;
    int256 sizeDelta;
    uint256 closing;
    uint256 id;
    uint256 flags;
    Market market;
    uint256 mid;
    uint256 lo;
    uint256 hi;
    uint256 surcharge;
    uint256 drag;
    uint256 scale;
    uint256 initialBps;
    uint256 maintenanceBps;
    uint256 slopeBps;
    uint256 penaltyBps;
    uint256 place;
    uint256 rest;
    int256 size;
    int256 cash;
    uint256 magnitude;
    uint256 favourable;
    uint256 initial;
    uint256 maintenance;
    int256 cost;
    int256 skew;
    int256 lacking;
    int256 impact;
    uint256 penalty;
    int256 surplus;
}

/// @notice What liquidating an account comes to. USD, 18 decimals unless said.
/// @param due Whether equity is below maintenance.
/// @param equity With every position at the price that favours it, claim included, USD, 30 decimals.
/// @param maintenance Required, the buffer for the reward included.
/// @param reward From the account to the keeper.
/// @param penalty From the account to insurance and treasury, as their part of fees.
/// @param margin Left to the account.
/// @param deferred Loss that the margin did not cover and that now stands in the first position that stays open.
/// @param badDebt Loss beyond the account's margin, and penalty that its claim can bear: first set off against the claim.
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
    /// @dev Seconds after an account was flagged, from and up to which it may be liquidated by one source.
    uint256 internal constant FLAG_FROM = 60;
    uint256 internal constant FLAG_UNTIL = 600;
    /// @dev Corrections at most after the root was found to the precision of the numbers; there is seldom one.
    uint256 private constant MAX_STEPS = 16;

    /// @dev Rounding of a surplus, USD, 30 decimals: each of its three amounts by less than a wad's unit, and of all the
    /// notional, the ratio by less than one of its own.
    int256 private constant ROUNDING = 3e12;

    /// @notice A position before anything of it was closed.
    function holdingOf(
        uint256 id,
        Market memory market,
        MarketConfig memory config,
        Position memory position,
        Price memory price
    ) internal pure returns (Holding memory holding) {
        unchecked {
            (holding.id, holding.market, holding.flags) = (id, market, config.flags);
            setPrice(holding, price.mid, price.lo, price.hi, price.halfWidth);
            setPosition(holding, position.size, position.cash);
            holding.scale = FillMath.skewScale(config);
            (holding.initialBps, holding.maintenanceBps) = (config.initialMarginBps, config.maintenanceMarginBps);
            (holding.slopeBps, holding.penaltyBps) = (config.marginSlopeBps, config.penaltyBps);
        }
    }

    /// @notice Sets what a holding knows of its market's price.
    function setPrice(Holding memory holding, uint256 mid, uint256 lo, uint256 hi, uint256 halfWidth) internal pure {
        unchecked {
            uint256 surcharge = closingSurcharge(mid, halfWidth);
            (holding.mid, holding.lo, holding.hi) = (mid, lo, hi);
            (holding.surcharge, holding.drag) = (surcharge, hi - lo + surcharge);
        }
    }

    /// @notice Sets what a holding knows of its position; market and price are there.
    function setPosition(Holding memory holding, int256 size, int256 cash) internal pure {
        unchecked {
            int256 skew = FundingMath.skewOf(holding.market);
            (holding.size, holding.cash) = (size, cash);
            if (size < 0) (holding.magnitude, holding.favourable, holding.skew) = (uint256(-size), holding.lo, skew);
            else (holding.magnitude, holding.favourable, holding.skew) = (uint256(size), holding.hi, -skew);
        }
    }

    /// @notice Whether closing a position whole makes |skew| grow: it has a size beyond the skew of its own side.
    function growsSkew(Holding memory holding) internal pure returns (bool) {
        unchecked {
            int256 magnitude = int256(holding.magnitude);
            return magnitude * (magnitude + 2 * holding.skew) > 0;
        }
    }

    /// @notice What an immediate close pays beside the curve: the band and a surcharge of max(10 bp, half-width).
    /// @param buys Whether closing buys, as for a short.
    /// @return USD per base unit, 18 decimals, rounded up.
    function closingSpread(Price memory price, bool buys) internal pure returns (uint256) {
        unchecked {
            return (buys ? price.hi - price.mid : price.mid - price.lo) + closingSurcharge(price.mid, price.halfWidth);
        }
    }

    /// @notice max(10 bp of mid, half-width).
    /// @return USD per base unit, 18 decimals, rounded up.
    function closingSurcharge(uint256 mid, uint256 halfWidth) internal pure returns (uint256) {
        unchecked {
            return (mid * SURCHARGE_BPS).divUp(FixedPoint.BPS).max(halfWidth);
        }
    }

    /// @notice How much liquidations of parts may still make a market's |skew| grow: a bucket of κ · S that empties
    /// evenly within {METER_SECONDS}.
    /// @return room Base units, 12 decimals, rounded down.
    /// @return capacity κ · S, base units, 12 decimals.
    function meter(MarketRisk memory risk, uint256 scale, uint256 skewCapBps, uint256 time)
        internal
        pure
        returns (uint256 room, uint256 capacity)
    {
        unchecked {
            capacity = scale * skewCapBps / FixedPoint.BPS;
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

    /// @notice Whether only who has less than nothing may be liquidated: by one source, unless the account was found below
    /// maintenance a while before; and while the chain catches up.
    /// @param state The worst of the prices of the account's markets.
    /// @param flaggedAt Seconds; zero when the account was never flagged.
    /// @param time The present, seconds.
    function isStrict(PriceState state, uint256 flaggedAt, uint256 time) internal pure returns (bool) {
        unchecked {
            if (state <= PriceState.Guarded) return false;
            uint256 elapsed = time - flaggedAt;
            return state != PriceState.Single || elapsed < FLAG_FROM || elapsed > FLAG_UNTIL;
        }
    }

    /// @notice Judges an account and, if it is due, closes in memory what restores it: the market with the largest
    /// maintenance margin first, and of each the least that leaves equity ≥ initial margin; everything when equity is
    /// below half of maintenance.
    /// @param result Every field is set for an account that is due; otherwise only `due`, `equity`, `maintenance`, `closed`.
    /// @param first The account's positions, all of them.
    /// @param margin Realised margin, USD, 18 decimals.
    /// @param claim Counts as equity, cannot be spent. USD, 18 decimals.
    /// @param strict Whether it is due only with negative equity; then what is required of one that is not is zero.
    function liquidate(Liquidation memory result, Holding memory first, uint256 margin, uint256 claim, bool strict)
        internal
        pure
    {
        unchecked {
            (uint256 initial, uint256 reward, uint256 open, bool emptied) = _judge(result, first, margin + claim);
            result.closed = 0;
            if (strict && result.equity >= 0) (result.due, result.maintenance) = (false, 0);
            if (!result.due) return;
            (int256 cash, uint256 penalty, uint256 left) = _closeParts(result, first, open, initial + 2 * reward);
            cash += int256(margin);
            if (emptied && (open == 0 || result.closed != 0)) cash += _realiseEmptied(result, first);
            if (left == 0) {
                _divideAll(result, first, cash, reward, penalty);
                if (claim != 0) _chargeClaim(result, cash, claim, penalty);
            } else {
                // Nothing is paid for a part that waits.
                if (result.closed == 0) reward = 0;
                _dividePart(result, first, cash, reward, penalty);
            }
            result.poolPays = int256(result.margin + result.reward + result.penalty) - int256(margin);
        }
    }

    /// @notice What {liquidate} sets for an account without positions: nothing is due.
    function passOver(Liquidation memory result, uint256 margin, uint256 claim) internal pure {
        unchecked {
            result.equity = int256((margin + claim) * FixedPoint.RAW_PER_WAD);
            (result.due, result.maintenance, result.closed) = (false, 0, 0);
        }
    }

    /// @notice Makes a list of positions in ascending order of market.
    function link(Holding[] memory holdings) internal pure {
        unchecked {
            for (uint256 i = 1; i < holdings.length; ++i) {
                Holding[] memory next = new Holding[](1);
                next[0] = holdings[i];
                holdings[i - 1].next = next;
            }
        }
    }

    /// @param open How many positions have a size.
    /// @param target What equity is to reach, USD, 18 decimals: the reward is paid and set aside anew.
    /// @return cash What closing has realised, USD, 18 decimals, signed.
    /// @return penalty USD, 18 decimals.
    /// @return left Positions still open.
    function _closeParts(Liquidation memory result, Holding memory first, uint256 open, uint256 target)
        private
        pure
        returns (int256 cash, uint256 penalty, uint256 left)
    {
        unchecked {
            int256 lacking = int256(target * FixedPoint.RAW_PER_WAD) - result.equity;
            bool whole = 2 * result.equity < int256(result.maintenance * FixedPoint.RAW_PER_WAD);
            left = open;
            for (; open != 0; --open) {
                // The first of those with the largest maintenance margin, which is none at a price of nothing.
                Holding memory holding = first;
                for (Holding memory other = first; other.next.length != 0;) {
                    other = other.next[0];
                    if (other.maintenance > holding.maintenance || holding.size == 0) holding = other;
                }
                holding.maintenance = 0;
                holding.lacking = lacking;
                _reckonPart(holding, whole);
                uint256 closing = holding.closing;
                if (closing == 0) continue;
                lacking = -holding.surplus;
                penalty += holding.penalty;
                cash += _close(holding, closing);
                ++result.closed;
                if (closing == holding.magnitude) --left;
                else if (!whole) return (cash, penalty, left);
                if (lacking <= 0 && !whole) return (cash, penalty, left);
            }
        }
    }

    /// @dev Takes the cash out of positions that deleveraging has left without size.
    /// @return realised USD, 18 decimals, signed, each rounded down.
    function _realiseEmptied(Liquidation memory result, Holding memory first) private pure returns (int256 realised) {
        unchecked {
            for (Holding memory holding = first;; holding = holding.next[0]) {
                if (holding.magnitude == 0) {
                    int256 cash = holding.cash;
                    realised += cash.divFloor(FixedPoint.RAW_PER_WAD);
                    holding.market.cash = int152(holding.market.cash - cash);
                    holding.cash = 0;
                    ++result.closed;
                }
                if (holding.next.length == 0) break;
            }
        }
    }

    /// @return realised USD, 18 decimals, signed.
    function _close(Holding memory holding, uint256 closing) private pure returns (int256 realised) {
        unchecked {
            int256 size = holding.size;
            int256 cash = holding.cash;
            int256 sizeDelta = int256(closing);
            uint256 price = holding.hi + holding.surcharge;
            if (size > 0) (sizeDelta, price) = (-sizeDelta, holding.lo - holding.surcharge);
            int256 cost = sizeDelta * int256(price) + holding.impact;
            Market memory market = holding.market;
            (holding.size, holding.sizeDelta, holding.cost) = (size + sizeDelta, sizeDelta, cost);
            int256 change;
            (realised, change) = TradeMath.realise(size, cash, market.funding, sizeDelta, cost);
            holding.cash = TradeMath.addCash(market, cash, change);
            TradeMath.reduceInterest(market, sizeDelta);
        }
    }

    /// @dev Each market at the price that favours the account.
    /// @return initial Initial margin, USD, 18 decimals.
    /// @return reward USD, 18 decimals.
    /// @return open How many positions have a size.
    /// @return emptied Whether deleveraging has left one without.
    function _judge(Liquidation memory result, Holding memory first, uint256 cash)
        private
        pure
        returns (uint256 initial, uint256 reward, uint256 open, bool emptied)
    {
        unchecked {
            int256 equity = int256(cash * FixedPoint.RAW_PER_WAD);
            uint256 total;
            uint256 maintenance;
            for (Holding memory holding = first;; holding = holding.next[0]) {
                (uint256 magnitude, uint256 price) = (holding.magnitude, holding.favourable);
                uint256 notional = magnitude * price;
                equity += holding.size * (int256(price) - holding.market.funding) + holding.cash;
                total += notional;
                uint256 own = _initialOf(holding, magnitude, notional);
                uint256 ownMaintenance = MarginMath.maintenanceOf(own, holding.maintenanceBps, holding.initialBps);
                (holding.initial, holding.maintenance) = (own, ownMaintenance);
                initial += own;
                maintenance += ownMaintenance;
                if (magnitude == 0) emptied = true;
                else ++open;
                if (holding.next.length == 0) break;
            }
            reward = MarginMath.rewardOf(total);
            maintenance += reward;
            (result.equity, result.maintenance) = (equity, maintenance);
            result.due = equity < int256(maintenance * FixedPoint.RAW_PER_WAD);
        }
    }

    /// @dev Initial margin of a part of a position, USD, 18 decimals, rounded up.
    function _initialOf(Holding memory holding, uint256 size, uint256 notional) private pure returns (uint256) {
        return MarginMath.required(
            notional, MarginMath.initialRatio(size, holding.initialBps, holding.slopeBps, holding.scale)
        );
    }

    /// @dev Reckons what closing a part does: the fill against the favourable price, the penalty, and the initial margin
    /// that it frees.
    function _reckon(Holding memory holding, uint256 closing) private pure {
        unchecked {
            uint256 notional = closing * holding.mid;
            int256 impact = FillMath.impact(int256(notional), holding.skew, int256(closing), holding.scale);
            uint256 penalty = (notional * holding.penaltyBps).divUp(FixedPoint.BPS * FixedPoint.RAW_PER_WAD);
            uint256 rest = holding.magnitude - closing;
            uint256 required = _initialOf(holding, rest, rest * holding.favourable);
            holding.surplus = int256((holding.initial - required - penalty) * FixedPoint.RAW_PER_WAD)
                - int256(closing * holding.drag) - impact - holding.lacking;
            (holding.closing, holding.impact, holding.penalty) = (closing, impact, penalty);
        }
    }

    /// @dev Reckons the least part whose closing leaves equity ≥ initial margin; the whole position when none does, when
    /// only dust would stay, or when asked for. Up to rounding what lacks is c − b · n + a · n²: b what the first unit adds,
    /// a the curvature of the mark and of the margin's slope. The size beside its lesser root,
    /// 2 · c / (b + √(b² − 4 · a · c)), is the least when nothing lacks and no more than the last unit's effect is left over.
    function _reckonPart(Holding memory holding, bool whole) private pure {
        unchecked {
            uint256 size = holding.magnitude;
            if (whole) {
                _reckon(holding, size);
                return;
            }
            int256 first = _slope(holding);
            // 4 · a · S: USD per base unit, 18 decimals, rounded down.
            uint256 curvature = 2 * holding.mid + holding.favourable * holding.slopeBps * 4 / FixedPoint.BPS;
            uint256 closing = first > 0 ? _root(holding, uint256(first), curvature) + 1 : size;
            int256 rounding = ROUNDING + int256(size * holding.favourable / FixedPoint.WAD);
            for (uint256 steps = MAX_STEPS; closing < size && steps != 0; --steps) {
                _reckon(holding, closing);
                // What the next unit adds; none where even the best part is not enough.
                int256 last = first - int256(curvature * closing / (2 * holding.scale));
                int256 surplus = holding.surplus;
                uint256 step = uint256(last > 0 ? last : first);
                if (surplus < 0) closing = last > 0 ? closing + uint256(-surplus).divUp(step) : size;
                else if (surplus < last + 2 * rounding) break;
                else closing -= (uint256(surplus - rounding) / step).max(1).min(closing);
            }
            if (closing < size && holding.capacity != 0) closing = _metered(holding, closing);
            if (closing > size || (size - closing) * holding.mid < TradeMath.MIN_NOTIONAL) closing = size;
            if (closing != holding.closing) _reckon(holding, closing);
        }
    }

    /// @dev The lesser root, base units, 12 decimals; the whole position when there is none.
    function _root(Holding memory holding, uint256 first, uint256 curvature) private pure returns (uint256) {
        unchecked {
            uint256 lacking = uint256(holding.lacking);
            uint256 product = lacking.mulDivDown(curvature, holding.scale);
            if (product > first * first) return holding.magnitude;
            return 2 * lacking / (first + first.sqrtOfDifference(product));
        }
    }

    /// @dev What the first unit closed adds to the surplus: its fill at the mark, less spread and penalty, against the
    /// favourable price, and the initial margin it frees. USD per base unit, 18 decimals, rounded up.
    function _slope(Holding memory holding) private pure returns (int256) {
        unchecked {
            (uint256 mid, uint256 scale) = (holding.mid, holding.scale);
            uint256 ratio = holding.initialBps * 1e14 + (holding.slopeBps * 2e14 * holding.magnitude).divUp(scale);
            return (-int256(mid) * holding.skew).divCeil(scale)
                - int256(holding.drag + mid * holding.penaltyBps / FixedPoint.BPS)
                + int256((holding.favourable * ratio).divUp(FixedPoint.WAD));
        }
    }

    /// @dev A part that makes |skew| grow waits for the meter; one larger than the meter takes all of it once it is empty.
    function _metered(Holding memory holding, uint256 closing) private pure returns (uint256) {
        unchecked {
            uint256 room = holding.room;
            uint256 growth = skewGrowth(holding.skew, int256(closing));
            if (growth <= room) return closing;
            return room < holding.capacity ? 0 : closing - (growth - room);
        }
    }

    /// @dev Nothing stays open. If only the bands make the rest negative, the fills stop at zero equity; what is left pays
    /// the keeper, then the penalty, then the account.
    function _divideAll(Liquidation memory result, Holding memory first, int256 cash, uint256 reward, uint256 penalty)
        private
        pure
    {
        unchecked {
            uint256 left = cash < 0 ? 0 : uint256(cash);
            result.badDebt = cash < 0 ? _badDebt(first, uint256(-cash)) : 0;
            result.deferred = 0;
            reward = reward.min(left);
            penalty = penalty.min(left - reward);
            (result.reward, result.penalty, result.margin) = (reward, penalty, left - reward - penalty);
        }
    }

    /// @dev A claim bears what the cash lacks, penalty included, as far as it goes; only what lies beyond it do the bands
    /// spare.
    function _chargeClaim(Liquidation memory result, int256 cash, uint256 claim, uint256 penalty) private pure {
        unchecked {
            uint256 owed = penalty - result.penalty;
            if (cash < 0) owed += uint256(-cash);
            result.badDebt = result.badDebt.max(owed.min(claim));
        }
    }

    /// @return What is lost beyond the bands that closing has paid, USD, 18 decimals.
    function _badDebt(Holding memory first, uint256 lost) private pure returns (uint256) {
        unchecked {
            uint256 band;
            for (Holding memory holding = first;; holding = holding.next[0]) {
                uint256 width = holding.sizeDelta > 0 ? holding.hi - holding.mid : holding.mid - holding.lo;
                band += holding.closing * (width + holding.surcharge);
                if (holding.next.length == 0) break;
            }
            return lost - lost.min(band / FixedPoint.RAW_PER_WAD);
        }
    }

    /// @dev Equity covers all of it; what the cash does not cover stays as a loss in a position that remains.
    function _dividePart(Liquidation memory result, Holding memory first, int256 cash, uint256 reward, uint256 penalty)
        private
        pure
    {
        unchecked {
            int256 left = cash - int256(reward + penalty);
            uint256 deferred;
            if (left < 0) {
                deferred = uint256(-left);
                Holding memory rest = first;
                while (rest.size == 0) {
                    rest = rest.next[0];
                }
                rest.cash = TradeMath.addCash(rest.market, rest.cash, left * int256(FixedPoint.RAW_PER_WAD));
                left = 0;
            }
            (result.reward, result.penalty, result.margin) = (reward, penalty, uint256(left));
            (result.deferred, result.badDebt) = (deferred, 0);
        }
    }
}
