// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, Order} from "../../../src/engine/EngineTypes.sol";
import {IOrderDesk} from "../../../src/interfaces/IOrderDesk.sol";
import {FillMath} from "../../../src/libraries/FillMath.sol";
import {OrderWords} from "../../../src/libraries/OrderWords.sol";
import {EngineFixture} from "../../fixtures/EngineFixture.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice What orders round: a builder's fee, a share of a position, what a delegate has spent.
contract OrderRoundingTest is EngineFixture, Directions {
    function testFuzz_ABuildersFeeRoundsUpForTheBuilder(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        (uint256 price, uint256 size) = (magnitude(dice, 1, 1e26), magnitude(dice, 1, 1.5e26));
        uint256 rate = between(dice, 1, 50);
        uint256 fee = FillMath.builderFee(price, either(dice, size), rate);
        assertUp(fee, price * size * rate, 1e17, "the fee is below");
    }

    function testFuzz_APartOfAPositionIsTruncated(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        int256 size = either(dice, magnitude(dice, 1, 1.5e26));
        int256 share = either(dice, between(dice, 1, 20_000));
        assertTrunc(OrderWords.partOf(size, share), size * share, 10_000, "the part is larger");
    }

    function testFuzz_WhatADelegateSpendsRoundsUpForTheOwner(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 size = between(dice, 1, 40e12);
        vm.prank(alice);
        IOrderDesk(address(engine)).setDelegate(bob, Delegation(type(uint40).max, 1, 1, 1e6, 0, 0));
        Order[] memory orders = marketOrder(alice, int88(int256(size)));
        vm.prank(bob);
        engine.commit(ETH, orders);
        uint256 spent = IOrderDesk(address(engine)).getDelegation(alice, bob).spent;
        assertUp(spent, size * ETH_PRICE, 1e30, "less is counted");
    }
}
