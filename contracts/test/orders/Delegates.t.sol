// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {attached, builtBy, pendingIn, reducing} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice Whom an owner lets trade: as far as permitted, never further, and never more than trade.
contract DelegatesTest is OrdersFixture {
    uint8 private constant MAY_OPEN = 1;
    uint8 private constant MAY_REDUCE = 2;
    uint8 private constant MAY_CLOSE_NOW = 4;
    uint8 private constant ALL = 7;

    address private delegate;
    uint256 private delegates;

    function setUp() public override {
        super.setUp();
        (delegate, delegates) = keyed("delegate");
    }

    // How a delegate acts.

    function test_ADelegateCommitsSignsAndCloses() public {
        _permit(ALL);
        Order memory order = orderBy(signer, 10 * UNIT, 1);
        commitBy(delegate, orderBy(signer, UNIT, 0));
        assertFate(fateOf(ETH_PRICE, orderBy(signer, UNIT, 0)), Fate.Filled, "committed");
        commitSigned(order, sign(delegates, ETH, order));
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "signed");
        vm.prank(delegate);
        engine.closeNow(account(signer), ETH, uint88(4 * UNIT), 0, noUpdate);
        assertEq(sizeOf(signer), 7 * UNIT, "closed at once");
        assertEq(sizeOf(delegate), 0, "all of it the owner's");
    }

    function test_ADelegateActsForEverySubAccount() public {
        _permit(ALL);
        bytes32 second = bytes32(uint256(account(signer)) + 1);
        vm.prank(signer);
        cold.moveMargin(account(signer), second, 10_000e6, noUpdate);
        Order memory order = orderBy(signer, UNIT, 1);
        order.account = second;
        commitSigned(order, sign(delegates, ETH, order));
        assertEq(pendingIn(cold.getAccount(second)), 1, "taken");
    }

    function test_ADelegatesNonceIsTheAccounts() public {
        _permit(ALL);
        Order memory order = orderBy(signer, UNIT, 7);
        commitSigned(order, sign(delegates, ETH, order));
        refuses(order, Refusal.NonceUsed, 7, 0);
    }

    // What is permitted.

    function test_RevertWhen_TheKindIsNotPermitted() public {
        trade(signer, ETH, 10 * UNIT, ETH_PRICE);
        (Order memory opens, Order memory reduces) = (orderBy(signer, -UNIT, 1), reducing(orderBy(signer, -UNIT, 0)));
        for (uint8 bits; bits < 8; ++bits) {
            uint256 state = vm.snapshotState();
            _permit(bits);
            if (bits & MAY_OPEN != 0) commitSigned(opens, sign(delegates, ETH, opens));
            else refuses(opens, sign(delegates, ETH, opens), Refusal.DelegateNotPermitted, bits, MAY_OPEN);
            if (bits & MAY_REDUCE != 0) commitBy(delegate, reduces);
            else refusesDirect(delegate, reduces, Refusal.DelegateNotPermitted, bits, MAY_REDUCE);
            // Past both windows.
            vm.warp(block.timestamp + 61);
            setPrice(ETH, ETH_PRICE);
            if (bits & MAY_CLOSE_NOW == 0) {
                vm.expectRevert(refused(Refusal.DelegateNotPermitted, bits, MAY_CLOSE_NOW));
            }
            vm.prank(delegate);
            engine.closeNow(account(signer), ETH, 1e12, 0, noUpdate);
            vm.revertToState(state);
        }
    }

    function test_RevertWhen_TheMarketIsNotPermitted() public {
        _permit(ALL, uint64(1 << BTC), 1_000_000, block.timestamp + 1 days);
        Order memory order = orderBy(signer, UNIT, 1);
        refuses(order, sign(delegates, ETH, order), Refusal.DelegateNotPermitted, ALL, MAY_OPEN);
        order = orderBy(signer, UNIT / 100, 0);
        vm.prank(delegate);
        engine.commit(BTC, only(order));
    }

    function test_RevertWhen_TheDelegationHasExpired() public {
        uint256 expiry = block.timestamp + 10;
        _permit(ALL, 3, 1_000_000, expiry);
        vm.warp(expiry - 1);
        commitBy(delegate, orderBy(signer, UNIT, 0));
        vm.warp(expiry);
        refusesDirect(delegate, orderBy(signer, UNIT, 0), Refusal.DelegateNotPermitted, ALL, MAY_OPEN);
    }

    function test_RevertWhen_TheDelegationIsEnded() public {
        _permit(ALL);
        _permit(0, 0, 0, 0);
        Order memory order = orderBy(signer, UNIT, 1);
        refusesSignature(order, sign(delegates, ETH, order));
        refusesDirect(delegate, order, Refusal.DelegateNotPermitted, 0, MAY_OPEN);
        _refusesDelegate(
            abi.encodeCall(IDerivativesEngine.closeNow, (account(signer), ETH, 1, 0, noUpdate)),
            abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, delegate, signer)
        );
    }

    function test_RevertWhen_TheDelegateIsAnothers() public {
        _permit(ALL);
        Order memory order = orderBy(alice, UNIT, 1);
        refusesSignature(order, sign(delegates, ETH, order));
        refusesDirect(delegate, order, Refusal.DelegateNotPermitted, 0, MAY_OPEN);
    }

    // How much a day.

    function test_ADaysNotionalIsLimited() public {
        _permit(ALL, 3, 4000, block.timestamp + 10 days);
        commitBy(delegate, orderBy(signer, UNIT, 0));
        refusesDirect(delegate, orderBy(signer, UNIT + 1, 0), Refusal.DelegateLimit, 4001, 4000);
        Order memory order = orderBy(signer, -UNIT, 1);
        commitSigned(order, sign(delegates, ETH, order));
        refusesDirect(delegate, orderBy(signer, 1, 0), Refusal.DelegateLimit, 4001, 4000);
        assertEq(uint256(desk.getDelegation(signer, delegate).spent), 4000, "all of it");
        // The owner's own orders do not count.
        commitBy(signer, orderBy(signer, UNIT, 0));
        // Nor does it help to be named anew.
        _permit(ALL, 3, 4000, block.timestamp + 10 days);
        refusesDirect(delegate, orderBy(signer, 1, 0), Refusal.DelegateLimit, 4001, 4000);
    }

    function test_ANewDayBeginsAtMidnight() public {
        _permit(ALL, 3, 2000, block.timestamp + 10 days);
        commitBy(delegate, orderBy(signer, UNIT, 0));
        uint256 midnight = (block.timestamp / 1 days + 1) * 1 days;
        vm.warp(midnight - 1);
        refusesDirect(delegate, orderBy(signer, UNIT, 0), Refusal.DelegateLimit, 4000, 2000);
        vm.warp(midnight);
        commitBy(delegate, orderBy(signer, UNIT, 0));
        refusesDirect(delegate, orderBy(signer, UNIT, 0), Refusal.DelegateLimit, 4000, 2000);
    }

    function test_AnAttachedOrderCountsWithWhatItTrades() public {
        trade(signer, ETH, 2 * UNIT, ETH_PRICE);
        _permit(ALL, 3, 3999, block.timestamp + 10 days);
        Order memory order = attached(orderBy(signer, UNIT, 0), -10_000, generationOf(signer));
        refusesDirect(delegate, order, Refusal.DelegateLimit, 4000, 3999);
        _permit(ALL, 3, 4000, block.timestamp + 10 days);
        commitBy(delegate, order);
    }

    function test_AnImmediateCloseCountsWithWhatItCloses() public {
        trade(signer, ETH, 2 * UNIT, ETH_PRICE);
        _permit(ALL, 3, 3999, block.timestamp + 10 days);
        vm.expectRevert(refused(Refusal.DelegateLimit, 4000, 3999));
        vm.prank(delegate);
        engine.closeNow(account(signer), ETH, type(uint256).max, 0, noUpdate);
        vm.prank(delegate);
        engine.closeNow(account(signer), ETH, uint88(UNIT), 0, noUpdate);
        assertEq(uint256(desk.getDelegation(signer, delegate).spent), 2000, "half of it");
    }

    function testFuzz_WhatIsSpentIsRoundedUpAndNeverBeyondTheLimit(uint88[6] memory sizes, uint256 limit) public {
        limit = bound(limit, 1, 20_000);
        _permit(ALL, 3, uint48(limit), block.timestamp + 10 days);
        uint256 spent;
        for (uint256 i; i < 6; ++i) {
            int88 size = int88(int256(bound(sizes[i], 1, 4e12)));
            uint256 next = spent + (uint88(size) * ETH_PRICE + 1e30 - 1) / 1e30;
            if (next > limit) {
                refusesDirect(delegate, orderBy(signer, size, 0), Refusal.DelegateLimit, next, limit);
            } else {
                commitBy(delegate, orderBy(signer, size, 0));
                spent = next;
            }
            assertEq(uint256(desk.getDelegation(signer, delegate).spent), spent, "spent");
        }
    }

    // Never more than trade.

    function test_ADelegateTakesNothingOutAndNamesNobody() public {
        _permit(ALL);
        bytes32 own = account(signer);
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, delegate, signer);
        _refusesDelegate(abi.encodeCall(IEngineExtension.withdraw, (own, 1e6, delegate, noUpdate)), refusal);
        _refusesDelegate(abi.encodeCall(IEngineExtension.moveMargin, (own, account(delegate), 1e6, noUpdate)), refusal);
        _refusesDelegate(abi.encodeCall(IOrderDesk.cancelNonces, (own, 0, 1)), refusal);
    }

    /// @dev Each of them acts on the caller's own.
    function test_ADelegateNamesOnlyItsOwnDelegatesAndBuilders() public {
        _permit(ALL);
        Delegation memory delegation = _delegation(ALL, 3, 1000, block.timestamp + 1 days);
        vm.startPrank(delegate);
        desk.setDelegate(stranger, delegation);
        desk.approveBuilder(delegate, 50);
        vm.stopPrank();
        assertEq(uint256(desk.getDelegation(signer, stranger).expiry), 0, "not the owner's delegate");
        assertEq(desk.getBuilderFee(signer, delegate), 0, "not the owner's builder");
        refusesDirect(delegate, builtBy(orderBy(signer, UNIT, 0), delegate, 1), Refusal.BuilderNotApproved, 1, 0);
        refusesDirect(stranger, orderBy(signer, UNIT, 0), Refusal.DelegateNotPermitted, 0, MAY_OPEN);
    }

    function test_WhatIsSetIsTold() public {
        vm.expectEmit(address(engine));
        emit IOrderDesk.DelegateSet(signer, delegate, 1_800_000_000, 3, ALL, 1000);
        _permit(ALL, 3, 1000, 1_800_000_000);
        Delegation memory stored = desk.getDelegation(signer, delegate);
        assertEq(
            keccak256(abi.encode(stored)), keccak256(abi.encode(_delegation(ALL, 3, 1000, 1_800_000_000))), "as set"
        );
    }

    function _permit(uint8 permissions) private {
        _permit(permissions, 3, 1_000_000, block.timestamp + 1 days);
    }

    function _permit(uint8 permissions, uint64 markets, uint48 limit, uint256 expiry) private {
        vm.prank(signer);
        desk.setDelegate(delegate, _delegation(permissions, markets, limit, expiry));
    }

    function _delegation(uint8 permissions, uint64 markets, uint48 limit, uint256 expiry)
        private
        pure
        returns (Delegation memory)
    {
        return Delegation(uint40(expiry), markets, permissions, limit, 0, 0);
    }

    function _refusesDelegate(bytes memory call, bytes memory refusal) private {
        vm.prank(delegate);
        (bool ok, bytes memory result) = address(engine).call(call);
        assertFalse(ok, "let through");
        vm.assertEq(result, refusal, "refused for another reason");
    }
}
