// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorDouble, AggregatorProxyDouble} from "../../doubles/ChainlinkDouble.sol";
import {PriceReason, PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {Feed} from "../../src/oracle/PriceSources.sol";
import {PriceIncident} from "./PriceIncident.sol";

/// @notice LUNA at Venus, May 2022: the price fell below what Chainlink's aggregator could say, which went on answering
/// its minimum. An answer within 1 % of an aggregator's bounds says nothing, and halts.
contract Row25LunaMinimumAnswerTest is PriceIncident {
    /// @dev An aggregator that never answers below $100 or above $10,000.
    function setUp() public override {
        super.setUp();
        aggregators[ETH] = new AggregatorDouble("ETH / USD", 8, 100_00000000, 10_000_00000000, address(this));
        answer(ETH, ETH_PRICE);
        Feed memory feed = feedOf(ETH);
        feed.chainlink = new AggregatorProxyDouble(address(aggregators[ETH]), address(this));
        store(eth(block.timestamp));
        register(ETH, feed);
    }

    function test_AnAnswerAtTheMinimumHalts() public {
        answer(ETH, 100_00000000);
        refusesEveryUse(eth(100_00000000, 10000000, block.timestamp), PriceState.Halted, PriceReason.Bounds);
        answer(ETH, 100_99999999);
        refusesEveryUse(eth(101_50000000, 10000000, block.timestamp), PriceState.Halted, PriceReason.Bounds);
    }

    function test_AnAnswerAtTheMaximumHalts() public {
        answer(ETH, 10_000_00000000);
        refusesEveryUse(eth(9_890_00000000, 1_00000000, block.timestamp), PriceState.Halted, PriceReason.Bounds);
        answer(ETH, 9_900_00000001);
        refusesEveryUse(eth(9_890_00000000, 1_00000000, block.timestamp), PriceState.Halted, PriceReason.Bounds);
    }

    /// @dev Pyth, alone below them, is no way out.
    function test_WhereChainlinkCannotFollowNothingGoesOn() public {
        answer(ETH, 100_00000000);
        refusesEveryUse(eth(1_00000000, 100000, block.timestamp), PriceState.Halted, PriceReason.Bounds);
    }

    function test_JustInsideTheyServe() public {
        answer(ETH, 102_00000000);
        assertEq(
            uint256(
                oracle.observe{value: FEE}(1, eth(102_00000000, 10000000, block.timestamp), address(this))[0].state
            ),
            uint256(PriceState.Normal),
            "state"
        );
    }
}
