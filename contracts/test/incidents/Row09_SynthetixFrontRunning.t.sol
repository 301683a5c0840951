// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {PythErrors} from "../../src/interfaces/external/PythErrors.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {marketOrderOf, triggeredAt} from "../fixtures/Orders.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";
import {Wealth} from "./Wealth.sol";

/// @notice Synthetix, 2019 to 2021: trading at a pushed price by those who already knew the next. Orders fill at the first
/// price after their delay; what acts at once fills at the worse of both sources, less half-width and surcharge. So a
/// trader who knows the next price of either source gains nothing by leaving at the last.
contract Row09SynthetixFrontRunningTest is ExchangeFixture {
    int88 private constant SIZE = UNIT;
    /// @dev USD, 8 decimals: half-width and surcharge, 10 bp each, of the first price.
    int64 private constant COVERED = 4_00000000;

    /// @dev Long is alice, short is bob.
    function setUp() public override {
        super.setUp();
        settle(commit(alice, SIZE), firstUpdate());
        settle(commit(bob, -SIZE), firstUpdate());
        vm.warp(block.timestamp + 10);
    }

    /// @dev Pyth lags; the next answer of Chainlink is already in its queue and written before the trader leaves. Leaving
    /// at Pyth's price is worth no more than staying to the answer.
    function testFuzz_TheNextAnswerOfChainlinkIsInTheFill(uint256 down, bool long) public {
        int64 distance = int64(int256(bound(down, 0, 90_00000000)));
        int64 next = long ? ETH_PRICE - distance : ETH_PRICE + distance;
        answer(ETH, next);
        _leavesNoBetterThanStaying(long ? alice : bob, eth(block.timestamp), next);
    }

    /// @dev Pyth has moved, Chainlink's answer of before stands: that it will follow is known to all. The fill is no
    /// better than where it will be.
    function testFuzz_TheLastAnswerOfChainlinkIsNoRefuge(uint256 down, bool long) public {
        int64 distance = int64(int256(bound(down, 0, 90_00000000)));
        int64 next = long ? ETH_PRICE - distance : ETH_PRICE + distance;
        _leavesNoBetterThanStaying(long ? alice : bob, eth(next, ETH_CONF, block.timestamp), next);
    }

    /// @dev The trader holds an update up to 5 s old and knows the newer price: as far as half-width and surcharge reach,
    /// the older one saves nothing.
    function testFuzz_AnOlderPriceSavesNothing(uint256 down, uint256 age, bool long) public {
        int64 distance = int64(int256(bound(down, 0, uint64(COVERED))));
        int64 next = long ? ETH_PRICE - distance : ETH_PRICE + distance;
        age = bound(age, 0, 5);
        _leavesNoBetterThanStaying(long ? alice : bob, eth(block.timestamp - age), next);
    }

    /// @dev Where a move is larger, whoever shows the newer price shuts the older one out.
    function test_RevertWhen_ANewerPriceIsAlreadyTheIndex() public {
        bytes[] memory older = eth(block.timestamp - 1);
        cold.updateIndices{value: FEE}(1, eth(1980_00000000, ETH_CONF, block.timestamp));
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.PriceOlderThanIndex.selector, block.timestamp - 1, block.timestamp)
        );
        vm.prank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(SIZE), 0, older);
    }

    function test_RevertWhen_ThePriceIsSixSecondsOld() public {
        bytes[] memory older = eth(block.timestamp - 6);
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        vm.prank(alice);
        engine.closeNow{value: FEE}(account(alice), ETH, uint88(SIZE), 0, older);
    }

    /// @dev A stop committed at the price that all know fills at the next one, or not at all: its trigger is no price.
    function testFuzz_ATriggerIsNoPrice(uint256 move, bool up) public {
        int64 distance = int64(int256(bound(move, 1, 90_00000000)));
        int64 next = up ? ETH_PRICE + distance : ETH_PRICE - distance;
        Order[][] memory batches = new Order[][](1);
        batches[0] = new Order[](1);
        uint256 known = uint256(uint64(ETH_PRICE)) * 1e10;
        batches[0][0] = triggeredAt(marketOrderOf(account(alice), -SIZE), known, OrderWords.BELOW);
        int256 had = Wealth.total(cold, alice);
        vm.prank(alice);
        engine.commit(ETH, batches[0]);
        vm.warp(block.timestamp + 3);
        answer(ETH, next);
        settle(batches, eth(next, ETH_CONF, block.timestamp - 1));
        int256 moved = SIZE * (int256(next) - ETH_PRICE) * 1e10;
        assertEq(cold.getPosition(account(alice), ETH).size, up ? SIZE : int88(0), "released above, filled below");
        assertLe(Wealth.total(cold, alice), had + moved, "the last price was better than the next");
    }

    /// @dev Leaves with the update and compares with staying until `next` is the price, before any cost of leaving then.
    function _leavesNoBetterThanStaying(address who, bytes[] memory update, int64 next) private {
        bytes32 id = account(who);
        int256 size = cold.getPosition(id, ETH).size;
        int256 staying =
            Wealth.total(cold, who) + size * (int256(next) * 1e10 - int256(uint256(cold.getMarket(ETH).index)));
        vm.prank(who);
        engine.closeNow{value: FEE}(id, ETH, uint88(SIZE), size > 0 ? 0 : type(uint96).max, update);
        assertEq(int256(cold.getPosition(id, ETH).size), 0, "left");
        assertLe(Wealth.total(cold, who), staying, "knowing the next price paid");
    }
}
