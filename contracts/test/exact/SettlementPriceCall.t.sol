// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OracleCall} from "../../src/engine/OracleCall.sol";
import {IPriceOracle, Price} from "../../src/interfaces/IPriceOracle.sol";
import {Test} from "../foundry/Test.sol";
import {ScriptedOracle} from "./Memory.t.sol";

/// @notice Asks in both ways.
contract SettlementAsker {
    using OracleCall for IPriceOracle;

    function byHand(IPriceOracle oracle, uint256 market, uint256 from, uint256 to, bytes[] calldata update)
        external
        payable
        returns (Price memory)
    {
        return oracle.settlementPrice(market, update, from, to)[0];
    }

    function byTheCompiler(IPriceOracle oracle, uint256 market, uint256 from, uint256 to, bytes[] calldata update)
        external
        payable
        returns (Price memory)
    {
        return oracle.settlementPrice{value: msg.value}(market, update, from, to, msg.sender);
    }
}

/// @notice A settlement asks the oracle by hand as the compiler would, and takes one price for an answer and nothing else.
contract SettlementPriceCallTest is Test {
    ScriptedOracle private oracle = new ScriptedOracle();
    SettlementAsker private asker = new SettlementAsker();

    function testFuzz_TheOracleIsAskedAlike(
        uint256 market,
        uint256 from,
        uint256 to,
        bytes[] calldata update,
        uint96 value,
        uint256[5] calldata words
    ) public {
        oracle.prepare(abi.encode(words, market % 3), false);
        IPriceOracle asked = IPriceOracle(address(oracle));
        vm.deal(address(this), 2 * uint256(value));
        Price memory expected = asker.byTheCompiler{value: value}(asked, market, from, to, update);
        bytes memory question = oracle.asked();
        Price memory actual = asker.byHand{value: value}(asked, market, from, to, update);
        assertEq(keccak256(abi.encode(actual)), keccak256(abi.encode(expected)), "price");
        assertEq(oracle.paid(), value, "paid");
        assertEq(keccak256(_upTo(oracle.asked(), question.length)), keccak256(question), "question");
    }

    function testFuzz_AnAnswerOfAnotherSizeIsRefused(uint16 size) public {
        uint256 length = bound(uint256(size), 0, 400);
        oracle.prepare(new bytes(length), false);
        (bool ok, bytes memory told) = _ask();
        assertEq(ok, length == OracleCall.PRICE_SIZE, "answered");
        if (!ok) assertEq(told.length, 0, "without a reason");
    }

    function test_AnAnswerAByteShortOrLongIsRefused() public {
        for (uint256 length = 191; length < 194; ++length) {
            oracle.prepare(new bytes(length), false);
            (bool ok,) = _ask();
            assertEq(ok, length == 192, "answered");
        }
    }

    function testFuzz_ARefusalIsPassedOn(bytes memory refusal) public {
        oracle.prepare(refusal, true);
        (bool ok, bytes memory told) = _ask();
        assertFalse(ok, "answered");
        assertEq(keccak256(told), keccak256(refusal), "refusal");
    }

    function _ask() private returns (bool ok, bytes memory told) {
        bytes[] memory update;
        return
            address(asker)
                .call(abi.encodeCall(SettlementAsker.byHand, (IPriceOracle(address(oracle)), 1, 2, 3, update)));
    }

    /// @dev The update may be followed by more; decoded, the two ask the same.
    function _upTo(bytes memory data, uint256 length) private pure returns (bytes memory cut) {
        cut = data;
        assembly ("memory-safe") {
            if lt(length, mload(cut)) { mstore(cut, length) }
        }
    }
}
