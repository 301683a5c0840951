// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketRisk, Position} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {Liquidation, LiquidationMath} from "../../src/libraries/LiquidationMath.sol";
import {GasCost} from "../../src/libraries/GasCost.sol";
import {L1BlockDouble} from "../doubles/L1BlockDouble.sol";
import {purgeIn} from "../fixtures/Orders.sol";
import {WidthFixture} from "../widths/WidthFixture.sol";

/// @notice Accounts below maintenance, one at a time and many in one call.
contract LiquidationTest is WidthFixture {
    address internal carol = makeAddr("carol");

    function test_ClosesThePartThatRestoresTheInitialMargin() public {
        _open(carol, 3000e6, 10 * UNIT);
        _price(1810e18);
        (Liquidation memory preview, int256[] memory parts) = risk.previewLiquidation(account(carol), _closing());
        _liquidate(carol);
        Position memory position = cold.getPosition(account(carol), ETH);
        assertEq(int256(position.size), 10 * UNIT + parts[0], "what was foreseen");
        assertGt(int256(position.size), 4 * UNIT, "a part stays");
        assertEq(uint256(cold.getAccount(account(carol)).margin), preview.margin, "with the margin foreseen");
        assertEq(purgeIn(cold.getAccount(account(carol))), 0, "orders before it are void");
        assertGt(cold.getAccount(account(keeper)).margin, 10e18 + 18e18, "the keeper is rewarded");
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.liquidate(account(carol), noUpdate);
        _assertBooks();
    }

    function test_ClosesEverythingBelowHalfOfMaintenance() public {
        _open(carol, 3000e6, 10 * UNIT);
        _price(1750e18);
        _liquidate(carol);
        assertEq(cold.getAccount(account(carol)).markets, 0, "nothing stays open");
        assertGt(cold.getAccount(account(carol)).margin, 0, "but what is left of the margin");
        _assertBooks();
    }

    function test_ClosesTheLargestRequirementFirst() public {
        fund(carol, 9000e6);
        trade(carol, ETH, 30 * UNIT, ETH_PRICE);
        trade(carol, BTC, UNIT / 10, BTC_PRICE);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, 1825e18);
        setPrice(BTC, BTC_PRICE);
        vm.prank(keeper);
        engine.liquidate(account(carol), noUpdate);
        assertEq(int256(cold.getPosition(account(carol), BTC).size), UNIT / 10, "the smaller one is left alone");
        assertLt(int256(cold.getPosition(account(carol), ETH).size), 30 * UNIT, "the larger one is reduced");
        _assertBooks();
    }

    /// @dev At the favourable price of nothing a position needs no margin, as one that is closed.
    function test_ClosesWhatNeedsNoMargin() public {
        fund(carol, 9000e6);
        trade(carol, ETH, 30 * UNIT, ETH_PRICE);
        trade(carol, BTC, -UNIT / 1000, BTC_PRICE);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, 1000e18);
        setPrice(BTC, 1);
        vm.prank(keeper);
        engine.liquidate(account(carol), noUpdate);
        assertEq(cold.getAccount(account(carol)).markets, 0, "nothing stays open");
    }

    function test_ManyAtOnceAndPassesOverTheHealthy() public {
        address dave = makeAddr("dave");
        _open(carol, 3000e6, 10 * UNIT);
        _open(dave, 9000e6, 10 * UNIT);
        _price(1810e18);
        bytes32[] memory accounts = new bytes32[](3);
        (accounts[0], accounts[1], accounts[2]) = (account(dave), account(carol), account(alice));
        vm.prank(keeper);
        engine.liquidateMany(accounts, noUpdate);
        assertEq(int256(cold.getPosition(account(dave), ETH).size), 10 * UNIT, "the healthy one keeps all");
        assertLt(int256(cold.getPosition(account(carol), ETH).size), 10 * UNIT, "the other is reduced");
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.liquidateMany(accounts, noUpdate);
        _assertBooks();
    }

    function test_RevertWhen_NoAccountOrTooMany() public {
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.BatchSize.selector, 0, 32));
        engine.liquidateMany(new bytes32[](0), noUpdate);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.BatchSize.selector, 33, 32));
        engine.liquidateMany(new bytes32[](33), noUpdate);
    }

    /// @dev A long on the side of fewer: leaving it makes the skew grow.
    function test_APartThatMakesTheSkewGrowIsMetered() public {
        _endangerOnTheLighterSide();
        (, int256[] memory parts) = risk.previewLiquidation(account(carol), _closing());
        _liquidate(carol);
        assertEq(cold.getMarketRisk(ETH).metered, uint256(-parts[0]), "what it added to the skew");
        assertEq(cold.getMarketRisk(ETH).meteredAt, block.timestamp, "and when");
        _assertBooks();
    }

    function test_AFullMeterEmptiesWithinAMinute() public {
        _endangerOnTheLighterSide();
        uint256 capacity = 200 * uint256(int256(UNIT));
        put(riskSlot(ETH), 128, 88, capacity);
        put(riskSlot(ETH), 216, 40, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.LiquidationMetered.selector, 0, capacity));
        engine.liquidate(account(carol), noUpdate);
        vm.warp(block.timestamp + 59);
        setPrice(ETH, 1830e18);
        _liquidate(carol);
        assertGt(cold.getMarketRisk(ETH).metered, capacity / 60, "a sixtieth was left, and the part is added");
        _assertBooks();
    }

    /// @dev Danger to the pool does not wait.
    function test_AWholeLiquidationDoesNotWait() public {
        _endangerOnTheLighterSide();
        uint256 capacity = 200 * uint256(int256(UNIT));
        put(riskSlot(ETH), 128, 88, capacity);
        put(riskSlot(ETH), 216, 40, block.timestamp + 1);
        _price(1760e18);
        _liquidate(carol);
        assertEq(cold.getAccount(account(carol)).markets, 0, "closed");
        assertEq(cold.getMarketRisk(ETH).metered, capacity, "the meter is full");
        _assertBooks();
    }

    function _endangerOnTheLighterSide() private {
        trade(bob, ETH, -190 * UNIT, ETH_PRICE);
        _open(carol, 40_000e6, 150 * UNIT);
        _price(1830e18);
    }

    function test_BadDebtFallsOnHalfOfInsuranceThenOnThePool() public {
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        _open(carol, 2500e6, 10 * UNIT);
        cold.divideReserves();
        uint256 insurance = cold.getReserves().insurance;
        _price(1500e18);
        _liquidate(carol);
        assertEq(cold.getReserves().insurance, insurance - insurance / 2 - 2e18, "half of it, and the reward's floor");
        assertEq(cold.getMarketRisk(ETH).insuranceSpent, insurance / 2, "for this hour");
        assertEq(cold.getAccount(account(carol)).margin, 0, "nothing left");
        _assertBooks();
    }

    /// @dev The same hour spends no more; the next one does.
    function test_InsurancePaysByTheHour() public {
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        address dave = makeAddr("dave");
        _open(carol, 2500e6, 10 * UNIT);
        _open(dave, 2500e6, 10 * UNIT);
        _price(1500e18);
        _liquidate(carol);
        uint256 spent = cold.getMarketRisk(ETH).insuranceSpent;
        uint256 left = cold.getReserves().insurance;
        _price(1500e18);
        _liquidate(dave);
        assertLe(cold.getMarketRisk(ETH).insuranceSpent - spent, 2e18, "no more than fees have added");
        assertGe(cold.getReserves().insurance + 4e18, left, "insurance is spared");
        assertEq(cold.getMarketRisk(ETH).insuranceHour, block.timestamp / 3600, "by the hour");
        _assertBooks();
    }

    function test_AFreshHourOpensInsuranceAgain() public {
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        address dave = makeAddr("dave");
        _open(carol, 2500e6, 10 * UNIT);
        _open(dave, 2500e6, 10 * UNIT);
        _price(1500e18);
        _liquidate(carol);
        cold.divideReserves();
        uint256 left = cold.getReserves().insurance;
        vm.warp(block.timestamp + 3600);
        _price(1500e18);
        _liquidate(dave);
        assertEq(cold.getMarketRisk(ETH).insuranceSpent, left / 2, "half of what is there");
        _assertBooks();
    }

    /// @dev Dust in another market does not open its insurance to this market's debt.
    function test_BadDebtIsTheLargestPositions() public {
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        fund(carol, 3000e6);
        trade(carol, ETH, UNIT / 50, ETH_PRICE);
        trade(carol, BTC, UNIT / 3, BTC_PRICE);
        vm.warp(block.timestamp + 1);
        setPrice(ETH, ETH_PRICE);
        setPrice(BTC, BTC_PRICE * 4 / 5);
        _liquidate(carol);
        assertEq(cold.getAccount(account(carol)).markets, 0, "closed");
        assertEq(cold.getMarketRisk(ETH).insuranceSpent, 0, "the first market spends nothing");
        assertGt(cold.getMarketRisk(BTC).insuranceSpent, 40e18, "the largest does");
        _assertBooks();
    }

    /// @dev Nothing of the margin is left for the keeper, nothing is in insurance's own slot.
    function test_FeesNotYetDividedRaiseAReward() public {
        _open(carol, 2500e6, 10 * UNIT);
        uint256 price = 1765e18;
        Liquidation memory preview;
        do {
            price -= 1e18;
            _price(price);
            (preview,) = risk.previewLiquidation(account(carol), _closing());
        } while (preview.reward != 0);
        assertEq(preview.badDebt, 0, "only the band is missing");
        assertEq(cold.getReserves().insurance, 0, "nothing is divided");
        uint256 fees = cold.getPool().fees;
        uint256 before = cold.getAccount(account(keeper)).margin;
        _liquidate(carol);
        assertEq(cold.getAccount(account(keeper)).margin - before, 2e18, "the floor");
        Solvency memory s = cold.solvency();
        assertEq(s.insurance + s.treasury + s.fees, fees - 2e18, "out of the fees");
        _assertBooks();
    }

    /// @dev At a tenth of a cent for a byte the floor lies between its bounds.
    function test_BytesThatACallDoesNotNeedAreNotPaidFor() public {
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        _open(carol, 2500e6, 10 * UNIT);
        vm.prank(admin);
        cold.setGasMarket(ETH);
        _price(1500e18);
        cold.updateIndices(1, noUpdate);
        vm.etch(GasCost.L1_BLOCK, address(new L1BlockDouble(5e17 / 16, 0, 1, 0)).code);
        uint256 snapshot = vm.snapshotState();
        uint256 some = _rewardWith(2000);
        vm.revertToState(snapshot);
        uint256 many = _rewardWith(100_000);
        vm.revertToState(snapshot);
        assertEq(many, some, "padding pays");
        assertLt(some, 4e18, "below the cap");
        assertEq(_rewardWith(0), 2e18, "a call without an update costs less than the floor");
    }

    function _rewardWith(uint256 padding) private returns (uint256) {
        uint256 before = cold.getAccount(account(keeper)).margin;
        bytes memory call =
            bytes.concat(abi.encodeCall(engine.liquidate, (account(carol), noUpdate)), new bytes(padding));
        vm.prank(keeper);
        (bool ok,) = address(engine).call(call);
        assertTrue(ok, "liquidated");
        return cold.getAccount(account(keeper)).margin - before;
    }

    function _open(address owner, uint256 assets, int88 size) private {
        fund(owner, assets);
        trade(owner, ETH, size, ETH_PRICE);
    }

    function _price(uint256 mid) private {
        vm.warp(block.timestamp + 1);
        setPrice(ETH, mid);
    }

    function _liquidate(address owner) private {
        vm.prank(keeper);
        engine.liquidate(account(owner), noUpdate);
    }

    function _closing() private view returns (Price[] memory prices) {
        prices = new Price[](1);
        Price memory price = oracle.peek(ETH);
        uint256 band = price.halfWidth + price.mid * 10 / 10_000;
        (price.lo, price.hi) = (price.mid - band, price.mid + band);
        prices[0] = price;
    }

    function _assertBooks() private view {
        Solvency memory s = cold.solvency();
        assertEq(s.balance, s.custody, "every token is somebody's");
        address[5] memory owners = [alice, bob, carol, keeper, _dave()];
        uint256 margins;
        for (uint256 i; i < owners.length; ++i) {
            margins += cold.getAccount(account(owners[i])).margin;
        }
        assertEq(s.margin, margins, "margins are the accounts'");
    }

    function _dave() private pure returns (address) {
        return address(uint160(uint256(keccak256("dave"))));
    }
}
