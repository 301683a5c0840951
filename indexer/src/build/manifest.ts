import type { Abi, AbiEvent, Hex } from 'viem';
import type { Entity } from '../values.ts';
import type { Schema } from './schema.ts';

/** A handler of an event that contracts emit. */
export interface EventHandler {
  /** The exported function of the mappings. */
  readonly handler: string;
  /** As the ABI has it, by the manifest's signature. */
  readonly event: AbiEvent;
  /** Hash of its signature. */
  readonly topic0: Hex;
  /** Values that the first, second and third indexed argument may have; null where any will do. */
  readonly topics: readonly [readonly Hex[] | null, readonly Hex[] | null, readonly Hex[] | null];
  /** Whether it is given the transaction's receipt. */
  readonly receipt: boolean;
}

/** A handler of blocks. */
export interface BlockHandler {
  readonly handler: string;
  /** Which blocks: all, every n-th from the source's start block on, or that start block alone. */
  readonly blocks:
    | { readonly kind: 'all' }
    | { readonly kind: 'every'; readonly n: bigint }
    | { readonly kind: 'once' };
}

/** What is compiled for a data source. */
export interface Code {
  /** Which file of the build; sources with the same file share their mappings. */
  readonly file: string;
  readonly wasm: Uint8Array;
  /** By the names that the mappings call them. */
  readonly abis: ReadonlyMap<string, Abi>;
  /** The entities that its handlers may touch; null for all. */
  readonly entities: readonly string[] | null;
}

interface OnChain {
  readonly kind: 'ethereum';
  readonly name: string;
  readonly network: string;
  readonly code: Code;
  readonly eventHandlers: readonly EventHandler[];
  readonly blockHandlers: readonly BlockHandler[];
}

/** What is listened to on the chain from the beginning. */
export interface DataSource extends OnChain {
  /** Lower-case; null for any address. */
  readonly address: Hex | null;
  readonly startBlock: bigint;
  /** The last block that it sees; null for no end. */
  readonly endBlock: bigint | null;
  readonly context: Entity | null;
}

/** A source on the chain that handlers create by an address: it sees the rest of that block and everything after. */
export type ChainTemplate = OnChain;

/** A file that handlers ask for by its CID; `handler` gets its bytes. */
export interface FileTemplate {
  readonly kind: 'file/ipfs';
  readonly name: string;
  readonly network: string;
  readonly code: Code;
  readonly handler: string;
}

export type Template = ChainTemplate | FileTemplate;

/** A subgraph as graph-cli builds it. */
export interface Build {
  /** Hash of all of its bytes, 0x and 64 digits: the deployment's id. */
  readonly id: Hex;
  readonly schema: Schema;
  /** In the manifest's order, which is the order of their handlers. */
  readonly dataSources: readonly DataSource[];
  /** By name. */
  readonly templates: ReadonlyMap<string, Template>;
}
