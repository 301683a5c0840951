// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VaultFixture} from "../vault/VaultFixture.sol";

/// @notice The first depositor (found in GMX's audit and many others): one share left in an empty pool, value given to it,
/// and the next deposit rounded down to nothing. Here a virtual dollar with a virtual share stands beside the first, and
/// tokens sent to the engine are nobody's value.
contract Row24FirstDepositorTest is VaultFixture {
    uint256 private constant DONATION = 10_000e6;
    uint256 private constant DEPOSIT = 19_999e6;

    /// @dev The pool is nobody's and empty. Only one wei of shares remains of the attacker's first deposit.
    function setUp() public override {
        super.setUp();
        vm.prank(admin);
        vault.setOutflowCap(5000);
        uint256 shares = provideShares(mallory, 1);
        uint256 id = requestRedeem(mallory, shares - 1);
        // Half of the value a day at most.
        while (vault.getVault().redemptionsWaiting + vault.getVault().redemptionsCooling != 0) {
            vm.warp(block.timestamp + 24 hours);
            settleNext();
        }
        vm.assertEq(vault.claimableRedeemAssets(id, mallory), 0, "less than a token unit");
        assertEq(vault.totalSupply(), 1, "one wei of shares");
    }

    /// @dev Value comes into the pool as by fees or losses, and is the attacker's loss.
    function test_ValueGivenToASingleShareIsNotTakenFromTheNextDeposit() public {
        donate(DONATION);
        uint256 shares = provideShares(alice, DEPOSIT);
        uint256 price = sharePrice(netValue(), vault.totalSupply());
        assertGe(shares * price / 1e18, (DEPOSIT - 1) * SCALE, "alice's deposit was rounded away");
        assertLe(_redeemAll(mallory, 1), DONATION + 1, "the attacker gained");
    }

    /// @dev However large both are, the attacker never gets back more than given, and the next provider loses no unit more
    /// than one share's worth.
    function testFuzz_TheAttackNeverPays(uint256 donation, uint256 deposit) public {
        donation = bound(donation, 1e6, 10_000_000e6);
        deposit = bound(deposit, 10e6, 10_000_000e6);
        donate(donation);
        uint256 shares = provideShares(alice, deposit);
        uint256 price = sharePrice(netValue(), vault.totalSupply());
        assertGe(shares * price / 1e18 + price / 1e18 + SCALE, deposit * SCALE, "alice's deposit was rounded away");
        assertLe(_redeemAll(mallory, 1), donation + 1, "the attacker gained");
    }

    /// @dev Tokens that are merely sent change no share's value.
    function test_TokensSentToTheEngineAreNobodysValue() public {
        uint256 assets = vault.totalAssets();
        usdc.mint(address(engine), DONATION);
        assertEq(vault.totalAssets(), assets, "a transfer became value");
        uint256 shares = provideShares(alice, DEPOSIT);
        assertGe(shares, DEPOSIT * SCALE / 1e18 * 1e18 - 1e18, "alice's shares");
    }

    /// @return assets What the shares bring in ten days under the outflow cap, USDC units.
    function _redeemAll(address who, uint256 shares) private returns (uint256 assets) {
        uint256 id = requestRedeem(who, shares);
        for (uint256 i; i < 10; ++i) {
            vm.warp(block.timestamp + 24 hours);
            nextEpoch();
            if (vault.getVault().redemptionsWaiting + vault.getVault().redemptionsCooling == 0) break;
            vault.settleEpoch(noUpdate);
        }
        assets = vault.claimableRedeemAssets(id, who);
    }
}
