// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ExchangeDeployer} from "../fixtures/ExchangeDeployer.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Failure, Order, Queue} from "../../src/engine/EngineTypes.sol";
import {IDeleverager} from "../../src/interfaces/IDeleverager.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {Sequencer} from "../../src/oracle/PriceSources.sol";
import {Explanation, PriceOracle} from "../../src/PriceOracle.sol";
import {AccumulatorWriter} from "../doubles/AccumulatorWriter.sol";
import {Vm} from "../foundry/Vm.sol";
import {ExchangeFixture} from "./ExchangeFixture.sol";

/// @notice The table of docs/mechanism.md#oracle-states: each of its cells by what is done or refused, and every way from
/// one of its rows to another.
contract StateTableTest is ExchangeFixture {
    /// @dev The columns.
    enum Action {
        Open,
        Reduce,
        CloseNow,
        LiquidateWeak,
        LiquidateSunk,
        Withdraw,
        SettleEpoch,
        Deleverage,
        Crystallise,
        SetIndex
    }

    /// @param quote What Pyth says, USD; zero when it is silent.
    /// @param confidence Likewise.
    /// @param anchor What Chainlink says, USD; zero when it is silent.
    /// @param cells One letter for each action:
    ///   y  it is done
    ///   h  up to half the caps
    ///   p  the order fails as under a pause
    ///   f  not liquidatable, unless flagged 60 s before
    ///   n  not liquidatable, nor to be flagged
    ///   -  refused by use, state and reason; an order waits, the index stays
    struct Row {
        PriceState state;
        PriceReason reason;
        uint16 quote;
        uint8 confidence;
        uint16 anchor;
        bytes10 cells;
    }

    uint256 private constant ROWS = 15;
    uint256 private constant ACTIONS = 10;
    /// @dev Ways that do not exist: without any source, and until the sequencer's grace is over, so long passes without an
    /// observation that no mean is ready for the two rows that need it.
    uint256 private constant WITHOUT_MEAN = 3 * 2;
    /// @dev USD: where everything begins; and a price more than a tenth above those of the table.
    uint16 private constant BEFORE = 2000;
    uint16 private constant HIGH = 2100;

    PriceUse[ACTIONS] private _uses = [
        PriceUse.Settle,
        PriceUse.Settle,
        PriceUse.CloseNow,
        PriceUse.Liquidate,
        PriceUse.Liquidate,
        PriceUse.Withdraw,
        PriceUse.Liquidity,
        PriceUse.Deleverage,
        PriceUse.Crystallise,
        PriceUse.Index
    ];
    string[ACTIONS] private _names = [
        "open",
        "reduce",
        "close at once",
        "liquidate the weak",
        "liquidate the sunk",
        "withdraw",
        "settle an epoch",
        "deleverage",
        "crystallise",
        "set the index"
    ];

    LiquidityVault private _vault;
    /// @dev Below maintenance at the table's prices, and without equity.
    address private _weak = makeAddr("weak");
    address private _sunk = makeAddr("sunk");
    uint256 private _publishedAt;

    /// @dev A row for each reason.
    function _table() private pure returns (Row[ROWS] memory) {
        return [
            // Pyth, its confidence, Chainlink; open, reduce, close, weak, sunk, withdraw, epoch, deleverage, crystallise, index.
            Row(PriceState.Normal, PriceReason.None, 1850, 1, 1850, "yyyyyyyyyy"),
            Row(PriceState.Strained, PriceReason.Deviation, 1850, 1, 1830, "hyyyyyyy-y"),
            Row(PriceState.Guarded, PriceReason.Confidence, 1850, 11, 1850, "pyyyyyyy-y"),
            Row(PriceState.Guarded, PriceReason.Breaker, 1850, 1, 1850, "pyyyyyyy-y"),
            Row(PriceState.Single, PriceReason.AnchorSilent, 1850, 1, 0, "--yfy-----"),
            Row(PriceState.Single, PriceReason.UptimeUnreadable, 1850, 1, 1850, "--yfy-----"),
            Row(PriceState.Single, PriceReason.QuoteSilent, 0, 0, 1850, "py-fy-----"),
            Row(PriceState.Fallback, PriceReason.NoSource, 0, 0, 0, "--y-------"),
            Row(PriceState.Halted, PriceReason.Deviation, 1850, 1, 1750, "----------"),
            Row(PriceState.Halted, PriceReason.Bounds, 1850, 1, 5, "----------"),
            Row(PriceState.Halted, PriceReason.Guardian, 1850, 1, 1850, "----------"),
            Row(PriceState.Halted, PriceReason.FarFromMean, 1700, 1, 0, "----------"),
            Row(PriceState.Halted, PriceReason.NoSource, 0, 0, 0, "----------"),
            Row(PriceState.SequencerDown, PriceReason.Down, 1850, 1, 1850, "---ny-----"),
            Row(PriceState.SequencerDown, PriceReason.Grace, 1850, 1, 1850, "--yny-----")
        ];
    }

    /// @dev Alice long, bob short as much, two whose margin a fall uses up, a deposit that waits for its epoch, and a mean.
    function setUp() public override {
        super.setUp();
        _vault = ExchangeDeployer.vault(cold, admin);
        vm.startPrank(admin);
        IAccessControl(address(engine)).grantRole(keccak256("VAULT_ROLE"), address(_vault));
        oracle.grantRole(oracle.GUARDIAN_ROLE(), admin);
        vm.stopPrank();
        fund(_weak, 2150e6);
        fund(_sunk, 2350e6);
        settle(commit(alice, 10 * UNIT), firstUpdate());
        settle(commit(bob, -10 * UNIT), firstUpdate());
        settle(commit(_weak, 10 * UNIT), firstUpdate());
        answer(ETH, 2150_00000000);
        Order[][] memory batches = commit(_sunk, 10 * UNIT);
        settle(batches, eth(2150_00000000, ETH_CONF, block.timestamp - 1));
        usdc.mint(bob, 1000e6);
        vm.prank(bob);
        _vault.requestDeposit(1000e6, bob, bob);
        vm.warp((block.timestamp / 1 hours + 1) * 1 hours + 15);
        for (uint256 i; i < 31; ++i) {
            _publish(BEFORE, 1, BEFORE);
            _observe();
            vm.warp(block.timestamp + 30);
        }
    }

    // ---------------------------------------------------------------- cells

    function test_Normal() public {
        _walk(PriceState.Normal);
    }

    function test_Strained() public {
        _walk(PriceState.Strained);
    }

    function test_Guarded() public {
        _walk(PriceState.Guarded);
    }

    function test_Single() public {
        _walk(PriceState.Single);
    }

    function test_Fallback() public {
        _walk(PriceState.Fallback);
    }

    function test_Halted() public {
        _walk(PriceState.Halted);
    }

    function test_SequencerDown() public {
        _walk(PriceState.SequencerDown);
    }

    /// @dev Every action in every row of a state, each from the same beginning.
    function _walk(PriceState state) private {
        Row[ROWS] memory rows = _table();
        for (uint256 i; i < ROWS; ++i) {
            for (uint256 a; a < ACTIONS && rows[i].state == state; ++a) {
                uint256 id = vm.snapshotState();
                _tryCell(rows[i], Action(a));
                vm.revertToState(id);
            }
        }
    }

    function _tryCell(Row memory row, Action action) private {
        bytes1 cell = row.cells[uint256(action)];
        string memory name = string.concat(_names[uint256(action)], " in row ", _nameOf(row));
        _prepare(action);
        _enter(row);
        uint256 before = _valueOf(action);
        vm.recordLogs();
        (bool ok, bytes memory result) = _attempt(row, action);
        bool liquidatable = cell != "f" && cell != "n";
        assertEq(ok, liquidatable && (cell != "-" || action == Action.SetIndex), string.concat(name, ": done"));
        if (!liquidatable) {
            assertEq(bytes32(bytes4(result)), bytes32(IEngineErrors.NotLiquidatable.selector), name);
        } else if (!ok) {
            bytes memory refused = refusal(_uses[uint256(action)], row.state, row.reason);
            assertEq(keccak256(result), keccak256(refused), string.concat(name, ": why not"));
        }
        if (action <= Action.Reduce) _checkOrder(cell, name);
        if (cell == "f") _liquidateFlagged(row);
        if (cell == "n") _refuseFlag();
        bool changes = cell == "y" || cell == "h" || cell == "f";
        assertEq(_valueOf(action) != before, changes, string.concat(name, ": its effect"));
        if (action == Action.SetIndex && changes) assertEq(_valueOf(action), uint256(row.quote) * 1e18, name);
        if (action == Action.Open && changes) {
            // Alone it is filled whole; under half the caps up to 1 % of S of skew.
            assertEq(uint256(cold.getMarket(ETH).longs), (cell == "h" ? 110 : 130) * uint88(UNIT), name);
        }
    }

    /// @dev What an order that waits leaves, and why one failed.
    function _checkOrder(bytes1 cell, string memory name) private {
        Queue memory queue = cold.getQueue(ETH);
        assertEq(queue.tail - queue.head, cell == "-" ? 1 : 0, string.concat(name, ": waiting"));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Failure failure;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.OrderFailed.selector) continue;
            (, failure,,) = abi.decode(logs[i].data, (uint256, Failure, uint256, uint256));
        }
        assertEq(uint256(failure), uint256(cell == "p" ? Failure.OpeningPaused : Failure.None), name);
    }

    function _liquidateFlagged(Row memory row) private {
        engine.flag(account(_weak), noUpdate);
        vm.warp(block.timestamp + 60);
        _publish(row.quote, row.confidence, row.anchor);
        engine.liquidate(account(_weak), noUpdate);
    }

    function _refuseFlag() private {
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingToFlag.selector, account(_weak)));
        engine.flag(account(_weak), noUpdate);
    }

    /// @dev What an action needs beside a price: a pool that its exposure outgrows, or claims.
    function _prepare(Action action) private {
        if (action != Action.Deleverage && action != Action.Crystallise) return;
        uint256 surplus = cold.getPool().cash - 100e18;
        vm.prank(admin);
        cold.removeLiquidity(surplus);
        if (action == Action.Deleverage) return;
        _publish(1850, 1, 1850);
        bytes[] memory update = eth(1850_00000000, ETH_CONF, block.timestamp);
        vm.prank(bob);
        engine.closeNow{value: FEE}(account(bob), ETH, type(uint88).max, type(uint96).max, update);
        vm.warp(block.timestamp + 1);
    }

    function _attempt(Row memory row, Action action) private returns (bool, bytes memory) {
        bytes memory call;
        if (action <= Action.Reduce) {
            Order[][] memory batches = commit(alice, action == Action.Open ? 100 * UNIT : -UNIT);
            // Without Pyth it fills at Chainlink's first answer since.
            if (row.quote == 0 && row.anchor != 0) answer(ETH, _e8(row.anchor));
            bytes[] memory first = _update(row, block.timestamp - 1);
            return _call(keeper, abi.encodeCall(engine.settle, (ETH, batches, first)), first.length);
        }
        if (action == Action.CloseNow) {
            bytes[] memory update = _update(row, block.timestamp);
            call = abi.encodeCall(engine.closeNow, (account(alice), ETH, uint88(UNIT), 0, update));
            return _call(alice, call, update.length);
        }
        // The others are content with what is stored.
        if (action == Action.LiquidateWeak) call = abi.encodeCall(engine.liquidate, (account(_weak), noUpdate));
        if (action == Action.LiquidateSunk) call = abi.encodeCall(engine.liquidate, (account(_sunk), noUpdate));
        if (action == Action.Withdraw) call = abi.encodeCall(cold.withdraw, (account(alice), 1e6, alice, noUpdate));
        if (action == Action.Deleverage) call = abi.encodeCall(IDeleverager.deleverage, (ETH, noUpdate));
        if (action == Action.Crystallise) {
            call = abi.encodeCall(IDeleverager.crystallise, (account(alice), ETH, noUpdate));
        }
        if (action == Action.SetIndex) call = abi.encodeCall(cold.updateIndices, (1 << ETH, noUpdate));
        if (action != Action.SettleEpoch) return _call(alice, call, 0);
        return address(_vault).call(abi.encodeCall(_vault.settleEpoch, (noUpdate)));
    }

    /// @dev To the engine, with the fee of so many messages.
    function _call(address from, bytes memory call, uint256 messages) private returns (bool, bytes memory) {
        vm.prank(from);
        return address(engine).call{value: messages * FEE}(call);
    }

    /// @dev What an action changes.
    function _valueOf(Action action) private view returns (uint256) {
        if (action <= Action.CloseNow) return _sizeOf(alice);
        if (action == Action.LiquidateWeak) return _sizeOf(_weak);
        if (action == Action.LiquidateSunk) return _sizeOf(_sunk);
        if (action == Action.Withdraw) return usdc.balanceOf(alice);
        if (action == Action.SettleEpoch) return _vault.totalSupply();
        if (action == Action.Deleverage) return cold.getMarket(ETH).longs;
        if (action == Action.Crystallise) return cold.getClaims().outstanding;
        return cold.getMarket(ETH).index;
    }

    function _sizeOf(address owner) private view returns (uint256) {
        // Nobody whose size is asked for is short.
        return uint256(int256(cold.getPosition(account(owner), ETH).size));
    }

    // ---------------------------------------------------------------- ways

    /// @dev From each row to each other one, as it is observed. Only a mean can be missing for it.
    function test_EveryWayFromOneRowToAnother() public {
        Row[ROWS] memory rows = _table();
        uint256 walked;
        for (uint256 from; from < ROWS; ++from) {
            uint256 start = vm.snapshotState();
            _enter(rows[from]);
            _observe();
            for (uint256 to; to < ROWS; ++to) {
                if (to == from) continue;
                uint256 id = vm.snapshotState();
                vm.warp(block.timestamp + 1);
                _enter(rows[to]);
                if (_isReachable(rows[to])) {
                    _expectObserved(rows[to]);
                    ++walked;
                }
                vm.revertToState(id);
            }
            vm.revertToState(start);
        }
        assertEq(walked, ROWS * (ROWS - 1) - WITHOUT_MEAN, "ways");
    }

    function _isReachable(Row memory row) private view returns (bool) {
        bool judgedByMean = row.state == PriceState.Fallback || row.reason == PriceReason.FarFromMean;
        return !judgedByMean || oracle.explain(ETH).mean != 0;
    }

    /// @dev Observing it tells the row, and from then on it is known with reason and time.
    function _expectObserved(Row memory row) private {
        vm.expectEmit(address(oracle));
        emit PriceOracle.StateObserved(ETH, row.state, row.reason);
        _observe();
        _assertKnown(row, block.timestamp);
        vm.recordLogs();
        _observe();
        assertEq(vm.getRecordedLogs().length, 0, "told once");
    }

    function _assertKnown(Row memory row, uint256 since) private view {
        Explanation memory known = oracle.explain(ETH);
        string memory name = _nameOf(row);
        assertEq(uint256(known.standing.state), uint256(row.state), string.concat(name, ": observed"));
        assertEq(uint256(known.standing.reason), uint256(row.reason), string.concat(name, ": observed reason"));
        assertEq(uint256(known.standing.since), since, string.concat(name, ": since"));
        assertEq(uint256(known.state), uint256(row.state), string.concat(name, ": state"));
        assertEq(uint256(known.reason), uint256(row.reason), string.concat(name, ": reason"));
    }

    // ---------------------------------------------------------------- what lasts

    function test_AConfirmedHaltOutlastsItsCauseUntilThreeObservations() public {
        Row[ROWS] memory rows = _table();
        (Row memory normal, Row memory halted) = (rows[0], rows[8]);
        _enter(halted);
        _expectObserved(halted);
        uint256 since = block.timestamp;
        vm.warp(since + 20);
        _publish(halted.quote, halted.confidence, halted.anchor);
        vm.expectEmit(address(oracle));
        emit PriceOracle.MarketHalted(ETH, PriceReason.Deviation, since + 20);
        _observe();
        for (uint256 i; i < 3; ++i) {
            vm.warp(block.timestamp + 30);
            _publish(normal.quote, normal.confidence, normal.anchor);
            _assertKnown(halted, since);
            if (i == 2) {
                vm.expectEmit(address(oracle));
                emit PriceOracle.MarketReleased(ETH);
            }
            _observe();
        }
        _expectObserved(normal);
    }

    function test_TheBreakerTripsAndEnds() public {
        Row[ROWS] memory rows = _table();
        (Row memory normal, Row memory guarded) = (rows[0], rows[3]);
        _publish(HIGH, 1, HIGH);
        _observe();
        vm.warp(block.timestamp + 1);
        _publish(normal.quote, normal.confidence, normal.anchor);
        uint256 until = block.timestamp + 300;
        vm.expectEmit(address(oracle));
        emit PriceOracle.BreakerTripped(ETH, block.timestamp, until);
        _observe();
        _expectObserved(guarded);
        vm.warp(until - 1);
        _publish(normal.quote, normal.confidence, normal.anchor);
        _observe();
        _assertKnown(guarded, until - 300);
        vm.warp(until);
        _publish(normal.quote, normal.confidence, normal.anchor);
        _expectObserved(normal);
    }

    function test_TheGraceBeginsWithTheReturnAndEnds() public {
        Row[ROWS] memory rows = _table();
        (Row memory normal, Row memory down, Row memory grace) = (rows[0], rows[13], rows[14]);
        _enter(down);
        _expectObserved(down);
        vm.warp(block.timestamp + 3600);
        uint256 back = block.timestamp;
        _enter(grace);
        _expectObserved(grace);
        vm.warp(back + 599);
        _publish(normal.quote, normal.confidence, normal.anchor);
        _observe();
        _assertKnown(grace, back);
        vm.warp(back + 600);
        _publish(normal.quote, normal.confidence, normal.anchor);
        _expectObserved(normal);
    }

    /// @dev Until 300 s without a price have passed one has to be brought; one that comes ends the silence.
    function test_PythsSilenceBeginsAndEnds() public {
        Row[ROWS] memory rows = _table();
        (Row memory normal, Row memory silent) = (rows[0], rows[6]);
        _enter(normal);
        _observe();
        vm.warp(block.timestamp + 300);
        _publish(0, 0, silent.anchor);
        (, bytes memory result) = _attempt(silent, Action.Withdraw);
        assertEq(
            keccak256(result),
            keccak256(abi.encodeWithSelector(PriceOracle.PriceTooOld.selector, ETH, 300, 60)),
            "asked"
        );
        vm.warp(block.timestamp + 1);
        (, result) = _attempt(silent, Action.Withdraw);
        assertEq(keccak256(result), keccak256(refusal(PriceUse.Withdraw, silent.state, silent.reason)), "silent");
        _expectObserved(silent);
        vm.warp(block.timestamp + 1);
        _publish(normal.quote, normal.confidence, normal.anchor);
        _expectObserved(normal);
    }

    // ---------------------------------------------------------------- the sources

    /// @dev Brings the sources into a row from any other.
    function _enter(Row memory row) private {
        _leave(row);
        if (row.reason == PriceReason.Guardian) {
            vm.prank(admin);
            oracle.haltMarket(ETH);
        }
        if (row.reason == PriceReason.Breaker) {
            // Observed twice, since what is remembered is clamped.
            vm.warp(block.timestamp + 30);
            _publish(row.quote, row.confidence, row.anchor);
            _observe();
            vm.warp(block.timestamp + 30);
            _publish(HIGH, 1, HIGH);
            _observe();
            vm.warp(block.timestamp + 1);
        }
        if (row.reason == PriceReason.Down) uptime.set(true, uint64(block.timestamp));
        if (row.reason == PriceReason.Grace) uptime.set(false, uint64(block.timestamp));
        if (row.reason == PriceReason.UptimeUnreadable) uptimeProxy.setAggregator(makeAddr("nobody"));
        if (row.quote == 0) _warpTo(_publishedAt + 301);
        if (row.anchor == 0) proxies[ETH].setAggregator(makeAddr("nobody"));
        bool nothing = row.state == PriceState.Halted && row.reason == PriceReason.NoSource;
        if (nothing && oracle.explain(ETH).mean != 0) vm.warp(block.timestamp + 601);
        _publish(row.quote, row.confidence, row.anchor);
    }

    /// @dev Ends what would outlast a row and hide the next.
    function _leave(Row memory next) private {
        Explanation memory known = oracle.explain(ETH);
        if (known.standing.halt == PriceReason.Guardian) {
            vm.prank(admin);
            oracle.releaseMarket(ETH);
        }
        if (known.anchor.time == 0) proxies[ETH].setAggregator(address(aggregators[ETH]));
        if (known.sequencer == Sequencer.Unreadable) uptimeProxy.setAggregator(address(uptime));
        if (known.sequencer == Sequencer.Down) uptime.set(false, uint64(block.timestamp));
        bool caught = known.sequencer == Sequencer.Down || known.sequencer == Sequencer.Grace;
        if (caught && next.state != PriceState.SequencerDown) vm.warp(block.timestamp + 600);
        if (next.state <= PriceState.Strained) _warpTo(known.standing.breakerUntil);
    }

    function _warpTo(uint256 time) private {
        if (block.timestamp < time) vm.warp(time);
    }

    /// @dev Prices of now, USD: zero is none.
    function _publish(uint16 quote, uint8 confidence, uint16 anchor) private {
        AccumulatorWriter.Update[] memory updates = new AccumulatorWriter.Update[](quote == 0 ? 1 : 2);
        uint64 time = uint64(block.timestamp);
        updates[0] = AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, time);
        answer(BTC, BTC_PRICE);
        if (quote != 0) {
            updates[1] = AccumulatorWriter.update(ETH_ID, _e8(quote), uint64(_e8(confidence)), time);
            _publishedAt = time;
        }
        store(AccumulatorWriter.data(updates));
        if (anchor != 0) answer(ETH, _e8(anchor));
    }

    /// @dev The row's update; none while Pyth is silent.
    function _update(Row memory row, uint256 time) private view returns (bytes[] memory) {
        return row.quote == 0 ? noUpdate : eth(_e8(row.quote), uint64(_e8(row.confidence)), time);
    }

    function _observe() private {
        oracle.observe(1 << ETH, noUpdate, address(this));
    }

    /// @dev With 8 decimals.
    function _e8(uint16 whole) private pure returns (int64) {
        return int64(uint64(whole)) * 1e8;
    }

    /// @dev State and reason, as the contracts number them.
    function _nameOf(Row memory row) private pure returns (string memory) {
        return string.concat(vm.toString(uint256(row.state)), "/", vm.toString(uint256(row.reason)));
    }
}
