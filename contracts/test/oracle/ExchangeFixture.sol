// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {orderOf} from "../fixtures/Orders.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ExchangeDeployer} from "../fixtures/ExchangeDeployer.sol";
import {TestUsdc} from "../fixtures/TestUsdc.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice The exchange behind its proxy with the real oracle.
abstract contract ExchangeFixture is OracleFixture {
    int88 internal constant UNIT = 1e12;

    TestUsdc internal usdc;
    IDerivativesEngine internal engine;
    IEngineExtension internal cold;
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    function setUp() public virtual override {
        super.setUp();
        usdc = new TestUsdc();
        address proxy = ExchangeDeployer.engine(oracle, IERC20(address(usdc)), admin);
        (engine, cold) = (IDerivativesEngine(proxy), IEngineExtension(proxy));
        vm.startPrank(admin);
        cold.listMarket(config(10_000e6), 50);
        cold.listMarket(config(400e6), 50);
        IAccessControl(proxy).grantRole(keccak256("VAULT_ROLE"), admin);
        vm.stopPrank();
        usdc.mint(address(this), 1_000_000e6);
        usdc.approve(proxy, 1_000_000e6);
        vm.startPrank(admin);
        cold.receiveLiquidity(address(this), 1_000_000e6);
        cold.addLiquidity(1_000_000e18);
        vm.stopPrank();
        fund(alice, 100_000e6);
        fund(bob, 100_000e6);
        fund(keeper, 10e6);
    }

    function config(uint64 skewScale) internal pure returns (MarketConfig memory) {
        return MarketConfig({
            skewScale: skewScale,
            initialMarginBps: 1000,
            maintenanceMarginBps: 600,
            marginSlopeBps: 10_000,
            skewCapBps: 200,
            openInterestCapBps: 400,
            profitWeightBps: 8000,
            makerFeePpm: 200,
            takerFeePpm: 500,
            penaltyBps: 50,
            accountCapPercent: 100,
            fundingCoefficientBps: 250,
            fundingCapPpm: 500,
            allocationPercent: 40,
            flags: 0
        });
    }

    function account(address owner) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(owner)) << 96);
    }

    function fund(address owner, uint256 assets) internal {
        usdc.mint(owner, assets);
        vm.startPrank(owner);
        usdc.approve(address(engine), type(uint256).max);
        engine.deposit(account(owner), assets);
        vm.stopPrank();
        vm.deal(owner, 1 ether);
    }

    /// @dev Commits an order for ETH and moves 3 s on.
    function commit(address owner, int88 sizeDelta) internal returns (Order[][] memory batches) {
        batches = new Order[][](1);
        batches[0] = new Order[](1);
        batches[0][0] = orderOf(account(owner), sizeDelta, sizeDelta > 0 ? type(uint96).max : 0, false);
        vm.prank(owner);
        engine.commit(ETH, batches[0]);
        vm.warp(block.timestamp + 3);
    }

    /// @dev The first update of the window of an order committed 3 s ago.
    function firstUpdate() internal view returns (bytes[] memory) {
        return eth(block.timestamp - 1);
    }

    function settle(Order[][] memory batches, bytes[] memory update) internal {
        vm.prank(keeper);
        engine.settle{value: FEE}(ETH, batches, update);
    }
}
