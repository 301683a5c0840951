// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../../src/interfaces/external/AggregatorV3Interface.sol";
import {AggregatorDouble} from "../../doubles/ChainlinkDouble.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {PriceSources} from "../../src/oracle/PriceSources.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice USDC is off its peg, or on it again, when two rounds that follow one another say so.
contract OraclePegTest is OracleFixture {
    int192 private constant DOLLAR = 1e8;

    function test_TwoRoundsSayThatItIsOff() public {
        _answer(DOLLAR);
        assertFalse(oracle.offPeg(false), "on");
        _answer(0.98e8);
        assertFalse(oracle.offPeg(false), "one is not enough");
        _answer(0.985e8);
        assertTrue(oracle.offPeg(false), "two are");
    }

    function test_TwoRoundsSayThatItIsOnAgain() public {
        _answer(0.98e8);
        _answer(0.98e8);
        assertTrue(oracle.offPeg(true), "off");
        _answer(DOLLAR);
        assertTrue(oracle.offPeg(true), "one is not enough");
        _answer(DOLLAR);
        assertFalse(oracle.offPeg(true), "two are");
    }

    /// @dev Above it on one side and below on the other: off all the same.
    function test_AboveAndBelowAreBothOff() public {
        _answer(1.02e8);
        _answer(0.98e8);
        assertTrue(oracle.offPeg(false), "off");
    }

    function test_TheBoundsThemselvesAreOn() public {
        int192[4] memory answers = [int192(0.99e8), 1.01e8, 0.99e8 - 1, 1.01e8 + 1];
        for (uint256 i; i < 4; ++i) {
            _answer(answers[i]);
            _answer(answers[i]);
            assertEq(oracle.offPeg(false), i > 1, "set");
            assertEq(oracle.offPeg(true), i > 1, "kept");
        }
    }

    /// @dev Neither set nor cleared: by nothing, by what is old, by what cannot be.
    function test_WhatIsNotCredibleLeavesItAsItWas() public {
        _assertKept("no round");
        _answer(0.98e8);
        _assertKept("no round before");
        _answer(0.98e8);
        uint256 state = vm.snapshotState();
        vm.warp(block.timestamp + 95_040);
        assertTrue(oracle.offPeg(false), "as old as it may be");
        vm.warp(block.timestamp + 1);
        _assertKept("a second older");
        vm.revertToState(state);
        usdcFeed.transmit(0.98e8, uint64(block.timestamp + 1));
        _assertKept("of the future");
        vm.revertToState(state);
        _answer(0);
        _assertKept("nothing");
        vm.revertToState(state);
        _answer(-1e8);
        _assertKept("less than nothing");
        vm.revertToState(state);
        _answer(type(int192).max);
        _assertKept("more than there is");
        _answer(0.98e8);
        _assertKept("with such a one before");
    }

    function test_AnOlderRoundAfterANewerOneDoesNotCount() public {
        usdcFeed.transmit(0.98e8, uint64(block.timestamp));
        usdcFeed.transmit(0.98e8, uint64(block.timestamp - 1));
        _assertKept("the one before is of later");
    }

    /// @dev A new aggregator's first round has none before it.
    function test_ANewPhaseBeginsWithItsSecondRound() public {
        _answer(DOLLAR);
        _answer(DOLLAR);
        usdcFeed = new AggregatorDouble("USDC / USD", 8, 1, 1e17, address(this));
        usdcProxy.setAggregator(address(usdcFeed));
        _answer(0.98e8);
        _assertKept("its first");
        _answer(0.98e8);
        assertTrue(oracle.offPeg(false), "its second");
    }

    function test_AFeedThatRevertsLeavesItAsItWas() public {
        _answer(0.98e8);
        _answer(0.98e8);
        vm.etch(address(usdcFeed), hex"60006000fd");
        _assertKept("reverts");
    }

    /// @dev Whoever asks with too little gas is refused, not answered.
    function test_RevertWhen_TheReadIsStarved() public {
        _answer(0.98e8);
        _answer(0.98e8);
        vm.expectPartialRevert(PriceSources.GasTooLow.selector);
        oracle.offPeg{gas: 140_000}(false);
    }

    /// @dev The feed's own decimals count.
    function test_OfAnyDecimals() public {
        AggregatorDouble precise = new AggregatorDouble("USDC / USD", 18, 1, 1e19, address(this));
        oracle = new PriceOracle(pyth, uptimeProxy, precise, admin);
        precise.transmit(0.99e18, uint64(block.timestamp));
        precise.transmit(0.99e18, uint64(block.timestamp));
        assertFalse(oracle.offPeg(true), "on");
        precise.transmit(0.99e18 - 1, uint64(block.timestamp));
        precise.transmit(0.99e18 - 1, uint64(block.timestamp));
        assertTrue(oracle.offPeg(false), "off");
    }

    function test_ANetworkWithoutSuchAFeedIsAlwaysAsItWas() public {
        oracle = new PriceOracle(pyth, uptimeProxy, AggregatorV3Interface(address(0)), admin);
        assertEq(address(oracle.usdcFeed()), address(0), "none");
        _assertKept("none");
    }

    function _answer(int192 answer) private {
        usdcFeed.transmit(answer, uint64(block.timestamp));
    }

    function _assertKept(string memory what) private view {
        assertFalse(oracle.offPeg(false), what);
        assertTrue(oracle.offPeg(true), what);
    }
}
