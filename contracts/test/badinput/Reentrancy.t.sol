// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {orderOf} from "../fixtures/Orders.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Delegation, Order, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {IPriceOracle, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {BadInputFixture} from "./BadInputFixture.sol";
import {CallingToken} from "./BadTokens.sol";

/// @notice Settles, and when its surplus comes back calls again.
contract Settler {
    address private _callee;
    bytes private _call;
    bytes public result;
    bool public handsOn;

    constructor(address callee, bytes memory call, bool handsOn_) {
        (_callee, _call, handsOn) = (callee, call, handsOn_);
    }

    function settle(IDerivativesEngine engine, Order[][] calldata batches, bytes[] calldata update) external payable {
        engine.settle{value: msg.value}(0, batches, update);
    }

    receive() external payable {
        bool ok;
        (ok, result) = _callee.call(_call);
        require(ok || !handsOn, "reentry failed");
    }
}

/// @notice Whoever is called in the middle of an operation begins no other.
contract ReentrancyTest is BadInputFixture {
    bytes private constant LOCKED =
        abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);

    function setUp() public override {
        super.setUp();
        usdc.mint(alice, 100e6);
        vm.etch(address(usdc), address(new CallingToken()).code);
    }

    function test_RevertWhen_ADepositIsReentered() public {
        _refusesEveryReentry(alice, abi.encodeCall(IDerivativesEngine.deposit, (account(alice), 100e6)));
    }

    function test_RevertWhen_AWithdrawalIsReentered() public {
        _refusesEveryReentry(alice, abi.encodeCall(IEngineExtension.withdraw, (account(alice), 1e6, alice, noUpdate)));
    }

    function test_RevertWhen_FundingInsuranceIsReentered() public {
        _refusesEveryReentry(alice, abi.encodeCall(IEngineExtension.fundInsurance, (100e6)));
    }

    function test_RevertWhen_LiquidityIsReentered() public {
        _refusesEveryReentry(admin, abi.encodeCall(IEngineExtension.receiveLiquidity, (alice, 100e6)));
        vm.prank(admin);
        cold.removeLiquidity(100e18);
        _refusesEveryReentry(admin, abi.encodeCall(IEngineExtension.payLiquidity, (alice, 100e6)));
        _refusesEveryReentry(admin, abi.encodeCall(IEngineExtension.returnLiquidity, (alice, 100e6)));
    }

    function test_RevertWhen_ASettlementIsReenteredByItsSurplus() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        bytes[] memory calls = _calls();
        for (uint256 i; i < calls.length; ++i) {
            Settler settler = new Settler(address(engine), calls[i], true);
            refuses(
                keeper,
                address(settler),
                FEE + 1,
                abi.encodeCall(Settler.settle, (engine, batches, update)),
                abi.encodeWithSelector(PriceOracle.RefundFailed.selector, settler, 1)
            );
        }
    }

    function test_AReentryThatIsHushedUpChangesNothing() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        Settler settler = new Settler(address(engine), settling(ETH, batches, update), false);
        settler.settle{value: FEE + 1}(engine, batches, update);
        vm.assertEq(settler.result(), LOCKED, "the reentry");
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "filled once");
        assertEq(uint256(cold.getQueue(ETH).head), 1, "passed once");
        assertEq(uint256(cold.getAccount(account(address(settler))).margin), 0.5e18, "paid once");
    }

    function test_TheOracleIsLockedWhileItPaysBack() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        bytes memory call = abi.encodeCall(IPriceOracle.presentPrices, (1, noUpdate, PriceUse.Index, alice));
        Settler settler = new Settler(address(oracle), call, false);
        settler.settle{value: FEE + 1}(engine, batches, update);
        vm.assertEq(settler.result(), LOCKED, "the reentry");
    }

    // Fixtures.

    /// @dev Every operation, from the middle of the one given.
    function _refusesEveryReentry(address caller, bytes memory outer) private {
        bytes[] memory calls = _calls();
        for (uint256 i; i < calls.length; ++i) {
            CallingToken(address(usdc)).arm(address(engine), calls[i]);
            refuses(caller, outer, LOCKED);
        }
        // The token itself stands in nobody's way: a view may be asked.
        CallingToken(address(usdc)).arm(address(engine), abi.encodeCall(IEngineExtension.solvency, ()));
        vm.prank(caller);
        (bool ok,) = address(engine).call(outer);
        assertTrue(ok, "without a reentry it is permitted");
    }

    function _calls() private view returns (bytes[] memory calls) {
        bytes32 own = account(address(usdc));
        Order[] memory orders = new Order[](1);
        orders[0] = orderOf(own, UNIT, type(uint96).max, false);
        calls = new bytes[](31);
        calls[0] = abi.encodeCall(IDerivativesEngine.deposit, (own, 1));
        calls[1] = abi.encodeCall(IEngineExtension.withdraw, (own, 1, alice, noUpdate));
        calls[2] = abi.encodeCall(IDerivativesEngine.commit, (ETH, orders));
        calls[3] = abi.encodeCall(IDerivativesEngine.settle, (ETH, new Order[][](1), noUpdate));
        calls[4] = abi.encodeCall(IDerivativesEngine.closeNow, (own, ETH, 1, 0, noUpdate));
        calls[5] = abi.encodeCall(IDerivativesEngine.liquidate, (own, noUpdate));
        calls[6] = abi.encodeCall(IEngineExtension.updateIndices, (1, noUpdate));
        calls[7] = abi.encodeCall(IEngineExtension.accrue, (ETH));
        calls[8] = abi.encodeCall(IEngineExtension.expire, (ETH, 1));
        calls[9] = abi.encodeCall(IEngineExtension.collectClaim, (own));
        calls[10] = abi.encodeCall(IEngineExtension.divideReserves, ());
        calls[11] = abi.encodeCall(IEngineExtension.fundInsurance, (1));
        calls[12] = abi.encodeCall(IEngineExtension.payTreasury, (alice, 1));
        calls[13] = abi.encodeCall(IEngineExtension.listMarket, (config(400e6), 50));
        calls[14] = abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, config(400e6), 50, 1 days));
        calls[15] = abi.encodeCall(IEngineExtension.setPauseLevel, (0));
        calls[16] = abi.encodeCall(IEngineExtension.receiveLiquidity, (alice, 1));
        calls[17] = abi.encodeCall(IEngineExtension.addLiquidity, (1));
        calls[18] = abi.encodeCall(IEngineExtension.payLiquidity, (alice, 1));
        calls[19] = abi.encodeCall(IEngineExtension.moveMargin, (own, bytes32(uint256(own) + 1), 1, noUpdate));
        calls[20] = abi.encodeCall(IEngineExtension.advanceParameters, (ETH));
        calls[21] = abi.encodeCall(IEngineExtension.cancelParameters, (ETH));
        calls[22] = abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, true));
        calls[23] = abi.encodeCall(IEngineExtension.appraise, ());
        calls[24] = abi.encodeCall(IEngineExtension.returnLiquidity, (alice, 1));
        calls[25] = abi.encodeCall(IDerivativesEngine.commitSigned, (ETH, new SignedOrder[](1), new bytes[](0)));
        calls[26] = abi.encodeCall(IOrderDesk.depositWithPermit2, (own, 1, 0, block.timestamp, new bytes(65)));
        calls[27] = abi.encodeCall(IOrderDesk.setDelegate, (alice, Delegation(0, 0, 0, 0, 0, 0)));
        calls[28] = abi.encodeCall(IOrderDesk.approveBuilder, (alice, 1));
        calls[29] = abi.encodeCall(IOrderDesk.cancelNonces, (own, 0, 1));
        bytes[] memory several = new bytes[](1);
        several[0] = calls[0];
        calls[30] = abi.encodeCall(IOrderDesk.multicall, (several));
    }
}
