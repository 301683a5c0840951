// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Refusal} from "../../src/engine/EngineTypes.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {attached, builtBy, flagged, marketOrderOf, numbered, ofTheMoment, triggeredAt} from "../fixtures/Orders.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice Words that do not fit together are refused, whoever brings them.
contract FlagsTest is OrdersFixture {
    function setUp() public override {
        super.setUp();
        trade(signer, ETH, 10 * UNIT, ETH_PRICE);
    }

    function test_RevertWhen_AFlagIsUnknown() public {
        _refuses(flagged(_order(), 64));
        _refuses(flagged(_order(), 128));
        _refuses(flagged(_order(), 128 | OrderWords.REDUCE_ONLY));
    }

    function test_RevertWhen_AGenerationIsOfNothingAttached() public {
        Order memory order = _order();
        order.terms |= 1 << 232;
        _refuses(order);
        _refuses(flagged(order, OrderWords.REDUCE_ONLY));
    }

    function test_RevertWhen_AShareIsTooLarge() public {
        uint256 generation = generationOf(signer);
        _refuses(attached(_order(), -20_001, generation));
        _refuses(attached(_order(), 20_001, generation));
        _refuses(attached(_order(), type(int88).min, generation));
        _takes(attached(_order(), -20_000, generation));
        _takes(attached(_order(), 20_000, generation));
    }

    function test_RevertWhen_ATriggerHasNoPriceOrAPriceNoTrigger() public {
        _refuses(flagged(_order(), OrderWords.ABOVE));
        _refuses(flagged(_order(), OrderWords.BELOW));
        _refuses(triggeredAt(_order(), ETH_PRICE, 0));
        _refuses(triggeredAt(_order(), ETH_PRICE, OrderWords.TRIGGERED));
        _takes(triggeredAt(_order(), ETH_PRICE, OrderWords.ABOVE));
    }

    function test_RevertWhen_AFeeHasNoBuilderOrIsTooHigh() public {
        _refuses(builtBy(_order(), address(0), 1));
        vm.prank(signer);
        desk.approveBuilder(alice, 50);
        _refuses(builtBy(_order(), alice, 51));
        _refuses(builtBy(_order(), alice, 255));
        _takes(builtBy(_order(), alice, 50));
        _takes(builtBy(_order(), alice, 0));
    }

    function test_RevertWhen_AnOrderOfTheMomentHasATriggerOrANonce() public {
        Order memory order = ofTheMoment(_order(), block.timestamp + 1);
        _refuses(triggeredAt(ofTheMoment(_order(), block.timestamp + 1), ETH_PRICE, OrderWords.ABOVE));
        // A nonce comes with a signature only.
        Order memory both = numbered(ofTheMoment(_order(), block.timestamp + 1), 1);
        refuses(both, Refusal.TermsInvalid, both.terms >> 248, 0);
        _takes(order);
    }

    function test_RevertWhen_TheSizeIsZero() public {
        Order memory order = marketOrderOf(account(signer), 0);
        refusesDirect(signer, order, Refusal.ZeroSize, 0, 1);
        refuses(numbered(order, 1), Refusal.ZeroSize, 0, 1);
    }

    /// @dev Against the rules as sentences.
    function testFuzz_SoundnessIsTheseRules(uint256 terms, uint256 extras, uint256 flags, uint256 kind) public pure {
        // Most words break most rules: fold them toward those that keep some.
        if (kind & 1 != 0) extras = 0;
        if (kind & 2 != 0) terms &= ~(uint256(type(uint16).max) << 232);
        if (kind & 4 != 0) terms &= ~(uint256(type(uint24).max) << 208);
        if (kind & 8 != 0) terms = terms >> 88 << 88 | (terms & 0x3fff);
        if (kind & 16 != 0) extras &= ~(uint256(0xf0) << 88);
        if (kind & 32 != 0) extras &= ~uint256(type(uint88).max);
        terms = terms & type(uint248).max | (kind & 64 != 0 ? flags & 63 : flags & 255) << 248;
        assertEq(OrderWords.isSound(terms, extras), _isSound(terms, extras), "sound");
    }

    function _isSound(uint256 terms, uint256 extras) private pure returns (bool) {
        uint256 flags = terms >> 248;
        (bool above, bool below) = (flags & 4 != 0, flags & 8 != 0);
        bool triggers = !(above && below) && (above || below) == (uint88(extras) != 0);
        uint256 fee = uint8(extras >> 88);
        bool builder = fee <= 50 && (fee == 0 || extras >> 96 != 0);
        bool moment = flags & 16 == 0 || (!above && !below && uint24(terms >> 208) == 0);
        int88 share = int88(uint88(terms));
        bool attachment = flags & 2 == 0 ? uint16(terms >> 232) == 0 : share >= -20_000 && share <= 20_000;
        return flags < 64 && triggers && builder && moment && attachment;
    }

    function _order() private view returns (Order memory) {
        return marketOrderOf(account(signer), -UNIT);
    }

    function _takes(Order memory order) private {
        uint256 state = vm.snapshotState();
        commitBy(signer, order);
        assertEq(pendingOf(signer), 1, "taken");
        vm.revertToState(state);
    }

    function _refuses(Order memory order) private {
        refusesDirect(signer, order, Refusal.TermsInvalid, order.terms >> 248, 0);
        refuses(order, Refusal.TermsInvalid, order.terms >> 248, 0);
    }
}
