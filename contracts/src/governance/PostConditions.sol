// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IEngineExtension} from "../interfaces/IEngineExtension.sol";
import {IRiskManager} from "../interfaces/IRiskManager.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {Timelocked} from "./Timelocked.sol";

/// @notice By how much a proposal's execution may move the exchange, at most.
/// @param netAssetValueBps The pool's value, either way, basis points of what it was.
/// @param fundingBps Each market's cumulative funding, either way, basis points of its index.
/// @param liquidatable Accounts of the sample more than before that can be liquidated.
/// @param sample Accounts that are looked at.
struct Conditions {
    uint256 netAssetValueBps;
    uint256 fundingBps;
    uint256 liquidatable;
    bytes32[] sample;
}

/// @title Lets a proposal promise what its execution leaves as it was: its first action measures, its last one measures
/// again, and the execution reverts when more has moved.
/// @dev Holds nothing between two transactions. What happens after the execution, as a ramp does, is not seen by it.
contract PostConditions is Timelocked {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using TransientSlot for *;

    /// @dev What was measured: the first word each of its own, a word for each market's funding behind the last.
    bytes32 private constant CONDITIONS = keccak256("tidemark.postConditions.conditions");
    bytes32 private constant NET_ASSET_VALUE = keccak256("tidemark.postConditions.netAssetValue");
    bytes32 private constant LIQUIDATABLE = keccak256("tidemark.postConditions.liquidatable");
    bytes32 private constant MARKETS = keccak256("tidemark.postConditions.markets");
    uint256 private constant FUNDING = uint256(keccak256("tidemark.postConditions.funding"));

    IEngineExtension public immutable engine;
    IRiskManager public immutable riskManager;

    /// @notice Thrown when conditions end that did not begin in the same transaction.
    error ConditionsNotBegun(bytes32 conditions, bytes32 begun);
    /// @notice Thrown when the pool's value moved by more. USD, 30 decimals.
    error NetAssetValueMoved(uint256 move, uint256 limit);
    /// @notice Thrown when a market's cumulative funding moved by more. USD per base unit, 18 decimals.
    error FundingMoved(uint256 market, uint256 move, uint256 limit);
    /// @notice Thrown when more accounts of the sample can be liquidated.
    error AccountsEndangered(uint256 more, uint256 limit);

    constructor(IEngineExtension engine_, IRiskManager riskManager_, address timelock_) Timelocked(timelock_) {
        (engine, riskManager) = (engine_, riskManager_);
    }

    /// @notice Measures what must not move. A proposal's first action.
    function begin(Conditions calldata conditions) external onlyTimelock {
        CONDITIONS.asBytes32().tstore(keccak256(abi.encode(conditions)));
        NET_ASSET_VALUE.asInt256().tstore(engine.solvency().netAssetValue);
        LIQUIDATABLE.asUint256().tstore(_liquidatable(conditions.sample));
        uint256 count = engine.marketCount();
        MARKETS.asUint256().tstore(count);
        for (uint256 id; id < count; ++id) {
            _fundingSlot(id).asInt256().tstore(engine.getAccruedMarket(id).funding);
        }
    }

    /// @notice Measures again, and reverts when more has moved than was said. A proposal's last action.
    /// @param conditions Those that it began with.
    function end(Conditions calldata conditions) external onlyTimelock {
        bytes32 digest = keccak256(abi.encode(conditions));
        bytes32 begun = CONDITIONS.asBytes32().tload();
        require(digest == begun, ConditionsNotBegun(digest, begun));
        CONDITIONS.asBytes32().tstore(0);

        int256 value = NET_ASSET_VALUE.asInt256().tload();
        uint256 move = (engine.solvency().netAssetValue - value).abs();
        uint256 limit = value.abs().mulDivDown(conditions.netAssetValueBps, FixedPoint.BPS);
        require(move <= limit, NetAssetValueMoved(move, limit));

        uint256 count = MARKETS.asUint256().tload();
        for (uint256 id; id < count; ++id) {
            _checkFunding(id, conditions.fundingBps);
        }

        uint256 before = LIQUIDATABLE.asUint256().tload();
        uint256 present = _liquidatable(conditions.sample);
        uint256 more = present > before ? present - before : 0;
        require(more <= conditions.liquidatable, AccountsEndangered(more, conditions.liquidatable));
    }

    function _checkFunding(uint256 id, uint256 fundingBps) private view {
        int256 before = _fundingSlot(id).asInt256().tload();
        uint256 move = (engine.getAccruedMarket(id).funding - before).abs();
        uint256 limit = uint256(engine.getMarket(id).index).mulDivDown(fundingBps, FixedPoint.BPS);
        require(move <= limit, FundingMoved(id, move, limit));
    }

    function _liquidatable(bytes32[] calldata sample) private view returns (uint256 count) {
        for (uint256 i; i < sample.length; ++i) {
            if (riskManager.getHealth(sample[i]).liquidatable) ++count;
        }
    }

    function _fundingSlot(uint256 id) private pure returns (bytes32) {
        return bytes32(FUNDING + id);
    }
}
