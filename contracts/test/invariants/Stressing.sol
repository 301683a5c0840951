// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Position} from "../../src/engine/EngineTypes.sol";
import {Price, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Reduction} from "../../src/libraries/DeleveragingMath.sol";
import {Liquidation} from "../../src/libraries/LiquidationMath.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {MarginMath} from "../../src/libraries/MarginMath.sol";
import {PoolMath} from "../../src/libraries/PoolMath.sol";
import {Trading} from "./Trading.sol";

/// @notice What anybody does when the pool cannot carry its markets: deleveraging, what it leaves, claims, liquidations by
/// the dozen.
abstract contract Stressing is Trading {
    /// @dev Of an allocation, percent: above it a market is deleveraged.
    uint256 private constant TRIGGER = 140;

    /// @dev The market's part of the pool shrinks until its exposure is too much, as it does when the pool loses; sometimes
    /// to nothing, so that no skew is left.
    function deleverage(uint256 seed, uint256 share) external {
        resume();
        uint256 market = seed % MARKETS;
        if (FundingMath.skewOf(cold.getMarket(market)) == 0) _lean(accountOf(seed), market, seed % 3 == 0);
        publish();
        accept();
        _deleverage(market, share);
    }

    /// @dev Without an emptied position somewhere a whole side is taken away first.
    function settleEmptied(uint256 seed) external {
        resume();
        publish();
        accept();
        (bytes32 id, uint256 market, bool found) = _emptied();
        if (!found) {
            _empty(seed % MARKETS, seed);
            (id, market, found) = _emptied();
            vm.assume(found);
        }
        int256 worth = _worth(id);
        int256 value = cold.solvency().netAssetValue;
        int256 realised = risk.previewSettlement(id, market);
        bool last = cold.getAccount(id).markets == 1 << market;
        uint256 debt;
        if (last && realised < 0 && uint256(-realised) > owned(id)) debt = uint256(-realised) - owned(id);
        vm.recordLogs();
        deleverager.settlePosition(id, market);
        _noteBadDebt(debt);
        hold(cold.getAccount(id).markets >> market & 1 == 0, 8);
        // The value is rounded down, and a claim's unpaid part up.
        if (debt == 0) hold(abs(_worth(id) - worth) <= 2 * RAW, 14);
        hold(cold.solvency().netAssetValue + int256(2 * RAW) >= value - int256(debt * RAW), 10);
    }

    /// @dev Without claims a winner takes a profit that an empty pool cannot pay.
    function crystallise(uint256 seed) external {
        resume();
        publish();
        accept();
        if (_poolIsWhole()) _openClaim(seed);
        (bytes32 id, uint256 market, uint256 amount) = _loser(seed);
        vm.assume(amount != 0);
        int256 equity = risk.getHealth(id).equity;
        int256 value = cold.solvency().netAssetValue;
        uint256 margin = cold.getAccount(id).margin;
        uint256[ACCOUNTS] memory others = _cashes();
        deleverager.crystallise(id, market, noUpdate);
        hold(cold.getAccount(id).margin == margin - amount, 14);
        hold(risk.getHealth(id).equity == equity, 11);
        hold(cold.solvency().netAssetValue == value, 10);
        for (uint256 i; i < ACCOUNTS; ++i) {
            if (accounts[i] != id) hold(owned(accounts[i]) == others[i], 11);
        }
        if (seed % 4 != 0) refill();
    }

    /// @dev One call does to every account what a call for each does, in the same order.
    function liquidateMany(uint256 seed) external priced {
        _lean(accountOf(seed), seed % MARKETS, seed % 2 == 0);
        _lean(accountOf(seed % ACCOUNTS + 1), seed / 2 % MARKETS, seed % 3 == 0);
        publish();
        accept();
        MarketConfig[MARKETS] memory before = requirements(8000, 6000);
        bytes32[] memory due = _due();
        vm.assume(due.length != 0);
        uint256 snapshot = vm.snapshotState();
        (bytes32 expected, uint256 debt, uint256 sentence) = _liquidateEach(due);
        vm.revertToState(snapshot);
        hold(sentence == 0, sentence);
        vm.recordLogs();
        vm.prank(keeper);
        engine.liquidateMany(due, noUpdate);
        _noteBadDebt(debt);
        hold(_digest() == expected, 14);
        restore(before);
        _passLiquidation();
    }

    // ---------------------------------------------------------------- deleveraging

    /// @dev What deleveraging finds and must leave. Sizes in base units, 12 decimals, values in USD, 30 decimals; emptied: a
    /// position without size that is not settled.
    struct Side {
        Market market;
        int256 worth;
        int256 value;
        int256 netAssetValue;
        int256[ACCOUNTS] sizes;
        int256[ACCOUNTS] values;
        bool[ACCOUNTS] emptied;
    }

    function _deleverage(uint256 id, uint256 share) private {
        MarketConfig memory config = cold.getMarketConfig(id);
        MarketConfig memory tight = cold.getMarketConfig(id);
        tight.allocationPercent = _overexposed(id, share);
        putConfig(id, tight);
        Side memory before = _side(id);
        Reduction memory foreseen = risk.previewDeleveraging(id, _present(PriceUse.Deleverage));
        vm.assume(foreseen.exposure > foreseen.limit && foreseen.cut != 0 && foreseen.cut >= foreseen.least);
        vm.prank(keeper);
        deleverager.deleverage(id, noUpdate);
        ++cuts[id];
        _checkCut(before, _side(id), foreseen.cut);
        putConfig(id, config);
    }

    /// @return percent Of the pool, less than the market's exposure exceeds.
    function _overexposed(uint256 id, uint256 share) private returns (uint8 percent) {
        if (share % 4 == 0) return 0;
        Reduction memory r = risk.previewDeleveraging(id, _present(PriceUse.Deleverage));
        int256 value = cold.solvency().netAssetValue;
        if (value <= 0) return 0;
        uint256 most = r.exposure * 100 * 100 / TRIGGER / uint256(value);
        if (most > 50) most = 50;
        return uint8(most == 0 ? 0 : share % most);
    }

    function _side(uint256 id) private view returns (Side memory side) {
        side.market = cold.getMarket(id);
        side.worth = int256(uint256(side.market.index)) - side.market.funding;
        side.value = PoolMath.tradersValue(side.market, side.market.index);
        side.netAssetValue = cold.solvency().netAssetValue;
        for (uint256 i; i < ACCOUNTS; ++i) {
            Position memory position = cold.getPosition(accounts[i], id);
            side.sizes[i] = position.size;
            side.values[i] = position.size * side.worth + position.cash;
            side.emptied[i] = position.size == 0 && cold.getAccount(accounts[i]).markets >> id & 1 != 0;
        }
    }

    function _checkCut(Side memory before, Side memory later, uint256 cut) private {
        (int256 skew, int256 rest) = (FundingMath.skewOf(before.market), FundingMath.skewOf(later.market));
        bool long = skew > 0;
        hold(later.value == before.value && later.worth == before.worth, 12);
        hold(abs(rest) == abs(skew) - cut && (rest == 0 || (rest > 0) == long), 12);
        hold(later.netAssetValue >= before.netAssetValue, 12);
        (uint256 side, uint256 left) =
            long ? (before.market.longs, later.market.longs) : (before.market.shorts, later.market.shorts);
        hold(side - left == cut, 12);
        for (uint256 i; i < ACCOUNTS; ++i) {
            int256 size = before.sizes[i];
            bool cutToo = size != 0 && (size > 0) == long;
            int256 fair = cutToo ? size * int256(left) / int256(side) : size;
            hold(abs(fair - later.sizes[i]) <= (cutToo ? 1 : 0), 12);
            // Less than one unit, of which some may have been missing before; one that has lost all of its size still holds
            // a part of a unit, until its round ends.
            bool within = cutToo || before.emptied[i];
            hold(abs(later.values[i] - before.values[i]) <= (within ? abs(before.worth) + 2 : 0), 12);
        }
    }

    /// @dev An account takes a position, whatever it takes to pay for it.
    function _lean(bytes32 id, uint256 market, bool buys) private {
        resume();
        if (cold.getPosition(id, market).size != 0) return;
        if (risk.getHealth(id).equity < 2000e18) put(id, 5000e6);
        publish();
        accept();
        _open(id, market, 30, buys);
    }

    // ---------------------------------------------------------------- what it leaves

    function _emptied() private view returns (bytes32 id, uint256 market, bool found) {
        for (uint256 i; i < ACCOUNTS * MARKETS; ++i) {
            (id, market) = (accounts[i % ACCOUNTS], i / ACCOUNTS);
            bool open = cold.getAccount(id).markets >> market & 1 != 0;
            if (open && cold.getPosition(id, market).size == 0) return (id, market, true);
        }
    }

    /// @dev The smaller side closes, and of the larger nothing is left.
    function _empty(uint256 market, uint256 seed) private {
        if (FundingMath.skewOf(cold.getMarket(market)) == 0) _lean(accountOf(seed), market, seed % 3 == 0);
        publish();
        accept();
        bool long = FundingMath.skewOf(cold.getMarket(market)) > 0;
        for (uint256 i; i < ACCOUNTS; ++i) {
            bytes32 id = accounts[i];
            int256 size = cold.getPosition(id, market).size;
            if (size == 0 || (size > 0) == long) continue;
            if (risk.getHealth(id).equity < 0) put(id, 1e6 + uint256(-risk.getHealth(id).equity) / RAW);
            _close(id, market, 100);
        }
        _deleverage(market, 0);
    }

    // ---------------------------------------------------------------- claims

    /// @dev The pool's cash leaves; a trader in profit closes. Without one, a large side pays funding to a small one.
    function _openClaim(uint256 seed) private {
        (bytes32 id, uint256 market) = _winner();
        if (id == 0) {
            _lean(accountOf(seed), seed % MARKETS, true);
            _lean(accountOf(seed % ACCOUNTS + 1), seed % MARKETS, true);
            _open(accountOf(seed % ACCOUNTS + 2), seed % MARKETS, 0, false);
            vm.warp(block.timestamp + 2 days);
            publish();
            accept();
            (id, market) = _winner();
            vm.assume(id != 0);
        }
        uint256 assets = cold.getPool().cash / RAW;
        vm.startPrank(admin);
        cold.removeLiquidity(assets * RAW);
        cold.payLiquidity(admin, assets);
        vm.stopPrank();
        drained += assets;
        _close(id, market, 100);
        vm.assume(!_poolIsWhole());
    }

    /// @dev The position with the largest profit above what closing costs; 0 when there is none.
    function _winner() private view returns (bytes32 winner, uint256 market) {
        int256 most;
        for (uint256 i; i < ACCOUNTS * MARKETS; ++i) {
            (bytes32 id, uint256 at) = (accounts[i % ACCOUNTS], i / ACCOUNTS);
            Position memory position = cold.getPosition(id, at);
            if (position.size == 0 || risk.getHealth(id).equity < 0) continue;
            int256 profit = MarginMath.value(position, prices[at], cold.getAccruedMarket(at).funding)
                - int256(abs(position.size) * prices[at] / 200);
            if (profit > most) (winner, market, most) = (id, at, profit);
        }
    }

    /// @dev The first position of which crystallising would move something, and how much; 0 when there is none.
    function _loser(uint256 seed) private returns (bytes32 id, uint256 market, uint256 amount) {
        Price[] memory present = _present(PriceUse.Crystallise);
        for (uint256 i; i < ACCOUNTS * MARKETS; ++i) {
            (id, market) = (accounts[(seed % ACCOUNTS + i) % ACCOUNTS], i / ACCOUNTS);
            (amount,) = risk.previewCrystallise(id, market, present[market]);
            if (amount != 0) return (id, market, amount);
        }
    }

    function _cashes() private view returns (uint256[ACCOUNTS] memory cashes) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            cashes[i] = owned(accounts[i]);
        }
    }

    // ---------------------------------------------------------------- many liquidations

    function _due() private view returns (bytes32[] memory due) {
        due = new bytes32[](ACCOUNTS);
        uint256 count;
        for (uint256 i; i < ACCOUNTS && count < 3; ++i) {
            if (cold.getAccount(accounts[i]).markets == 0) continue;
            (Liquidation memory preview,) = risk.previewLiquidation(accounts[i], _closingPrices(accounts[i]));
            if (preview.closed != 0) due[count++] = accounts[i];
        }
        assembly ("memory-safe") {
            mstore(due, count)
        }
    }

    /// @return digest Of every account and position afterwards.
    /// @return debt Bad debt of all, USD, 18 decimals.
    /// @return sentence The first that broke.
    function _liquidateEach(bytes32[] memory due) private returns (bytes32 digest, uint256 debt, uint256 sentence) {
        uint256 before = badDebt;
        for (uint256 i; i < due.length; ++i) {
            (Liquidation memory preview,) = risk.previewLiquidation(due[i], _closingPrices(due[i]));
            if (preview.closed != 0) _liquidate(due[i]);
        }
        return (_digest(), badDebt - before, broken);
    }

    function _digest() private view returns (bytes32 digest) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            digest = keccak256(abi.encode(digest, cold.getAccount(accounts[i]), cold.unpaidClaim(accounts[i])));
            for (uint256 market; market < MARKETS; ++market) {
                digest = keccak256(abi.encode(digest, cold.getPosition(accounts[i], market)));
            }
        }
    }

    /// @dev Of all markets.
    function _present(PriceUse use) private returns (Price[] memory) {
        return oracle.presentPrices((1 << MARKETS) - 1, noUpdate, use, address(this));
    }
}
