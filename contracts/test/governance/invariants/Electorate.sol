// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Governance} from "../../../src/governance/Governance.sol";
import {Grant, GovernanceToken} from "../../../src/governance/GovernanceToken.sol";
import {PostConditions} from "../../../src/governance/PostConditions.sol";
import {ProposalPolicy} from "../../../src/governance/ProposalPolicy.sol";
import {IEngineExtension} from "../../../src/interfaces/IEngineExtension.sol";
import {Action, IActionValidator, ProposalKind, Terms} from "../../../src/interfaces/IProposalPolicy.sol";
import {IRiskManager} from "../../../src/interfaces/IRiskManager.sol";
import {Test} from "../../foundry/Test.sol";

/// @notice What proposals do: it is counted by their marks.
contract Deeds {
    mapping(uint256 mark => uint256) public done;

    function adjust(uint256 mark) external {
        ++done[mark];
    }

    function list(uint256 mark) external {
        ++done[mark];
    }

    function risk(uint256 mark) external {
        ++done[mark];
    }

    /// @dev Registered nowhere.
    function replace(uint256 mark) external {
        ++done[mark];
    }
}

/// @notice What every handler stands on: the holders, whose balances and delegates are remembered at each proposal's
/// snapshot, the time, and the first property that broke.
/// @dev A call that has nothing to do is discarded, so that the runner's table shows how many changed state.
abstract contract Electorate is Test {
    uint256 internal constant ACTORS = 8;
    /// @dev Not round, so that quorums and thresholds leave something to round.
    uint256 internal constant SUPPLY = 1_000_000_000e18 + 7;

    GovernanceToken internal token;
    TimelockController internal timelock;
    ProposalPolicy internal policy;
    Governance internal governance;
    Deeds internal deeds = new Deeds();
    address internal excluded;
    address internal stranger = makeAddr("stranger");
    /// @dev The council, the terms and another canceller of the timelock: as votes have made them.
    address internal council = makeAddr("council");
    uint256 internal councilUntil;
    Terms[4] internal termsOf;
    address internal successor = makeAddr("successor");
    bool internal succeeded;

    /// @notice Number of the first property that broke, 0 while all hold.
    uint256 public broken;

    /// @dev All holders; their keys are 1 to 8.
    address[ACTORS] internal actors;
    /// @dev What each could vote with when the present second began.
    uint256[ACTORS] internal settledVotes;

    constructor() {
        uint8[ACTORS] memory percent = [22, 18, 14, 11, 9, 8, 3, 15];
        Grant[] memory grants = new Grant[](ACTORS);
        for (uint256 i; i < ACTORS; ++i) {
            actors[i] = vm.addr(i + 1);
            grants[i] = Grant(actors[i], SUPPLY / 100 * percent[i]);
        }
        // What the percentages round away.
        grants[0].amount += 7;
        token = new GovernanceToken(grants);
        _deploy();
        for (uint256 i; i < ACTORS; ++i) {
            vm.prank(actors[i]);
            token.delegate(i == 7 ? excluded : actors[i]);
        }
        advance(block.timestamp + 1 days);
    }

    function _deploy() private {
        timelock = new TimelockController(2 days, new address[](0), new address[](0), address(this));
        termsOf[0] = Terms(25, 1 days, 3 days, 300, 5000, 2 days);
        termsOf[1] = Terms(25, 1 days, 3 days, 300, 5000, 2 days);
        termsOf[2] = Terms(50, 1 days, 5 days, 400, 5000, 3 days);
        termsOf[3] = Terms(100, 2 days, 7 days, 600, 6670, 7 days);
        Action[] memory actions = new Action[](3);
        IActionValidator none = IActionValidator(address(0));
        actions[0] = Action(address(deeds), Deeds.adjust.selector, ProposalKind.Parameter, none);
        actions[1] = Action(address(deeds), Deeds.list.selector, ProposalKind.Market, none);
        actions[2] = Action(address(deeds), Deeds.risk.selector, ProposalKind.Risk, none);
        PostConditions conditions =
            new PostConditions(IEngineExtension(address(0)), IRiskManager(address(0)), address(timelock));
        policy = new ProposalPolicy(address(timelock), conditions, termsOf, actions);
        governance = new Governance(token, timelock, policy, council);
        councilUntil = block.timestamp + 365 days;
        excluded = governance.EXCLUDED();
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governance));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governance));
        timelock.grantRole(timelock.EXECUTOR_ROLE(), address(governance));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
    }

    // ---------------------------------------------------------------- handlers

    function transfer(uint256 seed, uint256 share) external {
        uint256 from = _holder(seed);
        uint256 amount = token.balanceOf(actors[from]) * (share % 40 + 1) / 100;
        vm.prank(actors[from]);
        token.transfer(actors[seed / ACTORS % ACTORS], amount);
    }

    function delegate(uint256 seed, uint256 to) external {
        uint256 from = _holder(seed);
        delegateTo(from, _delegatee(from, to));
    }

    /// @dev The signature serves once.
    function delegateBySig(uint256 seed, uint256 to) external {
        uint256 from = _holder(seed);
        address delegatee = _delegatee(from, to);
        (uint256 nonce, uint256 expiry) = (token.nonces(actors[from]), block.timestamp + to % 2);
        bytes32 kind = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
        bytes32 signed = keccak256(abi.encode(kind, delegatee, nonce, expiry));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(from + 1, _digest(token.DOMAIN_SEPARATOR(), signed));
        bytes memory data = abi.encodeCall(token.delegateBySig, (delegatee, nonce, expiry, v, r, s));
        hold(attempt(stranger, address(token), data), 6);
        hold(token.delegates(actors[from]) == delegatee, 6);
        hold(!attempt(stranger, address(token), data), 6);
    }

    // ---------------------------------------------------------------- internals

    function hold(bool condition, uint256 property) internal {
        if (!condition && broken == 0) broken = property;
    }

    function attempt(address caller, address to, bytes memory data) internal returns (bool ok) {
        vm.prank(caller);
        (ok,) = to.call(data);
    }

    /// @dev Moves on and remembers what the second that ends has left.
    function advance(uint256 time) internal virtual {
        for (uint256 i; i < ACTORS; ++i) {
            settledVotes[i] = delegated(actors[i]);
        }
        vm.warp(time);
    }

    /// @dev The balances of those who delegate to somebody now.
    function delegated(address to) internal view returns (uint256 votes) {
        for (uint256 i; i < ACTORS; ++i) {
            if (token.delegates(actors[i]) == to) votes += token.balanceOf(actors[i]);
        }
    }

    function delegateTo(uint256 from, address to) internal {
        vm.prank(actors[from]);
        token.delegate(to);
    }

    /// @return Of an actor; {ACTORS} for somebody else.
    function indexOf(address who) internal view returns (uint256) {
        for (uint256 i; i < ACTORS; ++i) {
            if (actors[i] == who) return i;
        }
        return ACTORS;
    }

    /// @dev A share, rounded up.
    function bps(uint256 amount, uint256 share) internal pure returns (uint256) {
        return (amount * share + 9999) / 10_000;
    }

    /// @dev Typed data of the governor.
    function digestOf(bytes32 signed) internal view returns (bytes32) {
        bytes32 kind = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 name = keccak256("Tidemark Governance");
        return _digest(keccak256(abi.encode(kind, name, keccak256("1"), block.chainid, address(governance))), signed);
    }

    function _digest(bytes32 domain, bytes32 signed) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, signed));
    }

    /// @dev The first actor from the seed on that has tokens.
    function _holder(uint256 seed) private view returns (uint256 i) {
        i = seed % ACTORS;
        while (token.balanceOf(actors[i]) < 100) i = (i + 1) % ACTORS;
    }

    /// @dev Another one than now: mostly an actor, sometimes nobody, a stranger or who cannot vote.
    function _delegatee(uint256 from, uint256 to) private view returns (address delegatee) {
        to %= 16;
        if (to < 11) delegatee = actors[to % ACTORS];
        else if (to < 13) delegatee = actors[from];
        else if (to == 13) delegatee = stranger;
        else if (to == 14) delegatee = excluded;
        if (token.delegates(actors[from]) == delegatee) delegatee = actors[(to + 1) % ACTORS];
    }
}
