// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice PerpPair, April 2026: liquidity shares and an oversized long in one transaction, each priced by what the other
/// did. Here shares are requested and executed at a later epoch, and the premium that a skew has paid in is no value of the
/// pool's until the skew is gone.
contract Row15PerpPairSharesAndSkewTest is IncidentFixture {
    /// @dev The skew cap: the largest premium that can be paid in.
    int88 private constant LARGEST = 200 * UNIT;

    /// @dev Most of the pool is the attacker's, so that a false value of it would pay; the band has no width.
    function setUp() public override {
        super.setUp();
        vm.prank(admin);
        vault.setOutflowCap(5000);
        provideShares(mallory, 90_000_000e6);
        fund(sybil, 500_000e6);
        _setExactPrice();
    }

    /// @dev Deposit, oversized trade, redemption and closing at once: nothing of it is executed.
    function test_NothingIsExecutedInTheSameTransaction() public {
        begin();
        uint256 shares = vault.balanceOf(mallory);
        uint256 deposit = requestDeposit(mallory, 1_000_000e6);
        uint256 redeem = requestRedeem(mallory, shares / 2);
        commit(sybil, ETH, marketOrder(sybil, LARGEST));
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NothingToClaim.selector, mallory, deposit));
        vm.prank(mallory);
        vault.claimDeposit(deposit, mallory, mallory);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NothingToClaim.selector, mallory, redeem));
        vm.prank(mallory);
        vault.claimRedeem(redeem, mallory, mallory);
        assertEq(sizeOf(sybil), 0, "the order has no price yet");
        assertNobodyElseLost();
    }

    /// @dev The skew is pumped just before the epoch that redeems and taken back just after it.
    function testFuzz_ASandwichedRedemptionPaysNothing(int256 size) public {
        int88 pumped = _sizeOf(size);
        begin();
        uint256 id = requestRedeem(mallory, vault.balanceOf(mallory) / 2);
        _toBoundary();
        _toBoundary();
        int256 had = attackersHave() + int256(sharesWorth(_pendingShares(id)));
        int256 provided = int256(sharesWorth(vault.balanceOf(carol)));
        _trade(pumped);
        _settleEpoch();
        _trade(-pumped);
        claimRedeem(mallory, id);
        int256 has = attackersHave() + int256(sharesWorth(_pendingShares(id)));
        assertLe(has, had, "the sandwich paid");
        assertGe(int256(sharesWorth(vault.balanceOf(carol))), provided, "the other provider lost");
    }

    /// @dev The same around a deposit, whose shares are then redeemed without another trade.
    function testFuzz_ASandwichedDepositPaysNothing(int256 size) public {
        int88 pumped = _sizeOf(size);
        usdc.mint(mallory, 50_000_000e6);
        _toBoundary();
        begin();
        int256 provided = int256(sharesWorth(vault.balanceOf(carol)));
        vm.startPrank(mallory);
        usdc.approve(address(engine), type(uint256).max);
        uint256 id = vault.requestDeposit(50_000_000e6, mallory, mallory);
        vm.stopPrank();
        _trade(pumped);
        _toBoundary();
        _settleEpoch();
        _trade(-pumped);
        vm.prank(mallory);
        vault.claimDeposit(id, mallory, mallory);
        assertAttackersGainedNothing();
        assertGe(int256(sharesWorth(vault.balanceOf(carol))), provided, "the other provider lost");
    }

    function _sizeOf(int256 seed) private pure returns (int88) {
        int256 size = bound(seed, int256(UNIT), int256(LARGEST));
        return int88(seed & 1 == 0 ? size : -size);
    }

    function _pendingShares(uint256 id) private view returns (uint256) {
        return vault.pendingRedeemRequest(id, mallory);
    }

    function _toBoundary() private {
        vm.warp((block.timestamp / HOUR + 1) * HOUR + DELAY);
        _setExactPrice();
        cold.updateIndices(3, noUpdate);
    }

    /// @dev Of whatever epoch has ended.
    function _settleEpoch() private {
        _setExactPrice();
        vault.settleEpoch(noUpdate);
    }

    function _trade(int88 size) private {
        commit(sybil, ETH, marketOrder(sybil, size));
        vm.warp(block.timestamp + 3);
        _setExactPrice();
        vm.prank(keeper);
        engine.settle(ETH, _batch(size), noUpdate);
    }

    function _batch(int88 size) private view returns (Order[][] memory batches) {
        batches = new Order[][](1);
        batches[0] = marketOrder(sybil, size);
    }

    function _setExactPrice() private {
        oracle.set(ETH, ETH_PRICE, block.timestamp, 0, 0);
        oracle.set(BTC, BTC_PRICE, block.timestamp, 0, 0);
    }
}
