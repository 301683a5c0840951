// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, Order} from "../../src/engine/EngineTypes.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {flagged} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";
import {Answer, WalletDouble} from "./WalletDouble.sol";

/// @notice A delegate of a wallet that is a contract signs bundles without asking the wallet; nobody else does.
contract WalletDelegatesTest is OrdersFixture {
    WalletDouble private wallet;

    function setUp() public override {
        super.setUp();
        wallet = new WalletDouble(makeAddr("holder"));
        wallet.set(Answer.Garbage);
        fund(address(wallet), 100_000e6);
    }

    function test_ADelegateSignsABundle() public {
        Order memory a = flagged(orderBy(address(wallet), UNIT, 1), OrderWords.BUNDLED);
        Order memory b = flagged(orderBy(address(wallet), UNIT, 2), OrderWords.BUNDLED);
        bytes memory hashes = hashesOf(ETH, pair(a, b));
        bytes memory signature = compact(key, bundleDigest(hashes));
        bytes memory first = abi.encodePacked(uint8(2), uint8(0), hashes, signature);
        bytes memory second = abi.encodePacked(uint8(2), uint8(1), hashes, signature);
        refusesSignature(a, first);
        _delegate(type(uint40).max);
        commitSigned(a, first);
        commitSigned(b, second);
        assertEq(pendingOf(address(wallet)), 2, "both are taken");
    }

    function test_RevertWhen_TheDelegationIsEnded() public {
        Order memory order = flagged(orderBy(address(wallet), UNIT, 1), OrderWords.BUNDLED);
        bytes memory hashes = hashesOf(ETH, only(order));
        bytes memory bundle = abi.encodePacked(uint8(1), uint8(0), hashes, compact(key, bundleDigest(hashes)));
        _delegate(type(uint40).max);
        _delegate(0);
        refusesSignature(order, bundle);
    }

    function _delegate(uint40 expiry) private {
        vm.prank(address(wallet));
        desk.setDelegate(signer, Delegation(expiry, 1, 3, 1e6, 0, 0));
    }
}
