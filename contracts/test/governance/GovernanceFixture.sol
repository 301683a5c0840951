// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ExchangeValidator} from "../../src/governance/ExchangeValidator.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {Grant, GovernanceToken} from "../../src/governance/GovernanceToken.sol";
import {PostConditions} from "../../src/governance/PostConditions.sol";
import {ProposalPolicy} from "../../src/governance/ProposalPolicy.sol";
import {IDeleverager} from "../../src/interfaces/IDeleverager.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {Action, IActionValidator, ProposalKind, Terms} from "../../src/interfaces/IProposalPolicy.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {RiskManager} from "../../src/RiskManager.sol";
import {ExchangeDeployer} from "../fixtures/ExchangeDeployer.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";
import {GovernanceDeployer} from "./GovernanceDeployer.sol";

/// @notice What a proposal says: its actions and its description.
struct Draft {
    address[] targets;
    uint256[] values;
    bytes[] calldatas;
    string description;
}

/// @notice The exchange under its governor: the timelock alone holds its roles. Three holders vote, of 60, 25 and 15 % of
/// what is not excluded.
abstract contract GovernanceFixture is ExchangeFixture {
    uint256 internal constant SUPPLY = 1_000_000_000e18;

    GovernanceToken internal token;
    TimelockController internal timelock;
    Governance internal governance;
    ProposalPolicy internal policy;
    PostConditions internal postConditions;
    ExchangeValidator internal validator;
    LiquidityVault internal vault;
    RiskManager internal risk;

    address internal carol = makeAddr("carol");
    address internal dave = makeAddr("dave");
    address internal erin = makeAddr("erin");
    address internal council = makeAddr("council");
    address internal treasury = makeAddr("treasury");
    address internal stranger = makeAddr("stranger");

    uint256 private _drafts;

    function setUp() public virtual override {
        super.setUp();
        vault = ExchangeDeployer.vault(cold, admin);
        risk = ExchangeDeployer.riskManager(cold);
        token = GovernanceDeployer.token(_grants());
        timelock = GovernanceDeployer.timelock(address(this));
        postConditions = GovernanceDeployer.postConditions(cold, risk, address(timelock));
        validator = GovernanceDeployer.validator(cold, vault, oracle, treasury);
        policy = GovernanceDeployer.policy(address(timelock), postConditions, terms(), actions());
        governance = GovernanceDeployer.governance(token, timelock, policy, council);
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governance));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governance));
        timelock.grantRole(timelock.EXECUTOR_ROLE(), address(governance));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        _handOver(address(engine), true);
        _handOver(address(vault), true);
        _handOver(address(oracle), false);
        address[3] memory voters = [carol, dave, erin];
        for (uint256 i; i < voters.length; ++i) {
            vm.prank(voters[i]);
            token.delegate(voters[i]);
        }
        address excluded = governance.EXCLUDED();
        vm.prank(treasury);
        token.delegate(excluded);
        vm.warp(block.timestamp + 1);
    }

    function _grants() private view returns (Grant[] memory grants) {
        grants = new Grant[](4);
        grants[0] = Grant(treasury, SUPPLY / 2);
        grants[1] = Grant(carol, SUPPLY * 30 / 100);
        grants[2] = Grant(dave, SUPPLY * 125 / 1000);
        grants[3] = Grant(erin, SUPPLY * 75 / 1000);
    }

    function _handOver(address target, bool upgradeable) private {
        IAccessControl control = IAccessControl(target);
        vm.startPrank(admin);
        control.grantRole(0, address(timelock));
        control.grantRole(keccak256("CONFIGURATOR_ROLE"), address(timelock));
        control.renounceRole(keccak256("CONFIGURATOR_ROLE"), admin);
        if (upgradeable) {
            control.grantRole(keccak256("UPGRADER_ROLE"), address(timelock));
            control.renounceRole(keccak256("UPGRADER_ROLE"), admin);
        }
        control.renounceRole(keccak256("GUARDIAN_ROLE"), admin);
        control.renounceRole(0, admin);
        vm.stopPrank();
    }

    function terms() internal pure returns (Terms[4] memory t) {
        t[uint256(ProposalKind.Parameter)] = Terms(25, 1 days, 3 days, 300, 5000, 2 days);
        t[uint256(ProposalKind.Market)] = Terms(25, 1 days, 3 days, 300, 5000, 2 days);
        t[uint256(ProposalKind.Risk)] = Terms(50, 1 days, 5 days, 400, 5000, 3 days);
        t[uint256(ProposalKind.Upgrade)] = Terms(100, 2 days, 7 days, 600, 6670, 7 days);
    }

    function actions() internal view returns (Action[] memory list) {
        list = new Action[](19);
        uint256 i;
        for (uint256 j; j < 8; ++j) {
            list[i++] = Action(address(engine), _engineSelector(j), ProposalKind.Parameter, validator);
        }
        bytes4[6] memory ofOracle = [
            PriceOracle.proposeFeed.selector,
            PriceOracle.acceptFeed.selector,
            PriceOracle.releaseMarket.selector,
            PriceOracle.beginClosing.selector,
            PriceOracle.cancelClosing.selector,
            PriceOracle.voteClosingPrice.selector
        ];
        for (uint256 j; j < ofOracle.length; ++j) {
            list[i++] = Action(address(oracle), ofOracle[j], ProposalKind.Parameter, validator);
        }
        bytes4[3] memory ofVault = [
            ILiquidityVault.setCooldown.selector,
            ILiquidityVault.setDepositLock.selector,
            ILiquidityVault.setOutflowCap.selector
        ];
        for (uint256 j; j < ofVault.length; ++j) {
            list[i++] = Action(address(vault), ofVault[j], ProposalKind.Parameter, validator);
        }
        IActionValidator none = IActionValidator(address(0));
        list[i++] = Action(address(postConditions), PostConditions.begin.selector, ProposalKind.Parameter, none);
        list[i++] = Action(address(postConditions), PostConditions.end.selector, ProposalKind.Parameter, none);
    }

    function _engineSelector(uint256 i) private pure returns (bytes4) {
        bytes4[8] memory selectors = [
            IEngineExtension.scheduleParameters.selector,
            IEngineExtension.cancelParameters.selector,
            IEngineExtension.listMarket.selector,
            IEngineExtension.setReduceOnly.selector,
            IEngineExtension.setGasMarket.selector,
            IEngineExtension.payTreasury.selector,
            IDeleverager.scheduleSettlement.selector,
            IDeleverager.cancelSettlement.selector
        ];
        return selectors[i];
    }

    // ---------------------------------------------------------------- proposals

    /// @dev A draft of one action by a proposer, its metadata another each time.
    function draft(address proposer, address target, bytes memory data) internal returns (Draft memory d) {
        d.targets = new address[](1);
        d.values = new uint256[](1);
        d.calldatas = new bytes[](1);
        (d.targets[0], d.calldatas[0]) = (target, data);
        d.description = describe(proposer);
    }

    /// @dev A draft with an action more at its end.
    function also(Draft memory d, address target, bytes memory data) internal pure returns (Draft memory more) {
        uint256 count = d.targets.length;
        more.targets = new address[](count + 1);
        more.values = new uint256[](count + 1);
        more.calldatas = new bytes[](count + 1);
        for (uint256 i; i < count; ++i) {
            (more.targets[i], more.values[i], more.calldatas[i]) = (d.targets[i], d.values[i], d.calldatas[i]);
        }
        (more.targets[count], more.calldatas[count], more.description) = (target, data, d.description);
    }

    /// @dev A description as it has to be, of metadata that nobody has.
    function describe(address proposer) internal returns (string memory) {
        string memory digest = vm.toString(keccak256(abi.encode("metadata", _drafts++)));
        bytes memory digits = new bytes(64);
        for (uint256 i; i < 64; ++i) {
            digits[i] = bytes(digest)[i + 2];
        }
        return string.concat("ipfs://f01551220", string(digits), "#proposer=", vm.toString(proposer));
    }

    function propose(address proposer, Draft memory d) internal returns (uint256) {
        vm.prank(proposer);
        return governance.propose(d.targets, d.values, d.calldatas, d.description);
    }

    /// @dev To the first second in which votes are taken.
    function toVote(uint256 id) internal {
        vm.warp(governance.proposalSnapshot(id) + 1);
    }

    /// @dev To the first second after voting.
    function toEnd(uint256 id) internal {
        vm.warp(governance.proposalDeadline(id) + 1);
    }

    function vote(address voter, uint256 id, uint8 support) internal {
        vm.prank(voter);
        governance.castVote(id, support);
    }

    /// @dev Everybody votes for it, to the end of voting.
    function pass(uint256 id) internal {
        toVote(id);
        vote(carol, id, 1);
        vote(dave, id, 1);
        vote(erin, id, 1);
        toEnd(id);
    }

    /// @dev Passes and queues, to the first second in which it can be executed.
    function passToDue(uint256 id) internal {
        pass(id);
        governance.queue(id);
        vm.warp(governance.proposalEta(id));
    }

    /// @dev From proposal to execution.
    function enact(address proposer, Draft memory d) internal returns (uint256 id) {
        id = propose(proposer, d);
        passToDue(id);
        governance.execute(id);
    }

    function assertState(uint256 id, IGovernor.ProposalState expected, string memory message) internal view {
        assertEq(uint256(governance.state(id)), uint256(expected), message);
    }
}
