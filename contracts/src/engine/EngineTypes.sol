// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What the ledger stores. Widths come from maxima: position notional ≤ $500 M, index ≤ 1e8 USD, |funding| ≤ 64 · index.
// Sizes are multiples of 1e-12 base units, "raw" cash has 30 decimals, money that moves has 18.

/// @notice An owner's sub-account: one cross-margin portfolio. One slot.
/// @dev `id = bytes32(owner << 96 | sub)`.
/// @param margin Realised USD, 18 decimals; max 7.9e10 USD, as all of the engine's custody.
/// @param committedAt Seconds; when the last order was committed. Max year 2106.
/// @param markets Bit m set: a position in market m is open.
/// @param moments Bit i set: a signed order of the moment has used up the second `committedAt` − i.
/// @param orders From the lowest bit: purge 6 bits, market 6, pending 4. Orders committed at or before `committedAt` −
/// purge fail: a liquidation came after them; 63 reaches back beyond every order's window. Market: where the last order was
/// committed, and so of all that pend. Pending: orders committed and neither settled nor past their window; ≤ 8.
/// @param volume Trailing volume as of the day of `committedAt`: hundreds of USD, 0 decimals; stays at its maximum, $1.67 B.
struct Account {
    uint96 margin;
    uint32 committedAt;
    uint64 markets;
    uint24 moments;
    uint16 orders;
    uint24 volume;
}

/// @notice What is remembered of an account from times in which its prices were in doubt. One slot.
/// @param held Bit m set: it has realised a profit in market m then, and takes nothing out before the market's price is
/// trusted again.
/// @param flaggedAt Seconds; when it was last found below maintenance by one source.
struct Doubt {
    uint64 held;
    uint40 flaggedAt;
}

/// @notice A position is worth `size · (index − funding) + cash`. One slot.
/// @param size Base units, 12 decimals, + long; max 1.5e14.
/// @param cash USD, 30 decimals; max 4.3e10 USD = $500 M · 65 · 1.3.
/// @param checkpoint Of the side-wide deleveraging multiplier.
/// @param generation Counts the position's lives modulo 2^16, so that what is attached to one dies with it.
struct Position {
    int88 size;
    int136 cash;
    uint16 checkpoint;
    uint16 generation;
}

/// @notice One market. Three slots.
/// @param longs Open interest of longs, base units, 12 decimals.
/// @param shorts Open interest of shorts, base units, 12 decimals.
/// @param accruedAt Seconds up to which funding is accrued.
/// @param indexAt Publish time of `index`, seconds.
/// @param funding Cumulative funding, USD per base unit, 18 decimals; longs pay its growth.
/// @param index USD per base unit, 18 decimals.
/// @param fundingRate Sealed rate of the current hour, per hour, 18 decimals; + longs pay.
/// @param cash Σ of positions' cash, USD, 30 decimals.
/// @param skewSeconds ∫ skew dt since the hour began, base units (12 decimals) · seconds.
struct Market {
    uint88 longs;
    uint88 shorts;
    uint40 accruedAt;
    uint40 indexAt;
    int96 funding;
    uint96 index;
    int56 fundingRate;
    int152 cash;
    int104 skewSeconds;
}

/// @notice A market's parameters. One slot.
/// @param skewScale S: base units, 6 decimals; mark = index · (1 + skew / S).
/// @param initialMarginBps IM, basis points of notional.
/// @param maintenanceMarginBps MM, basis points of notional.
/// @param marginSlopeBps β, 10,000 = 1: margin grows by β · |size| / S.
/// @param skewCapBps κ, basis points of S: the skew that opening trades may reach.
/// @param openInterestCapBps ω, basis points of S: the open interest of each side.
/// @param profitWeightBps w: the share of unrealised profit that counts when opening.
/// @param makerFeePpm For the part of a trade that reduces |skew|, parts per million of notional.
/// @param takerFeePpm For the part that grows it.
/// @param penaltyBps Of the notional liquidated.
/// @param accountCapPercent The largest position: percent of ω · S.
/// @param fundingCoefficientBps Rate per hour at skew = S.
/// @param fundingCapPpm Largest |rate| per hour.
/// @param allocationPercent a_m: what the market may lock of the pool, percent of its value.
/// @param flags Bit 0: listed. Bit 1: reduce-only. Bit 2: pause level 2, kept here so that a commit reads one slot less.
/// Bit 3: a side has been deleveraged before, so positions may have to catch up. Bit 4: settled for good.
struct MarketConfig {
    uint64 skewScale;
    uint16 initialMarginBps;
    uint16 maintenanceMarginBps;
    uint16 marginSlopeBps;
    uint16 skewCapBps;
    uint16 openInterestCapBps;
    uint16 profitWeightBps;
    uint16 makerFeePpm;
    uint16 takerFeePpm;
    uint8 penaltyBps;
    uint8 accountCapPercent;
    uint16 fundingCoefficientBps;
    uint16 fundingCapPpm;
    uint8 allocationPercent;
    uint8 flags;
}

/// @notice What a market has lately cost insurance and what its liquidations have added to the skew. One slot.
/// @param insuranceSpent Bad debt that insurance paid in `insuranceHour`, USD, 18 decimals.
/// @param insuranceHour Hours since 1970.
/// @param metered |skew| that liquidations have added, as of `meteredAt`; base units, 12 decimals.
/// @param meteredAt Seconds.
struct MarketRisk {
    uint96 insuranceSpent;
    uint32 insuranceHour;
    uint88 metered;
    uint40 meteredAt;
}

/// @notice Where a side of a market stands after a deleveraging. Two slots.
/// @param multiplier Product of the fractions left since the round began: 2^127 is one, rounded down, ≥ 2^95 but at a
/// round's end.
/// @param round A new one begins when the multiplier would fall below 2^95.
/// @param cash Moved into cash since the round began for each base unit held then: USD per base unit, 18 decimals, times
/// 2^127; exact, magnitude < 2^220 = 2^127 · 65 · 1e26.
struct Checkpoint {
    uint128 multiplier;
    uint32 round;
    int256 cash;
}

/// @notice A market's deleveragings. Keys of both mappings: number · 2, plus one for the longs.
/// @param longs Number of the longs' latest checkpoint; zero before the first.
/// @param shorts Number of the shorts'.
/// @param checkpoints By side and number; what is not stored is the beginning: {2^127, 0, 0}.
/// @param roundEnds How each side's rounds ended, by side and round.
struct Deleveragings {
    uint16 longs;
    uint16 shorts;
    mapping(uint256 key => Checkpoint) checkpoints;
    mapping(uint256 key => Checkpoint) roundEnds;
}

/// @notice A change of a market's parameters on its way. Three slots, read by nothing that trades.
/// @param from The parameters in force when it was scheduled.
/// @param to What they shall be; no flags.
/// @param startedAt Seconds.
/// @param endsAt Seconds; zero when nothing is scheduled.
/// @param keeperFeeCents What the keeper fee shall be, US cents.
struct Schedule {
    MarketConfig from;
    MarketConfig to;
    uint40 startedAt;
    uint40 endsAt;
    uint16 keeperFeeCents;
}

/// @notice The liquidity pool's cash ledger and the fees awaiting division. One slot.
/// @param cash V: USD, 18 decimals.
/// @param fees Insurance's and treasury's part of fees, not yet divided; USD, 18 decimals.
/// @param value The pool's value at its last appraisal, corrected by the liquidity that came and went since: whole USD,
/// rounded down. What markets may lock is measured by it, or by `cash` when that is less.
/// @param pauseLevel Bits 0 and 1: 0 none, 1 no new risk, 2 nothing but what the interface lists. Bit 2: USDC is off its
/// peg. Opening needs all of them to be zero.
/// @param claimsOpen Whether claims are unpaid or paid and not collected; while not, nobody reads their slots.
struct Pool {
    uint96 cash;
    uint96 fees;
    uint48 value;
    uint8 pauseLevel;
    bool claimsOpen;
}

/// @notice Cash held for insurance and treasury. One slot.
struct Reserves {
    uint128 insurance;
    uint128 treasury;
}

/// @notice What winners are owed that the pool could not pay: unfunded, senior, paid pro rata from every inflow.
/// @param outstanding USD, 18 decimals.
/// @param factor Share of a claim still unpaid since the round began; 27 decimals, rounded up.
/// @param round Grows by one each time all claims are paid.
struct Claims {
    uint112 outstanding;
    uint112 factor;
    uint32 round;
}

/// @notice How far the withdrawals of an hour may bring the custody down. One slot, read by nothing else.
/// @param hour Hours since 1970: that of the last withdrawal.
/// @param floor What its withdrawals leave in custody at least; USD, 18 decimals.
struct Outflow {
    uint32 hour;
    uint96 floor;
}

/// @notice One account's claim.
/// @param amount Unpaid USD, 18 decimals, as of `factor`.
/// @param factor {Claims-factor} when `amount` was last touched.
/// @param round {Claims-round} when `amount` was last touched.
struct Claim {
    uint112 amount;
    uint112 factor;
    uint32 round;
}

/// @notice A market's queue of committed batches: a ring that is never zeroed. One slot.
/// @param head Index of the first unsettled batch.
/// @param tail Index of the next batch to be committed.
/// @param escrow Keeper fees of unsettled orders, USD, 18 decimals.
/// @param keeperFeeCents Fee of one order, US cents.
/// @param marginPerUnit Initial margin of one base unit when the market was last settled, listed or released from a halt,
/// USD, 10 decimals, rounded up: what a commit asks for, so that it reads one slot less. Zero while no orders are taken: before
/// the listing, while halted, after the market's end.
struct Queue {
    uint40 head;
    uint40 tail;
    uint96 escrow;
    uint16 keeperFeeCents;
    uint64 marginPerUnit;
}

/// @notice One committed batch. One slot.
/// @param digest First 200 bits of the batch's hash, which covers its place in the queue.
/// @param count Orders in it, 1 to 32.
/// @param feeCents Keeper fee of each order, US cents.
/// @param committedAt Seconds.
struct QueueItem {
    uint200 digest;
    uint8 count;
    uint16 feeCents;
    uint32 committedAt;
}

/// @notice What a market was worth to the accounts with a position in it whose orders were committed elsewhere in one second:
/// at the settlement it is so still. One slot.
/// @param funding As {Market-funding}, accrued to that second.
/// @param index As {Market-index}: that of the second's first such commit.
/// @param committedAt Seconds.
/// @param age Of the index then, seconds; zero in a settled market, whose index is final.
struct Pin {
    int96 funding;
    uint96 index;
    uint40 committedAt;
    uint24 age;
}

/// @notice An order. Three words, so that a batch is cheap to commit and to show again; see {OrderWords}.
/// @param account Whose: `bytes32(owner << 96 | sub)`.
/// @param terms From the lowest bit: size change 88 bits (signed), limit price 88, deadline 32, nonce 24, generation 16,
/// flags 8.
/// @param extras From the lowest bit: trigger price 88, builder's fee 8, builder 160. Zero for most.
struct Order {
    bytes32 account;
    uint256 terms;
    uint256 extras;
}

/// @notice An order with its signature.
/// @param account As of {Order}, as are terms and extras.
/// @param r Of the signature; or its place among longer ones where `vs` is zero.
/// @param vs As of EIP-2098: s, with the parity in the highest bit.
struct SignedOrder {
    bytes32 account;
    uint256 terms;
    uint256 extras;
    bytes32 r;
    bytes32 vs;
}

/// @notice What an owner lets a delegate do: trade, never take out. One slot.
/// @param expiry Seconds; from then on it may nothing.
/// @param markets Bit m set: in market m.
/// @param permissions Bit 0: orders that may open. Bit 1: orders that only reduce. Bit 2: immediate closes.
/// @param dailyLimit Notional of a day's orders, whole USD.
/// @param spent Of it on `day`, whole USD, each order rounded up.
/// @param day Days since 1970.
struct Delegation {
    uint40 expiry;
    uint64 markets;
    uint8 permissions;
    uint48 dailyLimit;
    uint48 spent;
    uint32 day;
}

/// @notice Why an order is not taken.
enum Refusal {
    None,
    SignatureInvalid,
    ZeroSize,
    TermsInvalid,
    DeadlinePassed,
    NonceUsed,
    OrdersPending,
    BuilderNotApproved,
    DelegateNotPermitted,
    DelegateLimit,
    TriggerNotMet,
    PositionEnded,
    MarginTooLow,
    AccountOfEarnings,
    IndexStale,
    OrdersElsewhere
}

/// @notice Why a committed order failed. Computed, never caught.
enum Failure {
    None,
    Purged,
    LimitExceeded,
    NothingToReduce,
    CapReached,
    Dust,
    MarginTooLow,
    EquityNegative,
    TooManyPositions,
    OpeningPaused,
    TooLarge,
    PositionEnded
}
