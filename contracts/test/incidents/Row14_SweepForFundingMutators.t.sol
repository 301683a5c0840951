// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../../src/engine/EngineTypes.sol";
import {AccessFixture, Target} from "../access/AccessFixture.sol";
import {Pattern} from "../access/Calldata.sol";

/// @notice A fork of Perp Curie, July 2026: an unguarded function set the funding. Here the list of what moves it is the
/// ABI's own: every selector, called by whoever holds no role, leaves funding where it was or brings it where the clock
/// has, and nowhere else.
contract Row14_SweepForFundingMutatorsTest is AccessFixture {
    /// @dev Within an hour, at its end and past the next, so that each way of accruing is met.
    function test_NoCallMovesFundingButTheClock() public {
        vm.warp(block.timestamp + 4000);
        cold.accrue(ETH);
        uint256 start = vm.snapshotState();
        uint256[3] memory waits = [uint256(300), 3600, 9000];
        for (uint256 i; i < waits.length; ++i) {
            vm.warp(block.timestamp + waits[i]);
            refreshPrices();
            _sweep(stranger);
            _sweep(alice);
            vm.revertToState(start);
        }
    }

    function _sweep(address caller) private {
        (Market memory stored, Market memory accrued) = (cold.getMarket(ETH), cold.getAccruedMarket(ETH));
        assertTrue(stored.funding != accrued.funding, "there is funding to accrue");
        Pattern[] memory arguments = patterns();
        uint256 before = vm.snapshotState();
        uint256 accruals;
        for (uint256 i; i < targets.length; ++i) {
            Target memory target = targets[i];
            for (uint256 j; j < target.signatures.length; ++j) {
                for (uint256 k; k < arguments.length; ++k) {
                    if (!this.attempt(caller, target.at, target.signatures[j], arguments[k])) continue;
                    if (_isUntouched(cold.getMarket(ETH), stored)) continue;
                    _assertAccrued(cold.getMarket(ETH), accrued, target.signatures[j]);
                    ++accruals;
                    vm.revertToState(before);
                }
            }
        }
        assertGt(accruals, 1, "some calls accrue");
    }

    function _isUntouched(Market memory market, Market memory stored) private pure returns (bool) {
        return keccak256(abi.encode(market)) == keccak256(abi.encode(stored));
    }

    function _assertAccrued(Market memory market, Market memory accrued, string memory by) private view {
        assertEq(int256(market.funding), int256(accrued.funding), string.concat("funding moved by ", by));
        assertEq(int256(market.fundingRate), int256(accrued.fundingRate), string.concat("the rate moved by ", by));
        assertEq(int256(market.skewSeconds), int256(accrued.skewSeconds), string.concat("the integral moved by ", by));
        assertEq(uint256(market.accruedAt), block.timestamp, string.concat("the clock moved by ", by));
    }
}
