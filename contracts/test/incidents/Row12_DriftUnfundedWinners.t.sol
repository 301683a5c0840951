// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Drift, May 2022: winners were paid from other users' deposits. Here they are paid from the pool's cash alone;
/// what it lacks becomes a claim, and every margin stays its owner's.
contract Row12DriftUnfundedWinnersTest is IncidentFixture {
    uint256 private constant GAP = 6000e18;

    /// @dev Small beside the profits of the gap, large enough for the open interest.
    function poolAssets() internal pure override returns (uint256) {
        return 250_000e6;
    }

    /// @dev All long but bob, who is short as much as they: each of them makes $200,000 of the gap.
    function setUp() public override {
        super.setUp();
        fund(mallory, 60_000e6);
        fund(sybil, 60_000e6);
        trade(mallory, ETH, 50 * UNIT, ETH_PRICE);
        trade(bob, ETH, -100 * UNIT, ETH_PRICE);
        trade(sybil, ETH, 50 * UNIT, ETH_PRICE);
        begin();
        moveTo(GAP);
    }

    function test_AMassExitIsPaidFromThePoolAlone() public {
        uint256 alicesMargin = cold.getAccount(account(alice)).margin;
        uint256 bobsMargin = cold.getAccount(account(bob)).margin;
        uint256 pool = cold.getPool().cash;
        uint256 brought = _marginOf(mallory) + _marginOf(sybil);
        closeNow(mallory, 50 * UNIT);
        closeNow(sybil, 50 * UNIT);
        assertEq(_marginOf(alice), alicesMargin, "alice's margin moved");
        assertEq(_marginOf(bob), bobsMargin, "bob's margin moved");
        assertLe(_marginOf(mallory) + _marginOf(sybil), brought + pool, "more than the pool was paid out");
        assertGt(cold.solvency().claims, 0, "what is missing stays a claim");
        assertFunded();
    }

    /// @dev After the winners have taken everything they can, whoever only holds margin still gets all of it.
    function test_EveryOtherMarginCanStillBeWithdrawn() public {
        fund(carol, 40_000e6);
        closeNow(mallory, 50 * UNIT);
        closeNow(sybil, 50 * UNIT);
        takeOut(mallory);
        takeOut(sybil);
        uint256 before = usdc.balanceOf(carol);
        takeOut(carol);
        assertEq(usdc.balanceOf(carol) - before, 40_000e6, "carol's deposit");
        assertFunded();
    }

    /// @dev The loser's margin, once it is lost, goes to the claims; nothing of it to anybody else, nothing invented.
    function test_ALosersMarginPaysTheClaimsProRata() public {
        closeNow(mallory, 50 * UNIT);
        closeNow(sybil, 50 * UNIT);
        closeNow(alice, 50 * UNIT);
        uint256[2] memory owed = [cold.unpaidClaim(account(sybil)), cold.unpaidClaim(account(alice))];
        vm.prank(keeper);
        engine.liquidate(account(bob), noUpdate);
        uint256[2] memory paid =
            [owed[0] - cold.unpaidClaim(account(sybil)), owed[1] - cold.unpaidClaim(account(alice))];
        assertGt(paid[0], 0, "nothing was paid");
        uint256 difference = paid[0] * owed[1] > paid[1] * owed[0]
            ? paid[0] * owed[1] - paid[1] * owed[0]
            : paid[1] * owed[0] - paid[0] * owed[1];
        assertLe(difference, (owed[0] + owed[1]) * 2, "one claim was preferred");
        cold.collectClaim(account(sybil));
        cold.collectClaim(account(alice));
        assertFunded();
    }

    /// @dev Whoever provides liquidity does not leave before the winners are paid.
    function test_RevertWhen_LiquidityLeavesBeforeTheClaims() public {
        closeNow(mallory, 50 * UNIT);
        closeNow(sybil, 50 * UNIT);
        provide(1000e6);
        vm.expectPartialRevert(IEngineErrors.PoolTooLow.selector);
        vm.prank(admin);
        cold.removeLiquidity(1);
    }

    function _marginOf(address who) private view returns (uint256) {
        return cold.getAccount(account(who)).margin;
    }
}
