// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";

/// @notice Hard bounds of the vault's parameters: no role reaches beyond them.
library VaultParameters {
    /// @dev Seconds.
    uint256 internal constant MIN_COOLDOWN = 1 hours;
    uint256 internal constant MAX_COOLDOWN = 7 days;
    uint256 internal constant MAX_DEPOSIT_LOCK = 7 days;
    uint256 internal constant MIN_OUTFLOW_CAP_BPS = 100;
    uint256 internal constant MAX_OUTFLOW_CAP_BPS = 5000;

    function checkCooldown(uint256 minCooldown, uint256 maxCooldown) internal pure {
        require(minCooldown >= MIN_COOLDOWN, ILiquidityVault.CooldownOutOfBounds(minCooldown, MIN_COOLDOWN));
        require(maxCooldown <= MAX_COOLDOWN, ILiquidityVault.CooldownOutOfBounds(maxCooldown, MAX_COOLDOWN));
        require(minCooldown <= maxCooldown, ILiquidityVault.CooldownOutOfBounds(minCooldown, maxCooldown));
    }

    function checkDepositLock(uint256 depositLock) internal pure {
        require(depositLock <= MAX_DEPOSIT_LOCK, ILiquidityVault.DepositLockOutOfBounds(depositLock, MAX_DEPOSIT_LOCK));
    }

    function checkOutflowCap(uint256 capBps) internal pure {
        require(capBps >= MIN_OUTFLOW_CAP_BPS, ILiquidityVault.OutflowCapOutOfBounds(capBps, MIN_OUTFLOW_CAP_BPS));
        require(capBps <= MAX_OUTFLOW_CAP_BPS, ILiquidityVault.OutflowCapOutOfBounds(capBps, MAX_OUTFLOW_CAP_BPS));
    }
}
