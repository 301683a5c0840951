// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {Outcome} from "../../src/libraries/TradeMath.sol";
import {OneSlotOracle} from "../fixtures/OneSlotOracle.sol";
import {VaultFixture} from "./VaultFixture.sol";

/// @notice While USDC is off its peg nothing opens and no liquidity comes in; everybody can leave.
contract PegTest is VaultFixture {
    uint8 private constant OFF_PEG = 4;

    function setUp() public override {
        super.setUp();
        provideShares(carol, 1_000_000e6);
        refreshPrices();
    }

    // ---------------------------------------------------------------- how it is noted

    function test_AnybodyHasItNotedBothWays() public {
        oracle.setPeg(OneSlotOracle.Peg.Off);
        vm.expectEmit(address(engine));
        emit IEngineEvents.PegObserved(true);
        vm.prank(mallory);
        cold.updateIndices(0, noUpdate);
        assertEq(cold.getPool().pauseLevel, OFF_PEG, "noted");
        oracle.setPeg(OneSlotOracle.Peg.On);
        vm.expectEmit(address(engine));
        emit IEngineEvents.PegObserved(false);
        vm.prank(mallory);
        cold.updateIndices(0, noUpdate);
        assertEq(cold.getPool().pauseLevel, 0, "and ended");
    }

    function test_AFeedThatSaysNothingLeavesItAsItWas() public {
        _observe(OneSlotOracle.Peg.Silent);
        assertEq(cold.getPool().pauseLevel, 0, "not set");
        _observe(OneSlotOracle.Peg.Off);
        vm.recordLogs();
        _observe(OneSlotOracle.Peg.Silent);
        assertEq(cold.getPool().pauseLevel, OFF_PEG, "not cleared");
        assertEq(vm.getRecordedLogs().length, 0, "and not told");
    }

    /// @dev With an update of indices it costs no call of its own.
    function test_AnUpdateOfIndicesNotesIt() public {
        oracle.setPeg(OneSlotOracle.Peg.Off);
        cold.updateIndices(1 << ETH, noUpdate);
        assertEq(cold.getPool().pauseLevel, OFF_PEG, "noted");
        assertEq(cold.getPool().cash, 1_000_000e18, "and nothing else of the slot is touched");
    }

    /// @dev The guardian's level and the peg are two things.
    function test_PausingLeavesThePeg() public {
        _observe(OneSlotOracle.Peg.Off);
        vm.startPrank(admin);
        for (uint8 level; level < 3; ++level) {
            cold.setPauseLevel(level);
            assertEq(cold.getPool().pauseLevel, OFF_PEG | level, "both");
        }
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.Paused.selector, 2, 1));
        cold.updateIndices(0, noUpdate);
        cold.setPauseLevel(1);
        _observe(OneSlotOracle.Peg.On);
        assertEq(cold.getPool().pauseLevel, 1, "the level stays");
    }

    function test_AHaltEndsWhileOffThePeg() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        _observe(OneSlotOracle.Peg.Off);
        vm.startPrank(admin);
        cold.setPauseLevel(2);
        uint256 accruedAt = cold.getMarket(ETH).accruedAt;
        vm.warp(block.timestamp + 7200);
        assertEq(cold.getAccruedMarket(ETH).accruedAt, accruedAt, "the clock stands");
        cold.setPauseLevel(0);
        vm.stopPrank();
        assertEq(cold.getMarket(ETH).accruedAt, block.timestamp, "and goes on");
        assertTrue(cold.getQueue(ETH).marginPerUnit != 0, "orders are taken");
    }

    function test_AMarketListedMeanwhileIsNotHalted() public {
        _observe(OneSlotOracle.Peg.Off);
        oracle.set(2, 100e18, block.timestamp, 5, 10);
        vm.prank(admin);
        cold.listMarket(config(1000e6), 50);
        assertEq(cold.getMarketConfig(2).flags, 1, "listed, not halted");
    }

    // ---------------------------------------------------------------- what stops

    function test_NothingOpens() public {
        _observe(OneSlotOracle.Peg.Off);
        Order[] memory orders = marketOrder(alice, UNIT);
        (Outcome memory foreseen,) = risk.previewOrder(ETH, orders[0], oracle.peek(ETH));
        assertEq(uint256(foreseen.failure), uint256(Failure.OpeningPaused), "foreseen");
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "nothing");
        _observe(OneSlotOracle.Peg.On);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "again");
    }

    function test_NoPositionGrowsOrTurns() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        _observe(OneSlotOracle.Peg.Off);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 10 * UNIT, "as it was");
        trade(alice, ETH, -20 * UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "closed, not turned");
    }

    function test_RevertWhen_LiquidityIsDeposited() public {
        _observe(OneSlotOracle.Peg.Off);
        usdc.mint(mallory, 1000e6);
        vm.startPrank(mallory);
        usdc.approve(address(engine), 1000e6);
        vm.expectRevert(IEngineErrors.OffPeg.selector);
        vault.requestDeposit(1000e6, mallory, mallory);
        vm.stopPrank();
        _observe(OneSlotOracle.Peg.On);
        vm.prank(mallory);
        vault.requestDeposit(1000e6, mallory, mallory);
    }

    /// @dev An epoch refuses them as where the pool may be worth nothing: they wait on, or are taken back at once.
    function test_DepositsRequestedBeforeWaitOrAreRefunded() public {
        uint256 id = requestDeposit(mallory, 1000e6);
        uint256 kept = requestDeposit(bob, 2000e6);
        _observe(OneSlotOracle.Peg.Off);
        nextEpoch();
        vault.settleEpoch(noUpdate);
        assertEq(vault.getVault().refusedEpoch, block.timestamp / HOUR, "refused");
        vm.prank(mallory);
        vault.refundDeposit(id, mallory, mallory);
        assertEq(usdc.balanceOf(mallory), 1000e6, "taken back");
        _observe(OneSlotOracle.Peg.On);
        settleNext();
        vm.prank(bob);
        assertGt(vault.claimDeposit(kept, bob, bob), 0, "or executed later");
    }

    // ---------------------------------------------------------------- what goes on

    function test_EverybodyCanLeave() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        trade(bob, ETH, -10 * UNIT, ETH_PRICE);
        uint256 shares = vault.balanceOf(carol) / 10;
        uint256 id = requestRedeem(carol, shares);
        _observe(OneSlotOracle.Peg.Off);
        trade(alice, ETH, -5 * UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 5 * UNIT, "reduced");
        vm.warp(block.timestamp + 61);
        refreshPrices();
        vm.startPrank(alice);
        engine.closeNow(account(alice), ETH, type(uint88).max, 0, noUpdate);
        cold.withdraw(account(alice), 90_000e6, alice, noUpdate);
        cold.moveMargin(account(alice), bytes32(uint256(account(alice)) + 1), 1e6, noUpdate);
        engine.deposit(account(alice), 1e6);
        vm.stopPrank();
        nextEpoch();
        vault.settleEpoch(noUpdate);
        settleNext();
        assertGt(claimRedeem(carol, id), 0, "redeemed");
        setPrice(ETH, 13_000e18);
        vm.prank(keeper);
        engine.liquidate(account(bob), noUpdate);
        assertEq(int256(cold.getPosition(account(bob), ETH).size), 0, "liquidated");
    }

    function test_MarginIsDepositedAndTheRestGoesOn() public {
        _observe(OneSlotOracle.Peg.Off);
        fund(alice, 1000e6);
        cold.accrue(ETH);
        refreshPrices();
        cold.updateIndices(3, noUpdate);
        cold.appraise();
    }

    // ---------------------------------------------------------------- parts

    function _observe(OneSlotOracle.Peg peg) private {
        oracle.setPeg(peg);
        cold.updateIndices(0, noUpdate);
    }
}
