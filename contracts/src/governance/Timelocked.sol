// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the timelock alone may do.
abstract contract Timelocked {
    /// @notice Executes what the token holders have decided; fixed for good.
    address public immutable timelock;

    /// @notice Thrown when somebody else than the timelock calls.
    error NotTimelock(address caller, address timelock);

    modifier onlyTimelock() {
        _checkTimelock();
        _;
    }

    constructor(address timelock_) {
        timelock = timelock_;
    }

    function _checkTimelock() private view {
        require(msg.sender == timelock, NotTimelock(msg.sender, timelock));
    }
}
