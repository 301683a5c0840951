// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {PriceState} from "../../src/interfaces/IPriceOracle.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice The end of a market whose sources have failed: it must have been halted for a day, and then ends at the mean of
/// the first source that returns or, two weeks later, at a price that was voted.
contract ClosingPriceTest is OracleFixture {
    address private _guardian = makeAddr("guardian");

    function setUp() public override {
        super.setUp();
        vm.startPrank(admin);
        oracle.grantRole(oracle.GUARDIAN_ROLE(), _guardian);
        vm.stopPrank();
    }

    // ---------------------------------------------------------------- a day halted

    function test_AMarketHaltedForADayMayBePutIntoSettlement() public {
        _silence();
        _watch(24 hours - 1);
        vm.prank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(PriceOracle.HaltTooShort.selector, ETH, uint256(24 hours - 1), uint256(24 hours))
        );
        oracle.beginClosing(ETH);
        _watch(1);
        vm.expectEmit(address(oracle));
        emit PriceOracle.ClosingBegun(ETH);
        vm.prank(admin);
        oracle.beginClosing(ETH);
        assertEq(oracle.getClosing(ETH).begunAt, block.timestamp, "since now");
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.ClosingRefused.selector, ETH, block.timestamp));
        oracle.beginClosing(ETH);
    }

    function test_AHaltThatEndedBetweenCountsFromItsNewBeginning() public {
        _silence();
        _watch(20 hours);
        answer(ETH, ETH_PRICE);
        _look();
        assertEq(oracle.explain(ETH).haltedFor, 0, "it trades");
        _silence();
        _look();
        _watch(20 hours);
        assertEq(oracle.explain(ETH).haltedFor, 20 hours, "not forty");
    }

    function test_AHaltThatNobodySawForAnHourIsNone() public {
        _silence();
        _watch(20 hours);
        vm.warp(block.timestamp + 1 hours);
        assertEq(oracle.explain(ETH).haltedFor, 21 hours, "still one");
        vm.warp(block.timestamp + 1);
        assertEq(oracle.explain(ETH).haltedFor, 0, "unseen");
        _look();
        _watch(5 hours);
        assertEq(oracle.explain(ETH).haltedFor, 5 hours, "anew");
    }

    // ---------------------------------------------------------------- the mean

    function test_ItEndsAtTheMeanOverAnHourOfTheFirstSourceThatReturns() public {
        _begin();
        _watch(3 hours);
        assertEq(oracle.closingPrice(ETH), 0, "no source yet");
        uint256 from = block.timestamp;
        answer(ETH, 1000_00000000);
        _look();
        // Half of the hour at 1,000 and half at 1,300.
        _watchUntil(from + 30 minutes, 1000_00000000);
        answer(ETH, 1300_00000000);
        _look();
        _watchUntil(from + 1 hours - 1, 1300_00000000);
        assertEq(oracle.closingPrice(ETH), 0, "not yet an hour");
        vm.warp(from + 1 hours);
        _look();
        assertEq(oracle.closingPrice(ETH), 1150e18, "the mean");
        answer(ETH, 9000_00000000);
        vm.warp(block.timestamp + 2 hours);
        _look();
        assertEq(oracle.closingPrice(ETH), 1150e18, "and stays");
    }

    function test_PythAloneServesToo() public {
        _begin();
        uint256 from = block.timestamp;
        while (block.timestamp < from + 1 hours) {
            _lookWith(1500_00000000);
            vm.warp(block.timestamp + 200);
        }
        _lookWith(1500_00000000);
        assertEq(oracle.closingPrice(ETH), 1500e18, "the mean of one source");
        assertFalse(oracle.getClosing(ETH).byAnchor, "Pyth's");
    }

    function test_TheOtherSourceIsNotMixedIn() public {
        _begin();
        uint256 from = block.timestamp;
        answer(ETH, 1000_00000000);
        _look();
        while (block.timestamp < from + 1 hours) {
            vm.warp(block.timestamp + 100);
            if ((block.timestamp - from) % 1000 == 0) answer(ETH, 1000_00000000);
            _lookWith(1040_00000000);
        }
        assertEq(oracle.closingPrice(ETH), 1000e18, "Chainlink's alone");
    }

    function test_ASourceThatPausesBeginsAnew() public {
        _begin();
        _lookWith(1000_00000000);
        vm.warp(block.timestamp + 300);
        _lookWith(1000_00000000);
        assertEq(oracle.getClosing(ETH).cumulative, 300_000e18, "goes on");
        vm.warp(block.timestamp + 301);
        _lookWith(1200_00000000);
        assertEq(oracle.getClosing(ETH).startedAt, block.timestamp, "began now");
        assertEq(oracle.getClosing(ETH).cumulative, 0, "without what was");
    }

    function test_NothingIsAddedBeforeItIsInSettlement() public {
        _silence();
        _watch(25 hours);
        _lookWith(1000_00000000);
        assertEq(oracle.getClosing(ETH).startedAt, 0, "no price");
    }

    // ---------------------------------------------------------------- the vote

    function test_WithoutASourceForTwoWeeksAVotedPriceCountsTwoDaysLater() public {
        _begin();
        uint256 earliest = block.timestamp + 14 days;
        vm.warp(earliest - 1);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.VoteTooEarly.selector, ETH, earliest - 1, earliest));
        oracle.voteClosingPrice(ETH, 1700e18);
        vm.warp(earliest);
        vm.expectEmit(address(oracle));
        emit PriceOracle.ClosingPriceVoted(ETH, 1700e18, earliest + 48 hours);
        vm.prank(admin);
        oracle.voteClosingPrice(ETH, 1700e18);
        vm.warp(earliest + 48 hours - 1);
        assertEq(oracle.closingPrice(ETH), 0, "may be challenged");
        vm.warp(earliest + 48 hours);
        assertEq(oracle.closingPrice(ETH), 1700e18, "counts");
    }

    function test_TheGuardianChallengesAVotedPrice() public {
        _begin();
        vm.warp(block.timestamp + 14 days);
        vm.prank(admin);
        oracle.voteClosingPrice(ETH, 1700e18);
        vm.prank(_guardian);
        oracle.challengeClosingPrice(ETH);
        vm.warp(block.timestamp + 3 days);
        assertEq(oracle.closingPrice(ETH), 0, "taken back");
        vm.prank(_guardian);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.NothingVoted.selector, ETH));
        oracle.challengeClosingPrice(ETH);
    }

    function test_ASourceThatReturnsGoesBeforeTheVote() public {
        _begin();
        vm.warp(block.timestamp + 14 days);
        vm.prank(admin);
        oracle.voteClosingPrice(ETH, 1700e18);
        uint256 from = block.timestamp;
        while (block.timestamp <= from + 1 hours) {
            _lookWith(1500_00000000);
            vm.warp(block.timestamp + 240);
        }
        vm.warp(from + 3 days);
        assertEq(oracle.closingPrice(ETH), 1500e18, "the mean");
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.ClosingPriceKnown.selector, ETH, uint256(1500e18)));
        oracle.voteClosingPrice(ETH, 1700e18);
    }

    function test_RevertWhen_APriceIsVotedForALiveMarket() public {
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.ClosingRefused.selector, ETH, uint256(0)));
        oracle.voteClosingPrice(ETH, 1700e18);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.ClosingRefused.selector, ETH, uint256(0)));
        oracle.cancelClosing(ETH);
    }

    function test_RevertWhen_TheVotedPriceIsNone() public {
        _begin();
        vm.warp(block.timestamp + 14 days);
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.PriceOutOfBounds.selector, uint256(0), uint256(1e26)));
        oracle.voteClosingPrice(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.PriceOutOfBounds.selector, uint256(1e26) + 1, uint256(1e26)));
        oracle.voteClosingPrice(ETH, 1e26 + 1);
    }

    function test_CancellingForgetsAll() public {
        _begin();
        _lookWith(1000_00000000);
        vm.expectEmit(address(oracle));
        emit PriceOracle.ClosingCancelled(ETH);
        vm.prank(admin);
        oracle.cancelClosing(ETH);
        assertEq(oracle.getClosing(ETH).startedAt, 0, "no mean");
        vm.warp(block.timestamp + 100);
        _lookWith(1000_00000000);
        assertEq(oracle.getClosing(ETH).startedAt, 0, "nor a new one");
    }

    function test_RevertWhen_AStrangerChallenges() public {
        bytes32 role = oracle.CONFIGURATOR_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(this), role)
        );
        oracle.challengeClosingPrice(ETH);
    }

    // ---------------------------------------------------------------- internals

    /// @dev Both sources have been silent for so long that neither they nor the mean say anything.
    function _silence() private {
        vm.warp(block.timestamp + 2 hours);
        _look();
        assertEq(uint8(oracle.explain(ETH).standing.state), uint8(PriceState.Halted), "halted");
    }

    function _begin() private {
        _silence();
        _watch(24 hours);
        vm.prank(admin);
        oracle.beginClosing(ETH);
    }

    /// @dev Without an update.
    function _look() private {
        oracle.observe(1 << ETH, noUpdate, address(this));
    }

    function _lookWith(int64 price) private {
        oracle.observe{value: FEE}(1 << ETH, eth(price, ETH_CONF, block.timestamp), address(this));
    }

    /// @dev Lets time pass, somebody looking each half hour.
    function _watch(uint256 time) private {
        for (uint256 end = block.timestamp + time; block.timestamp < end;) {
            vm.warp(block.timestamp + 30 minutes < end ? block.timestamp + 30 minutes : end);
            _look();
        }
    }

    /// @dev Likewise each five minutes, while Chainlink repeats itself.
    function _watchUntil(uint256 end, int192 value) private {
        while (block.timestamp < end) {
            vm.warp(block.timestamp + 300 < end ? block.timestamp + 300 : end);
            answer(ETH, value);
            _look();
        }
    }
}
