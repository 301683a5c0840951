// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Market, Order, Pool, Position, Queue, QueueItem, Reserves} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {PythStructs} from "../../src/interfaces/external/PythStructs.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";

/// @notice The exchange with the real oracle, and a refusal that checks two things: the exact error, and that nothing was
/// lost by it.
abstract contract BadInputFixture is ExchangeFixture {
    /// @dev What alice, bob or the keeper have.
    struct Purse {
        uint256 ether_;
        uint256 tokens;
        Account account;
        Position eth;
        Position btc;
    }

    /// @dev A market with its queue and the price stored for it.
    struct Board {
        Market market;
        Queue queue;
        QueueItem first;
        PythStructs.Price stored;
    }

    /// @dev Everything that a refused call must leave as it was.
    struct Books {
        Purse[3] purses;
        Board[2] boards;
        Pool pool;
        Reserves reserves;
        Solvency solvency;
        uint256 etherHeld;
    }

    /// @dev Calls as `caller` and expects exactly `reason`, and all books as before.
    function refuses(address caller, address target, uint256 value, bytes memory data, bytes memory reason) internal {
        Books memory before = books();
        vm.prank(caller);
        (bool ok, bytes memory result) = target.call{value: value}(data);
        assertFalse(ok, "permitted");
        vm.assertEq(result, reason, "reason");
        assertSame(before, books());
    }

    function refuses(address caller, bytes memory data, bytes memory reason) internal {
        refuses(caller, address(engine), 0, data, reason);
    }

    function refusesSettlement(Order[][] memory batches, bytes[] memory update, bytes memory reason) internal {
        refuses(keeper, address(engine), pyth.getUpdateFee(update), settling(ETH, batches, update), reason);
    }

    function settling(uint256 market, Order[][] memory batches, bytes[] memory update)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IDerivativesEngine.settle, (market, batches, update));
    }

    function books() internal view returns (Books memory b) {
        address[3] memory owners = [alice, bob, keeper];
        for (uint256 i; i < 3; ++i) {
            bytes32 id = account(owners[i]);
            b.purses[i] = Purse(
                owners[i].balance,
                usdc.balanceOf(owners[i]),
                cold.getAccount(id),
                cold.getPosition(id, ETH),
                cold.getPosition(id, BTC)
            );
        }
        bytes32[2] memory feeds = [ETH_ID, BTC_ID];
        for (uint256 id; id < 2; ++id) {
            Queue memory queue = cold.getQueue(id);
            b.boards[id] =
                Board(cold.getMarket(id), queue, cold.getQueueItem(id, queue.head), pyth.getPriceUnsafe(feeds[id]));
        }
        (b.pool, b.reserves, b.solvency) = (cold.getPool(), cold.getReserves(), cold.solvency());
        b.etherHeld = address(engine).balance + address(oracle).balance + address(pyth).balance;
    }

    function assertSame(Books memory a, Books memory b) internal pure {
        vm.assertEq(abi.encode(a.purses[0]), abi.encode(b.purses[0]), "alice lost nothing");
        vm.assertEq(abi.encode(a.purses[1]), abi.encode(b.purses[1]), "bob lost nothing");
        vm.assertEq(abi.encode(a.purses[2]), abi.encode(b.purses[2]), "the keeper lost nothing");
        vm.assertEq(abi.encode(a.boards), abi.encode(b.boards), "markets, queues and stored prices stand");
        vm.assertEq(abi.encode(a.pool, a.reserves), abi.encode(b.pool, b.reserves), "pool and reserves stand");
        vm.assertEq(abi.encode(a.solvency), abi.encode(b.solvency), "solvency stands");
        assertEq(a.etherHeld, b.etherHeld, "no ether kept");
    }
}
