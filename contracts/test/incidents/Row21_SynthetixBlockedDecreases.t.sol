// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {attached, reducing, triggeredAt} from "../fixtures/Orders.sol";
import {Failure, Order} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Synthetix, issues 2287 and 2304: a check of credit and caps refused decreases, and an order outlived the
/// liquidation of its account. Here an account with equity always gets smaller, and what it had committed before a
/// liquidation fails.
contract Row21SynthetixBlockedDecreasesTest is IncidentFixture {
    int88 private constant SIZE = 100 * UNIT;

    function setUp() public override {
        super.setUp();
        fund(mallory, 25_000e6);
        trade(mallory, ETH, SIZE, ETH_PRICE);
        assertEq(sizeOf(mallory), SIZE, "opened");
        begin();
    }

    /// @dev Below its initial margin and below maintenance, in a market that takes no opening, under a pause of level 1.
    function test_ADecreaseNeedsNeitherCreditNorRoom() public {
        moveTo(1870e18);
        assertTrue(risk.getHealth(account(mallory)).liquidatable, "it could not open");
        vm.prank(admin);
        cold.setPauseLevel(1);
        trade(mallory, ETH, -SIZE / 4, 1870e18);
        assertEq(sizeOf(mallory), SIZE * 3 / 4, "an order that does not say it only reduces");
        Order[] memory orders = reduceOrder(mallory, -SIZE / 4);
        commit(mallory, ETH, orders);
        settle(ETH, 1870e18, orders);
        assertEq(sizeOf(mallory), SIZE / 2, "an order that says so");
        closeNow(mallory, SIZE / 4);
        closeNow(mallory, SIZE / 4);
        assertEq(sizeOf(mallory), 0, "at once");
        assertAttackersGainedNothing();
        assertFunded();
    }

    /// @dev A pool without cash to pay the winner: the claim stands for it, the position is gone.
    function test_ADecreaseNeedsNoCashOfThePool() public {
        moveTo(2200e18);
        uint256 cash = cold.getPool().cash;
        vm.prank(admin);
        cold.removeLiquidity(cash);
        closeNow(mallory, SIZE / 2);
        trade(mallory, ETH, -SIZE / 2, 2200e18);
        assertEq(sizeOf(mallory), 0, "closed");
        assertGt(cold.unpaidClaim(account(mallory)), 0, "what the pool lacks is owed");
    }

    /// @dev Nor one that its trigger would release, attached or not: it fails, and its nonce stays used.
    function test_NoTriggeredOrderSurvivesALiquidation() public {
        moveTo(1850e18);
        uint256 generation = cold.getPosition(account(mallory), ETH).generation;
        Order[] memory orders = new Order[](2);
        orders[0] = triggeredAt(marketOrder(mallory, SIZE / 50)[0], 1850e18, OrderWords.BELOW);
        orders[1] = attached(triggeredAt(marketOrder(mallory, -1)[0], 1850e18, OrderWords.BELOW), -10_000, generation);
        commit(mallory, ETH, orders);
        vm.prank(keeper);
        engine.liquidate(account(mallory), noUpdate);
        int256 left = sizeOf(mallory);
        uint256 margin = cold.getAccount(account(mallory)).margin;
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderFailed(ETH, account(mallory), 3, Failure.Purged, margin, 0);
        this.settleAt(1851e18, orders);
        assertEq(sizeOf(mallory), left, "an order outlived the liquidation");
        assertEq(uint256(cold.getAccount(account(mallory)).margin), margin, "and no fee came back");
    }

    /// @dev External, so that its events are of one call.
    function settleAt(uint256 price, Order[] calldata orders) external {
        settle(ETH, price, orders);
    }

    /// @dev Committed before the liquidation, settled after it: the order fails, though it could close what is left.
    function test_NoOrderSurvivesALiquidation() public {
        moveTo(1850e18);
        Order[] memory opening = marketOrder(mallory, SIZE / 50);
        Order[] memory turning = marketOrder(mallory, -2 * SIZE);
        reducing(turning[0]);
        commit(mallory, ETH, opening);
        commit(mallory, ETH, turning);
        vm.prank(keeper);
        engine.liquidate(account(mallory), noUpdate);
        int256 left = sizeOf(mallory);

        Order[][] memory batches = new Order[][](2);
        (batches[0], batches[1]) = (opening, turning);
        uint256 margin = cold.getAccount(account(mallory)).margin;
        vm.warp(block.timestamp + 3);
        setPrice(ETH, 1850e18);
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderFailed(ETH, account(mallory), 3, Failure.Purged, margin, 0);
        vm.prank(keeper);
        engine.settle(ETH, batches, noUpdate);
        assertEq(sizeOf(mallory), left, "an order outlived the liquidation");
        assertEq(uint256(cold.getAccount(account(mallory)).margin), margin, "nothing was charged but the fee");
        assertFunded();
    }
}
