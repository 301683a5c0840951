// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Failure, Order, Refusal} from "../engine/EngineTypes.sol";

/// @title What the engine tells: each event carries the change and the state it left, so that nobody calls back.
/// @dev Money in USD, 18 decimals; cash in 30; sizes in base units, 12 decimals; prices 18 decimals; times in seconds.
interface IEngineEvents {
    event Deposited(bytes32 indexed account, address indexed from, uint256 amount, uint256 margin);
    event Withdrawn(bytes32 indexed account, address indexed to, uint256 amount, uint256 margin);
    event MarginMoved(bytes32 indexed from, bytes32 indexed to, uint256 amount, uint256 fromMargin, uint256 toMargin);
    /// @param credit The amount in the upper 128 bits, the margin in the lower.
    event Credited(bytes32 indexed account, uint256 credit);

    /// @notice A batch of orders was committed.
    /// @param place In its market's queue 40 bits, the keeper fee of each order 16, US cents, the market.
    event BatchCommitted(uint256 indexed place, Order[] orders);
    /// @notice An order that was shown with others was not taken: {BatchCommitted} does not list it.
    event OrderLeftOut(
        uint256 indexed market, bytes32 indexed account, uint256 nonce, Refusal reason, uint256 actual, uint256 limit
    );
    /// @notice An order's trigger was not met at its price. Its keeper fee is back in the margin, its nonce unused.
    event OrderReleased(uint256 indexed market, bytes32 indexed account, uint256 index, uint256 nonce);
    /// @notice An order filled.
    /// @param change From the lowest bit: what was bought 88 bits (signed), its cost with the spread 168 (signed).
    /// @param position As it is stored: size 88 bits (signed), cash 136 (signed), checkpoint 16, generation 16.
    /// @param paid The account's margin 96 bits, the fee 96, the batch's place in the queue 40, the market.
    /// @param poolPays Cash that moved from the pool to the margin.
    event OrderFilled(bytes32 indexed account, uint256 change, uint256 position, uint256 paid, int256 poolPays);
    event OrderFailed(
        uint256 indexed market, bytes32 indexed account, uint256 index, Failure reason, uint256 actual, uint256 limit
    );
    event BatchesExpired(uint256 indexed market, uint256 from, uint256 to, uint256 fees);
    /// @notice A position was closed at once. Words as of {OrderFilled}, without a place.
    event PositionClosed(bytes32 indexed account, uint256 change, uint256 position, uint256 paid, int256 poolPays);
    /// @notice A position was liquidated, or a part of it. Who did it says {Credited} of the same call.
    /// @param change From the lowest bit: what was closed 88 bits (signed), its cost 168 (signed). Zero where deleveraging had
    /// left no size: only the position's cash was realised.
    /// @param position What stays, as it is stored: size 88 bits (signed), cash 136 (signed), checkpoint 16, generation 16.
    /// @param paid What the account paid for all positions closed in the call, told with the last of them: bit 255 set, then
    /// the keeper's reward from bit 128 and the penalty from bit 0. Zero with those before.
    /// @param left Likewise: bad debt from bit 128 and the account's margin from bit 0.
    event PositionLiquidated(
        uint256 indexed market, bytes32 indexed account, uint256 change, uint256 position, uint256 paid, uint256 left
    );
    /// @notice One source has found an account below maintenance: from 60 to 600 s later it may be liquidated by one source.
    /// @param equity At the favourable prices, USD, 18 decimals, rounded down, as `maintenance`.
    event AccountFlagged(bytes32 indexed account, int256 equity, uint256 maintenance);
    event LossDeferred(bytes32 indexed account, uint256 indexed market, uint256 amount, int256 cash);
    event BadDebtCovered(uint256 indexed market, uint256 badDebt, uint256 covered, uint256 insurance);
    event ClaimOpened(bytes32 indexed account, uint256 amount, uint256 unpaid, uint256 outstanding);
    event ClaimCancelled(bytes32 indexed account, uint256 amount, uint256 unpaid, uint256 outstanding);
    event ClaimsPaid(uint256 amount, uint256 outstanding);

    /// @notice A market's resulting state, once per call that changed it: the three words of {Market} as they are stored.
    /// @param interest From the lowest bit: longs 88 bits, shorts 88, time of accrual 40, time of the index 40.
    /// @param pricing Funding 96 bits (signed), index 96, rate 56 (signed).
    /// @param totals Cash 152 bits (signed), integral of the skew 104 (signed).
    event MarketUpdated(uint256 indexed market, uint256 interest, uint256 pricing, uint256 totals, uint256 poolCash);
    /// @notice Batches were settled by a keeper; words as of {MarketUpdated}.
    /// @param cash The pool's 96 bits, the margin of the keeper's first sub-account 96, from bit 192 on the keeper's fees that
    /// came to it, halves of US cents.
    event BatchesSettled(
        uint256 indexed market, address indexed keeper, uint256 interest, uint256 pricing, uint256 totals, uint256 cash
    );
    /// @notice A side was cut by `fraction`, 18 decimals, rounded down: every position of it, at the index.
    event Deleveraged(
        uint256 indexed market,
        bool longSide,
        uint256 checkpoint,
        uint256 fraction,
        uint256 longs,
        uint256 shorts,
        int256 cash,
        uint256 index,
        int256 funding
    );
    /// @notice A loss moved from margin to the pool, and as much into the position's cash.
    event Crystallised(
        bytes32 indexed account, uint256 indexed market, uint256 amount, int256 cash, uint256 margin, uint256 claims
    );
    /// @notice The market takes no new risk and may be settled from `settlesAt` on.
    event SettlementScheduled(uint256 indexed market, uint256 settlesAt);
    event SettlementCancelled(uint256 indexed market);
    /// @notice The market's index and funding are final.
    event MarketClosed(uint256 indexed market, uint256 index, uint256 indexAt, int256 funding);
    /// @notice A position left at the index, without cost: `realised` is what it was worth.
    event PositionSettled(
        uint256 indexed market,
        bytes32 indexed account,
        int256 sizeDelta,
        int256 realised,
        uint256 badDebt,
        uint256 margin
    );
    event GasMarketSet(uint256 indexed market);
    event MarketListed(uint256 indexed market);
    /// @notice The parameters in force: the word of `MarketConfig`, lowest bits first, and the keeper fee in US cents.
    event MarketConfigured(uint256 indexed market, bytes32 config, uint256 keeperFeeCents);
    /// @notice A change of parameters was put on its way; words as in {MarketConfigured}, without flags.
    event ParametersScheduled(
        uint256 indexed market, bytes32 from, bytes32 to, uint256 startedAt, uint256 endsAt, uint256 keeperFeeCents
    );
    event ParametersCancelled(uint256 indexed market, address by);
    event ReduceOnlySet(uint256 indexed market, bool on, address by);
    event PauseLevelSet(uint256 level, address by);
    /// @notice USDC was found off its peg, or on it again.
    event PegObserved(bool off);
    event ReservesDivided(uint256 insurance, uint256 treasury);
    event InsuranceFunded(address indexed from, uint256 amount, uint256 insurance);
    event TreasuryPaid(address indexed to, uint256 amount, uint256 treasury);
    /// @notice The pool was valued. `kept` is what markets are measured by, whole USD.
    event PoolAppraised(int256 value, uint256 kept);
    event LiquidityAdded(uint256 amount, uint256 poolCash);
    event LiquidityRemoved(uint256 amount, uint256 poolCash);
    event LiquidityPaid(address indexed to, uint256 amount, uint256 lpPayable);
    event LiquidityReturned(address indexed to, uint256 amount, uint256 lpPending);
}
