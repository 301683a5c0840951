// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {numbered, pendingIn, withSignatures} from "../fixtures/Orders.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Level, May 2023: the same reward claimed many times. Here what has been paid is a cumulative index, and a
/// collection moves the claimant's own place on it: a second one finds nothing.
contract Row17LevelDuplicateClaimsTest is IncidentFixture {
    uint256 private constant GAP = 6000e18;

    function poolAssets() internal pure override returns (uint256) {
        return 250_000e6;
    }

    /// @dev After the gap and sybil's exit the pool owes mallory and alice; fees that have come in since are collected.
    function setUp() public override {
        super.setUp();
        fund(mallory, 60_000e6);
        fund(sybil, 60_000e6);
        trade(mallory, ETH, 50 * UNIT, ETH_PRICE);
        trade(bob, ETH, -100 * UNIT, ETH_PRICE);
        trade(sybil, ETH, 50 * UNIT, ETH_PRICE);
        moveTo(GAP);
        closeNow(sybil, 50 * UNIT);
        closeNow(mallory, 50 * UNIT);
        closeNow(alice, 50 * UNIT);
        cold.collectClaim(account(mallory));
        begin();
    }

    /// @dev Half of what is owed comes in; each claimant tries three times, and a stranger once more for each.
    function test_ASecondCollectionPaysNothing() public {
        uint256 owed = cold.unpaidClaim(account(mallory));
        uint256 outstanding = cold.getClaims().outstanding;
        provide(outstanding / 2 / SCALE);
        uint256 before = _marginOf(mallory);
        _collectThrice(mallory);
        uint256 collected = _marginOf(mallory) - before;
        assertEq(collected + cold.unpaidClaim(account(mallory)), owed, "collected and unpaid are what was owed");
        assertLe(collected, owed / 2, "more than the half that came in");
        assertAttackersGainedNothing();
        _collectThrice(alice);
        assertNobodyElseLost();
    }

    /// @dev Every inflow again opens a collection, and all of them together are the claim.
    function test_ManyCollectionsAreOneClaim() public {
        uint256 owed = cold.unpaidClaim(account(mallory));
        uint256 before = _marginOf(mallory);
        for (uint256 i; i < 5; ++i) {
            provide(10_000e6);
            _collectThrice(mallory);
        }
        provide(1_000_000e6);
        _collectThrice(mallory);
        assertEq(_marginOf(mallory) - before, owed, "the claim, once");
        _collectThrice(alice);
        assertEq(cold.solvency().claims, 0, "all paid");
    }

    /// @dev The vault's claims are as single.
    function test_ASecondClaimOfSharesOrAssetsFindsNothing() public {
        provide(2_000_000e6);
        uint256 deposit = requestDeposit(mallory, 100_000e6);
        settleNext();
        vm.startPrank(mallory);
        uint256 shares = vault.claimDeposit(deposit, mallory, mallory);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NothingToClaim.selector, mallory, deposit));
        vault.claimDeposit(deposit, mallory, mallory);
        uint256 redeem = vault.requestRedeem(shares, mallory, mallory);
        vm.stopPrank();
        nextEpoch();
        settleNext();
        uint256 payable_ = cold.solvency().lpPayable;
        uint256 assets = claimRedeem(mallory, redeem);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.NothingToClaim.selector, mallory, redeem));
        claimRedeem(mallory, redeem);
        assertLe(assets * SCALE, payable_, "what was set aside");
    }

    /// @dev Nor does a signature trade twice: not twice in a batch, not again once it is settled.
    function test_ASignatureTradesOnce() public {
        uint256 key = uint256(keccak256("signer"));
        address signer = vm.addr(key);
        fund(signer, 10_000e6);
        Order[] memory orders = new Order[](2);
        orders[0] = numbered(marketOrder(signer, UNIT)[0], 1);
        orders[1] = orders[0];
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = _sign(key, orders[0]);
        signatures[1] = signatures[0];
        (SignedOrder[] memory signed, bytes[] memory others) = withSignatures(orders, signatures);
        engine.commitSigned(ETH, signed, others);
        assertEq(pendingIn(cold.getAccount(account(signer))), 1, "once in a batch");
        assembly ("memory-safe") {
            mstore(orders, 1)
        }
        settle(ETH, GAP, orders);
        assertEq(pendingIn(cold.getAccount(account(signer))), 0, "settled");
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, Refusal.NonceUsed, 1, 0));
        engine.commitSigned(ETH, signed, others);
    }

    function _sign(uint256 key, Order memory order) private view returns (bytes memory) {
        bytes32 hash = OrderWords.hashOf(ETH, order.account, order.terms, order.extras);
        bytes32 domain = IOrderDesk(address(engine)).domainSeparator();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, hash)));
        return abi.encodePacked(r, bytes32(uint256(s) | uint256(v - 27) << 255));
    }

    function _collectThrice(address who) private {
        cold.collectClaim(account(who));
        for (uint256 i; i < 2; ++i) {
            vm.prank(i == 0 ? who : keeper);
            (bool ok, bytes memory result) = address(cold).call(abi.encodeCall(cold.collectClaim, (account(who))));
            assertFalse(ok, "a duplicate was paid");
            vm.assertEq(result, abi.encodeWithSelector(IEngineErrors.ZeroAmount.selector), "a duplicate was paid");
        }
    }

    function _marginOf(address who) private view returns (uint256) {
        return cold.getAccount(account(who)).margin;
    }
}
