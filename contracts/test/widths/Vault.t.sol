// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {VaultFixture} from "../vault/VaultFixture.sol";

/// @notice The vault at the edges of its words: nearly all custody through it.
contract VaultWidthsTest is VaultFixture {
    /// @dev ERC-7201 of `tidemark.storage.LiquidityVault` and of OpenZeppelin's ERC-20.
    uint256 private constant VAULT_STORAGE = 0xfefeda6f96ea15a491381dfa41172c7f0dd41ba19c6ad607df32cea5b40f7300;
    uint256 private constant ERC20_STORAGE = 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00;
    uint256 private constant VAULT = VAULT_STORAGE + 11;
    /// @dev USDC units that an owner's place of one epoch holds: $72 billion.
    uint256 private constant MOST_OF_ONE = type(uint56).max;

    function test_NearlyAllCustodyIsDepositedWaitsAndIsFilled() public {
        uint256 first = _room() / 2;
        uint256 a = requestDeposit(carol, first);
        vm.warp(block.timestamp + HOUR);
        uint256 second = _room();
        uint256 b = requestDeposit(mallory, second);
        assertEq(_field(0, 0, 64), first, "waiting");
        assertEq(_field(0, 64, 64), second, "open");
        assertEq(_field(0, 128, 32), b, "and its hour");
        settleNext();
        assertEq(_field(0, 0, 128), 0, "none left");
        assertEq(_field(0, 192, 32), block.timestamp / HOUR, "settled");
        uint256 fill =
            uint256(vm.load(address(vault), keccak256(abi.encode(block.timestamp / HOUR, VAULT_STORAGE + 2))));
        assertEq(fill & type(uint64).max, first + second, "filled");
        assertEq(fill >> 64 & type(uint128).max, vault.totalSupply(), "for all shares");
        vm.prank(carol);
        assertEq(vault.claimDeposit(a, carol, carol), first * SCALE, "carol's");
        vm.prank(mallory);
        assertEq(vault.claimDeposit(b, mallory, mallory), second * SCALE, "mallory's");
        _assertExact();
    }

    function test_AllSharesOfNearlyAllCustodyAreRedeemed() public {
        uint256 id = requestDeposit(carol, MOST_OF_ONE);
        settleNext();
        vm.prank(carol);
        uint256 shares = vault.claimDeposit(id, carol, carol);
        vm.prank(admin);
        vault.setOutflowCap(5000);
        id = requestRedeem(carol, shares);
        assertEq(_field(1, 0, 128), shares, "cooling");
        assertEq(_field(1, 128, 32), block.timestamp / HOUR, "its neighbour");
        nextEpoch();
        settleNext();
        assertEq(_field(1, 0, 128), 0, "none cooling");
        assertEq(_field(2, 0, 128), vault.pendingRedeemRequest(id, carol), "the rest waits");
        uint256 rest = _field(2, 0, 128);
        assertLe(rest, shares - shares / 2 + 1, "half was the cap");
        uint256 paid = claimRedeem(carol, id);
        uint256 word = uint256(
            vm.load(address(vault), keccak256(abi.encode(carol, keccak256(abi.encode(id, VAULT_STORAGE + 3)))))
        );
        assertEq(word & type(uint128).max, shares, "requested");
        assertEq(word >> 128, paid * SCALE, "claimed");
        _assertExact();
    }

    function test_TheLastRoundOfRedemptionsBegins() public {
        provideShares(carol, 1000e6);
        provideShares(mallory, 1_000_000e6);
        _put(2, 128, 32, type(uint32).max - 1);
        bytes32 round = keccak256(abi.encode(uint256(type(uint32).max - 1), VAULT_STORAGE + 6));
        vm.store(address(vault), round, bytes32(uint256(1e36)));
        uint256 id = requestRedeem(carol, 1000e18);
        nextEpoch();
        settleNext();
        assertEq(_field(2, 128, 32), type(uint32).max, "the last");
        round = keccak256(abi.encode(uint256(type(uint32).max), VAULT_STORAGE + 6));
        assertEq(uint256(vm.load(address(vault), round)), 1e36, "at its beginning");
        bytes32 entry = keccak256(abi.encode(id, VAULT_STORAGE + 5));
        uint256 word = uint256(vm.load(address(vault), entry));
        assertEq(word & type(uint128).max, 1e36, "entered at the start");
        assertEq(word >> 128, type(uint32).max - 1, "of the round before");
        assertGe(claimRedeem(carol, id), 999.999999e6, "and is paid");
        _assertExact();
    }

    function test_TimesAndSharesStopAtTheirBounds() public {
        vm.startPrank(admin);
        vault.setCooldown(7 days, 7 days);
        vault.setDepositLock(7 days);
        vault.setOutflowCap(5000);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.CooldownOutOfBounds.selector, 7 days + 1, 7 days));
        vault.setCooldown(7 days, 7 days + 1);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.DepositLockOutOfBounds.selector, 7 days + 1, 7 days));
        vault.setDepositLock(7 days + 1);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.OutflowCapOutOfBounds.selector, 5001, 5000));
        vault.setOutflowCap(5001);
        vm.stopPrank();
        assertEq(_field(0, 224, 32), 7 days, "lock");
        assertEq(_field(1, 160, 32), 7 days, "least cooldown");
        assertEq(_field(1, 192, 32), 7 days, "longest cooldown");
        assertEq(_field(1, 240, 16), 5000, "outflow");
        uint256 id = requestDeposit(carol, 1000e6);
        settleNext();
        vm.warp(block.timestamp + 7 days - 1);
        assertEq(vault.claimableDepositShares(id, carol), 0, "locked");
        vm.warp(block.timestamp + 1);
        assertEq(vault.claimableDepositShares(id, carol), 1000e18, "and free");
        _assertExact();
    }

    /// @dev More is locked than there is.
    function test_UtilisationStopsAtAllOfIt() public {
        provideShares(carol, 100_000e6);
        trade(alice, ETH, 80 * UNIT, ETH_PRICE);
        _takeOut(90_000e18);
        settleNext();
        assertEq(_field(1, 224, 16), 10_000, "all of it");
        assertEq(_field(1, 240, 16), 1500, "its neighbour");
        assertEq(vault.cooldown(), 1 hours, "between bounds that are one");
        _assertExact();
    }

    function test_AnEpochThatWouldMintMoreThanFitReverts() public {
        provideShares(carol, 1000e6);
        vm.store(address(vault), bytes32(ERC20_STORAGE + 2), bytes32(uint256(type(uint128).max)));
        requestDeposit(mallory, 2000e6);
        nextEpoch();
        vm.expectPartialRevert(SafeCast.SafeCastOverflowedUintDowncast.selector);
        vault.settleEpoch(noUpdate);
        _assertExact();
    }

    function test_APlaceHoldsItsMostAndRefusesMore() public {
        uint256 id = requestDeposit(carol, MOST_OF_ONE);
        usdc.mint(carol, 1);
        vm.prank(carol);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 56, MOST_OF_ONE + 1));
        vault.requestDeposit(1, carol, carol);
        assertEq(vault.pendingDepositRequest(id, carol), MOST_OF_ONE, "what it held");
        _assertExact();
    }

    /// @dev What winners take leaves nothing: the epoch refuses, and what waited is given back.
    function test_NearlyAllCustodyIsRefusedAndRefunded() public {
        provideShares(carol, 1000e6);
        _takeOut(cold.getPool().cash);
        uint256 assets = MOST_OF_ONE;
        uint256 id = requestDeposit(mallory, assets);
        settleNext();
        assertEq(_field(0, 160, 32), block.timestamp / HOUR, "refused");
        assertEq(_field(0, 0, 64), assets, "and waits");
        vm.prank(mallory);
        assertEq(vault.refundDeposit(id, mallory, mallory), assets, "given back");
        assertEq(usdc.balanceOf(mallory), assets, "all of it");
        _assertExact();
    }

    /// @dev As by a loss: the pool's cash goes to the treasury.
    function _takeOut(uint256 amount) private {
        uint256 pool = uint256(vm.load(address(engine), bytes32(ENGINE_STORAGE + 2)));
        uint256 reserves = uint256(vm.load(address(engine), bytes32(ENGINE_STORAGE + 3)));
        vm.store(address(engine), bytes32(ENGINE_STORAGE + 2), bytes32(pool - amount));
        vm.store(address(engine), bytes32(ENGINE_STORAGE + 3), bytes32(reserves + (amount << 128)));
    }

    function _room() private view returns (uint256) {
        return (type(uint96).max - cold.solvency().custody) / SCALE;
    }

    function _field(uint256 slot, uint256 offset, uint256 width) private view returns (uint256) {
        return uint256(vm.load(address(vault), bytes32(VAULT + slot))) >> offset & ((1 << width) - 1);
    }

    function _put(uint256 slot, uint256 offset, uint256 width, uint256 value) private {
        uint256 mask = ((1 << width) - 1) << offset;
        uint256 word = uint256(vm.load(address(vault), bytes32(VAULT + slot))) & ~mask | value << offset;
        vm.store(address(vault), bytes32(VAULT + slot), bytes32(word));
    }

    function _assertExact() private view {
        Solvency memory s = cold.solvency();
        assertEq(s.balance, s.custody, "tokens differ from what is owed");
        uint256 margins;
        address[3] memory owners = [alice, bob, keeper];
        for (uint256 i; i < owners.length; ++i) {
            margins += cold.getAccount(account(owners[i])).margin;
        }
        assertEq(s.margin, margins, "margins differ from what is left of custody");
    }
}
