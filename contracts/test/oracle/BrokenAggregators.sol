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

/// @notice Answers every call with as many bytes as it is told, of which the first words are a round or a price of now.
contract SizedAnswer {
    uint256 private immutable _size;
    uint256 private immutable _first;
    uint256 private immutable _second;
    uint256 private immutable _third;

    constructor(uint256 size, uint256 first, uint256 second, uint256 third) {
        (_size, _first, _second, _third) = (size, first, second, third);
    }

    fallback() external {
        (uint256 size, uint256 first, uint256 second, uint256 third) = (_size, _first, _second, _third);
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, first)
            mstore(add(data, 32), second)
            mstore(add(data, 64), third)
            mstore(add(data, 96), timestamp())
            return(data, size)
        }
    }
}
