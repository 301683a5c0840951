// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {IPriceOracle, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";
import {Wealth} from "./Wealth.sol";

/// @notice Mango, October 2022: one account long, one short, the price pumped in a thin market, the long's unrealised
/// profit borrowed against. Here a pumped skew is nobody's collateral, a spike of one source moves nothing, and only
/// realised margin leaves.
contract Row04MangoSelfPumpTest is ExchangeFixture {
    int64 private constant SPIKE = 10_000_00000000;
    int88 private constant SIZE = 100 * UNIT;

    address private mallory = makeAddr("mallory");
    address private sybil = makeAddr("sybil");
    int256 private attackersHad;
    int256 private poolHad;

    function setUp() public override {
        super.setUp();
        fund(mallory, 40_000e6);
        fund(sybil, 40_000e6);
        _both(FEE);
        (attackersHad, poolHad) = (_attackers(), cold.solvency().netAssetValue);
    }

    /// @dev mallory long, sybil short, then one venue's price at five times and back: while it stands, no way out.
    function test_ASpikeOfOneSourceLetsNothingOut() public {
        settle(commit(mallory, SIZE), firstUpdate());
        settle(commit(sybil, -SIZE), firstUpdate());
        Order[][] memory leaving = commit(bob, UNIT);
        uint256 time = block.timestamp;
        bytes[] memory spike = eth(SPIKE, 5_00000000, time);

        bytes32 long = account(mallory);
        _refused(mallory, PriceUse.Withdraw, abi.encodeCall(IEngineExtension.withdraw, (long, 1, mallory, spike)));
        uint256 size = uint88(SIZE);
        _refused(mallory, PriceUse.CloseNow, abi.encodeCall(IDerivativesEngine.closeNow, (long, ETH, size, 0, spike)));
        _refused(sybil, PriceUse.Liquidate, abi.encodeCall(IDerivativesEngine.liquidate, (account(sybil), spike)));
        uint256 before = cold.getMarket(ETH).index;
        cold.updateIndices{value: FEE}(1, spike);
        assertEq(cold.getMarket(ETH).index, before, "the spike became the index");
        bytes[] memory settling = eth(SPIKE, 5_00000000, time - 1);
        _refused(keeper, PriceUse.Settle, abi.encodeCall(IDerivativesEngine.settle, (ETH, leaving, settling)));

        settle(leaving, firstUpdate());
        _leave(mallory);
        _leave(sybil);
        assertLe(_attackers(), attackersHad, "the attackers gained");
        assertGe(cold.solvency().netAssetValue, poolHad, "the pool lost");
    }

    /// @dev sybil's buying raises the mark, which mallory's collateral does not see: what may be withdrawn is the same.
    function test_APumpedMarkIsNobodysCollateral() public {
        settle(commit(mallory, SIZE), firstUpdate());
        int256 equity = _equity(mallory);
        settle(commit(sybil, SIZE), firstUpdate());
        assertEq(_equity(mallory), equity, "the mark became collateral");
        _leave(mallory);
        _leave(sybil);
        assertLe(_attackers(), attackersHad, "the attackers gained");
        assertGe(cold.solvency().netAssetValue, poolHad, "the pool lost");
    }

    /// @dev Even a true profit is not withdrawn before it is realised.
    function test_RevertWhen_MoreThanTheRealisedMarginIsWithdrawn() public {
        settle(commit(mallory, SIZE), firstUpdate());
        vm.warp(block.timestamp + 1);
        answer(ETH, 4000_00000000);
        uint256 margin = cold.getAccount(account(mallory)).margin;
        bytes[] memory update = eth(4000_00000000, ETH_CONF, block.timestamp);
        uint256 assets = margin / 1e12 + 1;
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.MarginTooLow.selector, margin, assets * 1e12));
        vm.prank(mallory);
        cold.withdraw{value: FEE}(account(mallory), assets, mallory, update);
    }

    /// @dev The index stands at the present, so that nothing moves before the attack does.
    function _both(uint256 fee) private {
        cold.updateIndices{value: 2 * fee}(3, both(block.timestamp));
    }

    function _refused(address caller, PriceUse use, bytes memory data) private {
        vm.prank(caller);
        (bool ok, bytes memory reason) = address(engine).call{value: FEE}(data);
        assertFalse(ok, "the spike let something through");
        vm.assertEq(
            reason,
            abi.encodeWithSelector(
                IPriceOracle.PriceUseRefused.selector, ETH, use, PriceState.Halted, PriceReason.Deviation
            ),
            "refused as halted"
        );
    }

    /// @dev At the price before the spike, all tokens out.
    function _leave(address who) private {
        bytes32 id = account(who);
        int256 size = cold.getPosition(id, ETH).size;
        vm.warp(block.timestamp + 1);
        bytes[] memory update = eth(block.timestamp);
        vm.startPrank(who);
        engine.closeNow{value: FEE}(id, ETH, uint256(size > 0 ? size : -size), size > 0 ? 0 : type(uint96).max, update);
        cold.withdraw(id, cold.getAccount(id).margin / 1e12, who, noUpdate);
        vm.stopPrank();
    }

    function _equity(address who) private view returns (int256) {
        return int256(uint256(cold.getAccount(account(who)).margin)) * 1e12 + Wealth.positionOf(cold, account(who), ETH);
    }

    function _attackers() private view returns (int256) {
        return Wealth.total(cold, mallory) + Wealth.total(cold, sybil);
    }
}
