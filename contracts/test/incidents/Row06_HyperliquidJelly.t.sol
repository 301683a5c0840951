// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Order, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Price, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Reduction} from "../../src/libraries/DeleveragingMath.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Hyperliquid's JELLY, March 2025: one thin market was pumped to four times its price, its loss reached the whole
/// vault, and validators closed it at a price they chose. Here a market can lose the pool its allocation and no more, the
/// other markets do not notice, and no price is anybody's choice.
contract Row06HyperliquidJellyTest is IncidentFixture {
    /// @dev a_m of a minor market, percent.
    uint256 private constant ALLOCATION = 10;

    int256 private poolHad;

    function poolAssets() internal pure override returns (uint256) {
        return 1_000_000e6;
    }

    /// @dev A minor market in which mallory holds whatever is let through; sybil and the keeper trade in another one.
    function setUp() public override {
        super.setUp();
        MarketConfig memory c = cold.getMarketConfig(ETH);
        c.allocationPercent = uint8(ALLOCATION);
        putConfig(ETH, c);
        fund(mallory, 100_000e6);
        fund(bob, 1_000_000e6);
        fund(sybil, 20_000e6);
        fund(keeper, 20_000e6);
        trade(sybil, BTC, UNIT, BTC_PRICE);
        trade(keeper, BTC, -2 * UNIT, BTC_PRICE);
        trade(mallory, ETH, 300 * UNIT, ETH_PRICE);
        assertGt(sizeOf(mallory), 100 * UNIT, "mallory holds nothing");
        poolHad = cold.solvency().netAssetValue;
    }

    function test_ASpikeCostsThePoolTheMarketsAllocation() public {
        uint256 notional = uint256(sizeOf(mallory)) * ETH_PRICE;
        uint256 step = _spike();
        int256 lost = poolHad - cold.solvency().netAssetValue;
        assertGt(lost, 0, "the spike cost nothing");
        // What deleveraging begins at, and one step of the price on what stood open at first.
        uint256 bound = uint256(poolHad) * ALLOCATION * 140 / 10_000 + notional * step / ETH_PRICE;
        assertLe(uint256(lost), bound, "one market's loss reached the rest of the pool");
        assertFunded();
    }

    /// @dev Not a wad of the other market's margins, nothing of its positions; it trades on at its own price.
    function test_OtherMarketsDoNotNotice() public {
        (uint256 margin, bytes32 position) = (_marginOf(sybil), _positionOf(sybil));
        (uint256 keepers, bytes32 sold) = (_marginOf(keeper), _positionOf(keeper));
        _spike();
        assertEq(_marginOf(sybil), margin, "a margin of another market moved");
        vm.assertEq(_positionOf(sybil), position, "a position of another market moved");
        assertEq(_marginOf(keeper), keepers, "a margin of another market moved");
        vm.assertEq(_positionOf(keeper), sold, "a position of another market moved");
        assertFalse(risk.getHealth(account(sybil)).liquidatable, "another market's trader is in danger");
        trade(sybil, BTC, UNIT / 2, BTC_PRICE);
        assertEq(cold.getPosition(account(sybil), BTC).size, 3 * UNIT / 2, "another market does not trade");
    }

    /// @dev Beyond its allocation the market only shrinks.
    function test_NobodyOpensMoreIntoTheSpike() public {
        _spike();
        (int256 had, uint256 longs) = (sizeOf(mallory), cold.getMarket(ETH).longs);
        trade(mallory, ETH, 10 * UNIT, cold.getMarket(ETH).index);
        assertEq(sizeOf(mallory), had, "more was opened into the spike");
        assertEq(cold.getMarket(ETH).longs, longs, "more was opened into the spike");
    }

    /// @dev Whoever was cut keeps every dollar of profit at the oracle's price, and no role ends a market sooner than a day.
    function test_NobodyChoosesThePrice() public {
        int256 wealth = wealthOf(mallory);
        uint256 price = ETH_PRICE * 115 / 100;
        moveTo(price);
        setPrice(BTC, BTC_PRICE);
        int256 profit = wealthOf(mallory) - wealth;
        assertGt(profit, 0, "no profit");
        assertTrue(_cutIfDue(), "nothing was cut");
        int256 difference = wealthOf(mallory) - wealth - profit;
        assertLe(difference < 0 ? -difference : difference, int256(price + 1), "the cut was not at the index");
        uint256 earliest = block.timestamp + 1 days;
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.SettlementTooSoon.selector, earliest - 1, earliest));
        deleverager.scheduleSettlement(ETH, uint40(earliest - 1));
    }

    /// @dev Four times the price in steps of 2 %, and whoever wants deleverages after each.
    /// @return widest The largest step, USD, 18 decimals.
    function _spike() private returns (uint256 widest) {
        uint256 price = ETH_PRICE;
        while (price < 4 * ETH_PRICE) {
            widest = price / 50;
            price += widest;
            moveTo(price);
            setPrice(BTC, BTC_PRICE);
            _cutIfDue();
        }
    }

    function _cutIfDue() private returns (bool due) {
        Price[] memory prices = oracle.presentPrices(3, noUpdate, PriceUse.Deleverage, address(this));
        Reduction memory r = risk.previewDeleveraging(ETH, prices);
        due = r.exposure > r.limit && r.cut != 0 && r.cut >= r.least;
        if (due) deleverager.deleverage(ETH, noUpdate);
    }

    function _marginOf(address who) private view returns (uint256) {
        return cold.getAccount(account(who)).margin;
    }

    function _positionOf(address who) private view returns (bytes32) {
        return keccak256(abi.encode(cold.getPosition(account(who), BTC)));
    }
}
