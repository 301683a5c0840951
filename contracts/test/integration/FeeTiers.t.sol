// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {marketOrderOf} from "../fixtures/Orders.sol";
import {MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {FeeMath} from "../../src/libraries/FeeMath.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice Fees fall with what an account has traded, and rise again with time.
contract FeeTiersTest is EngineFixture {
    uint256 internal constant DEEP = 2;

    function setUp() public override {
        super.setUp();
        provide(3_000_000_000e6);
        setPrice(DEEP, ETH_PRICE);
        vm.prank(admin);
        cold.listMarket(config(1e14), 50);
        fund(alice, 900_000_000e6);
        // The middle of a day.
        vm.warp((block.timestamp / 1 days + 1) * 1 days + 12 hours);
    }

    function test_FillsAreCountedInHundredsOfDollars() public {
        trade(alice, ETH, UNIT * 99 / 100, ETH_PRICE);
        assertEq(volume(), 19, "1,980 dollars");
        trade(alice, ETH, -UNIT * 99 / 100, ETH_PRICE);
        assertEq(volume(), 38, "either way");
        trade(alice, ETH, UNIT / 25, ETH_PRICE);
        assertEq(volume(), 38, "less than a hundred is nothing");
        commit(alice, ETH, marketOrder(alice, 50 * UNIT));
        assertEq(volume(), 38, "what is not filled is nothing");
        vm.warp(block.timestamp + 61);
        setPrice(ETH, ETH_PRICE);
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        assertEq(volume(), 38, "an immediate close is nothing");
    }

    function test_TheTierIsThatOfTheFillsBefore() public {
        // $5 M at the taker's 5 bp, less 10 % from then on.
        assertEq(_feeOf(2500 * UNIT), 2500e18, "the fill that reaches a tier pays in full");
        assertEq(volume(), 50_000, "reached");
        assertEq(_feeOf(2500 * UNIT), 2250e18, "10 %");
        assertEq(_feeOf(7500 * UNIT), 6750e18, "still 10 %");
        assertEq(_feeOf(UNIT), 0.8e18, "20 %");
    }

    function test_PreviewKnowsTheTier() public {
        _feeOf(2500 * UNIT);
        (Outcome memory outcome,) =
            risk.previewOrder(DEEP, marketOrderOf(account(alice), 100 * UNIT), oracle.peek(DEEP));
        assertEq(outcome.fee, 90e18, "10 %");
        vm.warp(block.timestamp + 1 days);
        setPrice(DEEP, ETH_PRICE);
        (outcome,) = risk.previewOrder(DEEP, marketOrderOf(account(alice), 100 * UNIT), oracle.peek(DEEP));
        assertEq(outcome.fee, 100e18, "a day later it has faded");
        Price memory price = oracle.peek(DEEP);
        (outcome,) = risk.previewCloseNow(account(alice), DEEP, 100e12, 0, price);
        assertEq(outcome.fee, 100e18 * 40 / 100 * 90 / 100, "an immediate close has the tier that is stored");
        vm.prank(alice);
        engine.closeNow(account(alice), DEEP, 100e12, 0, noUpdate);
        assertEq(_feeOf(100 * UNIT), 50e18 * 2, "the commit lets it fade");
    }

    function test_VolumeFadesByAThirtiethADay() public {
        _feeOf(3000 * UNIT);
        assertEq(volume(), 60_000, "six million");
        vm.warp(block.timestamp + 1 days);
        setPrice(DEEP, ETH_PRICE);
        commit(alice, DEEP, marketOrder(alice, UNIT));
        assertEq(volume(), 57_999, "29/30, rounded down");
        commit(alice, DEEP, marketOrder(alice, UNIT));
        assertEq(volume(), 57_999, "once a day");
    }

    /// @dev Against the power taken day by day in whole hundreds of dollars times 1e30: never above it.
    function testFuzz_Fading(uint256 volume_, uint256 elapsed) public pure {
        volume_ = bound(volume_, 0, FeeMath.MAX_VOLUME);
        elapsed = bound(elapsed, 0, 700);
        uint256 exact = volume_ * 1e30;
        for (uint256 i; i < elapsed; ++i) {
            exact = exact * 29 / 30;
        }
        uint256 faded = FeeMath.decayed(volume_, 86_399, 86_399 + elapsed * 1 days);
        assertLe(faded, exact / 1e30, "fades too little");
        assertGe(faded + 1, exact / 1e30, "fades by more than a unit too much");
        assertEq(FeeMath.decayed(volume_, 86_399, 86_400), volume_ * 966_666_666_666_666_666 / 1e18, "by the calendar");
    }

    function testFuzz_VolumeStaysAtItsMaximum(uint256 volume_, uint256 notional) public pure {
        volume_ = bound(volume_, 0, FeeMath.MAX_VOLUME);
        uint256 grown = FeeMath.grown(volume_, bound(notional, 0, 5e38));
        assertGe(grown, volume_, "shrank");
        assertLe(grown, FeeMath.MAX_VOLUME, "left its field");
    }

    function test_TiersBeginWhereTheySay() public pure {
        uint256[4] memory from = [uint256(50_000), 250_000, 1_000_000, 5_000_000];
        for (uint256 i; i < 4; ++i) {
            assertEq(FeeMath.discount(from[i] - 1), i * 10, "below");
            assertEq(FeeMath.discount(from[i]), (i + 1) * 10, "from");
        }
        assertEq(FeeMath.discount(FeeMath.MAX_VOLUME), 40, "the most");
    }

    function volume() private view returns (uint256) {
        return cold.getAccount(account(alice)).volume;
    }

    /// @dev Of a filled order, by what insurance and treasury waited for: three tenths.
    function _feeOf(int88 delta) private returns (uint256) {
        uint256 before = cold.getPool().fees;
        trade(alice, DEEP, delta, ETH_PRICE);
        return (cold.getPool().fees - before) * 10 / 3;
    }
}
