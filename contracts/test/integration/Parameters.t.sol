// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Market, MarketConfig, Schedule} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice Parameters in two steps: scheduled, then advanced by anybody.
contract ParametersTest is EngineFixture {
    bytes32 private constant CONFIGURATOR = keccak256("CONFIGURATOR_ROLE");
    bytes32 private constant GUARDIAN = keccak256("GUARDIAN_ROLE");

    address internal configurator = makeAddr("configurator");
    address internal guardian = makeAddr("guardian");

    function setUp() public override {
        super.setUp();
        // Half an hour past one.
        vm.warp(block.timestamp / 1 hours * 1 hours + 30 minutes);
        vm.startPrank(admin);
        IAccessControl(address(engine)).grantRole(CONFIGURATOR, configurator);
        IAccessControl(address(engine)).grantRole(GUARDIAN, guardian);
        vm.stopPrank();
    }

    function test_NothingChangesUntilSomebodyAdvances() public {
        _schedule(_wider(), 1 days);
        vm.warp(block.timestamp + 12 hours);
        vm.assertEq(abi.encode(_inForce()), abi.encode(config(10_000e6)), "what was in force is");
        cold.advanceParameters(ETH);
        MarketConfig memory c = _inForce();
        assertEq(c.initialMarginBps, 1250, "half way");
        assertEq(c.maintenanceMarginBps, 750, "half way");
        assertEq(c.skewScale, 10_250e6, "half way");
        assertEq(c.takerFeePpm, 400, "stepped");
        assertEq(cold.getQueue(ETH).keeperFeeCents, 70, "stepped");
        assertEq(uint256(cold.getSchedule(ETH).endsAt), block.timestamp + 12 hours, "still on its way");
        vm.warp(block.timestamp + 20 hours);
        cold.advanceParameters(ETH);
        vm.assertEq(abi.encode(_inForce()), abi.encode(_wider()), "there");
        assertEq(uint256(cold.getSchedule(ETH).endsAt), 0, "nothing is scheduled any more");
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingScheduled.selector, ETH));
        cold.advanceParameters(ETH);
    }

    function test_FeesStepAtTheFirstFullHourAnHourLater() public {
        _schedule(_wider(), 1 days);
        // Half past one: two o'clock is too soon, three it is.
        vm.warp(block.timestamp + 89 minutes + 59);
        cold.advanceParameters(ETH);
        assertEq(_inForce().takerFeePpm, 500, "not yet");
        assertEq(cold.getQueue(ETH).keeperFeeCents, 50, "not yet");
        vm.warp(block.timestamp + 1);
        cold.advanceParameters(ETH);
        assertEq(_inForce().takerFeePpm, 400, "now");
        assertEq(_inForce().fundingCoefficientBps, 500, "now");
        assertEq(cold.getQueue(ETH).keeperFeeCents, 70, "now");
    }

    function test_TheSealedRateStandsAndThePastIsPaidByTheOldParameters() public {
        trade(alice, ETH, 100 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 2 hours);
        cold.accrue(ETH);
        int256 sealed_ = cold.getMarket(ETH).fundingRate;
        assertGt(sealed_, 0, "longs pay");
        _schedule(_wider(), 1 days);
        vm.warp(block.timestamp + 150 minutes);
        Market memory due = cold.getAccruedMarket(ETH);
        cold.advanceParameters(ETH);
        Market memory stored = cold.getMarket(ETH);
        assertEq(stored.funding, due.funding, "funding up to now");
        assertEq(stored.fundingRate, sealed_, "the rate of this hour");
        vm.warp(block.timestamp + 1 hours);
        // Twice the coefficient at 1.05 S, nearly: this hour began before the end of the ramp.
        int256 next = cold.getAccruedMarket(ETH).fundingRate;
        assertGt(next, sealed_ * 19 / 10, "the next hour's is the new coefficient's");
    }

    function test_ANewScheduleStartsFromWhatIsInForce() public {
        _schedule(_wider(), 1 days);
        vm.warp(block.timestamp + 12 hours);
        cold.advanceParameters(ETH);
        MarketConfig memory middle = _inForce();
        vm.warp(block.timestamp + 6 hours);
        _schedule(config(10_000e6), 1 days);
        Schedule memory s = cold.getSchedule(ETH);
        vm.assertEq(abi.encode(s.from), abi.encode(middle), "from what is in force, not from what was due");
        vm.assertEq(abi.encode(_inForce()), abi.encode(middle), "and scheduling moves nothing");
    }

    function test_CancellingLeavesWhatIsInForce() public {
        _schedule(_wider(), 1 days);
        vm.warp(block.timestamp + 12 hours);
        cold.advanceParameters(ETH);
        MarketConfig memory middle = _inForce();
        vm.warp(block.timestamp + 3 hours);
        vm.prank(guardian);
        vm.expectEmit(address(engine));
        emit IEngineEvents.ParametersCancelled(ETH, guardian);
        cold.cancelParameters(ETH);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingScheduled.selector, ETH));
        cold.advanceParameters(ETH);
        vm.assertEq(abi.encode(_inForce()), abi.encode(middle), "where it stood");
        _schedule(_wider(), 1 days);
        vm.startPrank(configurator);
        cold.cancelParameters(ETH);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingScheduled.selector, ETH));
        cold.cancelParameters(ETH);
        vm.stopPrank();
    }

    function test_FlagsAreNotTheSchedules() public {
        _schedule(_wider(), 1 days);
        vm.prank(guardian);
        cold.setReduceOnly(ETH, true);
        vm.warp(block.timestamp + 1 days);
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).flags, 3, "listed, reduce-only");
        MarketConfig memory c = _wider();
        c.flags = 2;
        vm.prank(configurator);
        vm.expectRevert(_beyond("flags", 2, 0));
        cold.scheduleParameters(ETH, c, 50, 1 days);
    }

    function test_TheGuardianSetsReduceOnlyAndTheConfiguratorEndsIt() public {
        vm.startPrank(guardian);
        cold.setReduceOnly(ETH, true);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, guardian, CONFIGURATOR)
        );
        cold.setReduceOnly(ETH, false);
        vm.stopPrank();
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), 0, "nothing opens");
        vm.prank(configurator);
        cold.setReduceOnly(ETH, false);
        trade(alice, ETH, UNIT, ETH_PRICE);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "and then it does");
        vm.prank(configurator);
        cold.setReduceOnly(ETH, true);
        assertEq(cold.getMarketConfig(ETH).flags, 3, "the configurator sets it as well");
    }

    function test_RevertWhen_TheRampIsTooShortOrTooLong() public {
        vm.startPrank(configurator);
        vm.expectRevert(_beyond("duration", 1 days - 1, 1 days));
        cold.scheduleParameters(ETH, config(10_000e6), 50, 1 days - 1);
        vm.expectRevert(_beyond("duration", 366 days, 365 days));
        cold.scheduleParameters(ETH, config(10_000e6), 50, 366 days);
        // Twice S at 5 % of the smaller a day, whichever way: 20 days.
        vm.expectRevert(_beyond("duration", 20 days - 1, 20 days));
        cold.scheduleParameters(ETH, config(20_000e6), 50, 20 days - 1);
        vm.expectRevert(_beyond("duration", 20 days - 1, 20 days));
        cold.scheduleParameters(ETH, config(5000e6), 50, 20 days - 1);
        cold.scheduleParameters(ETH, config(20_000e6), 50, 20 days);
    }

    /// @dev The penalty steps within hours while the maintenance margin it needs comes within a day.
    function test_RevertWhen_TheWayLeavesTheBounds() public {
        MarketConfig memory c = config(10_000e6);
        (c.initialMarginBps, c.maintenanceMarginBps, c.penaltyBps) = (1000, 661, 250);
        vm.startPrank(configurator);
        // 600 + 61 · 1.5/24 at the step; 250 + 10 + 400 + 1 are needed.
        vm.expectRevert(_beyond("maintenanceMarginBps", 603, 661));
        cold.scheduleParameters(ETH, c, 50, 1 days);
        c.penaltyBps = 50;
        cold.scheduleParameters(ETH, c, 50, 1 days);
    }

    function test_RevertWhen_TheEndLeavesTheBounds() public {
        MarketConfig memory c = config(10_000e6);
        c.maintenanceMarginBps = 801;
        vm.prank(configurator);
        vm.expectRevert(_beyond("maintenanceMarginBps", 801, 800));
        cold.scheduleParameters(ETH, c, 50, 1 days);
    }

    function test_RevertWhen_AMarketIsNotListed() public {
        vm.startPrank(configurator);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, 9));
        cold.scheduleParameters(9, config(10_000e6), 50, 1 days);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, 9));
        cold.setReduceOnly(9, true);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingScheduled.selector, 9));
        cold.cancelParameters(9);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingScheduled.selector, 9));
        cold.advanceParameters(9);
    }

    function test_RevertWhen_ThePriceOfGasIsOfAnUnknownMarket() public {
        uint256 count = cold.marketCount();
        vm.startPrank(configurator);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.UnknownMarket.selector, count));
        cold.setGasMarket(count);
        vm.expectEmit(address(engine));
        emit IEngineEvents.GasMarketSet(count - 1);
        cold.setGasMarket(count - 1);
        vm.stopPrank();
    }

    function _wider() private pure returns (MarketConfig memory c) {
        c = config(10_500e6);
        (c.initialMarginBps, c.maintenanceMarginBps) = (1500, 900);
        (c.takerFeePpm, c.fundingCoefficientBps) = (400, 500);
    }

    /// @dev Without the flag of a listed market.
    function _inForce() private view returns (MarketConfig memory c) {
        c = cold.getMarketConfig(ETH);
        c.flags = 0;
    }

    function _schedule(MarketConfig memory c, uint256 duration) private {
        vm.prank(configurator);
        cold.scheduleParameters(ETH, c, 70, duration);
    }

    function _beyond(bytes32 name, uint256 value, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, name, value, limit);
    }
}
