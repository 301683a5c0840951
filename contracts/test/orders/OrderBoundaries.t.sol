// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {flagged, reducing} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";
import {WalletDouble} from "./WalletDouble.sol";

/// @notice What holds of orders at the very value of a bound, and what a unit beside it.
contract OrderBoundariesTest is OrdersFixture {
    function test_ThirtyTwoOrdersCanBeAnnounced() public {
        bytes[] memory none = new bytes[](0);
        desk.announce(ETH, new SignedOrder[](32), none);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.BatchSize.selector, 33, 32));
        desk.announce(ETH, new SignedOrder[](33), none);
    }

    function test_TheKeepersFeeIsMarginEnoughToReduce() public {
        (address poor, uint256 its) = keyed("poor");
        fund(poor, 500_000);
        Order memory order = reducing(orderBy(poor, -UNIT, 1));
        (address poorer, uint256 theirs) = keyed("poorer");
        fund(poorer, 499_999);
        Order memory another = reducing(orderBy(poorer, -UNIT, 1));
        refuses(another, sign(theirs, ETH, another), Refusal.MarginTooLow, 0.499999e18, KEEPER_FEE);
        commitSigned(order, sign(its, ETH, order));
        assertEq(pendingOf(poor), 1, "taken");
    }

    function test_OrdersBindTheirAccountForAMinute() public {
        commitSigned(orderBy(signer, UNIT, 1));
        bytes32 id = account(signer);
        vm.warp(block.timestamp + 60);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OrdersPending.selector, 1, 0));
        vm.prank(signer);
        IEngineExtension(address(engine)).withdraw(id, 1e6, signer, noUpdate);
        vm.warp(block.timestamp + 1);
        vm.prank(signer);
        IEngineExtension(address(engine)).withdraw(id, 1e6, signer, noUpdate);
    }

    function test_WhoSignedABundleForAnotherIsNamed() public {
        (address other, uint256 its) = keyed("other");
        Order memory order = flagged(orderBy(signer, UNIT, 1), OrderWords.BUNDLED);
        bytes memory hashes = hashesOf(ETH, only(order));
        bytes memory signature = abi.encodePacked(uint8(1), uint8(0), hashes, compact(its, bundleDigest(hashes)));
        refuses(order, signature, Refusal.SignatureInvalid, uint160(other), uint160(signer));
    }

    function test_AWalletJudgesASignatureOfSixtyFourBytes() public {
        (address holder, uint256 its) = keyed("holder");
        address wallet = address(new WalletDouble(holder));
        fund(wallet, 100_000e6);
        Order memory order = flagged(orderBy(wallet, UNIT, 1), OrderWords.BUNDLED);
        bytes memory hashes = hashesOf(ETH, only(order));
        commitSigned(order, abi.encodePacked(uint8(1), uint8(0), hashes, compact(its, bundleDigest(hashes))));
        assertEq(pendingOf(wallet), 1, "taken");
    }

    /// @dev Where the next hash would stand the signature begins: r is no hash.
    function test_AnOrderIsNotInABundleByItsSignature() public {
        for (uint256 nonce = 1; nonce <= 8; ++nonce) {
            Order memory order = flagged(orderBy(signer, UNIT, nonce), OrderWords.BUNDLED);
            bytes memory hashes = hashesOf(ETH, only(orderBy(signer, UNIT, 99)));
            bytes32 hash = hashOf(ETH, order);
            bytes memory signature = abi.encodePacked(uint8(1), uint8(1), hashes, hash, bytes32(uint256(1)));
            refuses(order, signature, Refusal.SignatureInvalid, 0, uint160(signer));
        }
    }

    /// @dev In its last second the first order still may settle.
    function test_ACommitAMinuteLaterCountsBesideTheFirst() public {
        commitSigned(orderBy(signer, UNIT, 1));
        uint256 committed = block.timestamp;
        vm.warp(committed + 60);
        commitSigned(orderBy(signer, UNIT, 2));
        assertEq(pendingOf(signer), 2, "both");
        vm.warp(committed + 121);
        commitSigned(orderBy(signer, UNIT, 3));
        assertEq(pendingOf(signer), 1, "the last alone");
    }

    function test_ThirtyTwoAccountsAreLiquidatedAtOnce() public {
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.BatchSize.selector, 33, 32));
        engine.liquidateMany(new bytes32[](33), noUpdate);
        (bool ok, bytes memory reason) =
            address(engine).call(abi.encodeCall(engine.liquidateMany, (new bytes32[](32), noUpdate)));
        assertFalse(ok, "nobody is due");
        assertEq(bytes32(bytes4(reason)), bytes32(IEngineErrors.NotLiquidatable.selector), "as many as may be");
    }
}
