// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {orderOf} from "../fixtures/Orders.sol";
import {Failure, Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {BadInputFixture} from "./BadInputFixture.sol";

/// @notice Calls while paused. Alice holds one ETH.
contract PausesTest is BadInputFixture {
    function setUp() public override {
        super.setUp();
        settle(commit(alice, UNIT), firstUpdate());
    }

    // No new risk.

    function test_AnOpeningOrderFailsAtLevel1() public {
        Order[][] memory batches = commit(bob, UNIT);
        bytes[] memory update = firstUpdate();
        _pause(1);
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderFailed(ETH, account(bob), 1, Failure.OpeningPaused, 99_999.5e18, 0);
        settle(batches, update);
        assertEq(int256(cold.getPosition(account(bob), ETH).size), 0, "nothing opened");
        assertEq(uint256(cold.getAccount(account(bob)).margin), 99_999.5e18, "the keeper fee was all it cost");
    }

    function test_AnOrderBeyondThePositionOnlyClosesAtLevel1() public {
        Order[][] memory batches = commit(alice, -3 * UNIT);
        bytes[] memory update = firstUpdate();
        _pause(1);
        settle(batches, update);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "closed, not turned");
    }

    function test_LeavingWorksAtLevel1() public {
        _pause(1);
        vm.startPrank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(UNIT), 0, eth(block.timestamp));
        uint256 margin = cold.getAccount(account(alice)).margin;
        cold.withdraw(account(alice), margin / 1e12, alice, noUpdate);
        vm.stopPrank();
        assertEq(usdc.balanceOf(alice), margin / 1e12, "all of it");
    }

    function test_RevertWhen_LiquidityIsPricedAtLevel1() public {
        _pause(1);
        refuses(admin, abi.encodeCall(IEngineExtension.priceLiquidity, (both(block.timestamp))), _paused(1, 0));
    }

    // Full halt.

    function test_RevertWhen_CommittingAtLevel2() public {
        _pause(2);
        Order[] memory orders = new Order[](1);
        orders[0] = orderOf(account(alice), -UNIT, 0, true);
        refuses(alice, abi.encodeCall(IDerivativesEngine.commit, (ETH, orders)), _paused(2, 1));
    }

    function test_RevertWhen_SettlingAtLevel2() public {
        Order[][] memory batches = commit(bob, UNIT);
        bytes[] memory update = firstUpdate();
        _pause(2);
        refusesSettlement(batches, update, _paused(2, 1));
        _pause(0);
        settle(batches, update);
        assertEq(int256(cold.getPosition(account(bob), ETH).size), UNIT, "once it ends the order fills");
    }

    function test_AnOrderCaughtByLevel2Expires() public {
        commit(bob, UNIT);
        _pause(2);
        vm.warp(block.timestamp + 58);
        cold.expire(ETH, 1);
        assertEq(uint256(cold.getQueue(ETH).escrow), 0, "nothing stays in escrow");
        assertEq(uint256(cold.getAccount(account(bob)).margin), 99_999.5e18, "the keeper fee was all it cost");
    }

    function test_RevertWhen_ClosingAtLevel2() public {
        _pause(2);
        bytes[] memory update = eth(block.timestamp);
        bytes memory call = abi.encodeCall(IDerivativesEngine.closeNow, (account(alice), ETH, uint88(UNIT), 0, update));
        refuses(alice, address(engine), FEE, call, _paused(2, 1));
    }

    function test_RevertWhen_WithdrawingAtLevel2() public {
        _pause(2);
        refuses(bob, abi.encodeCall(IEngineExtension.withdraw, (account(bob), 100_000e6, bob, noUpdate)), _paused(2, 1));
    }

    function test_RevertWhen_MovingMarginAtLevel2() public {
        _pause(2);
        bytes32 own = account(bob);
        bytes memory call = abi.encodeCall(IEngineExtension.moveMargin, (own, bytes32(uint256(own) + 1), 1, noUpdate));
        refuses(bob, call, _paused(2, 1));
    }

    function test_RevertWhen_LiquidatingAtLevel2() public {
        _pause(2);
        refuses(bob, abi.encodeCall(IDerivativesEngine.liquidate, (account(alice), noUpdate)), _paused(2, 1));
    }

    function test_RevertWhen_UpdatingIndicesAtLevel2() public {
        _pause(2);
        refuses(bob, abi.encodeCall(IEngineExtension.updateIndices, (1, eth(block.timestamp))), _paused(2, 1));
    }

    function test_RevertWhen_LiquidityIsPricedAtLevel2() public {
        _pause(2);
        refuses(admin, abi.encodeCall(IEngineExtension.priceLiquidity, (both(block.timestamp))), _paused(2, 0));
    }

    function test_AddingMarginWorksAtLevel2() public {
        _pause(2);
        fund(bob, 1e6);
        assertEq(uint256(cold.getAccount(account(bob)).margin), 100_001e18, "added");
    }

    // Fixtures.

    function _pause(uint8 level) private {
        vm.prank(admin);
        cold.setPauseLevel(level);
    }

    function _paused(uint256 level, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.Paused.selector, level, limit);
    }
}
