// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {limited, marketOrderOf, ofTheMoment, sized, until, withSignatures} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice Orders that somebody else brings by their owner's signature: taken once, as signed, in time.
contract SignedOrdersTest is OrdersFixture {
    function testFuzz_TheHashIsThatOfTheReadableType(uint256 market, Order memory order) public pure {
        bytes32 hash = OrderWords.hashOf(market, order.account, order.terms, order.extras);
        assertEq(hash, hashOf(market, order), "what wallets show is what is hashed");
    }

    function test_TheDomainIsThatOfTheProxy() public view {
        assertEq(desk.domainSeparator(), domainOf(address(engine)), "name, version, chain and address");
    }

    function test_ASignedOrderTradesForItsOwner() public {
        Order memory order = orderBy(signer, UNIT, 1);
        uint256 margin = marginOf(signer);
        commitSigned(order);
        assertEq(marginOf(signer), margin - KEEPER_FEE, "the owner's fee");
        assertEq(pendingOf(signer), 1, "the owner's order");
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "fills");
        assertEq(sizeOf(signer), UNIT, "the owner's position");
        assertEq(sizeOf(stranger), 0, "not the stranger's");
    }

    function test_RevertWhen_AnybodyElseSigns() public {
        (, uint256 other) = keyed("other");
        Order memory order = orderBy(signer, UNIT, 1);
        refusesSignature(order, sign(other, ETH, order));
        order = orderBy(alice, UNIT, 1);
        refusesSignature(order, sign(key, ETH, order));
        // What recovers to nobody is not nobody's signature.
        order.account = bytes32(0);
        refusesSignature(order, new bytes(64));
    }

    function test_RevertWhen_AnythingIsNotAsSigned() public {
        Order memory order = until(limited(orderBy(signer, UNIT, 1), ETH_PRICE * 2), block.timestamp + 60);
        bytes memory signature = sign(key, ETH, order);
        _refusesChanged(order, signature, bytes32(uint256(1)), 0, 0);
        uint8[6] memory fields = [0, 88, 176, 208, 232, 248];
        for (uint256 i; i < fields.length; ++i) {
            // A generation needs its flag.
            uint256 change = fields[i] == 232 ? 1 << 232 | 2 << 248 : 1 << fields[i];
            _refusesChanged(order, signature, 0, change, 0);
        }
        _refusesChanged(order, signature, 0, 4 << 248, 1e18);
        _refusesChanged(order, signature, 0, 0, 1 << 96);
        refusesSignature(BTC, order, signature);
        commitSigned(order, signature);
    }

    function test_RevertWhen_SignedForAnotherChainOrExchange() public {
        Order memory order = orderBy(signer, UNIT, 1);
        bytes memory signature = sign(key, ETH, order);
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        refusesSignature(order, signature);
        vm.chainId(chain);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domainOf(address(risk)), hashOf(ETH, order)));
        refusesSignature(order, compact(key, digest));
        commitSigned(order, signature);
    }

    function test_RevertWhen_ASignatureHasAnotherLength() public {
        Order memory order = orderBy(signer, UNIT, 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(hashOf(ETH, order)));
        refusesSignature(order, abi.encodePacked(r, s, v));
        refusesSignature(order, "");
    }

    // Deadlines.

    function test_ADeadlinesLastSecondIsInTime() public {
        Order memory order = until(orderBy(signer, UNIT, 1), block.timestamp + 10);
        vm.warp(block.timestamp + 10);
        commitSigned(order);
        assertEq(pendingOf(signer), 1, "taken");
    }

    function test_RevertWhen_ADeadlineHasPassed() public {
        uint256 deadline = block.timestamp + 10;
        Order memory order = until(orderBy(signer, UNIT, 1), deadline);
        vm.warp(deadline + 1);
        refuses(order, Refusal.DeadlinePassed, deadline + 1, deadline);
        order = until(marketOrderOf(account(alice), UNIT), deadline);
        refusesDirect(alice, order, Refusal.DeadlinePassed, deadline + 1, deadline);
    }

    // Nonces.

    function test_RevertWhen_ANonceIsUsed() public {
        commitSigned(orderBy(signer, UNIT, 7));
        refuses(orderBy(signer, UNIT, 7), Refusal.NonceUsed, 7, 0);
        refuses(orderBy(signer, -UNIT, 7), Refusal.NonceUsed, 7, 0);
    }

    function test_AFailedOrderKeepsItsNonce() public {
        Order memory order = limited(orderBy(signer, UNIT, 7), 1);
        commitSigned(order);
        assertFate(fateOf(ETH_PRICE, order), Fate.Failed, "beyond its limit");
        refuses(order, Refusal.NonceUsed, 7, 0);
    }

    function test_NoncesHaveNoOrder() public {
        uint24[5] memory nonces = [255, 1, type(uint24).max, 256, 2];
        for (uint256 i; i < nonces.length; ++i) {
            commitSigned(orderBy(signer, UNIT, nonces[i]));
            assertTrue(isUsed(signer, nonces[i]), "used");
        }
        assertEq(desk.getNonces(account(signer), 0), 1 << 255 | 1 << 1 | 1 << 2, "those and no others");
        assertEq(desk.getNonces(account(signer), 1), 1, "nor there");
    }

    function test_RevertWhen_ASignedOrderHasNoNonce() public {
        refuses(orderBy(signer, UNIT, 0), Refusal.NonceUsed, 0, 0);
    }

    function test_NoncesAreTheSubAccountsOwn() public {
        Order memory order = orderBy(signer, UNIT, 7);
        commitSigned(order);
        order.account = bytes32(uint256(order.account) + 1);
        refuses(order, Refusal.MarginTooLow, 0, 200.5e18);
    }

    function test_ARefusedOrderKeepsItsNonce() public {
        Order memory order = orderBy(signer, 600 * UNIT, 7);
        refuses(order, Refusal.MarginTooLow, 100_000e18, 120_000.5e18);
        assertFalse(isUsed(signer, 7), "unused");
        fund(signer, 100_000e6);
        commitSigned(order);
    }

    function test_RevertWhen_ANonceIsCancelled() public {
        vm.expectEmit(address(engine));
        emit IOrderDesk.NoncesCancelled(account(signer), 1, 3 << 20);
        vm.prank(signer);
        desk.cancelNonces(account(signer), 1, 3 << 20);
        refuses(orderBy(signer, UNIT, 276), Refusal.NonceUsed, 276, 0);
        refuses(orderBy(signer, UNIT, 277), Refusal.NonceUsed, 277, 0);
        commitSigned(orderBy(signer, UNIT, 278));
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, stranger, signer));
        vm.prank(stranger);
        desk.cancelNonces(account(signer), 0, 1);
    }

    // Orders of the moment.

    function test_AnOrderOfTheMomentHas24Seconds() public {
        uint256 deadline = block.timestamp + 24;
        Order memory order = ofTheMoment(marketOrderOf(account(signer), UNIT), deadline);
        refuses(order, Refusal.NonceUsed, deadline, 0);
        vm.warp(block.timestamp + 1);
        commitSigned(order);
        refuses(order, Refusal.NonceUsed, deadline, 0);
        order = ofTheMoment(marketOrderOf(account(signer), UNIT), block.timestamp);
        commitSigned(order);
        refuses(order, Refusal.NonceUsed, block.timestamp, 0);
        assertEq(desk.getNonces(account(signer), 0), 0, "no nonce is used");
    }

    function test_RevertWhen_AnOrderOfTheMomentHasNoDeadline() public {
        refuses(ofTheMoment(marketOrderOf(account(signer), UNIT), 0), Refusal.NonceUsed, 0, 0);
    }

    /// @dev Each second once, whichever order and however much later, against a list of those used.
    function testFuzz_EachSecondIsUsedOnce(uint8[7] memory pauses, uint8[7] memory spans) public {
        uint256[] memory used = new uint256[](7);
        for (uint256 i; i < 7; ++i) {
            vm.warp(block.timestamp + pauses[i] % 9);
            uint256 span = spans[i] % 27;
            Order memory order = ofTheMoment(marketOrderOf(account(signer), UNIT), block.timestamp + span);
            bool free = span < 24;
            for (uint256 j; j < i; ++j) {
                free = free && used[j] != block.timestamp + span;
            }
            if (free) commitSigned(order);
            else refuses(order, Refusal.NonceUsed, block.timestamp + span, 0);
            if (free) used[i] = block.timestamp + span;
        }
    }

    /// @dev What a commit by the owner shifts, and what neither a fill nor a liquidation forgets.
    function test_AUsedSecondStaysUsed() public {
        Order memory order = ofTheMoment(marketOrderOf(account(signer), UNIT), block.timestamp + 23);
        bytes memory signature = sign(key, ETH, order);
        commitSigned(order, signature);
        settle(ETH, ETH_PRICE, only(order));
        commitBy(signer, marketOrderOf(account(signer), UNIT));
        vm.warp(block.timestamp + 20);
        refuses(order, signature, Refusal.NonceUsed, block.timestamp, 0);
        vm.warp(block.timestamp + 1);
        refuses(order, signature, Refusal.DeadlinePassed, block.timestamp, block.timestamp - 1);
    }

    // Batches.

    function test_OneBadOrderIsLeftOutAndTheOthersAreTaken() public {
        (address second, uint256 its) = keyed("second");
        fund(second, 10_000e6);
        commitSigned(orderBy(signer, UNIT, 1));
        Order[] memory orders = new Order[](3);
        (orders[0], orders[1], orders[2]) =
        (orderBy(second, UNIT, 1), orderBy(signer, UNIT, 1), orderBy(second, UNIT, 2));
        bytes[] memory signatures = new bytes[](3);
        signatures[0] = sign(its, ETH, orders[0]);
        signatures[1] = sign(key, ETH, orders[1]);
        signatures[2] = sign(its, ETH, orders[2]);
        Order[] memory taken = pair(orders[0], orders[2]);
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderLeftOut(ETH, account(signer), 1, Refusal.NonceUsed, 1, 0);
        vm.expectEmit(address(engine));
        emit IEngineEvents.BatchCommitted(1 | 50 << 40 | ETH << 56, taken);
        assertEq(commitSigned(orders, signatures), 1, "its place");
        assertEq(uint256(cold.getQueueItem(ETH, 1).count), 2, "two are taken");
        assertEq(pendingOf(signer), 1, "what is left out does not wait");
        assertEq(cold.getQueue(ETH).escrow, 3 * KEEPER_FEE, "nor pay");
        Order[][] memory batches = new Order[][](2);
        (batches[0], batches[1]) = (only(orderBy(signer, UNIT, 1)), taken);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, ETH_PRICE);
        engine.settle(ETH, batches, noUpdate);
        assertEq(sizeOf(second), 2 * UNIT, "both fill");
    }

    function test_RevertWhen_NoneCanBeTaken() public {
        Order[] memory orders = pair(orderBy(signer, UNIT, 0), sized(orderBy(signer, UNIT, 1), 0));
        bytes[] memory signatures = pair(sign(key, ETH, orders[0]), sign(key, ETH, orders[1]));
        vm.expectRevert(refused(Refusal.ZeroSize, 0, 1));
        commitSigned(orders, signatures);
        assertEq(cold.getQueue(ETH).tail, 0, "no batch");
    }

    /// @dev A signature that stands among the others is as good; one that is named there and is not is none.
    function test_AShortSignatureMayStandAmongTheOthers() public {
        Order memory order = orderBy(signer, UNIT, 1);
        bytes[] memory others = pair(new bytes(3), sign(key, ETH, order));
        SignedOrder[] memory signed = new SignedOrder[](1);
        for (uint256 place; place < 4; ++place) {
            if (place == 1) continue;
            signed[0] = SignedOrder(
                order.account, order.terms, order.extras, bytes32(place == 3 ? type(uint256).max : place), 0
            );
            vm.expectRevert(refused(Refusal.SignatureInvalid, 0, uint160(signer)));
            engine.commitSigned(ETH, signed, others);
        }
        signed[0].r = bytes32(uint256(1));
        engine.commitSigned(ETH, signed, others);
        assertEq(pendingOf(signer), 1, "taken");
    }

    function test_RevertWhen_ABatchIsEmptyOrTooLarge() public {
        for (uint256 count; count <= 33; count += 33) {
            vm.expectRevert(abi.encodeWithSelector(IEngineErrors.BatchSize.selector, count, 32));
            engine.commitSigned(ETH, new SignedOrder[](count), new bytes[](0));
            vm.expectRevert(abi.encodeWithSelector(IEngineErrors.BatchSize.selector, count, 32));
            desk.announce(ETH, new SignedOrder[](count), new bytes[](0));
        }
    }

    function test_RevertWhen_AnAccountHas8OrdersPending() public {
        for (uint256 i = 1; i <= 8; ++i) {
            commitSigned(orderBy(signer, UNIT, i));
        }
        refuses(orderBy(signer, UNIT, 9), Refusal.OrdersPending, 8, 8);
        assertFalse(isUsed(signer, 9), "unused");
    }

    function test_AnAnnouncementIsAnEventAndNoMore() public {
        Order memory order = orderBy(signer, UNIT, 1);
        (SignedOrder[] memory orders, bytes[] memory others) = withSignatures(only(order), only(sign(key, ETH, order)));
        vm.expectEmit(address(engine));
        emit IOrderDesk.OrdersAnnounced(ETH, stranger, orders, others);
        vm.prank(stranger);
        desk.announce(ETH, orders, others);
        assertEq(cold.getQueue(ETH).tail, 0, "nothing is committed");
        engine.commitSigned(ETH, orders, others);
    }

    function _refusesChanged(
        Order memory order,
        bytes memory signature,
        bytes32 account_,
        uint256 terms,
        uint256 extras
    ) private {
        Order memory changed = Order(order.account ^ account_, order.terms ^ terms, order.extras ^ extras);
        refusesSignature(changed, signature);
    }
}
