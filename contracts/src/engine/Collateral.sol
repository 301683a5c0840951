// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Price, PriceUse} from "../interfaces/IPriceOracle.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {FundingMath} from "../libraries/FundingMath.sol";
import {MarginMath, Portfolio} from "../libraries/MarginMath.sol";
import {Book, EngineStorage} from "./EngineStorage.sol";
import {Account, Outflow, Position} from "./EngineTypes.sol";
import {WordStore} from "./WordStore.sol";

/// @notice Realised margin on its way out of an account: to its owner, or to another account of theirs. Promised in
/// {IEngineExtension}, whose implementation hands it on.
abstract contract Collateral is EngineStorage {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using WordStore for *;

    function withdraw(bytes32 account, uint256 assets, address to, bytes[] calldata update)
        external
        payable
        nonReentrant
    {
        (uint256 amount, uint256 margin) = _takeOut(account, assets, update);
        _leave(assets, amount);
        emit Withdrawn(account, to, amount, margin);
        _pay(to, assets);
    }

    function moveMargin(bytes32 from, bytes32 to, uint256 assets, bytes[] calldata update)
        external
        payable
        nonReentrant
    {
        _onlyOwner(to);
        require(from != to, SameAccount(from));
        Account storage stored = _layout().accounts[to].account;
        _checkIdle(stored.load());
        (uint256 amount, uint256 margin) = _takeOut(from, assets, update);
        // Within 96 bits, as custody is.
        stored.margin = uint96(stored.margin + amount);
        emit MarginMoved(from, to, amount, margin, stored.margin);
    }

    /// @dev The hour's cap for what leaves the exchange.
    /// @param amount `assets` in USD, 18 decimals.
    function _leave(uint256 assets, uint256 amount) private {
        Layout storage $ = _layout();
        (bool begun, uint256 floor) = _outflow();
        uint256 custody = $.custody;
        uint256 left = custody - floor.min(custody);
        require(amount <= left, OutflowCapReached(assets, left / ASSET_SCALE));
        // Hours: below 2^32 for 490,000 years. At most the custody, which 96 bits hold.
        if (!begun) $.outflow = Outflow(uint32(block.timestamp / FundingMath.HOUR), uint96(floor));
        // Less than it was, which was below 2^96.
        $.custody = uint128(custody - amount);
    }

    /// @dev The one rule for margin that leaves an account.
    /// @param assets USDC units.
    /// @return amount USD, 18 decimals.
    /// @return margin What remains, USD, 18 decimals.
    function _takeOut(bytes32 account, uint256 assets, bytes[] calldata update)
        private
        returns (uint256 amount, uint256 margin)
    {
        _onlyOwner(account);
        require(assets != 0, ZeroAmount());
        Layout storage $ = _layout();
        uint256 word = $.accounts[account].account.load();
        _checkPause($.pool, 1);
        _checkIdle(word);
        amount = assets * ASSET_SCALE;
        margin = word.marginOf();
        require(margin >= amount, MarginTooLow(margin, amount));
        margin -= amount;
        uint256 held = $.accounts[account].doubt.held;
        if (held != 0) {
            // A market that has ended has the one price that it ended at.
            held &= _liveMarkets();
            $.accounts[account].doubt.held = 0;
        }
        uint256 markets = word.marketsOf() | held;
        if (markets != 0) _checkWithdrawal(account, margin, markets, update);
        else require(msg.value == 0, UnexpectedValue(msg.value));
        // Never more than it was.
        $.accounts[account].account.margin = uint96(margin);
    }

    /// @dev Equity with every position at its worst supported price ≥ max(initial, 20 % of notional).
    function _checkWithdrawal(bytes32 account, uint256 margin, uint256 markets, bytes[] calldata update) private {
        _checkUnsettled(markets);
        Price[] memory prices = _oracle.presentPrices{value: msg.value}(markets, update, PriceUse.Withdraw, msg.sender);
        Portfolio memory sums;
        uint256 next;
        for (uint256 id; markets != 0; (++id, markets >>= 1)) {
            if (markets & 1 == 0) continue;
            Book memory book = _open(id);
            Price memory price = prices[next++];
            book.price = price;
            _checkFresh(book);
            _acceptIndex(book.market, price);
            _save(book);
            Position memory position = _loadPosition(account, id, book.config.flags);
            MarginMath.add(sums, position, book.market, book.config, position.size > 0 ? price.lo : price.hi);
        }
        int256 equity = MarginMath.equity(margin, sums).divFloor(FixedPoint.RAW_PER_WAD);
        uint256 required = MarginMath.withdrawalRequirement(sums);
        require(equity >= int256(required), EquityTooLow(equity, required));
    }
}
