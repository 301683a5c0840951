// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, SignedOrder} from "../../src/engine/EngineTypes.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {termsOf} from "../fixtures/Orders.sol";
import {EngineFixture} from "../fixtures/EngineFixture.sol";
import {TestUsdc} from "../fixtures/TestUsdc.sol";
import {proxiedUsdc} from "./ProxiedUsdc.sol";

/// @notice Whole transactions in steady state: account, market, nonce and queue slots already non-zero, a position slot
/// still new. Prices come from an oracle of one slot.
contract GasTest is EngineFixture {
    address internal dave = makeAddr("dave");

    function setUp() public override {
        super.setUp();
        // Walk the ring once, so that its slots are used, as they are after the first thousand batches.
        for (uint256 i; i < 1030; ++i) {
            trade(bob, ETH, i % 2 == 0 ? UNIT : -UNIT, ETH_PRICE);
        }
        trade(bob, ETH, UNIT, ETH_PRICE);
        fund(dave, 100_000e6);
    }

    function deployUsdc() internal override returns (TestUsdc) {
        return proxiedUsdc();
    }

    function test_Deposit() public {
        usdc.mint(alice, 200e6);
        vm.prank(alice);
        engine.deposit(account(alice), 100e6);
        vm.snapshotGasLastCall("gas", "deposit");
    }

    function test_Withdraw() public {
        usdc.mint(alice, 1);
        // Not the first of all, whose word is new; but that of its hour.
        vm.prank(alice);
        cold.withdraw(account(alice), 1, alice, noUpdate);
        vm.warp(block.timestamp + 1 hours);
        vm.prank(alice);
        cold.withdraw(account(alice), 100e6, alice, noUpdate);
        vm.snapshotGasLastCall("gas", "withdraw");
    }

    function test_CommitAndSettle() public {
        Order[] memory orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        vm.snapshotGasLastCall("gas", "commit");
        settle(ETH, ETH_PRICE, orders);
        vm.snapshotGasLastCall("gas", "settleOpen");

        orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        vm.snapshotGasLastCall("gas", "settleIncrease");

        orders = marketOrder(alice, -2 * UNIT);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        vm.snapshotGasLastCall("gas", "settleClose");

        orders = marketOrder(alice, UNIT);
        commit(alice, ETH, orders);
        settle(ETH, ETH_PRICE, orders);
        vm.snapshotGasLastCall("gas", "settleReopen");
    }

    /// @dev As the increase above, of an account that has positions in four other markets.
    function test_SettleAmongOthers() public {
        for (uint256 i; i < 4; ++i) {
            setPrice(BTC + 1 + i, ETH_PRICE);
            vm.prank(admin);
            cold.listMarket(config(10_000e6), 50);
            _trade(BTC + 1 + i, "");
        }
        _trade(ETH, "");
        _trade(ETH, "settleAmong4");
        _commitAmongOthers();
    }

    /// @dev The places of the pins are used, as they are after their first minute; this second has none yet.
    function _commitAmongOthers() private {
        commit(alice, ETH, marketOrder(alice, UNIT));
        vm.warp(vm.getBlockTimestamp() + 64);
        for (uint256 i; i < 4; ++i) {
            setPrice(BTC + 1 + i, ETH_PRICE);
        }
        cold.updateIndices(15 << BTC + 1, noUpdate);
        commit(alice, ETH, marketOrder(alice, UNIT));
        vm.snapshotGasLastCall("gas", "commitAmong4");
    }

    function _trade(uint256 market, string memory name) private {
        Order[] memory orders = marketOrder(alice, UNIT);
        commit(alice, market, orders);
        _settleBatch(market, orders);
        if (bytes(name).length != 0) vm.snapshotGasLastCall("gas", name);
    }

    /// @dev Twenty owners whose orders one signed batch brings: first each by a nonce of a word in use, then by a moment.
    function test_EachOf20() public {
        Order[] memory orders = new Order[](20);
        for (uint256 i; i < 20; ++i) {
            (address owner,) = _keyOf(i);
            fund(owner, 10_000e6);
            vm.prank(owner);
            IOrderDesk(address(engine)).cancelNonces(account(owner), 0, 1);
            orders[i] = Order(account(owner), _signedTerms(UNIT, 0), 0);
        }
        _commitSigned(ETH, orders);
        vm.snapshotGasLastCall("gas", "nonceCommit20");
        _settleBatch(ETH, orders);
        vm.snapshotGasLastCall("gas", "settleOpen20");
        vm.warp(vm.getBlockTimestamp() + 100);
        for (uint256 i; i < 20; ++i) {
            orders[i].terms = _signedTerms(-UNIT, OrderWords.MOMENT);
        }
        _commitSigned(ETH, orders);
        vm.snapshotGasLastCall("gas", "signedCommit20");
        _settleBatch(ETH, orders);
        vm.snapshotGasLastCall("gas", "settleClose20");
    }

    /// @dev Thirty-two owners in seven other markets each, all opening in the eighth by one batch, each naming a builder.
    function test_TheDearestBatchLeavesRoomInABlock() public {
        address builder = makeAddr("builder");
        uint256 count = _listSevenMarkets();
        Order[] memory orders = new Order[](32);
        for (uint256 i; i < 32; ++i) {
            (address owner,) = _keyOf(i);
            fund(owner, 100_000e6);
            vm.prank(owner);
            IOrderDesk(address(engine)).approveBuilder(builder, 50);
            orders[i].account = account(owner);
            orders[i].extras = uint256(uint160(builder)) << 96 | 50 << 88;
        }
        for (uint256 id = 1; id < count; ++id) {
            for (uint256 i; i < 32; ++i) {
                orders[i].terms = _signedTerms(UNIT / 40, OrderWords.MOMENT);
            }
            _commitSigned(id, orders);
            _settleBatch(id, orders);
        }
        for (uint256 id; id < count; ++id) {
            setPrice(id, ETH_PRICE);
        }
        cold.updateIndices((1 << count) - 1, noUpdate);
        for (uint256 i; i < 32; ++i) {
            orders[i].terms = _signedTerms(UNIT / 40, OrderWords.MOMENT);
        }
        _commitSigned(ETH, orders);
        _settleBatch(ETH, orders);
        assertLt(vm.snapshotGasLastCall("gas", "settleDearestBatch"), 12_000_000, "more than a block may spare");
        (address last,) = _keyOf(31);
        assertEq(cold.getPosition(account(last), ETH).size, UNIT / 40, "not filled");
    }

    /// @return count Of all markets.
    function _listSevenMarkets() private returns (uint256 count) {
        for (count = cold.marketCount(); count < 8; ++count) {
            setPrice(count, ETH_PRICE);
            vm.prank(admin);
            cold.listMarket(config(10_000e6), 50);
        }
    }

    function _signedTerms(int256 sizeDelta, uint256 flags) private view returns (uint256) {
        // A size of 88 bits.
        uint256 terms = termsOf(int88(sizeDelta), sizeDelta > 0 ? type(uint88).max : 0, flags);
        return terms | (flags == 0 ? 7 << 208 : (vm.getBlockTimestamp() + 23) << 176);
    }

    function _commitSigned(uint256 market, Order[] memory orders) private {
        SignedOrder[] memory signed = new SignedOrder[](orders.length);
        bytes32 domain = IOrderDesk(address(engine)).domainSeparator();
        for (uint256 i; i < orders.length; ++i) {
            (bytes32 account, uint256 terms) = (orders[i].account, orders[i].terms);
            bytes32 hash = OrderWords.hashOf(market, account, terms, orders[i].extras);
            (, uint256 key) = _keyOf(i);
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, hash)));
            signed[i] = SignedOrder(account, terms, orders[i].extras, r, bytes32(uint256(s) | uint256(v - 27) << 255));
        }
        vm.prank(keeper);
        engine.commitSigned(market, signed, new bytes[](0));
    }

    function _settleBatch(uint256 market, Order[] memory orders) private {
        Order[][] memory batches = new Order[][](1);
        batches[0] = orders;
        vm.warp(vm.getBlockTimestamp() + 3);
        setPrice(market, ETH_PRICE);
        vm.prank(keeper);
        engine.settle(market, batches, noUpdate);
    }

    function _keyOf(uint256 i) private pure returns (address, uint256) {
        uint256 key = uint256(keccak256(abi.encode("owner", i)));
        return (vm.addr(key), key);
    }

    function test_CloseNow() public {
        trade(alice, ETH, UNIT, ETH_PRICE);
        vm.warp(vm.getBlockTimestamp() + 2);
        setPrice(ETH, ETH_PRICE);
        vm.prank(alice);
        engine.closeNow(account(alice), ETH, uint88(UNIT), 0, noUpdate);
        vm.snapshotGasLastCall("gas", "closeNow");
    }

    /// @dev A part of a position of some $18,000: what is owed to the keeper for it covers any call's cost, so that
    /// nothing is asked about the price of gas.
    function test_Liquidate() public {
        address[] memory owners = _endangered(1);
        vm.prank(keeper);
        engine.liquidate(account(owners[0]), noUpdate);
        vm.snapshotGasLastCall("gas", "liquidate");
    }

    function test_LiquidateEachOf10() public {
        address[] memory owners = _endangered(10);
        bytes32[] memory accounts = new bytes32[](10);
        for (uint256 i; i < 10; ++i) {
            accounts[i] = account(owners[i]);
        }
        vm.prank(keeper);
        engine.liquidateMany(accounts, noUpdate);
        vm.snapshotGasLastCall("gas", "liquidate10");
    }

    function _endangered(uint256 count) private returns (address[] memory owners) {
        // Insurance and treasury have been used before.
        vm.prank(alice);
        cold.divideReserves();
        usdc.mint(bob, 100e6);
        vm.prank(bob);
        cold.fundInsurance(100e6);
        owners = new address[](count);
        for (uint256 i; i < count; ++i) {
            owners[i] = makeAddr(vm.toString(i));
            fund(owners[i], 3000e6);
            trade(owners[i], ETH, 10 * UNIT, ETH_PRICE);
        }
        vm.warp(vm.getBlockTimestamp() + 2);
        setPrice(ETH, 1810e18);
    }
}
