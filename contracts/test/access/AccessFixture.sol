// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ExchangeDeployer} from "../fixtures/ExchangeDeployer.sol";
import {GovernanceDeployer} from "../governance/GovernanceDeployer.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Order} from "../../src/engine/EngineTypes.sol";
import {EmergencyGuardian} from "../../src/governance/EmergencyGuardian.sol";
import {ExchangeValidator} from "../../src/governance/ExchangeValidator.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {Grant, GovernanceToken} from "../../src/governance/GovernanceToken.sol";
import {PostConditions} from "../../src/governance/PostConditions.sol";
import {ProposalPolicy} from "../../src/governance/ProposalPolicy.sol";
import {RiskSteward} from "../../src/governance/RiskSteward.sol";
import {Treasury} from "../../src/governance/Treasury.sol";
import {Action, Terms} from "../../src/interfaces/IProposalPolicy.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {RiskManager} from "../../src/RiskManager.sol";
import {ExchangeFixture} from "../oracle/ExchangeFixture.sol";
import {Calldata, Pattern} from "./Calldata.sol";

/// @notice A contract as deployed: what answers at its address.
/// @param signatures Every function, from the artifacts.
struct Target {
    string name;
    address at;
    string[] signatures;
}

/// @notice The exchange with everything deployed, in use, and its functions by name.
/// @dev Alice is long and Bob short, a batch of Alice's and a deposit of Bob's wait. The stranger brings nothing. The
/// governor stands beside it; the exchange's roles are the admin's, and those of guardian and steward theirs as well.
abstract contract AccessFixture is ExchangeFixture {
    LiquidityVault internal vault;
    RiskManager internal risk;
    TimelockController internal timelock;
    EmergencyGuardian internal guardian;
    RiskSteward internal steward;
    /// @dev The guardian's and the steward's.
    address internal mandateHolder = makeAddr("mandate holder");
    address internal stranger = makeAddr("stranger");
    Target[] internal targets;

    function setUp() public virtual override {
        super.setUp();
        vault = ExchangeDeployer.vault(cold, admin);
        risk = ExchangeDeployer.riskManager(cold);
        vm.prank(admin);
        IAccessControl(address(engine)).grantRole(keccak256("VAULT_ROLE"), address(vault));
        _list("Engine", address(engine), "DerivativesEngine", "EngineExtension");
        _list("LiquidityVault", address(vault), "LiquidityVault", "");
        _list("PriceOracle", address(oracle), "PriceOracle", "");
        _list("RiskManager", address(risk), "RiskManager", "");
        _govern();
        _use();
    }

    function _govern() private {
        Grant[] memory grants = new Grant[](1);
        grants[0] = Grant(alice, 1_000_000e18);
        GovernanceToken token = GovernanceDeployer.token(grants);
        timelock = GovernanceDeployer.timelock(address(this));
        PostConditions conditions = GovernanceDeployer.postConditions(cold, risk, address(timelock));
        Terms[4] memory terms;
        for (uint256 kind; kind < 4; ++kind) {
            terms[kind] = Terms(25, 1 days, 3 days, 300, 5000, 2 days);
        }
        ProposalPolicy policy = GovernanceDeployer.policy(address(timelock), conditions, terms, new Action[](0));
        Governance governance = GovernanceDeployer.governance(token, timelock, policy, bob);
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governance));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governance));
        timelock.grantRole(timelock.EXECUTOR_ROLE(), address(governance));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        _list("Governance", address(governance), "Governance", "");
        _list("GovernanceToken", address(token), "GovernanceToken", "");
        _list("TimelockController", address(timelock), "TimelockController", "");
        _list("ProposalPolicy", address(policy), "ProposalPolicy", "");
        _list("PostConditions", address(conditions), "PostConditions", "");
        _empower(token, governance.EXCLUDED());
    }

    function _empower(GovernanceToken token, address excluded) private {
        guardian = new EmergencyGuardian(cold, oracle, address(timelock), mandateHolder);
        steward = new RiskSteward(cold, address(timelock), mandateHolder);
        address treasury = address(new Treasury(address(timelock), token, excluded));
        vm.startPrank(admin);
        IAccessControl(address(engine)).grantRole(keccak256("GUARDIAN_ROLE"), address(guardian));
        oracle.grantRole(keccak256("GUARDIAN_ROLE"), address(guardian));
        IAccessControl(address(engine)).grantRole(keccak256("CONFIGURATOR_ROLE"), address(steward));
        vm.stopPrank();
        address validator = address(GovernanceDeployer.validator(cold, vault, oracle, treasury));
        _list("ExchangeValidator", validator, "ExchangeValidator", "");
        _list("EmergencyGuardian", address(guardian), "EmergencyGuardian", "");
        _list("RiskSteward", address(steward), "RiskSteward", "");
        _list("Treasury", treasury, "Treasury", "");
    }

    function _list(string memory name, address at, string memory artifact, string memory extension) private {
        Target storage target = targets.push();
        (target.name, target.at) = (name, at);
        _append(target, artifact);
        if (bytes(extension).length == 0) return;
        _append(target, extension);
        _append(target, "Deleverager");
        _append(target, "OrderDesk");
    }

    function _append(Target storage target, string memory artifact) private {
        string memory path = string.concat("contracts/out/", artifact, ".sol/", artifact, ".json");
        string[] memory signatures = vm.parseJsonKeys(vm.readFile(path), ".methodIdentifiers");
        for (uint256 i; i < signatures.length; ++i) {
            target.signatures.push(signatures[i]);
        }
    }

    function _use() private {
        Order[][] memory batches = commit(alice, 10 * UNIT);
        settle(batches, firstUpdate());
        batches = commit(bob, -4 * UNIT);
        settle(batches, firstUpdate());
        commit(alice, UNIT);
        usdc.mint(bob, 1000e6);
        vm.prank(bob);
        vault.requestDeposit(1000e6, bob, bob);
        refreshPrices();
    }

    /// @dev Who gives a contract's roles.
    function adminOf(address at) internal view returns (address) {
        return at == address(timelock) ? at : admin;
    }

    /// @dev Both sources say anew what they said, so that stored prices are fresh.
    function refreshPrices() internal {
        answer(ETH, ETH_PRICE);
        answer(BTC, BTC_PRICE);
        store(both(block.timestamp));
    }

    /// @dev What anybody may bring up to date at any time is: so that doing it again changes nothing.
    function bringUpToDate() internal {
        cold.updateIndices(3, noUpdate);
        cold.divideReserves();
        // Reverts while no epoch is due.
        try vault.settleEpoch(noUpdate) {} catch {}
        cold.appraise();
    }

    /// @notice Addresses that hold code of ours: those of {targets} and what stands behind proxies.
    function deployed() internal view returns (Target[] memory all) {
        all = new Target[](targets.length + 2);
        for (uint256 i; i < targets.length; ++i) {
            all[i] = targets[i];
        }
        for (uint256 i; i < 2; ++i) {
            all[targets.length + i] = Target(
                string.concat("implementation of ", targets[i].name),
                address(uint160(uint256(vm.load(targets[i].at, ERC1967Utils.IMPLEMENTATION_SLOT)))),
                targets[i].signatures
            );
        }
    }

    /// @notice Arguments a stranger might try: nothing, their own, somebody else's, themselves under the admin's role, a
    /// token, too much.
    function patterns() internal view returns (Pattern[] memory all) {
        all = new Pattern[](7);
        (bytes32 own, bytes32 other) = (account(stranger), account(alice));
        all[0] = Pattern(0, address(0), 0, false, 0);
        all[1] = Pattern(1, stranger, own, true, 1);
        all[2] = Pattern(0, alice, other, true, 1);
        all[3] = Pattern(1, alice, other, false, 0);
        all[4] = Pattern(2, stranger, 0, true, 0);
        all[5] = Pattern(1e6, stranger, other, true, 2);
        all[6] = Pattern(type(uint256).max, alice, bytes32(type(uint256).max), true, 1);
    }

    function call(address caller, address to, string memory signature, Pattern memory pattern)
        internal
        returns (bool ok, bytes memory result)
    {
        bytes memory data = Calldata.encode(signature, pattern);
        vm.prank(caller);
        return to.call(data);
    }

    /// @dev External, so that its memory is given back.
    /// @return Whether the call went through.
    function attempt(address caller, address to, string memory signature, Pattern memory pattern)
        external
        returns (bool)
    {
        (bool ok,) = call(caller, to, signature, pattern);
        return ok;
    }
}
