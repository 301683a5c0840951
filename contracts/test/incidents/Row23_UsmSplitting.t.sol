// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {IncidentFixture} from "./IncidentFixture.sol";
import {Wealth} from "./Wealth.sol";

/// @notice USM, August 2026: many small trades, each rounded in the trader's favour. Here every trade has one division,
/// rounded up, and so has its fee: however a trade is split, its parts together cost no less.
contract Row23UsmSplittingTest is IncidentFixture {
    /// @dev Not round, so that every product leaves something to round.
    uint256 private constant PRICE = 1999_876_543_210_987_654_321;
    uint256 private constant PARTS = 8;
    /// @dev A market without keeper fees, which would hide what the parts themselves cost.
    uint256 private market;

    function setUp() public override {
        super.setUp();
        oracle.set(2, PRICE, block.timestamp, 3, 7);
        MarketConfig memory listed = config(9973e6);
        (listed.takerFeePpm, listed.makerFeePpm) = (497, 199);
        vm.prank(admin);
        market = cold.listMarket(listed, 0);
        fund(mallory, 1_000_000e6);
        // Somebody else's skew, that also is not round.
        fund(alice, 100_000e6);
        _settle(_orders(alice, 10_000_000_000_001, 1));
        begin();
    }

    /// @dev One order against as many as an account may have pending, in the same batch.
    function testFuzz_ASplitOpeningIsNeverCheaper(uint256 size, bool buys) public {
        int88 whole = int88(int256(bound(size, 1e12, 100e12) / PARTS * PARTS));
        _neverCheaper(buys ? whole : -whole);
    }

    /// @dev The same on the way out, by immediate closes: many of the least size, then the rest.
    function testFuzz_ASplitCloseIsNeverCheaper(uint256 size, bool buys, uint8 count) public {
        int256 whole = int256(bound(size, 1e12, 100e12));
        _settle(_orders(mallory, buys ? int88(whole) : -int88(whole), 1));
        uint256 state = vm.snapshotState();
        _close(uint256(whole));
        int256 once = Wealth.total(cold, mallory);
        vm.revertToState(state);
        int256 pool = cold.solvency().netAssetValue;
        for (uint256 i; i < count; ++i) {
            _close(1);
            assertGe(cold.solvency().netAssetValue, pool, "a trade of one unit cost the pool");
        }
        _close(uint256(whole) - count);
        assertLe(Wealth.total(cold, mallory), once, "the parts were cheaper");
        assertAttackersGainedNothing();
        assertFunded();
    }

    /// @dev Coming and going in the least size the market takes, again and again.
    function test_ManyTinyRoundTripsOnlyPay() public {
        int256 pool = cold.solvency().netAssetValue;
        for (uint256 i; i < 50; ++i) {
            int256 had = Wealth.total(cold, mallory);
            _settle(_orders(mallory, i % 2 == 0 ? int88(6e9) : int88(-6e9), 1));
            _close(6e9);
            assertLt(Wealth.total(cold, mallory), had, "a round trip paid");
        }
        assertGt(cold.solvency().netAssetValue, pool, "the pool lost");
        assertFunded();
    }

    function _neverCheaper(int88 whole) private {
        uint256 state = vm.snapshotState();
        _settle(_orders(mallory, whole, 1));
        int256 once = Wealth.total(cold, mallory);
        vm.revertToState(state);
        _settle(_orders(mallory, whole / int88(int256(PARTS)), PARTS));
        assertEq(int256(cold.getPosition(account(mallory), market).size), whole, "all parts filled");
        assertLe(Wealth.total(cold, mallory), once, "the parts were cheaper");
        assertGe(poolGain(), int256(0), "the pool lost");
    }

    function _orders(address who, int88 size, uint256 count) private pure returns (Order[] memory orders) {
        orders = new Order[](count);
        for (uint256 i; i < count; ++i) {
            orders[i] = marketOrder(who, size)[0];
        }
    }

    function _settle(Order[] memory orders) private {
        commit(address(bytes20(orders[0].account)), market, orders);
        vm.warp(block.timestamp + 3);
        oracle.set(2, PRICE, block.timestamp, 3, 7);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.prank(keeper);
        engine.settle(market, batches, noUpdate);
    }

    function _close(uint256 size) private {
        bool sells = cold.getPosition(account(mallory), market).size > 0;
        vm.prank(mallory);
        engine.closeNow(account(mallory), market, size, sells ? 0 : type(uint96).max, noUpdate);
    }
}
