// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {EmergencyGuardian} from "../../src/governance/EmergencyGuardian.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice The exchange with its guardian's contract.
abstract contract GuardianFixture is EngineFixture {
    EmergencyGuardian internal guardian;
    address internal timelock = makeAddr("timelock");
    address internal safe = makeAddr("the guardian's Safe");

    function setUp() public virtual override {
        super.setUp();
        deployGuardian();
    }

    function deployGuardian() internal {
        guardian = new EmergencyGuardian(cold, PriceOracle(address(oracle)), timelock, safe);
        vm.prank(admin);
        IAccessControl(address(engine)).grantRole(keccak256("GUARDIAN_ROLE"), address(guardian));
    }

    function pause(uint8 level) internal {
        vm.prank(safe);
        guardian.pause(level);
    }

    function lift() internal {
        vm.prank(safe);
        guardian.lift();
    }

    /// @dev What the engine is told; the peg's bit is not the guardian's.
    function engineLevel() internal view returns (uint256) {
        return cold.getPool().pauseLevel & 3;
    }

    /// @dev The time now, whatever was warped to.
    function time() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    function pass(uint256 span) internal {
        vm.warp(time() + span);
    }
}
