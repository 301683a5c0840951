// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {deploySuccessor} from "./EngineSuccessor.sol";
import {ProposalFixture} from "./ProposalFixture.sol";

/// @notice Audius, July 2022: what was not initialised, somebody else initialised.
contract UninitialisedTest is ProposalFixture {
    function test_RevertWhen_AnImplementationIsInitialised() public {
        _expectRefusal(_implementation(address(engine)), _engines());
        _expectRefusal(_implementation(address(vault)), _vaults());
        _expectRefusal(address(deploySuccessor(oracle, IERC20(address(usdc)))), _engines());
    }

    function test_RevertWhen_AProxyIsInitialisedAgain() public {
        _expectRefusal(address(engine), _engines());
        _expectRefusal(address(vault), _vaults());
    }

    /// @dev What is no proxy has a constructor alone.
    function test_TheGovernorHasNothingToInitialise() public {
        address[5] memory fixedOnes =
            [address(governance), address(policy), address(token), address(timelock), address(postConditions)];
        for (uint256 i; i < fixedOnes.length; ++i) {
            assertEq(_implementation(fixedOnes[i]), address(0), "no proxy");
            (bool ok,) = fixedOnes[i].call(_engines());
            assertFalse(ok, "initialised");
        }
    }

    function _implementation(address proxy) private view returns (address) {
        return address(uint160(uint256(vm.load(proxy, ERC1967Utils.IMPLEMENTATION_SLOT))));
    }

    function _engines() private view returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.initialize, (stranger));
    }

    function _vaults() private view returns (bytes memory) {
        return abi.encodeCall(ILiquidityVault.initialize, (stranger, "", ""));
    }

    function _expectRefusal(address target, bytes memory data) private {
        (bool ok, bytes memory result) = target.call(data);
        assertFalse(ok, "initialised");
        bytes memory refusal = abi.encodeWithSelector(Initializable.InvalidInitialization.selector);
        assertEq(keccak256(result), keccak256(refusal), "refused by another error");
    }
}
