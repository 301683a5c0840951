// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Dice} from "../Cases.sol";
import {VaultRounding} from "./VaultRounding.sol";

/// @notice LiquidityVault, settlements: whoever enters or leaves never takes from those who stay.
/// forge-config: default.fuzz.runs = 32
/// forge-config: ci.fuzz.runs = 1000
contract VaultRoundingTest is VaultRounding {
    function testFuzz_MintedSharesRoundDownForWhoIsIn(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _open(dice);
        uint256 assets = between(dice, 1, 1e12);
        requestDeposit(bob, assets);
        (, uint256 highest, uint256 supply) = _settle();
        uint256 minted = vault.totalSupply() - supply;
        uint256 exact = assets * SCALE * (supply + VIRTUAL);
        assertDown(minted, exact, highest + VIRTUAL, "a deposit buys more shares than it pays for");
    }

    function testFuzz_ADepositsPartOfTheSharesRoundsDownForTheOthers(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _open(dice);
        (uint256 part, uint256 other) = (between(dice, 1, 1e12), between(dice, 1, 1e12));
        uint256 id = requestDeposit(bob, part);
        requestDeposit(mallory, other);
        (,, uint256 supply) = _settle();
        uint256 minted = vault.totalSupply() - supply;
        uint256 shares = vault.claimableDepositShares(id, bob);
        assertDown(shares, part * minted, part + other, "a deposit takes more than its part of the shares");
    }

    function testFuzz_ARedemptionRoundsDownForWhoStays(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 shares = between(dice, 1e18, _open(dice) / 10);
        requestRedeem(carol, shares);
        uint256 cash = cold.getPool().cash;
        (uint256 lowest,, uint256 supply) = _settleRedemption();
        uint256 amount = cash - cold.getPool().cash;
        assertDown(amount, shares * (lowest + VIRTUAL), supply + VIRTUAL, "shares are paid more than they are worth");
    }

    function testFuzz_TheOutflowCapRoundsDownForWhoStays(uint256 seed) public {
        Dice memory dice = Dice(seed);
        requestRedeem(carol, _open(dice));
        uint256 cash = cold.getPool().cash;
        (uint256 lowest,,) = _settleRedemption();
        assertDown(cash - cold.getPool().cash, lowest * 1500, 1e4, "more than the cap flows out");
    }

    function testFuzz_TheSharesOfACutRedemptionRoundUpForWhoStays(uint256 seed) public {
        Dice memory dice = Dice(seed);
        requestRedeem(carol, _open(dice));
        uint256 cash = cold.getPool().cash;
        (uint256 lowest,, uint256 supply) = _settleRedemption();
        uint256 exact = (cash - cold.getPool().cash) * (supply + VIRTUAL);
        uint256 burned = supply - vault.totalSupply();
        assertUp(burned, exact, lowest + VIRTUAL, "fewer shares are burned than were paid");
    }

    function testFuzz_WhatARoundPaysRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 shares = _open(dice);
        requestRedeem(carol, shares);
        uint256 cash = cold.getPool().cash;
        _settleRedemption();
        (, uint256 paid) = _round(0);
        assertDown(paid, ROUND_START * (cash - cold.getPool().cash), shares, "a round pays more than has left the pool");
    }

    function testFuzz_WhatARoundLeavesRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 shares = _open(dice);
        requestRedeem(carol, shares);
        (,, uint256 supply) = _settleRedemption();
        uint256 rest = shares - (supply - vault.totalSupply());
        (uint256 left,) = _round(0);
        assertDown(left, ROUND_START * rest, shares, "a round leaves more shares than wait");
    }

    function testFuzz_TheEpochOfARedemptionRoundsUpForTheCooldown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        provideShares(carol, 1e9);
        uint256 cooldown = between(dice, 1 hours, 7 days);
        vm.prank(admin);
        vault.setCooldown(cooldown, cooldown);
        vm.warp(block.timestamp + between(dice, 0, HOUR));
        uint256 id = requestRedeem(carol, 1e18);
        assertUp(id, block.timestamp + cooldown, HOUR, "a redemption executes before its cooldown has passed");
    }

    /// @dev The cooldown of an hour ends in the hour after the next.
    function _settleRedemption() private returns (uint256 lowest, uint256 highest, uint256 supply) {
        nextEpoch();
        return _settle();
    }
}
