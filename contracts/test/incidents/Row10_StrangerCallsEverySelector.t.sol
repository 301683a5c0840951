// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sweep} from "../access/Sweep.sol";

/// @notice KiloEx, April 2025: a forwarder reached `setPrices`. Here nothing forwards and nothing sets: a stranger calls
/// every selector of every deployed contract, and no storage slot of any contract changes but their own.
contract Row10_StrangerCallsEverySelectorTest is Sweep {
    function test_NothingChangesWhileAllIsUpToDate() public {
        bringUpToDate();
        sweep(stranger);
        assertGt(succeeded, 200, "calls went through, views and what changes nothing");
        assertEq(usdc.balanceOf(stranger), 0, "and the stranger has no more than they brought");
    }

    /// @dev With an hour to be sealed and stored prices newer than the index, of which anybody may bring both up to date,
    /// what was called before makes no difference.
    function test_AnHourLaterTheSameIsSealedAsWithoutThem() public {
        vm.warp(block.timestamp + 5000);
        refreshPrices();
        uint256 before = vm.snapshotState();
        bytes32 without = _later();
        vm.revertToState(before);
        bringUpToDate();
        sweep(stranger);
        assertEq(_later(), without, "funding, indices and books are as without the stranger");
    }

    /// @dev Two hours later: the markets, the pool, the accounts and every sum, in one word.
    function _later() private returns (bytes32) {
        bringUpToDate();
        vm.warp(block.timestamp + 7200);
        refreshPrices();
        bringUpToDate();
        return keccak256(
            abi.encode(
                cold.getMarket(ETH),
                cold.getMarket(BTC),
                cold.getPool(),
                cold.getReserves(),
                cold.solvency(),
                cold.getAccount(account(alice)),
                cold.getAccount(account(bob)),
                cold.getPosition(account(alice), ETH),
                cold.getPosition(account(bob), ETH),
                vault.getVault()
            )
        );
    }
}
