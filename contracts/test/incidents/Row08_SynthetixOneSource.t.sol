// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {PriceIncident} from "./PriceIncident.sol";

/// @notice Synthetix, June 2019: one source of the won's price was a thousand times off, and a bot traded at it. A price
/// that the other source contradicts serves nothing and is stored nowhere.
contract Row08SynthetixOneSourceTest is PriceIncident {
    function test_PythAThousandTimesHigherServesNothing() public {
        bytes[] memory spike = eth(ETH_PRICE * 400, ETH_CONF * 400, block.timestamp);
        refusesEveryUse(spike, PriceState.Halted, PriceReason.Deviation);
    }

    function test_ChainlinkAThousandTimesHigherServesNothing() public {
        answer(ETH, int192(ETH_PRICE) * 400);
        refusesEveryUse(eth(block.timestamp), PriceState.Halted, PriceReason.Deviation);
    }

    function test_BeyondAllBoundsItServesNothingEither() public {
        bytes[] memory spike = eth(ETH_PRICE * 1000, ETH_CONF * 1000, block.timestamp);
        refusesEveryUse(spike, PriceState.Halted, PriceReason.Bounds);
    }

    /// @dev Whoever shows it to the exchange stores nothing, and the next honest price serves.
    function test_ItIsNeverTheIndex() public {
        uint256 before = index();
        cold.updateIndices{value: FEE}(1, eth(ETH_PRICE * 400, ETH_CONF * 400, block.timestamp));
        assertEq(index(), before, "index");
        assertEq(oracle.explain(ETH).lastGood, 0, "an observation");
        vm.warp(block.timestamp + 1);
        cold.updateIndices{value: FEE}(1, eth(2001_00000000, ETH_CONF, block.timestamp));
        assertEq(index(), 2001e18, "the next price");
    }

    /// @dev An order waits, and fills at an honest price.
    function test_AnOrderWaits() public {
        Order[][] memory batches = commit(alice, -10 * UNIT);
        bytes[] memory spike = eth(ETH_PRICE * 400, ETH_CONF * 400, block.timestamp - 1);
        vm.expectRevert(refusal(PriceUse.Settle, PriceState.Halted, PriceReason.Deviation));
        vm.prank(keeper);
        engine.settle{value: FEE}(ETH, batches, spike);
        settle(batches, firstUpdate());
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "filled");
    }
}
