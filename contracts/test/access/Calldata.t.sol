// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {Test} from "../foundry/Test.sol";
import {Calldata, Pattern} from "./Calldata.sol";

interface IShapes {
    function shapes(string calldata a, uint16[2] calldata b, bytes4 c, int8 d, uint256[][2] calldata e) external;
}

/// @notice What {Calldata} encodes is what the compiler would.
contract CalldataTest is Test {
    function test_EncodesNestedArraysOfStructs() public {
        for (uint256 count; count < 3; ++count) {
            Pattern memory pattern = Pattern(5, makeAddr("person"), bytes32("word"), true, count);
            Order[][] memory batches = new Order[][](count);
            bytes[] memory update = new bytes[](count);
            for (uint256 i; i < count; ++i) {
                batches[i] = new Order[](count);
                update[i] = new bytes(count);
                for (uint256 j; j < count; ++j) {
                    batches[i][j] = Order(bytes32("word"), 5, 5);
                }
            }
            string memory signature = "settle(uint256,(bytes32,uint256,uint256)[][],bytes[])";
            bytes memory expected = abi.encodeCall(IDerivativesEngine.settle, (5, batches, update));
            assertEq(keccak256(Calldata.encode(signature, pattern)), keccak256(expected), "settle");
        }
    }

    function test_CutsWordsToTheirWidths() public pure {
        Pattern memory pattern = Pattern(type(uint256).max, address(1), bytes32(type(uint256).max), false, 1);
        uint256[][2] memory e;
        e[0] = new uint256[](1);
        e[0][0] = type(uint256).max;
        e[1] = e[0];
        uint16[2] memory b = [type(uint16).max, type(uint16).max];
        bytes memory expected =
            abi.encodeCall(IShapes.shapes, (string(new bytes(1)), b, bytes4(0xffffffff), type(int8).max, e));
        bytes memory encoded = Calldata.encode("shapes(string,uint16[2],bytes4,int8,uint256[][2])", pattern);
        assertEq(keccak256(encoded), keccak256(expected), "shapes");
    }
}
