// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice A market listed while everything is halted takes part in the halt and in its end.
contract HaltedListingTest is EngineFixture {
    function test_RevertWhen_CommittingToMarketListedDuringHalt() public {
        uint256 id = _listDuringHalt();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.Paused.selector, 2, 1));
        engine.commit(id, marketOrder(alice, UNIT));
    }

    function test_MarketListedDuringHaltOpensWithTheOthers() public {
        uint256 id = _listDuringHalt();
        vm.prank(admin);
        cold.setPauseLevel(0);
        vm.prank(alice);
        assertEq(engine.commit(id, marketOrder(alice, UNIT)), 0, "first batch");
    }

    function _listDuringHalt() private returns (uint256 id) {
        id = cold.marketCount();
        setPrice(id, 100e18);
        vm.startPrank(admin);
        cold.setPauseLevel(2);
        cold.listMarket(config(10_000e6), 50);
        vm.stopPrank();
    }
}
