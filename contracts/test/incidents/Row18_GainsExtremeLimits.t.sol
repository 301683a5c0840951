// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {attached, limited, triggeredAt} from "../fixtures/Orders.sol";
import {Order, Position} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice Forks of Gains, April 2024: a price the user names became the price of the fill, and casts of extreme values
/// turned a loss into a profit. Here a limit only refuses: what fills, fills on the curve.
contract Row18GainsExtremeLimitsTest is IncidentFixture {
    uint96[6] private limits = [0, 1, uint96(ETH_PRICE) - 1, uint96(ETH_PRICE) + 1, 1 << 95, type(uint96).max];

    function setUp() public override {
        super.setUp();
        fund(mallory, 200_000e6);
        begin();
    }

    /// @dev Each side at each extreme, opening and closing.
    function test_NoLimitGivesAFillAwayFromTheCurve() public {
        for (uint256 i; i < limits.length; ++i) {
            for (uint256 j; j < limits.length; ++j) {
                uint256 state = vm.snapshotState();
                _comeAndGo(100 * UNIT, limits[i], limits[j]);
                vm.revertToState(state);
                _comeAndGo(-100 * UNIT, limits[i], limits[j]);
                vm.revertToState(state);
            }
        }
    }

    function testFuzz_NoLimitGivesAFillAwayFromTheCurve(uint96 opening, uint96 closing, bool buys) public {
        _comeAndGo(buys ? int88(100 * UNIT) : int88(-100 * UNIT), opening, closing);
    }

    /// @dev Nor does a trigger of any price, or a share of the position: what fills, fills on the curve.
    function testFuzz_NoTriggerOrShareGivesAFillAwayFromTheCurve(uint88 trigger, int88 share, bool above, bool buys)
        public
    {
        trade(mallory, ETH, buys ? int88(100 * UNIT) : int88(-100 * UNIT), ETH_PRICE);
        share = int88(bound(share, -20_000, -1));
        Order[] memory orders = marketOrder(mallory, buys ? -UNIT : UNIT);
        attached(orders[0], share, 0);
        if (trigger != 0) triggeredAt(orders[0], trigger, above ? OrderWords.ABOVE : OrderWords.BELOW);
        vm.prank(mallory);
        (bool ok,) = address(engine).call(abi.encodeCall(IDerivativesEngine.commit, (ETH, orders)));
        assertEq(ok, trigger == 0 || (above ? trigger <= ETH_PRICE : trigger >= ETH_PRICE), "taken when met");
        if (ok) settle(ETH, ETH_PRICE, orders);
        int256 whole = buys ? int256(100 * UNIT) : -int256(100 * UNIT);
        assertEq(sizeOf(mallory), ok ? whole + whole * share / 10_000 : whole, "its share, of what there was");
        assertAttackersGainedNothing();
        assertNobodyElseLost();
    }

    /// @dev The same for what acts at once, whatever the size named: it never turns or grows a position.
    function testFuzz_NoLimitOrSizeOfAnImmediateCloseDoes(uint96 limit, uint256 size, bool buys) public {
        trade(mallory, ETH, buys ? int88(100 * UNIT) : int88(-100 * UNIT), ETH_PRICE);
        int256 had = wealthOf(mallory);
        vm.prank(mallory);
        (bool ok,) = address(engine)
            .call(abi.encodeCall(IDerivativesEngine.closeNow, (account(mallory), ETH, size, limit, noUpdate)));
        int256 left = buys ? sizeOf(mallory) : -sizeOf(mallory);
        assertGe(left, int256(0), "turned");
        assertLe(left, int256(100 * UNIT), "grew");
        assertTrue(ok || left == int256(100 * UNIT), "a refusal changes nothing");
        // The premium of the skew comes back: 100² · 2000 / (2 · 10,000). All else is paid.
        assertLe(wealthOf(mallory), had + 1000e30, "the limit was the price");
        assertAttackersGainedNothing();
        assertNobodyElseLost();
    }

    /// @dev The largest sizes that an order can name close what there is or open what there is room for.
    function test_ExtremeSizesAreCut() public {
        trade(mallory, ETH, 100 * UNIT, ETH_PRICE);
        Order[] memory orders = reduceOrder(mallory, type(int88).min);
        commit(mallory, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        assertEq(sizeOf(mallory), 0, "closed, not turned");
        assertAttackersGainedNothing();
        assertNobodyElseLost();
        assertFunded();
    }

    function _comeAndGo(int88 size, uint96 opening, uint96 closing) private {
        _order(size, opening);
        if (sizeOf(mallory) != 0) _order(-size, closing);
        if (sizeOf(mallory) != 0) _order(-size, size > 0 ? 0 : type(uint96).max);
        assertEq(sizeOf(mallory), 0, "closed");
        assertAttackersGainedNothing();
        assertNobodyElseLost();
    }

    /// @dev If it fills, the fill is the curve's, by its own formula.
    function _order(int88 size, uint96 limit) private {
        bytes32 id = account(mallory);
        (uint256 margin, Position memory before) = (cold.getAccount(id).margin, cold.getPosition(id, ETH));
        Order[] memory orders = marketOrder(mallory, size);
        limited(orders[0], limit);
        commit(mallory, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        Position memory position = cold.getPosition(id, ETH);
        if (position.size == before.size) return;
        int256 cost = FillMath.cost(ETH_PRICE, before.size, size, 10_000e12) + int256(ETH_PRICE / 2000) * _abs(size);
        int256 cash = int256(uint256(cold.getAccount(id).margin)) - int256(margin);
        int256 changed = cash * 1e12 + position.cash - before.cash;
        assertLe(cost, int256(uint256(limit)) * size, "filled beyond its limit");
        // Less the fees, and what of a wad goes to the pool at the close.
        assertLe(changed, -cost - 0.5e30, "the fill left the curve");
        assertGe(changed, -cost - 0.5e30 - 100e30 - 1e12, "the fill left the curve");
    }

    function _abs(int256 value) private pure returns (int256) {
        return value < 0 ? -value : value;
    }
}
