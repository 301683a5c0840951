// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Market, MarketConfig, Pin, Pool, Position, Queue, QueueItem} from "../../src/engine/EngineTypes.sol";
import {WordStore} from "../../src/engine/WordStore.sol";
import {Test} from "../foundry/Test.sol";

/// @notice Whole words are what the compiler's own packing makes of the same struct, over whatever was there.
contract WordStoreTest is Test {
    using WordStore for *;

    /// @dev One order in {Account-orders}.
    uint16 private constant ONE = 1 << 12;

    Account private _account;
    Pin private _pin;
    Position private _position;
    Market private _market;
    MarketConfig private _config;
    Pool private _pool;
    Queue private _queue;
    QueueItem private _item;

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
        _queue.saveSettled(_queue.load(), value.head, value.escrow, value.marginPerUnit);
        (value.tail, value.keeperFeeCents) = (before.tail, before.keeperFeeCents);
        vm.assertEq(abi.encode(_queue), abi.encode(value), "queue");
        uint256 word = _queue.load();
        vm.assertEq(
            abi.encode(word.headOf(), word.tailOf(), word.escrowOf(), word.feeCentsOf(), word.marginPerUnitOf()),
            abi.encode(value),
            "loaded"
        );
    }

    function testFuzz_ABatchMore(Queue memory value, uint96 fees) public {
        value.tail = uint40(bound(value.tail, 0, type(uint40).max - 1));
        value.escrow = uint96(bound(value.escrow, 0, type(uint96).max - fees));
        _queue = value;
        _queue.saveAppended(_queue.load(), fees);
        (value.tail, value.escrow) = (value.tail + 1, value.escrow + fees);
        vm.assertEq(abi.encode(_queue), abi.encode(value), "queue");
    }

    function testFuzz_AnItem(QueueItem memory before, QueueItem memory value) public {
        _item = before;
        _item.save(value.digest, value.count, value.feeCents, value.committedAt);
        vm.assertEq(abi.encode(_item), abi.encode(value), "item");
        (uint256 digest, uint256 feeCents, uint256 committedAt) = _item.load();
        vm.assertEq(
            abi.encode(digest, feeCents, committedAt),
            abi.encode(value.digest, value.feeCents, value.committedAt),
            "loaded"
        );
    }

    function testFuzz_AMarketLoads(Market memory value, Market memory before) public {
        _market = value;
        _market.load(before);
        vm.assertEq(abi.encode(before), abi.encode(value), "market");
    }

    function testFuzz_APin(Pin memory before, Pin memory value, Market memory market) public {
        _pin = before;
        (market.funding, market.index) = (value.funding, value.index);
        _pin.save(market, value.committedAt, value.age);
        vm.assertEq(abi.encode(_pin), abi.encode(value), "pin");
        uint256 word = _pin.load();
        vm.assertEq(word.pinnedAtOf(), value.committedAt, "committed");
        vm.assertEq(word.ageOf(), value.age, "age");
        Market memory priced;
        word.pricingOf(priced);
        vm.assertEq(priced.funding, value.funding, "funding");
        vm.assertEq(priced.index, value.index, "index");
    }

    function testFuzz_AConfigLoads(MarketConfig memory value, MarketConfig memory before) public {
        _config = value;
        _config.load(before);
        vm.assertEq(abi.encode(before), abi.encode(value), "config");
    }

    function testFuzz_APoolLoads(Pool memory value, Pool memory before) public {
        _pool = value;
        _pool.load(before);
        vm.assertEq(abi.encode(before), abi.encode(value), "pool");
    }

    function testFuzz_APositionLoads(Position memory value, Position memory before) public {
        _position = value;
        _position.load(before);
        vm.assertEq(abi.encode(before), abi.encode(value), "position");
    }

    function testFuzz_AnAccountsFields(Account memory value) public {
        _account = value;
        uint256 word = _account.load();
        vm.assertEq(word.marginOf(), value.margin, "margin");
        vm.assertEq(word.purgeOf(), value.orders & 63, "purge");
        vm.assertEq(word.marketOf(), value.orders >> 6 & 63, "market");
        vm.assertEq(word.momentsOf(), value.moments, "moments");
        vm.assertEq(word.committedAtOf(), value.committedAt, "committed");
        vm.assertEq(word.marketsOf(), value.markets, "markets");
        vm.assertEq(word.pendingOf(), value.orders >> 12, "pending");
        vm.assertEq(word.volumeOf(), value.volume, "volume");
    }

    function testFuzz_AgeingKeepsTheRest(Account memory value, Account memory older) public {
        _account = value;
        _account.saveWord(_account.load().aged(older.committedAt, older.moments, older.orders, older.volume));
        (older.margin, older.markets) = (value.margin, value.markets);
        vm.assertEq(abi.encode(_account), abi.encode(older), "account");
    }

    function testFuzz_ACommitKeepsTheRest(Account memory value, uint96 fee, uint8 place) public {
        value.orders = uint16(bound(value.orders, 0, type(uint16).max - ONE));
        value.margin = uint96(bound(value.margin, fee, type(uint96).max));
        place = uint8(bound(place, 0, 23));
        _account = value;
        uint256 moment = WordStore.PRESENT_MOMENT << place;
        _account.saveWord((_account.load() | moment) + WordStore.ONE_PENDING - fee);
        (value.margin, value.orders) = (value.margin - fee, value.orders + ONE);
        value.moments |= uint24(1) << place;
        vm.assertEq(abi.encode(_account), abi.encode(value), "account");
    }

    function testFuzz_ATradeKeepsTheRest(Account memory value, uint96 margin, uint64 markets, uint24 volume) public {
        value.orders = uint16(bound(value.orders, ONE, type(uint16).max));
        _account = value;
        _account.saveTraded(_account.load() - WordStore.ONE_PENDING, margin, markets, volume);
        value.orders -= ONE;
        _account.saveWord(_account.load());
        (value.margin, value.markets, value.volume) = (margin, markets, volume);
        vm.assertEq(abi.encode(_account), abi.encode(value), "account");
    }
}
