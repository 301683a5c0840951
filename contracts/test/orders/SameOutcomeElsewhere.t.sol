// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order, Pin} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {attached, limited, reducing} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice Property 9 for an account that has a position in another market than its orders': neither what becomes of that
/// market's index, nor when that happens, nor an order there changes what they do.
contract SameOutcomeElsewhereTest is OrdersFixture {
    uint256 private constant COUNT = 6;
    uint256 private constant ACTIONS = 7;

    Order[][] private batches;
    uint256 private committedAt;

    function setUp() public override {
        super.setUp();
        trade(signer, BTC, UNIT, BTC_PRICE);
        trade(alice, BTC, -UNIT / 2, BTC_PRICE);
        trade(signer, ETH, 5 * UNIT, ETH_PRICE);
        trade(alice, ETH, -5 * UNIT, ETH_PRICE);
        // So that funding runs.
        vm.warp(block.timestamp + 2 hours);
        _update(BTC_PRICE);
        setPrice(ETH, ETH_PRICE);
        // What is left covers some of the orders, and others by the position's value alone.
        vm.prank(signer);
        cold.withdraw(account(signer), 85_000e6, signer, noUpdate);
    }

    function testFuzz_NothingThatHappensElsewhereDecides(
        uint256 seed,
        uint256 price,
        uint256 index,
        uint256 what,
        uint256 late
    ) public {
        price = bound(price, 1900e18, 2100e18);
        index = bound(index, BTC_PRICE / 3, BTC_PRICE * 2);
        _commitAll(seed);
        bytes32 expected = _settled(price, committedAt + 2);
        _act(what % ACTIONS, index);
        late = bound(late, block.timestamp > committedAt + 2 ? block.timestamp : committedAt + 2, committedAt + 60);
        assertEq(_settled(price, late), expected, "what happened elsewhere decided");
    }

    /// @dev One order, whose fate by the index at its commit and by the one at its settlement are told apart.
    function test_AnOpeningIsJudgedByTheIndexOfItsCommit() public {
        (Order memory order, uint256 state) = (orderBy(signer, 20 * UNIT, 0), vm.snapshotState());
        commitBy(signer, order);
        _update(BTC_PRICE / 2);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "committed before the fall");
        vm.revertToState(state);
        _update(BTC_PRICE / 2);
        commitBy(signer, order);
        _update(BTC_PRICE);
        assertFate(fateOf(ETH_PRICE, order), Fate.Failed, "committed after it");
    }

    /// @dev Nor does what reduces wait for another market to recover.
    function test_AReductionIsJudgedByTheIndexOfItsCommit() public {
        (Order memory order, uint256 state) = (reducing(orderBy(signer, -UNIT, 0)), vm.snapshotState());
        commitBy(signer, order);
        _update(BTC_PRICE / 3);
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "committed before the fall");
        vm.revertToState(state);
        _update(BTC_PRICE / 3);
        commitBy(signer, order);
        _update(BTC_PRICE);
        assertFate(fateOf(ETH_PRICE, order), Fate.Failed, "committed after it");
    }

    /// @dev Funding up to the commit is a part of what the other position is worth, though nobody has touched its market.
    function test_AReductionIsJudgedWithTheFundingUpToItsCommit() public {
        vm.warp(block.timestamp + 10_000 hours);
        Order memory order = reducing(orderBy(signer, -UNIT, 0));
        commitBy(signer, order);
        assertFate(fateOf(ETH_PRICE, order), Fate.Failed, "funding has taken more than the margin");
    }

    /// @dev The verdict on an order that pends is by the same index, and the one on an immediate close by the present one.
    function test_APreviewIsByTheIndexOfTheCommitToo() public {
        Order memory order = orderBy(signer, 20 * UNIT, 0);
        commitBy(signer, order);
        _update(BTC_PRICE / 2);
        (Outcome memory outcome,) = risk.previewOrder(ETH, order, oracle.peek(ETH));
        assertEq(uint256(outcome.failure), uint256(Failure.None), "filled, as it will be");
        _update(BTC_PRICE / 3);
        (outcome,) = risk.previewCloseNow(account(signer), ETH, uint88(UNIT), 0, oracle.peek(ETH));
        assertEq(uint256(outcome.failure), uint256(Failure.EquityNegative), "as of now");
        vm.warp(block.timestamp + 61);
        (outcome,) = risk.previewOrder(ETH, order, oracle.peek(ETH));
        assertEq(uint256(outcome.failure), uint256(Failure.MarginTooLow), "and so is what would be committed now");
    }

    /// @dev A pin is shown, and stays for 64 s.
    function test_APinIsShownUntilAnotherTakesItsPlace() public {
        uint256 first = block.timestamp;
        commitBy(signer, orderBy(signer, UNIT, 0));
        Pin memory pin = desk.getPin(BTC, first);
        assertEq(uint256(pin.committedAt), first, "of its second");
        assertEq(uint256(pin.index), BTC_PRICE, "index");
        vm.warp(first + 64);
        _update(BTC_PRICE * 2);
        commitBy(signer, orderBy(signer, UNIT, 0));
        pin = desk.getPin(BTC, first);
        assertEq(uint256(pin.committedAt), first + 64, "of another");
        assertEq(uint256(pin.index), BTC_PRICE * 2, "and its index");
    }

    /// @dev Within one second too the first commit's index counts, whoever makes it.
    function test_APinOfASecondStays() public {
        Order memory order = orderBy(signer, 20 * UNIT, 0);
        commitBy(signer, order);
        _update(BTC_PRICE / 2);
        commitBy(alice, orderBy(alice, UNIT, 0));
        assertFate(fateOf(ETH_PRICE, order), Fate.Filled, "by the first");
    }

    function _act(uint256 what, uint256 index) private {
        if (what == 0) _update(index);
        if (what == 1) {
            _update(index);
            commitBy(alice, orderBy(alice, UNIT, 0));
        }
        vm.warp(block.timestamp + 1);
        if (what == 2) _update(index);
        if (what == 3) _tradeBy(signer, index);
        if (what == 4) _tradeBy(bob, index);
        if (what == 5) cold.accrue(BTC);
        if (what == 6) {
            _attempt(abi.encodeCall(IDerivativesEngine.closeNow, (account(signer), BTC, uint88(UNIT), 0, noUpdate)));
        }
    }

    /// @dev Commits in the other market and settles there, where the commit is taken.
    function _tradeBy(address owner, uint256 index) private {
        Order[] memory orders = only(orderBy(owner, UNIT / 8, 0));
        vm.prank(owner);
        (bool ok,) = address(engine).call(abi.encodeCall(IDerivativesEngine.commit, (BTC, orders)));
        if (ok) settle(BTC, index, orders);
    }

    function _attempt(bytes memory call) private {
        setPrice(BTC, BTC_PRICE);
        vm.prank(signer);
        (bool ok,) = address(engine).call(call);
        assertFalse(ok, "let through");
    }

    function _update(uint256 index) private {
        // Newer than what is stored, so that it is taken.
        uint256 newer = uint256(cold.getMarket(BTC).indexAt) + 1;
        oracle.set(BTC, index, block.timestamp > newer ? block.timestamp : newer, 5, 10);
        vm.prank(signer);
        IEngineExtension(address(engine)).updateIndices(1 << BTC, noUpdate);
    }

    function _commitAll(uint256 seed) private {
        committedAt = block.timestamp;
        for (uint256 i; i < COUNT; ++i) {
            Order[] memory orders = only(_drawn(seed >> i * 16));
            batches.push();
            batches[i].push(orders[0]);
            commitBy(signer, orders[0]);
        }
    }

    /// @dev One of four kinds, of up to 32 base units either way.
    function _drawn(uint256 dice) private view returns (Order memory order) {
        int88 size = int88(int256(dice >> 2 & 31) + 1) * UNIT;
        if (dice >> 7 & 1 != 0) size = -size;
        order = orderBy(signer, size, 0);
        uint256 kind = dice & 3;
        if (kind == 1) limited(order, 1950e18 + (dice >> 8 & 127) * 1e18);
        if (kind == 2) reducing(order);
        if (kind == 3) attached(order, dice >> 7 & 1 != 0 ? -10_000 : -5000, generationOf(signer));
    }

    /// @dev Settles all, looks at what became of each order, and takes it back.
    function _settled(uint256 price, uint256 when) private returns (bytes32 outcome) {
        uint256 state = vm.snapshotState();
        vm.warp(when);
        oracle.set(ETH, price, committedAt + 2, 5, 10);
        vm.recordLogs();
        vm.prank(keeper);
        engine.settle(ETH, batches, noUpdate);
        Fate[] memory fates = fatesIn(vm.getRecordedLogs());
        assertEq(fates.length, COUNT, "each order has one");
        outcome = keccak256(abi.encode(fates, sizeOf(signer)));
        vm.revertToState(state);
    }
}
