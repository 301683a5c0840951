// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPyth} from "../../src/interfaces/external/IPyth.sol";
import {AggregatorV3Interface} from "../../src/interfaces/external/AggregatorV3Interface.sol";
import {Order} from "../../src/engine/EngineTypes.sol";
import {IPriceOracle, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Vm} from "../foundry/Vm.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";

/// @notice Reads sources, or does not: the difference between two transactions is what a source costs.
contract SourceReader {
    function parse(IPyth pyth, bytes[] calldata update, bytes32[] calldata ids, uint64 min, uint64 max)
        external
        payable
    {
        if (update.length == 0) return;
        pyth.parsePriceFeedUpdatesWithConfig{value: msg.value}(update, ids, min, max, true, true, false);
    }

    function read(AggregatorV3Interface[] calldata feeds, bool wanted) external view {
        if (!wanted) return;
        for (uint256 i; i < feeds.length; ++i) {
            feeds[i].latestRoundData();
        }
    }
}

/// @notice Asks the oracle again within a transaction that has asked it before.
contract OracleReader {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @return The gas that an index with both sources costs.
    function read(IPriceOracle oracle) external returns (uint256) {
        bytes[] memory stored = new bytes[](0);
        oracle.presentPrices(1, stored, PriceUse.Index, address(this));
        uint256 before = gasleft();
        oracle.presentPrices(1, stored, PriceUse.Index, address(this));
        return before - gasleft();
    }

    /// @return The gas by which looking costs more when an observation is due.
    function observe(IPriceOracle oracle, uint256 due) external returns (uint256) {
        bytes[] memory stored = new bytes[](0);
        oracle.observe(1, stored, address(this));
        uint256 before = gasleft();
        oracle.observe(1, stored, address(this));
        uint256 looking = before - gasleft();
        VM.warp(due);
        before = gasleft();
        oracle.observe(1, stored, address(this));
        return before - gasleft() - looking;
    }
}

/// @notice What prices cost: verification of an update by 3 signers of 5, feeds of production depth read cold, and an
/// opening order settled with all of it.
contract OracleGasTest is ExchangeFixture {
    function test_PriceUpdate() public {
        SourceReader reader = new SourceReader();
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = ETH_ID;
        uint64 time = uint64(block.timestamp);
        reader.parse{value: FEE}(pyth, noUpdate, ids, time, time);
        uint256 without = vm.lastCallGas().gasTotalUsed;
        reader.parse{value: FEE}(pyth, eth(time), ids, time, time);
        vm.snapshotValue("gas", "priceUpdate", vm.lastCallGas().gasTotalUsed - without);
    }

    function test_FeedReads() public {
        SourceReader reader = new SourceReader();
        AggregatorV3Interface[] memory feeds = new AggregatorV3Interface[](2);
        (feeds[0], feeds[1]) = (oracle.uptimeFeed(), proxies[ETH]);
        reader.read(feeds, false);
        uint256 without = vm.lastCallGas().gasTotalUsed;
        reader.read(feeds, true);
        vm.snapshotValue("gas", "feedReads", vm.lastCallGas().gasTotalUsed - without);
    }

    function test_IndexRead() public {
        store(eth(block.timestamp));
        vm.snapshotValue("gas", "indexRead", new OracleReader().read(oracle));
    }

    /// @dev Into a history that has been all round its ring. The time is counted here, since the compiler asks for it once.
    function test_Observation() public {
        uint256 time = block.timestamp;
        for (uint256 i; i < 66; ++i) {
            time += 30;
            vm.warp(time);
            aggregators[ETH].transmit(ETH_PRICE, uint64(time));
            oracle.observe{value: FEE}(1, eth(time), address(this));
        }
        assertEq(oracle.explain(ETH).mean, 2000e18, "observations were written");
        time += 30;
        vm.warp(time - 1);
        store(eth(time - 1));
        vm.snapshotValue("gas", "observation", new OracleReader().observe(oracle, time));
    }

    function test_SettleOpenAll() public {
        settle(commit(bob, UNIT), firstUpdate());
        Order[][] memory batches = commit(alice, UNIT);
        settle(batches, firstUpdate());
        vm.snapshotGasLastCall("gas", "settleOpenAll");
    }
}
