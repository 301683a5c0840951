import type { TidemarkError } from '@tidemark/sdk';
import type { Address, Hash } from 'viem';
import type { Action, Waiting } from './actions.ts';
import type { PriceSourceEvent } from './prices/priceSources.ts';

/** What a keeper tells. */
export type KeeperEvent =
  | { event: 'started'; chainId: number; address: Address; block: bigint }
  | { event: 'sending'; action: Action }
  | { event: 'sent'; action: Action; hash: Hash }
  | { event: 'included'; action: Action; hash: Hash; block: bigint }
  /** Included, but another keeper was first. */
  | { event: 'reverted'; action: Action; hash: Hash; block: bigint }
  | { event: 'refused'; action: Action; why: TidemarkError }
  /** A proposal that passed waits, told once for each thing it waits for; `now` is the block's time. */
  | { event: 'waiting'; waiting: Waiting; now: bigint }
  /** Everything that a block asks for has been attempted. */
  | { event: 'turn'; block: bigint }
  /** A price service is passed over, or serves again; the keeper goes on with the others, or with what needs no price. */
  | PriceSourceEvent
  /** Something does not answer; the keeper goes on trying. */
  | { event: 'trouble'; why: TidemarkError };
