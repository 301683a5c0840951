// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Position, Schedule} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {WidthFixture} from "./WidthFixture.sol";

/// @notice Deleveragings and schedules at the edges of their words.
contract DeleveragingWidthsTest is WidthFixture {
    uint256 private constant LAST = type(uint16).max;

    function test_TheLastCheckpointOfLongsIsTakenAndNoneFollows() public {
        _lastButOne(true);
        deleverager.deleverage(ETH, noUpdate);
        _assertLast();
        _exhausted();
        _close(alice);
        assertExact();
    }

    function test_TheLastCheckpointOfShortsIsTakenAndNoneFollows() public {
        _lastButOne(false);
        deleverager.deleverage(ETH, noUpdate);
        _assertLast();
        _exhausted();
        _close(alice);
        assertExact();
    }

    /// @dev A position of a round before the last ends with the round.
    function test_APositionIsBroughtIntoTheLastRound() public {
        _lastButOne(true);
        bytes32 checkpoints = keccak256(abi.encode((LAST - 1) << 1 | 1, uint256(deleveragingsSlot(ETH)) + 1));
        put(checkpoints, 0, 128, 1 << 127);
        put(checkpoints, 128, 32, LAST);
        put(positionSlot(alice, ETH), 224, 16, LAST - 1);
        deleverager.deleverage(ETH, noUpdate);
        _assertLast();
        checkpoints = keccak256(abi.encode(LAST << 1 | 1, uint256(deleveragingsSlot(ETH)) + 1));
        uint256 word = uint256(vm.load(address(engine), checkpoints));
        assertLt(word & type(uint128).max, 1 << 127, "a multiplier below one");
        assertEq(word >> 128 & type(uint32).max, LAST, "in the last round");
        _close(alice);
        assertExact();
    }

    function test_TheLongestScheduleEndsAYearFromNow() public {
        MarketConfig memory c = config(10_000e6);
        vm.startPrank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEngineErrors.ParameterOutOfBounds.selector, bytes32("duration"), 365 days + 1, 365 days
            )
        );
        cold.scheduleParameters(ETH, c, 500, 365 days + 1);
        cold.scheduleParameters(ETH, c, 500, 365 days);
        vm.expectRevert(
            abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, bytes32("keeperFeeCents"), 501, 500)
        );
        cold.scheduleParameters(ETH, c, 501, 365 days);
        vm.stopPrank();
        Schedule memory s = cold.getSchedule(ETH);
        assertEq(uint256(s.startedAt), block.timestamp, "from now");
        assertEq(uint256(s.endsAt), block.timestamp + 365 days, "for a year");
        assertEq(uint256(s.keeperFeeCents), 500, "five dollars");
        vm.warp(block.timestamp + 365 days);
        cold.advanceParameters(ETH);
        assertEq(uint256(cold.getQueue(ETH).keeperFeeCents), 500, "in force");
        assertEq(uint256(cold.getSchedule(ETH).endsAt), 0, "over");
    }

    /// @dev Alice alone in the market, in profit beyond its part of the pool, with one number left.
    function _lastButOne(bool long) private {
        trade(alice, ETH, long ? 80 * UNIT : -80 * UNIT, ETH_PRICE);
        put(deleveragingsSlot(ETH), long ? 0 : 16, 16, LAST - 1);
        put(configSlot(ETH), 248, 8, 1 | 8);
        put(positionSlot(alice, ETH), 224, 16, LAST - 1);
        uint256 surplus = cold.getPool().cash - 50_000e18;
        vm.prank(admin);
        cold.removeLiquidity(surplus);
        _move(long ? ETH_PRICE * 105 / 100 : ETH_PRICE * 95 / 100);
    }

    function _move(uint256 price) private {
        vm.warp(block.timestamp + 2);
        setPrice(ETH, price);
        setPrice(BTC, BTC_PRICE);
    }

    function _assertLast() private view {
        Position memory p = cold.getPosition(account(alice), ETH);
        assertEq(uint256(p.checkpoint), LAST, "caught up with the last");
        assertTrue(p.size != 0, "with something left");
        assertLt(uint256(p.size < 0 ? -int256(p.size) : int256(p.size)), uint256(uint88(80 * UNIT)), "and less");
    }

    function _exhausted() private {
        uint256 price = cold.getMarket(ETH).index;
        uint256 surplus = cold.getPool().cash - 15_000e18;
        vm.prank(admin);
        cold.removeLiquidity(surplus);
        _move(price);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.CheckpointsExhausted.selector, LAST, LAST));
        deleverager.deleverage(ETH, noUpdate);
    }

    function _close(address owner) private {
        vm.warp(block.timestamp + 61);
        setPrice(ETH, cold.getMarket(ETH).index);
        int256 size = sizeIn(owner, ETH);
        vm.prank(owner);
        engine.closeNow(account(owner), ETH, type(uint88).max, size > 0 ? 0 : type(uint96).max, noUpdate);
        assertEq(sizeIn(owner, ETH), 0, "closed");
        assertEq(int256(cold.getPosition(account(owner), ETH).cash), 0, "and its cash with it");
    }
}
