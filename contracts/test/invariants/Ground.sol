// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {VaultFixture} from "../vault/VaultFixture.sol";

/// @notice What every handler stands on: the actors, the prices, and the first property that broke.
/// @dev A call that has nothing to do is discarded, so that the runner's table shows how many changed state.
abstract contract Ground is VaultFixture {
    uint256 internal constant ACTORS = 5;
    /// @dev The first two actors have a second sub-account.
    uint256 internal constant ACCOUNTS = 7;
    uint256 internal constant MARKETS = 2;
    uint256 internal constant RAW = 1e12;

    /// @notice Whether prices move.
    bool public immutable moving;
    /// @notice Number of the first property that broke, 0 while all hold.
    uint256 public broken;

    /// @dev One for each actor, then the second ones.
    bytes32[] internal accounts;
    /// @dev Not round, so that every division leaves something to round.
    uint256[MARKETS] internal prices = [ETH_PRICE + 1_234_567_891, BTC_PRICE + 9_876_543_217];
    uint256[MARKETS] internal lastIndexAt;
    /// @dev What the actors put in and took out, USD, 18 decimals.
    uint256 internal deposited;
    uint256 internal withdrawn;
    /// @dev What the index earned them together (signed) and what of their losses nobody paid, USD, 30 and 18 decimals.
    int256 internal indexProfit;
    uint256 internal badDebt;
    /// @dev How often markets were deleveraged: each time every position may lose less than one size unit to nobody.
    uint256[MARKETS] internal cuts;
    /// @dev What a handler took out of the pool and has not yet returned, USDC units.
    uint256 internal drained;

    constructor(bool moving_) {
        moving = moving_;
        setUp();
        provideShares(carol, 200_000e6);
        provideShares(mallory, 50_000e6);
        usdc.mint(address(this), 1000e6);
        usdc.approve(address(engine), 1000e6);
        cold.fundInsurance(1000e6);
        for (uint256 i; i < ACTORS; ++i) {
            accounts.push(account(makeAddr(vm.toString(i))));
        }
        for (uint256 i; i < ACCOUNTS - ACTORS; ++i) {
            accounts.push(bytes32(uint256(accounts[i]) + 1));
        }
        for (uint256 i; i < ACCOUNTS; ++i) {
            put(accounts[i], 20_000e6);
        }
    }

    /// @dev Publishes the present prices and makes them the indices.
    modifier priced() {
        publish();
        accept();
        _;
        noteIndexTimes();
    }

    function hold(bool condition, uint256 property) internal {
        if (!condition && broken == 0) broken = property;
    }

    function publish() internal {
        setPrice(ETH, prices[ETH]);
        setPrice(BTC, prices[BTC]);
    }

    function accept() internal {
        for (uint256 market; market < MARKETS; ++market) {
            Market memory before = cold.getMarket(market);
            indexProfit += FundingMath.skewOf(before) * (int256(prices[market]) - int256(uint256(before.index)));
        }
        cold.updateIndices(3, noUpdate);
        noteIndexTimes();
    }

    function noteIndexTimes() internal {
        for (uint256 market; market < MARKETS; ++market) {
            uint256 at = cold.getMarket(market).indexAt;
            hold(at >= lastIndexAt[market], 13);
            lastIndexAt[market] = at;
        }
    }

    /// @dev The present price with the band of an immediate close.
    function closingPrice(uint256 market) internal view returns (Price memory price) {
        price = oracle.peek(market);
        (,,, uint24 bandBps,,) = oracle.slots(market);
        uint256 band = price.halfWidth + price.mid * bandBps / 10_000;
        (price.lo, price.hi) = (price.mid - band, price.mid + band);
    }

    /// @dev What an account has beside its positions, what of its claim waits to be collected included. USD, 18 decimals.
    function owned(bytes32 id) internal view returns (uint256) {
        return uint256(cold.getAccount(id).margin) + cold.claimOf(id);
    }

    function accountOf(uint256 seed) internal view returns (bytes32) {
        return accounts[seed % ACCOUNTS];
    }

    function ownerOf(bytes32 id) internal pure returns (address) {
        return address(bytes20(id));
    }

    /// @dev Deposits fresh tokens of the owner. USDC units.
    function put(bytes32 id, uint256 assets) internal {
        usdc.mint(ownerOf(id), assets);
        vm.startPrank(ownerOf(id));
        usdc.approve(address(engine), assets);
        engine.deposit(id, assets);
        vm.stopPrank();
        deposited += assets * RAW;
    }

    function orderOf(bytes32 id, int88 sizeDelta) internal pure returns (Order[] memory orders) {
        orders = marketOrder(ownerOf(id), sizeDelta);
        orders[0].account = id;
    }

    /// @dev The first open position from the seeds on; size 0 when nobody has one.
    function holderOf(uint256 seed, uint256 marketSeed) internal view returns (bytes32 id, uint256 market, int88 size) {
        for (uint256 i; i < ACCOUNTS * MARKETS; ++i) {
            id = accounts[(seed % ACCOUNTS + i) % ACCOUNTS];
            market = (marketSeed % MARKETS + i / ACCOUNTS) % MARKETS;
            size = cold.getPosition(id, market).size;
            if (size != 0) return (id, market, size);
        }
    }

    /// @dev Returns to the pool what a handler took; claims are paid by it.
    function refill() internal {
        if (drained == 0) return;
        provide(drained);
        drained = 0;
    }

    function resume() internal {
        if (cold.getPool().pauseLevel == 0) return;
        vm.prank(admin);
        cold.setPauseLevel(0);
    }

    /// @return before What was in force.
    function requirements(uint16 initialBps, uint16 maintenanceBps)
        internal
        returns (MarketConfig[MARKETS] memory before)
    {
        for (uint256 market; market < MARKETS; ++market) {
            before[market] = cold.getMarketConfig(market);
            MarketConfig memory c = cold.getMarketConfig(market);
            (c.initialMarginBps, c.maintenanceMarginBps) = (initialBps, maintenanceBps);
            putConfig(market, c);
        }
    }

    function restore(MarketConfig[MARKETS] memory before) internal {
        for (uint256 market; market < MARKETS; ++market) {
            putConfig(market, before[market]);
        }
    }

    function abs(int256 value) internal pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
