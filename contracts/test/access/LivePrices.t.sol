// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Market} from "../../src/engine/EngineTypes.sol";
import {AccessFixture, Target} from "./AccessFixture.sol";
import {Pattern} from "./Calldata.sol";

/// @notice A price of a live market comes from signatures and Chainlink's rounds alone: whoever holds every role and
/// every mandate there is calls every function of every contract without an update, and no index and no price that is remembered changes.
contract LivePricesTest is AccessFixture {
    address private _mighty = makeAddr("every role");
    uint256 private _succeeded;

    function setUp() public override {
        super.setUp();
        string[9] memory roles = [
            "",
            "CONFIGURATOR_ROLE",
            "GUARDIAN_ROLE",
            "VAULT_ROLE",
            "UPGRADER_ROLE",
            "DEFAULT_ADMIN_ROLE",
            "PROPOSER_ROLE",
            "EXECUTOR_ROLE",
            "CANCELLER_ROLE"
        ];
        for (uint256 i; i < targets.length; ++i) {
            for (uint256 j; j < roles.length; ++j) {
                bytes32 role = j == 0 ? bytes32(0) : keccak256(bytes(roles[j]));
                vm.prank(adminOf(targets[i].at));
                try IAccessControl(targets[i].at).grantRole(role, _mighty) {} catch {}
            }
        }
        vm.startPrank(address(timelock));
        guardian.setGuardian(_mighty);
        steward.setSteward(_mighty);
        vm.stopPrank();
        bringUpToDate();
    }

    function test_NoFunctionStoresAPriceThatACallerSuppliesWithoutSignatures() public {
        Pattern[] memory arguments = patterns();
        bytes32 before = this.remembered();
        for (uint256 i; i < targets.length; ++i) {
            for (uint256 j; j < targets[i].signatures.length; ++j) {
                for (uint256 k; k < arguments.length; ++k) {
                    this.callOnce(targets[i], targets[i].signatures[j], arguments[k], before);
                }
            }
        }
        // Views and what stays without effect among them; a guard that refused all would show here.
        assertGt(_succeeded, 300, "calls went through");
    }

    /// @dev External, so that its memory is given back. Each call finds the exchange as it was.
    function callOnce(Target memory target, string memory signature, Pattern memory pattern, bytes32 before) external {
        uint256 state = vm.snapshotState();
        (bool ok,) = call(_mighty, target.at, signature, pattern);
        if (ok) {
            string memory name = string.concat(target.name, ".", signature);
            assertEq(this.remembered(), before, string.concat(name, " sets a price"));
        }
        vm.revertToState(state);
        if (ok) ++_succeeded;
    }

    /// @return Each market's index with its time, and what the oracle remembers of its prices.
    function remembered() external view returns (bytes32) {
        bytes memory all;
        for (uint256 id; id < 2; ++id) {
            Market memory market = cold.getMarket(id);
            all = abi.encodePacked(
                all, market.index, market.indexAt, oracle.closingPrice(id), oracle.getClosing(id).voted
            );
            all = abi.encodePacked(all, oracle.explain(id).mean, oracle.explain(id).lastGood, oracle.peek(id).mid);
        }
        return keccak256(all);
    }
}
