// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {flagged, limited} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice A ladder of five limit orders under one signature: each may be committed alone, none that is not in it.
contract BundlesTest is OrdersFixture {
    Order[] private ladder;
    bytes private hashes;
    bytes private signature;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 5; ++i) {
            Order memory order = limited(orderBy(signer, UNIT, i + 1), 2100e18 + i * 50e18);
            ladder.push(flagged(order, OrderWords.BUNDLED));
        }
        hashes = hashesOf(ETH, ladder);
        signature = compact(key, bundleDigest(hashes));
    }

    function test_ALadderIsCommittedInParts() public {
        _commitRungs(1, 3);
        _commitRungs(0, 1);
        _commitRungs(3, 5);
        assertEq(pendingOf(signer), 5, "all five");
        for (uint256 i; i < 5; ++i) {
            refuses(ladder[i], _bundled(5, i, hashes), Refusal.NonceUsed, i + 1, 0);
        }
    }

    function test_ABundleOfOneAndOf32IsSigned() public {
        Order[] memory orders = new Order[](32);
        for (uint256 i; i < 32; ++i) {
            orders[i] = flagged(orderBy(signer, UNIT, i + 100), OrderWords.BUNDLED);
        }
        bytes memory all = hashesOf(ETH, orders);
        commitSigned(orders[31], abi.encodePacked(uint8(32), uint8(31), all, compact(key, bundleDigest(all))));
        all = hashesOf(ETH, only(orders[0]));
        commitSigned(orders[0], abi.encodePacked(uint8(1), uint8(0), all, compact(key, bundleDigest(all))));
    }

    function test_RevertWhen_ThePlaceIsAnothers() public {
        for (uint256 place; place < 256; ++place) {
            if (place != 2) _refuses(ladder[2], _bundled(5, place, hashes));
        }
        commitSigned(ladder[2], _bundled(5, 2, hashes));
    }

    function test_RevertWhen_TheOrderIsNotInTheBundle() public {
        Order memory other = flagged(orderBy(signer, UNIT, 9), OrderWords.BUNDLED);
        _refuses(other, _bundled(5, 0, hashes));
        // Put into it, what was signed is another.
        bytes memory forged = bytes.concat(hashOf(ETH, other), _cut(hashes, 32, 160));
        _refuses(other, _bundled(5, 0, forged));
        forged = bytes.concat(hashes, hashOf(ETH, other));
        _refuses(other, _bundled(6, 5, forged));
    }

    function test_RevertWhen_TheCountIsNoneOrTooMany() public {
        _refuses(ladder[0], _bundled(0, 0, hashes));
        _refuses(ladder[0], _bundled(4, 0, hashes));
        _refuses(ladder[0], _bundled(6, 0, hashes));
        Order[] memory orders = new Order[](33);
        for (uint256 i; i < 33; ++i) {
            orders[i] = flagged(orderBy(signer, UNIT, i + 100), OrderWords.BUNDLED);
        }
        bytes memory all = hashesOf(ETH, orders);
        _refuses(orders[0], abi.encodePacked(uint8(33), uint8(0), all, compact(key, bundleDigest(all))));
    }

    function test_RevertWhen_BytesAreMissingOrTooMany() public {
        bytes memory whole = _bundled(5, 0, hashes);
        for (uint256 length; length < whole.length; ++length) {
            _refuses(ladder[0], _cut(whole, 0, length));
        }
        _refuses(ladder[0], bytes.concat(whole, hex"00"));
        commitSigned(ladder[0], whole);
    }

    function test_RevertWhen_ARungIsShownAsIfSignedAlone() public {
        _refuses(ladder[0], signature);
        Order memory plain = Order(ladder[0].account, ladder[0].terms ^ OrderWords.BUNDLED << 248, 0);
        _refuses(plain, _bundled(5, 0, hashes));
    }

    function _commitRungs(uint256 from, uint256 to) private {
        Order[] memory orders = new Order[](to - from);
        bytes[] memory signatures = new bytes[](to - from);
        for (uint256 i = from; i < to; ++i) {
            (orders[i - from], signatures[i - from]) = (ladder[i], _bundled(5, i, hashes));
        }
        commitSigned(orders, signatures);
    }

    function _bundled(uint256 count, uint256 place, bytes memory all) private view returns (bytes memory) {
        return abi.encodePacked(uint8(count), uint8(place), all, signature);
    }

    function _refuses(Order memory order, bytes memory shown) private {
        refusesSignature(order, shown);
    }

    function _cut(bytes memory whole, uint256 from, uint256 to) private pure returns (bytes memory part) {
        part = new bytes(to - from);
        for (uint256 i; i < part.length; ++i) {
            part[i] = whole[from + i];
        }
    }
}
