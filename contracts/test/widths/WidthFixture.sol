// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, Order} from "../../src/engine/EngineTypes.sol";
import {Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";

/// @notice The exchange with a way to begin at a field's edge, where the way there through the public functions is long.
abstract contract WidthFixture is EngineFixture {
    /// @dev Places in the engine's storage.
    uint256 private constant POOL = 2;
    uint256 private constant CLAIMS = 4;
    uint256 private constant OUTFLOW = 11;
    /// @dev Places in what is stored of an account.
    uint256 private constant CLAIM = 1;
    /// @dev Places in what is stored of a market.
    uint256 private constant QUEUE = 4;
    uint256 private constant RISK = 5;
    uint256 private constant DELEVERAGINGS = 10;

    /// @dev Writes `width` bits at `offset` of an engine's word and leaves the others.
    function put(bytes32 slot, uint256 offset, uint256 width, uint256 value) internal {
        uint256 mask = ((1 << width) - 1) << offset;
        uint256 word = uint256(vm.load(address(engine), slot)) & ~mask | value << offset & mask;
        vm.store(address(engine), slot, bytes32(word));
    }

    function queueSlot(uint256 market) internal pure returns (bytes32) {
        return bytes32(uint256(marketSlot(market)) + QUEUE);
    }

    function riskSlot(uint256 market) internal pure returns (bytes32) {
        return bytes32(uint256(marketSlot(market)) + RISK);
    }

    function deleveragingsSlot(uint256 market) internal pure returns (bytes32) {
        return bytes32(uint256(marketSlot(market)) + DELEVERAGINGS);
    }

    function claimSlot(address owner) internal pure returns (bytes32) {
        return bytes32(uint256(accountSlot(owner)) + CLAIM);
    }

    function poolSlot() internal pure returns (bytes32) {
        return bytes32(ENGINE_STORAGE + POOL);
    }

    function outflowSlot() internal pure returns (bytes32) {
        return bytes32(ENGINE_STORAGE + OUTFLOW);
    }

    function claimsSlot() internal pure returns (bytes32) {
        return bytes32(ENGINE_STORAGE + CLAIMS);
    }

    /// @dev Lists a market at a price without a width.
    function list(MarketConfig memory c, uint256 price, uint16 keeperFeeCents) internal returns (uint256 id) {
        id = cold.marketCount();
        oracle.set(id, price, block.timestamp, 0, 0);
        vm.prank(admin);
        assertEq(cold.listMarket(c, keeperFeeCents), id, "listed");
    }

    /// @dev As {trade}, at a price without a width.
    function tradeAt(address owner, uint256 market, int88 sizeDelta, uint256 price) internal {
        Order[] memory orders = marketOrder(owner, sizeDelta);
        commit(owner, market, orders);
        vm.warp(block.timestamp + 3);
        settleAt(market, price, orders);
    }

    /// @dev Settles one batch now.
    function settleAt(uint256 market, uint256 price, Order[] memory orders) internal {
        oracle.set(market, price, block.timestamp, 0, 0);
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.prank(keeper);
        engine.settle(market, batches, noUpdate);
    }

    function sizeIn(address owner, uint256 market) internal view returns (int256) {
        return cold.getPosition(account(owner), market).size;
    }

    /// @dev Every token is owed to somebody, and no more.
    function assertExact() internal view {
        Solvency memory s = cold.solvency();
        assertEq(s.balance, s.custody, "tokens differ from what is owed");
        assertEq(s.margin, margin(alice) + margin(bob) + margin(keeper), "margins differ from what is left of custody");
    }

    function margin(address owner) internal view returns (uint256) {
        return cold.getAccount(account(owner)).margin;
    }
}
