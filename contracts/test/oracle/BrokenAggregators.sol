// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../../src/interfaces/external/AggregatorV3Interface.sol";

/// @notice A feed that answers what it is told, in every field.
contract ScriptedAggregator is AggregatorV3Interface {
    uint8 public decimals = 8;
    int256 public value;
    uint256 public updatedAt;
    uint256 public startedAt;

    function set(int256 value_, uint256 updatedAt_) external {
        (value, updatedAt, startedAt) = (value_, updatedAt_, updatedAt_);
    }

    function setStartedAt(uint256 startedAt_) external {
        startedAt = startedAt_;
    }

    function setDecimals(uint8 decimals_) external {
        decimals = decimals_;
    }

    function description() external pure returns (string memory) {
        return "Scripted";
    }

    function version() external pure returns (uint256) {
        return 1;
    }

    function getRoundData(uint80) external view returns (uint80, int256, uint256, uint256, uint80) {
        return latestRoundData();
    }

    function latestRoundData() public view virtual returns (uint80, int256, uint256, uint256, uint80) {
        return (1, value, startedAt, updatedAt, 1);
    }
}

/// @notice A feed whose reads fail in one way.
contract BrokenAggregator is ScriptedAggregator {
    enum Way {
        Works,
        Reverts,
        BurnsAllGas,
        ReturnsTooLittle
    }

    Way public way;

    function breakDown(Way way_) external {
        way = way_;
    }

    function latestRoundData() public view override returns (uint80, int256, uint256, uint256, uint80) {
        if (way == Way.Reverts) revert("No data present");
        if (way == Way.BurnsAllGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (way == Way.ReturnsTooLittle) {
            assembly ("memory-safe") {
                return(0, 64)
            }
        }
        return super.latestRoundData();
    }
}
