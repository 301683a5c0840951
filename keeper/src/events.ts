import type { RpcEvent, TidemarkError } from '@tidemark/sdk';
import type { Address, Hash } from 'viem';
import type { Action, Waiting } from './actions.ts';
import type { PriceSourceEvent } from './prices/priceSources.ts';
import type { Role } from './roles.ts';

/** A transaction that a block includes. */
export interface Inclusion {
  readonly action: Action;
  readonly hash: Hash;
  readonly block: bigint;
  readonly gasUsed: bigint;
  /** Wei: execution, and what the chain's operator asks for it. */
  readonly l2Fee: bigint;
  /** Wei: the data on L1. */
  readonly l1Fee: bigint;
  /** What it brought the keeper, USD, 18 decimals. */
  readonly reward: bigint;
}

/** What an action was found to bring and to cost before it was sent, USD, 18 decimals. */
export interface Judgement {
  readonly action: Action;
  readonly reward: bigint;
  readonly cost: bigint;
}

/** What a keeper tells. */
export type KeeperEvent =
  | { event: 'started'; chainId: number; address: Address; block: bigint; roles: readonly Role[] }
  | { event: 'sending'; action: Action }
  | { event: 'sent'; action: Action; hash: Hash }
  | ({ event: 'included' } & Inclusion)
  /** Included, but another keeper was first. */
  | ({ event: 'reverted' } & Inclusion)
  /** A transaction that stays out of the blocks was replaced at its nonce: by one that offers more, or by nothing. */
  | { event: 'replaced'; action: Action; hash: Hash; by: Hash; cancelled: boolean }
  | { event: 'refused'; action: Action; why: TidemarkError }
  /** Not sent, because it would cost more than it brings; told once while that stays so. */
  | ({ event: 'unprofitable' } & Judgement)
  /** A dry run would have sent it. */
  | ({ event: 'would' } & Judgement)
  /** The chain went another way: the last block of before, and the block seen now. */
  | { event: 'reorg'; from: bigint; to: bigint }
  /** An RPC is passed over, or serves again; while another answers the keeper goes on. */
  | RpcEvent
  /** A proposal that passed waits, told once for each thing it waits for; `now` is the block's time. */
  | { event: 'waiting'; waiting: Waiting; now: bigint }
  /** Everything that a block asks for has been attempted. */
  | { event: 'turn'; block: bigint }
  /** A price service is passed over, or serves again; the keeper goes on with the others, or with what needs no price. */
  | PriceSourceEvent
  /** An order service does not answer, or serves again; what it told stays known. */
  | { event: 'orders-lost'; source: string; why: TidemarkError }
  | { event: 'orders-back'; source: string }
  /** Something does not answer; the keeper goes on trying. */
  | { event: 'trouble'; why: TidemarkError };
