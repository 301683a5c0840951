import type { Account, Market, MarketConfig, Order, Position, PriceMath, Schedule, SignedOrder } from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { HealthIndex } from './health/healthIndex.ts';
import type { Endangered } from './plan/endangered.ts';

/** What the keeper knows at one block. Times in seconds of chain time; nothing here is measured by another clock. */
export interface Snapshot {
  readonly block: bigint;
  /** The block's time. */
  readonly now: bigint;
  readonly pauseLevel: number;
  /** Whether the oracle finds USDC off its peg, or on it again, and the engine has not noted it yet. */
  readonly pegChanged: boolean;
  /** Whether the engine has noted that USDC is off its peg, so that nothing opens. */
  readonly offPeg: boolean;
  /** When the pool was last appraised, as far as the observer has seen; 0 when never. */
  readonly appraisedAt: bigint;
  readonly pool: PoolSnapshot;
  /** Ascending by id, without gaps. */
  readonly markets: readonly MarketSnapshot[];
  /** Every account with a position or a claim. It moves on with the next snapshot. */
  readonly health: Health;
  /** Below maintenance at the prices at hand, by the contract's own verdict where that can be asked; largest shortfall first. */
  readonly endangered: readonly Endangered[];
  /** Of whose claims a part has been paid. */
  readonly collectable: readonly AccountSnapshot[];
  /** Positions in markets that have ended. */
  readonly leaving: readonly { readonly account: Hex; readonly market: number }[];
  /** Signed orders that wait to be committed; none when nothing is known of any. */
  readonly orders: readonly SignedOrder[];
  /** Of those, what commits of the keeper's own that are on their way hold. */
  readonly committing: readonly SignedOrder[];
  /** Null when none is configured. */
  readonly vault: VaultSnapshot | null;
  /** Proposals that passed and are not executed; none when no governor is configured. */
  readonly proposals: readonly ProposalSnapshot[];
  /** Whether a pause has outlasted its time; false when no guardian is configured. */
  readonly pauseExpired: boolean;
}

/** What can be asked of the accounts. */
export type Health = Pick<HealthIndex, 'size' | 'get' | 'accounts' | 'holders' | 'due'>;

/** USD, 18 decimals. */
export interface PoolSnapshot {
  readonly cash: bigint;
  /** Not yet divided between insurance and treasury. */
  readonly fees: bigint;
  /** What winners are owed beyond the cash. */
  readonly claims: bigint;
  /** Without its part of the undivided fees, as `treasury`. */
  readonly insurance: bigint;
  readonly treasury: bigint;
}

export interface MarketSnapshot {
  readonly id: number;
  /** As stored. */
  readonly market: Market;
  readonly config: MarketConfig;
  /** Of one order, US cents. */
  readonly keeperFeeCents: bigint;
  /** Null when no change of parameters is on its way. */
  readonly schedule: Schedule | null;
  /** When the market may be ended; 0 when that is not announced. */
  readonly settlesAt: bigint;
  /** What the oracle ends the market at, USD per base unit, 18 decimals; 0 when it does so by a present price. */
  readonly closingPrice: bigint;
  /** Unsettled batches from the head of the queue on. */
  readonly pending: readonly PendingBatch[];
  /** The newest signed price; null when no price service gives one. */
  readonly quote: Quote | null;
  /** As of `PriceState`: what the oracle says of Pyth's stored price, however old that is. */
  readonly state: number;
  /** When Pyth's stored price was published; 0 when there is none. */
  readonly storedAt: bigint;
  /** Pyth's stored price; null when the oracle takes none. */
  readonly stored: Quote | null;
  /** Chainlink's newest answer; null when it gives none that the oracle takes. */
  readonly anchor: Quote | null;
  readonly rules: OracleRules;
  /** When the oracle is known to have observed the market last; 0 when that is not known. */
  readonly observedAt: bigint;
  /** The keeper's own last push that was included; null when it remembers none. */
  readonly pushed: Push | null;
}

/** What the oracle judges a market's prices by. Prices USD per base unit, 18 decimals. */
export interface OracleRules extends Readonly<PriceMath.FeedBounds> {
  /** Between which a price is credible. */
  readonly floor: bigint;
  readonly ceiling: bigint;
  /** Whether Chainlink's answer lies beyond them. */
  readonly anchorOutside: boolean;
  /** Prices from this time on are halted; 0 when none is. */
  readonly haltedAt: bigint;
  /** Prices of these times are guarded: from the first on, up to the second. */
  readonly breakerFrom: bigint;
  readonly breakerUntil: bigint;
  /** As of {@link SequencerState}. */
  readonly sequencer: number;
  /** Zero when it is not ready. */
  readonly mean: bigint;
}

/** What the uptime feed says, by the contract's numbers. */
export const SequencerState = { Up: 0, Grace: 1, Down: 2, Unreadable: 3 } as const;

export interface PendingBatch {
  readonly index: bigint;
  readonly committedAt: bigint;
  /** Null when its event is older than the observer's first block: it can only expire. */
  readonly orders: readonly Order[] | null;
}

/** A price that was pushed. */
export interface Push {
  readonly publishTime: bigint;
  /** When it was seen to be included. */
  readonly at: bigint;
}

/** A published price, USD per base unit, 18 decimals. */
export interface Quote {
  readonly price: bigint;
  readonly confidence: bigint;
  readonly publishTime: bigint;
}

export interface AccountSnapshot {
  readonly id: Hex;
  readonly account: Account;
  /** By market. */
  readonly positions: ReadonlyMap<number, Position>;
  /** What its claim still brings, USD, 18 decimals. */
  readonly claim: bigint;
  /** Whether a part of it has been paid. */
  readonly collectable: boolean;
  /** When it was flagged last, seconds; 0 when never. */
  readonly flaggedAt: bigint;
}

export interface VaultSnapshot {
  readonly settledEpoch: bigint;
  /** Requests that an epoch's settlement may execute, in any unit: zero means none. */
  readonly requests: bigint;
}

/** A proposal that passed. */
export interface ProposalSnapshot {
  readonly id: bigint;
  /** When it may be executed, seconds; null until it is queued. */
  readonly dueAt: bigint | null;
  /** When it expires unless it is queued, or executed, seconds. */
  readonly expiresAt: bigint;
}
