// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {limited, orderOf, reducing} from "../fixtures/Orders.sol";
import {Failure, MarketConfig, Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {BadInputFixture} from "./BadInputFixture.sol";

/// @notice Orders that are refused when committed, and orders that fail when settled: those cost their keeper fee only.
contract OrdersTest is BadInputFixture {
    uint256 private constant KEEPER_FEE = 0.5e18;
    uint256 private constant NOWHERE = 7;

    // Refused when committed.

    function test_RevertWhen_SizeIsZero() public {
        refuses(alice, _committing(ETH, _market(0)), _refused(Refusal.ZeroSize, 0, 1));
        refuses(alice, _closing(ETH, 0), abi.encodeWithSelector(IEngineErrors.ZeroSize.selector));
    }

    function test_RevertWhen_MarginDoesNotCoverTheOpening() public {
        // 10 % of 501 ETH at 2000, and the keeper fee.
        refuses(alice, _committing(ETH, _market(501 * UNIT)), _marginTooLow(100_000e18, 100_200.5e18));
        refuses(alice, _committing(ETH, _market(-501 * UNIT)), _marginTooLow(100_000e18, 100_200.5e18));
    }

    function test_RevertWhen_SizeIsTheLargestOfItsType() public {
        uint256 largest = uint256(int256(type(int88).max));
        refuses(alice, _committing(ETH, _market(type(int88).max)), _marginTooLow(100_000e18, largest * 200e6 + 0.5e18));
        refuses(
            alice, _committing(ETH, _market(type(int88).min)), _marginTooLow(100_000e18, (largest + 1) * 200e6 + 0.5e18)
        );
    }

    function test_RevertWhen_MarginDoesNotCoverTheKeeperFee() public {
        Order memory order = reducing(_market(UNIT));
        order.account = bytes32(uint256(order.account) + 1);
        refuses(alice, _committing(ETH, order), _marginTooLow(0, KEEPER_FEE));
    }

    function test_RevertWhen_OneOrderOfABatchIsBad() public {
        Order[] memory orders = new Order[](3);
        (orders[0], orders[1], orders[2]) = (_market(UNIT), _market(UNIT), _market(0));
        refuses(alice, abi.encodeCall(IDerivativesEngine.commit, (ETH, orders)), _refused(Refusal.ZeroSize, 0, 1));
    }

    // Markets that are not listed.

    function test_RevertWhen_MarketIsUnknown() public {
        bytes memory unknown = abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, NOWHERE);
        refuses(alice, _committing(NOWHERE, _market(UNIT)), unknown);
        refuses(alice, _closing(NOWHERE, uint256(int256(UNIT))), unknown);
        refuses(keeper, settling(NOWHERE, new Order[][](1), noUpdate), unknown);
        refuses(keeper, abi.encodeCall(IEngineExtension.accrue, (NOWHERE)), unknown);
        refuses(keeper, abi.encodeCall(IEngineExtension.getAccruedMarket, (NOWHERE)), unknown);
        MarketConfig memory empty;
        refuses(admin, abi.encodeCall(IEngineExtension.scheduleParameters, (NOWHERE, empty, 50, 1 days)), unknown);
    }

    function test_RevertWhen_MarketHasNoFeed() public {
        refuses(
            keeper,
            abi.encodeCall(IEngineExtension.updateIndices, (1 << NOWHERE, noUpdate)),
            abi.encodeWithSelector(PriceOracle.UnknownFeed.selector, NOWHERE)
        );
        refuses(
            admin,
            abi.encodeCall(IEngineExtension.listMarket, (config(400e6), 50)),
            abi.encodeWithSelector(PriceOracle.UnknownFeed.selector, 2)
        );
    }

    function test_RevertWhen_NothingWaitsInAnUnknownMarket() public {
        refuses(
            keeper,
            abi.encodeCall(IEngineExtension.expire, (NOWHERE, 1)),
            abi.encodeWithSelector(IEngineErrors.QueueEmpty.selector, NOWHERE)
        );
    }

    // Failed when settled.

    function test_ADustOrderCostsItsKeeperFeeOnly() public {
        // 10 USD at 2000 are 0.005 ETH.
        _fails(_market(UNIT / 200 - 1), Failure.Dust, 0);
        _fails(_market(1), Failure.Dust, 0);
    }

    function test_AnOrderThatLeavesDustCostsItsKeeperFeeOnly() public {
        settle(commit(alice, UNIT), firstUpdate());
        _fails(_market(-UNIT - 1), Failure.Dust, 0);
    }

    function test_AnUnmetLimitCostsTheKeeperFeeOnly() public {
        // A buy pays mid, half-width and half of the skew it makes: 2000 + 2 + 2000 / 20,000.
        Order memory buy = _market(UNIT);
        limited(buy, 2002.1e18 - 1);
        _fails(buy, Failure.LimitExceeded, 0);
        Order memory sell = _market(-UNIT);
        limited(sell, 1997.9e18 + 1);
        _fails(sell, Failure.LimitExceeded, 0);
        limited(buy, 2002.1e18);
        settle(_commit(buy), firstUpdate());
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "at its limit it fills");
    }

    function test_AnOrderWithNothingToReduceCostsItsKeeperFeeOnly() public {
        Order memory order = _market(UNIT);
        reducing(order);
        _fails(order, Failure.NothingToReduce, 0);
    }

    function test_ReducingByTheLargestOfItsTypeClosesAndNoMore() public {
        settle(commit(alice, UNIT), firstUpdate());
        Order memory order = _market(type(int88).min);
        reducing(order);
        settle(_commit(order), firstUpdate());
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "closed, not turned");
    }

    function test_MarginThatNoLongerCoversCostsTheKeeperFeeOnly() public {
        fund(bob, 0.5e6);
        vm.prank(bob);
        // What is left covers the fee and 10 % of one ETH at 2000, which is all that a commit asks for.
        cold.withdraw(account(bob), 100_000e6 - 200e6, bob, noUpdate);
        Order memory order = _market(UNIT);
        order.account = account(bob);
        // 2000 · (10 % + 1 / 10,000), and the liquidator's reward.
        _fails(order, Failure.MarginTooLow, 200.2e18 + 2e18);
    }

    // Leaving at once.

    function test_RevertWhen_AnImmediateCloseHasNothingToClose() public {
        refuses(
            alice,
            address(engine),
            FEE,
            _closing(ETH, 1, 0, eth(block.timestamp)),
            abi.encodeWithSelector(IEngineErrors.TradeFailed.selector, Failure.NothingToReduce)
        );
    }

    function test_RevertWhen_TheLimitOfAnImmediateCloseIsNotMet() public {
        settle(commit(alice, UNIT), firstUpdate());
        refuses(
            alice,
            address(engine),
            FEE,
            _closing(ETH, uint256(int256(UNIT)), 2000e18, eth(block.timestamp)),
            abi.encodeWithSelector(IEngineErrors.TradeFailed.selector, Failure.LimitExceeded)
        );
    }

    function test_RevertWhen_AnImmediateCloseMeetsAPendingOrder() public {
        settle(commit(alice, UNIT), firstUpdate());
        commit(alice, UNIT);
        refuses(
            alice,
            address(engine),
            FEE,
            _closing(ETH, uint256(int256(UNIT)), 0, eth(block.timestamp)),
            abi.encodeWithSelector(IEngineErrors.OrdersPending.selector, 1, 0)
        );
    }

    // Fixtures.

    /// @dev Fails for `reason`: half of the keeper fee is the keeper's, half insurance's, all else is as before.
    function _fails(Order memory order, Failure reason, uint256 required) private {
        address owner = address(bytes20(order.account));
        uint256 place = owner == alice ? 0 : 1;
        Books memory expected = books();
        Order[][] memory batches = _commit(order);
        expected.boards[ETH].queue = cold.getQueue(ETH);
        uint256 index = expected.boards[ETH].queue.head++;
        expected.boards[ETH].queue.escrow = 0;

        bytes[] memory update = firstUpdate();
        uint256 margin = expected.purses[place].account.margin - KEEPER_FEE;
        vm.expectEmit(address(engine));
        emit IEngineEvents.OrderFailed(ETH, order.account, index, reason, margin, required);
        settle(batches, update);

        expected.purses[place].account.margin = uint96(margin);
        expected.purses[place].account.committedAt = uint32(block.timestamp - 3);
        expected.purses[place].account.orders |= 63;
        expected.purses[2].account.margin += uint96(KEEPER_FEE / 2);
        expected.purses[2].ether_ -= FEE;
        expected.etherHeld += FEE;
        uint256 fees = expected.pool.fees;
        uint256 insurance = fees * 6667 / 10_000;
        expected.pool.fees = 0;
        expected.reserves.insurance += uint128(insurance + KEEPER_FEE / 2);
        expected.reserves.treasury += uint128(fees - insurance);
        // The index is the settlement's, and what follows from it.
        Books memory after_ = books();
        (expected.boards[ETH].market, expected.boards[ETH].first) =
        (after_.boards[ETH].market, after_.boards[ETH].first);
        assertEq(uint256(after_.boards[ETH].market.index), 2000e18, "the price has not moved");
        expected.solvency.margin -= KEEPER_FEE / 2;
        (expected.solvency.insurance, expected.solvency.treasury) =
        (expected.reserves.insurance, expected.reserves.treasury);
        expected.solvency.fees = 0;
        (expected.solvency.tradersValue, expected.solvency.netAssetValue) =
        (after_.solvency.tradersValue, after_.solvency.netAssetValue);
        assertSame(expected, after_);
    }

    function _market(int88 sizeDelta) private view returns (Order memory) {
        return orderOf(account(alice), sizeDelta, sizeDelta > 0 ? type(uint96).max : 0, false);
    }

    /// @dev Commits it for ETH and moves 3 s on.
    function _commit(Order memory order) private returns (Order[][] memory batches) {
        batches = new Order[][](1);
        batches[0] = new Order[](1);
        batches[0][0] = order;
        vm.prank(address(bytes20(order.account)));
        engine.commit(ETH, batches[0]);
        vm.warp(block.timestamp + 3);
    }

    function _committing(uint256 market, Order memory order) private pure returns (bytes memory) {
        Order[] memory orders = new Order[](1);
        orders[0] = order;
        return abi.encodeCall(IDerivativesEngine.commit, (market, orders));
    }

    function _closing(uint256 market, uint256 size) private view returns (bytes memory) {
        return _closing(market, size, 0, noUpdate);
    }

    function _closing(uint256 market, uint256 size, uint96 limitPrice, bytes[] memory update)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(IDerivativesEngine.closeNow, (account(alice), market, size, limitPrice, update));
    }

    function _marginTooLow(uint256 margin, uint256 required) private pure returns (bytes memory) {
        return _refused(Refusal.MarginTooLow, margin, required);
    }

    function _refused(Refusal reason, uint256 actual, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, reason, actual, limit);
    }
}
