// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPriceOracle} from "./IPriceOracle.sol";
import {
    Account,
    Claims,
    Doubt,
    Market,
    MarketConfig,
    MarketRisk,
    Pool,
    Position,
    Queue,
    QueueItem,
    Reserves,
    Schedule
} from "../engine/EngineTypes.sol";

/// @notice The terms of property 1 and of the pool's net asset value. USD, 18 decimals unless said.
/// @param balance Tokens held.
/// @param custody Everything owed in tokens: the sum of the terms below.
/// @param margin Σ margin of all accounts.
/// @param poolCash V.
/// @param insurance Insurance fund, its part of undivided fees not yet in it.
/// @param treasury Treasury, its part of undivided fees not yet in it.
/// @param fees Undivided fees.
/// @param escrow Keeper fees of unsettled orders.
/// @param claimsPaid Paid on claims, to be collected.
/// @param lpPending Liquidity deposits awaiting their epoch.
/// @param lpPayable Redemptions awaiting their pull.
/// @param claims Unpaid claims: unfunded, outside of custody.
/// @param tradersValue Σ U over markets, USD, 30 decimals, signed.
/// @param skewReserve Σ Res over markets, USD, 30 decimals.
/// @param netAssetValue V − claims − Σ (U + Res), USD, 30 decimals, signed.
struct Solvency {
    uint256 balance;
    uint256 custody;
    uint256 margin;
    uint256 poolCash;
    uint256 insurance;
    uint256 treasury;
    uint256 fees;
    uint256 escrow;
    uint256 claimsPaid;
    uint256 lpPending;
    uint256 lpPayable;
    uint256 claims;
    int256 tradersValue;
    uint256 skewReserve;
    int256 netAssetValue;
}

/// @title The exchange's cold operations and views, on the engine's own address.
interface IEngineExtension {
    /// @notice Grants `admin` every role until the hand-over. Once.
    function initialize(address admin) external;

    /// @notice Takes realised margin out; never unrealised profit.
    /// @dev With open positions, equity at each market's worst supported price must stay ≥ max(initial, 20 % of notional).
    /// An account without position or order may withdraw in every state but pause level 2. Within a clock hour withdrawals
    /// bring the custody down by a quarter of what the first of them finds at most, or by $1,000,000, whichever is more; beyond
    /// that {IEngineErrors-OutflowCapReached}. Whatever comes in within the hour may leave in it beside that.
    /// @param update Signed prices of the account's markets, and of those in {getDoubt} that have not ended, or empty when
    /// the stored ones are young enough; the fee is taken from `msg.value`, the surplus returned.
    function withdraw(bytes32 account, uint256 assets, address to, bytes[] calldata update) external payable;

    /// @notice Moves realised margin to another account of the same owner, under the rule of {withdraw} but for the hour's
    /// cap: an isolated position is this and a commit. Refused while orders of either account are pending.
    /// @param assets USDC units, as of a withdrawal.
    /// @param update As of a withdrawal, for the markets of `from`.
    function moveMargin(bytes32 from, bytes32 to, uint256 assets, bytes[] calldata update) external payable;

    /// @notice Has the oracle observe markets, and accepts the prices that both sources stand behind as indices, accruing
    /// funding first; a market without one keeps its index. Anybody may; each hour somebody should. Asks the oracle whether
    /// USDC is off its peg, too: while it is, nothing opens and no liquidity is deposited.
    /// @param markets Bit m set: market m; none asks for the peg alone.
    /// @param update Signed prices of exactly those markets, or empty.
    function updateIndices(uint256 markets, bytes[] calldata update) external payable;

    /// @notice Accrues a market's funding to now at its accepted index.
    function accrue(uint256 market) external;

    /// @notice Passes batches whose window has ended without their contents; their fees go to insurance.
    /// @param count At most so many batches.
    function expire(uint256 market, uint256 count) external;

    /// @notice Moves what has been paid on an account's claim into its margin. Refused while its orders are pending.
    function collectClaim(bytes32 account) external;

    /// @notice Divides undivided fees between insurance and treasury.
    function divideReserves() external;

    /// @notice Adds the caller's tokens to the insurance fund. USDC units.
    function fundInsurance(uint256 assets) external;

    /// @notice Pays treasury out. Needs DEFAULT_ADMIN_ROLE. USDC units.
    function payTreasury(address to, uint256 assets) external;

    /// @notice Lists a market; its feed must answer. Needs CONFIGURATOR_ROLE.
    /// @return market Its id.
    function listMarket(MarketConfig calldata config, uint16 keeperFeeCents) external returns (uint256 market);

    /// @notice Puts a change of a market's parameters on its way, within their hard bounds, in place of one that was. Needs
    /// CONFIGURATOR_ROLE. S, IM, MM, β, κ, ω, w, account cap and allocation move linearly from what is in force; the
    /// others change at the first full hour an hour or more from now. In force is what {advanceParameters} writes.
    /// @param config Without flags.
    /// @param duration Seconds: a day to a year, and as long as S needs at 5 % a day.
    function scheduleParameters(uint256 market, MarketConfig calldata config, uint16 keeperFeeCents, uint256 duration)
        external;

    /// @notice Puts the parameters due now in force, funding accrued first. Anybody may; each hour somebody should. The rate
    /// already sealed for the hour stands.
    function advanceParameters(uint256 market) external;

    /// @notice Ends a change on its way: what is in force stays. Needs CONFIGURATOR_ROLE or GUARDIAN_ROLE.
    function cancelParameters(uint256 market) external;

    /// @notice Lets a market's positions only shrink, or ends that. Needs CONFIGURATOR_ROLE; GUARDIAN_ROLE may set, not end it.
    function setReduceOnly(uint256 market, bool on) external;

    /// @notice Values the pool at the stored indices of all markets, each at most 60 s old: what markets may lock of it.
    /// Anybody may; each hour somebody should. Refused at pause level 2.
    function appraise() external;

    /// @notice Names the market whose index is the price of ether: what gas costs is measured by it when a liquidation's
    /// reward is topped up. Needs CONFIGURATOR_ROLE.
    function setGasMarket(uint256 market) external;

    /// @notice 0 none, 1 no new risk, 2 full halt. Needs GUARDIAN_ROLE.
    function setPauseLevel(uint8 level) external;

    /// @notice Takes a liquidity provider's tokens into keeping. Needs VAULT_ROLE. USDC units. Refused with
    /// {IEngineErrors-OffPeg} while USDC is off its peg.
    function receiveLiquidity(address from, uint256 assets) external;

    /// @notice Makes pending liquidity the pool's. Needs VAULT_ROLE.
    /// @param amount USD, 18 decimals.
    function addLiquidity(uint256 amount) external;

    /// @notice Sets pool cash aside for redemptions. Needs VAULT_ROLE. Refused while claims are unpaid.
    /// @param amount USD, 18 decimals.
    function removeLiquidity(uint256 amount) external;

    /// @notice Pays what was set aside. Needs VAULT_ROLE. USDC units.
    function payLiquidity(address to, uint256 assets) external;

    /// @notice Gives pending liquidity back, whatever the pool owes: it never was the pool's. Needs VAULT_ROLE. USDC units.
    function returnLiquidity(address to, uint256 assets) external;

    /// @notice Accepts prices of the markets with open interest and values the pool over their bands; what a market without
    /// any owes is its cash at every price. Needs VAULT_ROLE.
    /// @param update Signed prices of exactly those markets, or empty when the stored ones are young enough.
    /// @return lowest Net asset value at the least favourable ends, USD, 18 decimals, rounded down.
    /// @return highest At the most favourable ends, rounded up.
    /// @return locked What the markets lock of it, each at the end at which that is more, USD, 18 decimals, rounded up.
    function priceLiquidity(bytes[] calldata update)
        external
        payable
        returns (int256 lowest, int256 highest, uint256 locked);

    /// @notice What withdrawals may still take within the present clock hour, USD, 18 decimals, rounded down.
    function withdrawalLeft() external view returns (uint256);
    function solvency() external view returns (Solvency memory);
    function getAccount(bytes32 account) external view returns (Account memory);
    /// @notice What is remembered of an account from times in which its prices were in doubt.
    function getDoubt(bytes32 account) external view returns (Doubt memory);
    /// @notice The position as it is now: caught up with its side's deleveragings.
    function getPosition(bytes32 account, uint256 market) external view returns (Position memory);
    function getMarket(uint256 market) external view returns (Market memory);
    /// @notice The market accrued to now.
    function getAccruedMarket(uint256 market) external view returns (Market memory);
    /// @notice A change of a market's parameters on its way; `endsAt` zero: none.
    function getSchedule(uint256 market) external view returns (Schedule memory);
    function getMarketConfig(uint256 market) external view returns (MarketConfig memory);
    /// @notice What a market has lately cost insurance and added to the skew by liquidations.
    function getMarketRisk(uint256 market) external view returns (MarketRisk memory);
    function getQueue(uint256 market) external view returns (Queue memory);
    function getQueueItem(uint256 market, uint256 index) external view returns (QueueItem memory);
    function getPool() external view returns (Pool memory);
    function getReserves() external view returns (Reserves memory);
    function getClaims() external view returns (Claims memory);
    /// @notice Where prices come from; fixed in the implementation.
    function oracle() external view returns (IPriceOracle);
    /// @notice The collateral: USDC.
    function asset() external view returns (IERC20);
    function marketCount() external view returns (uint256);
    /// @notice The market whose index is the price of ether; the largest number when none is named.
    function gasMarket() external view returns (uint256);

    /// @notice What of an account's claim on the pool is unpaid. USD, 18 decimals, rounded up.
    function unpaidClaim(bytes32 account) external view returns (uint256);

    /// @notice What an account's claim still brings it, unpaid or paid and not yet collected: counts for maintenance. USD,
    /// 18 decimals.
    function claimOf(bytes32 account) external view returns (uint256);
}
