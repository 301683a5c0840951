// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Market, MarketConfig, Order, Pool, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {Health} from "../../src/interfaces/IRiskManager.sol";
import {Liquidation} from "../../src/libraries/LiquidationMath.sol";
import {MarginMath, Portfolio} from "../../src/libraries/MarginMath.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {Vm} from "../foundry/Vm.sol";
import {reducing} from "../fixtures/Orders.sol";
import {Ground} from "./Ground.sol";

/// @notice What traders and keepers do, with the properties of each operation.
abstract contract Trading is Ground {
    using OrderWords for uint256;

    function deposit(uint256 seed, uint256 assets) external {
        put(accountOf(seed), 1e6 + assets % 2000e6);
    }

    function withdraw(uint256 seed, uint256 share) external priced {
        bytes32 id = accountOf(seed);
        uint256 assets = _free(id) * (share % 50 + 1) / 100;
        vm.assume(assets != 0);
        vm.prank(ownerOf(id));
        cold.withdraw(id, assets, ownerOf(id), noUpdate);
        withdrawn += assets * RAW;
    }

    function open(uint256 seed, uint256 marketSeed, uint256 leverage, bool buys) external priced {
        if (leverage % 4 != 0) resume();
        _open(accountOf(seed), marketSeed % MARKETS, leverage, buys);
    }

    function reduce(uint256 seed, uint256 marketSeed, uint256 share) external priced {
        (bytes32 id, uint256 market, int88 size) = holderOf(seed, marketSeed);
        vm.assume(size != 0);
        int88 part = int88(size * int256(share % 120 + 1) / 100);
        vm.assume(part != 0);
        Order[] memory orders = orderOf(id, -part);
        reducing(orders[0]);
        _trade(id, market, orders, share);
    }

    function closeNow(uint256 seed, uint256 marketSeed, uint256 share) external priced {
        (bytes32 id, uint256 market, int88 size) = holderOf(seed, marketSeed);
        vm.assume(size != 0 && risk.getHealth(id).equity >= 0);
        _close(id, market, share % 100 + 1);
    }

    /// @dev When nobody is below maintenance, requirements rise until somebody is, an account that has just opened if
    /// need be, and fall back afterwards.
    function liquidate(uint256 seed) external priced {
        bytes32 id = _liquidatable(seed);
        if (id == 0) {
            _tryAll();
            if (cold.getAccount(accountOf(seed)).markets == 0) {
                resume();
                _open(accountOf(seed), seed % MARKETS, 50, seed % 2 == 0);
            }
            MarketConfig[MARKETS] memory before = requirements(8000, 6000);
            id = _liquidatable(seed);
            vm.assume(id != 0);
            _liquidate(id);
            restore(before);
        } else {
            _liquidate(id);
        }
        _passLiquidation();
    }

    function poke(uint256 marketSeed, uint256 duration) external {
        uint256 market = marketSeed % MARKETS;
        uint256 end = block.timestamp + 2 + duration % 10_800;
        (Market memory before, Pool memory pool) = (cold.getMarket(market), cold.getPool());
        uint256 snapshot = vm.snapshotState();
        vm.warp(block.timestamp + 1 + duration % (end - block.timestamp - 1));
        cold.accrue(market);
        vm.warp(end);
        cold.accrue(market);
        int256 twice = cold.getMarket(market).funding;
        vm.revertToState(snapshot);
        vm.warp(end);
        cold.accrue(market);
        Market memory later = cold.getMarket(market);
        int256 sign = FundingMath.skewOf(before) < 0 ? -1 : int256(1);
        int256 once = (later.funding - before.funding) * sign;
        twice = (twice - before.funding) * sign;
        hold(once >= 0 && twice <= once && once - twice <= 1, 5);
        hold(later.cash == before.cash && cold.getPool().cash == pool.cash, 5);
    }

    /// @dev Prices that are older than the index are shown first; nothing takes them.
    function updateIndices(uint256 bitmap) external {
        publish();
        accept();
        vm.warp(block.timestamp + 1);
        oracle.set(ETH, ETH_PRICE * 2, block.timestamp - 2, 5, 10);
        (uint256 index, uint256 at) = (cold.getMarket(ETH).index, cold.getMarket(ETH).indexAt);
        cold.updateIndices(1, noUpdate);
        hold(cold.getMarket(ETH).index == index && cold.getMarket(ETH).indexAt == at, 13);
        (bytes32 id,, int88 size) = holderOf(bitmap, ETH);
        if (cold.getPosition(id, ETH).size == size && size != 0) {
            vm.prank(ownerOf(id));
            try engine.closeNow(id, ETH, abs(size), size > 0 ? 0 : type(uint96).max, noUpdate) {
                hold(false, 13);
            } catch {}
        }
        publish();
        cold.updateIndices(bitmap % 3 + 1, noUpdate);
    }

    function expire(uint256 seed, uint256 marketSeed) external {
        (bytes32 id, uint256 market) = (accountOf(seed), marketSeed % MARKETS);
        vm.assume(cold.getAccount(id).margin >= 1e18);
        Order[] memory orders = orderOf(id, 1e9);
        reducing(orders[0]);
        commit(ownerOf(id), market, orders);
        withdrawn += 0.5e18;
        vm.warp(block.timestamp + 61);
        cold.expire(market, 1);
    }

    function movePrice(uint256 marketSeed, uint256 move) external {
        uint256 market = marketSeed % MARKETS;
        vm.warp(block.timestamp + 5);
        if (moving) {
            uint256 width = move % 10 == 0 ? 3000 : 150;
            uint256 start = market == ETH ? ETH_PRICE : BTC_PRICE;
            uint256 next = prices[market] * (10_000 - width + move / 10 % (2 * width + 1)) / 10_000;
            if (next > start / 5 && next < start * 5) prices[market] = next;
        }
        publish();
        accept();
    }

    function pause() external {
        uint8 level = cold.getPool().pauseLevel == 0 ? 1 : 0;
        vm.prank(admin);
        cold.setPauseLevel(level);
    }

    // ---------------------------------------------------------------- one trade

    /// @param leverage Tenths of equity that the notional grows by, less 10, modulo 70.
    function _open(bytes32 id, uint256 market, uint256 leverage, bool buys) internal {
        int256 equity = risk.getHealth(id).equity;
        vm.assume(equity > 100e18);
        int88 size = int88(equity * int256(10 + leverage % 70) / 10 * int256(RAW) / int256(prices[market]));
        _trade(id, market, orderOf(id, buys ? size : -size), leverage);
    }

    /// @dev Closes so many percent of a position at once, of an account whose equity is not negative.
    function _close(bytes32 id, uint256 market, uint256 percent) internal {
        int88 size = cold.getPosition(id, market).size;
        uint256 part = abs(size) * percent / 100;
        vm.assume(part != 0);
        uint96 limit = size > 0 ? 0 : type(uint96).max;
        (Outcome memory preview, Position memory expected) =
            risk.previewCloseNow(id, market, part, limit, closingPrice(market));
        uint256 round = _roundOfWhole();
        vm.recordLogs();
        vm.prank(ownerOf(id));
        try engine.closeNow(id, market, part, limit, noUpdate) {
            _checkPreview(id, market, preview, expected, round);
        } catch {
            hold(false, 8);
        }
        _noteBadDebt(preview.badDebt);
    }

    /// @dev What an account can do without, USDC units; less than a withdrawal allows, whose band asks a little more than
    /// the index says.
    function _free(bytes32 id) internal view returns (uint256) {
        Health memory health = risk.getHealth(id);
        int256 margin = int256(uint256(cold.getAccount(id).margin));
        int256 free = margin;
        if (cold.getAccount(id).markets != 0) {
            free = health.equity - int256(health.initialMargin) - int256(health.notional / 4);
            if (free > margin) free = margin;
        }
        return free > int256(RAW) * 100 ? uint256(free) / RAW : 0;
    }

    /// @dev An order, committed, and what it should do.
    struct Sent {
        bytes32 id;
        uint256 market;
        Order[] orders;
        Outcome preview;
        Position expected;
    }

    /// @dev Three settlements of one order: by its owner, by its owner 20 s later, and, kept, by a keeper. `seed % 4 == 0`
    /// lets the index get newer than the price before.
    function _trade(bytes32 id, uint256 market, Order[] memory orders, uint256 seed) internal {
        Sent memory sent;
        (sent.id, sent.market, sent.orders) = (id, market, orders);
        _commit(sent, ownerOf(id), seed % 4 == 0);
        uint256 snapshot = vm.snapshotState();
        bytes32 own = _settle(market, orders, ownerOf(id));
        vm.revertToState(snapshot);
        vm.warp(block.timestamp + 20);
        bytes32 late = _settle(market, orders, ownerOf(id));
        vm.revertToState(snapshot);
        bytes32 fill = _settleForGood(sent);
        hold(own == fill, 9);
        hold(late == fill || late == 0 || fill == 0 || _goesByValue(sent), 9);
    }

    /// @dev Funding moves the traders' value, by which the allocation may cut a fill, and the account's, from which its fee
    /// may be waived: 20 s later the state is another.
    function _goesByValue(Sent memory sent) private view returns (bool) {
        Order memory order = sent.orders[0];
        bool cut = !_reduces(order) && sent.preview.sizeDelta != order.terms.sizeDeltaOf();
        return cut || _worth(sent.id) < 1e18 * int256(RAW);
    }

    function _reduces(Order memory order) private pure returns (bool) {
        return order.terms.flagsOf() & OrderWords.REDUCE_ONLY != 0;
    }

    function _commit(Sent memory sent, address actor, bool newer) private {
        uint256 market = sent.market;
        vm.prank(actor);
        try engine.commit(market, sent.orders) {}
        catch {
            vm.assume(false);
        }
        withdrawn += 0.5e18;
        vm.warp(block.timestamp + 3);
        publish();
        if (newer) {
            accept();
            oracle.set(market, prices[market], block.timestamp - 1, 5, 10);
        }
        cold.accrue(market);
        Order memory order = sent.orders[0];
        Price memory price = oracle.peek(market);
        (sent.preview, sent.expected) = risk.previewOrder(market, order, price);
    }

    function _settleForGood(Sent memory sent) private returns (bytes32 fill) {
        uint256 round = _roundOfWhole();
        int256 value = _netAssetValue(sent.market);
        fill = _settle(sent.market, sent.orders, keeper);
        hold((fill != 0) == (sent.preview.failure == Failure.None), 14);
        if (fill == 0) return 0;
        _checkPreview(sent.id, sent.market, sent.preview, sent.expected, round);
        badDebt += sent.preview.badDebt;
        if (_stayedWhole(round) && sent.preview.badDebt == 0 && sent.preview.deferred == 0) {
            _checkValue(sent.market, value, sent.preview);
        }
        (int256 size, Order memory order) = (sent.expected.size, sent.orders[0]);
        if (!_reduces(order) && size != 0 && (size > 0) == (order.terms.sizeDeltaOf() > 0)) {
            Health memory health = risk.getHealth(sent.id);
            hold(health.equity >= int256(health.initialMargin), 6);
        }
    }

    /// @return fill What the order filled, for what cost and fee: a hash; 0 when it failed.
    function _settle(uint256 market, Order[] memory orders, address by) private returns (bytes32 fill) {
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.recordLogs();
        vm.prank(by);
        engine.settle(market, batches, noUpdate);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.OrderFilled.selector) continue;
            (uint256 change,, uint256 paid) = abi.decode(logs[i].data, (uint256, uint256, uint256));
            fill = keccak256(abi.encode(change, paid >> 96 & type(uint96).max));
        }
    }

    function _checkPreview(bytes32 id, uint256 market, Outcome memory preview, Position memory expected, uint256 round)
        private
    {
        Position memory position = cold.getPosition(id, market);
        hold(position.size == expected.size && position.cash == expected.cash, 14);
        if (_stayedWhole(round) && preview.deferred == 0) {
            hold(cold.getAccount(id).margin == preview.margin, 14);
        }
    }

    /// @dev The spread is the half-width times |delta|; the pool's part of the fee is what is not undivided.
    function _checkValue(uint256 market, int256 before, Outcome memory outcome) private {
        uint256 spread = (prices[market] * 5 + 9999) / 10_000 * abs(outcome.sizeDelta);
        uint256 fee = outcome.fee - outcome.fee * 3000 / 10_000;
        int256 gain = _netAssetValue(market) - before - int256(spread + fee * RAW);
        hold(gain >= 0 && gain <= int256(RAW) + 1, 3);
    }

    /// @dev V − (U + Res) of one market at the published price, USD, 30 decimals.
    function _netAssetValue(uint256 id) private view returns (int256) {
        Market memory market = cold.getAccruedMarket(id);
        int256 skew = FundingMath.skewOf(market);
        int256 value = skew * (int256(prices[id]) - market.funding) + market.cash;
        uint256 reserve = FillMath.skewReserve(prices[id], skew, FillMath.skewScale(cold.getMarketConfig(id)));
        return int256(uint256(cold.getPool().cash) * RAW) - value - int256(reserve);
    }

    function _poolIsWhole() internal view returns (bool) {
        return cold.getClaims().outstanding == 0;
    }

    /// @return round Of the claims, from 1 on; 0 while there are some.
    function _roundOfWhole() private view returns (uint256 round) {
        return cold.getPool().claimsOpen ? 0 : uint256(cold.getClaims().round) + 1;
    }

    /// @dev A claim that one call opens and pays, as by the fee of the fill that opened it, ends its round.
    function _stayedWhole(uint256 round) private view returns (bool) {
        return round != 0 && round == _roundOfWhole();
    }

    // ---------------------------------------------------------------- liquidation

    function _liquidatable(uint256 seed) internal returns (bytes32) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            bytes32 id = accounts[(seed % ACCOUNTS + i) % ACCOUNTS];
            if (cold.getAccount(id).markets == 0) continue;
            Standing memory standing = _standing(id);
            bool due = standing.equity < int256((standing.maintenance + standing.reward) * RAW);
            (Liquidation memory preview,) = risk.previewLiquidation(id, _closingPrices(id));
            hold(preview.due == due, 7);
            if (preview.closed != 0) return id;
        }
        return 0;
    }

    function _tryAll() private {
        for (uint256 i; i < ACCOUNTS; ++i) {
            vm.prank(keeper);
            try engine.liquidate(accounts[i], noUpdate) {
                hold(false, 7);
            } catch {}
        }
    }

    function _liquidate(bytes32 id) internal {
        (Liquidation memory preview, int256[] memory parts) = risk.previewLiquidation(id, _closingPrices(id));
        Standing memory before = _standing(id);
        uint256 snapshot = vm.snapshotState();
        (bool closed, bool underwater, int256 alternative) = _closeParts(id, parts);
        vm.revertToState(snapshot);
        uint256[ACCOUNTS] memory others;
        for (uint256 i; i < ACCOUNTS; ++i) {
            others[i] = owned(accounts[i]);
        }
        uint256 round = _roundOfWhole();
        vm.recordLogs();
        vm.prank(keeper);
        engine.liquidate(id, noUpdate);
        bool whole = cold.getAccount(id).markets == 0;
        hold(closed || underwater, 8);
        if (closed) hold(_worth(id) <= alternative, 7);
        else hold(!whole || cold.getAccount(id).margin == 0, 7);
        bool cash = _stayedWhole(round);
        if (cash) hold(cold.getAccount(id).margin == preview.margin, 14);
        for (uint256 i; i < ACCOUNTS; ++i) {
            bytes32 other = accounts[i];
            if (other != id) hold(owned(other) == others[i], 11);
        }
        if (!whole && cash) _checkTarget(id, before);
        _noteBadDebt(preview.badDebt);
    }

    /// @dev Orders of a liquidation's own second are purged with those before it.
    function _passLiquidation() internal {
        vm.warp(block.timestamp + 1);
    }

    /// @dev An account at the prices that favour it, with the skews of its markets. USD, 30 and 18 decimals.
    struct Standing {
        int256 equity;
        uint256 notional;
        uint256 initial;
        uint256 maintenance;
        uint256 reward;
        uint256[MARKETS] skews;
        uint256[MARKETS] sizes;
    }

    function _standing(bytes32 id) private view returns (Standing memory standing) {
        Portfolio memory sums;
        for (uint256 market; market < MARKETS; ++market) {
            Position memory position = cold.getPosition(id, market);
            Price memory price = closingPrice(market);
            Market memory accrued = cold.getAccruedMarket(market);
            MarginMath.add(
                sums, position, accrued, cold.getMarketConfig(market), position.size > 0 ? price.hi : price.lo
            );
            standing.skews[market] = abs(FundingMath.skewOf(accrued));
            standing.sizes[market] = abs(position.size);
        }
        standing.equity = MarginMath.equity(owned(id), sums);
        (standing.notional, standing.initial, standing.maintenance) = (sums.notional, sums.initial, sums.maintenance);
        standing.reward = MarginMath.rewardOf(sums.notional);
    }

    /// @dev A liquidation of a part ends at or above its target by less than one unit's effect, unless the skew's meter
    /// stopped it, and raises equity / notional.
    function _checkTarget(bytes32 id, Standing memory before) private {
        Standing memory later = _standing(id);
        int256 target = int256((later.initial + before.reward) * RAW);
        bool part;
        for (uint256 market; market < MARKETS; ++market) {
            if (later.skews[market] > before.skews[market]) return;
            bool some = later.sizes[market] != 0 && later.sizes[market] != before.sizes[market];
            // Three amounts of the target are rounded to a wad's unit.
            if (some) hold(later.equity < target + int256(prices[market] + 3 * RAW), 6);
            part = part || some;
        }
        hold(later.equity >= target, 6);
        hold(later.equity * int256(before.notional / RAW) >= before.equity * int256(later.notional / RAW), 6);
    }

    /// @dev Of the last recorded calls: the pool may lose only what insurance did not have.
    function _noteBadDebt(uint256 expected) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 seen;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.BadDebtCovered.selector) continue;
            (uint256 debt, uint256 covered, uint256 insurance) = abi.decode(logs[i].data, (uint256, uint256, uint256));
            uint256 spent = cold.getMarketRisk(uint256(logs[i].topics[1])).insuranceSpent;
            // Half of the fund within an hour, rounded down.
            hold(covered == debt || spent + 1 >= insurance, 11);
            seen += debt;
        }
        hold(seen <= expected, 11);
        badDebt += expected;
    }

    /// @dev Closes at once what a liquidation would, and settles what deleveraging has left without size, as it does.
    /// @return closed Whether all of it could be.
    /// @return underwater Whether, when one could not, the account had less than nothing.
    /// @return worth Of the account afterwards.
    function _closeParts(bytes32 id, int256[] memory parts)
        private
        returns (bool closed, bool underwater, int256 worth)
    {
        uint256 markets = cold.getAccount(id).markets;
        uint256 next;
        for (uint256 market; market < MARKETS; ++market) {
            if (markets >> market & 1 == 0) continue;
            int88 size = cold.getPosition(id, market).size;
            uint256 part = abs(parts[next++]);
            if (part == 0) continue;
            vm.prank(address(bytes20(id)));
            try engine.closeNow(id, market, part, size > 0 ? 0 : type(uint96).max, noUpdate) {}
            catch {
                return (false, risk.getHealth(id).equity < 0, 0);
            }
        }
        markets = cold.getAccount(id).markets;
        for (uint256 market; market < MARKETS; ++market) {
            if (markets >> market & 1 == 0 || cold.getPosition(id, market).size != 0) continue;
            deleverager.settlePosition(id, market);
        }
        return (true, false, _worth(id));
    }

    /// @dev Equity at the published prices, claim included. USD, 30 decimals.
    function _worth(bytes32 id) internal view returns (int256 worth) {
        worth = int256(owned(id) * RAW);
        for (uint256 market; market < MARKETS; ++market) {
            Position memory position = cold.getPosition(id, market);
            worth += MarginMath.value(position, prices[market], cold.getAccruedMarket(market).funding);
        }
    }

    function _closingPrices(bytes32 id) internal view returns (Price[] memory wide) {
        uint256 markets = cold.getAccount(id).markets;
        wide = new Price[](markets == 3 ? 2 : 1);
        uint256 next;
        for (uint256 market; market < MARKETS; ++market) {
            if (markets >> market & 1 == 1) wide[next++] = closingPrice(market);
        }
    }
}
