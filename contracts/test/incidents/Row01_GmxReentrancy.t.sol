// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, Order, Position} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {CallingOracle, CallingTokenTwice, Intruder} from "./Intruder.sol";
import {IncidentFixture} from "./IncidentFixture.sol";

/// @notice GMX v1, July 2025: a receiver called in the middle of a close changed positions that the running total did not
/// see. Here token, oracle and refund all call a hostile receiver, which tries every operation. Each is refused, or has the
/// very effect it would have had before or after; and no view shows a half-booked state.
contract Row01GmxReentrancyTest is IncidentFixture {
    struct Call {
        address target;
        bytes data;
    }

    /// @dev Those of the engine and the vault, by the intruder, that call out.
    uint256 private constant OUTERS = 10;
    /// @dev The last of them: it returns ether when all is written, and nothing is locked but the vault itself.
    uint256 private constant EPOCH = 9;
    /// @dev The first inner call that moves nothing but shares, and which no engine is asked for.
    uint256 private constant SHARES_ONLY = 15;
    uint256 private constant CALLBACKS = 4;

    Intruder private intruder;
    uint256 private redemption;
    uint256 private provision;
    Order[][] private waiting;

    /// @dev One of each that an operation needs: an order to settle, a position to close and one to liquidate, shares and
    /// assets to claim, an epoch to settle.
    function setUp() public override {
        super.setUp();
        intruder = new Intruder(cold, vault);
        address owner = address(intruder);
        uint256 shares = provideShares(owner, 100_000e6);
        redemption = requestRedeem(owner, shares / 2);
        provision = requestDeposit(owner, 1000e6);
        nextEpoch();
        settleNext();
        fund(owner, 100_000e6);
        fund(sybil, 25_000e6);
        usdc.mint(owner, 10_000e6);
        trade(owner, ETH, 20 * UNIT, ETH_PRICE);
        trade(sybil, ETH, 100 * UNIT, ETH_PRICE);
        requestDeposit(carol, 10_000e6);
        nextEpoch();
        moveTo(1860e18);
        waiting.push();
        waiting[0].push(marketOrder(alice, UNIT)[0]);
        commit(alice, ETH, waiting[0]);
        vm.warp(block.timestamp + 3);
        setPrice(ETH, 1860e18);
        setPrice(BTC, BTC_PRICE);
        vm.deal(address(vault), 1 ether);
        _makeHostile();
    }

    /// @dev Everything outside the contracts calls the intruder.
    function _makeHostile() private {
        vm.etch(address(usdc), address(new CallingTokenTwice(intruder)).code);
        bytes memory honest = address(oracle).code;
        address copy = makeAddr("honest oracle");
        vm.etch(copy, honest);
        vm.etch(address(oracle), address(new CallingOracle(intruder, copy)).code);
    }

    function test_EveryReentryIsRefusedOrComesBeforeOrAfter() public {
        uint256 strikes;
        for (uint256 i; i < OUTERS; ++i) {
            Call memory outer = _outer(i);
            bytes32 alone = _stateAfter(outer, outer, false);
            Call[] memory inners = _inners();
            for (uint256 j; j < inners.length; ++j) {
                for (uint256 wait; wait < CALLBACKS; ++wait) {
                    if (!_tryReentry(outer, inners[j], wait, alone, i != EPOCH && j < SHARES_ONLY)) break;
                    ++strikes;
                }
            }
        }
        assertGe(strikes, OUTERS * 18, "every operation calls out at least once");
    }

    /// @dev So that what refuses them is nothing but the moment.
    function test_EachCallIsPermittedOnItsOwn() public {
        Call[] memory calls = _inners();
        for (uint256 i; i < calls.length; ++i) {
            assertTrue(_stateAfter(calls[i], calls[i], false) != _state(), "the call changes something");
        }
    }

    function test_NoViewShowsAHalfBookedState() public {
        for (uint256 i; i < OUTERS; ++i) {
            Call memory outer = _outer(i);
            for (uint256 wait; wait < CALLBACKS; ++wait) {
                uint256 state = vm.snapshotState();
                int256 before = cold.solvency().netAssetValue;
                uint256 assets = vault.totalAssets();
                intruder.arm(address(0), "", wait);
                intruder.act(outer.target, outer.data);
                bool struck = intruder.struck();
                int256 seen = intruder.seenValue();
                int256 afterwards = cold.solvency().netAssetValue;
                if (struck) {
                    assertTrue(seen == before || seen == afterwards, "a value between two states");
                    uint256 shown = intruder.seenAssets();
                    assertTrue(shown == assets || shown == vault.totalAssets(), "assets between two states");
                }
                vm.revertToState(state);
                if (!struck) break;
            }
        }
    }

    /// @return struck Whether there was a callback so late.
    function _tryReentry(Call memory outer, Call memory inner, uint256 wait, bytes32 alone, bool locked)
        private
        returns (bool struck)
    {
        uint256 state = vm.snapshotState();
        intruder.arm(inner.target, inner.data, wait);
        intruder.act(outer.target, outer.data);
        struck = intruder.struck();
        bool ok = intruder.ok();
        bytes32 reached = _state();
        if (locked) assertFalse(ok, "a reentry was let in");
        _assertTotalsAreSums();
        vm.revertToState(state);
        if (!ok) {
            assertEq(reached, alone, "a refused reentry left something behind");
        } else if (reached != _stateAfter(outer, inner, true)) {
            assertEq(reached, _stateAfter(inner, outer, true), "a reentry was more than one call after the other");
        }
    }

    /// @dev What one call, or one after the other, comes to when nobody interferes.
    function _stateAfter(Call memory first, Call memory second, bool both) private returns (bytes32 reached) {
        uint256 state = vm.snapshotState();
        intruder.act(first.target, first.data);
        if (both) intruder.act(second.target, second.data);
        reached = _state();
        vm.revertToState(state);
    }

    function _outer(uint256 i) private view returns (Call memory) {
        bytes32 own = account(address(intruder));
        address to = address(intruder);
        if (i == 0) return _engine(abi.encodeCall(IDerivativesEngine.settle, (ETH, waiting, noUpdate)));
        if (i == 1) return _engine(abi.encodeCall(IDerivativesEngine.closeNow, (own, ETH, 5e12, 0, noUpdate)));
        if (i == 2) return _engine(abi.encodeCall(IEngineExtension.withdraw, (own, 1000e6, to, noUpdate)));
        if (i == 3) return _engine(abi.encodeCall(IDerivativesEngine.liquidate, (account(sybil), noUpdate)));
        if (i == 4) return _engine(abi.encodeCall(IDerivativesEngine.deposit, (own, 100e6)));
        if (i == 5) return _engine(abi.encodeCall(IEngineExtension.updateIndices, (3, noUpdate)));
        if (i == 6) return _engine(abi.encodeCall(IEngineExtension.fundInsurance, (100e6)));
        if (i == 7) return _vault(abi.encodeCall(ILiquidityVault.requestDeposit, (100e6, to, to)));
        if (i == 8) return _vault(abi.encodeCall(ILiquidityVault.claimRedeem, (redemption, to, to)));
        return _vault(abi.encodeCall(ILiquidityVault.settleEpoch, (noUpdate)));
    }

    function _inners() private view returns (Call[] memory calls) {
        bytes32 own = account(address(intruder));
        address to = address(intruder);
        calls = new Call[](18);
        for (uint256 i; i < OUTERS - 3; ++i) {
            calls[i] = _outer(i);
        }
        calls[7] = _engine(abi.encodeCall(IDerivativesEngine.closeNow, (own, ETH, 20e12, 0, noUpdate)));
        calls[8] = _engine(abi.encodeCall(IEngineExtension.withdraw, (own, 50_000e6, to, noUpdate)));
        calls[9] = _engine(abi.encodeCall(IDerivativesEngine.commit, (ETH, marketOrder(to, -20 * UNIT))));
        calls[10] = _engine(abi.encodeCall(IEngineExtension.accrue, (ETH)));
        calls[11] = _engine(abi.encodeCall(IEngineExtension.divideReserves, ()));
        for (uint256 i = 7; i < OUTERS; ++i) {
            calls[5 + i] = _outer(i);
        }
        calls[SHARES_ONLY] = _vault(abi.encodeCall(ILiquidityVault.requestRedeem, (1000e18, to, to)));
        calls[16] = _vault(abi.encodeWithSignature("transfer(address,uint256)", mallory, 1000e18));
        calls[17] = _vault(abi.encodeCall(ILiquidityVault.claimDeposit, (provision, to, to)));
    }

    function _engine(bytes memory data) private view returns (Call memory) {
        return Call(address(engine), data);
    }

    function _vault(bytes memory data) private view returns (Call memory) {
        return Call(address(vault), data);
    }

    function _owners() private view returns (address[6] memory) {
        return [alice, bob, carol, sybil, keeper, address(intruder)];
    }

    /// @dev Everything that anybody has, and the books it is counted in.
    function _state() private view returns (bytes32 digest) {
        digest = keccak256(abi.encode(cold.solvency(), cold.getMarket(ETH), cold.getMarket(BTC), cold.getQueue(ETH)));
        digest =
            keccak256(abi.encode(digest, cold.getPool(), cold.getReserves(), vault.getVault(), vault.totalSupply()));
        address[6] memory owners = _owners();
        for (uint256 i; i < owners.length; ++i) {
            bytes32 id = account(owners[i]);
            digest = keccak256(abi.encode(digest, cold.getAccount(id), cold.getPosition(id, ETH)));
            digest = keccak256(abi.encode(digest, usdc.balanceOf(owners[i]), vault.balanceOf(owners[i])));
        }
    }

    /// @dev Open interest is the sum of sizes and the market's cash the sum of positions' cash.
    function _assertTotalsAreSums() private view {
        address[6] memory owners = _owners();
        Market memory market = cold.getMarket(ETH);
        (int256 longs, int256 shorts, int256 cash) = (0, 0, 0);
        for (uint256 i; i < owners.length; ++i) {
            Position memory position = cold.getPosition(account(owners[i]), ETH);
            if (position.size > 0) longs += position.size;
            else shorts -= position.size;
            cash += position.cash;
        }
        assertEq(longs, int256(uint256(market.longs)), "longs");
        assertEq(shorts, int256(uint256(market.shorts)), "shorts");
        assertEq(cash, int256(market.cash), "cash");
    }
}
