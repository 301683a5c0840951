// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegation, Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {attached, builtBy, limited, reducing, triggeredAt} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice Property 9: once committed, an order has one outcome. Neither who settles it, nor when in its window, nor in how
/// many calls, nor what its owner does meanwhile, changes what it is.
contract SameOutcomeTest is OrdersFixture {
    uint256 private constant BATCHES = 4;

    address private builder = makeAddr("builder");
    Order[][] private batches;

    function setUp() public override {
        super.setUp();
        trade(signer, ETH, 5 * UNIT, ETH_PRICE);
        trade(alice, ETH, -5 * UNIT, ETH_PRICE);
        vm.startPrank(signer);
        desk.approveBuilder(builder, 50);
        // What is left covers some of the orders and not others.
        cold.withdraw(account(signer), 96_000e6, signer, noUpdate);
        vm.stopPrank();
    }

    function testFuzz_WhoSettlesWhenAndInWhichCutsDecidesNothing(uint256 seed, uint256 price, uint256 late, uint8 cuts)
        public
    {
        price = bound(price, 1900e18, 2100e18);
        _commitAll(seed);
        uint256 committedAt = block.timestamp;
        oracle.set(ETH, price, committedAt + 2, 5, 10);
        bytes32 expected = _settled(keeper, committedAt + 2, 0);
        late = committedAt + bound(late, 2, 60);
        assertEq(_settled(stranger, late, cuts), expected, "another caller, later, in other cuts");
        assertEq(_settled(signer, late, cuts), expected, "the owner, whom the fees reach");
        assertEq(_settled(bob, committedAt + 60, type(uint8).max), expected, "in the last second, one by one");
    }

    /// @dev Each thing that an owner can do between the commit and the settlement.
    function testFuzz_NothingTheOwnerDoesDecidesAnything(uint256 seed, uint256 price, uint256 what) public {
        price = bound(price, 1900e18, 2100e18);
        _commitAll(seed);
        uint256 committedAt = block.timestamp;
        oracle.set(ETH, price, committedAt + 2, 5, 10);
        vm.warp(committedAt + 2);
        bytes32 expected = _settled(keeper, committedAt + 3, 0);
        _act(what % 10, price);
        assertEq(_settled(keeper, committedAt + 3, 0), expected, "the owner changed an outcome");
    }

    /// @dev What takes margin or a position away, or brings margin, is refused while orders are pending.
    function test_RevertWhen_MarginOrAPositionWouldLeaveWhileOrdersArePending() public {
        commitSigned(orderBy(signer, UNIT, 1));
        for (uint256 what; what < 3; ++what) {
            assertFalse(_act(what, ETH_PRICE), "let through");
        }
        assertFalse(_act(9, ETH_PRICE), "nor does margin come");
    }

    /// @return ok Whether it went through.
    function _act(uint256 what, uint256 price) private returns (bool ok) {
        bytes32 own = account(signer);
        bytes memory call;
        if (what == 0) call = abi.encodeCall(IEngineExtension.withdraw, (own, 1500e6, signer, noUpdate));
        if (what == 1) {
            call = abi.encodeCall(IEngineExtension.moveMargin, (own, bytes32(uint256(own) + 1), 1500e6, noUpdate));
        }
        if (what == 2) call = abi.encodeCall(IDerivativesEngine.closeNow, (own, ETH, uint88(UNIT), 0, noUpdate));
        if (what == 3) call = abi.encodeCall(IOrderDesk.cancelNonces, (own, 0, type(uint256).max));
        if (what == 4) call = abi.encodeCall(IOrderDesk.approveBuilder, (builder, 0));
        if (what == 5) call = abi.encodeCall(IOrderDesk.setDelegate, (bob, Delegation(0, 0, 0, 0, 0, 0)));
        if (what == 6) {
            call = abi.encodeCall(IDerivativesEngine.commit, (ETH, only(reducing(orderBy(signer, UNIT, 0)))));
        }
        if (what == 7) call = abi.encodeCall(IEngineExtension.updateIndices, (1 << ETH, noUpdate));
        if (what == 8) call = abi.encodeCall(IOrderDesk.approveBuilder, (stranger, 50));
        if (what == 9) call = abi.encodeCall(IDerivativesEngine.deposit, (own, 50_000e6));
        uint256 publishTime = block.timestamp;
        // So that nothing is refused for an old price.
        oracle.set(ETH, price, publishTime, 5, 10);
        vm.prank(signer);
        (ok,) = address(engine).call(call);
    }

    /// @dev Six of the signer's orders and two of alice's in four batches, all in one second.
    function _commitAll(uint256 seed) private {
        delete batches;
        for (uint256 i; i < BATCHES; ++i) {
            Order[] memory orders = pair(_drawn(seed >> i * 32, 2 * i), _drawn(seed >> i * 32 + 16, 2 * i + 1));
            if (i == 3) (orders[0].account, orders[1].account) = (account(alice), account(alice));
            batches.push();
            for (uint256 j; j < 2; ++j) {
                batches[i].push(orders[j]);
            }
            vm.prank(i == 3 ? alice : signer);
            engine.commit(ETH, orders);
        }
    }

    /// @dev One of eight kinds, of up to 16 base units either way.
    function _drawn(uint256 dice, uint256 place) private view returns (Order memory order) {
        int88 size = int88(int256(dice >> 3 & 15) + 1) * UNIT;
        if (dice >> 7 & 1 != 0) size = -size;
        order = orderBy(signer, size, 0);
        uint256 kind = place < 6 ? dice & 7 : dice & 3;
        if (kind == 1) limited(order, 1950e18 + (dice >> 8 & 127) * 1e18);
        if (kind == 2) reducing(order);
        if (kind == 3) triggeredAt(order, ETH_PRICE, OrderWords.ABOVE);
        if (kind == 4) triggeredAt(order, ETH_PRICE, OrderWords.BELOW);
        if (kind == 5) attached(order, dice >> 7 & 1 != 0 ? -10_000 : -5000, generationOf(signer));
        if (kind == 6) builtBy(order, builder, 50);
    }

    /// @dev Settles all, looks at what became of each order, and takes it back.
    /// @param cuts Bit i set: batch i + 1 is settled by a call of its own.
    function _settled(address by, uint256 when, uint8 cuts) private returns (bytes32 outcome) {
        uint256 state = vm.snapshotState();
        vm.warp(when);
        oracle.set(ETH, _mid(), _committedAt() + 2, 5, 10);
        vm.recordLogs();
        uint256 from;
        for (uint256 to = 1; to <= BATCHES; ++to) {
            if (to != BATCHES && cuts >> to - 1 & 1 == 0) continue;
            Order[][] memory part = new Order[][](to - from);
            for (uint256 i = from; i < to; ++i) {
                part[i - from] = batches[i];
            }
            vm.prank(by);
            engine.settle(ETH, part, noUpdate);
            from = to;
        }
        Fate[] memory fates = fatesIn(vm.getRecordedLogs());
        assertEq(fates.length, 2 * BATCHES, "each order has one");
        outcome = keccak256(abi.encode(fates, cold.getPosition(account(signer), ETH).size, sizeOf(alice)));
        vm.revertToState(state);
    }

    function _mid() private view returns (uint256) {
        return oracle.peek(ETH).mid;
    }

    function _committedAt() private view returns (uint256) {
        return cold.getQueueItem(ETH, cold.getQueue(ETH).head).committedAt;
    }
}
