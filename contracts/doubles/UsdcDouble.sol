// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {DevnetOnly} from "./DevnetOnly.sol";

/// @title A double of USDC, for devnets: whoever holds the mint gives it away.
contract UsdcDouble is ERC20("USD Coin (devnet)", "USDC"), ERC20Permit("USD Coin (devnet)"), DevnetOnly {
    address public immutable minter;

    error NotMinter(address caller, address minter);

    constructor(address minter_) {
        minter = minter_;
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @dev As USDC tells it; of the domain that permits are signed for.
    function version() external view returns (string memory) {
        return _EIP712Version();
    }

    /// @param assets USDC units, 6 decimals.
    function mint(address to, uint256 assets) external {
        require(msg.sender == minter, NotMinter(msg.sender, minter));
        _mint(to, assets);
    }
}
