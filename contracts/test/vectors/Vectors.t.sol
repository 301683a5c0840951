// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoint, Market, MarketConfig, MarketRisk, Position, Schedule} from "../../src/engine/EngineTypes.sol";
import {Price} from "../../src/interfaces/IPriceOracle.sol";
import {DeleveragingMath, Reduction} from "../../src/libraries/DeleveragingMath.sol";
import {FeeMath} from "../../src/libraries/FeeMath.sol";
import {FillMath} from "../../src/libraries/FillMath.sol";
import {FixedPoint} from "../../src/libraries/FixedPoint.sol";
import {FundingMath} from "../../src/libraries/FundingMath.sol";
import {Holding, Liquidation, LiquidationMath} from "../../src/libraries/LiquidationMath.sol";
import {MarginMath, Portfolio} from "../../src/libraries/MarginMath.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {ParameterRamp} from "../../src/libraries/ParameterRamp.sol";
import {Outcome, Trade, TradeContext, TradeMath} from "../../src/libraries/TradeMath.sol";
import {Test} from "../foundry/Test.sol";

/// @notice The cases of `vectors/`, which the SDK's tests run as well: same inputs, same outputs.
contract VectorsTest is Test {
    using FixedPoint for int256;

    function test_MulDivVectors() public view {
        _run("mulDiv", _mulDiv);
    }

    function test_SignedDivisionVectors() public view {
        _run("signedDivision", _signedDivision);
    }

    function test_FillVectors() public view {
        _run("fill", _fill);
    }

    function test_FeeVectors() public view {
        _run("fee", _fee);
    }

    function test_OrderVectors() public view {
        _run("order", _order);
    }

    function test_RampVectors() public view {
        _run("ramp", _ramp);
    }

    function test_FundingVectors() public view {
        _run("funding", _funding);
    }

    function test_MarginVectors() public view {
        _run("margin", _margin);
    }

    function test_DeleveragingVectors() public view {
        _run("deleveraging", _deleveraging);
    }

    function test_LiquidationVectors() public view {
        _run("liquidation", _liquidation);
    }

    function test_TradeVectors() public view {
        _run("trade", _trade);
    }

    /// @dev Reads a family's flat lists, cuts them into cases and compares every output.
    function _run(string memory name, function(int256[] memory) internal pure returns (int256[] memory) vector)
        private
        view
    {
        string memory json = vm.readFile(string.concat("vectors/", name, ".json"));
        uint256[] memory arity = vm.parseJsonUintArray(json, ".arity");
        int256[] memory inputs = vm.parseJsonIntArray(json, ".inputs");
        int256[] memory outputs = vm.parseJsonIntArray(json, ".outputs");
        uint256 cases = inputs.length / arity[0];
        assertGt(cases, 0, "no cases");
        assertEq(outputs.length, cases * arity[1], "outputs per case");
        int256[] memory one = new int256[](arity[0]);
        for (uint256 i; i < cases; ++i) {
            for (uint256 j; j < arity[0]; ++j) {
                one[j] = inputs[i * arity[0] + j];
            }
            int256[] memory actual = vector(one);
            assertEq(actual.length, arity[1], "outputs");
            for (uint256 j; j < arity[1]; ++j) {
                assertEq(
                    actual[j],
                    outputs[i * arity[1] + j],
                    string.concat(name, " case ", vm.toString(i), " output ", vm.toString(j))
                );
            }
        }
    }

    function _mulDiv(int256[] memory i) private pure returns (int256[] memory out) {
        out = new int256[](2);
        (uint256 a, uint256 b, uint256 d) = (uint256(i[0]), uint256(i[1]), uint256(i[2]));
        out[0] = int256(FixedPoint.mulDivDown(a, b, d));
        out[1] = int256(FixedPoint.mulDivUp(a, b, d));
    }

    function _signedDivision(int256[] memory i) private pure returns (int256[] memory out) {
        out = new int256[](4);
        out[0] = i[0].mulDivCeil(i[1], uint256(i[2]));
        out[1] = i[0].mulDivTrunc(i[1], uint256(i[2]));
        out[2] = i[0].divFloor(uint256(i[2]));
        out[3] = int256(FixedPoint.divUp(i[0].abs(), uint256(i[2])));
    }

    function _fill(int256[] memory i) private pure returns (int256[] memory out) {
        MarketConfig memory c = _config(i, 7);
        uint256 scale = FillMath.skewScale(c);
        uint256 index = uint256(i[0]);
        out = new int256[](6);
        out[0] = FillMath.cost(index, i[1], i[2], scale);
        out[1] = int256(FillMath.mark(index, int256(int80(i[1])) % int256(scale), scale));
        out[2] = int256(FillMath.skewReserve(index, i[1], scale));
        out[3] = int256(FillMath.tradeFee(index, i[1], i[2], uint256(i[3]), c));
        out[4] = int256(FillMath.openingRoom(i[1], i[2].abs(), uint256(i[6]), i[2] > 0, c));
        out[5] = int256(FillMath.allocationRoom(uint256(i[4]), index, i[5], i[1].abs(), i[2].abs()));
    }

    function _fee(int256[] memory i) private pure returns (int256[] memory out) {
        uint256 volume = FeeMath.decayed(uint256(i[0]), uint256(i[1]), uint256(i[2]));
        out = new int256[](3);
        (out[0], out[1]) = (int256(volume), int256(FeeMath.grown(volume, uint256(i[3]))));
        out[2] = int256(FeeMath.discount(uint256(out[1])));
    }

    function _order(int256[] memory i) private pure returns (int256[] memory out) {
        bytes32 account = bytes32(uint256(i[0]) << 96 | uint256(i[1]));
        uint256 terms = uint256(uint88(int88(i[3]))) | uint256(i[4]) << 88 | uint256(i[5]) << 176;
        terms |= uint256(i[6]) << 208 | uint256(i[7]) << 232 | uint256(i[8]) << 248;
        uint256 extras = uint256(i[9]) | uint256(i[10]) << 88 | uint256(i[11]) << 96;
        uint256 hash = uint256(OrderWords.hashOf(uint256(i[2]), account, terms, extras));
        uint256 price = uint256(i[12]);
        out = new int256[](7);
        (out[0], out[1]) = (int256(hash >> 128), int256(hash & type(uint128).max));
        out[2] = OrderWords.isSound(terms, extras) ? int256(1) : int256(0);
        out[3] = OrderWords.isTriggered(terms, extras, price) ? int256(1) : int256(0);
        out[4] = OrderWords.partOf(i[13], i[3]);
        out[5] = int256(MarginMath.perUnit(price, uint256(i[14])));
        out[6] = int256(FillMath.builderFee(price, i[13], uint256(i[10])));
    }

    function _ramp(int256[] memory i) private pure returns (int256[] memory out) {
        Schedule memory s;
        (s.startedAt, s.endsAt) = (uint40(uint256(i[0])), uint40(uint256(i[1])));
        (s.from, s.to) = (_config(i, 3), _config(i, 18));
        (MarketConfig memory c, bool stepped) = ParameterRamp.dueAt(s, uint256(i[2]));
        out = new int256[](16);
        (out[0], out[1]) = (int256(uint256(c.skewScale)), int256(uint256(c.initialMarginBps)));
        (out[2], out[3]) = (int256(uint256(c.maintenanceMarginBps)), int256(uint256(c.marginSlopeBps)));
        (out[4], out[5]) = (int256(uint256(c.skewCapBps)), int256(uint256(c.openInterestCapBps)));
        (out[6], out[7]) = (int256(uint256(c.profitWeightBps)), int256(uint256(c.makerFeePpm)));
        (out[8], out[9]) = (int256(uint256(c.takerFeePpm)), int256(uint256(c.penaltyBps)));
        (out[10], out[11]) = (int256(uint256(c.accountCapPercent)), int256(uint256(c.fundingCoefficientBps)));
        (out[12], out[13]) = (int256(uint256(c.fundingCapPpm)), int256(uint256(c.allocationPercent)));
        (out[14], out[15]) = (int256(uint256(c.flags)), stepped ? int256(1) : int256(0));
    }

    function _funding(int256[] memory i) private pure returns (int256[] memory out) {
        Market memory m = _market(i);
        FundingMath.accrue(m, _config(i, 9), m.accruedAt + uint256(i[8]));
        out = new int256[](4);
        (out[0], out[1], out[2], out[3]) = (m.funding, m.fundingRate, m.skewSeconds, int256(uint256(m.accruedAt)));
    }

    function _margin(int256[] memory i) private pure returns (int256[] memory out) {
        Portfolio memory sums;
        Market memory m;
        m.funding = int96(i[3]);
        MarginMath.add(sums, Position(int88(i[0]), int136(i[1]), 0, 0), m, _config(i, 5), uint256(i[2]));
        out = new int256[](10);
        (out[0], out[1], out[2]) = (sums.value, sums.counted, int256(sums.notional));
        (out[3], out[4], out[5]) = (int256(sums.initial), int256(sums.maintenance), int256(sums.positions));
        out[6] = int256(MarginMath.maintenanceRequirement(sums));
        out[7] = int256(MarginMath.initialRequirement(sums));
        out[8] = int256(MarginMath.withdrawalRequirement(sums));
        out[9] = MarginMath.equity(uint256(i[4]), sums);
    }

    /// @dev Two positions of an account in markets of their own, fourteen numbers each, then margin and claim.
    function _deleveraging(int256[] memory i) private pure returns (int256[] memory out) {
        Market memory m = _market(i);
        MarketConfig memory c = _config(i, 18);
        out = new int256[](15);
        Reduction memory r = DeleveragingMath.reductionOf(m, c, i[8]);
        (out[0], out[1]) = (int256(r.exposure), int256(r.limit));
        (out[2], out[3]) = (int256(r.cut), int256(r.least));
        Position memory p = Position(int88(i[9]), int136(i[10]), 0, 0);
        Checkpoint memory from = Checkpoint(uint128(uint256(i[11])), 0, i[12]);
        Checkpoint memory to = DeleveragingMath.advance(from, uint256(i[13]), uint256(i[14]), i[15]);
        DeleveragingMath.carry(p, from, to);
        (out[4], out[5], out[6], out[7]) = (int256(uint256(to.multiplier)), to.cash, p.size, p.cash);
        (uint256 amount, uint256 loss) =
            DeleveragingMath.crystallisable(p, m.index, m.funding, uint256(i[16]), uint256(i[17]));
        (out[8], out[9]) = (int256(amount), int256(loss));
        out[10] = DeleveragingMath.owed(m, c, m.index);
        // The position's side must hold it.
        m.longs += uint88(int256(p.size).abs());
        m.shorts += uint88(int256(p.size).abs());
        out[11] = DeleveragingMath.leave(m, p);
        (out[12], out[13], out[14]) = (int256(uint256(m.longs)), int256(uint256(m.shorts)), m.cash);
    }

    function _liquidation(int256[] memory i) private pure returns (int256[] memory out) {
        Holding[] memory holdings = new Holding[](2);
        for (uint256 k; k < 2; ++k) {
            holdings[k] = _holding(i, 29 * k);
        }
        LiquidationMath.link(holdings);
        Liquidation memory l;
        LiquidationMath.liquidate(l, holdings[0], uint256(i[58]), uint256(i[59]), false);
        out = new int256[](22);
        (out[0], out[1], out[2]) = (l.due ? int256(1) : int256(0), l.equity, int256(l.maintenance));
        (out[3], out[4], out[5]) = (int256(l.reward), int256(l.penalty), int256(l.margin));
        (out[6], out[7]) = (int256(l.badDebt), l.poolPays);
        for (uint256 k; k < 2; ++k) {
            Holding memory holding = holdings[k];
            (out[8 + 7 * k], out[9 + 7 * k]) = (holding.sizeDelta, holding.cost);
            (out[10 + 7 * k], out[11 + 7 * k]) = (holding.size, holding.cash);
            (out[12 + 7 * k], out[13 + 7 * k]) =
            (int256(uint256(holding.market.longs)), int256(uint256(holding.market.shorts)));
            out[14 + 7 * k] = holding.market.cash;
        }
    }

    function _holding(int256[] memory i, uint256 from) private pure returns (Holding memory holding) {
        Market memory market;
        (market.longs, market.shorts) = (uint88(uint256(i[from])), uint88(uint256(i[from + 1])));
        (market.funding, market.cash) = (int96(i[from + 2]), int152(i[from + 3]));
        Position memory position = Position(int88(i[from + 4]), int136(i[from + 5]), 0, 0);
        Price memory price;
        (price.mid, price.lo) = (uint256(i[from + 6]), uint256(i[from + 7]));
        (price.hi, price.halfWidth) = (uint256(i[from + 8]), uint256(i[from + 9]));
        MarketConfig memory config = _config(i, from + 10);
        holding = LiquidationMath.holdingOf(0, market, config, position, price);
        MarketRisk memory risk;
        (risk.metered, risk.meteredAt) = (uint88(uint256(i[from + 25])), uint40(uint256(i[from + 26])));
        (holding.room, holding.capacity) =
            LiquidationMath.meter(risk, holding.scale, config.skewCapBps, uint256(i[from + 27]));
        if (i[from + 28] == 0) holding.room = type(uint256).max;
    }

    function _trade(int256[] memory i) private pure returns (int256[] memory out) {
        TradeContext memory context;
        context.market = _market(i);
        context.config = _config(i, 17);
        (context.allowance, context.discount) = (uint256(i[15]), uint256(i[16]));
        context.position = Position(int88(i[8]), int136(i[9]), 0, 0);
        context.margin = uint256(i[10]);
        (uint256 mid, uint256 width) = (uint256(i[4]), uint256(i[13]));
        (bool reduceOnly, bool opening, uint256 builderFee) = (i[14] & 1 != 0, i[14] & 2 == 0, uint256(i[32]));
        context.trade =
            Trade(i[11], uint256(i[12]), mid, width, mid - width, mid + width, reduceOnly, opening, builderFee);
        Outcome memory o;
        TradeMath.attempt(o, context);
        out = new int256[](15);
        (out[0], out[1], out[2]) = (int256(uint256(o.failure)), o.sizeDelta, o.cost);
        (out[3], out[4], out[5]) = (int256(o.fee), int256(o.margin), o.poolPays);
        (out[6], out[7], out[8]) = (int256(o.deferred), int256(o.badDebt), int256(o.required));
        (out[9], out[10], out[11]) = (int256(o.builderFee), context.position.size, context.position.cash);
        out[12] = int256(uint256(context.market.longs));
        out[13] = int256(uint256(context.market.shorts));
        out[14] = context.market.cash;
    }

    function _market(int256[] memory i) private pure returns (Market memory m) {
        (m.longs, m.shorts) = (uint88(uint256(i[0])), uint88(uint256(i[1])));
        (m.accruedAt, m.funding, m.index) = (uint40(uint256(i[2])), int96(i[3]), uint96(uint256(i[4])));
        (m.fundingRate, m.cash, m.skewSeconds) = (int56(i[5]), int152(i[6]), int104(i[7]));
    }

    function _config(int256[] memory i, uint256 from) private pure returns (MarketConfig memory c) {
        c.skewScale = uint64(uint256(i[from]));
        (c.initialMarginBps, c.maintenanceMarginBps) = (_short(i[from + 1]), _short(i[from + 2]));
        (c.marginSlopeBps, c.skewCapBps) = (_short(i[from + 3]), _short(i[from + 4]));
        (c.openInterestCapBps, c.profitWeightBps) = (_short(i[from + 5]), _short(i[from + 6]));
        (c.makerFeePpm, c.takerFeePpm) = (_short(i[from + 7]), _short(i[from + 8]));
        (c.penaltyBps, c.accountCapPercent) = (_byte(i[from + 9]), _byte(i[from + 10]));
        (c.fundingCoefficientBps, c.fundingCapPpm) = (_short(i[from + 11]), _short(i[from + 12]));
        (c.allocationPercent, c.flags) = (_byte(i[from + 13]), _byte(i[from + 14]));
    }

    function _byte(int256 value) private pure returns (uint8) {
        return uint8(uint256(value));
    }

    function _short(int256 value) private pure returns (uint16) {
        return uint16(uint256(value));
    }
}
