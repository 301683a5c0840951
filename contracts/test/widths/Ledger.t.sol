// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Claims, MarketRisk, Order, Pool, Queue, Reserves} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {OneSlotOracle} from "../fixtures/OneSlotOracle.sol";
import {WidthFixture} from "./WidthFixture.sol";

/// @notice Pool, reserves, claims and queues at the edges of their words.
contract LedgerWidthsTest is WidthFixture {
    uint256 private constant MOST_CLAIMED = type(uint112).max;

    function test_FeesOfNearlyAllCustodyAreDividedAndPaidOut() public {
        provide(_room());
        uint256 cash = cold.getPool().cash;
        put(poolSlot(), 0, 192, cash << 96);
        assertExact();
        cold.divideReserves();
        Reserves memory r = cold.getReserves();
        assertEq(uint256(r.insurance), cash * 6667 / 10_000, "insurance");
        assertEq(uint256(r.treasury), cash - r.insurance, "treasury");
        assertEq(uint256(cold.getPool().fees), 0, "all divided");
        assertExact();
        vm.prank(admin);
        cold.payTreasury(admin, r.treasury / 1e12);
        assertEq(uint256(cold.getReserves().treasury), r.treasury % 1e12, "paid out");
        assertExact();
    }

    function test_TheTreasuryHoldsNearlyAllCustody() public {
        provide(_room());
        uint256 cash = cold.getPool().cash;
        put(poolSlot(), 0, 96, 0);
        put(bytes32(uint256(poolSlot()) + 1), 128, 128, cash);
        assertExact();
        vm.startPrank(admin);
        cold.payTreasury(admin, cash / 1e12);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.PoolTooLow.selector, cash % 1e12, 1e12));
        cold.payTreasury(admin, 1);
        vm.stopPrank();
        assertExact();
    }

    function test_AValueStaysAtItsMaximumUntilThePoolIsAppraised() public {
        put(poolSlot(), 192, 48, type(uint48).max - 1);
        provide(1_000_000e6);
        Pool memory p = cold.getPool();
        assertEq(uint256(p.value), type(uint48).max, "value");
        assertEq(uint256(p.pauseLevel), 0, "its neighbour");
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(sizeIn(alice, ETH), UNIT, "cash is what limits");
        vm.prank(admin);
        cold.removeLiquidity(1_000_000e18);
        assertEq(uint256(cold.getPool().value), type(uint48).max - 1_000_000, "less what went");
        setPrice(BTC, BTC_PRICE);
        cold.updateIndices(3, noUpdate);
        cold.appraise();
        assertLe(uint256(cold.getPool().value), 1_000_001, "what it is");
        assertExact();
    }

    function test_TheSecondPauseLevelIsTheLast() public {
        oracle.setPeg(OneSlotOracle.Peg.Off);
        cold.updateIndices(0, noUpdate);
        vm.startPrank(admin);
        cold.setPauseLevel(2);
        assertEq(uint256(cold.getPool().pauseLevel), 6, "set, beside the peg");
        assertFalse(cold.getPool().claimsOpen, "its neighbour");
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, bytes32("pauseLevel"), 3, 2)
        );
        cold.setPauseLevel(3);
        vm.stopPrank();
    }

    /// @dev What the sum has no room for is not claimed, and nobody's close waits for it.
    function test_ClaimsStopAtTheirWidth() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        _putClaims(MOST_CLAIMED - 5, 0);
        _emptyPool();
        trade(alice, ETH, -UNIT, ETH_PRICE * 11 / 10);
        assertEq(sizeIn(alice, ETH), 0, "closed");
        Claims memory c = cold.getClaims();
        // The fee comes after, and pays a part.
        assertEq(c.outstanding + cold.solvency().claimsPaid, MOST_CLAIMED, "was full");
        assertEq(uint256(c.round), 0, "its neighbour");
        assertEq(cold.unpaidClaim(account(alice)), 5, "what there was room for");
        assertExact();
    }

    function test_AClaimStopsAtItsWidth() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        _putClaims(MOST_CLAIMED - 5, 0);
        put(claimSlot(alice), 0, 224, uint256(1e27) << 112 | MOST_CLAIMED - 3);
        _emptyPool();
        trade(alice, ETH, -UNIT, ETH_PRICE * 11 / 10);
        assertEq(sizeIn(alice, ETH), 0, "closed");
        assertEq(uint256(vm.load(address(engine), claimSlot(alice))) & MOST_CLAIMED, MOST_CLAIMED, "full");
        assertLe(cold.unpaidClaim(account(alice)), MOST_CLAIMED, "less what the fee paid");
        assertExact();
    }

    function test_NearlyAllCustodyIsPaidOnTheLargestClaims() public {
        _putClaims(MOST_CLAIMED, 0);
        put(claimSlot(alice), 0, 224, uint256(1e27) << 112 | MOST_CLAIMED);
        uint256 room = _room();
        provide(room);
        assertEq(cold.solvency().claimsPaid, room * 1e12, "set aside");
        assertEq(uint256(cold.getClaims().outstanding), MOST_CLAIMED - room * 1e12, "less is owed");
        assertExact();
        uint256 before = margin(alice);
        cold.collectClaim(account(alice));
        uint256 collected = margin(alice) - before;
        assertLe(collected, room * 1e12, "no more than was paid");
        // The factor has 27 decimals.
        assertGe(collected + MOST_CLAIMED / 1e27 + 1, room * 1e12, "but for the rounding");
        assertExact();
    }

    function test_TheLastRoundOfClaimsBegins() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        _putClaims(100e18, type(uint32).max - 1);
        provide(100e6);
        Claims memory c = cold.getClaims();
        assertEq(uint256(c.round), type(uint32).max, "the last");
        assertEq(uint256(c.outstanding), 0, "all paid");
        assertTrue(cold.getPool().claimsOpen, "none collected");
        _emptyPool();
        trade(alice, ETH, -UNIT, ETH_PRICE * 11 / 10);
        assertTrue(cold.getPool().claimsOpen, "one open");
        assertEq(uint256(vm.load(address(engine), claimSlot(alice))) >> 224, type(uint32).max, "of the last round");
        assertExact();
    }

    /// @dev $39 billion of bad debt against an insurance fund of nearly all custody.
    function test_InsurancePaysTheMostItMayWithinAnHour() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        uint256 room = _room();
        usdc.mint(admin, room);
        vm.startPrank(admin);
        usdc.approve(address(engine), room);
        cold.fundInsurance(room);
        vm.stopPrank();
        uint256 fund = cold.getReserves().insurance + uint256(cold.getPool().fees) * 6667 / 10_000;
        put(bytes32(uint256(marketSlot(ETH)) + 1), 0, 96, uint256(int256(type(int96).max)));
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        vm.prank(keeper);
        engine.liquidate(account(alice), noUpdate);
        assertEq(sizeIn(alice, ETH), 0, "closed");
        MarketRisk memory r = cold.getMarketRisk(ETH);
        assertEq(uint256(r.insuranceSpent), fund / 2, "half of the fund");
        assertEq(uint256(r.insuranceHour), block.timestamp / 3600, "its neighbour");
        assertGt(uint256(r.insuranceSpent), 39e27, "nearly half of all custody");
        assertExact();
    }

    function test_TheLastPlacesOfAQueueAreSettled() public {
        uint40 last = type(uint40).max - 2;
        put(queueSlot(ETH), 0, 80, uint256(last) | uint256(last) << 40);
        trade(alice, ETH, UNIT, ETH_PRICE);
        trade(alice, ETH, UNIT, ETH_PRICE);
        Queue memory q = cold.getQueue(ETH);
        assertEq(uint256(q.head), type(uint40).max, "head");
        assertEq(uint256(q.tail), type(uint40).max, "tail");
        assertEq(uint256(q.escrow), 0, "their neighbour");
        assertEq(sizeIn(alice, ETH), 2 * UNIT, "filled");
        assertExact();
    }

    function test_TheRingGoesRound() public {
        put(queueSlot(ETH), 0, 80, uint256(1023) | uint256(1023) << 40);
        Order[] memory orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        commit(alice, ETH, orders);
        assertEq(uint256(cold.getQueueItem(ETH, 1023).count), 1, "the last place");
        assertEq(uint256(cold.getQueueItem(ETH, 0).count), 1, "and the first");
        Order[][] memory batches = new Order[][](2);
        (batches[0], batches[1]) = (orders, orders);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        vm.prank(keeper);
        engine.settle(ETH, batches, noUpdate);
        assertEq(sizeIn(alice, ETH), 2 * UNIT, "both filled");
        assertExact();
    }

    function test_AFullQueueOfTheLargestBatchesHoldsItsFees() public {
        uint256 others = 1023 * 32 * 5e18;
        put(queueSlot(ETH), 80, 112, others | uint256(500) << 96);
        put(poolSlot(), 0, 96, cold.getPool().cash - others);
        Order[] memory orders = new Order[](32);
        for (uint96 i; i < 32; ++i) {
            orders[i] = marketOrder(alice, UNIT / 10)[0];
            orders[i].account = account(alice) | bytes32(uint256(i % 4));
        }
        for (uint256 sub = 1; sub < 4; ++sub) {
            vm.prank(alice);
            cold.moveMargin(account(alice), account(alice) | bytes32(sub), 10_000e6, noUpdate);
        }
        commit(alice, ETH, orders);
        Queue memory q = cold.getQueue(ETH);
        assertEq(uint256(q.escrow), 163_840e18, "escrow");
        assertEq(uint256(q.keeperFeeCents), 500, "its neighbour");
        assertEq(uint256(cold.getQueueItem(ETH, 0).count), 32, "orders");
        assertEq(uint256(cold.getQueueItem(ETH, 0).feeCents), 500, "fee");
        uint256 before = margin(keeper);
        settle(ETH, ETH_PRICE, orders);
        assertEq(margin(keeper) - before, 160e18, "all of them filled");
        assertEq(uint256(cold.getQueue(ETH).escrow), others, "the others' fees stay");
        assertEq(cold.solvency().balance, cold.solvency().custody, "exact");
    }

    function _emptyPool() private {
        uint256 cash = cold.getPool().cash;
        put(poolSlot(), 0, 96, 0);
        put(bytes32(uint256(poolSlot()) + 1), 128, 128, cash);
    }

    function _putClaims(uint256 outstanding, uint256 round) private {
        put(claimsSlot(), 0, 224, outstanding | uint256(1e27) << 112);
        put(claimsSlot(), 224, 32, round);
        put(poolSlot(), 248, 8, 1);
    }

    function _room() private view returns (uint256) {
        return (type(uint96).max - cold.solvency().custody) / 1e12;
    }
}
