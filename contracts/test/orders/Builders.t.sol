// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {builtBy} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice Who built the order may charge what the owner lets it, at a fill and not before.
contract BuildersTest is OrdersFixture {
    address private builder = makeAddr("builder");

    function test_AnApprovedBuilderIsPaidAtTheFill() public {
        _approve(50);
        Order memory plain = orderBy(signer, 10 * UNIT, 1);
        uint256 state = vm.snapshotState();
        (uint256 margin, uint256 reserves) = _filled(plain);
        vm.revertToState(state);
        // 5 bp of 20,000.
        (uint256 charged, uint256 same) = _filled(builtBy(plain, builder, 50));
        assertEq(marginOf(builder), 10e18, "the builder's");
        assertEq(margin - charged, 10e18, "on top of the exchange's");
        assertEq(same, reserves, "which is as without");
    }

    function testFuzz_TheFeeIsItsRateOfTheFillRoundedUp(uint256 size, uint256 fee) public {
        _approve(50);
        size = bound(size, 0.01e12, 100e12);
        fee = bound(fee, 1, 50);
        Order memory order = builtBy(orderBy(signer, int88(int256(size)), 1), builder, fee);
        commitSigned(order);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "fills");
        assertEq(marginOf(builder), (size * ETH_PRICE * fee + 1e17 - 1) / 1e17, "notional times rate");
        assertEq(FillMath.builderFee(ETH_PRICE, int256(size), 0), 0, "none asked, none paid");
    }

    function test_AFailedOrderPaysNoBuilder() public {
        _approve(50);
        Order memory order = builtBy(orderBy(signer, 1, 1), builder, 50);
        commitSigned(order);
        assertFate(fateOf(ETH_PRICE, order), Fate.Failed, "dust");
        assertEq(marginOf(builder), 0, "nothing");
    }

    function test_RevertWhen_TheOwnerHasNotApproved() public {
        Order memory order = builtBy(orderBy(signer, UNIT, 1), builder, 1);
        refuses(order, Refusal.BuilderNotApproved, 1, 0);
        refusesDirect(signer, order, Refusal.BuilderNotApproved, 1, 0);
        // Whoever else approves, themselves included.
        vm.prank(builder);
        desk.approveBuilder(builder, 50);
        vm.prank(stranger);
        desk.approveBuilder(builder, 50);
        refuses(order, Refusal.BuilderNotApproved, 1, 0);
    }

    function test_RevertWhen_ABuilderAsksForMoreThanApproved() public {
        _approve(20);
        refuses(builtBy(orderBy(signer, UNIT, 1), builder, 21), Refusal.BuilderNotApproved, 21, 20);
        refuses(builtBy(orderBy(signer, UNIT, 1), stranger, 20), Refusal.BuilderNotApproved, 20, 0);
        commitSigned(builtBy(orderBy(signer, UNIT, 1), builder, 20));
    }

    function test_ABuilderThatAsksForNothingNeedsNoApproval() public {
        commitSigned(builtBy(orderBy(signer, UNIT, 1), builder, 0));
        assertEq(pendingOf(signer), 1, "taken");
    }

    function test_RevertWhen_TheApprovalIsRevoked() public {
        _approve(50);
        commitSigned(builtBy(orderBy(signer, UNIT, 1), builder, 50));
        _approve(0);
        refuses(builtBy(orderBy(signer, UNIT, 2), builder, 1), Refusal.BuilderNotApproved, 1, 0);
        // What was committed before stands.
        settle(ETH, ETH_PRICE, only(builtBy(orderBy(signer, UNIT, 1), builder, 50)));
        assertEq(marginOf(builder), 1e18, "5 bp of 2000");
    }

    function test_RevertWhen_MoreThanTheMostIsApproved() public {
        vm.expectRevert(abi.encodeWithSelector(IOrderDesk.BuilderFeeTooHigh.selector, 51, 50));
        vm.prank(signer);
        desk.approveBuilder(builder, 51);
        vm.expectEmit(address(engine));
        emit IOrderDesk.BuilderApproved(signer, builder, 50);
        _approve(50);
        assertEq(desk.getBuilderFee(signer, builder), 50, "5 bp");
    }

    /// @dev What the account cannot pay is waived, the builder's part first.
    function test_ABuildersFeeIsWaivedFirst() public {
        trade(bob, ETH, -100 * UNIT, ETH_PRICE);
        vm.prank(signer);
        cold.withdraw(account(signer), 95_500e6, signer, noUpdate);
        _approve(50);
        trade(signer, ETH, 20 * UNIT, ETH_PRICE);
        Order memory order = builtBy(orderBy(signer, -20 * UNIT, 1), builder, 50);
        (bool some, bool all, bool others) = (false, false, false);
        for (uint256 price = 1840e18; price > 1740e18; price -= 0.25e18) {
            setPrice(ETH, price);
            (Outcome memory outcome,) = risk.previewOrder(ETH, order, oracle.peek(ETH));
            if (outcome.failure != Failure.None) break;
            // 5 bp each: the taker's and the builder's.
            uint256 each = price * 20 / 2000;
            uint256 waived = 2 * each - outcome.fee;
            assertEq(outcome.builderFee, each - (waived < each ? waived : each), "before any of the exchange's");
            some = some || (waived > 0 && waived < each);
            all = all || outcome.builderFee == 0;
            others = others || outcome.fee == 0;
        }
        assertTrue(some && all && others, "each was met");
    }

    function test_WhatIsWaivedIsNotPaid() public {
        trade(bob, ETH, -100 * UNIT, ETH_PRICE);
        vm.prank(signer);
        cold.withdraw(account(signer), 95_500e6, signer, noUpdate);
        _approve(50);
        trade(signer, ETH, 20 * UNIT, ETH_PRICE);
        Order memory order = builtBy(orderBy(signer, -20 * UNIT, 1), builder, 50);
        commitSigned(order);
        vm.warp(block.timestamp + 3);
        uint256 price = 1840e18;
        Outcome memory outcome;
        do {
            price -= 0.25e18;
            setPrice(ETH, price);
            (outcome,) = risk.previewOrder(ETH, order, oracle.peek(ETH));
        } while (outcome.builderFee == price * 20 / 2000);
        Order[][] memory batches = new Order[][](1);
        batches[0] = only(order);
        engine.settle(ETH, batches, noUpdate);
        assertEq(sizeOf(signer), 0, "closed");
        assertGt(outcome.builderFee, 0, "a part");
        assertEq(marginOf(builder), outcome.builderFee, "and no more");
    }

    /// @dev A builder may be the trader or the keeper: each is credited in turn.
    function test_ABuilderWhoIsTheTraderPaysItself() public {
        vm.prank(signer);
        desk.approveBuilder(signer, 50);
        uint256 state = vm.snapshotState();
        (uint256 margin,) = _filled(orderBy(signer, 10 * UNIT, 1));
        vm.revertToState(state);
        (uint256 same,) = _filled(builtBy(orderBy(signer, 10 * UNIT, 1), signer, 50));
        assertEq(same, margin, "nothing gained, nothing lost");
    }

    function _approve(uint256 fee) private {
        vm.prank(signer);
        desk.approveBuilder(builder, fee);
    }

    /// @return margin The signer's afterwards.
    /// @return fees What insurance and treasury got.
    function _filled(Order memory order) private returns (uint256 margin, uint256 fees) {
        commitSigned(order);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "fills");
        return (marginOf(signer), cold.getPool().fees);
    }
}
