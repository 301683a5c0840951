// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig} from "../../src/engine/EngineTypes.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {Draft, GovernanceFixture} from "../governance/GovernanceFixture.sol";

/// @notice Whole transactions of the token holders in steady state: the proposer has proposed before, others have voted, and
/// who delegates has delegated before.
contract GovernanceGasTest is GovernanceFixture {
    uint256 private constant KEY = 1;
    address private _signer = vm.addr(KEY);
    address private _small = makeAddr("small");
    /// @dev Of one action, in voting; Carol has voted for it.
    uint256 private _voting;

    function setUp() public override {
        super.setUp();
        vm.startPrank(dave);
        token.transfer(_signer, SUPPLY / 100);
        token.transfer(_small, SUPPLY / 100);
        vm.stopPrank();
        vm.prank(_signer);
        token.delegate(_signer);
        vm.prank(_small);
        token.delegate(dave);
        enact(carol, _changes(1, 1100));
        _voting = propose(carol, _changes(1, 1200));
        toVote(_voting);
        vote(carol, _voting, 1);
    }

    function test_Propose() public {
        _pass();
        governance.queue(_voting);
        vm.warp(governance.proposalEta(_voting));
        governance.execute(_voting);
        propose(carol, _changes(1, 1300));
        vm.snapshotGasLastCall("gas", "propose");
    }

    function test_ProposeTwenty() public {
        propose(erin, _changes(20, 1300));
        vm.snapshotGasLastCall("gas", "proposeTwenty");
    }

    function test_Vote() public {
        vote(erin, _voting, 1);
        vm.snapshotGasLastCall("gas", "vote");
    }

    function test_VoteBySig() public {
        bytes32 ballot =
            keccak256(abi.encode(governance.BALLOT_TYPEHASH(), _voting, 1, _signer, governance.nonces(_signer)));
        (, string memory name, string memory version, uint256 chain, address at,,) = governance.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chain,
                at
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, keccak256(abi.encodePacked(hex"1901", domain, ballot)));
        governance.castVoteBySig(_voting, 1, _signer, abi.encodePacked(r, s, v));
        vm.snapshotGasLastCall("gas", "voteBySig");
    }

    function test_OverrideVote() public {
        vote(dave, _voting, 1);
        vm.prank(_small);
        governance.castOverrideVote(_voting, 0, "");
        vm.snapshotGasLastCall("gas", "overrideVote");
    }

    function test_Queue() public {
        _pass();
        governance.queue(_voting);
        vm.snapshotGasLastCall("gas", "queue");
    }

    function test_Execute() public {
        _pass();
        governance.queue(_voting);
        vm.warp(governance.proposalEta(_voting));
        governance.execute(_voting);
        vm.snapshotGasLastCall("gas", "execute");
        vm.warp(governance.proposalEta(_voting) + 1 days);
        cold.advanceParameters(ETH);
        assertEq(cold.getMarketConfig(ETH).initialMarginBps, 1200, "initial margin");
    }

    function test_Delegate() public {
        vm.prank(_small);
        token.delegate(erin);
        vm.snapshotGasLastCall("gas", "delegate");
    }

    function _pass() private {
        vote(dave, _voting, 1);
        toEnd(_voting);
    }

    /// @dev So many schedules of one parameter of a market.
    function _changes(uint256 count, uint16 initialMarginBps) private returns (Draft memory d) {
        MarketConfig memory to = cold.getMarketConfig(ETH);
        to.flags = 0;
        for (uint256 i; i < count; ++i) {
            to.initialMarginBps = initialMarginBps + uint16(i);
            bytes memory data = abi.encodeCall(IEngineExtension.scheduleParameters, (ETH, to, 50, 1 days));
            d = i == 0 ? draft(count == 1 ? carol : erin, address(engine), data) : also(d, address(engine), data);
        }
    }
}
