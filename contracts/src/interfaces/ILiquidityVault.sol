// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineExtension} from "./IEngineExtension.sol";

/// @title Shares of the liquidity pool, the counterparty of what longs and shorts do not cover between themselves.
/// @dev Requests belong to hourly epochs (epoch n is the hour from n · 3600 s on) and cannot be withdrawn: a deposit
/// executes at the first settlement of a later hour, a redemption at the first one of the hour its cooldown has passed
/// by. Requests follow ERC-7540: `requestId` is the epoch, fungible per owner; amounts are claimed by pull.
/// `assets` are USDC units (6 decimals), shares and `amount` have 18 decimals. Rounding is for the pool.
interface ILiquidityVault {
    event DepositRequested(
        address indexed owner, uint256 indexed requestId, address sender, uint256 assets, uint256 pendingAssets
    );
    event RedeemRequested(
        address indexed owner, uint256 indexed requestId, address sender, uint256 shares, uint256 pendingShares
    );
    /// @notice An epoch's prices were fixed. Net asset values and amounts are USD, 18 decimals.
    event EpochSettled(
        uint256 indexed epoch,
        int256 lowest,
        int256 highest,
        uint256 depositedAmount,
        uint256 mintedShares,
        uint256 redeemedShares,
        uint256 redeemedAmount,
        uint256 pendingShares,
        uint256 supply
    );
    /// @notice Deposits waiting at that epoch met a pool without value: they wait on, or may be refunded.
    event DepositsRefused(uint256 indexed epoch, int256 highest, uint256 pendingAssets);
    event DepositClaimed(address indexed owner, uint256 indexed requestId, address to, uint256 shares);
    event DepositRefunded(address indexed owner, uint256 indexed requestId, address to, uint256 assets);
    event RedeemClaimed(address indexed owner, uint256 indexed requestId, address to, uint256 assets);
    event CooldownSet(uint256 cooldown);
    event OutflowCapSet(uint256 outflowCapBps);

    /// @notice Thrown when a request is for nothing.
    error ZeroRequest();
    /// @notice Thrown when a request would belong to nobody.
    error ZeroReceiver();
    /// @notice Thrown when the next epoch's boundary, and the time a price needs to be newer than it, have not passed.
    /// Seconds.
    error EpochNotEnded(uint256 time, uint256 limit);
    /// @notice Thrown when no request has reached the epoch.
    error NothingToSettle(uint256 epoch);
    /// @notice Thrown when nothing of a request can be claimed.
    error NothingToClaim(address owner, uint256 requestId);
    /// @notice Thrown when a deposit has not been refused by an epoch, or has since been executed.
    error NotRefundable(address owner, uint256 requestId);
    /// @notice Thrown when the cooldown lies outside of its bounds. Seconds.
    error CooldownOutOfBounds(uint256 cooldown, uint256 limit);
    /// @notice Thrown when the outflow cap lies outside of its bounds. Basis points.
    error OutflowCapOutOfBounds(uint256 outflowCapBps, uint256 limit);
    /// @notice Thrown when ether comes from anybody but the oracle, which returns what an update's fee leaves.
    error EtherRefused(address sender);
    /// @notice Thrown when the caller takes no ether back. Wei.
    error SurplusRefused(address to, uint256 value);

    /// @notice Names the shares and grants `admin` every role until the hand-over. Once.
    function initialize(address admin, string calldata name, string calldata symbol) external;

    /// @notice Puts the caller's tokens, approved to the engine, into the pool at the next epoch's highest share price.
    /// @param assets USDC units.
    /// @param receiver Whose request it is.
    /// @return requestId The present epoch.
    function requestDeposit(uint256 assets, address receiver) external returns (uint256 requestId);

    /// @notice Takes the caller's shares into keeping, to be redeemed at the lowest share price once the cooldown has
    /// passed; the outflow cap may spread it over several epochs.
    /// @param shares 18 decimals.
    /// @param receiver Whose request it is.
    /// @return requestId The first epoch that may execute it.
    function requestRedeem(uint256 shares, address receiver) external returns (uint256 requestId);

    /// @notice Fixes the prices of the newest ended epoch and executes what has reached it. Anybody may, from 15 s after
    /// the boundary on, so that every price is newer than it; once an epoch.
    /// @dev Deposits at (highest + $1) / (supply + 1), redemptions at (lowest + $1) / (supply + 1): the virtual share
    /// and dollar make inflating the price of a first share a loss. Deposits wait while highest ≤ 0 (< 0 before the first share); redemptions while
    /// lowest ≤ 0 or claims on the pool are unpaid. Redemptions of any 24 epochs stay below the outflow cap of the
    /// lowest value and below the pool's cash; what does not fit is cut pro rata and waits on.
    /// @param update Signed prices of every market, or empty when the stored ones are young enough; the fee is taken
    /// from `msg.value`, the surplus returned.
    function settleEpoch(bytes[] calldata update) external payable;

    /// @notice Takes the shares of the caller's executed deposit.
    function claimDeposit(uint256 requestId, address to) external returns (uint256 shares);

    /// @notice Takes back the caller's deposit that an epoch refused because the pool had no value. Not while claims on
    /// the pool are unpaid.
    function refundDeposit(uint256 requestId, address to) external returns (uint256 assets);

    /// @notice Takes what has been redeemed of the caller's request so far, rounded down to token units.
    function claimRedeem(uint256 requestId, address to) external returns (uint256 assets);

    /// @notice Time between request and redemption. Needs CONFIGURATOR_ROLE; counts for requests from now on.
    /// @param cooldown Seconds, 1 hour to 7 days.
    function setCooldown(uint256 cooldown) external;

    /// @notice Most of the pool that 24 epochs may redeem. Needs CONFIGURATOR_ROLE.
    /// @param outflowCapBps 100 to 5,000.
    function setOutflowCap(uint256 outflowCapBps) external;

    /// @notice Deposited by a request and not executed. USDC units.
    function pendingDepositRequest(uint256 requestId, address owner) external view returns (uint256 assets);

    /// @notice Deposited by a request, executed and not claimed. USDC units.
    function claimableDepositRequest(uint256 requestId, address owner) external view returns (uint256 assets);

    /// @notice Shares that {claimDeposit} would give now.
    function claimableDepositShares(uint256 requestId, address owner) external view returns (uint256 shares);

    /// @notice Shares of a request that wait, rounded down.
    function pendingRedeemRequest(uint256 requestId, address owner) external view returns (uint256 shares);

    /// @notice Shares of a request that were redeemed and whose assets wait for {claimRedeem} in part or whole, rounded
    /// up.
    function claimableRedeemRequest(uint256 requestId, address owner) external view returns (uint256 shares);

    /// @notice Assets that {claimRedeem} would pay now. USDC units, rounded down.
    function claimableRedeemAssets(uint256 requestId, address owner) external view returns (uint256 assets);

    /// @notice The token deposited. ERC-4626.
    function asset() external view returns (address);

    /// @notice The pool's net asset value at the stored indices, zero when negative. USDC units, rounded down. ERC-4626.
    function totalAssets() external view returns (uint256 assets);

    /// @notice At {totalAssets}, rounded down; an epoch's own prices decide. ERC-4626.
    function convertToShares(uint256 assets) external view returns (uint256 shares);

    /// @notice At {totalAssets}, rounded down; an epoch's own prices decide. ERC-4626.
    function convertToAssets(uint256 shares) external view returns (uint256 assets);

    function engine() external view returns (IEngineExtension);

    /// @notice Everything that waits, and the parameters.
    function getVault() external view returns (Vault memory);
}

/// @notice The vault's state beside the requests. Three slots.
/// @param depositsWaiting Requested before `openEpoch`, not executed. USDC units.
/// @param depositsOpen Requested in `openEpoch`. USDC units.
/// @param redemptionsWaiting Shares whose cooldown has passed, not executed.
/// @param redemptionsCooling Shares whose cooldown has not passed by `maturedEpoch`.
/// @param openEpoch Epoch of the newest deposit requests.
/// @param settledEpoch The last epoch settled.
/// @param maturedEpoch Redemptions up to this epoch are among those waiting.
/// @param refusedEpoch Deposits requested before this epoch and not executed may be refunded.
/// @param cooldown Seconds.
/// @param outflowCapBps Of the lowest net asset value, per 24 epochs.
/// @param round Of partly executed redemptions, see {RedemptionRound}.
struct Vault {
    uint128 depositsWaiting;
    uint128 depositsOpen;
    uint128 redemptionsWaiting;
    uint128 redemptionsCooling;
    uint40 openEpoch;
    uint40 settledEpoch;
    uint40 maturedEpoch;
    uint40 refusedEpoch;
    uint32 cooldown;
    uint16 outflowCapBps;
    uint32 round;
}
