// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Price, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";

/// @notice What the engine refuses for its market, a preview refuses by the same error.
contract PreviewRefusalsTest is StressFixture {
    function test_RevertWhen_DeleveragingOfAnUnknownMarketIsAsked() public {
        Price[] memory prices = _both();
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, 7);
        vm.expectRevert(refusal);
        risk.previewDeleveraging(7, prices);
        vm.expectRevert(refusal);
        deleverager.deleverage(7, noUpdate);
    }

    function test_RevertWhen_DeleveragingOfASettledMarketIsAsked() public {
        _end(ETH);
        Price[] memory rest = oracle.presentPrices(1 << BTC, noUpdate, PriceUse.Deleverage, address(this));
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.MarketSettled.selector, ETH);
        vm.expectRevert(refusal);
        risk.previewDeleveraging(ETH, rest);
        vm.expectRevert(refusal);
        deleverager.deleverage(ETH, noUpdate);
        assertEq(risk.previewDeleveraging(BTC, rest).cut, 0, "the other market is judged without its price");
    }

    function test_RevertWhen_AnUnsettledPositionIsInTheWay() public {
        trade(alice, ETH, 10 * UNIT, ETH_PRICE);
        trade(alice, BTC, UNIT / 10, BTC_PRICE);
        _end(ETH);
        bytes32 own = account(alice);
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.PositionUnsettled.selector, ETH);
        Price[] memory prices = _both();
        vm.expectRevert(refusal);
        risk.previewWithdrawal(own, 1e6, prices);
        vm.expectRevert(refusal);
        risk.previewLiquidation(own, prices);
        vm.expectRevert(refusal);
        engine.liquidate(own, noUpdate);
        vm.expectRevert(refusal);
        vm.prank(alice);
        cold.withdraw(own, 1e6, alice, noUpdate);

        deleverager.settlePosition(own, ETH);
        Price[] memory rest = oracle.presentPrices(1 << BTC, noUpdate, PriceUse.Withdraw, address(this));
        (,, bool permitted) = risk.previewWithdrawal(own, 1e6, rest);
        assertTrue(permitted, "once it is out of the way");
    }

    function _both() private returns (Price[] memory) {
        return oracle.presentPrices(3, noUpdate, PriceUse.Deleverage, address(this));
    }

    function _end(uint256 market) private {
        uint256 at = block.timestamp + 24 hours;
        vm.prank(admin);
        deleverager.scheduleSettlement(market, uint40(at));
        vm.warp(at);
        setPrice(ETH, ETH_PRICE);
        setPrice(BTC, BTC_PRICE);
        deleverager.settleMarket(market, noUpdate);
    }
}
