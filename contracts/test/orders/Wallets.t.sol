// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, Order, Refusal, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {flagged, withSignatures} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";
import {Answer, WalletDouble} from "./WalletDouble.sol";

/// @notice Owners that are contracts judge their signatures themselves, with gas of their own and nothing else.
contract WalletsTest is OrdersFixture {
    WalletDouble private wallet;
    address private holder;
    uint256 private holders;

    function setUp() public override {
        super.setUp();
        (holder, holders) = keyed("holder");
        wallet = new WalletDouble(holder);
        fund(address(wallet), 100_000e6);
    }

    function test_AWalletsSignatureIsWhatItSaysIsOne() public {
        Order memory order = orderBy(address(wallet), UNIT, 1);
        commitSigned(order, _signed(order));
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "fills");
        assertEq(sizeOf(address(wallet)), UNIT, "the wallet's position");
        order = orderBy(address(wallet), UNIT, 2);
        refusesSignature(order, _signed(orderBy(address(wallet), UNIT, 3)));
    }

    function test_AWalletSignsABundle() public {
        Order memory a = flagged(orderBy(address(wallet), UNIT, 1), OrderWords.BUNDLED);
        Order memory b = flagged(orderBy(address(wallet), UNIT, 2), OrderWords.BUNDLED);
        bytes memory hashes = hashesOf(ETH, pair(a, b));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(holders, bundleDigest(hashes));
        commitSigned(b, abi.encodePacked(uint8(2), uint8(1), hashes, v, r, s));
        assertEq(pendingOf(address(wallet)), 1, "taken");
    }

    function test_AWalletsDelegateSignsAsAnyOther() public {
        Order memory order = orderBy(address(wallet), UNIT, 1);
        refusesSignature(order, sign(key, ETH, order));
        Delegation memory delegation = Delegation(type(uint40).max, 1, 3, 1e6, 0, 0);
        vm.prank(address(wallet));
        desk.setDelegate(signer, delegation);
        commitSigned(order, sign(key, ETH, order));
        assertEq(pendingOf(address(wallet)), 1, "taken");
    }

    function test_HostileWalletsAreLeftOutAndOthersTaken() public {
        _leavesOut(Answer.Reverts);
        _leavesOut(Answer.BurnsAllGas);
        _leavesOut(Answer.Nothing);
        _leavesOut(Answer.Short);
        _leavesOut(Answer.Garbage);
        _leavesOut(Answer.WrongEnd);
        _leavesOut(Answer.Huge);
    }

    /// @dev Each call that an owner may make, and one that anybody may, from within the question.
    function test_AWalletThatReentersChangesNothing() public {
        Order[] memory orders = only(orderBy(address(wallet), UNIT, 9));
        bytes32 own = account(address(wallet));
        bytes[5] memory calls = [
            abi.encodeCall(IDerivativesEngine.commit, (ETH, orders)),
            _committing(orders[0]),
            abi.encodeCall(IOrderDesk.cancelNonces, (own, 0, type(uint256).max)),
            abi.encodeCall(IOrderDesk.approveBuilder, (stranger, 50)),
            abi.encodeCall(IEngineExtension.withdraw, (own, 1e6, stranger, noUpdate))
        ];
        for (uint256 i; i < calls.length; ++i) {
            wallet.aim(address(engine), calls[i]);
            _leavesOut(Answer.Reenters);
        }
        assertEq(desk.getNonces(own, 0), 0, "no nonce is used");
        assertEq(marginOf(address(wallet)), 100_000e18, "nothing is gone");
    }

    /// @dev Whatever gas a caller sends along, a good signature is taken or the call reverts for want of gas.
    function test_NoCallerMakesAGoodSignatureLookBad() public {
        wallet.set(Answer.Costly);
        Order memory order = orderBy(address(wallet), UNIT, 1);
        bytes memory call = _committing(order);
        bool tooLow;
        bool taken;
        for (uint256 gas = 60_000; !taken; gas += 2000) {
            (bool ok, bytes memory reason) = address(engine).call{gas: gas}(call);
            taken = ok;
            if (ok || reason.length == 0) continue;
            assertEq(bytes32(bytes4(reason)), bytes32(IOrderDesk.GasTooLow.selector), "refused though it is good");
            tooLow = true;
        }
        assertEq(pendingOf(address(wallet)), 1, "taken at last");
        assertTrue(tooLow, "and told why before");
    }

    /// @dev 100,000 for the question and what an order costs anyway.
    function test_AWalletBurnsNoMoreGasThanItsShare() public {
        Order memory order = orderBy(address(wallet), UNIT, 1);
        uint256 honest = _gasOf(order);
        wallet.set(Answer.BurnsAllGas);
        assertLe(_gasOf(order), honest + 110_000, "the question is bounded");
        wallet.set(Answer.Huge);
        assertLe(_gasOf(order), honest + 110_000, "and so is its answer");
    }

    /// @dev With one order of the signer's, which is taken.
    function _gasOf(Order memory order) private returns (uint256 gas) {
        uint256 state = vm.snapshotState();
        Order memory good = orderBy(signer, UNIT, 1);
        (SignedOrder[] memory signed, bytes[] memory others) =
            withSignatures(pair(order, good), pair(_signed(order), sign(key, ETH, good)));
        gas = gasleft();
        engine.commitSigned(ETH, signed, others);
        gas -= gasleft();
        vm.revertToState(state);
    }

    function _leavesOut(Answer how) private {
        uint256 state = vm.snapshotState();
        wallet.set(how);
        Order memory bad = orderBy(address(wallet), UNIT, 1);
        Order memory good = orderBy(signer, UNIT, 1);
        bytes[] memory signatures = pair(_signed(bad), sign(key, ETH, good));
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderLeftOut(ETH, bad.account, 1, Refusal.SignatureInvalid, 0, uint160(address(wallet)));
        commitSigned(pair(bad, good), signatures);
        assertEq(pendingOf(address(wallet)), 0, "left out");
        assertEq(pendingOf(signer), 1, "taken");
        assertFate(fateOf(ETH_PRICE, good), Fate.Filled, "and filled");
        vm.revertToState(state);
    }

    function _committing(Order memory order) private view returns (bytes memory) {
        (SignedOrder[] memory signed, bytes[] memory others) = withSignatures(only(order), only(_signed(order)));
        return abi.encodeCall(IDerivativesEngine.commitSigned, (ETH, signed, others));
    }

    /// @dev 65 bytes, as this wallet wants them.
    function _signed(Order memory order) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(holders, digestOf(hashOf(ETH, order)));
        return abi.encodePacked(v, r, s);
    }
}
