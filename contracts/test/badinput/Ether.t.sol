// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {BadInputFixture} from "./BadInputFixture.sol";

/// @notice Ether that nobody asked for, and calls to what is not there.
contract EtherTest is BadInputFixture {
    function test_RevertWhen_EtherIsSentDirectly() public {
        refuses(alice, address(engine), 1 ether, "", "");
        refuses(alice, address(oracle), 1 ether, "", "");
    }

    function test_RevertWhen_TheCallIsUnknown() public {
        refuses(alice, address(engine), 0, hex"deadbeef", "");
        refuses(alice, address(engine), 1, hex"deadbeef", "");
        refuses(alice, address(engine), 0, hex"de", "");
    }

    function test_RevertWhen_EtherComesToWhatTakesNone() public {
        bytes[13] memory calls = [
            abi.encodeCall(IDerivativesEngine.deposit, (account(alice), 1)),
            abi.encodeCall(IDerivativesEngine.commit, (ETH, new Order[](1))),
            abi.encodeCall(IEngineExtension.accrue, (ETH)),
            abi.encodeCall(IEngineExtension.expire, (ETH, 1)),
            abi.encodeCall(IEngineExtension.collectClaim, (account(alice))),
            abi.encodeCall(IEngineExtension.divideReserves, ()),
            abi.encodeCall(IEngineExtension.fundInsurance, (1)),
            abi.encodeCall(IEngineExtension.setPauseLevel, (1)),
            abi.encodeCall(IEngineExtension.advanceParameters, (ETH)),
            abi.encodeCall(IEngineExtension.cancelParameters, (ETH)),
            abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, true)),
            abi.encodeCall(IEngineExtension.appraise, ()),
            abi.encodeCall(IEngineExtension.solvency, ())
        ];
        for (uint256 i; i < calls.length; ++i) {
            refuses(alice, address(engine), 1, calls[i], "");
        }
    }

    function test_RevertWhen_EtherComesToAWithdrawalThatNeedsNoPrice() public {
        refuses(
            alice,
            address(engine),
            1,
            abi.encodeCall(IEngineExtension.withdraw, (account(alice), 1, alice, eth(block.timestamp))),
            abi.encodeWithSelector(IEngineErrors.UnexpectedValue.selector, 1)
        );
    }

    function test_RevertWhen_EtherComesToAMoveOfMarginThatNeedsNoPrice() public {
        bytes32 own = account(alice);
        refuses(
            alice,
            address(engine),
            1,
            abi.encodeCall(IEngineExtension.moveMargin, (own, bytes32(uint256(own) + 1), 1, eth(block.timestamp))),
            abi.encodeWithSelector(IEngineErrors.UnexpectedValue.selector, 1)
        );
    }

    function test_RevertWhen_TheFeeOfASettlementIsMissing() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        bytes memory call = settling(ETH, batches, update);
        refuses(keeper, address(engine), 0, call, abi.encodeWithSelector(PriceOracle.FeeTooLow.selector, 0, FEE));
        settle(batches, update);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "with it the order fills");
    }

    function test_WhatExceedsTheFeeReturns() public {
        settle(commit(alice, UNIT), firstUpdate());
        uint256 before = alice.balance;
        vm.startPrank(alice);
        cold.withdraw{value: 0.5 ether}(account(alice), 1, alice, eth(block.timestamp));
        engine.closeNow{value: 0.5 ether}(account(alice), ETH, uint88(UNIT), 0, eth(block.timestamp));
        cold.updateIndices{value: 0.5 ether}(1, eth(block.timestamp));
        vm.stopPrank();
        assertEq(before - alice.balance, 3 * FEE, "the exact fees");
        assertEq(address(engine).balance + address(oracle).balance, 0, "nothing stays");
    }
}
