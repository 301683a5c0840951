// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceIncident} from "./PriceIncident.sol";

/// @notice USDe, October 2025: one venue's wick was the price that liquidated. The favourable side of both sources decides,
/// so that a wick in one of them liquidates nobody.
contract Row32OneVenuesWickTest is PriceIncident {
    address private _carol = makeAddr("carol");

    /// @dev Below maintenance from about $1,911 on.
    function setUp() public override {
        super.setUp();
        fund(_carol, 2_105e6);
        settle(commit(_carol, 10 * UNIT), firstUpdate());
        assertEq(int256(cold.getPosition(account(_carol), ETH).size), 10 * int256(UNIT), "opened");
        vm.warp(block.timestamp + 30);
    }

    function testFuzz_AWickOfOneSourceLiquidatesNobody(uint256 depth, bool ofPyth) public {
        int64 wick = ETH_PRICE - int64(int256(bound(depth, 0, 1900_00000000)));
        answer(ETH, ofPyth ? ETH_PRICE : wick);
        bytes[] memory update = eth(ofPyth ? wick : ETH_PRICE, 1, block.timestamp);
        (bool ok,) = address(engine).call{value: FEE}(abi.encodeCall(engine.liquidate, (account(_carol), update)));
        assertFalse(ok, "liquidated");
    }

    function test_WhatBothSayDoes() public {
        answer(ETH, 1905_00000000);
        bytes[] memory update = eth(1905_00000000, ETH_CONF, block.timestamp);
        engine.liquidate{value: FEE}(account(_carol), update);
        assertLt(int256(cold.getPosition(account(_carol), ETH).size), 10 * int256(UNIT), "liquidated");
    }
}
