// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorDouble} from "../../doubles/ChainlinkDouble.sol";
import {Price, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice A settlement is judged by the round in force when its price was published, whenever it is sent.
contract AnchorRoundsTest is OracleFixture {
    uint256 private _published;
    bytes[] private _update;

    function setUp() public override {
        super.setUp();
        vm.warp(block.timestamp + 20);
        _published = block.timestamp;
        _update = eth(_published);
    }

    function test_ARoundWrittenAfterThePriceChangesNothing() public {
        Price memory before = settlement(_update, _published);
        vm.warp(_published + 10);
        answer(ETH, 1500_00000000);
        Price memory later = settlement(_update, _published);
        assertEq(keccak256(abi.encode(before)), keccak256(abi.encode(later)), "the same price in the same state");
        vm.expectRevert(_refusal(PriceUse.Index, PriceState.Halted));
        this.presentNow(eth(block.timestamp));
    }

    function test_ARoundWrittenBeforeThePriceCounts() public {
        vm.warp(_published - 1);
        answer(ETH, 1500_00000000);
        vm.warp(_published + 10);
        answer(ETH, ETH_PRICE);
        vm.expectRevert(_refusal(PriceUse.Settle, PriceState.Halted));
        this.settleNow();
    }

    function test_ARoundOfThePricesSecondCounts() public {
        answer(ETH, 1980_00000000);
        assertEq(uint256(settlement(_update, _published).state), uint256(PriceState.Strained), "in force");
    }

    function test_EightRoundsBackAreFound() public {
        for (uint256 i; i < 8; ++i) {
            vm.warp(block.timestamp + 1);
            answer(ETH, 1500_00000000);
        }
        assertEq(uint256(settlement(_update, _published).state), uint256(PriceState.Normal), "the eighth back");
        vm.warp(block.timestamp + 1);
        answer(ETH, 1500_00000000);
        vm.expectRevert(_refusal(PriceUse.Settle, PriceState.Single));
        this.settleNow();
    }

    /// @dev The rounds before a new aggregator are of another phase; its own first round has none before it.
    function test_ANewPhaseHasNoEarlierRounds() public {
        vm.warp(_published + 1);
        AggregatorDouble next = new AggregatorDouble("ETH / USD", 8, 1, 1e17, address(this));
        next.transmit(ETH_PRICE, uint64(block.timestamp));
        proxies[ETH].setAggregator(address(next));
        vm.expectRevert(_refusal(PriceUse.Settle, PriceState.Single));
        this.settleNow();
        vm.warp(_published + 30);
        Price memory price = settlement(eth(block.timestamp), block.timestamp);
        assertEq(uint256(price.state), uint256(PriceState.Normal), "the next orders settle");
    }

    function test_AnOldPhaseStillAnswersForItsRounds() public {
        AggregatorDouble next = new AggregatorDouble("ETH / USD", 8, 1, 1e17, address(this));
        next.transmit(1999_00000000, uint64(block.timestamp));
        proxies[ETH].setAggregator(address(next));
        (uint80 id, int256 value,,,) = proxies[ETH].latestRoundData();
        assertEq(uint256(id), uint256(2) << 64 | 1, "phase 2, round 1");
        assertEq(value, 1999_00000000, "the new aggregator's");
        (id, value,,,) = proxies[ETH].getRoundData(uint80(1) << 64 | 1);
        assertEq(uint256(id), uint256(1) << 64 | 1, "phase 1, round 1");
        assertEq(value, ETH_PRICE, "the old aggregator's");
        (, value,,,) = proxies[ETH].getRoundData(uint80(1) << 64 | 9);
        assertEq(value, 0, "a round that is not there");
    }

    function settleNow() external {
        settlement(_update, _published);
    }

    function presentNow(bytes[] memory update) external {
        presentEth(update, PriceUse.Index);
    }

    function _refusal(PriceUse use, PriceState state) private pure returns (bytes memory) {
        return refusal(use, state, state == PriceState.Halted ? PriceReason.Deviation : PriceReason.AnchorSilent);
    }
}
