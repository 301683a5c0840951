// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../../src/engine/EngineTypes.sol";
import {IEngineExtension, Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {Health, IRiskManager} from "../../src/interfaces/IRiskManager.sol";
import {Conditions, PostConditions} from "../../src/governance/PostConditions.sol";
import {Timelocked} from "../../src/governance/Timelocked.sol";
import {Test} from "../foundry/Test.sol";
import {Draft, GovernanceFixture} from "./GovernanceFixture.sol";

/// @notice Answers what it was told, so that each measure can be moved by a unit.
contract Measures {
    int256 public netAssetValue;
    Market[] private _markets;
    mapping(bytes32 account => bool) private _liquidatable;

    function setNetAssetValue(int256 value) external {
        netAssetValue = value;
    }

    function list(uint96 index) external {
        _markets.push().index = index;
    }

    function setFunding(uint256 id, int96 funding) external {
        _markets[id].funding = funding;
    }

    function endanger(bytes32 account, bool on) external {
        _liquidatable[account] = on;
    }

    function solvency() external view returns (Solvency memory s) {
        s.netAssetValue = netAssetValue;
    }

    function marketCount() external view returns (uint256) {
        return _markets.length;
    }

    function getMarket(uint256 id) external view returns (Market memory) {
        return _markets[id];
    }

    function getAccruedMarket(uint256 id) external view returns (Market memory) {
        return _markets[id];
    }

    function getHealth(bytes32 account) external view returns (Health memory health) {
        health.liquidatable = _liquidatable[account];
    }
}

/// @notice Each measure of the post-conditions at its limit and a unit beyond.
contract PostConditionsTest is Test {
    Measures private _measures;
    PostConditions private _conditions;
    address private _timelock = makeAddr("timelock");

    function setUp() public {
        _measures = new Measures();
        _conditions =
            new PostConditions(IEngineExtension(address(_measures)), IRiskManager(address(_measures)), _timelock);
        _measures.setNetAssetValue(1000e18);
        _measures.list(2000e18);
        _measures.list(100e18);
    }

    /// @dev 1 % of the value, 2 % of each index, one account more of three.
    function _promise() private pure returns (Conditions memory c) {
        c = Conditions(100, 200, 1, new bytes32[](3));
        (c.sample[0], c.sample[1], c.sample[2]) = ("a", "b", "c");
    }

    function _begin() private {
        vm.prank(_timelock);
        _conditions.begin(_promise());
    }

    function _end() private {
        vm.prank(_timelock);
        _conditions.end(_promise());
    }

    function test_RevertWhen_NotTheTimelock() public {
        bytes memory refusal = abi.encodeWithSelector(Timelocked.NotTimelock.selector, address(this), _timelock);
        vm.expectRevert(refusal);
        _conditions.begin(_promise());
        vm.expectRevert(refusal);
        _conditions.end(_promise());
    }

    function test_NothingMoved() public {
        _begin();
        _end();
    }

    function test_RevertWhen_NotBegun() public {
        bytes32 digest = keccak256(abi.encode(_promise()));
        bytes memory refusal = abi.encodeWithSelector(PostConditions.ConditionsNotBegun.selector, digest, bytes32(0));
        vm.prank(_timelock);
        vm.expectRevert(refusal);
        _conditions.end(_promise());
        _begin();
        _end();
        vm.prank(_timelock);
        vm.expectRevert(refusal);
        _conditions.end(_promise());
    }

    function test_RevertWhen_OthersEndThanBegan() public {
        _begin();
        Conditions memory wider = _promise();
        wider.netAssetValueBps = 101;
        vm.prank(_timelock);
        vm.expectRevert(
            abi.encodeWithSelector(
                PostConditions.ConditionsNotBegun.selector,
                keccak256(abi.encode(wider)),
                keccak256(abi.encode(_promise()))
            )
        );
        _conditions.end(wider);
    }

    function test_TheValueMayMoveByItsShareEitherWay() public {
        _begin();
        _measures.setNetAssetValue(1010e18);
        _end();
        _measures.setNetAssetValue(1000e18);
        _begin();
        _measures.setNetAssetValue(990e18);
        _end();
    }

    function test_RevertWhen_TheValueMovesFurther() public {
        bytes memory refusal =
            abi.encodeWithSelector(PostConditions.NetAssetValueMoved.selector, 10e18 + 1, uint256(10e18));
        _begin();
        _measures.setNetAssetValue(1010e18 + 1);
        vm.expectRevert(refusal);
        _end();
        _measures.setNetAssetValue(1000e18);
        _begin();
        _measures.setNetAssetValue(990e18 - 1);
        vm.expectRevert(refusal);
        _end();
    }

    /// @dev Of a pool that owes more than it has, a share of what it lacks.
    function test_TheShareIsOfTheValuesAmount() public {
        _measures.setNetAssetValue(-1000e18);
        _begin();
        _measures.setNetAssetValue(-1010e18);
        _end();
        _measures.setNetAssetValue(-1000e18);
        _begin();
        _measures.setNetAssetValue(-1010e18 - 1);
        vm.expectPartialRevert(PostConditions.NetAssetValueMoved.selector);
        _end();
    }

    function test_WhatTheValueMayMoveRoundsDown() public {
        _measures.setNetAssetValue(1000e18 + 99);
        _begin();
        _measures.setNetAssetValue(1010e18 + 100);
        vm.expectRevert(
            abi.encodeWithSelector(PostConditions.NetAssetValueMoved.selector, uint256(10e18 + 1), uint256(10e18))
        );
        _end();
    }

    function test_WhatFundingMayMoveRoundsDown() public {
        _measures.list(2000e18 + 49);
        _begin();
        _measures.setFunding(2, 40e18 + 1);
        vm.expectRevert(
            abi.encodeWithSelector(PostConditions.FundingMoved.selector, 2, uint256(40e18 + 1), uint256(40e18))
        );
        _end();
    }

    function test_FundingMayMoveByItsShareOfEachIndex() public {
        _begin();
        _measures.setFunding(0, 40e18);
        _measures.setFunding(1, -2e18);
        _end();
    }

    function test_RevertWhen_FundingMovesFurtherInAnyMarket() public {
        _begin();
        _measures.setFunding(0, -40e18 - 1);
        vm.expectRevert(
            abi.encodeWithSelector(PostConditions.FundingMoved.selector, 0, uint256(40e18 + 1), uint256(40e18))
        );
        _end();
        _measures.setFunding(0, 0);
        _begin();
        _measures.setFunding(1, 2e18 + 1);
        vm.expectRevert(
            abi.encodeWithSelector(PostConditions.FundingMoved.selector, 1, uint256(2e18 + 1), uint256(2e18))
        );
        _end();
    }

    function test_AMarketListedBetweenHasNotMoved() public {
        _begin();
        _measures.list(1e18);
        _measures.setFunding(2, 5e18);
        _end();
    }

    function test_AsManyAccountsMoreAsSaidMayBeLiquidated() public {
        _measures.endanger("a", true);
        _begin();
        _measures.endanger("b", true);
        _end();
    }

    function test_RevertWhen_MoreAccountsCanBeLiquidated() public {
        _begin();
        _measures.endanger("a", true);
        _measures.endanger("c", true);
        vm.expectRevert(abi.encodeWithSelector(PostConditions.AccountsEndangered.selector, 2, 1));
        _end();
    }

    /// @dev Fewer than before, though nobody was to be; and accounts that are not of the sample do not count.
    function test_RescuedAccountsAndOthersDoNotCount() public {
        _measures.endanger("a", true);
        _measures.endanger("b", true);
        _begin();
        _measures.endanger("a", false);
        _measures.endanger("b", false);
        _measures.endanger("d", true);
        _measures.endanger("e", true);
        _end();
    }
}

/// @notice A guarded proposal on the exchange itself.
contract GuardedProposalTest is GovernanceFixture {
    /// @dev USD of 18 decimals in those of the pool's value.
    uint256 private constant RAW = 1e12;

    function _guarded(address target, bytes memory data) private returns (Draft memory d) {
        Conditions memory c = Conditions(100, 100, 0, new bytes32[](1));
        c.sample[0] = account(alice);
        d = draft(carol, address(postConditions), abi.encodeCall(PostConditions.begin, (c)));
        d = also(also(d, target, data), address(postConditions), abi.encodeCall(PostConditions.end, (c)));
    }

    function test_ExecutesWhatMovesNothing() public {
        enact(carol, _guarded(address(engine), abi.encodeCall(IEngineExtension.setGasMarket, (BTC))));
        assertEq(cold.gasMarket(), BTC, "gas market");
    }

    /// @dev The proposal grants itself the vault's role and takes 1 % and a unit out of the pool.
    function test_RevertWhen_TheExecutionTakesMoreFromThePool() public {
        uint256 limit = uint256(cold.solvency().netAssetValue) / 1e14;
        uint256 before = vm.snapshotState();
        _enactTaking(limit);
        assertEq(uint256(cold.solvency().netAssetValue), limit * 99 * RAW, "at the limit");
        vm.revertToState(before);
        Draft memory d = _taking(limit + 1);
        uint256 id = propose(carol, d);
        passToDue(id);
        vm.expectRevert(
            abi.encodeWithSelector(PostConditions.NetAssetValueMoved.selector, (limit + 1) * RAW, limit * RAW)
        );
        governance.execute(id);
    }

    function _enactTaking(uint256 amount) private {
        enact(carol, _taking(amount));
    }

    function _taking(uint256 amount) private returns (Draft memory d) {
        vm.prank(address(timelock));
        (bool ok,) = address(engine)
            .call(abi.encodeWithSignature("grantRole(bytes32,address)", keccak256("VAULT_ROLE"), address(timelock)));
        assertTrue(ok, "granted");
        return _guarded(address(engine), abi.encodeCall(IEngineExtension.removeLiquidity, (amount)));
    }
}
