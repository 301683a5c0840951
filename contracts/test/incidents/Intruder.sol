// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {IPriceOracle} from "../../src/interfaces/IPriceOracle.sol";
import {LiquidityVault} from "../../src/LiquidityVault.sol";
import {TestUsdc} from "../fixtures/TestUsdc.sol";

/// @notice An owner of an account and of shares that, whenever it is called in the middle of an operation, looks at the
/// books and calls again, and hushes up what came of it.
contract Intruder {
    IEngineExtension private immutable _engine;
    LiquidityVault private immutable _vault;

    address private _callee;
    bytes private _call;
    /// @dev Callbacks to let pass before the armed one; the maximum when unarmed.
    uint256 private _wait = type(uint256).max;

    bool public struck;
    bool public ok;
    int256 public seenValue;
    uint256 public seenAssets;

    error ActFailed(bytes reason);

    constructor(IEngineExtension engine_, LiquidityVault vault_) {
        (_engine, _vault) = (engine_, vault_);
    }

    receive() external payable {
        strike();
    }

    /// @param wait How many callbacks pass before the one that is used.
    function arm(address callee, bytes calldata call_, uint256 wait) external {
        (_callee, _call, _wait) = (callee, call_, wait);
        (struck, ok) = (false, false);
    }

    function act(address target, bytes calldata data) external {
        (bool done, bytes memory reason) = target.call(data);
        require(done, ActFailed(reason));
    }

    function strike() public {
        if (_wait == type(uint256).max) return;
        if (_wait != 0) {
            --_wait;
            return;
        }
        _wait = type(uint256).max;
        struck = true;
        (seenValue, seenAssets) = (_engine.solvency().netAssetValue, _vault.totalAssets());
        (ok,) = _callee.call(_call);
    }
}

/// @notice Keeps the balances of the token whose code it replaces, and calls the intruder before and after each transfer.
contract CallingTokenTwice is TestUsdc {
    Intruder private immutable _intruder;

    constructor(Intruder intruder) {
        _intruder = intruder;
    }

    function transfer(address to, uint256 assets) public override returns (bool) {
        _intruder.strike();
        super.transfer(to, assets);
        _intruder.strike();
        return true;
    }

    function transferFrom(address from, address to, uint256 assets) public override returns (bool) {
        _intruder.strike();
        super.transferFrom(from, to, assets);
        _intruder.strike();
        return true;
    }
}

/// @notice Answers as the oracle whose code it replaces, after calling the intruder.
contract CallingOracle {
    Intruder private immutable _intruder;
    address private immutable _oracle;

    constructor(Intruder intruder, address oracle) {
        (_intruder, _oracle) = (intruder, oracle);
    }

    /// @dev The peg is asked by a static call, in which nobody can change anything.
    fallback() external payable {
        if (msg.sig != IPriceOracle.offPeg.selector) _intruder.strike();
        address oracle = _oracle;
        assembly ("memory-safe") {
            let memory_ := mload(64)
            calldatacopy(memory_, 0, calldatasize())
            let ok := delegatecall(gas(), oracle, memory_, calldatasize(), 0, 0)
            returndatacopy(memory_, 0, returndatasize())
            if iszero(ok) { revert(memory_, returndatasize()) }
            return(memory_, returndatasize())
        }
    }
}
