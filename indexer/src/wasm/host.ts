import type { AbiParameter } from 'viem';
import type { Entity } from '../values.ts';

/**
 * Thrown through a handler by whatever is not in memory yet: load, then run the handler again from its beginning. What the
 * handler did so far does not count.
 */
export class Missing extends Error {
  readonly load: () => Promise<void>;

  constructor(load: () => Promise<void>) {
    super('not in memory');
    this.load = load;
  }
}

/** A handler ended itself, or was ended: by the same input it always will. */
export class HandlerFailed extends Error {
  override name = 'HandlerFailed';
}

/** The entities as one handler sees them. All throw {@link Missing}. */
export interface HandlerStore {
  get(type: string, id: string): Entity | null;
  /** Only what this block has set. */
  getInBlock(type: string, id: string): Entity | null;
  /** Those that refer to an entity by the field from which one of its own is derived. */
  loadRelated(type: string, id: string, field: string): readonly Entity[];
  /** Merges; null takes a field away. @throws {HandlerFailed} for what the schema does not permit. */
  set(type: string, id: string, data: Entity): void;
  remove(type: string, id: string): void;
}

/** A value of an ABI's type as viem has it: bigint for every integer, hex for bytes and addresses, arrays, tuples as arrays. */
export type AbiValue = bigint | string | boolean | readonly AbiValue[];

export interface AbiArgument {
  readonly name: string;
  readonly type: AbiParameter;
  readonly value: AbiValue;
}

export interface BlockInfo {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  /** Seconds. */
  readonly timestamp: bigint;
  readonly author: string;
  readonly stateRoot: string;
  readonly transactionsRoot: string;
  readonly receiptsRoot: string;
  readonly unclesHash: string;
  readonly gasUsed: bigint;
  readonly gasLimit: bigint;
  readonly difficulty: bigint;
  readonly totalDifficulty: bigint;
  readonly size: bigint | null;
  readonly baseFeePerGas: bigint | null;
}

export interface TransactionInfo {
  readonly hash: string;
  readonly index: bigint;
  readonly from: string;
  readonly to: string | null;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly gasPrice: bigint;
  readonly input: string;
  readonly nonce: bigint;
}

export interface ReceiptInfo {
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  readonly status: bigint;
}

/** What calls a handler. */
export type Trigger =
  | {
      readonly kind: 'event';
      readonly address: string;
      readonly logIndex: bigint;
      readonly block: BlockInfo;
      readonly transaction: TransactionInfo;
      /** Null where the manifest does not ask for receipts. */
      readonly receipt: ReceiptInfo | null;
      readonly arguments: readonly AbiArgument[];
    }
  | { readonly kind: 'block'; readonly block: BlockInfo }
  | { readonly kind: 'file'; readonly content: Uint8Array };

/** Where a handler runs. */
export interface DataSourceInfo {
  /** An address, or the CID of a file. */
  readonly address: string;
  readonly network: string;
  readonly context: Entity | null;
}

export interface ContractCall {
  /** By its name in the manifest's ABIs. */
  readonly contract: string;
  readonly address: string;
  readonly functionName: string;
  /** `name(types):(types)`, by which overloads are told apart. */
  readonly signature: string;
  readonly arguments: readonly AbiValue[];
}

/** What a handler may ask of the world outside; one an attempt. */
export interface Host {
  readonly store: HandlerStore;
  readonly dataSource: DataSourceInfo;
  /** At the trigger's block; null when it reverts. @throws {Missing} */
  call(call: ContractCall): readonly AbiValue[] | null;
  /** @throws {HandlerFailed} when the manifest has no such template. */
  createDataSource(template: string, parameters: readonly string[], context: Entity | null): void;
  log(level: 'critical' | 'error' | 'warning' | 'info' | 'debug', message: string): void;
}

/** The mappings of one data source, compiled. */
export interface Mappings {
  /** @throws {Missing} {@link HandlerFailed} */
  run(handler: string, trigger: Trigger, host: Host): void;
}
