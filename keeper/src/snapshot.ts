import type { Account, Market, MarketConfig, Order, Position, SignedOrder } from '@tidemark/sdk';
import type { Hex } from 'viem';

/** What the keeper knows at one block. Times in seconds of chain time; nothing here is measured by another clock. */
export interface Snapshot {
  readonly block: bigint;
  /** The block's time. */
  readonly now: bigint;
  readonly pauseLevel: number;
  /** Whether the oracle finds USDC off its peg, or on it again, and the engine has not noted it yet. */
  readonly pegChanged: boolean;
  /** When the pool was last appraised, as far as the observer has seen; 0 when never. */
  readonly appraisedAt: bigint;
  /** Ascending by id, without gaps. */
  readonly markets: readonly MarketSnapshot[];
  /** Those with a position or a claim. */
  readonly accounts: readonly AccountSnapshot[];
  /** Signed orders that wait to be committed; none when nothing is known of any. */
  readonly orders: readonly SignedOrder[];
  /** Null when none is configured. */
  readonly vault: VaultSnapshot | null;
  /** Proposals that passed and are not executed; none when no governor is configured. */
  readonly proposals: readonly ProposalSnapshot[];
  /** Whether a pause has outlasted its time; false when no guardian is configured. */
  readonly pauseExpired: boolean;
}

export interface MarketSnapshot {
  readonly id: number;
  /** As stored. */
  readonly market: Market;
  readonly config: MarketConfig;
  /** Unsettled batches from the head of the queue on. */
  readonly pending: readonly PendingBatch[];
  /** The newest signed price; null when no price service gives one. */
  readonly quote: Quote | null;
  /** As of `PriceState`: what the oracle says of Pyth's stored price, however old that is. */
  readonly state: number;
  /** When Pyth's stored price was published; 0 when there is none. */
  readonly storedAt: bigint;
  /** Chainlink's newest answer; null when it gives none that the oracle takes. */
  readonly anchor: Quote | null;
  /** When the oracle is known to have observed the market last; 0 when that is not known. */
  readonly observedAt: bigint;
  /** The keeper's own last push that was included; null when it remembers none. */
  readonly pushed: Push | null;
}

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
