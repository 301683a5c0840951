// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestUsdc} from "../fixtures/TestUsdc.sol";
import {VaultFixture} from "../vault/VaultFixture.sol";
import {proxiedUsdc} from "./ProxiedUsdc.sol";

/// @notice Whole transactions of liquidity providers in steady state: the owner has requested in earlier epochs and not
/// yet in this one, which already holds requests of others. Vault, engine and token are each behind a proxy.
contract VaultGasTest is VaultFixture {
    uint256 private constant TARGET = 90_000;

    function setUp() public override {
        super.setUp();
        provideShares(carol, 1_000_000e6);
        provideShares(alice, 100_000e6);
        requestRedeem(alice, 1e18);
        usdc.mint(alice, 1_000_000e6);
        nextEpoch();
        settleNext();
        _othersRequest();
    }

    function deployUsdc() internal override returns (TestUsdc) {
        return proxiedUsdc();
    }

    function test_RequestDeposit() public {
        _requestDeposit();
        assertLe(vm.snapshotGasLastCall("gas", "requestDeposit"), TARGET, "gas");
    }

    function test_RequestDepositBesideTwoUnclaimedOnes() public {
        for (uint256 i; i < 2; ++i) {
            _requestDeposit();
            settleNext();
            _othersRequest();
        }
        _requestDeposit();
        assertLe(vm.lastCallGas().gasTotalUsed, TARGET, "gas");
    }

    function test_RequestRedeem() public {
        vm.prank(alice);
        vault.requestRedeem(100e18, alice, alice);
        assertLe(vm.snapshotGasLastCall("gas", "requestRedeem"), TARGET, "gas");
    }

    function _requestDeposit() private {
        vm.prank(alice);
        vault.requestDeposit(100e6, alice, alice);
    }

    function _othersRequest() private {
        nextEpoch();
        requestDeposit(carol, 1e6);
        requestRedeem(carol, 1e18);
    }
}
