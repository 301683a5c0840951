// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceOracle, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {VaultFixture} from "./VaultFixture.sol";

/// @notice Settles, and once it is given the surplus, settles again.
contract Reentrant {
    ILiquidityVault private immutable _vault;

    constructor(ILiquidityVault vault) {
        _vault = vault;
    }

    receive() external payable {
        settle();
    }

    function settle() public {
        _vault.settleEpoch(new bytes[](0));
    }
}

/// @notice What an epoch cannot execute whole: the cap, claims, a pool without value; and what it must never do.
contract LiquidityVaultEpochsTest is VaultFixture {
    receive() external payable {}

    // The outflow cap.

    function test_RedemptionsAreCutProRataUnderTheCap() public {
        uint256 alices = provideShares(alice, 300_000e6);
        uint256 bobs = provideShares(bob, 700_000e6);
        uint256 id = requestRedeem(alice, alices);
        requestRedeem(bob, bobs);
        nextEpoch();
        settleNext();
        assertEq(cold.solvency().lpPayable, 150_000e18, "15 % of a million");
        assertEq(vault.claimableRedeemAssets(id, alice), 45_000e6, "three tenths of it");
        assertEq(vault.claimableRedeemAssets(id, bob), 105_000e6, "seven tenths of it");
        assertApprox(vault.pendingRedeemRequest(id, alice), alices - 45_000e18, 1e6, "the rest waits");
        assertApprox(vault.claimableRedeemRequest(id, bob), 105_000e18, 1e6, "bob's executed shares");
    }

    function test_TheRestRollsOnUntilAllIsPaid() public {
        uint256 shares = provideShares(alice, 1_000_000e6);
        uint256 id = requestRedeem(alice, shares);
        uint256 claimed;
        uint256 count;
        for (; vault.pendingRedeemRequest(id, alice) > 1e18 && count < 100; ++count) {
            vm.warp(block.timestamp + 23 hours);
            settleNext();
            if (count % 3 == 0) claimed += claimRedeem(alice, id);
        }
        claimed += claimRedeem(alice, id);
        assertGt(count, 20, "15 % of what is left, every day");
        assertLt(count, 100, "ends");
        assertApprox(claimed + vault.pendingRedeemRequest(id, alice) / SCALE, 1_000_000e6, 2e6, "nothing is lost");
    }

    function test_TheCapHoldsOverAny24Epochs() public {
        uint256 shares = provideShares(alice, 1_000_000e6);
        requestRedeem(alice, shares);
        nextEpoch();
        settleNext();
        assertEq(cold.solvency().lpPayable, 150_000e18, "at once");
        for (uint256 i; i < 23; ++i) {
            settleNext();
            assertEq(cold.solvency().lpPayable, 150_000e18, "nothing more for 23 epochs");
        }
        settleNext();
        assertEq(cold.solvency().lpPayable, 150_000e18 + 127_500e18, "15 % of the rest in the 24th");
    }

    function test_LateRequestsShareOnlyLaterCuts() public {
        uint256 alices = provideShares(alice, 600_000e6);
        uint256 bobs = provideShares(bob, 400_000e6);
        uint256 first = requestRedeem(alice, alices);
        nextEpoch();
        settleNext();
        assertEq(vault.claimableRedeemAssets(first, alice), 150_000e6, "alone");
        uint256 second = requestRedeem(bob, bobs);
        vm.warp(block.timestamp + 24 hours);
        settleNext();
        // 15 % of 850,000, by 450,000 : 400,000.
        assertApprox(vault.claimableRedeemAssets(first, alice), 150_000e6 + 67_500e6, 1, "alice");
        assertApprox(vault.claimableRedeemAssets(second, bob), 60_000e6, 1, "bob");
    }

    function test_RequestsOfOneEpochAddUp() public {
        uint256 shares = provideShares(alice, 1_000_000e6);
        uint256 id = requestRedeem(alice, shares / 20);
        assertEq(requestRedeem(alice, shares / 20), id, "the same epoch");
        nextEpoch();
        settleNext();
        assertEq(claimRedeem(alice, id), 100_000e6, "both");
    }

    function test_RedemptionIsLimitedByThePoolsCash() public {
        vm.prank(admin);
        vault.setOutflowCap(5000);
        provideShares(alice, 20_000e6);
        _openBeyondThePool();
        uint256 id = requestRedeem(alice, vault.balanceOf(alice));
        nextEpoch();
        nextEpoch();
        // What the trader has lost is worth more than the pool's cash.
        setPrice(ETH, 1500e18);
        uint256 cash = cold.getPool().cash;
        vault.settleEpoch(noUpdate);
        assertGt(uint256(netValue()), cash, "half of the value exceeded the cash");
        assertEq(cold.solvency().lpPayable, cash, "all cash");
        assertEq(cold.getPool().cash, 0, "none is left");
        assertGt(vault.pendingRedeemRequest(id, alice), 0, "the rest waits");
    }

    /// @dev Each day leaves a thousandth of what waits, so that the sixth ends the round.
    function test_ClaimsStayExactAcrossRounds() public {
        vm.prank(admin);
        vault.setOutflowCap(5000);
        provideShares(alice, 1_000_000e6);
        uint256[] memory ids = new uint256[](14);
        uint256 requested;
        for (uint256 i; i < ids.length; ++i) {
            uint256 shares = vault.totalSupply() / 2 * 1001 / 1000 - vault.getVault().redemptionsWaiting;
            requested += shares;
            ids[i] = requestRedeem(alice, shares);
            vm.warp(block.timestamp + 25 hours);
            settleNext();
            assertGt(uint256(vault.getVault().redemptionsWaiting), 0, "cut");
            provideShares(alice, 500_000e6);
        }
        assertGe(uint256(vault.getVault().round), 2, "rounds ended on the way");
        uint256 paid;
        uint256 waiting;
        for (uint256 i; i < ids.length; ++i) {
            assertGt(vault.claimableRedeemAssets(ids[i], alice), 400_000e6, "each");
            paid += claimRedeem(alice, ids[i]);
            waiting += vault.pendingRedeemRequest(ids[i], alice);
        }
        assertApprox(waiting, vault.getVault().redemptionsWaiting, 1e6, "every share that waits is somebody's");
        assertLe(cold.solvency().lpPayable, ids.length * SCALE, "all that was set aside is paid but for dust");
        assertApprox(paid + waiting / SCALE, requested / SCALE, 1e6, "a dollar a share");
    }

    // Claims and a pool without value.

    function test_RedemptionsWaitWhileClaimsAreUnpaid() public {
        provideShares(alice, 10_000e6);
        uint256 id = requestRedeem(alice, 1000e18);
        _winMoreThanThePoolHolds();
        assertGt(cold.solvency().claims, 0, "the pool owes more than it holds");
        nextEpoch();
        nextEpoch();
        vault.settleEpoch(noUpdate);
        assertEq(vault.claimableRedeemAssets(id, alice), 0, "waits");
        assertEq(vault.pendingRedeemRequest(id, alice), 1000e18, "whole");
        donate(1_000_000e6);
        assertEq(cold.solvency().claims, 0, "claims paid");
        settleNext();
        assertGt(vault.claimableRedeemAssets(id, alice), 0, "then it is paid");
    }

    function test_PoolWithoutValueRefusesDepositsAndRefundsThemWhileClaimsAreUnpaid() public {
        provideShares(alice, 10_000e6);
        _winMoreThanThePoolHolds();
        uint256 id = requestDeposit(carol, 5000e6);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NotRefundable.selector, carol, id));
        vm.prank(carol);
        vault.refundDeposit(id, carol, carol);
        settleNext();
        assertEq(vault.pendingDepositRequest(id, carol), 5000e6, "still waits");
        assertEq(cold.solvency().lpPending, 5000e18, "still in keeping");
        Solvency memory before = cold.solvency();
        uint256 kept = cold.getPool().value;
        assertGt(before.claims, 0, "claims are unpaid");
        vm.expectEmit(address(cold));
        emit IEngineEvents.LiquidityReturned(carol, 5000e18, 0);
        vm.prank(carol);
        assertEq(vault.refundDeposit(id, carol, carol), 5000e6, "refunded");
        assertEq(usdc.balanceOf(carol), 5000e6, "tokens");
        Solvency memory afterwards = cold.solvency();
        assertEq(afterwards.lpPending, 0, "nothing in keeping");
        assertEq(before.custody - afterwards.custody, 5000e18, "out of custody");
        assertEq(afterwards.claims, before.claims, "what the pool owes is untouched");
        assertEq(afterwards.claimsPaid, before.claimsPaid, "and nothing of it was paid");
        assertEq(afterwards.poolCash, before.poolCash, "nor is the pool's cash");
        assertEq(cold.getPool().value, kept, "nor its value");
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NotRefundable.selector, carol, id));
        vm.prank(carol);
        vault.refundDeposit(id, carol, carol);
        settleNext();
        assertEq(vault.claimableDepositRequest(id, carol), 0, "no epoch executes it any more");
    }

    function test_PoolOfNothingRefusesDepositsOnceThereAreShares() public {
        provideShares(alice, 1000e6);
        vm.prank(admin);
        cold.removeLiquidity(1000e18);
        assertEq(netValue(), 0, "worth nothing");
        uint256 id = requestDeposit(carol, 5000e6);
        settleNext();
        assertEq(vault.pendingDepositRequest(id, carol), 5000e6, "waits");
        vm.prank(carol);
        assertEq(vault.refundDeposit(id, carol, carol), 5000e6, "or leaves");
    }

    function test_RefusedDepositsRollOn() public {
        provideShares(alice, 10_000e6);
        _winMoreThanThePoolHolds();
        uint256 id = requestDeposit(carol, 5000e6);
        settleNext();
        donate(1_000_000e6);
        settleNext();
        assertEq(vault.claimableDepositRequest(id, carol), 5000e6, "executed once the pool has value");
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NotRefundable.selector, carol, id));
        vm.prank(carol);
        vault.refundDeposit(id, carol, carol);
    }

    /// @dev The pool is worth something at one end of the band and nothing at the other.
    function test_AValueThatMayBeNothingRefusesDeposits() public {
        provideShares(alice, 10_000e6);
        _openBeyondThePool();
        uint256 id = requestDeposit(carol, 5000e6);
        vm.warp((block.timestamp / HOUR + 1) * HOUR + DELAY);
        setPrice(BTC, BTC_PRICE);
        int256 lowest = _raiseUntilItMayBeWorthless(ETH_PRICE);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.DepositsRefused(block.timestamp / HOUR, lowest, 5000e6);
        vault.settleEpoch(noUpdate);
        assertEq(vault.pendingDepositRequest(id, carol), 5000e6, "waits");
        assertEq(vault.totalSupply(), 10_000e18, "nobody's part is made smaller");
        vm.prank(carol);
        assertEq(vault.refundDeposit(id, carol, carol), 5000e6, "or leaves");
    }

    /// @dev Nobody is in whose part it would make smaller, unless the pool owes at both ends.
    function test_BeforeTheFirstShareOnlyACertainDebtRefuses() public {
        _openBeyondThePool();
        uint256 id = requestDeposit(carol, 5000e6);
        vm.warp((block.timestamp / HOUR + 1) * HOUR + DELAY);
        setPrice(BTC, BTC_PRICE);
        _raiseUntilItMayBeWorthless(1900e18);
        uint256 state = vm.snapshotState();
        vault.settleEpoch(noUpdate);
        assertGt(vault.claimableDepositShares(id, carol), 0, "executed");
        vm.revertToState(state);
        setPrice(ETH, 2100e18);
        vault.settleEpoch(noUpdate);
        assertEq(vault.pendingDepositRequest(id, carol), 5000e6, "waits");
    }

    /// @return lowest At the end of the band at which the pool is worth nothing.
    function _raiseUntilItMayBeWorthless(uint256 price) private returns (int256 lowest) {
        int256 highest;
        for (lowest = 1; lowest > 0; price += 1e18) {
            setPrice(ETH, price);
            (lowest, highest) = _values();
        }
        assertGt(highest, 0, "the band spans zero");
    }

    function _values() private returns (int256 lowest, int256 highest) {
        uint256 state = vm.snapshotState();
        vm.prank(admin);
        (lowest, highest,) = cold.priceLiquidity(noUpdate);
        vm.revertToState(state);
    }

    // An epoch that cannot be settled.

    function test_RevertWhen_AMarketHasNoPriceTheEpochWaits() public {
        provideShares(alice, 100_000e6);
        trade(bob, ETH, UNIT, ETH_PRICE);
        uint256 id = requestDeposit(alice, 1000e6);
        nextEpoch();
        oracle.refuse(true);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPriceOracle.PriceUseRefused.selector, 0, PriceUse.Liquidity, PriceState.Halted, PriceReason.Guardian
            )
        );
        vault.settleEpoch(noUpdate);
        oracle.refuse(false);
        vault.settleEpoch(noUpdate);
        assertEq(vault.claimableDepositRequest(id, alice), 1000e6, "the same epoch, later");
    }

    /// @dev The middle one of three, so that the others' prices are still theirs.
    function test_AnEmptyMarketsFeedMayBeDead() public {
        provideShares(alice, 1_000_000e6);
        uint256 third = cold.marketCount();
        setPrice(third, 100e18);
        vm.prank(admin);
        cold.listMarket(config(10_000e6), 50);
        trade(bob, ETH, UNIT, ETH_PRICE);
        trade(bob, third, 100 * UNIT, 100e18);
        uint256 id = requestDeposit(carol, 1000e6);
        nextEpoch();
        setPrice(third, 90e18);
        (int256 lowest, int256 highest) = _values();
        assertGt(highest - lowest, 2.1e18, "both make the band");
        oracle.set(BTC, 0, 0, 0, 0);
        uint256 dead = cold.getMarket(BTC).indexAt;
        cold.updateIndices(1 << BTC, noUpdate);
        assertEq(cold.getMarket(BTC).indexAt, dead, "it has no price");
        (int256 lowestWithout, int256 highestWithout) = _values();
        assertEq(lowestWithout, lowest, "it has no part in the value");
        assertEq(highestWithout, highest, "at either end");
        vault.settleEpoch(noUpdate);
        assertEq(vault.claimableDepositRequest(id, carol), 1000e6, "executed");
    }

    function test_AnExchangeWithoutPositionsAsksNoPrice() public {
        uint256 id = requestDeposit(alice, 1000e6);
        nextEpoch();
        oracle.refuse(true);
        vault.settleEpoch(noUpdate);
        assertEq(vault.claimableDepositRequest(id, alice), 1000e6, "executed");
    }

    function test_ADepositThatNoEpochReachesIsRefundedAfterAWeek() public {
        vm.warp(block.timestamp + 1800);
        uint256 id = requestDeposit(carol, 5000e6);
        uint256 end = (id + 1) * HOUR + 7 days;
        vm.prank(admin);
        cold.setPauseLevel(2);
        vm.warp(end - 1);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NotRefundable.selector, carol, id));
        vm.prank(carol);
        vault.refundDeposit(id, carol, carol);
        vm.warp(end);
        vm.prank(carol);
        assertEq(vault.refundDeposit(id, carol, carol), 5000e6, "refunded");
        assertEq(usdc.balanceOf(carol), 5000e6, "tokens");
        assertEq(vault.getVault().depositsWaiting + vault.getVault().depositsOpen, 0, "nothing waits");
        assertEq(cold.solvency().lpPending, 0, "nothing in keeping");
    }

    /// @dev Those of the running hour are counted apart.
    function test_ALateRefundLeavesOtherDepositsWaiting() public {
        uint256 id = requestDeposit(carol, 5000e6);
        vm.warp((id + 1) * HOUR + 7 days);
        uint256 other = requestDeposit(alice, 300e6);
        vm.prank(carol);
        vault.refundDeposit(id, carol, carol);
        assertEq(vault.getVault().depositsWaiting, 0, "of older hours");
        assertEq(vault.getVault().depositsOpen, 300e6, "of this one");
        settleNext();
        assertEq(vault.claimableDepositShares(other, alice), 300e18, "executed");
        assertEq(vault.balanceOf(address(vault)), 300e18, "every share in keeping is somebody's");
    }

    /// @dev Of the very hour that was settled too.
    function test_AWeekCountsFromTheRequestNotFromTheLastEpoch() public {
        settleNext();
        uint256 id = requestDeposit(carol, 5000e6);
        assertEq(id, vault.getVault().settledEpoch, "the hour is settled");
        vm.warp((id + 1) * HOUR + 7 days);
        uint256 state = vm.snapshotState();
        vm.prank(carol);
        assertEq(vault.refundDeposit(id, carol, carol), 5000e6, "no epoch has reached it");
        vm.revertToState(state);
        settleNext();
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NotRefundable.selector, carol, id));
        vm.prank(carol);
        vault.refundDeposit(id, carol, carol);
        assertEq(vault.claimableDepositShares(id, carol), 5000e18, "executed, it is no more to be refunded");
    }

    function test_RevertWhen_PausedTheEpochWaits() public {
        requestDeposit(alice, 1000e6);
        nextEpoch();
        vm.prank(admin);
        cold.setPauseLevel(1);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.Paused.selector, 1, 0));
        vault.settleEpoch(noUpdate);
    }

    function test_RevertWhen_TokenTakesAFee() public {
        usdc.mint(alice, 1000e6);
        usdc.setTransferFee(100);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.TransferMismatch.selector, 990e6, 1000e6));
        vm.prank(alice);
        vault.requestDeposit(1000e6, alice, alice);
        assertEq(vault.getVault().depositsOpen, 0, "nothing is requested");
    }

    function test_RevertWhen_EtherComesFromAStranger() public {
        vm.deal(alice, 1);
        vm.prank(alice);
        (bool ok,) = address(vault).call{value: 1}("");
        assertFalse(ok, "refused");
    }

    function test_RevertWhen_SettlementIsReentered() public {
        requestDeposit(alice, 1000e6);
        nextEpoch();
        uint256 before = address(this).balance;
        vm.deal(address(vault), 1);
        Reentrant caller = new Reentrant(vault);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.SurplusRefused.selector, address(caller), 1));
        caller.settle();
        vault.settleEpoch(noUpdate);
        assertEq(address(this).balance - before, 1, "whoever settles takes what lay there");
    }

    // The first depositor.

    function test_FirstDepositorCannotInflateTheShare() public {
        uint256 malloryPut = 100_000e6 + 1;
        provideShares(mallory, 1);
        // However the value gets in: a hundred thousand dollars behind one millionth of a share.
        donate(100_000e6);
        uint256 victims = provideShares(alice, 10_000e6);
        assertApprox(vault.convertToAssets(victims), 10_000e6, 1e6, "the victim loses less than a dollar");
        assertLt(vault.convertToAssets(vault.balanceOf(mallory)), malloryPut / 1000, "the attacker nearly everything");
    }

    function testFuzz_FirstDepositorNeverProfits(uint256 first, uint256 donated, uint256 victim) public {
        first = bound(first, 1, 10e6);
        donated = bound(donated, 1, 10_000_000e6);
        victim = bound(victim, 1e6, 1_000_000e6);
        provideShares(mallory, first);
        donate(donated);
        uint256 id = requestDeposit(alice, victim);
        settleNext();
        uint256 shares = vault.claimableDepositShares(id, alice);
        assertLe(
            vault.convertToAssets(vault.balanceOf(mallory)) + vault.convertToAssets(shares),
            first + donated + victim,
            "nothing from nothing"
        );
        assertLe(vault.convertToAssets(vault.balanceOf(mallory)), first + donated, "the attacker never profits");
    }

    // Property 10.

    function testFuzz_SharePriceNeverFallsByDepositsOrRedemptions(
        uint256 size,
        uint256 move,
        uint256 deposited,
        uint256 redeemed,
        uint256 gain
    ) public {
        provideShares(alice, 1_000_000e6);
        donate(bound(gain, 1, 500_000e6));
        trade(bob, ETH, int88(int256(bound(size, 1, 150))) * UNIT, ETH_PRICE);
        requestRedeem(alice, bound(redeemed, 1, vault.balanceOf(alice)));
        nextEpoch();
        // Half of them without a deposit, whose gain would hide a redemption's loss.
        if (deposited % 2 == 0) requestDeposit(carol, bound(deposited, 1, 5_000_000e6));
        vm.warp((block.timestamp / HOUR + 1) * HOUR + DELAY);
        setPrice(ETH, bound(move, 1900e18, 2300e18));
        setPrice(BTC, BTC_PRICE);

        uint256 id = vm.snapshotState();
        vm.prank(admin);
        (int256 lowest, int256 highest,) = cold.priceLiquidity(noUpdate);
        vm.revertToState(id);
        (uint256 supply, int256 cash) = (vault.totalSupply(), int256(uint256(cold.getPool().cash)));
        vault.settleEpoch(noUpdate);
        int256 inflow = int256(uint256(cold.getPool().cash)) - cash;
        uint256 supplyAfter = vault.totalSupply();
        string memory sentence =
            "10. The LP share price does not fall by a deposit or a redemption, at the epoch's own prices.";
        assertGe(sharePriceRatio(lowest + inflow, supplyAfter), sharePriceRatio(lowest, supply), sentence);
        assertGe(sharePriceRatio(highest + inflow, supplyAfter), sharePriceRatio(highest, supply), sentence);
    }

    function testFuzz_PaidNeverExceedsWhatWasSetAside(uint256 seed) public {
        uint256[3] memory ids;
        address[3] memory owners = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) {
            provideShares(owners[i], bound(uint256(keccak256(abi.encode(seed, i))), 1e6, 1_000_000e6));
        }
        uint256 requested;
        for (uint256 day; day < 6; ++day) {
            uint256 i = day % 3;
            uint256 left = vault.balanceOf(owners[i]);
            if (left != 0) {
                uint256 part = bound(uint256(keccak256(abi.encode(seed, "part", day))), 1, left);
                requested += part;
                ids[i] = requestRedeem(owners[i], part);
            }
            vm.warp(block.timestamp + bound(uint256(keccak256(abi.encode(seed, "wait", day))), 2 hours, 40 hours));
            settleNext();
            if (ids[i] != 0 && vault.claimableRedeemAssets(ids[i], owners[i]) != 0 && day % 2 == 0) {
                claimRedeem(owners[i], ids[i]);
            }
            assertEq(
                vault.balanceOf(address(vault)),
                vault.getVault().redemptionsWaiting + vault.getVault().redemptionsCooling,
                "shares in keeping are the shares that wait"
            );
            uint256 owed;
            for (uint256 j; j < 3; ++j) {
                if (ids[j] != 0) owed += vault.claimableRedeemAssets(ids[j], owners[j]);
            }
            assertLe(owed * SCALE, cold.solvency().lpPayable, "never more than was set aside");
        }
        assertLe(vault.getVault().redemptionsWaiting, requested, "waiting");
    }

    // One request costs the settlement as much as a thousand.

    function test_SettlementCostsTheSameForOneRequesterAndForMany() public {
        provideShares(alice, 1_000_000e6);
        requestDeposit(alice, 1e6);
        requestRedeem(alice, 1e18);
        nextEpoch();
        uint256 id = vm.snapshotState();
        uint256 gas = _gasOfSettlement();
        vm.revertToState(id);
        vm.warp(block.timestamp - HOUR);
        for (uint256 i; i < 40; ++i) {
            address who = makeAddr(vm.toString(i));
            requestDeposit(who, 1e6);
            vm.prank(alice);
            vault.requestRedeem(1e18, who, alice);
        }
        vm.warp(block.timestamp + HOUR);
        assertLe(_gasOfSettlement(), gas + 1000, "O(1)");
    }

    function _gasOfSettlement() private returns (uint256 gas) {
        refreshPrices();
        gas = gasleft();
        vault.settleEpoch(noUpdate);
        gas -= gasleft();
    }

    // Fixtures.

    /// @dev Bob goes long, the price rises by half, and he closes: more than the pool holds.
    function _winMoreThanThePoolHolds() private {
        _openBeyondThePool();
        trade(bob, ETH, -100 * UNIT, 3000e18);
    }

    /// @dev Bob goes long by more than the pool's allocation, with liquidity that leaves again.
    function _openBeyondThePool() private {
        donate(1_000_000e6);
        trade(bob, ETH, 100 * UNIT, ETH_PRICE);
        vm.startPrank(admin);
        cold.removeLiquidity(1_000_000e18);
        cold.payLiquidity(admin, 1_000_000e6);
        vm.stopPrank();
    }

    function sharePriceRatio(int256 value, uint256 supply) private pure returns (uint256) {
        return (uint256(value) + 1e18) * 1e36 / (supply + 1e18);
    }

    function assertApprox(uint256 a, uint256 b, uint256 tolerance, string memory message) private pure {
        assertLe(a > b ? a - b : b - a, tolerance, message);
    }
}
