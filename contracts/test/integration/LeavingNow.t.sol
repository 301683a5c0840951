// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";

/// @notice Immediate closes: how much they take, and what their price may do.
contract LeavingNowTest is StressFixture {
    /// @dev From such a band on, basis points, the test oracle says that one source answers.
    uint256 private constant SINGLE_BPS = 30;

    function test_ClosesAllOfItByAnySizeBeyond() public {
        uint256[3] memory sizes = [uint256(type(uint88).max), 1 << 255, type(uint256).max];
        for (uint256 i; i < sizes.length; ++i) {
            trade(alice, ETH, 3 * UNIT, ETH_PRICE);
            trade(bob, ETH, -3 * UNIT, ETH_PRICE);
            vm.warp(block.timestamp + 61);
            setPrice(ETH, ETH_PRICE);
            (Outcome memory outcome,) = risk.previewCloseNow(account(alice), ETH, sizes[i], 0, oracle.peek(ETH));
            assertEq(outcome.sizeDelta, -3 * UNIT, "foreseen");
            vm.prank(alice);
            engine.closeNow(account(alice), ETH, sizes[i], 0, noUpdate);
            vm.prank(bob);
            engine.closeNow(account(bob), ETH, sizes[i], type(uint96).max, noUpdate);
            assertEq(sizeOf(alice, ETH), 0, "long");
            assertEq(sizeOf(bob, ETH), 0, "short");
        }
        assertBooks();
    }

    /// @dev Whoever may leave by one source's price must not set by it what others open and withdraw by.
    function test_APriceOfOneSourceLeavesTheIndex() public {
        trade(alice, ETH, 3 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 61);
        oracle.set(ETH, ETH_PRICE * 11 / 10, block.timestamp, 5, SINGLE_BPS);
        uint256 at = cold.getMarket(ETH).indexAt;
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        assertEq(uint256(cold.getMarket(ETH).index), ETH_PRICE, "the index stays");
        assertEq(uint256(cold.getMarket(ETH).indexAt), at, "and its time");
        oracle.set(ETH, ETH_PRICE * 11 / 10, block.timestamp, 5, SINGLE_BPS - 1);
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        assertEq(uint256(cold.getMarket(ETH).index), ETH_PRICE * 11 / 10, "both sources set it");
    }

    function test_RevertWhen_OrdersArePending() public {
        trade(alice, ETH, 3 * UNIT, ETH_PRICE);
        commit(alice, ETH, marketOrder(alice, UNIT));
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OrdersPending.selector, 1, 0));
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
    }
}
