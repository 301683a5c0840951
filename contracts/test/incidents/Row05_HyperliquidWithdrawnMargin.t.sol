// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Position} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Hyperliquid, ETH, March 2025: profit withdrawn as margin, the rest left to be liquidated into the vault. Here
/// only realised margin leaves, 20 % of notional stays, and a liquidation fills no better than an immediate close.
contract Row05HyperliquidWithdrawnMarginTest is IncidentFixture {
    uint256 private constant RISEN = 2200e18;
    int88 private constant SIZE = 150 * UNIT;

    function setUp() public override {
        super.setUp();
        fund(mallory, 100_000e6);
        trade(mallory, ETH, SIZE, ETH_PRICE);
        moveTo(RISEN);
        _withdrawAllThatMay();
    }

    /// @dev At the lower edge of the band, 5 bp below: exactly, but for the token unit that could not be taken.
    function test_AFifthOfTheNotionalStays() public view {
        uint256 lo = RISEN - RISEN / 2000;
        Position memory position = cold.getPosition(account(mallory), ETH);
        int256 equity =
            int256(uint256(cold.getAccount(account(mallory)).margin)) * 1e12 + SIZE * int256(lo) + position.cash;
        int256 fifth = SIZE * int256(lo) / 5;
        assertGe(equity, fifth, "less than a fifth stayed");
        assertLe(equity, fifth + 1e24, "more than a fifth stayed");
    }

    /// @dev The price falls past maintenance; whoever liquidates, the vault takes over nothing below its price.
    function test_ThePoolTakesOverNoLoss() public {
        uint256 fallen = RISEN * 85 / 100;
        moveTo(fallen);
        begin();
        _liquidate();
        assertTrue(sizeOf(mallory) < SIZE, "something was liquidated");
        assertNobodyElseLost();
        // The premium that opening had paid, size² · price / (2 · S), comes back with what is closed; nothing else does.
        int256 premium = int256(SIZE) * SIZE * int256(fallen) / 20_000e12;
        assertLe(attackersGain(), premium, "the attackers gained");
        assertFunded();
    }

    /// @dev Whatever the price, the owner is no better off liquidated than having closed or, where that is refused, than at
    /// zero equity. With an own second account as the liquidator both together are not either: where less than the reward
    /// is left they get it as the reward in place of the trade's fee, and $2 at most come from insurance, for the work.
    function testFuzz_BeingLiquidatedIsNoBetterThanClosing(uint256 price) public {
        price = bound(price, RISEN * 60 / 100, RISEN * 84 / 100);
        moveTo(price);
        begin();
        int256 together = attackersHave() - risk.getHealth(account(mallory)).equity * 1e12;
        int256 alone = together - wealthOf(sybil);
        uint256 state = vm.snapshotState();
        vm.prank(mallory);
        (bool ok,) =
            address(engine).call(abi.encodeCall(engine.closeNow, (account(mallory), ETH, uint88(SIZE), 0, noUpdate)));
        if (ok) (together, alone) = (attackersHave(), wealthOf(mallory));
        vm.revertToState(state);
        _liquidate();
        if (sizeOf(mallory) != 0) closeNow(mallory, sizeOf(mallory));
        assertLe(wealthOf(mallory), alone, "being liquidated was better than leaving");
        uint256 fee = uint88(SIZE) * price * cold.getMarketConfig(ETH).takerFeePpm / 1e6;
        assertLe(attackersHave(), together + int256(fee) + 2e30, "liquidating oneself was better than leaving");
    }

    function _liquidate() private {
        vm.prank(sybil);
        engine.liquidate(account(mallory), noUpdate);
    }

    /// @dev Searches for the largest withdrawal that is let through.
    function _withdrawAllThatMay() private {
        (uint256 least, uint256 most) = (0, cold.getAccount(account(mallory)).margin / SCALE + 1);
        while (most - least > 1) {
            uint256 middle = (least + most) / 2;
            uint256 state = vm.snapshotState();
            vm.prank(mallory);
            (bool ok,) =
                address(engine).call(abi.encodeCall(cold.withdraw, (account(mallory), middle, mallory, noUpdate)));
            vm.revertToState(state);
            if (ok) least = middle;
            else most = middle;
        }
        vm.prank(mallory);
        cold.withdraw(account(mallory), least, mallory, noUpdate);
        vm.expectPartialRevert(
            cold.getAccount(account(mallory)).margin < SCALE
                ? IEngineErrors.MarginTooLow.selector
                : IEngineErrors.EquityTooLow.selector
        );
        vm.prank(mallory);
        cold.withdraw(account(mallory), 1, mallory, noUpdate);
    }
}
