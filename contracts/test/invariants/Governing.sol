// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Pool, Position, Schedule} from "../../src/engine/EngineTypes.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {Trading} from "./Trading.sol";

/// @notice What roles and the oracle's states do to traders, and margin that moves between accounts of one owner.
abstract contract Governing is Trading {
    function moveMargin(uint256 seed, uint256 share) external priced {
        uint256 pair = seed % (ACCOUNTS - ACTORS);
        (bytes32 from, bytes32 to) = (accounts[pair], accounts[ACTORS + pair]);
        if (seed / ACTORS % 2 == 0) (from, to) = (to, from);
        if (_free(from) == 0) (from, to) = (to, from);
        uint256 assets = _free(from) * (share % 60 + 1) / 100;
        vm.assume(assets != 0);
        (uint256 margin, uint256 other) = (cold.getAccount(from).margin, cold.getAccount(to).margin);
        vm.prank(ownerOf(from));
        cold.moveMargin(from, to, assets, noUpdate);
        hold(cold.getAccount(from).margin == margin - assets * RAW, 1);
        hold(cold.getAccount(to).margin == other + assets * RAW, 1);
        _leaveAPart(from, share);
    }

    /// @dev A change is scheduled, put in force step by step, and sometimes given up.
    function changeParameters(uint256 marketSeed, uint256 seed) external {
        uint256 market = marketSeed % MARKETS;
        Schedule memory schedule = cold.getSchedule(market);
        if (schedule.endsAt == 0) {
            MarketConfig memory to = _drawn(market, seed);
            vm.prank(admin);
            cold.scheduleParameters(market, to, 50, 1 days + seed % 2 days);
        } else if (seed % 5 == 0) {
            vm.prank(admin);
            cold.cancelParameters(market);
        }
        if (cold.getSchedule(market).endsAt != 0) _advance(market, seed);
    }

    /// @dev While the oracle has no price nothing that needs one happens; then the position leaves as ever.
    function refusePrices(uint256 seed, uint256 share) external priced {
        (bytes32 id, uint256 market) = _solventHolder(seed);
        oracle.refuse(true);
        _refused(id, abi.encodeCall(engine.closeNow, (id, market, 1, 0, noUpdate)));
        _refused(id, abi.encodeCall(engine.liquidate, (id, noUpdate)));
        _refused(id, abi.encodeCall(cold.withdraw, (id, 1, ownerOf(id), noUpdate)));
        uint256 at = cold.getMarket(market).indexAt;
        cold.updateIndices(3, noUpdate);
        hold(cold.getMarket(market).indexAt == at, 13);
        _refused(id, abi.encodeCall(deleverager.deleverage, (market, noUpdate)));
        _refused(id, abi.encodeCall(deleverager.crystallise, (id, market, noUpdate)));
        oracle.refuse(false);
        _close(id, market, share % 100 + 1);
    }

    /// @dev Sources far apart: whoever closes gets the worse one, and is not refused.
    function widenBand(uint256 seed, uint256 halfWidthBps, uint256 share) external priced {
        (bytes32 id, uint256 market) = _solventHolder(seed);
        oracle.set(market, prices[market], block.timestamp, 5 + halfWidthBps % 100, 10 + share % 300);
        Price memory price = oracle.peek(market);
        hold(price.lo < price.hi, 13);
        _close(id, market, share % 100 + 1);
        publish();
    }

    /// @dev A full halt: nothing acts, funding's clock stands, and afterwards everybody leaves as before.
    function halt(uint256 seed, uint256 duration) external priced {
        (bytes32 id, uint256 market) = _solventHolder(seed);
        Pool memory pool = cold.getPool();
        vm.prank(admin);
        cold.setPauseLevel(2);
        Market memory before = cold.getMarket(market);
        vm.warp(block.timestamp + 1 + duration % 7200);
        publish();
        _refused(id, abi.encodeCall(engine.closeNow, (id, market, 1, 0, noUpdate)));
        _refused(id, abi.encodeCall(cold.updateIndices, (3, noUpdate)));
        _refused(id, abi.encodeCall(deleverager.deleverage, (market, noUpdate)));
        hold(cold.getAccruedMarket(market).funding == before.funding, 5);
        vm.prank(admin);
        cold.setPauseLevel(pool.pauseLevel);
        hold(cold.getAccruedMarket(market).funding == before.funding, 5);
        accept();
        if (risk.getHealth(id).equity >= 0) _close(id, market, duration % 100 + 1);
    }

    /// @dev Looking at the pool changes nothing but what is known of it.
    function appraise() external priced {
        resume();
        int256 value = cold.solvency().netAssetValue;
        cold.appraise();
        hold(cold.solvency().netAssetValue == value, 10);
        hold(cold.getPool().value == (value < 0 ? 0 : uint256(value) / 1e30), 10);
    }

    // ---------------------------------------------------------------- internals

    /// @dev Within the bounds, near what the markets began with: S by 4 % at most.
    function _drawn(uint256 market, uint256 seed) private pure returns (MarketConfig memory c) {
        c = config(market == ETH ? 10_000e6 : 400e6);
        c.skewScale = uint64(uint256(c.skewScale) * (98 + seed % 5) / 100);
        c.initialMarginBps = uint16(1000 + seed / 5 % 300);
        c.maintenanceMarginBps = uint16(550 + seed / 1500 % 100);
        c.takerFeePpm = uint16(400 + seed / 15_000 % 100);
        c.fundingCoefficientBps = uint16(200 + seed / 150_000 % 100);
        c.allocationPercent = uint8(35 + seed / 15_000_000 % 15);
    }

    /// @dev The rate sealed for the hour stands, and no sum changes.
    function _advance(uint256 market, uint256 seed) private {
        vm.warp(block.timestamp + seed % 20 hours);
        publish();
        accept();
        Market memory before = cold.getMarket(market);
        int256 funding = cold.getAccruedMarket(market).funding;
        cold.advanceParameters(market);
        Market memory later = cold.getMarket(market);
        hold(later.funding == funding && later.fundingRate == before.fundingRate, 5);
        hold(later.cash == before.cash && FundingMath.skewOf(later) == FundingMath.skewOf(before), 2);
    }

    /// @dev An account with a position and equity, made when there is none.
    function _solventHolder(uint256 seed) private returns (bytes32 id, uint256 market) {
        int88 size;
        (id, market, size) = holderOf(seed, seed / ACCOUNTS);
        if (size == 0) {
            resume();
            if (risk.getHealth(id).equity < 2000e18) put(id, 5000e6);
            _open(id, market, 21, seed % 2 == 0);
            size = cold.getPosition(id, market).size;
        }
        vm.assume(size != 0);
        int256 equity = risk.getHealth(id).equity;
        if (equity < 0) put(id, uint256(-equity) / RAW + 1e6);
    }

    function _leaveAPart(bytes32 id, uint256 share) private {
        for (uint256 market; market < MARKETS; ++market) {
            Position memory position = cold.getPosition(id, market);
            if (position.size == 0 || risk.getHealth(id).equity < 0) continue;
            return _close(id, market, share % 100 + 1);
        }
    }

    function _refused(bytes32 id, bytes memory data) private {
        vm.prank(ownerOf(id));
        (bool done,) = address(engine).call(data);
        hold(!done, 13);
    }
}
