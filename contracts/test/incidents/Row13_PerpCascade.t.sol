// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../../src/engine/EngineTypes.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Vm} from "../foundry/Vm.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Perp v1, May 2022: liquidations sold into the curve they were priced by, each made the next one due, and the
/// insurance fund was emptied. Here they fill at the oracle's price and their own impact, nobody else's equity moves, and
/// one market takes half of the fund within an hour.
contract Row13PerpCascadeTest is IncidentFixture {
    uint256 private constant ACCOUNTS = 6;
    int256 private constant SCALE_OF_SKEW = 10_000e12;

    uint256 private constant FALLEN = 1850e18;
    int256 private constant RAW_PRICE = 1850e18;

    address[] private crowd;

    /// @dev Six longs at different leverage.
    function setUp() public override {
        super.setUp();
        for (uint256 i; i < ACCOUNTS; ++i) {
            crowd.push(makeAddr(vm.toString(i)));
            fund(crowd[i], 5000e6 + i * 300e6);
            trade(crowd[i], ETH, 20 * UNIT, ETH_PRICE);
        }
    }

    /// @dev At one index each liquidation leaves everybody else's equity and requirement to the last unit.
    function test_NoLiquidationEndangersTheNext() public {
        moveTo(FALLEN);
        uint256 liquidated;
        for (uint256 i; i < ACCOUNTS; ++i) {
            bytes32[] memory others = _standings();
            bool due = risk.getHealth(account(crowd[i])).liquidatable;
            if (!due) continue;
            _liquidate(crowd[i]);
            ++liquidated;
            bytes32[] memory later = _standings();
            for (uint256 j; j < ACCOUNTS; ++j) {
                if (i != j) vm.assertEq(later[j], others[j], "a liquidation moved another account");
            }
        }
        assertGt(liquidated, 1, "there was no cascade");
        assertLt(liquidated, ACCOUNTS, "there was nobody to endanger");
    }

    /// @dev Each fill from the books alone: the oracle's price, the curve from the skew that stood, the band and surcharge.
    function test_EachFillsAtTheOraclesPriceAndItsOwnImpact() public {
        moveTo(FALLEN);
        uint256 fills;
        for (uint256 i; i < ACCOUNTS; ++i) {
            if (!risk.getHealth(account(crowd[i])).liquidatable) continue;
            Market memory m = cold.getMarket(ETH);
            int256 skew = int256(uint256(m.longs)) - int256(uint256(m.shorts));
            vm.recordLogs();
            _liquidate(crowd[i]);
            (int256 size, int256 cost) = _fill(vm.getRecordedLogs());
            assertLt(size, 0, "a long is sold");
            int256 impact = _ceil(RAW_PRICE * size * (2 * skew + size), 2 * SCALE_OF_SKEW);
            // 5 bp of half-width, 10 bp of band, a surcharge of 10 bp.
            int256 spread = RAW_PRICE * 25 / 10_000 * -size;
            assertEq(cost, RAW_PRICE * size + impact + spread, "it filled elsewhere");
            ++fills;
        }
        assertGt(fills, 1, "there was no cascade");
    }

    /// @dev A gap that leaves everybody under water: what the fund lacks afterwards is half at most, rewards beside.
    function test_OneMarketTakesHalfOfTheFundWithinAnHour() public {
        cold.divideReserves();
        uint256 fund = cold.getReserves().insurance;
        moveTo(1200e18);
        for (uint256 i; i < ACCOUNTS; ++i) {
            assertLt(risk.getHealth(account(crowd[i])).equity, 0, "under water");
            _liquidate(crowd[i]);
            assertEq(sizeOf(crowd[i]), 0, "closed whole");
        }
        // Insurance raises each reward to $2.
        assertGe(uint256(cold.getReserves().insurance), fund / 2 - ACCOUNTS * 2e18, "insurance was emptied");
        assertLe(uint256(cold.getMarketRisk(ETH).insuranceSpent), fund / 2, "more than half was spent");
        assertGt(uint256(cold.getMarketRisk(ETH).insuranceSpent), fund / 2 - 1e18, "insurance pays first");
    }

    function _liquidate(address who) private {
        vm.prank(keeper);
        engine.liquidate(account(who), noUpdate);
    }

    function _standings() private view returns (bytes32[] memory standings) {
        standings = new bytes32[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            standings[i] = keccak256(abi.encode(risk.getHealth(account(crowd[i]))));
        }
    }

    function _fill(Vm.Log[] memory logs) private pure returns (int256 size, int256 cost) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEngineEvents.PositionLiquidated.selector) continue;
            uint256 change = uint256(bytes32(logs[i].data));
            // Of the word: 88 bits, then 168.
            (size, cost) = (int88(uint88(change)), int256(change) >> 88);
        }
    }

    function _ceil(int256 a, int256 b) private pure returns (int256) {
        return a / b + (a > 0 && a % b != 0 ? int256(1) : int256(0));
    }
}
