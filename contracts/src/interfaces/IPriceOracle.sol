// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a caller wants a price for; the oracle's state decides whether it may have one.
enum PriceUse {
    Settle,
    CloseNow,
    Liquidate,
    Withdraw,
    Liquidity,
    Index,
    Deleverage,
    Crystallise
}

/// @notice How far a market's price can be trusted, and so what it may be used for: docs/mechanism.md#oracle-states.
/// Up to Guarded both sources stand behind it.
enum PriceState {
    Normal,
    Strained,
    Guarded,
    Single,
    Fallback,
    Halted,
    SequencerDown
}

/// @notice Why a price is in its state.
enum PriceReason {
    None,
    Deviation,
    Confidence,
    Breaker,
    AnchorSilent,
    QuoteSilent,
    UptimeUnreadable,
    NoSource,
    FarFromMean,
    Bounds,
    Guardian,
    Down,
    Grace
}

/// @notice A validated price.
/// @param mid USD per base unit, 18 decimals: the index.
/// @param lo The lowest price the sources support, 18 decimals, `lo ≤ mid`.
/// @param hi The highest price the sources support, 18 decimals, `hi ≥ mid`.
/// @param halfWidth max(2 · confidence, 1 bp of mid), 18 decimals, rounded up.
/// @param publishTime Seconds; when the low-latency source published `mid`.
/// @param state The trust state the price was found in.
struct Price {
    uint256 mid;
    uint256 lo;
    uint256 hi;
    uint256 halfWidth;
    uint256 publishTime;
    PriceState state;
}

/// @title Validated prices, or the reason why there is none.
/// @dev The engine holds the oracle's address as an immutable of its implementation. Market ids are the engine's.
interface IPriceOracle {
    /// @notice Thrown when the state of a market's price does not permit the use.
    error PriceUseRefused(uint256 market, PriceUse use, PriceState state, PriceReason reason);

    /// @notice The price every order committed in one block settles at: the first unique low-latency price published in
    /// the window, cross-validated with the anchor. While the low-latency source is silent, without an update: the first
    /// answer of the anchor written after the window began, in Single.
    /// @dev Charges the update's exact fee from `msg.value` and returns the surplus to `refundTo`. Stores nothing.
    /// @param market The engine's market id.
    /// @param update The low-latency source's signed update: exactly one, minimal.
    /// @param minPublishTime Seconds, inclusive; the price must be the first one published at or after it.
    /// @param maxPublishTime Seconds, inclusive.
    /// @param refundTo Receives what `msg.value` exceeds the fee by.
    /// @return price In Normal, `lo` and `hi` are `mid` ∓ `halfWidth`.
    function settlementPrice(
        uint256 market,
        bytes[] calldata update,
        uint256 minPublishTime,
        uint256 maxPublishTime,
        address refundTo
    ) external payable returns (Price memory price);

    /// @notice Present prices of several markets for one use.
    /// @dev With an empty `update` the stored low-latency prices serve, if young enough for the use: CloseNow always
    /// needs an update not older than 5 s; Withdraw and Index 60 s; the others 15 s.
    /// For CloseNow, Liquidate and Crystallise `lo` and `hi` span both sources: min(Pyth, Chainlink) − halfWidth to
    /// max(Pyth, Chainlink) + halfWidth.
    /// @param markets Bit m set asks for market m.
    /// @param update Signed updates of exactly those markets' feeds, or empty.
    /// @param use What for; refused by state with {PriceUseRefused}.
    /// @param refundTo Receives what `msg.value` exceeds the fee by.
    /// @return prices One per set bit, in ascending order of market.
    function presentPrices(uint256 markets, bytes[] calldata update, PriceUse use, address refundTo)
        external
        payable
        returns (Price[] memory prices);

    /// @notice Looks at the present prices of several markets for everybody: notes what the mean is made of, that sources
    /// disagree for good or agree again, and that a price moves too fast to open at. Anybody may call it. No state of a
    /// market makes it revert.
    /// @dev With an empty `update` the stored low-latency prices serve. Of a market whose stored price is older than 60 s
    /// nothing is noted until the low-latency source is silent: a price might have to be brought and say otherwise.
    /// @param markets Bit m set asks for market m.
    /// @param update Signed updates of exactly those markets' feeds, or empty.
    /// @param refundTo Receives what `msg.value` exceeds the fee by.
    /// @return prices One per set bit, in ascending order of market; `mid` is zero where there is none, and the state
    /// Halted where nothing was noted.
    function observe(uint256 markets, bytes[] calldata update, address refundTo)
        external
        payable
        returns (Price[] memory prices);

    /// @notice The stored price of a market and the state it is in, for views; never reverts for a registered market. Once
    /// the low-latency source is silent, the anchor's.
    /// @return price `mid` is zero when no source answers.
    function peek(uint256 market) external view returns (Price memory price);

    /// @notice What a market ends at that was put into settlement after a long halt: the mean over an hour of the first
    /// source that returned or, when none has, what was voted.
    /// @return price USD, 18 decimals; zero while there is none, so that the market ends at a present price.
    function closingPrice(uint256 market) external view returns (uint256 price);

    /// @notice Whether USDC is off its peg: below 0.99 or above 1.01 USD in the two newest rounds of its feed; and back on it
    /// when both are within. Any other two, a feed that does not answer or is older than 1.1 heartbeats, and none at all leave
    /// it as it was.
    /// @param before What was found last.
    function offPeg(bool before) external view returns (bool);
}
