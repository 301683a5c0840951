// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDeleverager} from "../interfaces/IDeleverager.sol";
import {IPriceOracle, PriceUse} from "../interfaces/IPriceOracle.sol";
import {DeleveragingMath, Reduction} from "../libraries/DeleveragingMath.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {TradeMath} from "../libraries/TradeMath.sol";
import {Collateral} from "./Collateral.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {Account, Market, Position} from "./EngineTypes.sol";
import {WordStore} from "./WordStore.sol";

/// @title Margin that leaves, deleveraging, crystallising and the end of a market: the engine's coldest part.
/// @dev Reached through the extension's fallback by one more delegatecall, on the same storage. Roles are the extension's.
contract Deleverager is Collateral, IDeleverager {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using WordStore for *;

    /// @dev A settlement is announced at least so long before, seconds.
    uint256 internal constant SETTLEMENT_NOTICE = 24 hours;

    address private immutable _desk;

    constructor(IPriceOracle oracle_, IERC20 asset_, address desk_) EngineStorage(oracle_, asset_) {
        _desk = desk_;
    }

    modifier onlyConfigurator() {
        bool permitted = IAccessControl(address(this)).hasRole(CONFIGURATOR_ROLE, msg.sender);
        require(permitted, IAccessControl.AccessControlUnauthorizedAccount(msg.sender, CONFIGURATOR_ROLE));
        _;
    }

    // ---------------------------------------------------------------- deleveraging

    /// @inheritdoc IDeleverager
    function deleverage(uint256 market, bytes[] calldata update) external payable nonReentrant {
        Layout storage $ = _layout();
        _checkPause($.pool, 1);
        _acceptAll(_liveMarkets(), update, PriceUse.Deleverage);
        Book memory book = _open(market);
        _checkLive(book);
        Reduction memory r = DeleveragingMath.reductionOf(book.market, book.config, _netAssetValue());
        require(r.exposure > r.limit, ExposureWithinLimit(r.exposure, r.limit));
        require(r.cut != 0 && r.cut >= r.least, NothingToDeleverage(r.cut, r.least));
        _cut(book, r.cut);
        _save(book);
    }

    /// @dev The open interest taken moves at the index into the market's cash, so that the traders' value stays exactly.
    function _cut(Book memory book, uint256 cut) private {
        Layout storage $ = _layout();
        Market memory market = book.market;
        bool long = market.longs > market.shorts;
        uint256 before = long ? market.longs : market.shorts;
        int256 value = int256(uint256(market.index)) - market.funding;
        int256 cash = market.cash + (long ? int256(cut) : -int256(cut)) * value;
        require(cash >= type(int152).min && cash <= type(int152).max, TradeMath.CashOutOfRange(cash));
        // Fits, by the line above.
        market.cash = int152(cash);
        // Below what it was, which fitted.
        if (long) market.longs = uint88(before - cut);
        else market.shorts = uint88(before - cut);
        uint256 number = DeleveragingMath.record($.markets[book.id].deleveragings, long, before, before - cut, value);
        $.markets[book.id].config.flags |= uint8(DELEVERAGED);
        emit Deleveraged(
            book.id,
            long,
            number,
            cut.mulDivDown(FixedPoint.WAD, before),
            market.longs,
            market.shorts,
            market.cash,
            market.index,
            market.funding
        );
    }

    /// @dev V − claims − Σ (U + Res) at the accepted indices, every market accrued. USD, 30 decimals.
    function _netAssetValue() private view returns (int256 value) {
        Layout storage $ = _layout();
        value = (int256(uint256($.pool.cash)) - int256(uint256($.claims.outstanding))) * int256(FixedPoint.RAW_PER_WAD);
        for (uint256 id; id < $.marketCount; ++id) {
            Market memory market = $.markets[id].market;
            value -= DeleveragingMath.owed(market, $.markets[id].config, market.index);
        }
    }

    // ---------------------------------------------------------------- claims

    /// @inheritdoc IDeleverager
    function crystallise(bytes32 account, uint256 market, bytes[] calldata update) external payable nonReentrant {
        Layout storage $ = _layout();
        Book memory book = _open(market);
        _checkLive(book);
        _checkPause(book.pool, 1);
        _presentPrice(book, update, PriceUse.Crystallise);
        Position memory position = _loadPosition(account, market, book.config.flags);
        Account memory stored = $.accounts[account].account;
        uint256 claims = $.claims.outstanding;
        (uint256 amount, uint256 loss) = DeleveragingMath.crystallisable(
            position, position.size > 0 ? book.price.hi : book.price.lo, book.market.funding, stored.margin, claims
        );
        require(amount != 0, NothingToCrystallise(loss, stored.margin, claims));
        // At most the margin is taken.
        stored.margin = uint96(stored.margin - amount);
        TradeMath.addCash(book.market, position, int256(amount * FixedPoint.RAW_PER_WAD));
        _poolReceives(book.pool, amount);
        $.accounts[account].account.save(stored);
        $.accounts[account].positions[market].save(position);
        _save(book);
        emit Crystallised(account, market, amount, position.cash, stored.margin, $.claims.outstanding);
    }

    // ---------------------------------------------------------------- the end of a market

    /// @inheritdoc IDeleverager
    function scheduleSettlement(uint256 market, uint40 at) external nonReentrant onlyConfigurator {
        _checkLive(_open(market));
        uint256 earliest = block.timestamp + SETTLEMENT_NOTICE;
        require(at >= earliest, SettlementTooSoon(at, earliest));
        Layout storage $ = _layout();
        $.markets[market].settlesAt = at;
        $.markets[market].config.flags |= uint8(REDUCE_ONLY);
        emit SettlementScheduled(market, at);
    }

    /// @inheritdoc IDeleverager
    function cancelSettlement(uint256 market) external nonReentrant onlyConfigurator {
        Layout storage $ = _layout();
        require($.markets[market].settlesAt != 0, SettlementNotScheduled(market));
        delete $.markets[market].settlesAt;
        emit SettlementCancelled(market);
    }

    /// @inheritdoc IDeleverager
    function settleMarket(uint256 market, bytes[] calldata update) external payable nonReentrant {
        Layout storage $ = _layout();
        Book memory book = _open(market);
        _checkLive(book);
        _checkPause(book.pool, 1);
        uint256 at = $.markets[market].settlesAt;
        require(at != 0, SettlementNotScheduled(market));
        require(block.timestamp >= at, SettlementNotDue(block.timestamp, at));
        uint256 closing = _oracle.closingPrice(market);
        if (closing == 0) {
            _presentPrice(book, update, PriceUse.Crystallise);
        } else {
            require(msg.value == 0, UnexpectedValue(msg.value));
            // The oracle's are below 2^87; seconds below 2^40.
            (book.market.index, book.market.indexAt) = (uint96(closing), uint40(block.timestamp));
        }
        delete $.markets[market].settlesAt;
        $.markets[market].config.flags |= uint8(SETTLED);
        $.markets[market].queue.marginPerUnit = 0;
        _save(book);
        emit MarketClosed(market, book.market.index, book.market.indexAt, book.market.funding);
    }

    /// @inheritdoc IDeleverager
    function settlePosition(bytes32 account, uint256 market) external nonReentrant {
        Layout storage $ = _layout();
        Book memory book = _open(market);
        _checkPause(book.pool, 1);
        Account memory stored = $.accounts[account].account;
        require(stored.markets >> market & 1 != 0, NoPosition(market));
        Position memory position = _loadPosition(account, market, book.config.flags);
        int256 size = position.size;
        require(size == 0 || book.config.flags & SETTLED != 0, MarketNotSettled(market));
        int256 realised = DeleveragingMath.leave(book.market, position);
        if (size != 0) _endLife(position);
        $.accounts[account].positions[market].save(position);
        // Never more bits than there were.
        stored.markets = uint64(stored.markets & ~(1 << market));
        uint256 badDebt = _realise(book, account, stored, realised);
        $.accounts[account].account.save(stored);
        _save(book);
        emit PositionSettled(market, account, -size, realised, badDebt, stored.margin);
    }

    /// @dev Profit comes from the pool, or is claimed; a loss is the margin's, then the other positions' or the claim's,
    /// and bad debt only when neither is there.
    /// @param realised USD, 18 decimals.
    /// @return badDebt USD, 18 decimals.
    function _realise(Book memory book, bytes32 account, Account memory stored, int256 realised)
        private
        returns (uint256 badDebt)
    {
        uint256 margin = stored.margin + _collect(book.pool, account);
        if (realised >= 0) {
            margin += _poolPays(book.pool, account, uint256(realised));
        } else {
            uint256 loss = uint256(-realised);
            uint256 paid = loss.min(margin);
            margin -= paid;
            _poolReceives(book.pool, paid);
            if (loss > paid && stored.markets != 0) {
                margin += _defer(book, account, stored.markets, loss - paid);
            } else if (loss > paid) {
                uint256 collected;
                (badDebt, collected) = _setOff(book.pool, account, loss - paid);
                margin += collected;
                _coverBadDebt(book.pool, book.id, badDebt);
            }
        }
        // A part of the engine's custody, which fits.
        stored.margin = uint96(margin);
    }

    /// @inheritdoc IDeleverager
    function settlesAt(uint256 market) external view returns (uint256) {
        return _layout().markets[market].settlesAt;
    }

    /// @dev What is left is the order desk's.
    fallback() external payable {
        _delegate(_desk);
    }
}
