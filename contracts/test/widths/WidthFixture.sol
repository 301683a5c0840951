// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice The exchange with a way to begin at a field's edge, where the way there through the public functions is long.
abstract contract WidthFixture is EngineFixture {
    uint256 private constant POSITIONS = 1;
    uint256 private constant MARKETS = 2;
    uint256 private constant RISKS = 13;

    /// @dev Writes `width` bits at `offset` of an engine's word and leaves the others.
    function put(bytes32 slot, uint256 offset, uint256 width, uint256 value) internal {
        uint256 mask = ((1 << width) - 1) << offset;
        uint256 word = uint256(vm.load(address(engine), slot)) & ~mask | value << offset & mask;
        vm.store(address(engine), slot, bytes32(word));
    }

    function positionSlot(address owner, uint256 market) internal pure returns (bytes32) {
        return _at(bytes32(market), uint256(_at(account(owner), ENGINE_STORAGE + POSITIONS)));
    }

    function marketSlot(uint256 market) internal pure returns (bytes32) {
        return _at(bytes32(market), ENGINE_STORAGE + MARKETS);
    }

    function riskSlot(uint256 market) internal pure returns (bytes32) {
        return _at(bytes32(market), ENGINE_STORAGE + RISKS);
    }

    function margin(address owner) internal view returns (uint256) {
        return cold.getAccount(account(owner)).margin;
    }

    function _at(bytes32 key, uint256 slot) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }
}
