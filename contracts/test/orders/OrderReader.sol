// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";

/// @dev What became of a contract's order.
enum Ending {
    Waiting,
    Filled,
    Failed,
    Expired
}

/// @notice An example: a contract that trades with margin of its own, one order at a time, and finds out what became of it
/// from the exchange's state alone.
/// @dev An order's batch has its place in the queue. Once the queue's head has passed it, the position tells whether it
/// filled; whether it was settled at all, the time does: nobody can settle a batch later than 60 s.
contract OrderReader {
    uint256 private constant WINDOW = 60;

    IDerivativesEngine public immutable engine;
    address public immutable owner;
    uint256 public immutable market;

    /// @dev Of the last order.
    uint256 public place;
    uint256 public committedAt;
    int256 public sizeBefore;

    error NotOwner(address caller);
    error OrderWaiting(uint256 place);

    modifier onlyOwner() {
        require(msg.sender == owner, NotOwner(msg.sender));
        _;
    }

    constructor(IDerivativesEngine engine_, uint256 market_) {
        (engine, market, owner) = (engine_, market_, msg.sender);
    }

    /// @notice This contract's first sub-account.
    function account() public view returns (bytes32) {
        return bytes32(uint256(uint160(address(this))) << 96);
    }

    /// @notice Moves the caller's tokens into margin.
    /// @param assets USDC units.
    function deposit(IERC20 token, uint256 assets) external onlyOwner {
        token.transferFrom(msg.sender, address(this), assets);
        token.approve(address(engine), assets);
        engine.deposit(account(), assets);
    }

    /// @param sizeDelta Base units, 12 decimals, + buys.
    /// @param limitPrice Worst acceptable, USD per base unit, 18 decimals.
    function trade(int88 sizeDelta, uint88 limitPrice) external onlyOwner {
        require(outcome() != Ending.Waiting, OrderWaiting(place));
        uint256 terms = uint256(uint88(sizeDelta)) | uint256(limitPrice) << 88;
        Order[] memory orders = new Order[](1);
        orders[0] = Order(account(), terms, 0);
        (sizeBefore, committedAt) = (_size(), block.timestamp);
        place = engine.commit(market, orders);
    }

    /// @notice What became of the last order; {Filled} before the first.
    function outcome() public view returns (Ending) {
        if (committedAt == 0) return Ending.Filled;
        IEngineExtension views = IEngineExtension(address(engine));
        if (_size() != sizeBefore) return Ending.Filled;
        bool passed = views.getQueue(market).head > place;
        if (!passed) return block.timestamp > committedAt + WINDOW ? Ending.Expired : Ending.Waiting;
        return views.getAccount(account()).orders >> 12 == 0 ? Ending.Failed : Ending.Expired;
    }

    /// @param assets USDC units.
    /// @param update Signed prices of the account's markets.
    function withdraw(uint256 assets, bytes[] calldata update) external payable onlyOwner {
        IEngineExtension(address(engine)).withdraw{value: msg.value}(account(), assets, owner, update);
    }

    function _size() private view returns (int256) {
        return IEngineExtension(address(engine)).getPosition(account(), market).size;
    }
}
