import type { Order, SignedOrder } from '@tidemark/sdk';
import type { Hex } from 'viem';

/** Something the keeper should do. `key` is the same as long as it is the same thing to do. */
export type Action = { readonly key: string } /** At most so many batches. */ & (
  | { readonly kind: 'expire'; readonly market: number; readonly count: number }
  | {
      readonly kind: 'settle';
      readonly market: number;
      readonly index: bigint;
      readonly committedAt: bigint;
      readonly batches: readonly (readonly Order[])[];
    }
  /** `markets`, here and below: whose prices are brought; none where the oracle has to do with the stored ones. */
  | { readonly kind: 'flag'; readonly account: Hex; readonly markets: readonly number[] }
  /** In the order in which they are liquidated. */
  | { readonly kind: 'liquidate'; readonly accounts: readonly Hex[]; readonly markets: readonly number[] }
  /** Of one market, as the engine takes them. */
  | { readonly kind: 'commitSigned'; readonly market: number; readonly orders: readonly SignedOrder[] }
  | { readonly kind: 'updateIndices'; readonly markets: readonly number[] }
  | { readonly kind: 'accrue'; readonly market: number }
  | { readonly kind: 'appraise' }
  | { readonly kind: 'collectClaim'; readonly account: Hex }
  | { readonly kind: 'settlePosition'; readonly account: Hex; readonly market: number }
  | { readonly kind: 'settleEpoch'; readonly markets: readonly number[] }
  | { readonly kind: 'deleverage'; readonly market: number; readonly markets: readonly number[] }
  | { readonly kind: 'crystallise'; readonly account: Hex; readonly market: number }
  | { readonly kind: 'divideReserves' }
  | { readonly kind: 'advanceParameters'; readonly market: number }
  | { readonly kind: 'settleMarket'; readonly market: number; readonly markets: readonly number[] }
  | { readonly kind: 'queueProposal' | 'executeProposal'; readonly proposal: bigint }
  | { readonly kind: 'expirePause' }
);

/** A proposal that passed, and until when it waits for what, seconds. `key` is the same as long as it does. */
export interface Waiting {
  readonly key: string;
  readonly proposal: bigint;
  readonly waits: 'to be queued' | 'for its time' | 'to be executed';
  readonly until: bigint;
}
