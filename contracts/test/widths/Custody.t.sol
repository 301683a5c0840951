// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {WidthFixture} from "./WidthFixture.sol";

/// @notice The engine with all the tokens it takes: whoever of its parts holds them, none wraps.
contract CustodyWidthsTest is WidthFixture {
    function test_AMarginHoldsAllOfItAndWhatItIsCredited() public {
        // The hour's first, so that whatever comes after it may leave in the same hour.
        vm.prank(alice);
        cold.withdraw(account(alice), 1, alice, noUpdate);
        uint256 before = margin(alice);
        uint256 room = _room();
        fund(alice, room);
        assertEq(margin(alice), before + room * 1e12, "deposited whole");
        Order[] memory orders = marketOrder(bob, UNIT);
        commit(bob, ETH, orders);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.prank(alice);
        engine.settle(ETH, batches, noUpdate);
        assertEq(margin(alice), before + room * 1e12 + 0.5e18, "and credited for settling");
        _assertFull();
        vm.prank(alice);
        cold.withdraw(account(alice), room, alice, noUpdate);
        assertEq(usdc.balanceOf(alice), room + 1, "and withdrawn");
        assertEq(_room(), room, "which makes room again");
    }

    function test_TheFloorOfAnHourIsAPartOfAllOfIt() public {
        fund(alice, _room());
        uint256 custody = cold.solvency().custody;
        vm.prank(alice);
        cold.withdraw(account(alice), 1, alice, noUpdate);
        uint256 word = uint256(vm.load(address(engine), outflowSlot()));
        assertEq(uint32(word), block.timestamp / 3600, "the hour");
        assertEq(word >> 32, custody - custody / 4, "three quarters");
        assertGt(word >> 32, type(uint96).max / 100 * 74, "of nearly all that fits");
    }

    function test_ThePoolItsQueuesAndInsuranceHoldAllOfIt() public {
        uint256 room = _room();
        provide(room);
        assertEq(uint256(cold.getPool().cash), 1_000_000e18 + room * 1e12, "the pool, out of what was pending");
        _assertFull();
        vm.startPrank(admin);
        cold.removeLiquidity(room * 1e12);
        assertEq(cold.solvency().lpPayable, room * 1e12, "what is payable");
        cold.payLiquidity(alice, room);
        vm.startPrank(alice);
        cold.fundInsurance(room);
        assertEq(uint256(cold.getReserves().insurance), room * 1e12, "insurance");
        vm.stopPrank();
        _assertFull();
    }

    function _room() private view returns (uint256) {
        return (type(uint96).max - cold.solvency().custody) / 1e12;
    }

    /// @dev Nobody brings a unit more, and the books agree.
    function _assertFull() private {
        assertEq(_room(), 0, "full");
        Solvency memory s = cold.solvency();
        assertEq(s.balance, s.custody, "every token is owed, and no more");
        usdc.mint(bob, 1);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.CustodyFull.selector, 1, 0));
        engine.deposit(account(bob), 1);
    }
}
