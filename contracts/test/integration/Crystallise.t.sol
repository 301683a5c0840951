// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Position} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Price, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";

/// @notice While the pool owes claims, losers' unrealised losses pay them, and nobody is worth more or less for it.
contract CrystalliseTest is StressFixture {
    uint256 private constant RAW = 1e12;
    /// @dev Half-width 5 bp and 10 bp more span both sources.
    uint256 private constant BAND_BPS = 15;

    function test_MovesTheLossToTheClaims() public {
        _claims();
        (uint256 margin, uint256 claims) = (marginOf(bob), cold.getClaims().outstanding);
        Position memory before = cold.getPosition(account(bob), ETH);
        (uint256 amount, uint256 loss) = risk.previewCrystallise(account(bob), ETH, _price());
        assertEq(amount, loss, "all of the loss");
        deleverager.crystallise(account(bob), ETH, noUpdate);
        assertEq(marginOf(bob), margin - amount, "out of the margin");
        assertEq(cold.getClaims().outstanding, claims - amount, "to the claims");
        Position memory p = cold.getPosition(account(bob), ETH);
        assertEq(int256(p.cash), before.cash + int256(amount * RAW), "into the position's cash");
        assertEq(int256(p.size), before.size, "size");
        (uint256 again,) = risk.previewCrystallise(account(bob), ETH, _price());
        assertEq(again, 0, "nothing is left to move");
        assertBooks();
    }

    /// @dev 20 ETH short from 2000 less 5 bp and an impact; valued at the highest price both sources support.
    function test_ValuesAtThePriceThatFavoursTheAccount() public {
        _claims();
        Price memory price = _price();
        Position memory p = cold.getPosition(account(bob), ETH);
        int256 funding = cold.getMarket(ETH).funding;
        assertEq(price.lo, price.mid - price.mid * BAND_BPS / 1e4, "the lowest price");
        int256 value = int256(p.size) * (int256(price.lo) - funding) + p.cash;
        (, uint256 loss) = risk.previewCrystallise(account(bob), ETH, price);
        assertEq(loss, uint256(-value) / RAW, "a short is worth most at the lowest");
    }

    function testFuzz_LeavesEquityAndTheValueOfThePool(uint256 margin, uint256 price, uint256 pool) public {
        _claimsAt(bound(pool, 0, 5000e18), bound(price, 2250e18, 2900e18));
        uint256 keeps = bound(margin, 0, marginOf(bob) / RAW);
        vm.warp(block.timestamp + 61);
        setPrice(ETH, cold.getMarket(ETH).index);
        cold.accrue(ETH);
        // A margin near nothing cannot be reached by a withdrawal: equity must stay.
        _setMargin(bob, keeps * RAW);
        (int256 equity, int256 nav) = (risk.getHealth(account(bob)).equity, cold.solvency().netAssetValue);
        (uint256 amount, uint256 loss) = risk.previewCrystallise(account(bob), ETH, _price());
        uint256 claims = cold.getClaims().outstanding;
        uint256 least = loss < keeps * RAW ? loss : keeps * RAW;
        assertEq(amount, least < claims ? least : claims, "the least of loss, margin and claims");
        if (amount == 0) return;
        deleverager.crystallise(account(bob), ETH, noUpdate);
        assertEq(risk.getHealth(account(bob)).equity, equity, "equity");
        assertEq(cold.solvency().netAssetValue, nav, "the pool's value");
    }

    function test_RevertWhen_NoClaimsAreUnpaid() public {
        trade(bob, ETH, -20 * UNIT, ETH_PRICE);
        moveTo(ETH, 2200e18);
        (, uint256 loss) = risk.previewCrystallise(account(bob), ETH, _price());
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingToCrystallise.selector, loss, marginOf(bob), 0));
        deleverager.crystallise(account(bob), ETH, noUpdate);
    }

    function test_RevertWhen_ThePositionHasNoLoss() public {
        _claims();
        moveTo(ETH, 1900e18);
        vm.expectPartialRevert(IEngineErrors.NothingToCrystallise.selector);
        deleverager.crystallise(account(bob), ETH, noUpdate);
    }

    function test_RevertWhen_Halted() public {
        _claims();
        vm.prank(admin);
        cold.setPauseLevel(2);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.Paused.selector, 2, 1));
        deleverager.crystallise(account(bob), ETH, noUpdate);
    }

    function test_TheClaimantCollectsWhatLosersPaid() public {
        _claims();
        // The fee of her own close has paid a part already.
        cold.collectClaim(account(alice));
        uint256 owed = cold.unpaidClaim(account(alice));
        (uint256 amount,) = risk.previewCrystallise(account(bob), ETH, _price());
        deleverager.crystallise(account(bob), ETH, noUpdate);
        uint256 margin = marginOf(alice);
        cold.collectClaim(account(alice));
        assertLe(margin + amount - marginOf(alice), 1, "collected");
        assertLe(owed - amount, cold.unpaidClaim(account(alice)), "still owed, rounded up");
        assertBooks();
    }

    // ---------------------------------------------------------------- scenes

    function _claims() private {
        _claimsAt(1000e18, 2400e18);
    }

    /// @dev Alice takes a profit that the pool cannot pay; Bob is short and loses.
    function _claimsAt(uint256 pool, uint256 price) private {
        trade(alice, ETH, 50 * UNIT, ETH_PRICE);
        trade(bob, ETH, -20 * UNIT, ETH_PRICE);
        leavePool(pool);
        closeAll(alice, ETH, price);
        moveTo(ETH, price);
    }

    function _price() private returns (Price memory) {
        return oracle.presentPrices(1 << ETH, noUpdate, PriceUse.Crystallise, address(this))[0];
    }

    /// @dev Writes an account's margin; what is missing becomes treasury's custody, which no sum here reads.
    function _setMargin(address owner, uint256 margin) private {
        bytes32 slot = accountSlot(owner);
        uint256 word = uint256(vm.load(address(engine), slot));
        vm.store(address(engine), slot, bytes32(word >> 96 << 96 | margin));
    }
}
