// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEngineExtension} from "./IEngineExtension.sol";

/// @title Shares of the liquidity pool, the counterparty of what longs and shorts do not cover between themselves.
/// @dev Requests belong to hourly epochs (epoch n is the hour from n · 3600 s on) and cannot be withdrawn: a deposit
/// executes at the first settlement of a later hour, a redemption at the first one of the hour its cooldown has passed
/// by. What an epoch refused, or none has reached for a week, may be refunded. Requests follow ERC-7540: `requestId` is the epoch, fungible per controller; amounts are claimed by pull and by
/// request. Prices are an epoch's, so that of ERC-4626 only the views are here.
/// `assets` are USDC units (6 decimals), shares and `amount` have 18 decimals. Rounding is for the pool.
interface ILiquidityVault {
    /// @notice ERC-7540's.
    event DepositRequest(
        address indexed controller, address indexed owner, uint256 indexed requestId, address sender, uint256 assets
    );
    /// @notice ERC-7540's.
    event RedeemRequest(
        address indexed controller, address indexed owner, uint256 indexed requestId, address sender, uint256 shares
    );
    /// @notice ERC-7540's.
    event OperatorSet(address indexed controller, address indexed operator, bool approved);
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
        uint256 supply,
        uint256 utilisationBps
    );
    /// @notice Deposits waiting at that epoch met a pool that may be without value, or USDC off its peg: they wait on, or may
    /// be refunded.
    event DepositsRefused(uint256 indexed epoch, int256 lowest, uint256 pendingAssets);
    event DepositClaimed(address indexed owner, uint256 indexed requestId, address to, uint256 shares);
    event DepositRefunded(address indexed owner, uint256 indexed requestId, address to, uint256 assets);
    event RedeemClaimed(address indexed owner, uint256 indexed requestId, address to, uint256 assets);
    event CooldownSet(uint256 minCooldown, uint256 maxCooldown);
    event DepositLockSet(uint256 depositLock);
    event OutflowCapSet(uint256 outflowCapBps);

    /// @notice Thrown when a request is for nothing.
    error ZeroRequest();
    /// @notice Thrown when a request would belong to nobody.
    error ZeroController();
    /// @notice Thrown when the caller is neither the owner of the tokens or the request nor their operator.
    error NotOperator(address sender, address owner);
    /// @notice Thrown when the present hour's epoch is settled, or the hour has just begun: `limit` is 15 s after the beginning
    /// of the first hour that may be settled. Seconds.
    error EpochNotEnded(uint256 time, uint256 limit);
    /// @notice Thrown when nothing of a request can be claimed.
    error NothingToClaim(address owner, uint256 requestId);
    /// @notice Thrown when a deposit has neither been refused by an epoch nor waited a week for one, or has since been
    /// executed.
    error NotRefundable(address owner, uint256 requestId);
    /// @notice Thrown when a cooldown lies outside of its bounds, or the least above the largest. Seconds.
    error CooldownOutOfBounds(uint256 cooldown, uint256 limit);
    /// @notice Thrown when the deposit lock is longer than its bound. Seconds.
    error DepositLockOutOfBounds(uint256 depositLock, uint256 limit);
    /// @notice Thrown when the outflow cap lies outside of its bounds. Basis points.
    error OutflowCapOutOfBounds(uint256 outflowCapBps, uint256 limit);
    /// @notice Thrown when ether comes from anybody but the oracle, which returns what an update's fee leaves.
    error EtherRefused(address sender);
    /// @notice Thrown when the caller takes no ether back. Wei.
    error SurplusRefused(address to, uint256 value);
    /// @notice Thrown by previews: only an epoch's settlement knows its price.
    error PriceOfAnEpoch();

    /// @notice Names the shares and grants `admin` every role until the hand-over. Once.
    function initialize(address admin, string calldata name, string calldata symbol) external;

    /// @notice Lets an operator request with the caller's tokens and shares and claim what is the caller's, to wherever it
    /// says; or no longer. ERC-7540.
    /// @return Always true.
    function setOperator(address operator, bool approved) external returns (bool);

    /// @notice Puts the owner's tokens, approved to the engine, into the pool at the next epoch's highest share price.
    /// ERC-7540. Thrown back unless the caller is the owner or its operator.
    /// @param assets USDC units.
    /// @param controller Whose request it is.
    /// @return requestId The present epoch.
    function requestDeposit(uint256 assets, address controller, address owner) external returns (uint256 requestId);

    /// @notice Takes the owner's shares into keeping, to be redeemed at the lowest share price once the cooldown has
    /// passed; the outflow cap and what markets lock may spread it over several epochs. ERC-7540. The caller is the owner,
    /// its operator, or has an allowance of the shares, which is spent.
    /// @param shares 18 decimals.
    /// @param controller Whose request it is.
    /// @return requestId The first epoch that may execute it.
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256 requestId);

    /// @notice Fixes the prices of the present epoch, executes what has reached it and notes how much of the pool is in
    /// use, which it does though nothing waits. Anybody may, from 15 s after the boundary on, so that every price is newer
    /// than it; once an epoch.
    /// @dev Deposits at (highest + $1) / (supply + 1), redemptions at (lowest + $1) / (supply + 1): the virtual share
    /// and dollar make inflating the price of a first share a loss. Deposits wait while lowest ≤ 0 (before the first share:
    /// highest < 0); redemptions while lowest ≤ 0 or claims on the pool are unpaid. Redemptions of any 24 epochs stay below the
    /// outflow cap of the lowest value, and those of one below the pool's cash and what its markets do not lock; what
    /// does not fit is cut pro rata and waits on. Who is underwater should be liquidated before: until then the pool
    /// counts all of their loss as its own.
    /// @param update Signed prices of exactly the markets that are not settled and have open interest, or empty when the
    /// stored ones are young enough or there is no such market; the fee is taken from `msg.value`, the surplus returned.
    function settleEpoch(bytes[] calldata update) external payable;

    /// @notice Takes the shares of an executed deposit, once the deposit lock has passed. The caller is the controller or
    /// its operator.
    /// @param to Who gets them.
    /// @param controller Whose request it is.
    function claimDeposit(uint256 requestId, address to, address controller) external returns (uint256 shares);

    /// @notice Takes back a deposit that an epoch refused because the pool had no value, or that no epoch has reached within 7
    /// days of its hour's end; whatever the pool owes. The caller is the controller or its operator.
    /// @param to Who gets the tokens.
    /// @param controller Whose request it is.
    function refundDeposit(uint256 requestId, address to, address controller) external returns (uint256 assets);

    /// @notice Takes what has been redeemed of a request so far, rounded down to token units. The caller is the controller or
    /// its operator.
    /// @param to Who gets the tokens.
    /// @param controller Whose request it is.
    function claimRedeem(uint256 requestId, address to, address controller) external returns (uint256 assets);

    /// @notice Time between request and redemption, linear in the pool's utilisation. Needs CONFIGURATOR_ROLE; counts for
    /// requests from now on.
    /// @param minCooldown When nothing is locked. Seconds, from 1 hour on.
    /// @param maxCooldown When everything is locked. Seconds, up to 7 days.
    function setCooldown(uint256 minCooldown, uint256 maxCooldown) external;

    /// @notice How long an epoch keeps the shares it sells. Needs CONFIGURATOR_ROLE; counts for epochs from now on.
    /// @param depositLock Seconds, 0 to 7 days.
    function setDepositLock(uint256 depositLock) external;

    /// @notice Most of the pool that 24 epochs may redeem. Needs CONFIGURATOR_ROLE.
    /// @param outflowCapBps 100 to 5,000.
    function setOutflowCap(uint256 outflowCapBps) external;

    /// @notice Whether an operator may request and claim for somebody. ERC-7540.
    function isOperator(address controller, address operator) external view returns (bool);

    /// @notice Time between a redemption's request and its execution, at the utilisation last noted.
    /// @dev minCooldown + (maxCooldown − minCooldown) · utilisation
    /// @return Seconds, rounded up.
    function cooldown() external view returns (uint256);

    /// @notice Deposited by a request and not executed, or executed and still locked. USDC units.
    function pendingDepositRequest(uint256 requestId, address owner) external view returns (uint256 assets);

    /// @notice Deposited by a request, executed, no longer locked and not claimed. USDC units.
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

    /// @notice The token of the shares: this contract. ERC-7575.
    function share() external view returns (address);

    /// @notice Zero: deposits are requested. ERC-4626.
    function maxDeposit(address receiver) external view returns (uint256);

    /// @notice Zero: deposits are requested. ERC-4626.
    function maxMint(address receiver) external view returns (uint256);

    /// @notice Zero: redemptions are requested. ERC-4626.
    function maxWithdraw(address owner) external view returns (uint256);

    /// @notice Zero: redemptions are requested. ERC-4626.
    function maxRedeem(address owner) external view returns (uint256);

    /// @notice Always reverts, as ERC-7540 asks: the epoch's settlement fixes the price.
    function previewDeposit(uint256 assets) external view returns (uint256);

    /// @notice Always reverts, as ERC-7540 asks: the epoch's settlement fixes the price.
    function previewMint(uint256 shares) external view returns (uint256);

    /// @notice Always reverts, as ERC-7540 asks: the epoch's settlement fixes the price.
    function previewWithdraw(uint256 assets) external view returns (uint256);

    /// @notice Always reverts, as ERC-7540 asks: the epoch's settlement fixes the price.
    function previewRedeem(uint256 shares) external view returns (uint256);

    function engine() external view returns (IEngineExtension);

    /// @notice Everything that waits, and the parameters.
    function getVault() external view returns (Vault memory);
}

/// @notice The vault's state beside the requests. Three slots: the first is a deposit's, the second a redemption's.
/// @param depositsWaiting Requested before `openEpoch`, not executed. USDC units; max 1.8e13 USD, more than there are.
/// @param depositsOpen Requested in `openEpoch`. USDC units.
/// @param openEpoch Epoch of the newest deposit requests, or a later one.
/// @param refusedEpoch Deposits requested before this epoch and not executed may be refunded.
/// @param settledEpoch The last epoch settled.
/// @param depositLock Seconds from an epoch's settlement until the shares it sold may be claimed.
/// @param redemptionsCooling Shares whose cooldown has not passed by `maturedEpoch`.
/// @param maturedEpoch Redemptions up to this epoch are among those waiting.
/// @param minCooldown Seconds, at a utilisation of zero.
/// @param maxCooldown Seconds, at a utilisation of 10,000.
/// @param utilisationBps What markets locked of the pool after the last epoch, basis points, rounded up; at most 10,000.
/// @param outflowCapBps Of the lowest net asset value, per 24 epochs.
/// @param redemptionsWaiting Shares whose cooldown has passed, not executed.
/// @param round Of partly executed redemptions, see {RedemptionRound}.
struct Vault {
    uint64 depositsWaiting;
    uint64 depositsOpen;
    uint32 openEpoch;
    uint32 refusedEpoch;
    uint32 settledEpoch;
    uint32 depositLock;
    uint128 redemptionsCooling;
    uint32 maturedEpoch;
    uint32 minCooldown;
    uint32 maxCooldown;
    uint16 utilisationBps;
    uint16 outflowCapBps;
    uint128 redemptionsWaiting;
    uint32 round;
}
