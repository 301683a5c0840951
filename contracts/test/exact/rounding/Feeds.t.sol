// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorDouble, AggregatorProxyDouble} from "../../../doubles/ChainlinkDouble.sol";
import {PriceState} from "../../../src/interfaces/IPriceOracle.sol";
import {Feed} from "../../../src/oracle/PriceSources.sol";
import {OracleFixture} from "../../oracle/OracleFixture.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice PriceOracle: the bounds that a registration draws from an aggregator, and the age of an anchor.
/// forge-config: default.fuzz.runs = 32
/// forge-config: ci.fuzz.runs = 1000
contract FeedRoundingTest is OracleFixture, Directions {
    function testFuzz_TheFloorOfAFeedRoundsDownForWhatIsPublished(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 least = between(dice, 1e18, 1500e18);
        Feed memory feed = _register(least, 1e24);
        assertDown(feed.floor, least * 101, 100e10, "the floor refuses more than 1 % above the least answer");
    }

    function testFuzz_TheCeilingOfAFeedRoundsDownForCaution(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 most = between(dice, 2500e18, 1e24);
        Feed memory feed = _register(1, most);
        assertDown(feed.ceiling, most * 99, 100e10, "the ceiling is less than 1 % below the largest answer");
    }

    function testFuzz_TheAgeOfAnAnchorRoundsDownForCaution(uint256 seed) public {
        Dice memory dice = Dice(seed);
        Feed memory feed = feedOf(ETH);
        feed.heartbeat = uint32(between(dice, 100, 10_000));
        register(ETH, feed);
        uint256 age = uint256(feed.heartbeat) * 11 / 10 + roll(dice) % 2;
        vm.warp(block.timestamp + age);
        store(eth(block.timestamp));
        bool counts = oracle.peek(ETH).state != PriceState.Single;
        assertEq(
            counts, age * 10 <= uint256(feed.heartbeat) * 11, "an anchor older than 11 / 10 of its heartbeat counts"
        );
    }

    /// @dev An aggregator of 18 decimals with these limits.
    function _register(uint256 least, uint256 most) private returns (Feed memory feed) {
        aggregators[ETH] =
            new AggregatorDouble("ETH / USD", 18, int192(int256(least)), int192(int256(most)), address(this));
        aggregators[ETH].transmit(2000e18, uint64(block.timestamp));
        feed = feedOf(ETH);
        (feed.floor, feed.ceiling) = (0, type(uint64).max);
        feed.chainlink = new AggregatorProxyDouble(address(aggregators[ETH]), address(this));
        register(ETH, feed);
        return oracle.getFeed(ETH);
    }
}
