// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed} from "../../src/oracle/PriceSources.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {PriceIncident} from "./PriceIncident.sol";

/// @notice Aave's CAPO, March 2026: a cap whose ratio and clock were set apart held a price down, and the healthy were
/// liquidated. A feed is taken whole, and liquidation needs the favourable side of both sources.
contract Row29AaveDesynchronisedTest is PriceIncident {
    function test_AFeedIsTakenWhole() public {
        Feed memory before = oracle.getFeed(ETH);
        Feed memory feed = feedOf(ETH);
        (feed.heartbeat, feed.thresholdPpm, feed.ceiling) = (600, 2000, 1900e8);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeedRefused.selector, ETH, bytes32("chainlink")));
        vm.prank(admin);
        oracle.proposeFeed(ETH, feed);
        assertEq(keccak256(abi.encode(oracle.getFeed(ETH))), keccak256(abi.encode(before)), "a part of it is in force");
        feed.ceiling = before.ceiling;
        answer(ETH, ETH_PRICE);
        store(eth(block.timestamp));
        vm.startPrank(admin);
        oracle.proposeFeed(ETH, feed);
        assertEq(keccak256(abi.encode(oracle.getFeed(ETH))), keccak256(abi.encode(before)), "before it is accepted");
        oracle.acceptFeed(ETH);
        assertEq(uint256(oracle.getFeed(ETH).heartbeat), 600, "heartbeat");
        assertEq(uint256(oracle.getFeed(ETH).thresholdPpm), 2000, "threshold");
        vm.stopPrank();
    }

    /// @dev A source held 4.9 % down: alice, who would be liquidated at it, is healthy at the other.
    function test_TheHealthyAtEitherSourceStay() public {
        address carol = makeAddr("carol");
        fund(carol, 2_105e6);
        settle(commit(carol, 10 * UNIT), firstUpdate());
        vm.warp(block.timestamp + 10);
        answer(ETH, 1905_00000000);
        assertFalse(_liquidates(carol, eth(block.timestamp)), "by Chainlink alone");
        answer(ETH, ETH_PRICE);
        assertFalse(_liquidates(carol, eth(1905_00000000, ETH_CONF, block.timestamp)), "by Pyth alone");
        answer(ETH, 1905_00000000);
        assertTrue(_liquidates(carol, eth(1905_00000000, ETH_CONF, block.timestamp)), "not by both");
        assertFalse(_liquidates(bob, eth(1905_00000000, ETH_CONF, block.timestamp)), "the healthy");
    }

    function _liquidates(address who, bytes[] memory update) private returns (bool ok) {
        (ok,) = address(engine).call{value: FEE}(abi.encodeCall(engine.liquidate, (account(who), update)));
    }
}
