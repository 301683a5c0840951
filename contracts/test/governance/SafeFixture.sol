// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../foundry/Test.sol";

/// @notice What the tests call of a Safe 1.4.1.
interface ISafe {
    function execTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes calldata signatures
    ) external payable returns (bool);
    function getTransactionHash(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address refundReceiver,
        uint256 nonce
    ) external view returns (bytes32);
    function nonce() external view returns (uint256);
    function setup(
        address[] calldata owners,
        uint256 threshold,
        address to,
        bytes calldata data,
        address fallbackHandler,
        address paymentToken,
        uint256 payment,
        address payable paymentReceiver
    ) external;
}

/// @notice What the tests call of the factory of Safes.
interface ISafeProxyFactory {
    function createProxyWithNonce(address singleton, bytes calldata initializer, uint256 saltNonce)
        external
        returns (address);
}

/// @notice Safes from the published bytecode of version 1.4.1, made by its factory, with owners who sign.
abstract contract SafeFixture is Test {
    string private constant ARTIFACTS = "node_modules/@safe-global/safe-contracts/build/artifacts/contracts/";

    ISafeProxyFactory private _factory;
    address private _singleton;
    address private _fallbackHandler;
    /// @dev Of every owner, by address.
    mapping(address owner => uint256) private _keys;

    function deploySafes() internal {
        _factory = ISafeProxyFactory(_deploy("proxies/SafeProxyFactory.sol/SafeProxyFactory.json"));
        // The singleton that is used on rollups: it tells of each transaction in an event.
        _singleton = _deploy("SafeL2.sol/SafeL2.json");
        _fallbackHandler = _deploy("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json");
    }

    /// @return owners In ascending order, as a Safe wants their signatures.
    function makeOwners(string memory name, uint256 count) internal returns (address[] memory owners) {
        owners = new address[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode(name, i)));
            address owner = vm.addr(key);
            _keys[owner] = key;
            uint256 at = i;
            for (; at > 0 && owners[at - 1] > owner; --at) {
                owners[at] = owners[at - 1];
            }
            owners[at] = owner;
        }
    }

    function makeSafe(address[] memory owners, uint256 threshold) internal returns (ISafe) {
        bytes memory initializer = abi.encodeCall(
            ISafe.setup, (owners, threshold, address(0), "", _fallbackHandler, address(0), 0, payable(0))
        );
        return ISafe(_factory.createProxyWithNonce(_singleton, initializer, 0));
    }

    /// @notice Calls `to` through a Safe, signed by the first `signers` of its owners.
    /// @return ok Whether the Safe carried it out.
    /// @return result What it reverted with otherwise.
    function execute(ISafe safe, address[] memory owners, uint256 signers, address to, bytes memory data)
        internal
        returns (bool ok, bytes memory result)
    {
        bytes memory signatures = _sign(owners, signers, _digest(safe, to, data));
        bytes memory call =
            abi.encodeCall(ISafe.execTransaction, (to, 0, data, 0, 0, 0, 0, address(0), payable(0), signatures));
        return address(safe).call(call);
    }

    function _digest(ISafe safe, address to, bytes memory data) private view returns (bytes32) {
        uint256 nonce = safe.nonce();
        return safe.getTransactionHash(to, 0, data, 0, 0, 0, 0, address(0), address(0), nonce);
    }

    function _sign(address[] memory owners, uint256 signers, bytes32 digest)
        private
        view
        returns (bytes memory signatures)
    {
        for (uint256 i; i < signers; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[owners[i]], digest);
            signatures = abi.encodePacked(signatures, r, s, v);
        }
    }

    function _deploy(string memory artifact) private returns (address at) {
        bytes memory code = vm.parseJsonBytes(vm.readFile(string.concat(ARTIFACTS, artifact)), ".bytecode");
        assembly ("memory-safe") {
            at := create(0, add(code, 0x20), mload(code))
        }
        assertTrue(at != address(0), artifact);
    }
}
