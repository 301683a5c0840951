// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {PythErrors} from "../../src/interfaces/external/PythErrors.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {builtBy, limited, marketOrderOf, numbered, triggeredAt, withSignatures} from "../fixtures/Orders.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";
import {Answer, WalletDouble} from "../orders/WalletDouble.sol";
import {Wealth} from "./Wealth.sol";

/// @notice Synthetix and flatmoney: whoever could block the settlement of an order, or pick its price among several, held
/// a free option. Here the first price of the window is the only one, batches come in their order, nobody concerned is
/// asked at the settlement, and what has failed is over.
contract Row19SynthetixBlockedSettlementTest is ExchangeFixture {
    uint256 private constant WAD_PRICE = 2000e18;

    address private mallory;
    uint256 private key;

    function setUp() public override {
        super.setUp();
        key = uint256(keccak256("mallory"));
        mallory = vm.addr(key);
        fund(mallory, 100_000e6);
    }

    /// @dev Ten prices a second apart, all signed: one of them settles.
    function test_TheCallerPicksNoPrice() public {
        Order[][] memory batches = commit(mallory, UNIT);
        uint256 first = block.timestamp - 1;
        vm.warp(first + 10);
        for (uint256 i = 1; i <= 10; ++i) {
            int64 better = ETH_PRICE - int64(int256(i)) * 1_00000000;
            vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
            this.settleAs(mallory, batches, eth(better, ETH_CONF, first + i));
        }
        settle(batches, eth(first));
        assertEq(_size(mallory), UNIT, "at the first");
    }

    function test_NoBatchOvertakesAnother() public {
        Order[][] memory first = new Order[][](1);
        Order[][] memory second = new Order[][](1);
        (first[0], second[0]) = (_only(marketOrderOf(account(mallory), UNIT)), _only(marketOrderOf(account(bob), UNIT)));
        vm.prank(mallory);
        engine.commit(ETH, first[0]);
        vm.prank(bob);
        engine.commit(ETH, second[0]);
        vm.warp(block.timestamp + 3);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.BatchMismatch.selector, 0));
        this.settleAs(bob, second, firstUpdate());
        settle(first, firstUpdate());
        settle(second, firstUpdate());
        assertEq(_size(bob), UNIT, "in its turn");
    }

    /// @dev A limit that the price did not meet: no later price brings the order back, nor does its signature.
    function test_WhatHasFailedIsOver() public {
        Order memory order = numbered(limited(marketOrderOf(account(mallory), UNIT), WAD_PRICE - 10e18), 1);
        Order[][] memory batches = _commitSigned(order);
        settle(batches, firstUpdate());
        assertEq(_size(mallory), 0, "failed");
        vm.warp(block.timestamp + 2);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, ETH));
        this.settleAs(mallory, batches, eth(ETH_PRICE - 20_00000000, ETH_CONF, block.timestamp - 1));
        (SignedOrder[] memory signed, bytes[] memory others) = withSignatures(batches[0], _sign(order));
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, Refusal.NonceUsed, 1, 0));
        engine.commitSigned(ETH, signed, others);
    }

    /// @dev What is released comes back only for a price of a new window.
    function test_WhatIsReleasedSettlesAtNoOlderPrice() public {
        int256 had = Wealth.total(cold, mallory);
        Order memory order = numbered(marketOrderOf(account(mallory), UNIT), 1);
        triggeredAt(order, WAD_PRICE, OrderWords.BELOW);
        Order[][] memory batches = _commitSigned(order);
        bytes[] memory low = eth(ETH_PRICE, ETH_CONF, block.timestamp);
        settle(batches, eth(ETH_PRICE + 1_00000000, ETH_CONF, block.timestamp - 1));
        assertEq(Wealth.total(cold, mallory), had, "released, as if it had never been");
        cold.updateIndices{value: FEE}(1, low);
        batches = _commitSigned(order);
        vm.expectRevert(PythErrors.PriceFeedNotFoundWithinRange.selector);
        this.settleAs(mallory, batches, low);
        settle(batches, firstUpdate());
        assertEq(_size(mallory), UNIT, "at the first price of its new window");
    }

    /// @dev Neither the wallet that owns it nor the builder it names is asked.
    function test_NobodyConcernedCanBlockASettlement() public {
        WalletDouble wallet = new WalletDouble(mallory);
        WalletDouble builder = new WalletDouble(mallory);
        fund(address(wallet), 10_000e6);
        vm.prank(address(wallet));
        IOrderDesk(address(engine)).approveBuilder(address(builder), 50);
        Order memory order = numbered(marketOrderOf(account(address(wallet)), UNIT), 1);
        builtBy(order, address(builder), 50);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(order));
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = abi.encodePacked(v, r, s);
        Order[][] memory batches = new Order[][](1);
        batches[0] = _only(order);
        (SignedOrder[] memory signed, bytes[] memory others) = withSignatures(batches[0], signatures);
        engine.commitSigned(ETH, signed, others);
        wallet.set(Answer.BurnsAllGas);
        builder.set(Answer.BurnsAllGas);
        vm.warp(block.timestamp + 3);
        settle(batches, firstUpdate());
        assertEq(_size(address(wallet)), UNIT, "filled");
    }

    /// @dev What would take the margin away beforehand waits until the order has its outcome.
    function test_NoMarginLeavesWhileAnOrderWaits() public {
        Order[][] memory batches = commit(mallory, UNIT);
        bytes memory pending = abi.encodeWithSelector(IEngineErrors.OrdersPending.selector, 1, 0);
        vm.startPrank(mallory);
        vm.expectRevert(pending);
        cold.withdraw(account(mallory), 100_000e6, mallory, noUpdate);
        vm.expectRevert(pending);
        cold.moveMargin(account(mallory), bytes32(uint256(account(mallory)) + 1), 99_000e6, noUpdate);
        vm.stopPrank();
        settle(batches, firstUpdate());
        assertEq(_size(mallory), UNIT, "filled");
    }

    /// @dev External, so that an expected revert is that of the settlement.
    function settleAs(address who, Order[][] calldata batches, bytes[] calldata update) external {
        vm.deal(who, FEE);
        vm.prank(who);
        engine.settle{value: FEE}(ETH, batches, update);
    }

    function _commitSigned(Order memory order) private returns (Order[][] memory batches) {
        batches = new Order[][](1);
        batches[0] = _only(order);
        (SignedOrder[] memory signed, bytes[] memory others) = withSignatures(batches[0], _sign(order));
        engine.commitSigned(ETH, signed, others);
        vm.warp(block.timestamp + 3);
    }

    function _sign(Order memory order) private view returns (bytes[] memory signatures) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(order));
        signatures = new bytes[](1);
        signatures[0] = abi.encodePacked(r, bytes32(uint256(s) | uint256(v - 27) << 255));
    }

    function _digest(Order memory order) private view returns (bytes32) {
        bytes32 hash = OrderWords.hashOf(ETH, order.account, order.terms, order.extras);
        return keccak256(abi.encodePacked(hex"1901", IOrderDesk(address(engine)).domainSeparator(), hash));
    }

    function _only(Order memory order) private pure returns (Order[] memory orders) {
        orders = new Order[](1);
        orders[0] = order;
    }

    function _size(address who) private view returns (int256) {
        return cold.getPosition(account(who), ETH).size;
    }
}
