// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Deleverager} from "../../src/engine/Deleverager.sol";
import {DerivativesEngine} from "../../src/engine/DerivativesEngine.sol";
import {EngineExtension} from "../../src/engine/EngineExtension.sol";
import {Liquidator} from "../../src/engine/Liquidator.sol";
import {OrderDesk} from "../../src/engine/OrderDesk.sol";
import {Order} from "../../src/engine/EngineTypes.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice The engine's code is replaced by its upgrader, between a commit and its settlement too; the ledger stays.
contract UpgradesTest is EngineFixture {
    /// @dev ERC-1967.
    bytes32 private constant IMPLEMENTATION = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);

    function test_TheLedgerStaysAndGoesOn() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        Order[] memory orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        bytes32 before = keccak256(abi.encode(cold.getAccount(account(alice)), cold.getPosition(account(alice), ETH)));
        address next = _implementation();
        vm.prank(admin);
        UUPSUpgradeable(address(engine)).upgradeToAndCall(next, "");
        assertEq(vm.load(address(engine), IMPLEMENTATION), bytes32(uint256(uint160(next))), "replaced");
        bytes32 present = keccak256(abi.encode(cold.getAccount(account(alice)), cold.getPosition(account(alice), ETH)));
        assertEq(present, before, "as it was");
        settle(ETH, ETH_PRICE, orders);
        assertEq(cold.getPosition(account(alice), ETH).size, 2 * UNIT, "what was committed before is settled after");
    }

    function _implementation() private returns (address) {
        IERC20 asset = IERC20(address(usdc));
        address desk = address(new OrderDesk(oracle, asset));
        address extension = address(new EngineExtension(oracle, asset, address(new Deleverager(oracle, asset, desk))));
        address liquidator = address(new Liquidator(oracle, asset));
        return address(new DerivativesEngine(oracle, asset, extension, liquidator, desk));
    }
}
