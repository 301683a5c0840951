// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../foundry/Test.sol";
import {Exchange} from "./Exchange.sol";
import {Governing} from "./Governing.sol";
import {Providing} from "./Providing.sol";
import {Stressing} from "./Stressing.sol";
import {Trading} from "./Trading.sol";

/// @notice All properties of the design, asserted by their sentences after each call of a campaign.
abstract contract Properties is Test {
    /// @notice What the runner needs to know of a target's functions.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Exchange internal exchange;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(exchange);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory selected) {
        bytes4[26] memory handlers = [
            Trading.deposit.selector,
            Trading.withdraw.selector,
            Trading.open.selector,
            Trading.reduce.selector,
            Trading.closeNow.selector,
            Trading.liquidate.selector,
            Trading.poke.selector,
            Trading.updateIndices.selector,
            Trading.expire.selector,
            Trading.movePrice.selector,
            Trading.pause.selector,
            Providing.joinPool.selector,
            Providing.leavePool.selector,
            Providing.settleEpoch.selector,
            Providing.claim.selector,
            Providing.payTreasury.selector,
            Stressing.deleverage.selector,
            Stressing.settleEmptied.selector,
            Stressing.crystallise.selector,
            Stressing.liquidateMany.selector,
            Governing.moveMargin.selector,
            Governing.changeParameters.selector,
            Governing.refusePrices.selector,
            Governing.widenBand.selector,
            Governing.halt.selector,
            Governing.appraise.selector
        ];
        bytes4[] memory selectors = new bytes4[](handlers.length);
        for (uint256 i; i < handlers.length; ++i) {
            selectors[i] = handlers[i];
        }
        selected = new FuzzSelector[](1);
        selected[0] = FuzzSelector(address(exchange), selectors);
    }

    function invariant_everyPropertyHolds() external {
        assertEq(exchange.check(), "", "broken");
    }
}

/// @notice Constant prices: nobody may profit, whatever they do together.
contract FrozenPrices is Properties {
    function setUp() external {
        exchange = new Exchange(false);
    }
}

/// @notice Prices that walk, and jump by up to 30 %.
contract MovingPrices is Properties {
    function setUp() external {
        exchange = new Exchange(true);
    }
}
