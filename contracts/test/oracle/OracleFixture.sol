// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ExchangeDeployer} from "../fixtures/ExchangeDeployer.sol";
import {AggregatorDouble, AggregatorProxyDouble, UptimeDouble} from "../../doubles/ChainlinkDouble.sol";
import {PythDouble} from "../../doubles/PythDouble.sol";
import {IPriceOracle, Price, PriceReason, PriceState, PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Feed} from "../../src/oracle/PriceSources.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {AccumulatorWriter} from "../doubles/AccumulatorWriter.sol";
import {PythFixture} from "../doubles/PythFixture.sol";
import {Test} from "../foundry/Test.sol";

/// @notice The oracle over sources that work as the real ones do: signed Pyth updates, Chainlink's aggregators and its
/// uptime feed behind proxies.
abstract contract OracleFixture is Test {
    uint256 internal constant ETH = 0;
    uint256 internal constant BTC = 1;
    bytes32 internal constant ETH_ID = 0xff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace;
    bytes32 internal constant BTC_ID = 0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43;
    /// @dev Wei per message.
    uint256 internal constant FEE = 7;
    /// @dev USD, 8 decimals: what both sources say at first.
    int64 internal constant ETH_PRICE = 2000_00000000;
    int64 internal constant BTC_PRICE = 60_000_00000000;
    /// @dev 5 bp of each price.
    uint64 internal constant ETH_CONF = 1_00000000;
    uint64 internal constant BTC_CONF = 30_00000000;
    uint256 internal constant WAD8 = 1e10;

    PythDouble internal pyth;
    PriceOracle internal oracle;
    UptimeDouble internal uptime;
    AggregatorDouble internal usdcFeed;
    AggregatorProxyDouble internal usdcProxy;
    AggregatorProxyDouble internal uptimeProxy;
    AggregatorDouble[2] internal aggregators;
    AggregatorProxyDouble[2] internal proxies;

    address internal admin = makeAddr("admin");
    address internal keeper = makeAddr("keeper");
    bytes[] internal noUpdate;

    function setUp() public virtual {
        vm.warp(1_700_000_000);
        vm.deal(address(this), 1 ether);
        vm.deal(keeper, 1 ether);
        pyth = PythFixture.deploy(FEE);
        uptime = new UptimeDouble(address(this), uint64(block.timestamp - 1 days));
        uptimeProxy = new AggregatorProxyDouble(address(uptime), address(this));
        usdcFeed = new AggregatorDouble("USDC / USD", 8, 1, 1e17, address(this));
        usdcProxy = new AggregatorProxyDouble(address(usdcFeed), address(this));
        oracle = ExchangeDeployer.oracle(pyth, uptimeProxy, usdcProxy, admin);
        string[2] memory names = ["ETH / USD", "BTC / USD"];
        for (uint256 i; i < 2; ++i) {
            aggregators[i] = new AggregatorDouble(names[i], 8, 1, 1e17, address(this));
            proxies[i] = new AggregatorProxyDouble(address(aggregators[i]), address(this));
        }
        answer(ETH, ETH_PRICE);
        answer(BTC, BTC_PRICE);
        store(both(block.timestamp));
        register(ETH, feedOf(ETH));
        register(BTC, feedOf(BTC));
    }

    receive() external payable virtual {}

    // Registration.

    function feedOf(uint256 market) internal view returns (Feed memory) {
        return Feed({
            pythId: market == ETH ? ETH_ID : BTC_ID,
            chainlink: proxies[market],
            heartbeat: 1200,
            thresholdPpm: 1500,
            haltPpm: 50_000,
            strainConfidencePpm: 5000,
            decimals: 0,
            floor: 10e8,
            ceiling: 1_000_000e8
        });
    }

    function register(uint256 market, Feed memory feed) internal {
        vm.startPrank(admin);
        oracle.proposeFeed(market, feed);
        oracle.acceptFeed(market);
        vm.stopPrank();
    }

    // The sources.

    /// @param value USD, 8 decimals, written now.
    function answer(uint256 market, int192 value) internal {
        aggregators[market].transmit(value, uint64(block.timestamp));
    }

    function store(bytes[] memory update) internal {
        pyth.updatePriceFeeds{value: pyth.getUpdateFee(update)}(update);
    }

    /// @dev ETH alone, published at `time` and a second before.
    function eth(int64 price, uint64 conf, uint256 time) internal pure returns (bytes[] memory) {
        return AccumulatorWriter.data(AccumulatorWriter.update(ETH_ID, price, conf, uint64(time)));
    }

    function eth(uint256 time) internal pure returns (bytes[] memory) {
        return eth(ETH_PRICE, ETH_CONF, time);
    }

    /// @dev ETH and BTC in one update.
    function both(uint256 time) internal pure returns (bytes[] memory) {
        AccumulatorWriter.Update[] memory updates = new AccumulatorWriter.Update[](2);
        updates[0] = AccumulatorWriter.update(ETH_ID, ETH_PRICE, ETH_CONF, uint64(time));
        updates[1] = AccumulatorWriter.update(BTC_ID, BTC_PRICE, BTC_CONF, uint64(time));
        return AccumulatorWriter.data(updates);
    }

    // Asking.

    /// @dev The settlement price of ETH whose window begins at `time`.
    function settlement(bytes[] memory update, uint256 time) internal returns (Price memory) {
        return oracle.settlementPrice{value: FEE}(ETH, update, time, time + 10, address(this));
    }

    function present(uint256 markets, bytes[] memory update, PriceUse use) internal returns (Price[] memory) {
        uint256 fee = update.length == 0 ? 0 : pyth.getUpdateFee(update);
        return oracle.presentPrices{value: fee}(markets, update, use, address(this));
    }

    /// @dev The error by which a use of ETH's price is refused.
    function refusal(PriceUse use, PriceState state, PriceReason reason) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IPriceOracle.PriceUseRefused.selector, ETH, use, state, reason);
    }

    function presentEth(bytes[] memory update, PriceUse use) internal returns (Price memory) {
        return present(1 << ETH, update, use)[0];
    }
}
