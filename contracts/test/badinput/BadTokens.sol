// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestUsdc} from "../fixtures/TestUsdc.sol";

// Tokens that keep the balances of the one whose code they replace.

/// @notice Moves nothing and says so.
contract RefusingToken is TestUsdc {
    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @notice Moves nothing and says it did.
contract LyingToken is TestUsdc {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// @notice Brings one unit more than asked.
contract GenerousToken is TestUsdc {
    function transferFrom(address from, address to, uint256 assets) public override returns (bool) {
        _mint(to, 1);
        return super.transferFrom(from, to, assets);
    }
}

/// @notice Pays nobody who is barred.
contract BarringToken is TestUsdc {
    error Barred(address who);

    function transfer(address to, uint256) public pure override returns (bool) {
        revert Barred(to);
    }
}

/// @notice Calls somebody in the middle of a transfer, and hands on what came of it.
contract CallingToken is TestUsdc {
    address public callee;
    bytes public call;

    function arm(address callee_, bytes calldata call_) external {
        (callee, call) = (callee_, call_);
    }

    function transfer(address to, uint256 assets) public override returns (bool) {
        _callOut();
        return super.transfer(to, assets);
    }

    function transferFrom(address from, address to, uint256 assets) public override returns (bool) {
        _callOut();
        return super.transferFrom(from, to, assets);
    }

    function _callOut() private {
        (bool ok, bytes memory result) = callee.call(call);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }
}
