// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ExchangeValidator} from "../../src/governance/ExchangeValidator.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {Grant, GovernanceToken} from "../../src/governance/GovernanceToken.sol";
import {PostConditions} from "../../src/governance/PostConditions.sol";
import {ProposalPolicy} from "../../src/governance/ProposalPolicy.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {Action, Terms} from "../../src/interfaces/IProposalPolicy.sol";
import {IRiskManager} from "../../src/interfaces/IRiskManager.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";

/// @notice Deploys the governor's parts, as {ExchangeDeployer} the exchange's.
library GovernanceDeployer {
    function token(Grant[] memory grants) external returns (GovernanceToken) {
        return new GovernanceToken(grants);
    }

    /// @param admin Gives its roles, and has to renounce.
    function timelock(address admin) external returns (TimelockController) {
        return new TimelockController(2 days, new address[](0), new address[](0), admin);
    }

    function postConditions(IEngineExtension engine, IRiskManager risk, address waits)
        external
        returns (PostConditions)
    {
        return new PostConditions(engine, risk, waits);
    }

    function validator(IEngineExtension engine, ILiquidityVault vault, PriceOracle oracle, address treasury)
        external
        returns (ExchangeValidator)
    {
        return new ExchangeValidator(engine, vault, oracle, treasury);
    }

    function policy(address waits, PostConditions conditions, Terms[4] memory terms, Action[] memory actions)
        external
        returns (ProposalPolicy)
    {
        return new ProposalPolicy(waits, conditions, terms, actions);
    }

    function governance(GovernanceToken votes, TimelockController waits, ProposalPolicy kinds, address council)
        external
        returns (Governance)
    {
        return new Governance(votes, waits, kinds, council);
    }
}
