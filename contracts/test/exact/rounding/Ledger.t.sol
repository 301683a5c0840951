// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EngineStorage} from "../../../src/engine/EngineStorage.sol";
import {Claim, Claims, Pool, Reserves} from "../../../src/engine/EngineTypes.sol";
import {IEngineErrors} from "../../../src/interfaces/IEngineErrors.sol";
import {IPriceOracle} from "../../../src/interfaces/IPriceOracle.sol";
import {Dice} from "../Cases.sol";
import {Directions} from "./Directions.sol";

/// @notice The engine's bookkeeping alone, without tokens or permissions.
contract Ledger is EngineStorage {
    constructor() EngineStorage(IPriceOracle(address(0)), IERC20(address(0))) {}

    function divideFee(uint256 fee) external returns (Pool memory pool) {
        _divideFee(pool, fee);
    }

    function divideReserves(uint96 fees) external pure returns (Reserves memory reserves) {
        Pool memory pool;
        pool.fees = fees;
        _divideReserves(pool, reserves);
    }

    /// @dev In an hour in which insurance has paid nothing yet.
    function cover(uint128 insurance, uint256 badDebt) external returns (uint256) {
        Pool memory pool;
        _layout().reserves.insurance = insurance;
        return _coverBadDebt(pool, 0, badDebt);
    }

    /// @dev An account's claim on an empty pool.
    function owe(bytes32 account, uint256 amount) external {
        Pool memory pool = _layout().pool;
        _poolPays(pool, account, amount);
        _layout().pool = pool;
    }

    function earn(uint256 amount) external {
        Pool memory pool = _layout().pool;
        _poolReceives(pool, amount);
        _layout().pool = pool;
    }

    function takeCustody(uint128 custody, uint256 assets) external {
        _layout().custody = custody;
        _takeCustody(assets);
    }

    /// @dev Of an hour's first withdrawal.
    function floorOf(uint128 custody) external returns (uint256 floor) {
        _layout().custody = custody;
        (, floor) = _outflow();
    }

    function claims() external view returns (Claims memory) {
        return _layout().claims;
    }

    function claimOf(bytes32 account) external view returns (Claim memory) {
        return _layout().accounts[account].claim;
    }

    function unpaidClaim(bytes32 account) external view returns (uint256) {
        return _unpaidClaim(account);
    }
}

/// @notice EngineStorage: residues of fees and claims, and the room in custody.
/// forge-config: default.fuzz.runs = 32
/// forge-config: ci.fuzz.runs = 1000
contract LedgerRoundingTest is Directions {
    uint256 private constant MOST = type(uint96).max;
    bytes32 private constant ALICE = bytes32(uint256(1) << 96);
    bytes32 private constant BOB = bytes32(uint256(2) << 96);

    Ledger private _ledger;

    function setUp() public {
        _ledger = new Ledger();
    }

    function testFuzz_TheReservesPartOfAFeeRoundsDownForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 fee = magnitude(dice, 1, MOST);
        Pool memory pool = _ledger.divideFee(fee);
        assertEq(uint256(pool.cash) + pool.fees, fee, "a part of the fee is lost");
        assertDown(pool.fees, fee * 3000, 1e4, "the pool gets less than 70 %");
    }

    function testFuzz_InsurancesPartOfTheFeesRoundsDownForTheTreasury(uint256 seed) public view {
        Dice memory dice = Dice(seed);
        uint256 fees = magnitude(dice, 1, MOST);
        Reserves memory reserves = _ledger.divideReserves(uint96(fees));
        assertEq(uint256(reserves.insurance) + reserves.treasury, fees, "a part of the fees is lost");
        assertDown(reserves.insurance, fees * 6667, 1e4, "the treasury gets less than its part");
    }

    function testFuzz_WhatInsurancePaysInAnHourRoundsDownForInsurance(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 insurance = magnitude(dice, 1, MOST);
        uint256 covered = _ledger.cover(uint128(insurance), MOST);
        assertDown(covered, insurance * 5000, 1e4, "insurance pays more than half of itself");
    }

    function testFuzz_TheClaimsFactorRoundsUpForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _owe(dice);
        for (uint256 i; i < 5; ++i) {
            Claims memory before = _ledger.claims();
            if (before.outstanding < 2) return;
            _ledger.earn(magnitude(dice, 1, uint256(before.outstanding) - 1));
            Claims memory left = _ledger.claims();
            uint256 exact = uint256(before.factor) * left.outstanding;
            assertUp(left.factor, exact, before.outstanding, "more than the inflow counts as paid");
        }
    }

    function testFuzz_TheUnpaidClaimRoundsUpForThePool(uint256 seed) public {
        Dice memory dice = Dice(seed);
        _owe(dice);
        _ledger.earn(magnitude(dice, 1, uint256(_ledger.claims().outstanding) - 1));
        Claim memory claim = _ledger.claimOf(ALICE);
        uint256 exact = uint256(claim.amount) * _ledger.claims().factor;
        assertUp(_ledger.unpaidClaim(ALICE), exact, claim.factor, "more than its part is paid on a claim");
    }

    function testFuzz_TheRoomInCustodyRoundsDownForItsWidth(uint256 seed) public {
        Dice memory dice = Dice(seed);
        uint256 custody = MOST - magnitude(dice, 1, MOST);
        uint256 room = (MOST - custody) / 1e12;
        _ledger.takeCustody(uint128(custody), room);
        (bool taken, bytes memory reason) =
            address(_ledger).call(abi.encodeCall(Ledger.takeCustody, (uint128(custody), room + 1)));
        assertFalse(taken, "custody takes more than its width holds");
        assertEq(bytes32(bytes4(reason)), bytes32(IEngineErrors.CustodyFull.selector), "refused for another reason");
    }

    function testFuzz_TheCapOfAnHourRoundsDownForTheExchange(uint256 seed) public {
        vm.warp(1_700_000_000);
        uint256 custody = magnitude(Dice(seed), 4_000_000e18, MOST);
        uint256 cap = custody - _ledger.floorOf(uint128(custody));
        assertDown(cap, custody * 2500, 1e4, "more than a quarter leaves");
    }

    /// @dev Two claims on an empty pool.
    function _owe(Dice memory dice) private {
        _ledger.owe(ALICE, magnitude(dice, 1, MOST / 4));
        _ledger.owe(BOB, magnitude(dice, 1, MOST / 4));
    }
}
