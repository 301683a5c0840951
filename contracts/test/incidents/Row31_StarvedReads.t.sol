// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Price, PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {PriceSources} from "../../src/oracle/PriceSources.sol";
import {PriceIncident} from "./PriceIncident.sol";

/// @notice Gas griefing of a caught call: the caller leaves so little that the source fails, and the fallback serves. A
/// starved call reverts and never falls back, whatever gas is left.
contract Row31StarvedReadsTest is PriceIncident {
    function test_NoAmountOfGasMakesASourceSilent() public {
        steady();
        bytes memory call = abi.encodeCall(oracle.observe, (1, noUpdate, address(this)));
        uint256 starved;
        uint256 served;
        for (uint256 gas = 30_000; gas < 500_000; gas += 1500) {
            uint256 state = vm.snapshotState();
            (bool ok, bytes memory result) = address(oracle).call{gas: gas}(call);
            vm.revertToState(state);
            if (ok) {
                ++served;
                assertEq(uint256(abi.decode(result, (Price[]))[0].state), uint256(PriceState.Normal), "another state");
            } else if (result.length != 0) {
                ++starved;
                assertEq(bytes32(bytes4(result)), bytes32(PriceSources.GasTooLow.selector), "reverts otherwise");
            }
        }
        assertGt(starved, 20, "some leave too little");
        assertGt(served, 20, "some leave enough");
    }
}
