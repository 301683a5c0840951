// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPriceOracle, PriceState, PriceUse} from "../interfaces/IPriceOracle.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingMath} from "../libraries/FundingMath.sol";
import {GasCost} from "../libraries/GasCost.sol";
import {Holding, Liquidation, LiquidationMath} from "../libraries/LiquidationMath.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {EngineStorage} from "./EngineStorage.sol";
import {Account, Market, MarketConfig, MarketRisk, Pool, Position, Reserves} from "./EngineTypes.sol";
import {Call, LiquidationCall} from "./LiquidationCall.sol";
import {OracleCall} from "./OracleCall.sol";
import {WordStore} from "./WordStore.sol";

/// @title Liquidation. Runs only by the engine's delegatecall; promised in {IDerivativesEngine}.
/// @dev Unchecked: counts of markets, at most 64, and of accounts, at most 32. Narrowing: money is a part of the custody, at
/// most 2^96 − 1; the meter's level is at most the skew's cap, below 2^80; seconds are below 2^40, and below 2^32 until 2106.
contract Liquidator is EngineStorage {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using OracleCall for IPriceOracle;
    using WordStore for *;

    /// @dev Gas that a call takes for itself and for each account, generously.
    uint256 private constant CALL_GAS = 90_000;
    uint256 private constant ACCOUNT_GAS = 60_000;
    /// @dev Bytes of a signed transaction beside its calldata.
    uint256 private constant TRANSACTION_BYTES = 110;
    /// @dev Bytes that a call needs at most: for itself and the guardians' signatures, and for each market's price. More may
    /// be sent, and is not paid for.
    uint256 private constant CALL_BYTES = 1400;
    uint256 private constant MARKET_BYTES = 400;
    /// @dev Insurance tops a reward up to its cost and a quarter, at least to the smallest reward, and to less than the margin
    /// that every opening leaves: to fail an account for the reward never pays.
    uint256 private constant REWARD_FLOOR_MAX = MarginMath.MARGIN_PER_POSITION;

    constructor(IPriceOracle oracle_, IERC20 asset_) EngineStorage(oracle_, asset_) {}

    function liquidate(bytes32 account, bytes[] calldata update) external payable nonReentrant {
        Account storage stored = _layout().accounts[account].account;
        uint256 word = stored.load();
        uint256 markets = word.marketsOf();
        Call memory call = LiquidationCall.newCall()[0];
        (call.markets, call.count) = (markets, 1);
        _begin(call, update);
        if (markets == 0) LiquidationMath.passOver(call.result, word.marginOf(), _claimOf(call.pool, account));
        else _liquidateOne(call, account, stored, word, call.first);
        _end(call);
    }

    function flag(bytes32 account, bytes[] calldata update) external payable nonReentrant {
        AccountSlots storage slots = _layout().accounts[account];
        uint256 word = slots.account.load();
        Call memory call = LiquidationCall.newCall()[0];
        (call.markets, call.count) = (word.marketsOf(), 1);
        _begin(call, update);
        require(_stateOf(call, call.markets) == PriceState.Single, NothingToFlag(account));
        // Whoever flags anew does not begin anew.
        uint256 flaggedAt = slots.doubt.flaggedAt;
        uint256 until = flaggedAt + LiquidationMath.FLAG_UNTIL;
        require(block.timestamp > until, AlreadyFlagged(account, flaggedAt, until));
        _fillAll(call.first, account);
        Liquidation memory result = call.result;
        LiquidationMath.liquidate(result, call.first, word.marginOf(), _claimOf(call.pool, account), false);
        int256 equity = _equityTold(result);
        require(result.due, NotLiquidatable(equity, result.maintenance));
        // Seconds: below 2^40.
        slots.doubt.flaggedAt = uint40(block.timestamp);
        emit AccountFlagged(account, equity, result.maintenance);
    }

    function liquidateMany(bytes32[] calldata accounts, bytes[] calldata update) external payable nonReentrant {
        uint256 count = accounts.length;
        require(count != 0 && count <= MAX_BATCH, BatchSize(count, MAX_BATCH));
        Layout storage $ = _layout();
        Call memory call = LiquidationCall.newCall()[0];
        unchecked {
            uint256 all;
            for (uint256 i; i < count; ++i) {
                all |= $.accounts[accounts[i]].account.markets;
            }
            (call.markets, call.count) = (all, count);
            _begin(call, update);
            for (uint256 i; i < count; ++i) {
                bytes32 account = accounts[i];
                Account storage stored = $.accounts[account].account;
                uint256 word = stored.load();
                Holding[] memory first = _copies(call.first, word.marketsOf());
                if (first.length == 0) {
                    LiquidationMath.passOver(call.result, word.marginOf(), _claimOf(call.pool, account));
                } else {
                    _liquidateOne(call, account, stored, word, first[0]);
                }
            }
        }
        _end(call);
    }

    /// @dev Opens the markets of the call at their present prices.
    function _begin(Call memory call, bytes[] calldata update) private {
        Pool memory pool = _layout().pool;
        _checkPause(pool, 1);
        call.pool = pool;
        uint256 markets = call.markets;
        uint256 count = _openMarkets(call, markets);
        uint256 place = _oracle.presentPrices(markets, count, update, PriceUse.Liquidate);
        if (count == 0) return;
        unchecked {
            for (Holding memory holding = call.first;; holding = holding.next[0]) {
                (uint256 mid, uint256 lo, uint256 hi, uint256 halfWidth, uint256 time) = OracleCall.priceAt(place);
                PriceState state = OracleCall.stateAt(place);
                if (state > PriceState.Guarded) _noteDoubt(call, 1 << holding.id, state);
                _acceptFresh(holding.market, mid, hi, time, state);
                LiquidationMath.setPrice(holding, mid, lo, hi, halfWidth);
                if (holding.next.length == 0) return;
                place += OracleCall.PRICE_SIZE;
            }
        }
    }

    /// @dev The oracle serves a liquidation no other of the states beyond Guarded.
    /// @param bit Of the market.
    function _noteDoubt(Call memory call, uint256 bit, PriceState state) private pure {
        if (state == PriceState.Single) call.single |= bit;
        else call.catchingUp |= bit;
    }

    /// @return The worst state among markets.
    function _stateOf(Call memory call, uint256 markets) private pure returns (PriceState) {
        if (call.catchingUp & markets != 0) return PriceState.SequencerDown;
        return call.single & markets != 0 ? PriceState.Single : PriceState.Normal;
    }

    /// @dev Before any price is asked for: of a settled market there is none.
    /// @return count Of the markets, in ascending order from `call.first` on, all of a holding set but price and position.
    function _openMarkets(Call memory call, uint256 markets) private view returns (uint256 count) {
        unchecked {
            Holding memory last = call.first;
            for (uint256 id; markets != 0; (++id, markets >>= 1)) {
                if (markets & 1 == 0) continue;
                Holding[] memory link = LiquidationCall.newHolding();
                Holding memory holding = link[0];
                _openMarket(holding, id);
                if (count == 0) call.first = holding;
                else last.next = link;
                last = holding;
                ++count;
            }
        }
    }

    /// @dev The clock of funding runs in a market that is not settled, at the pause levels that permit liquidation. Unchecked:
    /// S has 64 bits in its own scale and 84 in that of sizes.
    function _openMarket(Holding memory holding, uint256 id) private view {
        unchecked {
            MarketSlots storage slots = _layout().markets[id];
            MarketConfig storage config = slots.config;
            uint256 flags = config.flags;
            require(flags & SETTLED == 0, PositionUnsettled(id));
            Market memory market = slots.market;
            uint256 scale = uint256(config.skewScale) * 1e6;
            FundingMath.accrue(market, config.fundingCoefficientBps, config.fundingCapPpm, scale, block.timestamp);
            (holding.id, holding.flags, holding.market, holding.scale) = (id, flags, market, scale);
            (holding.initialBps, holding.maintenanceBps) = (config.initialMarginBps, config.maintenanceMarginBps);
            (holding.slopeBps, holding.penaltyBps) = (config.marginSlopeBps, config.penaltyBps);
        }
    }

    function _end(Call memory call) private {
        if (call.done == 0) _refuse(call);
        Pool memory pool = call.pool;
        _layout().pool.save(pool);
        uint256 poolCash = pool.cash;
        for (Holding memory market = call.first;; market = market.next[0]) {
            _saveMarket(market.id, _layout().markets[market.id].market, market.market, poolCash);
            if (market.next.length == 0) break;
        }
        _credit(msg.sender, call.reward);
    }

    function _claimOf(Pool memory pool, bytes32 account) private view returns (uint256) {
        return pool.claimsOpen ? _claimOf(account) : 0;
    }

    /// @param word All of the account, as stored.
    /// @param first Of the account's markets, without its positions.
    function _liquidateOne(
        Call memory call,
        bytes32 account,
        Account storage stored,
        uint256 word,
        Holding memory first
    ) private {
        unchecked {
            _fillAll(first, account);
            Liquidation memory result = call.result;
            PriceState state = _stateOf(call, word.marketsOf());
            bool strict = state > PriceState.Guarded && _isStrict(state, account);
            LiquidationMath.liquidate(result, first, word.marginOf(), _claimOf(call.pool, account), strict);
            if (result.closed == 0) {
                (call.room, call.capacity) = (first.room, first.capacity);
                return;
            }
            ++call.done;
            _distribute(call, account, first, result);
            uint256 markets = _savePositions(account, word.marketsOf(), first, result);
            // The margin is part of the custody, which 96 bits hold.
            stored.saveLiquidated(word, result.margin, markets);
            if (result.deferred != 0) _tellDeferred(account, first, result.deferred);
        }
    }

    /// @dev Nobody was liquidated: says why of the last account.
    function _refuse(Call memory call) private pure {
        Liquidation memory last = call.result;
        require(last.due, NotLiquidatable(_equityTold(last), last.maintenance));
        revert LiquidationMetered(call.room, call.capacity);
    }

    /// @return USD, 18 decimals, rounded down; what is judged is exact.
    function _equityTold(Liquidation memory result) private pure returns (int256) {
        return result.equity.divFloor(FixedPoint.RAW_PER_WAD);
    }

    /// @return first What an account's positions begin as, alone; empty when it has none.
    function _copies(Holding memory market, uint256 markets) private pure returns (Holding[] memory first) {
        unchecked {
            Holding memory last = market;
            while (markets != 0) {
                uint256 id = market.id;
                if (markets >> id & 1 == 0) {
                    market = market.next[0];
                    continue;
                }
                markets ^= 1 << id;
                Holding[] memory link = LiquidationCall.copyOf(market);
                if (first.length == 0) first = link;
                else last.next = link;
                last = link[0];
                if (markets != 0) market = market.next[0];
            }
        }
    }

    function _isStrict(PriceState state, bytes32 account) private view returns (bool) {
        return LiquidationMath.isStrict(state, _layout().accounts[account].doubt.flaggedAt, block.timestamp);
    }

    function _fillAll(Holding memory holding, bytes32 account) private view {
        for (;; holding = holding.next[0]) {
            _fill(holding, account);
            if (holding.next.length == 0) break;
        }
    }

    function _fill(Holding memory holding, bytes32 account) private view {
        unchecked {
            Layout storage $ = _layout();
            uint256 id = holding.id;
            (uint256 place, int256 size, int256 cash, uint256 rest) = $.accounts[account].positions[id].load();
            if (holding.flags & DELEVERAGED != 0) (size, cash, rest) = _caughtUp(account, id);
            (holding.place, holding.rest) = (place, rest);
            LiquidationMath.setPosition(holding, size, cash);
            if (LiquidationMath.growsSkew(holding)) {
                (holding.room, holding.capacity) = LiquidationMath.meter(
                    $.markets[id].risk, holding.scale, $.markets[id].config.skewCapBps, block.timestamp
                );
            }
        }
    }

    /// @dev Of a position in a market that has been deleveraged: results as {WordStore-load}'s.
    function _caughtUp(bytes32 account, uint256 id) private view returns (int256 size, int256 cash, uint256 rest) {
        Position memory position = _loadPosition(account, id, DELEVERAGED);
        rest = uint256(position.checkpoint) << 224 | uint256(position.generation) << 240;
        return (position.size, position.cash, rest);
    }

    /// @dev Unchecked: the generation is the word's uppermost 16 bits and counts modulo 2^16; the last position closed brings
    /// the countdown to zero.
    /// @return The markets in which a position stays.
    function _savePositions(bytes32 account, uint256 markets, Holding memory first, Liquidation memory result)
        private
        returns (uint256)
    {
        unchecked {
            uint256 closed = result.closed;
            for (Holding memory holding = first;; holding = holding.next[0]) {
                int256 size = holding.size;
                int256 sizeDelta = holding.sizeDelta;
                if (size == 0) {
                    markets &= ~(1 << holding.id);
                    // That of one emptied by deleveraging has ended.
                    if (sizeDelta != 0) holding.rest += 1 << 240;
                }
                uint256 word = WordStore.savePosition(holding.place, size, holding.cash, holding.rest);
                // Closed in part or whole, or emptied before and its cash realised.
                if (sizeDelta != 0 || size == 0) {
                    if (holding.capacity != 0) _fillMeter(holding);
                    // Zero but for the last.
                    uint256 paid;
                    uint256 left;
                    if (--closed == 0) {
                        paid = 1 << 255 | result.reward << 128 | result.penalty;
                        left = result.badDebt << 128 | result.margin;
                    }
                    // What is closed is at most the size, one of 88 bits.
                    uint256 change = uint256(uint88(int88(sizeDelta))) | uint256(holding.cost) << 88;
                    emit PositionLiquidated(holding.id, account, change, word, paid, left);
                }
                if (holding.next.length == 0) break;
            }
            return markets;
        }
    }

    function _tellDeferred(bytes32 account, Holding memory holding, uint256 deferred) private {
        while (holding.size == 0) {
            holding = holding.next[0];
        }
        emit LossDeferred(account, holding.id, deferred, holding.cash);
    }

    /// @dev Whole liquidations may add more than the bucket holds; then it is full.
    function _fillMeter(Holding memory holding) private {
        int256 skew = FundingMath.skewOf(holding.market);
        uint256 growth = LiquidationMath.skewGrowth(skew - holding.sizeDelta, holding.sizeDelta);
        if (growth == 0) return;
        MarketRisk storage risk = _layout().markets[holding.id].risk;
        uint256 level = (holding.capacity - holding.room + growth).min(holding.capacity);
        (risk.metered, risk.meteredAt) = (uint88(level), uint40(block.timestamp));
    }

    /// @dev Cash to and from the pool, reward, penalty, bad debt. Unchecked: every amount is below 2^112, the width of a claim;
    /// the fees are a part of the custody, which 96 bits hold.
    function _distribute(Call memory call, bytes32 account, Holding memory first, Liquidation memory result) private {
        unchecked {
            Pool memory pool = call.pool;
            if (result.badDebt != 0) _setClaimOff(pool, account, result);
            int256 poolPays = result.poolPays;
            if (poolPays > 0) _payOut(pool, account, uint256(poolPays), result);
            else _poolReceives(pool, uint256(-poolPays));
            if (result.badDebt != 0) _coverBadDebt(pool, _largest(first), result.badDebt);
            // With the undivided fees, two thirds insurance's, so that its own slot is touched in need only.
            pool.fees = uint96(pool.fees + result.penalty);
            uint256 reward = result.reward;
            if (reward < REWARD_FLOOR_MAX) {
                reward += _topUp(call, reward);
                result.reward = reward;
            }
            call.reward += reward;
        }
    }

    /// @dev Bad debt is the largest position's, lest small ones elsewhere spread it over the insurance of many markets.
    /// @return id Of the market with the largest initial margin before, the first of them.
    function _largest(Holding memory first) private pure returns (uint256 id) {
        Holding memory largest = first;
        for (Holding memory holding = first; holding.next.length != 0;) {
            holding = holding.next[0];
            if (holding.initial > largest.initial) largest = holding;
        }
        return largest.id;
    }

    /// @dev What an account leaves unpaid is taken from its own claim first.
    function _setClaimOff(Pool memory pool, bytes32 account, Liquidation memory result) private {
        if (!pool.claimsOpen) return;
        uint256 collected;
        (result.badDebt, collected) = _setOff(pool, account, result.badDebt);
        result.margin += collected;
    }

    /// @dev Reward and penalty are paid in cash before a claim is opened for the account.
    function _payOut(Pool memory pool, bytes32 account, uint256 missing, Liquidation memory result) private {
        uint256 owed = result.margin + result.reward + result.penalty;
        owed = owed + _poolPays(pool, account, missing) - missing;
        result.reward = result.reward.min(owed);
        result.penalty = result.penalty.min(owed - result.reward);
        result.margin = owed - result.reward - result.penalty;
    }

    /// @dev Insurance raises a reward to its floor, never beyond.
    function _topUp(Call memory call, uint256 reward) private returns (uint256 topUp) {
        if (call.rewardFloor == 0) call.rewardFloor = _rewardFloor(call.markets, call.count);
        if (reward >= call.rewardFloor) return 0;
        topUp = call.rewardFloor - reward;
        Reserves memory reserves = _layout().reserves;
        if (reserves.insurance < topUp) _divideReserves(call.pool, reserves);
        topUp = topUp.min(reserves.insurance);
        // Below what it was.
        reserves.insurance = uint128(reserves.insurance - topUp);
        _layout().reserves = reserves;
    }

    /// @return USD per account, 18 decimals, rounded down.
    function _rewardFloor(uint256 markets, uint256 count) private view returns (uint256) {
        uint256 market = _layout().gasMarket;
        if (market == 0) return MarginMath.REWARD_MIN;
        uint256 size = (MarginMath.count(markets) * MARKET_BYTES + 32 * count + CALL_BYTES).min(msg.data.length);
        uint256 cost = GasCost.ofTransaction(CALL_GAS + count * ACCOUNT_GAS, size + TRANSACTION_BYTES)
            .mulDivDown(uint256(_layout().markets[market - 1].market.index) * 5, 4 * FixedPoint.WAD * count);
        return cost.max(MarginMath.REWARD_MIN).min(REWARD_FLOOR_MAX);
    }
}
