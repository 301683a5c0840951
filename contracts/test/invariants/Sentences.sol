// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The properties of the design by their sentences. A campaign that fails says the sentence that broke.
library Sentences {
    function say(uint256 property) internal pure returns (string memory) {
        return [
            "",
            "1. Token balance equals margins, pool, insurance, treasury, fees, escrow, credits and what LPs wait for",
            "2. Sum of |size| per side is that side's open interest and sum of values = aggregate exactly",
            "3. Valued at its own price, a trade changes NAV by exactly its LP fees and spread",
            "4. cost(a + b) <= cost(a) + cost(b); a round trip never profits at a constant index",
            "5. Funding sums to zero; the LP leg is never negative; a poke changes F by at most one unit, toward zero",
            "6. After an opening trade equity >= initial margin",
            "7. Being liquidated is never better than an immediate close, nor than zero equity",
            "8. A reducing trade of an account with equity >= 0 is never refused",
            "9. An order's price and outcome do not depend on who settles it or when inside the window",
            "10. The LP share price does not fall by a deposit or a redemption",
            "11. The LP writes off only after insurance is empty; nobody's margin changes through another's loss",
            "12. Deleveraging leaves U unchanged",
            "13. Index time never goes back; no state changes on a stale price",
            "14. Preview at the settlement's price = execution",
            "15. Colluding accounts extract at most deposits, index profit and booked bad debt"
        ][property];
    }
}
