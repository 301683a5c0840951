import type { FailureName, OrderRefusalName, SignedOrder } from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { Kind } from './placements.ts';

// What a replay writes down, for the verdict. Times in seconds of chain time, prices USD with 18 decimals, sizes base units
// with 12.

/** An order that was told to the keepers. */
export interface Told {
  readonly id: number;
  readonly kind: Kind;
  readonly market: number;
  readonly account: Hex;
  readonly trigger: bigint;
  readonly above: boolean;
  readonly limitPrice: bigint;
  /** Of an attached order the share, basis points. */
  readonly sizeDelta: bigint;
  readonly attached: boolean;
  readonly reduceOnly: boolean;
  readonly placedAt: number;
  /** The last second at which it may be committed; undefined when it has none. */
  readonly deadline: number | undefined;
  /** When its owner cancelled it; undefined when never. */
  cancelledAt: number | undefined;
  readonly signed: SignedOrder;
}

/** What became of a committed order, in the order of the chain. */
export interface Outcome {
  /** Of the order that was told; null of one that its owner committed to begin with. */
  readonly id: number | null;
  readonly market: number;
  readonly account: Hex;
  readonly committedAt: number;
  /** The block's time. */
  readonly settledAt: number;
  readonly result:
    | { readonly status: 'filled'; readonly sizeDelta: bigint; readonly cost: bigint }
    | { readonly status: 'failed'; readonly reason: FailureName }
    | { readonly status: 'released' | 'expired' };
}

/** What the oracle says of a market after a block. */
export interface MarketView {
  /** Of `PriceState`. */
  readonly state: number;
  readonly anchor: { readonly value: bigint; readonly confidence: bigint; readonly time: bigint };
  /** The breaker of fast moves: prices from one second until before another are guarded. */
  readonly breaker: { readonly from: number; readonly until: number };
}

export interface BlockView {
  readonly time: number;
  /** By market id. */
  readonly markets: readonly MarketView[];
}

/** A market and what its trades cost by. */
export interface MarketFacts {
  readonly symbol: string;
  readonly skewScale: bigint;
  readonly thresholdPpm: bigint;
  readonly haltPpm: bigint;
  readonly strainConfidencePpm: bigint;
}

export interface Recorded {
  readonly from: number;
  readonly to: number;
  /** Seconds between blocks. */
  readonly blockTime: number;
  /** By id. */
  readonly markets: readonly MarketFacts[];
  readonly told: readonly Told[];
  readonly blocks: readonly BlockView[];
  /** Of orders that were told, in the order of the chain. */
  readonly commits: readonly { readonly id: number; readonly committedAt: number }[];
  readonly outcomes: readonly Outcome[];
  /** Orders that a commit left out, at the block's time. */
  readonly leftOut: readonly { readonly id: number; readonly at: number; readonly reason: OrderRefusalName }[];
  /** Whatever should not have happened: liquidations, orders that nobody told. */
  readonly accidents: readonly string[];
}
