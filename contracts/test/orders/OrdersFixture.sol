// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order, Refusal, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";
import {marketOrderOf, numbered, pendingIn, withSignatures} from "../fixtures/Orders.sol";
import {Vm} from "../foundry/Vm.sol";

/// @notice Owners who sign, strangers who commit, and what became of an order. Hashes are built here from the readable
/// type by the compiler's own encoding.
abstract contract OrdersFixture is EngineFixture {
    string internal constant ORDER_TYPE =
        "Order(address owner,uint96 sub,uint256 market,int88 sizeDelta,uint88 limitPrice,uint88 triggerPrice,uint8 flags,uint16 generation,uint32 deadline,uint24 nonce,address builder,uint8 builderFee)";
    uint256 internal constant KEEPER_FEE = 0.5e18;

    /// @dev What became of an order at its settlement.
    enum Fate {
        Missing,
        Filled,
        Failed,
        Released
    }

    /// @dev An order as its owner reads it, in the order of the type.
    struct Readable {
        address owner;
        uint96 sub;
        uint256 market;
        int88 sizeDelta;
        uint88 limitPrice;
        uint88 triggerPrice;
        uint8 flags;
        uint16 generation;
        uint32 deadline;
        uint24 nonce;
        address builder;
        uint8 builderFee;
    }

    IOrderDesk internal desk;
    address internal signer;
    uint256 internal key;
    /// @dev Commits for others and settles nothing.
    address internal stranger = makeAddr("stranger");

    function setUp() public virtual override {
        super.setUp();
        desk = IOrderDesk(address(engine));
        (signer, key) = keyed("signer");
        fund(signer, 100_000e6);
    }

    function keyed(string memory name) internal returns (address who, uint256 its) {
        its = uint256(keccak256(bytes(name)));
        who = vm.addr(its);
        vm.label(who, name);
    }

    // Hashes and signatures.

    function readable(uint256 market, Order memory order) internal pure returns (Readable memory r) {
        (r.owner, r.sub, r.market) = (address(bytes20(order.account)), uint96(uint256(order.account)), market);
        (r.sizeDelta, r.limitPrice) = (int88(uint88(order.terms)), uint88(order.terms >> 88));
        (r.deadline, r.nonce) = (uint32(order.terms >> 176), uint24(order.terms >> 208));
        (r.generation, r.flags) = (uint16(order.terms >> 232), uint8(order.terms >> 248));
        (r.triggerPrice, r.builderFee) = (uint88(order.extras), uint8(order.extras >> 88));
        r.builder = address(uint160(order.extras >> 96));
    }

    function hashOf(uint256 market, Order memory order) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(bytes(ORDER_TYPE)), abi.encode(readable(market, order))));
    }

    function domainOf(address verifying) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Tidemark"),
                keccak256("1"),
                block.chainid,
                verifying
            )
        );
    }

    function digestOf(bytes32 hash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainOf(address(engine)), hash));
    }

    /// @dev 64 bytes as of EIP-2098.
    function compact(uint256 its, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(its, digest);
        return abi.encodePacked(r, bytes32(uint256(s) | uint256(v - 27) << 255));
    }

    function sign(uint256 its, uint256 market, Order memory order) internal view returns (bytes memory) {
        return compact(its, digestOf(hashOf(market, order)));
    }

    /// @dev What stands before the signature of a bundled order, without its count and place.
    function hashesOf(uint256 market, Order[] memory orders) internal pure returns (bytes memory hashes) {
        for (uint256 i; i < orders.length; ++i) {
            hashes = bytes.concat(hashes, hashOf(market, orders[i]));
        }
    }

    function bundleDigest(bytes memory hashes) internal view returns (bytes32) {
        bytes32 typehash = keccak256(bytes(string.concat("Bundle(Order[] orders)", ORDER_TYPE)));
        return digestOf(keccak256(abi.encode(typehash, keccak256(hashes))));
    }

    // Orders and batches.

    /// @dev A market order of the signer's with a nonce.
    function orderBy(address owner, int88 sizeDelta, uint256 nonce) internal pure returns (Order memory) {
        return numbered(marketOrderOf(account(owner), sizeDelta), nonce);
    }

    function only(Order memory order) internal pure returns (Order[] memory orders) {
        orders = new Order[](1);
        orders[0] = order;
    }

    function only(bytes memory signature) internal pure returns (bytes[] memory signatures) {
        signatures = new bytes[](1);
        signatures[0] = signature;
    }

    function pair(Order memory a, Order memory b) internal pure returns (Order[] memory orders) {
        orders = new Order[](2);
        (orders[0], orders[1]) = (a, b);
    }

    function pair(bytes memory a, bytes memory b) internal pure returns (bytes[] memory signatures) {
        signatures = new bytes[](2);
        (signatures[0], signatures[1]) = (a, b);
    }

    /// @dev By a stranger, in the ETH market.
    function commitSigned(Order[] memory orders, bytes[] memory signatures) internal returns (uint256 index) {
        (SignedOrder[] memory signed, bytes[] memory others) = withSignatures(orders, signatures);
        vm.prank(stranger);
        return engine.commitSigned(ETH, signed, others);
    }

    function commitSigned(Order memory order, bytes memory signature) internal {
        commitSigned(only(order), only(signature));
    }

    /// @dev Signed by the signer.
    function commitSigned(Order memory order) internal {
        commitSigned(order, sign(key, ETH, order));
    }

    function refused(Refusal reason, uint256 actual, uint256 limit) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, reason, actual, limit);
    }

    function refuses(Order memory order, bytes memory signature, Refusal reason, uint256 actual, uint256 limit)
        internal
    {
        vm.expectRevert(refused(reason, actual, limit));
        commitSigned(order, signature);
    }

    function refuses(Order memory order, Refusal reason, uint256 actual, uint256 limit) internal {
        refuses(order, sign(key, ETH, order), reason, actual, limit);
    }

    /// @dev As signed by somebody who is neither the owner nor a delegate, or by nobody.
    function refusesSignature(Order memory order, bytes memory signature) internal {
        refusesSignature(ETH, order, signature);
    }

    function refusesSignature(uint256 market, Order memory order, bytes memory signature) internal {
        (SignedOrder[] memory signed, bytes[] memory others) = withSignatures(only(order), only(signature));
        vm.prank(stranger);
        try engine.commitSigned(market, signed, others) {
            assertTrue(false, "taken");
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(IEngineErrors.OrderRefused.selector), "refused otherwise");
            uint256 refusal;
            address owner;
            assembly ("memory-safe") {
                refusal := mload(add(reason, 36))
                owner := mload(add(reason, 100))
            }
            assertEq(refusal, uint256(Refusal.SignatureInvalid), "refused for another reason");
            assertEq(owner, address(bytes20(order.account)), "whose signature it should be");
        }
    }

    /// @dev Committed without a signature, and so without its nonce.
    function refusesDirect(address by, Order memory order, Refusal reason, uint256 actual, uint256 limit) internal {
        Order memory direct = Order(order.account, order.terms, order.extras);
        vm.expectRevert(refused(reason, actual, limit));
        vm.prank(by);
        engine.commit(ETH, only(numbered(direct, 0)));
    }

    function commitBy(address by, Order memory order) internal {
        vm.prank(by);
        engine.commit(ETH, only(order));
    }

    /// @dev Settles one batch 3 s later, and says what became of each order.
    function fatesOf(uint256 price, Order[] memory orders) internal returns (Fate[] memory fates) {
        vm.recordLogs();
        settle(ETH, price, orders);
        return fatesIn(vm.getRecordedLogs());
    }

    function fateOf(uint256 price, Order memory order) internal returns (Fate) {
        return fatesOf(price, only(order))[0];
    }

    /// @dev In the order of the queue.
    function fatesIn(Vm.Log[] memory logs) internal pure returns (Fate[] memory fates) {
        fates = new Fate[](logs.length);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            Fate fate = _fateBy(logs[i].topics[0]);
            if (fate != Fate.Missing) fates[count++] = fate;
        }
        require(count != 0, "no order was settled");
        assembly ("memory-safe") {
            mstore(fates, count)
        }
    }

    function _fateBy(bytes32 topic) private pure returns (Fate) {
        if (topic == IEngineEvents.OrderFilled.selector) return Fate.Filled;
        if (topic == IEngineEvents.OrderFailed.selector) return Fate.Failed;
        return topic == IEngineEvents.OrderReleased.selector ? Fate.Released : Fate.Missing;
    }

    /// @return reason Why the first order that failed did.
    function reasonIn(Vm.Log[] memory logs) internal pure returns (Failure reason) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.OrderFailed.selector) continue;
            (, reason,,) = abi.decode(logs[i].data, (uint256, Failure, uint256, uint256));
            return reason;
        }
    }

    function assertFate(Fate fate, Fate expected, string memory message) internal pure {
        assertEq(uint256(fate), uint256(expected), message);
    }

    // The state.

    function sizeOf(address owner) internal view returns (int256) {
        return cold.getPosition(account(owner), ETH).size;
    }

    function generationOf(address owner) internal view returns (uint256) {
        return cold.getPosition(account(owner), ETH).generation;
    }

    function marginOf(address owner) internal view returns (uint256) {
        return cold.getAccount(account(owner)).margin;
    }

    function pendingOf(address owner) internal view returns (uint256) {
        return pendingIn(cold.getAccount(account(owner)));
    }

    function isUsed(address owner, uint256 nonce) internal view returns (bool) {
        return desk.getNonces(account(owner), nonce >> 8) >> (nonce & 255) & 1 != 0;
    }
}
