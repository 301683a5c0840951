// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UsdcDouble} from "./UsdcDouble.sol";

/// @title A double of a token that keeps a thousandth of every transfer: what the exchange must not take for USDC.
/// @dev Its code can take the place of `UsdcDouble`'s over the same balances.
contract FeeTokenDouble is UsdcDouble {
    constructor(address minter_) UsdcDouble(minter_) {}

    function _update(address from, address to, uint256 assets) internal override {
        super._update(from, to, assets);
        if (from != address(0) && to != address(0)) super._update(to, address(0), assets / 1000);
    }
}
