import type { Database } from '@tidemark/database';
import type { Schema } from '../build/schema.ts';
import type { Entity } from '../values.ts';
import type { HandlerStore } from '../wasm/host.ts';

export interface Block {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  /** Seconds. */
  readonly time: bigint;
}

/** A data source that a handler created, from the block on that did. */
export interface CreatedSource {
  readonly template: string;
  readonly parameters: readonly string[];
  readonly context: Entity | null;
  readonly from: bigint;
  /** Of a file: the block in which it was handled, null while it is not there yet. */
  readonly done: bigint | null;
}

/** What one attempt at a handler does; dropped unless it is kept. */
export interface Attempt extends HandlerStore {
  /** Makes what was done part of the block, which takes its attempts one after the other. */
  keep(): void;
}

/** What became visible at once. */
export interface Change {
  readonly head: Block;
  /** Names of the entities that changed, of aggregations too; all of them after a reorganisation. */
  readonly types: ReadonlySet<string>;
  readonly reorganised: boolean;
}

/**
 * The entities of one deployment. One writer: a block is begun, its handlers run as attempts, it is ended; any number of blocks
 * later all of it is written at once, with the blocks themselves, so that a killed process finds nothing half done.
 */
export interface Store {
  readonly schema: Schema;
  /** The last block that is written. */
  readonly head: Block | null;
  /** The first block whose state can still be asked. */
  readonly earliest: bigint;
  readonly sources: readonly CreatedSource[];
  /** From now on entities are of this block. What one before it did that never ended does not count. */
  begin(block: Block): void;
  /** @param file The CID whose handler it is: it sees no entities of the chain, and the chain's handlers see none of it. */
  attempt(file?: string): Attempt;
  addSource(source: CreatedSource): void;
  /** A file, whose source waits, was handled in the block at hand. */
  finishSource(source: CreatedSource): void;
  /** The block is complete. Required fields were checked as they were set, as graph-node does. */
  end(): void;
  /** Entities and blocks that wait to be written. */
  readonly waiting: number;
  /**
   * Writes what waits in one transaction; blocks may be begun and ended meanwhile. The block at hand is not part of it.
   * @throws {DatabaseFailedError} and everything goes on waiting.
   * @throws {HandlerFailed} when an immutable entity was there before: blocks from that one on are forgotten, those before wait.
   */
  flush(): Promise<void>;
  /**
   * Forgets every block above one, what waits and the block at hand too, as if they had never been.
   * @throws {IndexerError} when the history that is kept begins after it.
   */
  revertTo(number: bigint): Promise<void>;
  /** The canonical hash of a block that was indexed; null of one that is unknown or forgotten. */
  hashOf(number: bigint): Promise<string | null>;
  /** Forgets versions that only blocks before one could see; those that wait are never written. */
  prune(before: bigint): Promise<void>;
  subscribe(listener: (change: Change) => void): () => void;
}

export interface Standing {
  readonly head: Block | null;
  /** The first block whose state can still be asked. */
  readonly earliest: bigint;
  /** The chain's newest block, and the ones that it calls safe and final; null while unknown. */
  readonly chain: { readonly latest: bigint; readonly safe: bigint | null; readonly finalized: bigint | null } | null;
  /** Why indexing ended for good, if it did. */
  readonly failed: string | null;
  /** Files that handlers asked for and that are not to be had yet. */
  readonly waitingFiles?: readonly WaitingFile[];
}

/** A file that handlers asked for and nobody has given yet. */
export interface WaitingFile {
  readonly cid: string;
  /** Times that it was asked for in vain. */
  readonly failures: number;
  /** Of the last time; null before. */
  readonly why: string | null;
}

/** What a gateway serves. */
export interface Served {
  /** Hash of the build, hex. */
  readonly id: string;
  readonly schema: Schema;
  readonly database: Database;
  /** As of {@link namespaceOf}. */
  readonly namespace: string;
  standing(): Standing;
  subscribe(listener: (change: Change) => void): () => void;
}
