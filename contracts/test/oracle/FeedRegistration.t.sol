// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorDouble, AggregatorProxyDouble, UptimeDouble} from "../../doubles/ChainlinkDouble.sol";
import {DevnetOnly} from "../../doubles/DevnetOnly.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {AggregatorV3Interface} from "../../src/interfaces/external/AggregatorV3Interface.sol";
import {PriceUse} from "../../src/interfaces/IPriceOracle.sol";
import {Feed} from "../../src/oracle/PriceSources.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {ScriptedAggregator} from "./BrokenAggregators.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// @notice Two steps, a dry run in each, nothing taken on trust.
contract FeedRegistrationTest is OracleFixture {
    function test_AProposalServesNobodyUntilAccepted() public {
        Feed memory feed = feedOf(ETH);
        vm.startPrank(admin);
        oracle.proposeFeed(2, feed);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UnknownFeed.selector, 2));
        oracle.presentPrices(4, noUpdate, PriceUse.Index, address(this));
        vm.prank(admin);
        oracle.acceptFeed(2);
        assertEq(oracle.presentPrices(4, noUpdate, PriceUse.Index, address(this))[0].mid, 2000e18, "accepted");
        vm.expectRevert(abi.encodeWithSelector(PriceOracle.UnknownFeed.selector, 2));
        vm.prank(admin);
        oracle.acceptFeed(2);
    }

    function test_DecimalsAreReadAndBoundsNarrowed() public {
        Feed memory feed = feedOf(ETH);
        (feed.decimals, feed.floor, feed.ceiling) = (3, 0, type(uint64).max);
        aggregators[ETH] = new AggregatorDouble("ETH / USD", 8, 100_00000000, 100_000_00000000, address(this));
        answer(ETH, ETH_PRICE);
        feed.chainlink = new AggregatorProxyDouble(address(aggregators[ETH]), address(this));
        register(ETH, feed);
        Feed memory taken = oracle.getFeed(ETH);
        assertEq(uint256(taken.decimals), 8, "the feed's own");
        assertEq(uint256(taken.floor), 101e8, "1 % above the least answer");
        assertEq(uint256(taken.ceiling), 99_000e8, "1 % below the largest");
    }

    function test_BoundsStayWhereTheAggregatorsAreWider() public view {
        assertEq(uint256(oracle.getFeed(ETH).floor), 10e8, "floor");
        assertEq(uint256(oracle.getFeed(ETH).ceiling), 1_000_000e8, "ceiling");
    }

    function test_RevertWhen_TheThresholdIsMissing() public {
        Feed memory feed = feedOf(ETH);
        feed.thresholdPpm = 0;
        _refuses(feed, "thresholds");
    }

    function test_RevertWhen_TheHaltIsTooWide() public {
        Feed memory feed = feedOf(ETH);
        feed.haltPpm = 100_001;
        _refuses(feed, "thresholds");
    }

    function test_RevertWhen_TheHaltIsBelowTheStrain() public {
        Feed memory feed = feedOf(ETH);
        feed.haltPpm = 4999;
        _refuses(feed, "haltPpm");
    }

    function test_RevertWhen_TheHeartbeatIsOutOfBounds() public {
        Feed memory feed = feedOf(ETH);
        feed.heartbeat = 0;
        _refuses(feed, "heartbeat");
        feed.heartbeat = 86_401;
        _refuses(feed, "heartbeat");
    }

    function test_RevertWhen_DecimalsAreTooMany() public {
        ScriptedAggregator scripted = _scripted();
        scripted.setDecimals(19);
        Feed memory feed = feedOf(ETH);
        feed.chainlink = scripted;
        _refuses(feed, "decimals");
    }

    function test_RevertWhen_DecimalsChangeBetweenTheSteps() public {
        ScriptedAggregator scripted = _scripted();
        Feed memory feed = feedOf(ETH);
        feed.chainlink = scripted;
        vm.startPrank(admin);
        oracle.proposeFeed(ETH, feed);
        scripted.setDecimals(9);
        vm.expectRevert(_refusal("decimals"));
        oracle.acceptFeed(ETH);
    }

    function test_RevertWhen_BoundsAreEmpty() public {
        Feed memory feed = feedOf(ETH);
        feed.floor = feed.ceiling;
        _refuses(feed, "bounds");
    }

    function test_RevertWhen_ChainlinkDoesNotAnswer() public {
        ScriptedAggregator scripted = _scripted();
        scripted.set(0, block.timestamp);
        Feed memory feed = feedOf(ETH);
        feed.chainlink = scripted;
        _refuses(feed, "chainlink");
    }

    function test_RevertWhen_PythDoesNotKnowTheFeed() public {
        Feed memory feed = feedOf(ETH);
        feed.pythId = keccak256("nothing");
        _refuses(feed, "pyth");
    }

    function test_RevertWhen_PythsPriceIsNotCredible() public {
        store(eth(ETH_PRICE, 100_00000000, block.timestamp + 1));
        _refuses(feedOf(ETH), "pyth");
    }

    function test_RevertWhen_TheSourcesDisagree() public {
        Feed memory feed = feedOf(ETH);
        feed.pythId = BTC_ID;
        _refuses(feed, "sources disagree");
    }

    function test_RevertWhen_TheSourcesDisagreeByTheSecondStep() public {
        vm.startPrank(admin);
        oracle.proposeFeed(ETH, feedOf(ETH));
        vm.stopPrank();
        answer(ETH, 1900_00000000);
        vm.expectRevert(_refusal("sources disagree"));
        vm.prank(admin);
        oracle.acceptFeed(ETH);
    }

    function test_RevertWhen_TheOldFeedDisagrees() public {
        ScriptedAggregator scripted = _scripted();
        scripted.set(2120_00000000, block.timestamp);
        store(eth(2110_00000000, ETH_CONF, block.timestamp + 1));
        Feed memory feed = feedOf(ETH);
        feed.chainlink = scripted;
        vm.startPrank(admin);
        oracle.proposeFeed(ETH, feed);
        vm.expectRevert(_refusal("old feed disagrees"));
        oracle.acceptFeed(ETH);
    }

    function test_AnOldFeedThatIsSilentStopsNothing() public {
        ScriptedAggregator scripted = _scripted();
        scripted.set(2120_00000000, block.timestamp);
        store(eth(2110_00000000, ETH_CONF, block.timestamp + 1));
        answer(ETH, 0);
        Feed memory feed = feedOf(ETH);
        feed.chainlink = scripted;
        register(ETH, feed);
        assertEq(address(oracle.getFeed(ETH).chainlink), address(scripted), "replaced");
    }

    function test_RevertWhen_CallerIsNoConfigurator() public {
        bytes32 role = oracle.CONFIGURATOR_ROLE();
        bytes memory reason =
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, keeper, role);
        vm.startPrank(keeper);
        vm.expectRevert(reason);
        oracle.proposeFeed(ETH, feedOf(ETH));
        vm.expectRevert(reason);
        oracle.acceptFeed(ETH);
    }

    function test_ANetworkWithoutAnUptimeFeedCountsAsUp() public {
        oracle = new PriceOracle(pyth, AggregatorV3Interface(address(0)), usdcProxy, admin);
        register(ETH, feedOf(ETH));
        uptime.set(true, uint64(block.timestamp));
        assertEq(presentEth(eth(block.timestamp), PriceUse.Index).mid, 2000e18, "up");
    }

    // The doubles.

    function test_RevertWhen_ADoubleIsDeployedToARealChain() public {
        vm.chainId(10);
        bytes memory reason = abi.encodeWithSelector(DevnetOnly.DoubleOnRealChain.selector, 10);
        vm.expectRevert(reason);
        new AggregatorDouble("ETH / USD", 8, 1, 1e17, address(this));
        vm.expectRevert(reason);
        new AggregatorProxyDouble(address(this), address(this));
        vm.expectRevert(reason);
        new UptimeDouble(address(this), 1);
    }

    function test_RevertWhen_AStrangerWritesADouble() public {
        vm.startPrank(keeper);
        vm.expectRevert(abi.encodeWithSelector(AggregatorDouble.NotTransmitter.selector, keeper, address(this)));
        aggregators[ETH].transmit(1, 1);
        vm.expectRevert(abi.encodeWithSelector(AggregatorProxyDouble.NotOwner.selector, keeper, address(this)));
        proxies[ETH].setAggregator(keeper);
        vm.expectRevert(abi.encodeWithSelector(UptimeDouble.NotOperator.selector, keeper, address(this)));
        uptime.set(true, 1);
    }

    function _refuses(Feed memory feed, bytes32 reason) private {
        vm.expectRevert(_refusal(reason));
        vm.prank(admin);
        oracle.proposeFeed(ETH, feed);
    }

    function _refusal(bytes32 reason) private pure returns (bytes memory) {
        return abi.encodeWithSelector(PriceOracle.FeedRefused.selector, ETH, reason);
    }

    /// @dev Neither proxy nor bounds: a feed without limits of its own.
    function _scripted() private returns (ScriptedAggregator scripted) {
        scripted = new ScriptedAggregator();
        scripted.set(ETH_PRICE, block.timestamp);
    }
}
