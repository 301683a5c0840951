// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {triggeredAt} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice A release frees what its own commit used up and nothing else: no order trades twice, none comes back that its
/// owner has cancelled.
contract ReleasesTest is OrdersFixture {
    uint256 private constant ABOVE = OrderWords.ABOVE;

    /// @dev An owner's own commit uses up no nonce, so its release frees none.
    function test_AReleaseFreesNoNonceThatItsCommitDidNotUse() public {
        Order memory signed = orderBy(signer, UNIT, 4);
        bytes memory signature = sign(key, ETH, signed);
        commitSigned(signed, signature);
        settle(ETH, ETH_PRICE, only(signed));
        Order memory direct = triggeredAt(orderBy(signer, UNIT, 4), ETH_PRICE, ABOVE);
        vm.prank(signer);
        try engine.commit(ETH, only(direct)) {
            assertFate(fateOf(ETH_PRICE - 1, direct), Fate.Released, "released");
        } catch {}
        refuses(signed, signature, Refusal.NonceUsed, 4, 0);
    }

    /// @dev What its owner takes back while it waits stays taken back.
    function test_ACancelledNonceStaysUsedWhenItsOrderIsReleased() public {
        Order memory order = triggeredAt(orderBy(signer, UNIT, 5), ETH_PRICE, ABOVE);
        bytes memory signature = sign(key, ETH, order);
        commitSigned(order, signature);
        vm.prank(signer);
        desk.cancelNonces(account(signer), 0, 1 << 5);
        assertFate(fateOf(ETH_PRICE - 1, order), Fate.Released, "released");
        _index(ETH_PRICE);
        refuses(order, signature, Refusal.NonceUsed, 5, 0);
    }

    function test_RevertWhen_AnOrderCommittedDirectlyHasANonce() public {
        vm.expectRevert(refused(Refusal.TermsInvalid, 4, 0));
        vm.prank(signer);
        engine.commit(ETH, only(orderBy(signer, UNIT, 4)));
    }

    /// @dev Nor does a delegate bring an order of the owner's back, filled long ago.
    function test_ADelegateFreesNoNonceOfTheOwners() public {
        Order memory signed = orderBy(signer, UNIT, 4);
        bytes memory signature = sign(key, ETH, signed);
        commitSigned(signed, signature);
        settle(ETH, ETH_PRICE, only(signed));
        (address delegate,) = keyed("delegate");
        vm.prank(signer);
        desk.setDelegate(delegate, Delegation(type(uint40).max, 1, 1, 1e6, 0, 0));
        Order memory direct = triggeredAt(orderBy(signer, UNIT, 4), ETH_PRICE, ABOVE);
        vm.prank(delegate);
        try engine.commit(ETH, only(direct)) {
            assertFate(fateOf(ETH_PRICE - 1, direct), Fate.Released, "released");
        } catch {}
        refuses(signed, signature, Refusal.NonceUsed, 4, 0);
    }

    function _index(uint256 price) private {
        vm.warp(block.timestamp + 1);
        setPrice(ETH, price);
        cold.updateIndices(1 << ETH, noUpdate);
    }
}
