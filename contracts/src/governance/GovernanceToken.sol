// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {VotesExtended} from "@openzeppelin/contracts/governance/utils/VotesExtended.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @notice A holder of the first distribution.
/// @param amount 18 decimals.
struct Grant {
    address to;
    uint256 amount;
}

/// @title What votes: all of it exists from the beginning, and nobody can make more.
/// @dev Votes count by time, seconds, and only what is delegated, to oneself or another. A permit and a delegation by
/// signature use up the same nonce of their signer: of several that were signed with one, the first to arrive counts.
contract GovernanceToken is ERC20, ERC20Permit, ERC20Votes, VotesExtended {
    /// @notice Thrown when a distribution gives nothing, or to nobody.
    error GrantRefused(uint256 index, address to, uint256 amount);

    /// @param grants The whole distribution.
    constructor(Grant[] memory grants) ERC20("Tidemark", "TIDE") ERC20Permit("Tidemark") {
        for (uint256 i; i < grants.length; ++i) {
            (address to, uint256 amount) = (grants[i].to, grants[i].amount);
            require(to != address(0) && amount != 0, GrantRefused(i, to, amount));
            _mint(to, amount);
        }
    }

    /// @notice Seconds: votes are counted at times, not at blocks.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice As ERC-6372 names it.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Of permits and of delegations by signature.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._update(from, to, amount);
    }

    function _delegate(address account, address delegatee) internal override(Votes, VotesExtended) {
        super._delegate(account, delegatee);
    }

    /// @dev Nothing can be moved in anybody's name, and leaves no trace in their history.
    function _transferVotingUnits(address from, address to, uint256 amount) internal override(Votes, VotesExtended) {
        if (amount != 0) super._transferVotingUnits(from, to, amount);
    }
}
