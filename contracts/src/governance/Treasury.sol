// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {Timelocked} from "./Timelocked.sol";

/// @notice What was paid of a token. One slot.
/// @param paidAt Seconds.
/// @param amount Units of the token; beyond the width refused.
struct Payment {
    uint40 paidAt;
    uint216 amount;
}

/// @title The token holders' tokens: the timelock pays them out, within any 30 days a tenth of each at most.
/// @dev Takes no ether. Its votes are delegated for good to an address whose votes count nowhere.
contract Treasury is Timelocked {
    using FixedPoint for uint256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 internal constant PERIOD = 30 days;
    /// @dev Of a token within a period, so that they can be added up.
    uint256 internal constant MAX_PAYMENTS = 32;
    /// @dev A tenth of what there was.
    uint256 internal constant PARTS = 10;

    mapping(IERC20 token => Payment[]) private _payments;

    /// @notice Units of the token; `paid` is what was paid of it within the last 30 days, this payment included.
    event TreasuryPaid(IERC20 indexed token, address indexed to, uint256 amount, uint256 paid);

    /// @notice Thrown when a payment exceeds what may be paid now. Units of the token.
    error TreasuryCapReached(uint256 amount, uint256 left);
    /// @notice Thrown when a token was paid as often as may be within 30 days.
    error TooManyPayments(uint256 count, uint256 limit);

    /// @param governanceToken Whose votes are delegated.
    /// @param excluded Whose votes count neither for a proposal nor in the quorum's base.
    constructor(address timelock_, IVotes governanceToken, address excluded) Timelocked(timelock_) {
        governanceToken.delegate(excluded);
    }

    /// @notice Pays a token out. Needs the timelock.
    /// @dev paid ≤ (balance + paid before) / 10, over the 30 days that end now, this payment included.
    /// @param amount Units of the token, at most {left}.
    function pay(IERC20 token, address to, uint256 amount) external onlyTimelock {
        (uint256 paid, uint256 count) = _paid(token);
        require(count < MAX_PAYMENTS, TooManyPayments(count, MAX_PAYMENTS));
        uint256 rest = _left(token, paid);
        require(amount <= rest, TreasuryCapReached(amount, rest));
        // Seconds: below 2^40.
        _payments[token].push(Payment(uint40(block.timestamp), amount.toUint216()));
        emit TreasuryPaid(token, to, amount, paid + amount);
        token.safeTransfer(to, amount);
    }

    /// @notice What may be paid of a token now, if not for the number of payments.
    /// @return Units of the token, rounded down.
    function left(IERC20 token) external view returns (uint256) {
        (uint256 paid,) = _paid(token);
        return _left(token, paid);
    }

    /// @param paid Within the last 30 days, units of the token.
    function _left(IERC20 token, uint256 paid) private view returns (uint256) {
        uint256 cap = (token.balanceOf(address(this)) + paid) / PARTS;
        return cap - paid.min(cap);
    }

    /// @return paid Within the last 30 days, units of the token.
    /// @return count In so many payments.
    function _paid(IERC20 token) private view returns (uint256 paid, uint256 count) {
        Payment[] storage payments = _payments[token];
        for (uint256 i = payments.length; i > 0; --i) {
            Payment memory payment = payments[i - 1];
            if (block.timestamp >= payment.paidAt + PERIOD) break;
            paid += payment.amount;
            ++count;
        }
    }
}
