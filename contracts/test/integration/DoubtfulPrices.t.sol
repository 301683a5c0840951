// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IPriceOracle, Price, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Liquidation} from "../../src/libraries/LiquidationMath.sol";
import {StressFixture} from "../fixtures/StressFixture.sol";
import {Vm} from "../foundry/Vm.sol";

/// @notice What one source alone may do to an account, and what may be done while the chain catches up.
contract DoubtfulPricesTest is StressFixture {
    address private eve = makeAddr("eve");
    address private stranger = makeAddr("stranger");
    /// @dev At which eve is below maintenance and has something left; and at which she has nothing.
    uint256 private constant WEAK = 1810e18;
    uint256 private constant SUNK = 1690e18;

    function setUp() public override {
        super.setUp();
        fund(eve, 3000e6);
        trade(eve, ETH, 10 * UNIT, ETH_PRICE);
        vm.warp(block.timestamp + 10);
    }

    // ---------------------------------------------------------------- liquidation

    function test_OneSourceLiquidatesWhoHasNothingLeft() public {
        _judge(WEAK, PriceState.Single);
        _assertRefused(eve, "one breach by one source is none");
        _judge(SUNK, PriceState.Single);
        (Liquidation memory foreseen,) = risk.previewLiquidation(account(eve), _prices());
        assertTrue(foreseen.due, "foreseen");
        engine.liquidate(account(eve), noUpdate);
        assertEq(sizeOf(eve, ETH), 0, "she is closed");
    }

    /// @dev Equity of exactly nothing is not less than nothing.
    function test_NothingIsNotLessThanNothing() public {
        _judge(SUNK, PriceState.Single);
        (Liquidation memory sunk,) = risk.previewLiquidation(account(eve), _prices());
        fund(eve, uint256(-sunk.equity / 1e24) + 1);
        _assertRefused(eve, "who has something left");
        (Liquidation memory result,) = risk.previewLiquidation(account(eve), _prices());
        assertFalse(result.due, "foreseen");
        assertEq(result.maintenance, 0, "what is asked");
    }

    function test_OneSourceSetsNoIndex() public {
        uint256 before = cold.getMarket(ETH).index;
        _judge(SUNK, PriceState.Single);
        engine.liquidate(account(eve), noUpdate);
        assertEq(cold.getMarket(ETH).index, before, "the index");
    }

    function test_ABreachThatLastsIsOne() public {
        _judge(WEAK, PriceState.Single);
        (Liquidation memory weak,) = risk.previewLiquidation(account(eve), _prices());
        assertFalse(weak.due, "foreseen");
        vm.recordLogs();
        vm.prank(stranger);
        engine.flag(account(eve), noUpdate);
        Vm.Log memory log = vm.getRecordedLogs()[0];
        assertEq(log.topics[0], IEngineEvents.AccountFlagged.selector, "told");
        assertEq(log.topics[1], account(eve), "of whom");
        (int256 equity, uint256 maintenance) = abi.decode(log.data, (int256, uint256));
        assertEq(equity, weak.equity / 1e12, "equity");
        assertGt(int256(maintenance), equity, "and what it lacks");
        uint256 flaggedAt = block.timestamp;
        assertEq(cold.getDoubt(account(eve)).flaggedAt, flaggedAt, "when");
        _assertRefused(eve, "in the same block");
        vm.warp(flaggedAt + 59);
        _judge(WEAK, PriceState.Single);
        _assertRefused(eve, "a second too early");
        vm.warp(flaggedAt + 60);
        _judge(WEAK, PriceState.Single);
        (Liquidation memory foreseen,) = risk.previewLiquidation(account(eve), _prices());
        assertTrue(foreseen.due, "foreseen");
        uint256 state = vm.snapshotState();
        engine.liquidate(account(eve), noUpdate);
        vm.revertToState(state);
        vm.warp(flaggedAt + 600);
        _judge(WEAK, PriceState.Single);
        engine.liquidate(account(eve), noUpdate);
        assertLt(sizeOf(eve, ETH), 10 * UNIT, "a part is closed");
    }

    function test_AFlagEnds() public {
        _judge(WEAK, PriceState.Single);
        engine.flag(account(eve), noUpdate);
        vm.warp(block.timestamp + 601);
        _judge(WEAK, PriceState.Single);
        _assertRefused(eve, "too long ago");
        engine.flag(account(eve), noUpdate);
        assertEq(cold.getDoubt(account(eve)).flaggedAt, block.timestamp, "anew");
    }

    /// @dev Else whoever flags her each minute would keep her.
    function test_RevertWhen_FlaggedAgain() public {
        _judge(WEAK, PriceState.Single);
        engine.flag(account(eve), noUpdate);
        uint256 at = block.timestamp;
        vm.warp(at + 600);
        _judge(WEAK, PriceState.Single);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.AlreadyFlagged.selector, account(eve), at, at + 600));
        engine.flag(account(eve), noUpdate);
    }

    function test_RevertWhen_ThereIsNothingToFlag() public {
        bytes memory nothing = abi.encodeWithSelector(IEngineErrors.NothingToFlag.selector, account(eve));
        _judge(WEAK, PriceState.Guarded);
        vm.expectRevert(nothing);
        engine.flag(account(eve), noUpdate);
        _judge(WEAK, PriceState.SequencerDown);
        vm.expectRevert(nothing);
        engine.flag(account(eve), noUpdate);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NothingToFlag.selector, account(stranger)));
        engine.flag(account(stranger), noUpdate);
        _judge(ETH_PRICE, PriceState.Single);
        vm.expectPartialRevert(IEngineErrors.NotLiquidatable.selector);
        engine.flag(account(eve), noUpdate);
    }

    /// @dev A flag is for one source: whatever it says, two of them decide by maintenance.
    function test_BothSourcesNeedNoFlag() public {
        _judge(WEAK, PriceState.Guarded);
        engine.liquidate(account(eve), noUpdate);
    }

    function test_WhileTheChainCatchesUpOnlyWhoHasNothingLeft() public {
        _judge(WEAK, PriceState.Single);
        engine.flag(account(eve), noUpdate);
        vm.warp(block.timestamp + 60);
        _judge(WEAK, PriceState.SequencerDown);
        _assertRefused(eve, "though flagged");
        _judge(SUNK, PriceState.SequencerDown);
        engine.liquidate(account(eve), noUpdate);
        assertEq(sizeOf(eve, ETH), 0, "she is closed");
    }

    /// @dev Of many in one call each is judged by its own markets.
    function test_AnothersMarketDoesNotProtect() public {
        address dave = makeAddr("dave");
        fund(dave, 3000e6);
        trade(dave, BTC, UNIT / 10, BTC_PRICE);
        vm.warp(block.timestamp + 10);
        _judge(WEAK, PriceState.Normal);
        oracle.setJudged(BTC, BTC_PRICE, block.timestamp, 5, 0, PriceState.Single);
        bytes32[] memory accounts = new bytes32[](2);
        (accounts[0], accounts[1]) = (account(dave), account(eve));
        engine.liquidateMany(accounts, noUpdate);
        assertLt(sizeOf(eve, ETH), 10 * UNIT, "she is reduced");
        assertEq(sizeOf(dave, BTC), UNIT / 10, "he is not");
    }

    /// @dev One of her markets in doubt puts the whole account in doubt.
    function test_OneMarketInDoubtIsEnough() public {
        trade(eve, BTC, UNIT / 1000, BTC_PRICE);
        vm.warp(block.timestamp + 10);
        _judge(WEAK, PriceState.Normal);
        oracle.setJudged(BTC, BTC_PRICE, block.timestamp, 5, 0, PriceState.Single);
        _assertRefused(eve, "one of two");
        engine.flag(account(eve), noUpdate);
    }

    // ---------------------------------------------------------------- profits

    function test_AProfitInDoubtStaysUntilThePriceIsTrusted() public {
        _judge(2100e18, PriceState.Single);
        _close(eve, 10 * UNIT);
        assertEq(cold.getDoubt(account(eve)).held, 1 << ETH, "what is held");
        vm.startPrank(eve);
        vm.expectRevert(_refusal(PriceState.Single));
        cold.withdraw(account(eve), 1e6, eve, noUpdate);
        vm.expectRevert(_refusal(PriceState.Single));
        cold.moveMargin(account(eve), bytes32(uint256(account(eve)) + 1), 1e6, noUpdate);
        _judge(2100e18, PriceState.Guarded);
        cold.withdraw(account(eve), 1e6, eve, noUpdate);
        assertEq(cold.getDoubt(account(eve)).held, 0, "nothing is held any more");
        _judge(2100e18, PriceState.Single);
        cold.withdraw(account(eve), 1e6, eve, noUpdate);
        vm.stopPrank();
    }

    /// @dev A preview asks for the same prices, and no longer for that of a market that has ended.
    function test_APreviewAsksForThePricesOfWhatHolds() public {
        _judge(2100e18, PriceState.Single);
        _close(eve, 10 * UNIT);
        (,, bool permitted) = risk.previewWithdrawal(account(eve), 1e6, _prices());
        assertTrue(permitted, "with its price");
        Price[] memory none = new Price[](0);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        risk.previewWithdrawal(account(eve), 1e6, none);
        vm.prank(admin);
        deleverager.scheduleSettlement(ETH, uint40(block.timestamp + 24 hours));
        vm.warp(block.timestamp + 24 hours);
        _judge(2100e18, PriceState.Normal);
        deleverager.settleMarket(ETH, noUpdate);
        (,, permitted) = risk.previewWithdrawal(account(eve), 1e6, none);
        assertTrue(permitted, "none of a market that has ended");
        vm.prank(eve);
        cold.withdraw(account(eve), 1e6, eve, noUpdate);
    }

    /// @dev An order that reduces, too, and in the grace.
    function test_SoDoesOneOfAnOrderOrInTheGrace() public {
        uint256 state = vm.snapshotState();
        commit(eve, ETH, marketOrder(eve, -4 * UNIT));
        vm.warp(block.timestamp + 3);
        oracle.setJudged(ETH, 2100e18, block.timestamp - 1, 5, 0, PriceState.Single);
        engine.settle(ETH, _one(marketOrder(eve, -4 * UNIT)), noUpdate);
        assertEq(sizeOf(eve, ETH), 6 * UNIT, "filled");
        assertEq(cold.getDoubt(account(eve)).held, 1 << ETH, "by an order");
        vm.revertToState(state);
        _judge(2100e18, PriceState.SequencerDown);
        _close(eve, 4 * UNIT);
        assertEq(cold.getDoubt(account(eve)).held, 1 << ETH, "in the grace");
    }

    function test_ALossIsNotHeld() public {
        _judge(1990e18, PriceState.Single);
        _close(eve, 10 * UNIT);
        assertEq(cold.getDoubt(account(eve)).held, 0, "of a loss");
        vm.prank(eve);
        cold.withdraw(account(eve), 1e6, eve, noUpdate);
    }

    function test_ATrustedProfitIsNotHeld() public {
        _judge(2100e18, PriceState.Guarded);
        _close(eve, 10 * UNIT);
        assertEq(cold.getDoubt(account(eve)).held, 0, "of a trusted profit");
    }

    // ---------------------------------------------------------------- parts

    function _judge(uint256 price, PriceState state) private {
        oracle.setJudged(ETH, price, block.timestamp, 5, 0, state);
    }

    function _prices() private view returns (Price[] memory prices) {
        prices = new Price[](1);
        prices[0] = oracle.peek(ETH);
    }

    function _assertRefused(address who, string memory reason) private {
        (bool ok, bytes memory answer) =
            address(engine).call(abi.encodeCall(engine.liquidate, (account(who), noUpdate)));
        assertFalse(ok, reason);
        assertEq(bytes32(bytes4(answer)), bytes32(IEngineErrors.NotLiquidatable.selector), reason);
    }

    function _close(address who, int88 size) private {
        vm.prank(who);
        engine.closeNow(account(who), ETH, uint88(size), 0, noUpdate);
    }

    function _one(Order[] memory orders) private pure returns (Order[][] memory batches) {
        batches = new Order[][](1);
        batches[0] = orders;
    }

    function _refusal(PriceState state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IPriceOracle.PriceUseRefused.selector, ETH, PriceUse.Withdraw, state, PriceReason.Guardian
        );
    }
}
