// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig} from "../../src/engine/EngineTypes.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {VaultFixture} from "../vault/VaultFixture.sol";

/// @notice What every handler stands on: the actors, the prices, and the first property that broke.
/// @dev A call that has nothing to do is discarded, so that the runner's table shows how many changed state.
abstract contract Ground is VaultFixture {
    uint256 internal constant ACTORS = 5;
    uint256 internal constant MARKETS = 2;
    uint256 internal constant RAW = 1e12;

    /// @notice Whether prices move.
    bool public immutable moving;
    /// @notice Number of the first property that broke, 0 while all hold.
    uint256 public broken;

    address[] internal actors;
    /// @dev Not round, so that every division leaves something to round.
    uint256[MARKETS] internal prices = [ETH_PRICE + 1_234_567_891, BTC_PRICE + 9_876_543_217];
    uint256[MARKETS] internal lastIndexAt;
    /// @dev What the actors put in and took out, USD, 18 decimals.
    uint256 internal deposited;
    uint256 internal withdrawn;
    /// @dev What the index earned them together (signed) and what of their losses nobody paid, USD, 30 and 18 decimals.
    int256 internal indexProfit;
    uint256 internal badDebt;

    constructor(bool moving_) {
        moving = moving_;
        setUp();
        provideShares(carol, 200_000e6);
        provideShares(mallory, 50_000e6);
        usdc.mint(address(this), 1000e6);
        usdc.approve(address(engine), 1000e6);
        cold.fundInsurance(1000e6);
        for (uint256 i; i < ACTORS; ++i) {
            address actor = makeAddr(vm.toString(i));
            actors.push(actor);
            fund(actor, 20_000e6);
            deposited += 20_000e18;
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
        uint256 band = price.halfWidth + price.mid * 10 / 10_000;
        (price.lo, price.hi) = (price.mid - band, price.mid + band);
    }

    /// @dev What an account has beside its positions, USD, 18 decimals.
    function cashOf(bytes32 id) internal view returns (uint256) {
        return uint256(cold.getAccount(id).margin) + cold.unpaidClaim(id);
    }

    function actorOf(uint256 seed) internal view returns (address) {
        return actors[seed % ACTORS];
    }

    /// @dev The first open position from the seeds on; size 0 when nobody has one.
    function holderOf(uint256 seed, uint256 marketSeed)
        internal
        view
        returns (address actor, uint256 market, int88 size)
    {
        for (uint256 i; i < ACTORS * MARKETS; ++i) {
            actor = actors[(seed % ACTORS + i) % ACTORS];
            market = (marketSeed % MARKETS + i / ACTORS) % MARKETS;
            size = cold.getPosition(account(actor), market).size;
            if (size != 0) return (actor, market, size);
        }
    }

    function resume() internal {
        if (cold.getPool().pauseLevel == 0) return;
        vm.prank(admin);
        cold.setPauseLevel(0);
    }

    function requirements(uint16 initialBps, uint16 maintenanceBps) internal {
        for (uint256 market; market < MARKETS; ++market) {
            MarketConfig memory c = cold.getMarketConfig(market);
            (c.initialMarginBps, c.maintenanceMarginBps) = (initialBps, maintenanceBps);
            putConfig(market, c);
        }
    }

    function abs(int256 value) internal pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
