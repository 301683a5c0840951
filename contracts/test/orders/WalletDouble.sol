// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev How a wallet answers.
enum Answer {
    Honest,
    Costly,
    Reverts,
    BurnsAllGas,
    Nothing,
    Short,
    Garbage,
    WrongEnd,
    Huge,
    Reenters
}

/// @notice A wallet that is a contract, honest or hostile as told.
contract WalletDouble is IERC1271 {
    address private immutable _signer;
    Answer public answer;
    address private _target;
    bytes private _call;

    constructor(address signer_) {
        _signer = signer_;
    }

    function set(Answer answer_) external {
        answer = answer_;
    }

    /// @dev What it calls when it reenters.
    function aim(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        Answer how = answer;
        if (how == Answer.Honest) return _judge(hash, signature);
        if (how == Answer.Costly) return _judgeAtLeisure(hash, signature);
        if (how == Answer.Garbage) return 0xdeadbeef;
        if (how == Answer.Reenters) return _reenter();
        bytes32 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            switch how
            case 2 { revert(0, 0) }
            case 3 { invalid() }
            case 4 { return(0, 0) }
            case 5 {
                mstore(0, magic)
                return(0, 31)
            }
            case 7 {
                mstore(0, shr(224, magic))
                return(0, 32)
            }
            case 8 {
                mstore(0, not(magic))
                return(0, 10000)
            }
        }
        return 0;
    }

    /// @dev In either form: v, r and s, or r and vs.
    function _judge(bytes32 hash, bytes calldata signature) private view returns (bytes4) {
        if (signature.length == 64) {
            uint256 vs = uint256(bytes32(signature[32:]));
            return _named(ecrecover(hash, uint8(27 + (vs >> 255)), bytes32(signature[:32]), bytes32(vs << 1 >> 1)));
        }
        (uint8 v, bytes32 r, bytes32 s) = (uint8(signature[0]), bytes32(signature[1:33]), bytes32(signature[33:65]));
        return _named(ecrecover(hash, v, r, s));
    }

    function _named(address signer) private view returns (bytes4) {
        return signer == _signer ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    /// @dev Uses nearly all the gas it may.
    function _judgeAtLeisure(bytes32 hash, bytes calldata signature) private view returns (bytes4) {
        uint256 start = gasleft();
        while (start - gasleft() < 85_000) {}
        return _judge(hash, signature);
    }

    /// @dev Says yes only if what it called went through.
    function _reenter() private view returns (bytes4) {
        (bool ok,) = _target.staticcall(_call);
        return ok ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
