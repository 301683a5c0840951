// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Dice} from "../Cases.sol";
import {VaultRounding} from "./VaultRounding.sol";

/// @notice LiquidityVault, what it tells and what can be claimed: never more than is there.
/// forge-config: default.fuzz.runs = 32
/// forge-config: ci.fuzz.runs = 1000
contract VaultViewRoundingTest is VaultRounding {
    function testFuzz_TheStoredValueRoundsDownAgainstTheReportedValue(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _open(dice);
        // As many shares as make the division by the supply exact.
        uint256 value = vault.convertToAssets((vault.totalSupply() + VIRTUAL) * SCALE) - VIRTUAL;
        assertDown(value, _netValue(), RAW, "the value told is above the exact one");
    }

    function testFuzz_TotalAssetsRoundDown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _open(dice);
        assertDown(vault.totalAssets(), _netValue(), RAW * SCALE, "more assets are told than there are");
    }

    function testFuzz_ConvertToSharesRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _open(dice);
        uint256 assets = between(dice, 1, 1e6);
        uint256 exact = assets * SCALE * (vault.totalSupply() + VIRTUAL);
        uint256 value = _netValue() / RAW + VIRTUAL;
        assertDown(vault.convertToShares(assets), exact, value, "more shares are told than assets buy");
    }

    function testFuzz_ConvertToAssetsRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _open(dice);
        uint256 supply = vault.totalSupply() + VIRTUAL;
        uint256 value = _netValue() / RAW + VIRTUAL;
        // Anywhere, and as near below a whole number of assets as shares come.
        uint256 shares = chance(dice, 50) ? between(dice, 1, 1e24) : between(dice, 1, 1000) * SCALE * supply / value;
        uint256 assets = vault.convertToAssets(shares);
        assertDown(assets, shares * value, supply * SCALE, "more assets are told than shares are worth");
    }

    function testFuzz_PendingSharesRoundDownForTheOthers(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (uint256 id, uint256 shares) = _standing(dice, 0);
        uint256 left = magnitude(dice, 1e18, ROUND_START);
        _setRound(0, left, 0);
        _setRound(1, ROUND_START, 0);
        uint256 pending = vault.pendingRedeemRequest(id, carol);
        assertDown(pending, shares * left, ROUND_START, "more shares wait than are left");
    }

    function testFuzz_PendingSharesOfALaterRoundRoundDownForTheOthers(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (uint256 id, uint256 shares) = _standing(dice, 0);
        uint256 left = magnitude(dice, 1e18, ROUND_START);
        _setRound(0, ROUND_START, 0);
        _setRound(1, left, 0);
        uint256 pending = vault.pendingRedeemRequest(id, carol);
        assertDown(pending, shares * left, ROUND_START, "more shares wait than are left");
    }

    /// @dev A unit counts when it is earned whole: at the last `paid` below it, and the next.
    function testFuzz_EarnedMoneyRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 units = between(dice, 1, 1e12);
        (uint256 id, uint256 shares) = _standing(dice, units - 1);
        uint256 below = (units * SCALE * ROUND_START - 1) / shares;
        _setRound(0, 0, below);
        assertEq(vault.claimableRedeemRequest(id, carol), 0, "a unit not yet earned counts");
        _setRound(0, 0, below + 1);
        assertGt(vault.claimableRedeemRequest(id, carol), 0, "a unit earned does not count");
    }

    function testFuzz_EarnedMoneyOfALaterRoundRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 units = between(dice, 1, 1e12);
        (uint256 id, uint256 shares) = _standing(dice, units - 1);
        uint256 below = (units * SCALE * ROUND_START - 1) / shares;
        _setRound(0, ROUND_START, 0);
        _setRound(1, 0, below);
        assertEq(vault.claimableRedeemRequest(id, carol), 0, "a unit not yet earned counts");
        _setRound(1, 0, below + 1);
        assertGt(vault.claimableRedeemRequest(id, carol), 0, "a unit earned does not count");
    }

    /// @dev Three dollars for each share, so that what is earned is exact.
    function testFuzz_ClaimableAssetsRoundDownToUnitsOfTheToken(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 claimed = between(dice, 0, 1e6);
        (uint256 id, uint256 shares) = _standing(dice, claimed);
        _setRound(0, 0, 3 * ROUND_START);
        uint256 assets = vault.claimableRedeemAssets(id, carol);
        assertDown(assets, 3 * shares - claimed * SCALE, SCALE, "more is claimable than is earned");
    }

    function testFuzz_ClaimableSharesRoundUp(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 claimed = between(dice, 0, 1e6);
        (uint256 id, uint256 shares) = _standing(dice, claimed);
        _setRound(0, 0, 3 * ROUND_START);
        uint256 exact = shares * (3 * shares - claimed * SCALE);
        assertUp(
            vault.claimableRedeemRequest(id, carol), exact, 3 * shares, "fewer shares are claimable than are unclaimed"
        );
    }

    /// @dev A request of carol's that entered at the start of round 0 when round 1 has begun: of any number of shares, with
    /// so many units claimed.
    function _standing(Dice memory dice, uint256 claimedUnits) private returns (uint256 id, uint256 shares) {
        provideShares(carol, 1e12);
        id = requestRedeem(carol, 1e18);
        nextEpoch();
        settleNext();
        shares = magnitude(dice, 1e18, 1e27);
        _setRedemption(id, carol, shares, claimedUnits * SCALE);
    }

    /// @dev USD, 30 decimals.
    function _netValue() private view returns (uint256) {
        return uint256(cold.solvency().netAssetValue);
    }
}
