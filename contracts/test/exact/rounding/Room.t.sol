// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Pool} from "../../../src/engine/EngineTypes.sol";
import {FeeMath} from "../../../src/libraries/FeeMath.sol";
import {FillMath} from "../../../src/libraries/FillMath.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice What a trade finds: no more room in the pool and no larger volume than exactly.
/// forge-config: ci.fuzz.runs = 10000
contract RoomRoundingTest is Directions {
    function testFuzz_TheAllowanceRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        Pool memory pool;
        MarketConfig memory c;
        (pool.value, pool.cash) = (uint48(magnitude(dice, 1, 1e11)), uint96(magnitude(dice, 1, type(uint96).max)));
        c.allocationPercent = uint8(between(dice, 1, 50));
        uint256 value = uint256(pool.value) * 1e18;
        uint256 exact = (value < pool.cash ? value : pool.cash) * c.allocationPercent;
        assertDown(FillMath.allowance(pool, c), exact, 100, "a market may lock more than its part");
    }

    function testFuzz_TheRoomOfAnAllocationRoundsDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 price = anyPrice(dice);
        uint256 limit = magnitude(dice, 1e18, 1e28);
        uint256 owed = chance(dice, 50) ? roll(dice) % (limit * RAW) : 0;
        int256 value = owed == 0 ? -int256(magnitude(dice, 1, 1e38)) : int256(owed);
        uint256 exact = (limit * RAW - owed) * 1e4;
        uint256 side = roll(dice) % (exact / (2000 * price) / 2 + 1);
        uint256 room = FillMath.allocationRoom(limit, price, value, side, side / 2);
        assertDown(side + room, exact, 2000 * price, "a side outgrows its market's part of the pool");
    }

    /// @dev (29/30)^days in whole numbers. What the powers on the way lose is far less than a unit.
    function testFuzz_AVolumeFadesDownForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 volume = magnitude(dice, 1, type(uint24).max);
        uint256 from = between(dice, 1_700_000_000, 1_800_000_000);
        uint256 days_ = between(dice, 0, 40);
        uint256 left = FeeMath.decayed(volume, from, from + days_ * 1 days);
        uint256 exact = volume * 29 ** days_;
        assertLe(left * 30 ** days_, exact, "more volume is left than the exact one");
        // A whole unit where the exact volume is whole: the powers are rounded down as well.
        assertGe((left + 1) * 30 ** days_ + 30 ** days_ / 1e6, exact, "more than a unit from the exact volume");
    }

    function testFuzz_AFillRoundsDownInTheVolumeForThePool(uint256 seed) public pure {
        Dice memory dice = Dice(seed);
        uint256 volume = between(dice, 0, 1e6);
        uint256 notional = magnitude(dice, 1, LARGEST_NOTIONAL);
        uint256 added = FeeMath.grown(volume, notional) - volume;
        assertDown(added, notional, 100e30, "more volume is added than was filled");
    }
}
