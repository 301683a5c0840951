// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {TestUsdc} from "../fixtures/TestUsdc.sol";

/// @notice The test token without the switch that makes transfers lose a share: it has a slot of its own.
contract PlainUsdc is TestUsdc {
    function initialize() external pure {}

    function _update(address from, address to, uint256 assets) internal override {
        ERC20._update(from, to, assets);
    }
}

/// @dev The token behind a proxy, as USDC is: each call pays for the second hop.
function proxiedUsdc() returns (TestUsdc) {
    PlainUsdc logic = new PlainUsdc();
    return TestUsdc(address(new ERC1967Proxy(address(logic), abi.encodeCall(PlainUsdc.initialize, ()))));
}
