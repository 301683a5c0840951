// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice GMX, AVAX, 2022: a large position without price impact, then the outside market moved under it. Here the
/// market's caps hold a position to so small a share of the outside depth that moving it costs more than it earns.
contract Row02GmxZeroPriceImpactTest is IncidentFixture {
    /// @dev USD that move the outside price by 100 %: ten times the skew scale, $4 M within 2 %. A thin market.
    uint256 private constant DEPTH = 200_000_000e18;
    uint256 private constant PPM = 1e6;

    function test_MovingTheOutsideMarketCostsMoreThanThePositionEarns() public {
        fund(mallory, 5_000_000e6);
        begin();
        uint256[5] memory pushes = [uint256(2500), 5000, 10_000, 20_000, 40_000];
        int88[3] memory sizes = [100 * UNIT, 400 * UNIT, 2000 * UNIT];
        for (uint256 i; i < pushes.length; ++i) {
            for (uint256 j; j < sizes.length; ++j) {
                _attack(sizes[j], ETH_PRICE + ETH_PRICE * pushes[i] / PPM, pushes[i]);
                _attack(-sizes[j], ETH_PRICE - ETH_PRICE * pushes[i] / PPM, pushes[i]);
            }
        }
    }

    /// @dev Without moving anything outside, coming and going costs at least fees and spread.
    function test_ARoundTripAtOnePriceOnlyPays() public {
        fund(mallory, 5_000_000e6);
        begin();
        trade(mallory, ETH, 100 * UNIT, ETH_PRICE);
        leave(mallory, ETH_PRICE);
        // 7 bp of fees and twice 5 bp of half-width on $200,000.
        assertLe(attackersGain(), -int256(340e30), "the round trip was too cheap");
        assertNobodyElseLost();
    }

    /// @dev Opens as much as the market takes, pushes the outside price, closes there and takes the tokens.
    function _attack(int88 size, uint256 pushed, uint256 push) private {
        uint256 state = vm.snapshotState();
        trade(mallory, ETH, size, ETH_PRICE);
        assertTrue(sizeOf(mallory) != 0, "nothing was opened");
        leave(mallory, pushed);
        assertEq(sizeOf(mallory), 0, "all is closed");
        assertLt(attackersGain(), int256(_costOfPush(push)), "the attack paid");
        assertFunded();
        vm.revertToState(state);
    }

    /// @dev The outside book is linear: buying up to the push costs half of it on average, and the price that others
    /// restore gives nothing back. depth · push² / 2.
    /// @return USD, 30 decimals.
    function _costOfPush(uint256 push) private pure returns (uint256) {
        return DEPTH * push / PPM * push / PPM / 2 * 1e12;
    }
}
