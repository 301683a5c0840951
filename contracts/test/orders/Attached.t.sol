// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {attached, limited, reducing, triggeredAt} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice Orders of a share of a position: they follow its size and die with it.
contract AttachedTest is OrdersFixture {
    int88 private constant SIZE = 10 * UNIT;
    int88 private constant ALL = -10_000;

    function setUp() public override {
        super.setUp();
        trade(signer, ETH, SIZE, ETH_PRICE);
    }

    function test_MinusTheWholeCloses() public {
        _fills(ALL, 0);
        trade(signer, ETH, -SIZE, ETH_PRICE);
        _fills(ALL, 0);
    }

    function test_MinusTwiceTheWholeReverses() public {
        _fills(-20_000, -SIZE);
        _fills(-20_000, SIZE);
    }

    function test_APartIsTruncated() public {
        _fills(-5000, SIZE / 2);
        _fills(-3333, SIZE / 2 - SIZE / 2 * 3333 / 10_000);
        trade(signer, ETH, int88(7 - sizeOf(signer) + UNIT), ETH_PRICE);
        _fills(-1, UNIT + 7 - UNIT / 10_000);
    }

    function test_PlusAShareAdds() public {
        _fills(2500, SIZE * 5 / 4);
    }

    function testFuzz_TheShareOfTheSizeAtTheSettlement(int88 share, uint256 before) public {
        share = int88(bound(share, -10_000, -1));
        int88 first = int88(int256(bound(before, 0, uint256(uint88(SIZE - UNIT)))));
        Order[] memory orders = pair(orderBy(signer, -first, 0), _attached(share, 0));
        if (first == 0) orders = only(orders[1]);
        vm.prank(signer);
        engine.commit(ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        int256 left = SIZE - first;
        int256 rest = left + left * share / 10_000;
        assertEq(sizeOf(signer), rest, "of what there is, not of what there was");
    }

    function test_ItShrinksWithThePosition() public {
        Order memory order = _attached(ALL, 1);
        bytes memory signature = sign(key, ETH, order);
        trade(signer, ETH, -SIZE / 2, ETH_PRICE);
        commitSigned(order, signature);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "closes the rest");
        assertEq(sizeOf(signer), 0, "and no more");
    }

    function test_RevertWhen_ThePositionHasEndedAtTheCommit() public {
        Order memory order = _attached(ALL, 1);
        uint256 generation = generationOf(signer);
        trade(signer, ETH, -SIZE, ETH_PRICE);
        refuses(order, Refusal.PositionEnded, generation + 1, generation);
        // A new one is another.
        trade(signer, ETH, SIZE, ETH_PRICE);
        refuses(order, Refusal.PositionEnded, generation + 1, generation);
        assertFalse(isUsed(signer, 1), "its nonce is unused");
        _fills(ALL, 0);
    }

    function test_RevertWhen_ThereIsNoPosition() public {
        Order memory order = attached(orderBy(alice, UNIT, 0), ALL, 0);
        refusesDirect(alice, order, Refusal.PositionEnded, 0, 0);
    }

    function test_ItFailsWhenThePositionEndsBeforeItsTurn() public {
        Order[] memory orders = pair(orderBy(signer, -SIZE, 0), _attached(ALL, 0));
        vm.prank(signer);
        engine.commit(ETH, orders);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.recordLogs();
        engine.settle(ETH, batches, noUpdate);
        Fate[] memory fates = fatesIn(vm.getRecordedLogs());
        assertFate(fates[0], Fate.Filled, "closes");
        assertFate(fates[1], Fate.Failed, "nothing is left");
        assertEq(sizeOf(signer), 0, "and nothing opened");
    }

    /// @dev Closed and opened anew before its turn: what it was attached to is gone.
    function test_ItDoesNotMoveToTheNextPosition() public {
        Order[] memory orders = new Order[](3);
        (orders[0], orders[1], orders[2]) = (orderBy(signer, -SIZE, 0), orderBy(signer, UNIT, 0), _attached(ALL, 0));
        vm.prank(signer);
        engine.commit(ETH, orders);
        vm.recordLogs();
        settle(ETH, ETH_PRICE, orders);
        assertEq(uint256(reasonIn(vm.getRecordedLogs())), uint256(Failure.PositionEnded), "its position has ended");
        assertEq(sizeOf(signer), UNIT, "the next position stays");
    }

    /// @dev What turns to the other side is another position.
    function test_ItDiesWhenThePositionIsReversed() public {
        Order memory order = _attached(ALL, 1);
        uint256 generation = generationOf(signer);
        trade(signer, ETH, -2 * SIZE, ETH_PRICE);
        assertEq(sizeOf(signer), -SIZE, "reversed");
        refuses(order, Refusal.PositionEnded, generation + 1, generation);
    }

    function test_ItDiesWithALiquidation() public {
        Order memory order = _attached(ALL, 1);
        uint256 generation = generationOf(signer);
        vm.prank(signer);
        cold.withdraw(account(signer), 95_950e6, signer, noUpdate);
        setPrice(ETH, 1600e18);
        vm.prank(keeper);
        engine.liquidate(account(signer), noUpdate);
        assertEq(sizeOf(signer), 0, "all of it");
        refuses(order, Refusal.PositionEnded, generation + 1, generation);
    }

    // Take-profit and stop-loss.

    function test_ATakeProfitAndAStopLossOfOnePosition() public {
        Order memory profit = reducing(triggeredAt(_attached(ALL, 1), 2200e18, OrderWords.ABOVE));
        Order memory stop = reducing(triggeredAt(_attached(ALL, 2), 1900e18, OrderWords.BELOW));
        uint256 generation = generationOf(signer);
        refuses(profit, Refusal.TriggerNotMet, ETH_PRICE, 2200e18);
        _moveTo(1899e18);
        commitSigned(stop);
        assertFate(fateOf(1898e18, stop), Fate.Filled, "the loss is stopped");
        assertEq(sizeOf(signer), 0, "closed");
        _moveTo(2200e18);
        refuses(profit, Refusal.PositionEnded, generation + 1, generation);
        trade(signer, ETH, UNIT, 2200e18);
        refuses(profit, Refusal.PositionEnded, generation + 1, generation);
    }

    function test_AReleasedOneIsCommittedLater() public {
        Order memory stop = triggeredAt(_attached(ALL, 2), 1900e18, OrderWords.BELOW);
        bytes memory signature = sign(key, ETH, stop);
        _moveTo(1900e18);
        commitSigned(stop, signature);
        assertFate(fateOf(1901e18, stop), Fate.Released, "back above");
        trade(signer, ETH, -SIZE / 2, 1900e18);
        commitSigned(stop, signature);
        assertFate(fateOf(1890e18, stop), Fate.Filled, "below again");
        assertEq(sizeOf(signer), 0, "all that was left");
    }

    /// @dev Twice as much more is more than a reverse opens.
    function test_ACommitAsksMarginForWhatAShareOpens() public {
        vm.prank(signer);
        cold.withdraw(account(signer), 95_950e6, signer, noUpdate);
        trade(bob, ETH, UNIT, 2100e18);
        refusesDirect(signer, _attached(20_000, 0), Refusal.MarginTooLow, marginOf(signer), 20 * 210e18 + KEEPER_FEE);
        commitBy(signer, _attached(-20_000, 0));
    }

    function _attached(int88 share, uint256 nonce) private view returns (Order memory) {
        Order memory order = attached(orderBy(signer, share, nonce), share, generationOf(signer));
        return limited(order, sizeOf(signer) * share > 0 ? type(uint88).max : 0);
    }

    function _fills(int88 share, int256 left) private {
        Order memory order = _attached(share, 0);
        commitBy(signer, order);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "fills");
        assertEq(sizeOf(signer), left, "its share");
    }

    function _moveTo(uint256 price) private {
        vm.warp(block.timestamp + 1);
        setPrice(ETH, price);
        cold.updateIndices(1 << ETH, noUpdate);
    }
}
