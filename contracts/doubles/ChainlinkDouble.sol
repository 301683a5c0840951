// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../src/interfaces/external/AggregatorV3Interface.sol";
import {IAggregatorBounds, IAggregatorProxy} from "../src/interfaces/external/IAggregatorBounds.sol";
import {DevnetOnly} from "./DevnetOnly.sol";

/// @notice Who may read; everybody until it is closed.
/// @dev There for its depth: the real aggregator and its proxy each read one slot to decide it, and so do these.
abstract contract AccessDouble {
    /// @dev One slot; nothing closes it.
    bool private _closed;

    error AccessRefused(address reader);

    modifier onlyReader() {
        require(!_closed, AccessRefused(msg.sender));
        _;
    }
}

/// @title A double of a Chainlink aggregator, for devnets and tests: its transmitter writes the rounds.
/// @dev Of production depth: access, newest round and the round lie in a slot each, as in the real one; a round that
/// does not exist is answered with zeros.
contract AggregatorDouble is AccessDouble, AggregatorV3Interface, IAggregatorBounds, DevnetOnly {
    /// @dev One slot.
    struct Round {
        int192 answer;
        uint64 updatedAt;
    }

    uint8 public immutable decimals;
    address public immutable transmitter;
    int192 public immutable minAnswer;
    int192 public immutable maxAnswer;
    string public description;
    uint32 public latestRound;
    mapping(uint256 round => Round) private _rounds;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error NotTransmitter(address caller, address transmitter);

    constructor(
        string memory description_,
        uint8 decimals_,
        int192 minAnswer_,
        int192 maxAnswer_,
        address transmitter_
    ) {
        (description, decimals) = (description_, decimals_);
        (minAnswer, maxAnswer, transmitter) = (minAnswer_, maxAnswer_, transmitter_);
    }

    /// @notice Writes the next round.
    /// @param answer Price with `decimals` decimals.
    /// @param updatedAt Unix seconds.
    function transmit(int192 answer, uint64 updatedAt) external {
        require(msg.sender == transmitter, NotTransmitter(msg.sender, transmitter));
        _rounds[++latestRound] = Round(answer, updatedAt);
        emit AnswerUpdated(answer, latestRound, updatedAt);
    }

    function version() external pure returns (uint256) {
        return 4;
    }

    function getRoundData(uint80 id) external view onlyReader returns (uint80, int256, uint256, uint256, uint80) {
        return _answerOf(id);
    }

    function latestRoundData() external view onlyReader returns (uint80, int256, uint256, uint256, uint80) {
        return _answerOf(latestRound);
    }

    function _answerOf(uint80 id) private view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _rounds[id];
        return (id, round.answer, round.updatedAt, round.updatedAt, id);
    }
}

/// @title A double of the proxy through which Chainlink's aggregators and its uptime feed are read.
/// @dev Of production depth: access and phase lie in a slot each. A round's id is phase << 64 | the aggregator's round.
contract AggregatorProxyDouble is AccessDouble, AggregatorV3Interface, IAggregatorProxy, DevnetOnly {
    /// @dev One slot, as the real proxy's current phase.
    struct Phase {
        uint16 id;
        address aggregator;
    }

    address public immutable owner;
    Phase private _phase;
    mapping(uint16 phaseId => address aggregator) private _aggregators;

    error NotOwner(address caller, address owner);

    constructor(address aggregator_, address owner_) {
        owner = owner_;
        _set(aggregator_);
    }

    /// @notice Takes the next aggregator into use, as a new phase.
    function setAggregator(address aggregator_) external {
        require(msg.sender == owner, NotOwner(msg.sender, owner));
        _set(aggregator_);
    }

    function aggregator() external view returns (address) {
        return _phase.aggregator;
    }

    function phaseId() external view returns (uint16) {
        return _phase.id;
    }

    function decimals() external view returns (uint8) {
        return AggregatorV3Interface(_phase.aggregator).decimals();
    }

    function description() external view returns (string memory) {
        return AggregatorV3Interface(_phase.aggregator).description();
    }

    function version() external view returns (uint256) {
        return AggregatorV3Interface(_phase.aggregator).version();
    }

    function getRoundData(uint80 id) external view onlyReader returns (uint80, int256, uint256, uint256, uint80) {
        uint16 phase = uint16(id >> 64);
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt,) =
            AggregatorV3Interface(_aggregators[phase]).getRoundData(uint64(id));
        return _inPhase(phase, round, answer, startedAt, updatedAt);
    }

    function latestRoundData() external view onlyReader returns (uint80, int256, uint256, uint256, uint80) {
        Phase memory phase = _phase;
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt,) =
            AggregatorV3Interface(phase.aggregator).latestRoundData();
        return _inPhase(phase.id, round, answer, startedAt, updatedAt);
    }

    function _inPhase(uint16 phase, uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt)
        private
        pure
        returns (uint80, int256, uint256, uint256, uint80)
    {
        uint80 id = uint80(phase) << 64 | round;
        return (id, answer, startedAt, updatedAt, id);
    }

    function _set(address aggregator_) private {
        _phase = Phase(_phase.id + 1, aggregator_);
        _aggregators[_phase.id] = aggregator_;
    }
}

/// @title A double of Chainlink's sequencer uptime feed: 0 up, 1 down.
/// @dev Of production depth behind a proxy: access and status lie in a slot each.
contract UptimeDouble is AccessDouble, AggregatorV3Interface, DevnetOnly {
    /// @dev One slot.
    struct Status {
        bool down;
        uint64 startedAt;
        uint64 updatedAt;
    }

    address public immutable operator;
    Status private _status;

    error NotOperator(address caller, address operator);

    /// @param startedAt Unix seconds since when the sequencer is up.
    constructor(address operator_, uint64 startedAt) {
        operator = operator_;
        _status = Status(false, startedAt, startedAt);
    }

    /// @notice Writes the status and since when it holds.
    function set(bool down, uint64 startedAt) external {
        require(msg.sender == operator, NotOperator(msg.sender, operator));
        _status = Status(down, startedAt, uint64(block.timestamp));
    }

    function decimals() external pure returns (uint8) {
        return 0;
    }

    function description() external pure returns (string memory) {
        return "L2 Sequencer Uptime Status Feed";
    }

    function version() external pure returns (uint256) {
        return 1;
    }

    function getRoundData(uint80) external view returns (uint80, int256, uint256, uint256, uint80) {
        return latestRoundData();
    }

    function latestRoundData() public view onlyReader returns (uint80, int256, uint256, uint256, uint80) {
        Status memory status = _status;
        return (1, status.down ? int256(1) : int256(0), status.startedAt, status.updatedAt, 1);
    }
}
