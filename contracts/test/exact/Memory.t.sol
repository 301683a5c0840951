// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Pool} from "../../src/engine/EngineTypes.sol";
import {Call, LiquidationCall} from "../../src/engine/LiquidationCall.sol";
import {OracleCall} from "../../src/engine/OracleCall.sol";
import {IPriceOracle, Price, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Holding, Liquidation} from "../../src/libraries/LiquidationMath.sol";
import {Test} from "../foundry/Test.sol";

/// @notice Answers with bytes prepared, or refuses with them, and remembers what it was asked.
contract ScriptedOracle {
    bytes public asked;
    uint256 public paid;
    bytes private answer;
    bool private refusing;

    function prepare(bytes calldata answer_, bool refusing_) external {
        (answer, refusing) = (answer_, refusing_);
    }

    fallback(bytes calldata data) external payable returns (bytes memory) {
        bytes memory told = answer;
        if (refusing) {
            assembly ("memory-safe") {
                revert(add(told, 32), mload(told))
            }
        }
        (asked, paid) = (data, msg.value);
        return told;
    }
}

/// @notice Asks in both ways.
contract Asker {
    using OracleCall for IPriceOracle;

    function byHand(IPriceOracle oracle, uint256 markets, uint256 count, bytes[] calldata update, PriceUse use)
        external
        payable
        returns (Price[] memory prices)
    {
        uint256 place = oracle.presentPrices(markets, count, update, use);
        // What is allocated afterwards leaves the answer alone.
        prices = new Price[](count);
        for (uint256 i; i < count; ++i) {
            Price memory price = prices[i];
            (price.mid, price.lo, price.hi, price.halfWidth, price.publishTime) =
                OracleCall.priceAt(place + i * OracleCall.PRICE_SIZE);
        }
    }

    function byTheCompiler(IPriceOracle oracle, uint256 markets, bytes[] calldata update, PriceUse use)
        external
        payable
        returns (Price[] memory)
    {
        return oracle.presentPrices{value: msg.value}(markets, update, use, msg.sender);
    }
}

/// @notice What the liquidator lays out in memory by hand equals what the compiler makes.
contract MemoryTest is Test {
    ScriptedOracle private oracle = new ScriptedOracle();
    Asker private asker = new Asker();

    function testFuzz_TheOracleIsAskedAlike(uint256 markets, bytes[] calldata update, uint256 seed, uint96 value)
        public
    {
        PriceUse wanted = PriceUse(seed % 6);
        Price[] memory prices = _anyPrices(seed);
        oracle.prepare(abi.encode(prices), false);
        IPriceOracle asked = IPriceOracle(address(oracle));
        vm.deal(address(this), 2 * uint256(value));

        Price[] memory expected = asker.byTheCompiler{value: value}(asked, markets, update, wanted);
        assertEq(oracle.paid(), value, "paid");
        bytes memory question = oracle.asked();
        Price[] memory actual = asker.byHand{value: value}(asked, markets, prices.length, update, wanted);
        assertEq(oracle.paid(), value, "paid by hand");

        assertEq(keccak256(abi.encode(actual)), keccak256(abi.encode(expected)), "prices");
        _assertSameQuestion(oracle.asked(), question);
    }

    function testFuzz_ARefusalIsPassedOn(bytes memory refusal) public {
        oracle.prepare(refusal, true);
        (bool ok, bytes memory told) = _askByHand(1);
        assertFalse(ok, "answered");
        assertEq(keccak256(told), keccak256(refusal), "refusal");
    }

    function testFuzz_WhatIsNoListOfPricesIsRefused(bytes memory answer, uint8 count) public {
        vm.assume(answer.length != 64 + 192 * uint256(count));
        oracle.prepare(answer, false);
        (bool ok,) = _askByHand(count);
        assertFalse(ok, "answered");
    }

    function testFuzz_OtherThanSoManyPricesAreRefused(uint256 count, uint8 size, uint8 expected) public {
        oracle.prepare(abi.encodePacked(uint256(32), count, new bytes(192 * uint256(size))), false);
        (bool ok,) = _askByHand(expected);
        assertEq(ok, count == expected && size == expected, "answered");
    }

    function test_SoManyPricesAreTaken() public {
        oracle.prepare(abi.encodePacked(uint256(32), uint256(3), new bytes(192 * 3)), false);
        (bool ok,) = _askByHand(3);
        assertTrue(ok, "refused");
    }

    function test_AListThatBeginsElsewhereIsRefused() public {
        oracle.prepare(abi.encodePacked(uint256(64), uint256(3), new bytes(192 * 3)), false);
        (bool ok,) = _askByHand(3);
        assertFalse(ok, "answered");
    }

    function test_ACallBeginsAtZero() public pure {
        _soil();
        Call memory call = LiquidationCall.newCall()[0];
        uint256 numbers =
            call.markets | call.reward | call.rewardFloor | call.count | call.done | call.room | call.capacity;
        assertEq(numbers, 0, "numbers");
        Liquidation memory result = call.result;
        result.closed = 11;
        call.capacity = 12;
        Pool memory next;
        next.cash = 13;
        assertEq(result.closed, 11, "the last field of the result");
        assertEq(call.capacity, 12, "the last field of the call");
    }

    function test_AHoldingBeginsUnclosed() public pure {
        _soil();
        Holding memory holding = LiquidationCall.newHolding()[0];
        assertEq(holding.next.length, 0, "next");
        assertEq(holding.room | holding.capacity | holding.closing, 0, "meter, part");
        assertEq(holding.sizeDelta, 0, "closed");
        holding.surplus = 11;
        Pool memory next;
        next.cash = 13;
        assertEq(holding.surplus, 11, "the last field");
    }

    function testFuzz_ACopyIsEqualAndTheLastOfItsList(uint256[31] memory fields) public pure {
        _soil();
        Holding[] memory list = LiquidationCall.newHolding();
        Holding memory market = list[0];
        market.next = list;
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, 31) { i := add(i, 1) } {
                mstore(add(market, shl(5, add(i, 1))), mload(add(fields, shl(5, i))))
            }
        }
        Holding memory copy = LiquidationCall.copyOf(market)[0];
        assertEq(copy.next.length, 0, "next");
        assertEq(copy.room, fields[0], "the first field");
        assertEq(copy.surplus, int256(fields[30]), "the last field");
        bytes32 original;
        bytes32 copied;
        assembly ("memory-safe") {
            original := keccak256(add(market, 32), 0x3e0)
            copied := keccak256(add(copy, 32), 0x3e0)
        }
        assertEq(copied, original, "fields");
        Pool memory next;
        next.cash = 13;
        assertEq(copy.surplus, int256(fields[30]), "the last field, later");
    }

    /// @dev Without their state, which nobody reads.
    function _anyPrices(uint256 seed) private pure returns (Price[] memory prices) {
        prices = new Price[](seed % 9);
        for (uint256 i; i < prices.length; ++i) {
            Price memory price = prices[i];
            (price.mid, price.lo) = (_random(seed, i, 0), _random(seed, i, 1));
            (price.hi, price.halfWidth) = (_random(seed, i, 2), _random(seed, i, 3));
            price.publishTime = _random(seed, i, 4);
        }
    }

    function _random(uint256 seed, uint256 i, uint256 field) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i, field)));
    }

    /// @dev Fills the memory that is handed out next.
    function _soil() private pure {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for { let i := 0 } lt(i, 100) { i := add(i, 1) } {
                mstore(add(free, shl(5, i)), not(i))
            }
        }
    }

    function _askByHand(uint256 count) private returns (bool, bytes memory) {
        IPriceOracle asked = IPriceOracle(address(oracle));
        return address(asker).call(abi.encodeCall(Asker.byHand, (asked, 1, count, new bytes[](0), PriceUse.Liquidate)));
    }

    /// @dev The update may be followed by more; decoded, the two ask the same.
    function _assertSameQuestion(bytes memory a, bytes memory b) private view {
        assertEq(keccak256(this.decode(a)), keccak256(this.decode(b)), "question");
    }

    function decode(bytes calldata question) external pure returns (bytes memory) {
        (uint256 markets, bytes[] memory update, PriceUse use, address refundTo) =
            abi.decode(question[4:], (uint256, bytes[], PriceUse, address));
        return abi.encode(bytes4(question[:4]), markets, update, use, refundTo);
    }
}
