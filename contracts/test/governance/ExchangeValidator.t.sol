// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {ExchangeValidator} from "../../src/governance/ExchangeValidator.sol";
import {IDeleverager} from "../../src/interfaces/IDeleverager.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {ILiquidityVault} from "../../src/interfaces/ILiquidityVault.sol";
import {IProposalPolicy, ProposalKind} from "../../src/interfaces/IProposalPolicy.sol";
import {Feed} from "../../src/oracle/PriceSources.sol";
import {PriceOracle} from "../../src/PriceOracle.sol";
import {GovernanceFixture} from "./GovernanceFixture.sol";

/// @notice Each action on the exchange: refused as its setter refuses it, of its kind, and bound to what it replaces.
contract ExchangeValidatorTest is GovernanceFixture {
    /// @dev Of {config}'s fields and the keeper's fee.
    uint256 private constant FIELDS = 15;
    uint256 private constant NEW = 2;

    function _kind(address target, bytes memory data) private view returns (ProposalKind kind) {
        (kind,) = validator.validate(target, data);
    }

    function _before(address target, bytes memory data) private view returns (bytes32 before) {
        (, before) = validator.validate(target, data);
    }

    function _assertKind(address target, bytes memory data, ProposalKind kind, string memory message) private view {
        assertEq(uint256(_kind(target, data)), uint256(kind), message);
    }

    /// @dev The setter refuses it now, and the validator by the same words.
    function _assertRefusedAlike(address target, bytes memory data, bytes4 selector) private {
        (bool ok, bytes memory result) = _callAsTimelock(target, data);
        assertFalse(ok, "the setter takes it");
        assertEq(bytes32(bytes4(result)), bytes32(selector), "the setter's error");
        vm.expectRevert(result);
        validator.validate(target, data);
    }

    function _callAsTimelock(address target, bytes memory data) private returns (bool ok, bytes memory result) {
        vm.prank(address(timelock));
        return target.call(data);
    }

    function _do(address target, bytes memory data) private {
        (bool ok, bytes memory result) = _callAsTimelock(target, data);
        vm.assertEq(result.length < 4 || ok ? bytes("") : result, bytes(""), "refused");
        assertTrue(ok, "done");
    }

    // ---------------------------------------------------------------- parameters

    function _schedule(MarketConfig memory to, uint16 keeperFeeCents, uint256 duration)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, to, keeperFeeCents, duration));
    }

    /// @dev With one field moved a little, within all bounds.
    function _altered(uint256 field) private pure returns (MarketConfig memory c, uint16 keeperFeeCents) {
        (c, keeperFeeCents) = (config(10_000e6), 50);
        if (field == 0) c.skewScale = 10_100e6;
        else if (field == 1) c.maintenanceMarginBps = 590;
        else if (field == 2) c.marginSlopeBps = 9000;
        else if (field == 3) c.skewCapBps = 190;
        else if (field == 4) c.openInterestCapBps = 390;
        else if (field == 5) c.profitWeightBps = 7900;
        else if (field == 6) c.penaltyBps = 60;
        else if (field == 7) c.accountCapPercent = 90;
        else if (field == 8) c.allocationPercent = 30;
        else if (field == 9) c.initialMarginBps = 1100;
        else if (field == 10) c.makerFeePpm = 100;
        else if (field == 11) c.takerFeePpm = 600;
        else if (field == 12) c.fundingCoefficientBps = 200;
        else if (field == 13) c.fundingCapPpm = 400;
        else keeperFeeCents = 60;
    }

    /// @dev The first nine decide who is liquidated and what the pool bears.
    function test_WhatDecidesLiquidationsAndThePoolsShareIsRisk() public view {
        for (uint256 i; i < FIELDS; ++i) {
            (MarketConfig memory to, uint16 keeperFeeCents) = _altered(i);
            ProposalKind kind = i < 9 ? ProposalKind.Risk : ProposalKind.Parameter;
            _assertKind(address(engine), _schedule(to, keeperFeeCents, 1 days), kind, vm.toString(i));
        }
        _assertKind(address(engine), _schedule(config(10_000e6), 50, 1 days), ProposalKind.Parameter, "nothing");
    }

    /// @dev Lower is more leverage, and more maintenance of large positions.
    function test_ALowerInitialMarginIsRiskAndAHigherOneIsNot() public {
        MarketConfig memory lower = config(10_000e6);
        lower.initialMarginBps = 999;
        _assertKind(address(engine), _schedule(lower, 50, 1 days), ProposalKind.Risk, "lower");
        MarketConfig memory higher = config(10_000e6);
        higher.initialMarginBps = 1001;
        _assertKind(address(engine), _schedule(higher, 50, 1 days), ProposalKind.Parameter, "higher");
        vm.prank(address(timelock));
        cold.scheduleParameters(ETH, higher, 50, 1 days);
        bytes memory stop = abi.encodeCall(IEngineExtension.cancelParameters, (ETH));
        _assertKind(address(engine), stop, ProposalKind.Risk, "not to raise it is to lower it");
    }

    function test_RevertWhen_ParametersAreOutOfBounds() public {
        MarketConfig[14] memory slips;
        for (uint256 i; i < slips.length; ++i) {
            slips[i] = config(10_000e6);
        }
        slips[0].skewScale = 1e6 - 1;
        slips[1].initialMarginBps = 199;
        slips[2].initialMarginBps = 10_001;
        slips[3].maintenanceMarginBps = 801;
        slips[4].maintenanceMarginBps = 460;
        slips[5].marginSlopeBps = 50_001;
        slips[6].openInterestCapBps = 401;
        slips[7].skewCapBps = 401;
        slips[8].profitWeightBps = 9501;
        slips[9].makerFeePpm = 501;
        slips[10].penaltyBps = 4;
        slips[11].accountCapPercent = 101;
        slips[12].allocationPercent = 51;
        slips[13].flags = 1;
        for (uint256 i; i < slips.length; ++i) {
            _parametersRefused(_schedule(slips[i], 50, 30 days));
            bytes memory listing = abi.encodeCall(IEngineExtension.listMarket, (slips[i], 50));
            if (i == 13) continue;
            vm.expectPartialRevert(IEngineErrors.ParameterOutOfBounds.selector);
            validator.validate(address(engine), listing);
        }
        _parametersRefused(_schedule(config(10_000e6), 501, 30 days));
        _parametersRefused(_schedule(config(10_000e6), 50, 1 days - 1));
        _parametersRefused(_schedule(config(10_000e6), 50, 365 days + 1));
        _parametersRefused(_schedule(config(11_000e6), 50, 2 days - 1));
        _kind(address(engine), _schedule(config(11_000e6), 50, 2 days));
    }

    /// @dev Between two ends within the bounds the penalty steps up before the margin has room for it.
    function test_RevertWhen_AChangeLeavesTheBoundsOnItsWay() public {
        MarketConfig memory to = config(10_000e6);
        (to.penaltyBps, to.maintenanceMarginBps) = (250, 800);
        _parametersRefused(_schedule(to, 50, 30 days));
    }

    function _parametersRefused(bytes memory data) private {
        _assertRefusedAlike(address(engine), data, IEngineErrors.ParameterOutOfBounds.selector);
    }

    function test_RevertWhen_NobodyKnowsTheMarket() public {
        bytes4 unknown = IEngineErrors.UnknownMarket.selector;
        _assertRefusedAlike(
            address(engine),
            abi.encodeCall(IEngineExtension.scheduleParameters, (NEW, config(10_000e6), 50, 1 days)),
            unknown
        );
        _assertRefusedAlike(address(engine), abi.encodeCall(IEngineExtension.setReduceOnly, (NEW, true)), unknown);
        _assertRefusedAlike(address(engine), abi.encodeCall(IEngineExtension.setGasMarket, (NEW)), unknown);
        bytes memory ending = abi.encodeCall(IDeleverager.scheduleSettlement, (NEW, uint40(block.timestamp + 30 days)));
        _assertRefusedAlike(address(engine), ending, unknown);
    }

    /// @dev A change replaces what the parameters were going to be, and nothing else.
    function test_ParametersAreBoundToWhereTheyWereGoing() public {
        (MarketConfig memory to,) = _altered(1);
        bytes memory data = _schedule(to, 50, 1 days);
        bytes32 first = _before(address(engine), data);
        _do(address(engine), abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, true)));
        vm.warp(block.timestamp + 1 hours);
        assertEq(_before(address(engine), data), first, "flags and time change nothing");
        (MarketConfig memory goal,) = _altered(4);
        _do(address(engine), abi.encodeCall(IEngineExtension.scheduleParameters, (BTC, config(402e6), 50, 2 days)));
        assertEq(_before(address(engine), data), first, "another market's neither");
        _do(address(engine), _schedule(goal, 50, 2 days));
        bytes32 second = _before(address(engine), data);
        assertFalse(second == first, "a change on its way");
        uint256 begunAt = block.timestamp;
        vm.warp(begunAt + 1 days);
        cold.advanceParameters(ETH);
        assertEq(_before(address(engine), data), second, "half of it in force");
        vm.warp(begunAt + 2 days);
        cold.advanceParameters(ETH);
        assertEq(_before(address(engine), data), second, "all of it in force");
        (, uint16 keeperFeeCents) = _altered(14);
        _do(address(engine), _schedule(goal, keeperFeeCents, 2 days));
        assertFalse(_before(address(engine), data) == second, "the keeper's fee alone");
        _do(address(engine), abi.encodeCall(IEngineExtension.cancelParameters, (ETH)));
        assertEq(_before(address(engine), data), second, "as it was");
    }

    /// @dev To lead a change to the same end sooner, or to put it off, is what made the change a risk.
    function test_ThePaceOfAChangeOfRiskIsRisk() public {
        (MarketConfig memory goal,) = _altered(1);
        _do(address(engine), _schedule(goal, 50, 30 days));
        _assertKind(address(engine), _schedule(goal, 50, 1 days), ProposalKind.Risk, "sooner");
        _assertKind(address(engine), _schedule(goal, 50, 365 days), ProposalKind.Risk, "later");
        _assertKind(address(engine), _schedule(config(10_000e6), 50, 1 days), ProposalKind.Risk, "never");
        (MarketConfig memory fees,) = _altered(11);
        _do(address(engine), _schedule(fees, 50, 30 days));
        _assertKind(address(engine), _schedule(fees, 50, 1 days), ProposalKind.Parameter, "of fees");
    }

    function test_CancellingIsOfTheChangesKind() public {
        bytes memory cancelling = abi.encodeCall(IEngineExtension.cancelParameters, (ETH));
        bytes32 first = _before(address(engine), cancelling);
        for (uint256 i; i < FIELDS; ++i) {
            (MarketConfig memory to, uint16 keeperFeeCents) = _altered(i);
            _do(address(engine), _schedule(to, keeperFeeCents, 30 days));
            // The tenth raises the initial margin: not to is to lower it.
            ProposalKind kind = i <= 9 ? ProposalKind.Risk : ProposalKind.Parameter;
            _assertKind(address(engine), cancelling, kind, vm.toString(i));
            assertFalse(_before(address(engine), cancelling) == first, "bound to the change");
        }
        _do(address(engine), cancelling);
        assertEq(_before(address(engine), cancelling), first, "as it was");
    }

    // ---------------------------------------------------------------- the rest of the engine

    function test_AListingIsBoundToItsPlaceAndFeed() public {
        bytes memory data = abi.encodeCall(IEngineExtension.listMarket, (config(10_000e6), 50));
        _assertKind(address(engine), data, ProposalKind.Market, "kind");
        bytes32 first = _before(address(engine), data);
        _do(address(oracle), abi.encodeCall(PriceOracle.proposeFeed, (NEW, feedOf(ETH))));
        assertEq(_before(address(engine), data), first, "a feed that is only proposed");
        _do(address(oracle), abi.encodeCall(PriceOracle.acceptFeed, (NEW)));
        bytes32 second = _before(address(engine), data);
        assertFalse(second == first, "another feed");
        _do(address(engine), data);
        assertFalse(_before(address(engine), data) == second, "another place");
    }

    /// @dev Letting positions grow again is the risk.
    function test_ReduceOnlyIsBoundToWhetherItIsSet() public {
        bytes memory on = abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, true));
        bytes memory off = abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, false));
        _assertKind(address(engine), on, ProposalKind.Parameter, "on");
        _assertKind(address(engine), off, ProposalKind.Risk, "off");
        bytes32 first = _before(address(engine), on);
        assertEq(_before(address(engine), off), first, "the same before both");
        _do(address(engine), on);
        assertFalse(_before(address(engine), off) == first, "set");
        _do(address(engine), off);
        assertEq(_before(address(engine), off), first, "as it was");
    }

    function test_TheGasMarketIsAParameter() public {
        bytes memory data = abi.encodeCall(IEngineExtension.setGasMarket, (BTC));
        _assertKind(address(engine), data, ProposalKind.Parameter, "kind");
        assertEq(_before(address(engine), data), bytes32(type(uint256).max), "none");
        _do(address(engine), data);
        assertEq(_before(address(engine), data), bytes32(BTC), "this one");
    }

    function test_TheTreasuryIsPaidToTheTreasury() public {
        bytes memory data = abi.encodeCall(IEngineExtension.payTreasury, (treasury, 1e6));
        _assertKind(address(engine), data, ProposalKind.Risk, "kind");
        assertEq(_before(address(engine), data), bytes32(0), "replaces nothing");
        vm.expectRevert(abi.encodeWithSelector(ExchangeValidator.TreasuryElsewhere.selector, stranger, treasury));
        validator.validate(address(engine), abi.encodeCall(IEngineExtension.payTreasury, (stranger, 1e6)));
    }

    function test_AMarketsEndIsRisk() public {
        uint40 at = uint40(block.timestamp + 30 days);
        bytes memory ending = abi.encodeCall(IDeleverager.scheduleSettlement, (ETH, at));
        bytes memory keeping = abi.encodeCall(IDeleverager.cancelSettlement, (ETH));
        _assertKind(address(engine), ending, ProposalKind.Risk, "its end");
        _assertKind(address(engine), keeping, ProposalKind.Risk, "and that it goes on");
        assertEq(_before(address(engine), ending), bytes32(0), "no end");
        _do(address(engine), ending);
        assertEq(_before(address(engine), keeping), bytes32(uint256(at)), "its end");
    }

    // ---------------------------------------------------------------- the oracle

    function _feed() private view returns (Feed memory feed) {
        feed = feedOf(ETH);
        feed.haltPpm = 60_000;
    }

    function test_AFeedOfAMarketInUseIsRisk() public view {
        bytes memory accepting = abi.encodeCall(PriceOracle.acceptFeed, (ETH));
        _assertKind(
            address(oracle), abi.encodeCall(PriceOracle.proposeFeed, (ETH, _feed())), ProposalKind.Risk, "proposed"
        );
        _assertKind(address(oracle), accepting, ProposalKind.Risk, "accepted");
        accepting = abi.encodeCall(PriceOracle.acceptFeed, (NEW));
        _assertKind(
            address(oracle), abi.encodeCall(PriceOracle.proposeFeed, (NEW, _feed())), ProposalKind.Market, "of none"
        );
        _assertKind(address(oracle), accepting, ProposalKind.Market, "accepted of none");
    }

    function test_AFeedIsBoundToBothThatThereAre() public {
        bytes memory proposing = abi.encodeCall(PriceOracle.proposeFeed, (ETH, _feed()));
        bytes memory accepting = abi.encodeCall(PriceOracle.acceptFeed, (ETH));
        bytes32 first = _before(address(oracle), accepting);
        assertEq(_before(address(oracle), proposing), first, "the same before both");
        _do(address(oracle), proposing);
        bytes32 second = _before(address(oracle), accepting);
        assertFalse(second == first, "proposed");
        _do(address(oracle), accepting);
        bytes32 third = _before(address(oracle), accepting);
        assertTrue(third != first && third != second, "accepted");
    }

    function test_RevertWhen_AFeedIsOutOfBoundsOrSilent() public {
        Feed[6] memory slips;
        for (uint256 i; i < slips.length; ++i) {
            slips[i] = _feed();
        }
        slips[0].thresholdPpm = 0;
        slips[1].haltPpm = 100_001;
        slips[2].haltPpm = 0;
        slips[3].heartbeat = 86_401;
        slips[4].floor = slips[4].ceiling;
        slips[5].pythId = BTC_ID;
        for (uint256 i; i < slips.length; ++i) {
            _assertRefusedAlike(
                address(oracle),
                abi.encodeCall(PriceOracle.proposeFeed, (ETH, slips[i])),
                PriceOracle.FeedRefused.selector
            );
        }
    }

    function test_AClosingIsRiskAndBoundToItsBeginningAndItsVote() public {
        vm.startPrank(address(timelock));
        oracle.grantRole(keccak256("GUARDIAN_ROLE"), address(timelock));
        oracle.haltMarket(ETH);
        vm.stopPrank();
        uint256 haltedAt = block.timestamp;
        for (uint256 i; i <= 48; ++i) {
            vm.warp(haltedAt + i * 30 minutes);
            oracle.observe(1 << ETH, noUpdate, address(this));
        }
        bytes[3] memory all = [
            abi.encodeCall(PriceOracle.beginClosing, (ETH)),
            abi.encodeCall(PriceOracle.cancelClosing, (ETH)),
            abi.encodeCall(PriceOracle.voteClosingPrice, (ETH, 2000e18))
        ];
        for (uint256 i; i < all.length; ++i) {
            _assertKind(address(oracle), all[i], ProposalKind.Risk, "kind");
            assertEq(_before(address(oracle), all[i]), bytes32(0), "not begun");
        }
        _do(address(oracle), all[0]);
        for (uint256 i; i < all.length; ++i) {
            assertEq(_before(address(oracle), all[i]), bytes32(haltedAt + 1 days), "begun now");
        }
        vm.warp(haltedAt + 15 days);
        _do(address(oracle), all[2]);
        assertEq(_before(address(oracle), all[1]), bytes32(haltedAt + 1 days), "whatever is voted");
        bytes32 voted = bytes32(haltedAt + 1 days | 2000e18 << 40);
        assertEq(_before(address(oracle), all[2]), voted, "bound to the vote that it replaces");
        bytes memory release = abi.encodeCall(PriceOracle.releaseMarket, (ETH));
        _assertKind(address(oracle), release, ProposalKind.Risk, "released");
        assertEq(_before(address(oracle), release), bytes32(0), "replaces nothing");
    }

    // ---------------------------------------------------------------- the vault

    function test_TheVaultsTimesAreParameters() public {
        bytes memory cooldown = abi.encodeCall(ILiquidityVault.setCooldown, (2 hours, 3 hours));
        bytes memory lock = abi.encodeCall(ILiquidityVault.setDepositLock, (5 hours));
        bytes memory cap = abi.encodeCall(ILiquidityVault.setOutflowCap, (700));
        _assertKind(address(vault), cooldown, ProposalKind.Parameter, "cooldown");
        _assertKind(address(vault), lock, ProposalKind.Parameter, "lock");
        _assertKind(address(vault), cap, ProposalKind.Risk, "cap");
        bytes[3] memory all = [cooldown, lock, cap];
        for (uint256 i; i < all.length; ++i) {
            bytes32[3] memory before;
            for (uint256 j; j < all.length; ++j) {
                before[j] = _before(address(vault), all[j]);
            }
            _do(address(vault), all[i]);
            for (uint256 j; j < all.length; ++j) {
                assertEq(_before(address(vault), all[j]) != before[j], i == j, "each bound to its own alone");
            }
        }
    }

    function test_RevertWhen_TheVaultsAreOutOfBounds() public {
        bytes4 cooldown = ILiquidityVault.CooldownOutOfBounds.selector;
        _assertRefusedAlike(
            address(vault), abi.encodeCall(ILiquidityVault.setCooldown, (1 hours - 1, 2 hours)), cooldown
        );
        _assertRefusedAlike(
            address(vault), abi.encodeCall(ILiquidityVault.setCooldown, (1 hours, 7 days + 1)), cooldown
        );
        _assertRefusedAlike(address(vault), abi.encodeCall(ILiquidityVault.setCooldown, (3 hours, 2 hours)), cooldown);
        _assertRefusedAlike(
            address(vault),
            abi.encodeCall(ILiquidityVault.setDepositLock, (7 days + 1)),
            ILiquidityVault.DepositLockOutOfBounds.selector
        );
        bytes4 cap = ILiquidityVault.OutflowCapOutOfBounds.selector;
        _assertRefusedAlike(address(vault), abi.encodeCall(ILiquidityVault.setOutflowCap, (99)), cap);
        _assertRefusedAlike(address(vault), abi.encodeCall(ILiquidityVault.setOutflowCap, (5001)), cap);
    }

    // ---------------------------------------------------------------- what nobody knows

    function test_RevertWhen_NobodyKnowsTheAction() public {
        address[4] memory targets = [address(engine), address(oracle), address(vault), address(token)];
        bytes4 selector = bytes4(keccak256("grantRole(bytes32,address)"));
        for (uint256 i; i < targets.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IProposalPolicy.ActionUnknown.selector, targets[i], selector));
            validator.validate(targets[i], abi.encodePacked(selector, ETH, ETH));
        }
    }

    /// @dev Every action without its last byte, of no arguments, and of a part of its selector.
    function test_RevertWhen_ACallIsCutShort() public {
        bytes[10] memory all = [
            _schedule(config(10_000e6), 50, 1 days),
            abi.encodeCall(IEngineExtension.cancelParameters, (ETH)),
            abi.encodeCall(IEngineExtension.listMarket, (config(10_000e6), 50)),
            abi.encodeCall(IEngineExtension.setReduceOnly, (ETH, true)),
            abi.encodeCall(IEngineExtension.setGasMarket, (ETH)),
            abi.encodeCall(IEngineExtension.payTreasury, (treasury, 1)),
            abi.encodeCall(PriceOracle.proposeFeed, (ETH, _feed())),
            abi.encodeCall(PriceOracle.acceptFeed, (ETH)),
            abi.encodeCall(ILiquidityVault.setCooldown, (2 hours, 3 hours)),
            abi.encodeCall(ILiquidityVault.setOutflowCap, (700))
        ];
        for (uint256 i; i < all.length; ++i) {
            address target = i < 6 ? address(engine) : i < 8 ? address(oracle) : address(vault);
            validator.validate(target, all[i]);
            _cut(target, all[i], all[i].length - 1);
            _cut(target, all[i], 4);
            _cut(target, all[i], 3);
        }
    }

    function _cut(address target, bytes memory data, uint256 length) private {
        bytes memory short = new bytes(length);
        for (uint256 i; i < length; ++i) {
            short[i] = data[i];
        }
        vm.expectRevert();
        validator.validate(target, short);
    }
}
