// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Liquidation} from "../../src/libraries/LiquidationMath.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Perennial's audits, 2023: a liquidator could enlarge what was liquidated, liquidate themselves within the
/// transaction that opened, and be paid again for the same account. Here the contract picks the size, and whoever calls
/// again finds nothing due and charges nothing.
contract Row20PerennialLiquidatorTest is IncidentFixture {
    int88 private constant SIZE = 50 * UNIT;
    uint256 private constant BAND_BPS = 10;

    function setUp() public override {
        super.setUp();
        fund(mallory, 12_000e6);
    }

    /// @dev In the very block of the opening, at its price, nothing is due; nor after all that may leave has left.
    function test_RevertWhen_LiquidatingWithinTheTransactionThatOpened() public {
        trade(mallory, ETH, SIZE, ETH_PRICE);
        bytes32 id = account(mallory);
        vm.startPrank(mallory);
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.liquidate(id, noUpdate);
        vm.expectPartialRevert(IEngineErrors.EquityTooLow.selector);
        cold.withdraw(id, 1000e6, mallory, noUpdate);
        vm.stopPrank();
    }

    /// @dev Both sides of the reward in one pair of hands, at whatever price it was due.
    /// forge-config: default.fuzz.runs = 32
    function testFuzz_LiquidatingOneselfDoesNotPay(uint256 price) public {
        trade(mallory, ETH, SIZE, ETH_PRICE);
        moveTo(bound(price, 1500e18, 1900e18));
        begin();
        int256 equity = risk.getHealth(account(mallory)).equity * 1e12;
        vm.prank(sybil);
        (bool ok,) = address(engine).call(abi.encodeCall(engine.liquidate, (account(mallory), noUpdate)));
        if (!ok) assertFalse(risk.getHealth(account(mallory)).liquidatable, "it was due and refused");
        assertGe(risk.getHealth(account(mallory)).equity, 0, "a debt was left standing");
        // Who owes more than they have is rid of it, and the keeper gets the least reward.
        int256 rid = equity < 2e30 ? 2e30 - equity : int256(0);
        assertLe(attackersGain(), rid, "the attackers gained");
    }

    /// @dev Smaller and never on the other side, exactly what the verdict foresaw from the prices alone.
    /// forge-config: default.fuzz.runs = 32
    function testFuzz_TheContractPicksTheSize(uint256 price, uint256 sizes) public {
        int88 size = int88(int256(bound(sizes, 20, 50))) * UNIT;
        trade(mallory, ETH, size, ETH_PRICE);
        moveTo(bound(price, 1600e18, 1880e18));
        (Liquidation memory foreseen, int256[] memory parts) = risk.previewLiquidation(account(mallory), _prices());
        vm.prank(sybil);
        (bool ok,) = address(engine).call(abi.encodeCall(engine.liquidate, (account(mallory), noUpdate)));
        assertEq(ok, foreseen.due, "the verdict differs");
        assertEq(sizeOf(mallory), size + (ok ? parts[0] : int256(0)), "somebody else picked the size");
        assertGe(sizeOf(mallory), 0, "turned over");
        assertLe(sizeOf(mallory), size, "enlarged");
    }

    /// @dev Named three times in one call, and called again: the first changes something, the others are not paid.
    function test_RepeatingChargesNothingMore() public {
        trade(mallory, ETH, SIZE, ETH_PRICE);
        moveTo(1850e18);
        uint256 state = vm.snapshotState();
        uint256 had = _margin(sybil);
        vm.prank(sybil);
        engine.liquidate(account(mallory), noUpdate);
        (uint256 margin, uint256 reward, int256 size) = (_margin(mallory), _margin(sybil) - had, sizeOf(mallory));
        assertLt(size, SIZE, "nothing was closed");
        assertGt(size, 0, "closed whole");

        vm.prank(sybil);
        (bool again,) = address(engine).call(abi.encodeCall(engine.liquidate, (account(mallory), noUpdate)));
        assertFalse(again, "liquidated again at the same price");
        assertEq(_margin(mallory), margin, "charged again");

        vm.revertToState(state);
        bytes32[] memory thrice = new bytes32[](3);
        (thrice[0], thrice[1], thrice[2]) = (account(mallory), account(mallory), account(mallory));
        vm.prank(sybil);
        engine.liquidateMany(thrice, noUpdate);
        assertEq(_margin(mallory), margin, "charged for being named again");
        assertEq(_margin(sybil) - had, reward, "paid for naming again");
        assertEq(sizeOf(mallory), size, "closed for being named again");
    }

    function _prices() private view returns (Price[] memory prices) {
        prices = new Price[](1);
        prices[0] = oracle.peek(ETH);
        uint256 band = prices[0].halfWidth + prices[0].mid * BAND_BPS / 10_000;
        (prices[0].lo, prices[0].hi) = (prices[0].mid - band, prices[0].mid + band);
    }

    function _margin(address who) private view returns (uint256) {
        return cold.getAccount(account(who)).margin;
    }
}
