// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {orderOf} from "../fixtures/Orders.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {BadInputFixture} from "./BadInputFixture.sol";

/// @notice Callers who act on what is not theirs, or want more out than is in.
contract AccountsTest is BadInputFixture {
    bytes32 private constant ADMIN = 0;

    // Someone else's account.

    function test_RevertWhen_CommittingForAStranger() public {
        refuses(bob, _committing(_orderOf(alice)), _refused(Refusal.DelegateNotPermitted, 0, 1));
    }

    function test_RevertWhen_ABatchHoldsAnOrderOfAStranger() public {
        Order[] memory orders = new Order[](2);
        (orders[0], orders[1]) = (_orderOf(bob), _orderOf(alice));
        bytes memory call = abi.encodeCall(IDerivativesEngine.commit, (ETH, orders));
        refuses(bob, call, _refused(Refusal.DelegateNotPermitted, 0, 1));
    }

    function test_RevertWhen_WithdrawingForAStranger() public {
        refuses(bob, _withdrawing(account(alice), 1), _notOwner(bob, alice));
        refuses(bob, _withdrawing(bytes32(uint256(account(alice)) + 5), 1), _notOwner(bob, alice));
    }

    function test_RevertWhen_ClosingForAStranger() public {
        settle(commit(alice, UNIT), firstUpdate());
        bytes memory call =
            abi.encodeCall(IDerivativesEngine.closeNow, (account(alice), ETH, uint88(UNIT), 0, eth(block.timestamp)));
        refuses(bob, address(engine), FEE, call, _notOwner(bob, alice));
    }

    function test_SettlingForStrangersFillsTheirOrdersAndPaysTheCaller() public {
        Order[][] memory batches = commit(alice, UNIT);
        bytes[] memory update = firstUpdate();
        vm.prank(bob);
        engine.settle{value: FEE}(ETH, batches, update);
        assertEq(int256(cold.getPosition(account(alice), ETH).size), UNIT, "alice's order is alice's");
        assertEq(int256(cold.getPosition(account(bob), ETH).size), 0, "and not bob's");
        assertEq(uint256(cold.getAccount(account(bob)).margin), 100_000.5e18, "bob earned the fee");
    }

    function test_DepositingForAStrangerIsTheirs() public {
        usdc.mint(bob, 10e6);
        vm.prank(bob);
        engine.deposit(account(alice), 10e6);
        assertEq(uint256(cold.getAccount(account(alice)).margin), 100_010e18, "alice's");
        refuses(bob, _withdrawing(account(alice), 10e6), _notOwner(bob, alice));
    }

    function test_RevertWhen_AnotherSubAccountHoldsTheMargin() public {
        bytes32 second = bytes32(uint256(account(alice)) + 1);
        refuses(alice, _withdrawing(second, 1), _marginTooLow(0, 1e12));
        Order memory order = _orderOf(alice);
        order.account = second;
        refuses(alice, _committing(order), _refused(Refusal.MarginTooLow, 0, 200.5e18));
    }

    // More than is there.

    function test_RevertWhen_AnAmountIsZero() public {
        bytes memory zero = abi.encodeWithSelector(IEngineErrors.ZeroAmount.selector);
        refuses(alice, abi.encodeCall(IDerivativesEngine.deposit, (account(alice), 0)), zero);
        refuses(alice, _withdrawing(account(alice), 0), zero);
        refuses(alice, abi.encodeCall(IEngineExtension.fundInsurance, (0)), zero);
        refuses(alice, abi.encodeCall(IEngineExtension.collectClaim, (account(alice))), zero);
        refuses(admin, abi.encodeCall(IEngineExtension.receiveLiquidity, (alice, 0)), zero);
    }

    function test_RevertWhen_WithdrawingMoreThanTheMargin() public {
        refuses(alice, _withdrawing(account(alice), 100_000e6 + 1), _marginTooLow(100_000e18, 100_000e18 + 1e12));
    }

    function test_RevertWhen_WithdrawingWhatAPositionNeeds() public {
        settle(commit(alice, 10 * UNIT), firstUpdate());
        uint256 margin = cold.getAccount(account(alice)).margin;
        // Bought at 2000 + 2 + 1 and worth 1998, a fifth of 20,000 must stay.
        int256 equity = int256(margin % 1e12 + 3999e18) - 50e18;
        bytes memory call = abi.encodeCall(
            IEngineExtension.withdraw, (account(alice), (margin - 3999e18) / 1e12, alice, eth(block.timestamp))
        );
        refuses(
            alice,
            address(engine),
            FEE,
            call,
            abi.encodeWithSelector(IEngineErrors.EquityTooLow.selector, equity, 3996e18)
        );
    }

    function test_RevertWhen_WithdrawingWhileAnOrderWaits() public {
        commit(alice, UNIT);
        refuses(
            alice, _withdrawing(account(alice), 1), abi.encodeWithSelector(IEngineErrors.OrdersPending.selector, 1, 0)
        );
    }

    function test_RevertWhen_MovingAStrangersMargin() public {
        (bytes32 own, bytes32 other) = (account(alice), account(bob));
        refuses(bob, abi.encodeCall(IEngineExtension.moveMargin, (own, other, 1, noUpdate)), _notOwner(bob, alice));
        refuses(alice, abi.encodeCall(IEngineExtension.moveMargin, (own, other, 1, noUpdate)), _notOwner(alice, bob));
    }

    function test_RevertWhen_DepositingMoreThanTheEngineHolds() public {
        uint256 room = (type(uint96).max - cold.solvency().custody) / 1e12;
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.CustodyFull.selector, room + 1, room);
        refuses(alice, abi.encodeCall(IDerivativesEngine.deposit, (account(bob), room + 1)), refusal);
        refuses(alice, abi.encodeCall(IEngineExtension.fundInsurance, (room + 1)), refusal);
        refuses(admin, abi.encodeCall(IEngineExtension.receiveLiquidity, (alice, room + 1)), refusal);
    }

    function test_RevertWhen_LiquidatingASoundAccount() public {
        bytes memory call = abi.encodeCall(IDerivativesEngine.liquidate, (account(alice), noUpdate));
        refuses(bob, call, _sound(100_000e18, 0));
        settle(commit(alice, 10 * UNIT), firstUpdate());
        uint256 margin = cold.getAccount(account(alice)).margin;
        call = abi.encodeCall(IDerivativesEngine.liquidate, (account(alice), eth(block.timestamp)));
        // At its favourable price a long of 10 is worth 2002; 6 % + 0.6 · 10 / 10,000 of that, and the reward.
        refuses(bob, address(engine), FEE, call, _sound(margin - 10e18, 1213.212e18 + 20.02e18));
    }

    function test_RevertWhen_TakingMoreThanTreasuryOrPoolHold() public {
        uint256 cash = cold.getPool().cash;
        refuses(admin, abi.encodeCall(IEngineExtension.payTreasury, (admin, 1)), _poolTooLow(0, 1e12));
        refuses(admin, abi.encodeCall(IEngineExtension.removeLiquidity, (cash + 1)), _poolTooLow(cash, cash + 1));
        refuses(admin, abi.encodeCall(IEngineExtension.returnLiquidity, (admin, 1)), _underflow());
    }

    // Roles.

    function test_RevertWhen_AStrangerActsInARole() public {
        bytes32 guardian = keccak256("GUARDIAN_ROLE");
        bytes32 configurator = keccak256("CONFIGURATOR_ROLE");
        bytes32 vault = keccak256("VAULT_ROLE");
        refuses(bob, abi.encodeCall(IEngineExtension.setPauseLevel, (2)), _lacks(guardian));
        refuses(bob, abi.encodeCall(IEngineExtension.listMarket, (config(1e9), 50)), _lacks(configurator));
        refuses(
            bob,
            abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, config(1e9), 50, 1 days)),
            _lacks(configurator)
        );
        refuses(bob, abi.encodeCall(IEngineExtension.cancelParameters, (ETH)), _lacks(configurator));
        refuses(bob, abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, true)), _lacks(configurator));
        refuses(bob, abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, false)), _lacks(configurator));
        refuses(bob, abi.encodeCall(IEngineExtension.payTreasury, (bob, 1)), _lacks(ADMIN));
        refuses(bob, abi.encodeCall(IEngineExtension.receiveLiquidity, (alice, 1)), _lacks(vault));
        refuses(bob, abi.encodeCall(IEngineExtension.addLiquidity, (1)), _lacks(vault));
        refuses(bob, abi.encodeCall(IEngineExtension.removeLiquidity, (1)), _lacks(vault));
        refuses(bob, abi.encodeCall(IEngineExtension.payLiquidity, (bob, 1)), _lacks(vault));
        refuses(bob, abi.encodeCall(IEngineExtension.returnLiquidity, (bob, 1)), _lacks(vault));
        refuses(bob, abi.encodeCall(IEngineExtension.priceLiquidity, (noUpdate)), _lacks(vault));
        refuses(bob, abi.encodeCall(IAccessControl.grantRole, (vault, bob)), _lacks(ADMIN));
    }

    function test_RevertWhen_AStrangerUpgrades() public {
        bytes memory call = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (address(this), ""));
        refuses(bob, call, _lacks(keccak256("UPGRADER_ROLE")));
    }

    function test_RevertWhen_InitializingAgain() public {
        bytes memory call = abi.encodeCall(IEngineExtension.initialize, (bob));
        refuses(bob, call, abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
    }

    function test_RevertWhen_APauseLevelDoesNotExist() public {
        refuses(
            admin,
            abi.encodeCall(IEngineExtension.setPauseLevel, (3)),
            abi.encodeWithSelector(IEngineErrors.ParameterOutOfBounds.selector, bytes32("pauseLevel"), 3, 2)
        );
    }

    // Fixtures.

    function _refused(Refusal reason, uint256 actual, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.OrderRefused.selector, reason, actual, limit);
    }

    function _orderOf(address owner) private pure returns (Order memory) {
        return orderOf(account(owner), UNIT, type(uint96).max, false);
    }

    function _committing(Order memory order) private pure returns (bytes memory) {
        Order[] memory orders = new Order[](1);
        orders[0] = order;
        return abi.encodeCall(IDerivativesEngine.commit, (ETH, orders));
    }

    /// @dev To whoever calls in these tests: bob, were it permitted.
    function _withdrawing(bytes32 from, uint256 assets) private view returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.withdraw, (from, assets, bob, noUpdate));
    }

    function _notOwner(address caller, address owner) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, caller, owner);
    }

    function _marginTooLow(uint256 margin, uint256 required) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.MarginTooLow.selector, margin, required);
    }

    function _underflow() private pure returns (bytes memory) {
        return abi.encodeWithSignature("Panic(uint256)", 0x11);
    }

    function _poolTooLow(uint256 cash, uint256 required) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.PoolTooLow.selector, cash, required);
    }

    function _sound(uint256 equity, uint256 maintenance) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.NotLiquidatable.selector, int256(equity), maintenance);
    }

    function _lacks(bytes32 role) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, bob, role);
    }
}
