// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, MarketConfig, Order, Position} from "../../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../../src/interfaces/IDerivativesEngine.sol";
import {IEngineExtension} from "../../../src/interfaces/IEngineExtension.sol";
import {IEngineErrors} from "../../../src/interfaces/IEngineErrors.sol";
import {Health} from "../../../src/interfaces/IRiskManager.sol";
import {FillMath} from "../../../src/libraries/FillMath.sol";
import {EngineFixture} from "../../fixtures/EngineFixture.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice What the engine, its extension and the risk manager round themselves, shown by what they answer.
/// forge-config: default.fuzz.runs = 32
/// forge-config: ci.fuzz.runs = 1000
contract EngineRoundingTest is EngineFixture, Directions {
    function testFuzz_TheMarginOfACommitRoundsUpForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _settleAt(between(dice, 1800e18, 2200e18));
        uint256 size = between(dice, 1000e12, 20_000e12);
        Order[] memory orders = marketOrder(alice, int88(int256(size)));
        vm.prank(alice);
        (bool done, bytes memory reason) =
            address(engine).call(abi.encodeCall(IDerivativesEngine.commit, (ETH, orders)));
        assertFalse(done, "committed");
        assertEq(bytes32(bytes4(reason)), bytes32(IEngineErrors.OrderRefused.selector), "refused for another reason");
        uint256 required;
        assembly ("memory-safe") {
            required := mload(add(reason, 100))
        }
        uint256 margin = required - 0.5e18;
        uint256 perUnit = cold.getQueue(ETH).marginPerUnit;
        assertUp(margin, size * perUnit, 1e4, "the margin asked for is below the exact one");
    }

    function testFuzz_TheMarginOfAUnitRoundsUpForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 price = between(dice, 1800e18, 2200e18);
        _settleAt(price);
        assertUp(cold.getQueue(ETH).marginPerUnit, price * 1000, 1e12, "a unit's margin is below the exact one");
    }

    function testFuzz_TheEquityOfAWithdrawalRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (int256 size, uint256 price) = _positions(dice);
        uint256 half = (price * 5 + 9999) / 10_000;
        uint256 margin = cold.getAccount(account(alice)).margin;
        int256 exact = int256(margin % RAW * RAW) + _value(ETH, size > 0 ? price - half : price + half);
        vm.prank(alice);
        (bool done, bytes memory reason) = address(engine)
            .call(abi.encodeCall(IEngineExtension.withdraw, (account(alice), margin / RAW, alice, noUpdate)));
        assertFalse(done, "withdrawn");
        (uint256 equity,) = _figures(reason, IEngineErrors.EquityTooLow.selector);
        assertFloor(int256(equity), exact, RAW, "more equity counts than there is");
    }

    function testFuzz_TheEquityOfAHealthyAccountRoundsDown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (int256 size, uint256 price) = _positions(dice);
        uint256 band = (price * 5 + 9999) / 10_000 + price * 10 / 10_000;
        int256 exact = int256(uint256(cold.getAccount(account(alice)).margin) * RAW)
            + _value(ETH, size > 0 ? price + band : price - band);
        (bool done, bytes memory reason) =
            address(engine).call(abi.encodeCall(IDerivativesEngine.liquidate, (account(alice), noUpdate)));
        assertFalse(done, "liquidated");
        (uint256 equity,) = _figures(reason, IEngineErrors.NotLiquidatable.selector);
        assertFloor(int256(equity), exact, RAW, "more equity is told than there is");
    }

    function testFuzz_TheEquityOfHealthRoundsDownAgainstTheTrader(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (, uint256 price) = _positions(dice);
        int256 exact = int256(uint256(cold.getAccount(account(alice)).margin) * RAW) + _value(ETH, price);
        int256 equity = risk.getHealth(account(alice)).equity;
        assertFloor(equity, exact, RAW, "more equity is told than there is");
    }

    function testFuzz_TheNotionalOfHealthRoundsDown(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (int256 size, uint256 price) = _positions(dice);
        Health memory health = risk.getHealth(account(alice));
        uint256 exact = uint256(size < 0 ? -size : size) * price;
        assertDown(health.notional, exact, RAW, "more notional is told than there is");
    }

    function testFuzz_TheLowestPoolValueRoundsDownForWhoStays(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (, uint256 price) = _positions(dice);
        (int256 low, int256 high) = _poolValues(price);
        vm.prank(admin);
        (int256 lowest,,) = cold.priceLiquidity(noUpdate);
        assertFloor(lowest, low < high ? low : high, RAW, "redemptions are paid more than the lowest value");
    }

    function testFuzz_TheHighestPoolValueRoundsUpForWhoIsIn(uint256 seed) public {
        Dice memory dice = Dice(seed);
        (, uint256 price) = _positions(dice);
        (int256 low, int256 high) = _poolValues(price);
        vm.prank(admin);
        (, int256 highest,) = cold.priceLiquidity(noUpdate);
        assertCeil(highest, low < high ? high : low, RAW, "deposits buy at less than the highest value");
    }

    /// @dev Of one account at $1,760 to $1,795, whose own reward is the smallest, and gas that costs $2 to $4.
    function testFuzz_TheFloorOfARewardRoundsDownForInsurance(uint256 seed) public {
        Dice memory dice = Dice(seed);
        address carol = makeAddr("carol");
        fund(carol, 300e6);
        trade(carol, ETH, 1e12, ETH_PRICE);
        vm.prank(admin);
        cold.setGasMarket(ETH);
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        uint256 price = between(dice, 1760e18, 1795e18);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, price);
        cold.updateIndices(1, noUpdate);
        uint256 basefee = between(dice, 6.2e9, 11e9);
        vm.fee(basefee);
        uint256 before = cold.getAccount(account(keeper)).margin;
        vm.prank(keeper);
        engine.liquidate(account(carol), noUpdate);
        uint256 reward = cold.getAccount(account(keeper)).margin - before;
        assertDown(reward, 150_000 * basefee * price * 5, 4e18, "insurance pays more than the exact floor");
    }

    /// @dev Alice holds up to $50,000 of ETH, either way, bought where the price has been moved to.
    function _positions(Dice memory dice) private returns (int256 size, uint256 price) {
        _movePrice(dice);
        size = either(dice, between(dice, 1e12, 25e12));
        price = between(dice, 1800e18, 2200e18);
        trade(alice, ETH, int88(size), price);
    }

    /// @dev One order of bob's.
    function _settleAt(uint256 price) private {
        trade(bob, ETH, UNIT / 10, price);
    }

    function _movePrice(Dice memory dice) private returns (uint256 price) {
        price = between(dice, 1800e18, 2200e18);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, price);
        setPrice(BTC, BTC_PRICE);
        cold.updateIndices(3, noUpdate);
    }

    /// @dev Of alice's position, USD, 30 decimals.
    function _value(uint256 market, uint256 price) private view returns (int256) {
        Position memory position = cold.getPosition(account(alice), market);
        int256 funding = cold.getAccruedMarket(market).funding;
        return int256(position.size) * (int256(price) - funding) + position.cash;
    }

    /// @dev The pool at both ends of ETH's half-width, USD, 30 decimals. Nobody is in BTC.
    function _poolValues(uint256 price) private view returns (int256 low, int256 high) {
        uint256 half = (price * 5 + 9999) / 10_000;
        int256 cash = int256(uint256(cold.getPool().cash) * RAW);
        return (cash - _owed(price - half), cash - _owed(price + half));
    }

    function _owed(uint256 price) private view returns (int256) {
        Market memory market = cold.getAccruedMarket(ETH);
        MarketConfig memory c = cold.getMarketConfig(ETH);
        int256 skew = int256(uint256(market.longs)) - int256(uint256(market.shorts));
        uint256 reserve = FillMath.skewReserve(price, skew, uint256(c.skewScale) * 1e6);
        return skew * (int256(price) - market.funding) + market.cash + int256(reserve);
    }

    /// @dev The two figures of an error.
    function _figures(bytes memory reason, bytes4 selector) private pure returns (uint256 actual, uint256 limit) {
        assertEq(bytes32(bytes4(reason)), bytes32(selector), "refused for another reason");
        assembly ("memory-safe") {
            actual := mload(add(reason, 36))
            limit := mload(add(reason, 68))
        }
    }
}
