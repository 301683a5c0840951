// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorDouble, AggregatorProxyDouble} from "../../doubles/ChainlinkDouble.sol";
import {PriceReason, PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {Feed} from "../../src/oracle/PriceSources.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {PriceIncident} from "./PriceIncident.sol";

/// @notice Moonwell, November 2025, and cbETH, February 2026: a faulty feed, and a ratio taken for a price. Sources far
/// apart serve nothing; a feed in other units is refused when it is registered.
contract Row28FaultyFeedsTest is PriceIncident {
    function test_AFaultyFeedServesNothing() public {
        answer(ETH, 5_800_000_00000000 / 1000);
        refusesEveryUse(eth(block.timestamp), PriceState.Halted, PriceReason.Deviation);
    }

    /// @dev 1.12 ETH for a cbETH, registered as its price in dollars.
    function test_ARatioIsNotTakenForAPrice() public {
        _refusesFeed(8, 1_12000000, "chainlink");
    }

    /// @dev Even where it lies within the bounds.
    function test_AnotherUnitIsNotTakenForAPrice() public {
        // Euro.
        _refusesFeed(8, 1850_00000000, "sources disagree");
        // In 9 decimals what is written in 8.
        _refusesFeed(9, 2000_00000000, "sources disagree");
    }

    function test_ASecondFeedIsHeldAgainstTheFirst() public {
        AggregatorDouble other = new AggregatorDouble("ETH / USD", 8, 1, 1e17, address(this));
        other.transmit(1900_00000000, uint64(block.timestamp));
        Feed memory feed = feedOf(ETH);
        feed.chainlink = new AggregatorProxyDouble(address(other), address(this));
        feed.haltPpm = 100_000;
        answer(ETH, ETH_PRICE);
        store(eth(1950_00000000, ETH_CONF, block.timestamp));
        vm.startPrank(admin);
        oracle.proposeFeed(ETH, feed);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeedRefused.selector, ETH, bytes32("old feed disagrees")));
        oracle.acceptFeed(ETH);
        vm.stopPrank();
    }

    function _refusesFeed(uint8 decimals, int192 value, bytes32 reason) private {
        AggregatorDouble other = new AggregatorDouble("ETH / USD", decimals, 1, 1e17, address(this));
        other.transmit(value, uint64(block.timestamp));
        Feed memory feed = feedOf(ETH);
        feed.chainlink = new AggregatorProxyDouble(address(other), address(this));
        store(eth(block.timestamp));
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.FeedRefused.selector, ETH, reason));
        vm.prank(admin);
        oracle.proposeFeed(ETH, feed);
    }
}
