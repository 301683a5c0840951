// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Vm} from "../foundry/Vm.sol";
import {WidthFixture} from "../widths/WidthFixture.sol";

/// @notice What a liquidation tells: of every position closed in part or whole, or emptied before and realised, and with the
/// last of them of the account.
contract LiquidationEventsTest is WidthFixture {
    address private carol = makeAddr("carol");
    uint256 private keepersBefore;

    struct Told {
        uint256 market;
        uint256 change;
        uint256 position;
        uint256 paid;
        uint256 left;
    }

    function setUp() public override {
        super.setUp();
        fund(carol, 3200e6);
        trade(carol, ETH, 10 * UNIT, ETH_PRICE);
        trade(carol, BTC, UNIT / 1000, BTC_PRICE);
    }

    function test_APartAndTheAccount() public {
        Told[] memory told = _liquidateAt(1785e18);
        assertEq(told.length, 1, "one position");
        Position memory position = cold.getPosition(account(carol), ETH);
        assertEq(told[0].market, ETH, "market");
        assertEq(int88(uint88(told[0].change)), position.size - 10 * UNIT, "what was closed");
        assertLt(int256(told[0].change) >> 88, 0, "a sale brings money");
        _assertStored(told[0], position);
        _assertAccount(told[0]);
    }

    function test_EveryPositionAndTheAccountWithTheLast() public {
        Told[] memory told = _liquidateAt(1700e18);
        assertEq(told.length, 2, "both positions");
        assertEq(told[0].market + told[1].market, ETH + BTC, "both markets");
        assertEq(told[0].paid | told[0].left, 0, "nothing of the account with the first");
        assertEq(uint88(told[0].position) | uint88(told[1].position), 0, "nothing stays");
        _assertAccount(told[1]);
        assertEq(cold.getAccount(account(carol)).markets, 0, "no market is left");
    }

    /// @dev As deleveraging leaves it: the life has ended, the cash is there.
    function test_AnEmptiedPositionIsToldWithNothingClosed() public {
        Position memory emptied = Position(0, -5e30, 3, 7);
        _put(BTC, emptied);
        Told[] memory told = _liquidateAt(1785e18);
        assertEq(told.length, 2, "both positions");
        assertEq(told[1].market, BTC, "the emptied one");
        assertEq(told[1].change, 0, "nothing is closed");
        emptied.cash = 0;
        _assertStored(told[1], emptied);
        _assertStored(told[1], cold.getPosition(account(carol), BTC));
        assertEq(told[0].paid | told[0].left, 0, "nothing of the account with the first");
        _assertAccount(told[1]);
        assertEq(cold.getAccount(account(carol)).markets, 1 << ETH, "the part stays open");
    }

    function test_AnAccountOfNothingElseIsTold() public {
        _put(ETH, Position(0, -4000e30, 3, 7));
        _put(BTC, Position(0, 0, 0, 1));
        Told[] memory told = _liquidateAt(ETH_PRICE);
        assertEq(told.length, 2, "both positions");
        assertEq(told[0].change | told[1].change, 0, "nothing is closed");
        _assertAccount(told[1]);
        assertGt(told[1].left >> 128, 0, "the loss is bad debt");
        assertEq(cold.getAccount(account(carol)).markets, 0, "no market is left");
    }

    function _put(uint256 market, Position memory position) private {
        uint256 word = uint256(uint136(position.cash)) << 88 | uint256(position.checkpoint) << 224
            | uint256(position.generation) << 240;
        vm.store(address(engine), positionSlot(carol, market), bytes32(word));
    }

    function _liquidateAt(uint256 price) private returns (Told[] memory told) {
        vm.warp(block.timestamp + 1);
        setPrice(ETH, price);
        setPrice(BTC, BTC_PRICE);
        keepersBefore = cold.getAccount(account(keeper)).margin;
        vm.recordLogs();
        vm.prank(keeper);
        engine.liquidate(account(carol), noUpdate);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        told = new Told[](logs.length);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.PositionLiquidated.selector) continue;
            assertEq(logs[i].topics[2], account(carol), "account");
            Told memory one = told[count++];
            one.market = uint256(logs[i].topics[1]);
            (one.change, one.position, one.paid, one.left) =
                abi.decode(logs[i].data, (uint256, uint256, uint256, uint256));
        }
        assembly ("memory-safe") {
            mstore(told, count)
        }
    }

    function _assertStored(Told memory told, Position memory position) private pure {
        assertEq(int88(uint88(told.position)), position.size, "size");
        assertEq(int136(uint136(told.position >> 88)), position.cash, "cash");
        assertEq(uint16(told.position >> 224), position.checkpoint, "checkpoint");
        assertEq(told.position >> 240, position.generation, "generation");
    }

    function _assertAccount(Told memory told) private view {
        Account memory stored = cold.getAccount(account(carol));
        assertEq(told.paid >> 255, 1, "the last");
        assertEq(uint128(told.left), stored.margin, "margin");
        uint256 credited = cold.getAccount(account(keeper)).margin - keepersBefore;
        assertEq(told.paid << 1 >> 129, credited, "reward");
    }
}
