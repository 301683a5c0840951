// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Market, MarketConfig, Pool, Position, Queue} from "../../src/engine/EngineTypes.sol";
import {WordStore} from "../../src/engine/WordStore.sol";
import {Test} from "../foundry/Test.sol";

/// @notice Whole words are what the compiler's own packing makes of the same struct, over whatever was there.
contract WordStoreTest is Test {
    using WordStore for *;

    Account private _account;
    Position private _position;
    Market private _market;
    MarketConfig private _config;
    Pool private _pool;
    Queue private _queue;

    function testFuzz_AnAccount(Account memory before, Account memory value) public {
        _account = before;
        _account.save(value);
        vm.assertEq(abi.encode(_account), abi.encode(value), "account");
    }

    function testFuzz_APosition(Position memory before, Position memory value) public {
        _position = before;
        _position.save(value);
        vm.assertEq(abi.encode(_position), abi.encode(value), "position");
    }

    function testFuzz_AMarket(Market memory before, Market memory value) public {
        _market = before;
        _market.save(value);
        vm.assertEq(abi.encode(_market), abi.encode(value), "market");
    }

    function testFuzz_AConfig(MarketConfig memory before, MarketConfig memory value) public {
        _config = before;
        _config.save(value);
        vm.assertEq(abi.encode(_config), abi.encode(value), "config");
    }

    function testFuzz_APool(Pool memory before, Pool memory value) public {
        _pool = before;
        _pool.save(value);
        vm.assertEq(abi.encode(_pool), abi.encode(value), "pool");
    }

    function testFuzz_AQueue(Queue memory before, Queue memory value) public {
        _queue = before;
        _queue.save(value);
        vm.assertEq(abi.encode(_queue), abi.encode(value), "queue");
    }
}
