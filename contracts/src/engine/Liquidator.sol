// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPriceOracle, Price, PriceUse} from "../interfaces/IPriceOracle.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingMath} from "../libraries/FundingMath.sol";
import {GasCost} from "../libraries/GasCost.sol";
import {Holding, Liquidation, LiquidationMath} from "../libraries/LiquidationMath.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {Account, MarketRisk, Pool, Position} from "./EngineTypes.sol";
import {WordStore} from "./WordStore.sol";

/// @title Liquidation. Runs only by the engine's delegatecall; promised in {IDerivativesEngine}.
/// @dev Unchecked: counts of markets, at most 64. Narrowing: money is a part of the custody, at most 2^96 − 1; the meter's
/// level is at most the skew's cap, below 2^80; seconds are below 2^40, and below 2^32 until 2106.
contract Liquidator is EngineStorage {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using WordStore for *;

    /// @dev Gas that a call takes for itself and for each account, generously.
    uint256 private constant CALL_GAS = 90_000;
    uint256 private constant ACCOUNT_GAS = 60_000;
    /// @dev Bytes of a signed transaction beside its calldata.
    uint256 private constant TRANSACTION_BYTES = 110;
    /// @dev Insurance tops a reward up to its cost and a quarter, at least to the smallest reward, and to less than the margin
    /// that every opening leaves: to fail an account for the reward never pays.
    uint256 private constant REWARD_FLOOR_MAX = MarginMath.MARGIN_PER_POSITION;

    /// @dev One call, while it is worked on.
    /// @param markets Bit m set: `books` holds market m; ascending.
    /// @param reward To the caller, USD, 18 decimals.
    /// @param rewardFloor Found when first needed, USD, 18 decimals.
    /// @param count Accounts named.
    /// @param done Accounts liquidated.
    /// @param refused What the last account that was not liquidated came to, and its positions.
    struct Call {
        uint256 markets;
        Book[] books;
        Pool pool;
        uint256 reward;
        uint256 rewardFloor;
        uint256 count;
        uint256 done;
        Liquidation refused;
        Holding[] refusedHoldings;
    }

    constructor(IPriceOracle oracle_, IERC20 asset_) EngineStorage(oracle_, asset_) {}

    function liquidate(bytes32 account, bytes[] calldata update) external payable nonReentrant {
        bytes32[] memory accounts = new bytes32[](1);
        accounts[0] = account;
        _liquidateAll(accounts, update);
    }

    function liquidateMany(bytes32[] calldata accounts, bytes[] calldata update) external payable nonReentrant {
        require(accounts.length != 0 && accounts.length <= MAX_BATCH, BatchSize(accounts.length, MAX_BATCH));
        _liquidateAll(accounts, update);
    }

    function _liquidateAll(bytes32[] memory accounts, bytes[] calldata update) private {
        Layout storage $ = _layout();
        Call memory call;
        (call.pool, call.count) = ($.pool, accounts.length);
        _checkPause(call.pool, 1);
        for (uint256 i; i < accounts.length; ++i) {
            call.markets |= $.accounts[accounts[i]].markets;
        }
        _checkUnsettled(call.markets);
        _openBooks(call, update);
        for (uint256 i; i < accounts.length; ++i) {
            _liquidateOne(call, accounts[i]);
        }
        if (call.done == 0) _refuse(call);
        $.pool.save(call.pool);
        for (uint256 i; i < call.books.length; ++i) {
            _saveMarket(call.books[i]);
        }
        _credit(msg.sender, call.reward);
    }

    function _openBooks(Call memory call, bytes[] calldata update) private {
        Price[] memory prices =
            _oracle.presentPrices{value: msg.value}(call.markets, update, PriceUse.Liquidate, msg.sender);
        Book[] memory books;
        Holding[] memory pointers = _pointers(prices.length);
        assembly ("memory-safe") {
            books := pointers
        }
        call.books = books;
        uint256 next;
        for (uint256 id; next < prices.length; ++id) {
            if (call.markets >> id & 1 == 0) continue;
            Book memory book = _open(id, call.pool);
            book.price = prices[next];
            _checkFresh(book);
            _acceptIndex(book.market, book.price);
            books[next++] = book;
        }
    }

    function _liquidateOne(Call memory call, bytes32 account) private {
        Account memory stored = _layout().accounts[account];
        Holding[] memory holdings = _holdings(call, account, stored.markets);
        Liquidation memory result =
            LiquidationMath.liquidate(holdings, stored.margin, call.pool.claimsOpen ? _claimOf(account) : 0);
        if (result.closed == 0) {
            (call.refused, call.refusedHoldings) = (result, holdings);
            return;
        }
        ++call.done;
        _savePositions(account, stored, holdings, result.deferred);
        _distribute(call, account, holdings[0].id, result);
        // The margin is part of the custody, which 96 bits hold; the clock's 32 bits last until 2106.
        (stored.margin, stored.purgedAt) = (uint96(result.margin), uint32(block.timestamp));
        _layout().accounts[account].save(stored);
        emit AccountLiquidated(account, msg.sender, result.reward, result.penalty, result.badDebt, result.margin);
    }

    /// @dev Nobody was liquidated: says why of the last account.
    function _refuse(Call memory call) private pure {
        Liquidation memory last = call.refused;
        require(last.due, NotLiquidatable(last.equity.divFloor(FixedPoint.RAW_PER_WAD), last.maintenance));
        Holding memory first = call.refusedHoldings[0];
        revert LiquidationMetered(first.room, first.capacity);
    }

    function _holdings(Call memory call, bytes32 account, uint256 markets)
        private
        view
        returns (Holding[] memory holdings)
    {
        Layout storage $ = _layout();
        holdings = _pointers(MarginMath.count(markets));
        Book[] memory books = call.books;
        unchecked {
            uint256 next;
            for (uint256 i; next < holdings.length; ++i) {
                Book memory book = books[i];
                if (markets >> book.id & 1 == 0) continue;
                Position memory position = _loadPosition(account, book.id, book.config.flags);
                (uint256 room, uint256 capacity) = (0, 0);
                // Only a position beyond the skew of its own side can make |skew| grow by leaving.
                if (LiquidationMath.skewGrowth(FundingMath.skewOf(book.market), -int256(position.size)) != 0) {
                    (room, capacity) = LiquidationMath.meter($.risks[book.id], book.config, block.timestamp);
                }
                holdings[next++] =
                    Holding(book.id, book.market, book.config, position, book.price, room, capacity, 0, 0, 0, 0);
            }
        }
    }

    /// @dev An array whose elements are all put in place afterwards; `new` would make each of them first.
    function _pointers(uint256 count) private pure returns (Holding[] memory array) {
        assembly ("memory-safe") {
            array := mload(0x40)
            mstore(array, count)
            mstore(0x40, add(add(array, 32), shl(5, count)))
        }
    }

    function _savePositions(bytes32 account, Account memory stored, Holding[] memory holdings, uint256 deferred)
        private
    {
        Layout storage $ = _layout();
        for (uint256 i; i < holdings.length; ++i) {
            Holding memory holding = holdings[i];
            Position memory position = holding.position;
            if (position.size == 0) {
                stored.markets = uint64(stored.markets & ~(1 << holding.id));
                if (holding.sizeDelta != 0) _endLife(position);
            }
            $.positions[account][holding.id].save(position);
            if (holding.sizeDelta == 0) continue;
            if (holding.capacity != 0) _fillMeter(holding);
            emit PositionLiquidated(holding.id, account, holding.sizeDelta, holding.cost, position.size, position.cash);
        }
        if (deferred == 0) return;
        Holding memory first = holdings[LiquidationMath.firstOpen(holdings)];
        emit LossDeferred(account, first.id, deferred, first.position.cash);
    }

    /// @dev Whole liquidations may add more than the bucket holds; then it is full.
    function _fillMeter(Holding memory holding) private {
        int256 skew = FundingMath.skewOf(holding.market);
        uint256 growth = LiquidationMath.skewGrowth(skew - holding.sizeDelta, holding.sizeDelta);
        if (growth == 0) return;
        MarketRisk storage risk = _layout().risks[holding.id];
        uint256 level = (holding.capacity - holding.room + growth).min(holding.capacity);
        (risk.metered, risk.meteredAt) = (uint88(level), uint40(block.timestamp));
    }

    /// @dev Cash to and from the pool, reward, penalty, bad debt.
    function _distribute(Call memory call, bytes32 account, uint256 market, Liquidation memory result) private {
        if (result.badDebt != 0 && call.pool.claimsOpen) {
            uint256 collected;
            (result.badDebt, collected) = _setOff(call.pool, account, result.badDebt);
            result.margin += collected;
        }
        if (result.poolPays > 0) {
            // Reward and penalty are paid in cash before a claim is opened for the account.
            uint256 owed = result.margin + result.reward + result.penalty;
            uint256 missing = uint256(result.poolPays);
            owed = owed + _poolPays(call.pool, account, missing) - missing;
            result.reward = result.reward.min(owed);
            result.penalty = result.penalty.min(owed - result.reward);
            result.margin = owed - result.reward - result.penalty;
        } else {
            _poolReceives(call.pool, uint256(-result.poolPays));
        }
        _coverBadDebt(call.pool, market, result.badDebt);
        // With the undivided fees, two thirds insurance's, so that its own slot is touched in need only.
        call.pool.fees = uint96(call.pool.fees + result.penalty);
        result.reward += _topUp(call, result.reward);
        call.reward += result.reward;
    }

    /// @dev Insurance raises a reward to its floor, never beyond.
    function _topUp(Call memory call, uint256 reward) private returns (uint256 topUp) {
        if (reward >= REWARD_FLOOR_MAX) return 0;
        if (call.rewardFloor == 0) call.rewardFloor = _rewardFloor(call.count);
        if (reward >= call.rewardFloor) return 0;
        topUp = (call.rewardFloor - reward).min(_layout().reserves.insurance);
        _layout().reserves.insurance = uint128(_layout().reserves.insurance - topUp);
    }

    /// @return USD per account, 18 decimals, rounded down.
    function _rewardFloor(uint256 count) private view returns (uint256) {
        uint256 market = _layout().gasMarket;
        if (market == 0) return MarginMath.REWARD_MIN;
        uint256 cost = GasCost.ofTransaction(CALL_GAS + count * ACCOUNT_GAS, msg.data.length + TRANSACTION_BYTES)
            .mulDivDown(uint256(_layout().markets[market - 1].index) * 5, 4 * FixedPoint.WAD * count);
        return cost.max(MarginMath.REWARD_MIN).min(REWARD_FLOOR_MAX);
    }
}
