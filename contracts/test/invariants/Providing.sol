// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ground} from "./Ground.sol";

/// @notice What liquidity providers do, by the vault's epochs, and the treasury.
abstract contract Providing is Ground {
    uint256[] internal depositIds;
    uint256[] internal redeemIds;

    function joinPool(uint256 seed, uint256 assets) external {
        depositIds.push(requestDeposit(_provider(seed), 1e6 + assets % 10_000e6));
    }

    function leavePool(uint256 seed, uint256 share) external {
        address provider = _provider(seed);
        uint256 shares = vault.balanceOf(provider) * (1 + share % 100) / 1000;
        vm.assume(shares != 0);
        redeemIds.push(requestRedeem(provider, shares));
    }

    /// @dev Both ends of the band at which an epoch deals are compared before and after.
    function settleEpoch(uint256 hoursLate) external {
        _settleEpoch(hoursLate);
    }

    function _settleEpoch(uint256 hoursLate) private {
        resume();
        refill();
        vm.warp((block.timestamp / HOUR + 1 + hoursLate % 3) * HOUR + DELAY);
        publish();
        accept();
        (int256 lowest, int256 highest) = _values();
        uint256 supply = vault.totalSupply();
        try vault.settleEpoch(noUpdate) {}
        catch {
            vm.assume(false);
        }
        (int256 lowestAfter, int256 highestAfter) = _values();
        hold(_notLess(lowestAfter, lowest, supply) && _notLess(highestAfter, highest, supply), 10);
    }

    /// @dev Without anything to claim a deposit is made and settled first.
    function claim(uint256 seed) external {
        if (_claim(seed)) return;
        depositIds.push(requestDeposit(_provider(seed), 1e6 + seed % 10_000e6));
        _settleEpoch(0);
        vm.assume(_claim(seed));
    }

    function _claim(uint256 seed) private returns (bool) {
        for (uint256 i; i < 2; ++i) {
            address provider = _provider(seed % 2 + i);
            for (uint256 k; k < depositIds.length; ++k) {
                if (vault.claimableDepositShares(depositIds[k], provider) == 0) continue;
                vm.prank(provider);
                vault.claimDeposit(depositIds[k], provider, provider);
                return true;
            }
            for (uint256 k; k < redeemIds.length; ++k) {
                if (vault.claimableRedeemAssets(redeemIds[k], provider) == 0) continue;
                claimRedeem(provider, redeemIds[k]);
                return true;
            }
        }
        return false;
    }

    function payTreasury(uint256 share) external {
        cold.divideReserves();
        uint256 assets = cold.getReserves().treasury / RAW * (share % 50 + 1) / 100;
        vm.assume(assets != 0);
        vm.prank(admin);
        cold.payTreasury(admin, assets);
    }

    function _provider(uint256 seed) private view returns (address) {
        return seed % 2 == 0 ? carol : mallory;
    }

    function _values() private returns (int256 lowest, int256 highest) {
        uint256 snapshot = vm.snapshotState();
        vm.prank(admin);
        (lowest, highest,) = cold.priceLiquidity(noUpdate);
        vm.revertToState(snapshot);
    }

    /// @dev (value after + $1) / (supply after + 1) >= (value + $1) / (supply + 1), while there is value; values are
    /// rounded to a wad's unit.
    function _notLess(int256 later, int256 earlier, uint256 supply) private view returns (bool) {
        if (earlier <= 0) return true;
        return uint256(later + 1e18 + 2) * (supply + 1e18) >= uint256(earlier + 1e18) * (vault.totalSupply() + 1e18);
    }
}
