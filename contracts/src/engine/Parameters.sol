// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarginMath} from "../libraries/MarginMath.sol";
import {AccessControlUpgradeable} from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import {IEngineExtension} from "../interfaces/IEngineExtension.sol";
import {Price} from "../interfaces/IPriceOracle.sol";
import {RiskParameters} from "../libraries/RiskParameters.sol";
import {EngineStorage} from "./EngineStorage.sol";
import {Market, MarketConfig, Schedule} from "./EngineTypes.sol";

/// @notice Markets and their parameters: listed at once, changed by a schedule that anybody advances.
abstract contract Parameters is EngineStorage, AccessControlUpgradeable, IEngineExtension {
    /// @inheritdoc IEngineExtension
    function listMarket(MarketConfig calldata config, uint16 keeperFeeCents)
        external
        nonReentrant
        onlyRole(CONFIGURATOR_ROLE)
        returns (uint256 id)
    {
        Layout storage $ = _layout();
        id = $.marketCount++;
        require(id < MAX_MARKETS, ParameterOutOfBounds("marketCount", id, MAX_MARKETS - 1));
        Price memory price = _oracle.peek(id);
        require(price.mid != 0, IndexUnset(id));
        require(price.hi <= MAX_PRICE, PriceTooLarge(price.hi, MAX_PRICE));
        Market storage market = $.markets[id].market;
        // At most MAX_PRICE, 1e26 < 2^87; seconds below 2^40.
        (market.index, market.indexAt) = (uint96(price.mid), uint40(price.publishTime));
        // Seconds: below 2^40.
        market.accruedAt = uint40(block.timestamp);
        emit MarketListed(id);
        uint256 flags = LISTED | ($.pool.pauseLevel & 2 != 0 ? HALTED : 0);
        RiskParameters.list(id, $.markets[id].config, $.markets[id].queue, config, keeperFeeCents, flags);
        if (flags & HALTED == 0) {
            // At most 1e18.
            $.markets[id].queue.marginPerUnit = uint64(MarginMath.perUnit(price.mid, config.initialMarginBps));
        }
    }

    /// @inheritdoc IEngineExtension
    function scheduleParameters(uint256 market, MarketConfig calldata config, uint16 keeperFeeCents, uint256 duration)
        external
        nonReentrant
        onlyRole(CONFIGURATOR_ROLE)
    {
        Layout storage $ = _layout();
        _checkConfigurable(market);
        RiskParameters.schedule(
            market, $.markets[market].schedule, $.markets[market].config, config, keeperFeeCents, duration
        );
    }

    /// @inheritdoc IEngineExtension
    /// @dev Funding up to now is at the parameters that were in force.
    function advanceParameters(uint256 market) external nonReentrant {
        Layout storage $ = _layout();
        _scheduled(market);
        _checkConfigurable(market);
        _save(_open(market));
        RiskParameters.advance(market, $.markets[market].schedule, $.markets[market].config, $.markets[market].queue);
    }

    /// @inheritdoc IEngineExtension
    function cancelParameters(uint256 market) external nonReentrant {
        if (!hasRole(GUARDIAN_ROLE, msg.sender)) _checkRole(CONFIGURATOR_ROLE);
        _scheduled(market).endsAt = 0;
        emit ParametersCancelled(market, msg.sender);
    }

    /// @inheritdoc IEngineExtension
    function setReduceOnly(uint256 market, bool on) external nonReentrant {
        if (!on || !hasRole(GUARDIAN_ROLE, msg.sender)) _checkRole(CONFIGURATOR_ROLE);
        _checkConfigurable(market);
        uint256 at = _layout().markets[market].settlesAt;
        require(on || at == 0, SettlementAnnounced(market, at));
        MarketConfig storage config = _layout().markets[market].config;
        // Flags below 2^8.
        config.flags = uint8(on ? config.flags | REDUCE_ONLY : config.flags & ~REDUCE_ONLY);
        emit ReduceOnlySet(market, on, msg.sender);
    }

    /// @inheritdoc IEngineExtension
    function getSchedule(uint256 market) external view returns (Schedule memory) {
        return _layout().markets[market].schedule;
    }

    function _checkConfigurable(uint256 market) private view {
        uint256 flags = _layout().markets[market].config.flags;
        require(flags & LISTED != 0, UnknownMarket(market));
        require(flags & SETTLED == 0, MarketSettled(market));
    }

    function _scheduled(uint256 market) private view returns (Schedule storage s) {
        s = _layout().markets[market].schedule;
        require(s.endsAt != 0, NothingScheduled(market));
    }
}
