// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {reducing} from "../fixtures/Orders.sol";
import {Order} from "../../src/engine/EngineTypes.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {VaultFixture} from "../vault/VaultFixture.sol";
import {Wealth} from "./Wealth.sol";

/// @notice Where an attack is replayed: a pool that carol provides, alice long and bob short as much, an insurance fund,
/// and two colluding accounts. What everybody has is counted before and after.
abstract contract IncidentFixture is VaultFixture {
    uint256 internal constant WAD = 1e18;

    address internal sybil = makeAddr("sybil");

    address[] private _attackers;
    address[] private _bystanders;
    mapping(address who => int256) private _had;
    int256 private _attackersHad;
    int256 private _poolHad;
    uint256 private _reservesHad;

    function setUp() public virtual override {
        super.setUp();
        provideShares(carol, poolAssets());
        usdc.mint(address(this), 1000e6);
        usdc.approve(address(engine), 1000e6);
        cold.fundInsurance(1000e6);
        trade(alice, ETH, 50 * UNIT, ETH_PRICE);
        trade(bob, ETH, -50 * UNIT, ETH_PRICE);
    }

    /// @dev What the pool begins with, USDC units.
    function poolAssets() internal pure virtual returns (uint256) {
        return 10_000_000e6;
    }

    /// @dev Counts what everybody brings: mallory and sybil against all others.
    function begin() internal {
        _attackers = [mallory, sybil];
        _bystanders = [alice, bob, carol];
        _attackersHad = attackersHave();
        for (uint256 i; i < _bystanders.length; ++i) {
            _had[_bystanders[i]] = wealthOf(_bystanders[i]);
        }
        _poolHad = cold.solvency().netAssetValue;
        _reservesHad = Wealth.reserves(cold);
    }

    /// @dev Both attackers together, USD, 30 decimals.
    function attackersHave() internal view returns (int256 raw) {
        for (uint256 i; i < _attackers.length; ++i) {
            raw += wealthOf(_attackers[i]);
        }
    }

    /// @dev What the attackers have gained since {begin}, USD, 30 decimals.
    function attackersGain() internal view returns (int256) {
        return attackersHave() - _attackersHad;
    }

    /// @dev What the pool has gained since {begin}, USD, 30 decimals.
    function poolGain() internal view returns (int256) {
        return cold.solvency().netAssetValue - _poolHad;
    }

    function assertAttackersGainedNothing() internal view {
        assertLe(attackersGain(), 0, "the attackers gained");
    }

    /// @dev No trader, provider or fund has less than at {begin}.
    function assertNobodyElseLost() internal view {
        for (uint256 i; i < _bystanders.length; ++i) {
            assertGe(wealthOf(_bystanders[i]), _had[_bystanders[i]], "a bystander lost");
        }
        assertGe(poolGain(), int256(0), "the pool lost");
        assertGe(Wealth.reserves(cold), _reservesHad, "insurance or treasury lost");
    }

    /// @dev The tokens are there, and the margins add up to what the books leave for them.
    function assertFunded() internal view {
        Solvency memory books = cold.solvency();
        assertGe(books.balance, books.custody, "tokens are missing");
        uint256 margins;
        address[6] memory all = [alice, bob, carol, mallory, sybil, keeper];
        for (uint256 i; i < all.length; ++i) {
            margins += cold.getAccount(account(all[i])).margin;
        }
        assertEq(margins, books.margin, "margins exceed what is held for them");
    }

    /// @dev Tokens, margin, claim, positions at the index and shares at the pool's value; USD, 30 decimals.
    function wealthOf(address who) internal view returns (int256) {
        return Wealth.total(cold, who) + int256(sharesWorth(vault.balanceOf(who)));
    }

    /// @dev Shares at the pool's value as a redemption counts it, USD, 30 decimals, rounded down.
    function sharesWorth(uint256 shares) internal view returns (uint256) {
        int256 value = cold.solvency().netAssetValue;
        return shares * (uint256(value < 0 ? int256(0) : value) / 1e12 + WAD) / (vault.totalSupply() + WAD) * 1e12;
    }

    function sizeOf(address who) internal view returns (int256) {
        return cold.getPosition(account(who), ETH).size;
    }

    /// @dev A second later the index stands elsewhere.
    function moveTo(uint256 price) internal {
        vm.warp(block.timestamp + 1);
        setPrice(ETH, price);
        cold.updateIndices(1 << ETH, noUpdate);
    }

    /// @dev Closes what is open at a price and takes all margin out.
    function leave(address who, uint256 price) internal {
        int256 size = sizeOf(who);
        if (size != 0) trade(who, ETH, int88(-size), price);
        takeOut(who);
    }

    /// @dev Withdraws all whole token units of a margin, in each hour as much as may leave.
    function takeOut(address who) internal {
        for (;;) {
            uint256 margin = cold.getAccount(account(who)).margin;
            uint256 left = cold.withdrawalLeft();
            if (margin < SCALE) return;
            vm.prank(who);
            cold.withdraw(account(who), (margin < left ? margin : left) / SCALE, who, noUpdate);
            if (margin > left) vm.warp((block.timestamp / 3600 + 1) * 3600);
        }
    }

    function closeNow(address who, int256 size) internal {
        vm.prank(who);
        engine.closeNow(account(who), ETH, uint256(size < 0 ? -size : size), size > 0 ? 0 : type(uint96).max, noUpdate);
    }

    function reduceOrder(address who, int256 sizeDelta) internal pure returns (Order[] memory orders) {
        orders = marketOrder(who, int88(sizeDelta));
        reducing(orders[0]);
    }
}
