// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice The exchange with a vault behind its proxy, at the beginning of an hour. The fixture's pool money stays in it:
/// value that belongs to no share yet, unless `emptyPool` says otherwise.
abstract contract VaultFixture is EngineFixture {
    uint256 internal constant HOUR = 3600;
    uint256 internal constant DELAY = 15;
    /// @dev USD per USDC unit, 18 decimals.
    uint256 internal constant SCALE = 1e12;

    LiquidityVault internal vault;
    address internal carol = makeAddr("carol");
    address internal mallory = makeAddr("mallory");

    function setUp() public virtual override {
        super.setUp();
        vm.warp(block.timestamp / HOUR * HOUR);
        vault = LiquidityVault(
            payable(new ERC1967Proxy(
                    address(new LiquidityVault(cold)),
                    abi.encodeCall(ILiquidityVault.initialize, (admin, "Tidemark Liquidity", "tLP"))
                ))
        );
        vm.startPrank(admin);
        IAccessControl(address(engine)).grantRole(keccak256("VAULT_ROLE"), address(vault));
        vault.setCooldown(1 hours, 1 hours);
        vault.setDepositLock(0);
        vm.stopPrank();
        _drainPool();
    }

    /// @dev The pool begins without cash: what the fixture put in goes out again.
    function _drainPool() private {
        uint256 cash = cold.getPool().cash;
        vm.startPrank(admin);
        cold.removeLiquidity(cash);
        cold.payLiquidity(admin, cash / SCALE);
        vm.stopPrank();
    }

    /// @dev Without value in between: the pool's cash goes up as by a fee.
    function donate(uint256 assets) internal {
        provide(assets);
    }

    function requestDeposit(address who, uint256 assets) internal returns (uint256 id) {
        usdc.mint(who, assets);
        vm.startPrank(who);
        usdc.approve(address(engine), type(uint256).max);
        id = vault.requestDeposit(assets, who, who);
        vm.stopPrank();
    }

    function requestRedeem(address who, uint256 shares) internal returns (uint256 id) {
        vm.prank(who);
        return vault.requestRedeem(shares, who, who);
    }

    /// @dev Moves to the first moment at which the epoch of the next boundary may be settled.
    function nextEpoch() internal {
        vm.warp((block.timestamp / HOUR + 1) * HOUR + DELAY);
        refreshPrices();
    }

    function refreshPrices() internal {
        setPrice(ETH, ETH_PRICE);
        setPrice(BTC, BTC_PRICE);
    }

    function settleNext() internal {
        nextEpoch();
        vault.settleEpoch(noUpdate);
    }

    /// @dev Deposits, settles and claims.
    function provideShares(address who, uint256 assets) internal returns (uint256 shares) {
        uint256 id = requestDeposit(who, assets);
        settleNext();
        vm.prank(who);
        return vault.claimDeposit(id, who, who);
    }

    function claimRedeem(address who, uint256 id) internal returns (uint256) {
        vm.prank(who);
        return vault.claimRedeem(id, who, who);
    }

    /// @dev USD per share at a value, as settlements count it; 18 decimals.
    function sharePrice(int256 value, uint256 supply) internal pure returns (uint256) {
        return (uint256(value) + 1e18) * 1e18 / (supply + 1e18);
    }

    function netValue() internal view returns (int256) {
        return cold.solvency().netAssetValue / 1e12;
    }
}
