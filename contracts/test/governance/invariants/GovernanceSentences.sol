// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What always holds of the governor, by its sentences. A campaign that fails says the sentence that broke.
library GovernanceSentences {
    function say(uint256 property) internal pure returns (string memory) {
        return [
            "",
            "1. A balance at the snapshot counts once, by an override or else its delegate's vote, and all at most as the supply",
            "2. What was Defeated, Canceled or Expired never executes, and nothing of it happens",
            "3. A proposal's state only moves forward",
            "4. What executed waited its delay, its voting and its timelock, had its quorum and its approval, and did all it said",
            "5. The timelock's roles, the terms and the council change by an executed vote only",
            "6. Delegated votes are the balances of those who delegate, together at most the supply",
            "7. Who has the votes proposes, one proposal at a time, under the own name; who may cancels"
        ][property];
    }
}
