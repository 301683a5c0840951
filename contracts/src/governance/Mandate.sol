// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Timelocked} from "./Timelocked.sol";

/// @title A power that the timelock gives to one holder for a term of 180 days.
abstract contract Mandate is Timelocked {
    uint256 internal constant TERM = 180 days;

    /// @notice Who has the power while the term lasts.
    address public holder;
    /// @notice When the term ends, seconds: from then on the holder may nothing.
    uint40 public termEndsAt;

    /// @notice The holder was appointed, anew or again. Until `endsAt`, seconds.
    event Appointed(address indexed holder, uint256 endsAt);

    /// @notice Thrown when somebody else than the holder calls.
    error NotAppointed(address caller, address holder);
    /// @notice Thrown when the holder's term has ended. Seconds.
    error TermEnded(uint256 time, uint256 endedAt);

    modifier onlyHolder() {
        _checkHolder();
        _;
    }

    constructor(address holder_) {
        _appoint(holder_);
    }

    /// @param holder_ Zero: nobody.
    function _appoint(address holder_) internal {
        uint256 endsAt = block.timestamp + TERM;
        // Seconds: below 2^40.
        (holder, termEndsAt) = (holder_, uint40(endsAt));
        emit Appointed(holder_, endsAt);
    }

    function _checkHolder() internal view {
        require(msg.sender == holder, NotAppointed(msg.sender, holder));
        require(block.timestamp < termEndsAt, TermEnded(block.timestamp, termEndsAt));
    }
}
