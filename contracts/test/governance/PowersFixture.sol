// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {EmergencyGuardian} from "../../src/governance/EmergencyGuardian.sol";
import {Governance} from "../../src/governance/Governance.sol";
import {Conditions, PostConditions} from "../../src/governance/PostConditions.sol";
import {ProposalPolicy} from "../../src/governance/ProposalPolicy.sol";
import {RiskSteward} from "../../src/governance/RiskSteward.sol";
import {Treasury} from "../../src/governance/Treasury.sol";
import {IDeleverager} from "../../src/interfaces/IDeleverager.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {Action, IActionValidator, ProposalKind, Terms} from "../../src/interfaces/IProposalPolicy.sol";
import {Feed} from "../../src/oracle/PriceSources.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {Draft, GovernanceFixture} from "./GovernanceFixture.sol";

/// @notice One call that only a power of the exchange can make.
/// @param name Contract and function, `Engine.setGasMarket`.
/// @param what Which of several by that function.
/// @param by Who can; nobody when zero.
struct Deed {
    string name;
    string what;
    address target;
    bytes data;
    address by;
}

/// @notice The exchange with every power in place: guardian, steward, treasury and vault beside the governor. Its state is
/// one in which each deed of {_deeds} would go through, if only its caller were the right one.
/// @dev ETH can be loosened in every field; BTC is halted, reduce-only and being tightened; market 2 is to be settled; of
/// markets 3 to 5 there are feeds alone: one in use, one proposed, one in settlement.
abstract contract PowersFixture is GovernanceFixture {
    uint256 internal constant ENDING = 2;
    uint256 internal constant NEW = 3;
    uint256 internal constant PROPOSED = 4;
    uint256 internal constant CLOSED = 5;
    /// @dev Of a market's parameters with the keeper's fee, each loosened by itself.
    uint256 internal constant FIELDS = 15;
    uint16 internal constant KEEPER_FEE = 50;

    EmergencyGuardian internal guardian;
    RiskSteward internal steward;
    Treasury internal treasuryContract;
    /// @dev Who holds the guardian's and the steward's mandate.
    address internal guardianHolder = makeAddr("guardian");
    address internal stewardHolder = makeAddr("steward");

    bytes32 private _scheduled;

    function setUp() public virtual override {
        super.setUp();
        guardian = new EmergencyGuardian(cold, oracle, address(timelock), guardianHolder);
        steward = new RiskSteward(cold, address(timelock), stewardHolder);
        treasuryContract = new Treasury(address(timelock), token, governance.EXCLUDED());
        vm.startPrank(treasury);
        assertTrue(token.transfer(address(treasuryContract), token.balanceOf(treasury)), "the treasury's tokens");
        vm.stopPrank();
        vm.prank(admin);
        IAccessControl(address(engine)).renounceRole(keccak256("VAULT_ROLE"), admin);
        _grant(address(engine), "VAULT_ROLE", address(vault));
        _grant(address(engine), "GUARDIAN_ROLE", address(guardian));
        _grant(address(oracle), "GUARDIAN_ROLE", address(guardian));
        _grant(address(engine), "CONFIGURATOR_ROLE", address(steward));
        _arrangeFeeds();
        _arrangeMarkets();
        _arrangeTimelock();
        vm.warp(block.timestamp + 20 days);
        watch(1 << BTC);
        refresh();
        usdc.mint(alice, 1e6);
        vm.prank(guardianHolder);
        guardian.pause(1);
    }

    function _grant(address target, string memory role, address to) private {
        vm.prank(address(timelock));
        IAccessControl(target).grantRole(keccak256(bytes(role)), to);
    }

    /// @dev ETH's sources serve them all.
    function _arrangeFeeds() private {
        vm.startPrank(address(timelock));
        for (uint256 id = ENDING; id <= CLOSED; ++id) {
            oracle.proposeFeed(id, feedOf(ETH));
            if (id != PROPOSED) oracle.acceptFeed(id);
        }
        bytes32 role = keccak256("GUARDIAN_ROLE");
        oracle.grantRole(role, address(timelock));
        oracle.haltMarket(BTC);
        oracle.haltMarket(CLOSED);
        oracle.revokeRole(role, address(timelock));
        vm.stopPrank();
        watch(1 << BTC | 1 << CLOSED);
        refresh();
        vm.prank(address(timelock));
        oracle.beginClosing(CLOSED);
    }

    function _arrangeMarkets() private {
        MarketConfig memory tight = config(10_000e6);
        (tight.skewCapBps, tight.openInterestCapBps, tight.accountCapPercent) = (150, 300, 50);
        MarketConfig memory tighter = config(400e6);
        tighter.maintenanceMarginBps = 650;
        vm.startPrank(address(timelock));
        cold.listMarket(config(400e6), KEEPER_FEE);
        IDeleverager(address(engine)).scheduleSettlement(ENDING, uint40(block.timestamp + 200 days));
        cold.setReduceOnly(BTC, true);
        cold.scheduleParameters(ETH, tight, KEEPER_FEE, 1 days);
        vm.warp(block.timestamp + 1 days);
        cold.advanceParameters(ETH);
        cold.scheduleParameters(BTC, tighter, KEEPER_FEE, 200 days);
        vm.stopPrank();
    }

    /// @dev One operation is due, that the governor has scheduled.
    function _arrangeTimelock() private {
        vm.prank(address(governance));
        timelock.schedule(address(engine), 0, _gasMarket(), 0, "one", 2 days);
        _scheduled = timelock.hashOperation(address(engine), 0, _gasMarket(), 0, "one");
        address[] memory targets = new address[](1);
        bytes[] memory calls = new bytes[](1);
        (targets[0], calls[0]) = (address(engine), _gasMarket());
        vm.prank(address(governance));
        timelock.scheduleBatch(targets, new uint256[](1), calls, 0, "many", 2 days);
    }

    function _gasMarket() private pure returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.setGasMarket, (BTC));
    }

    /// @dev Both sources say anew what they said.
    function refresh() internal {
        answer(ETH, ETH_PRICE);
        answer(BTC, BTC_PRICE);
        store(both(block.timestamp));
    }

    /// @dev A day passes, somebody looking at markets each half hour.
    function watch(uint256 markets) internal {
        uint256 begunAt = vm.getBlockTimestamp();
        for (uint256 i; i <= 48; ++i) {
            vm.warp(begunAt + i * 30 minutes);
            oracle.observe(markets, noUpdate, address(this));
        }
    }

    // ---------------------------------------------------------------- deeds

    Deed[] private _list;

    /// @dev Everything that a power can do and that may raise risk, or moves powers.
    function deeds() internal returns (Deed[] memory) {
        delete _list;
        for (uint256 i; i < FIELDS; ++i) {
            (string memory field, MarketConfig memory to, uint16 keeperFeeCents) = loosened(i);
            bytes memory data = abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, to, keeperFeeCents, 30 days));
            _add("Engine.scheduleParameters", field, address(engine), data, address(timelock));
        }
        _addEngine();
        _addVault();
        _addOracle();
        _addGovernor();
        _addTimelock();
        _addMandates();
        return _list;
    }

    /// @dev ETH's parameters with one of them a little looser, within all bounds.
    function loosened(uint256 i)
        internal
        view
        returns (string memory field, MarketConfig memory c, uint16 keeperFeeCents)
    {
        (c, keeperFeeCents) = (cold.getMarketConfig(ETH), KEEPER_FEE);
        c.flags = 0;
        if (i == 0) (field, c.skewScale) = ("skewScale", c.skewScale + 10e6);
        else if (i == 1) (field, c.initialMarginBps) = ("initialMarginBps", c.initialMarginBps - 10);
        else if (i == 2) (field, c.maintenanceMarginBps) = ("maintenanceMarginBps", c.maintenanceMarginBps - 10);
        else if (i == 3) (field, c.marginSlopeBps) = ("marginSlopeBps", c.marginSlopeBps - 10);
        else if (i == 4) (field, c.skewCapBps) = ("skewCapBps", c.skewCapBps + 1);
        else if (i == 5) (field, c.openInterestCapBps) = ("openInterestCapBps", c.openInterestCapBps + 1);
        else if (i == 6) (field, c.profitWeightBps) = ("profitWeightBps", c.profitWeightBps + 1);
        else if (i == 7) (field, c.makerFeePpm) = ("makerFeePpm", c.makerFeePpm - 1);
        else if (i == 8) (field, c.takerFeePpm) = ("takerFeePpm", c.takerFeePpm - 1);
        else if (i == 9) (field, c.penaltyBps) = ("penaltyBps", c.penaltyBps - 1);
        else if (i == 10) (field, c.accountCapPercent) = ("accountCapPercent", c.accountCapPercent + 1);
        else if (i == 11) (field, c.fundingCoefficientBps) = ("fundingCoefficientBps", c.fundingCoefficientBps - 1);
        else if (i == 12) (field, c.fundingCapPpm) = ("fundingCapPpm", c.fundingCapPpm - 1);
        else if (i == 13) (field, c.allocationPercent) = ("allocationPercent", c.allocationPercent + 1);
        else (field, keeperFeeCents) = ("keeperFeeCents", KEEPER_FEE - 1);
    }

    function _add(string memory name, string memory what, address target, bytes memory data, address by) private {
        _list.push(Deed(name, what, target, data, by));
    }

    function _addEngine() private {
        address at = address(engine);
        address by = address(timelock);
        _add("Engine.cancelParameters", "", at, abi.encodeCall(IEngineExtension.cancelParameters, (BTC)), by);
        _add("Engine.listMarket", "", at, abi.encodeCall(IEngineExtension.listMarket, (config(1e6), KEEPER_FEE)), by);
        _add("Engine.setReduceOnly", "", at, abi.encodeCall(IEngineExtension.setReduceOnly, (BTC, false)), by);
        _add("Engine.setGasMarket", "", at, _gasMarket(), by);
        _add("Engine.payTreasury", "", at, abi.encodeCall(IEngineExtension.payTreasury, (treasury, 0)), by);
        uint40 end = uint40(block.timestamp + 100 days);
        _add("Engine.scheduleSettlement", "", at, abi.encodeCall(IDeleverager.scheduleSettlement, (ETH, end)), by);
        _add("Engine.cancelSettlement", "", at, abi.encodeCall(IDeleverager.cancelSettlement, (ENDING)), by);
        _addRoles("Engine", at, true);
        _add("Engine.initialize", "", at, abi.encodeCall(IEngineExtension.initialize, (stranger)), address(0));
        by = address(guardian);
        _add("Engine.setPauseLevel", "", at, abi.encodeCall(IEngineExtension.setPauseLevel, (0)), by);
        by = address(vault);
        _add("Engine.receiveLiquidity", "", at, abi.encodeCall(IEngineExtension.receiveLiquidity, (alice, 1e6)), by);
        _add("Engine.addLiquidity", "", at, abi.encodeCall(IEngineExtension.addLiquidity, (0)), by);
        _add("Engine.removeLiquidity", "", at, abi.encodeCall(IEngineExtension.removeLiquidity, (1e18)), by);
        _add("Engine.payLiquidity", "", at, abi.encodeCall(IEngineExtension.payLiquidity, (stranger, 0)), by);
        _add("Engine.returnLiquidity", "", at, abi.encodeCall(IEngineExtension.returnLiquidity, (stranger, 0)), by);
        // Not while paused.
        _add("Engine.priceLiquidity", "", at, abi.encodeCall(IEngineExtension.priceLiquidity, (noUpdate)), address(0));
    }

    function _addRoles(string memory name, address at, bool upgradeable) private {
        string[5] memory roles =
            ["DEFAULT_ADMIN_ROLE", "CONFIGURATOR_ROLE", "GUARDIAN_ROLE", "UPGRADER_ROLE", "VAULT_ROLE"];
        for (uint256 i; i < roles.length; ++i) {
            bytes32 role = i == 0 ? bytes32(0) : keccak256(bytes(roles[i]));
            bytes memory granting = abi.encodeCall(IAccessControl.grantRole, (role, stranger));
            _add(string.concat(name, ".grantRole"), roles[i], at, granting, address(timelock));
        }
        bytes memory revoking =
            abi.encodeCall(IAccessControl.revokeRole, (keccak256("GUARDIAN_ROLE"), address(guardian)));
        _add(string.concat(name, ".revokeRole"), "", at, revoking, address(timelock));
        if (!upgradeable) return;
        address implementation = address(uint160(uint256(vm.load(at, ERC1967Utils.IMPLEMENTATION_SLOT))));
        bytes memory upgrading = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (implementation, ""));
        _add(string.concat(name, ".upgradeToAndCall"), "", at, upgrading, address(timelock));
    }

    function _addVault() private {
        address at = address(vault);
        address by = address(timelock);
        _add("Vault.setCooldown", "", at, abi.encodeCall(ILiquidityVault.setCooldown, (1 hours, 1 hours)), by);
        _add("Vault.setDepositLock", "", at, abi.encodeCall(ILiquidityVault.setDepositLock, (0)), by);
        _add("Vault.setOutflowCap", "", at, abi.encodeCall(ILiquidityVault.setOutflowCap, (5000)), by);
        _addRoles("Vault", at, true);
        bytes memory initializing = abi.encodeCall(ILiquidityVault.initialize, (stranger, "", ""));
        _add("Vault.initialize", "", at, initializing, address(0));
    }

    function _addOracle() private {
        address at = address(oracle);
        address by = address(timelock);
        Feed memory feed = feedOf(ETH);
        feed.haltPpm = 100_000;
        _add("Oracle.proposeFeed", "", at, abi.encodeCall(PriceOracle.proposeFeed, (ETH, feed)), by);
        _add("Oracle.acceptFeed", "", at, abi.encodeCall(PriceOracle.acceptFeed, (PROPOSED)), by);
        _add("Oracle.releaseMarket", "", at, abi.encodeCall(PriceOracle.releaseMarket, (BTC)), by);
        _add("Oracle.beginClosing", "", at, abi.encodeCall(PriceOracle.beginClosing, (BTC)), by);
        _add("Oracle.cancelClosing", "", at, abi.encodeCall(PriceOracle.cancelClosing, (CLOSED)), by);
        _add("Oracle.voteClosingPrice", "", at, abi.encodeCall(PriceOracle.voteClosingPrice, (CLOSED, 1)), by);
        _addRoles("Oracle", at, false);
        _add("Oracle.haltMarket", "", at, abi.encodeCall(PriceOracle.haltMarket, (ETH)), address(guardian));
    }

    function _addGovernor() private {
        address by = address(timelock);
        IActionValidator none = IActionValidator(address(0));
        Action memory action = Action(address(engine), IAccessControl.grantRole.selector, ProposalKind.Parameter, none);
        address at = address(policy);
        _add("Policy.register", "", at, abi.encodeCall(ProposalPolicy.register, (action)), by);
        bytes4 known = IEngineExtension.setGasMarket.selector;
        _add("Policy.remove", "", at, abi.encodeCall(ProposalPolicy.remove, (address(engine), known)), by);
        Terms memory least = Terms(0, 1 days, 3 days, 200, 5000, 2 days);
        _add("Policy.setTerms", "", at, abi.encodeCall(ProposalPolicy.setTerms, (ProposalKind.Upgrade, least)), by);
        at = address(postConditions);
        Conditions memory conditions = Conditions(0, 0, 0, new bytes32[](0));
        _add("PostConditions.begin", "", at, abi.encodeCall(PostConditions.begin, (conditions)), by);
        _add("PostConditions.end", "", at, abi.encodeCall(PostConditions.end, (conditions)), address(0));
        at = address(governance);
        // By a proposal alone, not by the timelock's call.
        _add("Governance.setCouncil", "", at, abi.encodeCall(Governance.setCouncil, (stranger)), address(0));
        bytes memory extending = abi.encodeCall(GovernorPreventLateQuorum.setLateQuorumVoteExtension, (0));
        _add("Governance.setLateQuorumVoteExtension", "", at, extending, address(0));
        bytes memory relayed = abi.encodeCall(TimelockController.cancel, (_scheduled));
        _add("Governance.relay", "", at, abi.encodeCall(Governor.relay, (address(timelock), 0, relayed)), address(0));
    }

    function _addTimelock() private {
        TimelockController t = timelock;
        address at = address(t);
        address by = address(governance);
        (address[] memory targets, bytes[] memory calls) = (new address[](1), new bytes[](1));
        (targets[0], calls[0]) = (address(engine), _gasMarket());
        uint256[] memory none = new uint256[](1);
        bytes memory data = abi.encodeCall(t.schedule, (address(engine), 0, calls[0], 0, "another", 2 days));
        _add("Timelock.schedule", "", at, data, by);
        _add(
            "Timelock.scheduleBatch",
            "",
            at,
            abi.encodeCall(t.scheduleBatch, (targets, none, calls, 0, "x", 2 days)),
            by
        );
        data = abi.encodeCall(t.schedule, (address(engine), 0, calls[0], 0, "another", 2 days - 1));
        _add("Timelock.schedule", "sooner", at, data, address(0));
        _add("Timelock.cancel", "", at, abi.encodeCall(t.cancel, (_scheduled)), by);
        _add("Timelock.execute", "", at, abi.encodeCall(t.execute, (address(engine), 0, calls[0], 0, "one")), by);
        _add("Timelock.executeBatch", "", at, abi.encodeCall(t.executeBatch, (targets, none, calls, 0, "many")), by);
        _add("Timelock.updateDelay", "", at, abi.encodeCall(t.updateDelay, (0)), at);
        bytes32[4] memory roles = [bytes32(0), t.PROPOSER_ROLE(), t.EXECUTOR_ROLE(), t.CANCELLER_ROLE()];
        for (uint256 i; i < roles.length; ++i) {
            _add("Timelock.grantRole", vm.toString(roles[i]), at, abi.encodeCall(t.grantRole, (roles[i], stranger)), at);
        }
        _add("Timelock.revokeRole", "", at, abi.encodeCall(t.revokeRole, (t.CANCELLER_ROLE(), by)), at);
    }

    function _addMandates() private {
        address by = address(timelock);
        bytes memory paying = abi.encodeCall(Treasury.pay, (IERC20(address(token)), stranger, 1e18));
        _add("Treasury.pay", "", address(treasuryContract), paying, by);
        bytes memory naming = abi.encodeCall(EmergencyGuardian.setGuardian, (stranger));
        _add("Guardian.setGuardian", "", address(guardian), naming, by);
        _add("Steward.setSteward", "", address(steward), abi.encodeCall(RiskSteward.setSteward, (stranger)), by);
    }

    /// @dev Everybody who holds something: mandates, votes, shares of none, positions, what was handed over.
    function holders() internal view returns (address[] memory list) {
        address[13] memory all = [
            guardianHolder,
            council,
            stewardHolder,
            keeper,
            alice,
            bob,
            carol,
            dave,
            erin,
            admin,
            address(this),
            treasury,
            stranger
        ];
        list = new address[](all.length);
        for (uint256 i; i < all.length; ++i) {
            list[i] = all[i];
        }
    }
}
