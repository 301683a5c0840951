// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account, Market, Position} from "../../src/engine/EngineTypes.sol";
import {WordStore} from "../../src/engine/WordStore.sol";
import {Test} from "../foundry/Test.sol";

/// @notice Words of the ledger, read, changed in part and told, equal those that the compiler makes of the structs.
contract WordsTest is Test {
    using WordStore for *;

    Account private account;
    Account private plainAccount;
    Position private position;
    Position private plainPosition;
    Market private market;
    Market private plainMarket;

    function testFuzz_ALiquidatedAccountKeepsTheRest(Account memory value, uint96 margin, uint64 markets) public {
        (account, plainAccount) = (value, value);
        uint256 word = account.load();
        assertEq(word, _slot(_at(plainAccount), 0), "loaded");
        assertEq(word.marginOf(), value.margin, "margin");
        assertEq(word.marketsOf(), value.markets, "markets");
        account.saveLiquidated(word, margin, markets);
        (plainAccount.margin, plainAccount.markets) = (margin, markets);
        plainAccount.orders &= 0xffc0;
        assertEq(_slot(_at(account), 0), _slot(_at(plainAccount), 0), "account");
    }

    function testFuzz_AMarginGrows(Account memory value, uint96 amount) public {
        value.margin = uint96(bound(value.margin, 0, type(uint96).max - amount));
        (account, plainAccount) = (value, value);
        assertEq(account.addMargin(amount), uint256(value.margin) + amount, "margin");
        plainAccount.margin += amount;
        assertEq(_slot(_at(account), 0), _slot(_at(plainAccount), 0), "account");
    }

    function testFuzz_APositionIsLoadedAndSavedInParts(Position memory value, int88 size, int136 cash) public {
        position = value;
        (uint256 place, int256 loadedSize, int256 loadedCash, uint256 rest) = position.load();
        assertEq(loadedSize, value.size, "size");
        assertEq(loadedCash, value.cash, "cash");
        uint256 word = WordStore.savePosition(place, size, cash, rest);
        plainPosition = Position(size, cash, value.checkpoint, value.generation);
        assertEq(_slot(_at(position), 0), _slot(_at(plainPosition), 0), "position");
        assertEq(word, _slot(_at(position), 0), "told");
    }

    function testFuzz_ALifeEndsModulo(Position memory value) public {
        position = value;
        (uint256 place, int256 size, int256 cash, uint256 rest) = position.load();
        unchecked {
            WordStore.savePosition(place, size, cash, rest + (1 << 240));
            ++value.generation;
        }
        plainPosition = value;
        assertEq(_slot(_at(position), 0), _slot(_at(plainPosition), 0), "position");
    }

    function testFuzz_AMarketIsSaved(Market memory value, Market memory before) public {
        (market, plainMarket) = (before, before);
        (uint256 interest, uint256 pricing, uint256 totals) = market.save(value);
        plainMarket = value;
        for (uint256 i; i < 3; ++i) {
            assertEq(_slot(_at(market), i), _slot(_at(plainMarket), i), "market");
        }
        assertEq(interest, _slot(_at(market), 0), "interest");
        assertEq(pricing, _slot(_at(market), 1), "pricing");
        assertEq(totals, _slot(_at(market), 2), "totals");
    }

    function _slot(uint256 place, uint256 offset) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(add(place, offset))
        }
    }

    function _at(Account storage value) private pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := value.slot
        }
    }

    function _at(Position storage value) private pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := value.slot
        }
    }

    function _at(Market storage value) private pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := value.slot
        }
    }
}
