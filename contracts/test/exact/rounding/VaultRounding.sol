// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VaultFixture} from "../../vault/VaultFixture.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice A vault whose value and supply are no round numbers, and its rounds of redemptions, which no view shows.
abstract contract VaultRounding is VaultFixture, Directions {
    /// @dev ERC-7201 of tidemark.storage.LiquidityVault, and the places of its mappings.
    uint256 private constant STORAGE = 0xfefeda6f96ea15a491381dfa41172c7f0dd41ba19c6ad607df32cea5b40f7300;
    uint256 private constant REDEMPTIONS = STORAGE + 3;
    uint256 private constant ROUNDS = STORAGE + 6;

    uint256 internal constant VIRTUAL = 1e18;
    uint256 internal constant ROUND_START = 1e36;

    /// @dev Carol's shares, a pool that has earned, and a trader in it.
    function _open(Dice memory dice) internal returns (uint256 shares) {
        shares = provideShares(carol, between(dice, 1e11, 1e12));
        donate(between(dice, 1, 1e11));
        trade(alice, ETH, int88(either(dice, between(dice, 1e12, 25e12))), between(dice, 1990e18, 2010e18));
        refreshPrices();
    }

    /// @dev Settles the next epoch.
    /// @return lowest What redemptions are paid by, USD, 18 decimals.
    /// @return highest What deposits pay by.
    /// @return supply Before it.
    function _settle() internal returns (uint256 lowest, uint256 highest, uint256 supply) {
        nextEpoch();
        supply = vault.totalSupply();
        vm.prank(admin);
        (int256 low, int256 high,) = cold.priceLiquidity(noUpdate);
        vault.settleEpoch(noUpdate);
        return (uint256(low), uint256(high), supply);
    }

    function _round(uint256 round) internal view returns (uint256 left, uint256 paid) {
        uint256 slot = uint256(keccak256(abi.encode(round, ROUNDS)));
        return (uint256(vm.load(address(vault), bytes32(slot))), uint256(vm.load(address(vault), bytes32(slot + 1))));
    }

    function _setRound(uint256 round, uint256 left, uint256 paid) internal {
        uint256 slot = uint256(keccak256(abi.encode(round, ROUNDS)));
        vm.store(address(vault), bytes32(slot), bytes32(left));
        vm.store(address(vault), bytes32(slot + 1), bytes32(paid));
    }

    function _setRedemption(uint256 requestId, address owner, uint256 shares, uint256 claimed) internal {
        bytes32 slot = keccak256(abi.encode(owner, keccak256(abi.encode(requestId, REDEMPTIONS))));
        vm.store(address(vault), slot, bytes32(claimed << 128 | shares));
    }
}
