// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../../foundry/Test.sol";
import {Deciding} from "./Deciding.sol";
import {Electorate} from "./Electorate.sol";
import {Polity} from "./Polity.sol";
import {Proposing} from "./Proposing.sol";

/// @notice What always holds of the governor, asserted by its sentences after each call of a campaign.
contract GovernanceProperties is Test {
    /// @notice What the runner needs to know of a target's functions.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Polity private _polity;

    function setUp() external {
        _polity = new Polity();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_polity);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory selected) {
        bytes4[12] memory handlers = [
            Electorate.transfer.selector,
            Electorate.delegate.selector,
            Electorate.delegateBySig.selector,
            Proposing.propose.selector,
            Deciding.vote.selector,
            Deciding.voteBySig.selector,
            Deciding.overrideVote.selector,
            Deciding.queue.selector,
            Deciding.execute.selector,
            Deciding.cancel.selector,
            Deciding.legislate.selector,
            Deciding.warp.selector
        ];
        bytes4[] memory selectors = new bytes4[](handlers.length);
        for (uint256 i; i < handlers.length; ++i) {
            selectors[i] = handlers[i];
        }
        selected = new FuzzSelector[](1);
        selected[0] = FuzzSelector(address(_polity), selectors);
    }

    /// forge-config: ci.invariant.runs = 64
    function invariant_everyPropertyHolds() external {
        assertEq(_polity.check(), "", "broken");
    }
}
