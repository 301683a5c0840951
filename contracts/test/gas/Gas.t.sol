// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";
import {TestUsdc} from "../fixtures/TestUsdc.sol";
import {proxiedUsdc} from "./ProxiedUsdc.sol";

/// @notice Whole transactions in steady state: account, market, nonce and queue slots already non-zero, a position slot
/// still new. Prices come from an oracle of one slot.
contract GasTest is EngineFixture {
    address internal dave = makeAddr("dave");

    function setUp() public override {
        super.setUp();
        // Walk the ring once, so that its slots are used, as they are after the first thousand batches.
        for (uint256 i; i < 1030; ++i) {
            trade(bob, ETH, i % 2 == 0 ? UNIT : -UNIT, ETH_PRICE);
        }
        trade(bob, ETH, UNIT, ETH_PRICE);
        fund(dave, 100_000e6);
    }

    function deployUsdc() internal override returns (TestUsdc) {
        return proxiedUsdc();
    }

    function test_Deposit() public {
        usdc.mint(alice, 200e6);
        vm.prank(alice);
        engine.deposit(account(alice), 100e6);
        vm.snapshotGasLastCall("gas", "deposit");
    }

    function test_Withdraw() public {
        usdc.mint(alice, 1);
        vm.prank(alice);
        cold.withdraw(account(alice), 100e6, alice, noUpdate);
        vm.snapshotGasLastCall("gas", "withdraw");
    }

    function test_CommitAndSettle() public {
        Order[] memory orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        vm.snapshotGasLastCall("gas", "commit");
        settle(ETH, ETH_PRICE, orders);
        vm.snapshotGasLastCall("gas", "settleOpen");

        orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        vm.snapshotGasLastCall("gas", "settleIncrease");

        orders = marketOrder(alice, -2 * UNIT);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        vm.snapshotGasLastCall("gas", "settleClose");
    }

    function test_SettleOpenEachOf20() public {
        Order[][] memory batches = new Order[][](20);
        for (uint256 i; i < 20; ++i) {
            address owner = makeAddr(vm.toString(i));
            fund(owner, 10_000e6);
            batches[i] = marketOrder(owner, UNIT);
            commit(owner, ETH, batches[i]);
        }
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        vm.prank(keeper);
        engine.settle(ETH, batches, noUpdate);
        vm.snapshotGasLastCall("gas", "settleOpen20");
    }

    function test_CloseNow() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 2);
        setPrice(ETH, ETH_PRICE);
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        vm.snapshotGasLastCall("gas", "closeNow");
    }

    /// @dev A part of a position of some $18,000: what is owed to the keeper for it covers any call's cost, so that
    /// nothing is asked about the price of gas.
    function test_Liquidate() public {
        address[] memory owners = _endangered(1);
        vm.prank(keeper);
        engine.liquidate(account(owners[0]), noUpdate);
        vm.snapshotGasLastCall("gas", "liquidate");
    }

    function test_LiquidateEachOf10() public {
        address[] memory owners = _endangered(10);
        bytes32[] memory accounts = new bytes32[](10);
        for (uint256 i; i < 10; ++i) {
            accounts[i] = account(owners[i]);
        }
        vm.prank(keeper);
        engine.liquidateMany(accounts, noUpdate);
        vm.snapshotGasLastCall("gas", "liquidate10");
    }

    function _endangered(uint256 count) private returns (address[] memory owners) {
        // Insurance and treasury have been used before.
        vm.prank(alice);
        cold.divideReserves();
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        owners = new address[](count);
        for (uint256 i; i < count; ++i) {
            owners[i] = makeAddr(vm.toString(i));
            fund(owners[i], 3000e6);
            trade(owners[i], ETH, 10 * UNIT, ETH_PRICE);
        }
        vm.warp(block.timestamp + 2);
        setPrice(ETH, 1810e18);
    }
}
