// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PythDouble} from "../../doubles/PythDouble.sol";
import {WormholeVaa} from "../../doubles/WormholeVaa.sol";
import {AccumulatorWriter} from "./AccumulatorWriter.sol";

/// @title Deploys the double that accepts what `AccumulatorWriter` writes.
library PythFixture {
    /// @notice The devnet's trust: 3 of its 5 signers, Pyth's emitter on Pythnet.
    function trust() internal pure returns (WormholeVaa.Trust memory) {
        return WormholeVaa.Trust({
            guardians: AccumulatorWriter.devnetSigners(),
            quorum: AccumulatorWriter.QUORUM,
            guardianSetIndex: AccumulatorWriter.GUARDIAN_SET_INDEX,
            emitterChain: AccumulatorWriter.EMITTER_CHAIN,
            emitter: AccumulatorWriter.EMITTER
        });
    }

    /// @param singleUpdateFee Wei per message.
    function deploy(uint256 singleUpdateFee) internal returns (PythDouble) {
        return new PythDouble(trust(), singleUpdateFee);
    }
}
