// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Schedule} from "../engine/EngineTypes.sol";
import {IDeleverager} from "../interfaces/IDeleverager.sol";
import {IEngineErrors} from "../interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../interfaces/IEngineExtension.sol";
import {ILiquidityVault, Vault} from "../interfaces/ILiquidityVault.sol";
import {IActionValidator, IProposalPolicy, ProposalKind} from "../interfaces/IProposalPolicy.sol";
import {RiskParameters} from "../libraries/RiskParameters.sol";
import {VaultParameters} from "../libraries/VaultParameters.sol";
import {Closing} from "../oracle/ClosingPrice.sol";
import {Feed, PriceOracle} from "../PriceOracle.sol";

/// @title Says of an action on the exchange whether it is within its bounds, which kind it is and what it would change.
/// @dev The bounds are those of the setters, asked again when the action is executed. Source: docs/governance.md#actions.
contract ExchangeValidator is IActionValidator {
    uint256 private constant REDUCE_ONLY = 2;

    IEngineExtension public immutable engine;
    ILiquidityVault public immutable vault;
    PriceOracle public immutable oracle;
    address public immutable treasury;

    /// @notice Thrown when the treasury would be paid out to another address.
    error TreasuryElsewhere(address to, address treasury);

    /// @param engine_ Answers for the deleverager too.
    /// @param treasury_ The only one that the exchange's treasury may be paid to.
    constructor(IEngineExtension engine_, ILiquidityVault vault_, PriceOracle oracle_, address treasury_) {
        (engine, vault, oracle, treasury) = (engine_, vault_, oracle_, treasury_);
    }

    /// @inheritdoc IActionValidator
    function validate(address target, bytes calldata data) external view returns (ProposalKind, bytes32 before) {
        bytes4 selector = bytes4(data);
        if (target == address(engine)) return _engine(selector, data[4:]);
        if (target == address(oracle)) return _oracle(selector, data[4:]);
        if (target == address(vault)) return _vault(selector, data[4:]);
        revert IProposalPolicy.ActionUnknown(target, selector);
    }

    // ---------------------------------------------------------------- the engine

    function _engine(bytes4 selector, bytes calldata arguments) private view returns (ProposalKind, bytes32) {
        if (selector == IEngineExtension.listMarket.selector) return _listMarket(arguments);
        if (selector == IEngineExtension.payTreasury.selector) return _payTreasury(arguments);
        uint256 market = abi.decode(arguments[:32], (uint256));
        require(market < engine.marketCount(), IEngineErrors.UnknownMarket(market));
        if (selector == IEngineExtension.scheduleParameters.selector) return _scheduleParameters(arguments);
        if (selector == IEngineExtension.cancelParameters.selector) return _cancelParameters(market);
        if (selector == IEngineExtension.setReduceOnly.selector) return _setReduceOnly(arguments);
        if (selector == IEngineExtension.setGasMarket.selector) {
            return (ProposalKind.Parameter, bytes32(engine.gasMarket()));
        }
        bool settlement =
            selector == IDeleverager.scheduleSettlement.selector || selector == IDeleverager.cancelSettlement.selector;
        require(settlement, IProposalPolicy.ActionUnknown(address(engine), selector));
        return (ProposalKind.Risk, bytes32(IDeleverager(address(engine)).settlesAt(market)));
    }

    /// @dev Of a change that is on its way the pace counts too: what leads to the same end sooner or later is no less.
    function _scheduleParameters(bytes calldata arguments) private view returns (ProposalKind kind, bytes32) {
        (uint256 market, MarketConfig memory to, uint16 keeperFeeCents, uint256 duration) =
            abi.decode(arguments, (uint256, MarketConfig, uint16, uint256));
        MarketConfig memory inForce = engine.getMarketConfig(market);
        _checkChange(inForce, to, keeperFeeCents, duration);
        (MarketConfig memory from, bytes32 before) = _destination(market);
        kind = _kindOf(inForce, to);
        return (kind == ProposalKind.Risk ? kind : _kindOf(from, to), before);
    }

    /// @dev As {RiskParameters-schedule} does, from now on.
    function _checkChange(MarketConfig memory from, MarketConfig memory to, uint16 keeperFeeCents, uint256 duration)
        private
        view
    {
        RiskParameters.validate(to, keeperFeeCents);
        require(to.flags == 0, IEngineErrors.ParameterOutOfBounds("flags", to.flags, 0));
        RiskParameters.checkDuration(from.skewScale, to.skewScale, duration);
        Schedule memory change;
        // Seconds: below 2^40; the duration is bounded above.
        (change.startedAt, change.endsAt) = (uint40(block.timestamp), uint40(block.timestamp + duration));
        (change.from, change.to) = (from, to);
        RiskParameters.checkStep(change);
    }

    function _cancelParameters(uint256 market) private view returns (ProposalKind, bytes32) {
        (MarketConfig memory from, bytes32 before) = _destination(market);
        return (_kindOf(from, engine.getMarketConfig(market)), before);
    }

    function _listMarket(bytes calldata arguments) private view returns (ProposalKind, bytes32) {
        (MarketConfig memory config, uint16 keeperFeeCents) = abi.decode(arguments, (MarketConfig, uint16));
        RiskParameters.validate(config, keeperFeeCents);
        uint256 id = engine.marketCount();
        return (ProposalKind.Market, keccak256(abi.encode(id, oracle.getFeed(id))));
    }

    /// @dev Ending it lets positions grow again.
    function _setReduceOnly(bytes calldata arguments) private view returns (ProposalKind, bytes32) {
        (uint256 market, bool on) = abi.decode(arguments, (uint256, bool));
        uint256 before = engine.getMarketConfig(market).flags & REDUCE_ONLY;
        return (on ? ProposalKind.Parameter : ProposalKind.Risk, bytes32(before));
    }

    function _payTreasury(bytes calldata arguments) private view returns (ProposalKind, bytes32) {
        (address to,) = abi.decode(arguments, (address, uint256));
        require(to == treasury, TreasuryElsewhere(to, treasury));
        return (ProposalKind.Risk, 0);
    }

    /// @dev Where a market's parameters are going: those in force, unless a change is on its way.
    function _destination(uint256 market) private view returns (MarketConfig memory config, bytes32 digest) {
        Schedule memory schedule = engine.getSchedule(market);
        uint256 keeperFeeCents = schedule.keeperFeeCents;
        config = schedule.to;
        if (schedule.endsAt == 0) {
            config = engine.getMarketConfig(market);
            keeperFeeCents = engine.getQueue(market).keeperFeeCents;
        }
        config.flags = 0;
        digest = keccak256(abi.encode(config, keeperFeeCents));
    }

    /// @dev What decides when people are liquidated and how much the pool bears is risk, a lower initial margin too: it is
    /// more leverage, and maintenance, initial · MM / IM, is more of a large position. The rest is what trading costs.
    function _kindOf(MarketConfig memory from, MarketConfig memory to) private pure returns (ProposalKind) {
        bool same = from.skewScale == to.skewScale && from.initialMarginBps <= to.initialMarginBps
            && from.maintenanceMarginBps == to.maintenanceMarginBps && from.marginSlopeBps == to.marginSlopeBps
            && from.skewCapBps == to.skewCapBps && from.openInterestCapBps == to.openInterestCapBps
            && from.profitWeightBps == to.profitWeightBps && from.penaltyBps == to.penaltyBps
            && from.accountCapPercent == to.accountCapPercent && from.allocationPercent == to.allocationPercent;
        return same ? ProposalKind.Parameter : ProposalKind.Risk;
    }

    // ---------------------------------------------------------------- the oracle

    function _oracle(bytes4 selector, bytes calldata arguments) private view returns (ProposalKind, bytes32) {
        uint256 market = abi.decode(arguments[:32], (uint256));
        if (selector == PriceOracle.proposeFeed.selector) {
            (, Feed memory feed) = abi.decode(arguments, (uint256, Feed));
            oracle.checkFeed(market, feed);
            return (_kindOfFeed(market), _feeds(market));
        }
        if (selector == PriceOracle.acceptFeed.selector) return (_kindOfFeed(market), _feeds(market));
        if (selector == PriceOracle.releaseMarket.selector) return (ProposalKind.Risk, 0);
        bool closing = selector == PriceOracle.beginClosing.selector || selector == PriceOracle.cancelClosing.selector
            || selector == PriceOracle.voteClosingPrice.selector;
        require(closing, IProposalPolicy.ActionUnknown(address(oracle), selector));
        Closing memory present = oracle.getClosing(market);
        uint256 before = present.begunAt;
        // A vote takes the place of the one before: a price of 88 bits above the 40 of a time.
        if (selector == PriceOracle.voteClosingPrice.selector) before |= uint256(present.voted) << 40;
        return (ProposalKind.Risk, bytes32(before));
    }

    /// @dev Another source for a market in which people are is risk.
    function _kindOfFeed(uint256 market) private view returns (ProposalKind) {
        return market < engine.marketCount() ? ProposalKind.Risk : ProposalKind.Market;
    }

    function _feeds(uint256 market) private view returns (bytes32) {
        return keccak256(abi.encode(oracle.getFeed(market), oracle.getProposedFeed(market)));
    }

    // ---------------------------------------------------------------- the vault

    function _vault(bytes4 selector, bytes calldata arguments) private view returns (ProposalKind, bytes32) {
        Vault memory present = vault.getVault();
        if (selector == ILiquidityVault.setCooldown.selector) {
            (uint256 least, uint256 most) = abi.decode(arguments, (uint256, uint256));
            VaultParameters.checkCooldown(least, most);
            return (ProposalKind.Parameter, keccak256(abi.encode(present.minCooldown, present.maxCooldown)));
        }
        uint256 value = abi.decode(arguments, (uint256));
        if (selector == ILiquidityVault.setDepositLock.selector) {
            VaultParameters.checkDepositLock(value);
            return (ProposalKind.Parameter, bytes32(uint256(present.depositLock)));
        }
        bool known = selector == ILiquidityVault.setOutflowCap.selector;
        require(known, IProposalPolicy.ActionUnknown(address(vault), selector));
        VaultParameters.checkOutflowCap(value);
        return (ProposalKind.Risk, bytes32(uint256(present.outflowCapBps)));
    }
}
