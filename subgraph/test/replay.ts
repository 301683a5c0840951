import { decodeAbiParameters, type Hex, keccak256, toHex } from 'viem';
import type { Build, DataSource, EventHandler } from '../../indexer/src/build/manifest.ts';
import type { Entity } from '../../indexer/src/values.ts';
import { abiValue } from '../../indexer/src/wasm/abi.ts';
import type { AbiArgument, AbiValue, ContractCall, Host, Trigger } from '../../indexer/src/wasm/host.ts';
import { loadMappings } from '../../indexer/src/wasm/mappings.ts';

/** A log of a contract, and where it is. */
export interface PlacedLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

const ZERO_HASH = `0x${'0'.repeat(64)}`;
const NOBODY = `0x${'0'.repeat(40)}`;

/** Runs a build's mappings over logs, one transaction a block, and keeps the entities in memory. */
export class Replay {
  readonly entities = new Map<string, Map<string, Entity>>();
  readonly created: { template: string; parameters: readonly string[] }[] = [];
  #block = 0n;
  #points = 0n;
  readonly #build: Build;
  readonly #answer: (call: ContractCall) => readonly AbiValue[] | null;

  /** @param answer What contracts answer handlers. */
  constructor(build: Build, answer: (call: ContractCall) => readonly AbiValue[] | null = () => null) {
    this.#build = build;
    this.#answer = answer;
  }

  all(type: string): Entity[] {
    return [...(this.entities.get(type)?.values() ?? [])];
  }

  get(type: string, id: string): Entity | undefined {
    return this.entities.get(type)?.get(id);
  }

  /** A transaction with these logs, in a block of its own. @param time Seconds. */
  transaction(time: bigint, logs: readonly PlacedLog[], from: string = NOBODY): void {
    this.#block++;
    for (const [index, log] of logs.entries()) {
      for (const source of this.#build.dataSources) {
        if (source.address !== log.address.toLowerCase()) continue;
        const handler = source.eventHandlers.find(({ topic0 }) => topic0 === log.topics[0]);
        if (handler) this.#run(source, handler, log, BigInt(index), time, from);
      }
    }
  }

  /** The bytes of a file that handlers asked for. */
  file(template: string, cid: string, content: Uint8Array): void {
    const found = this.#build.templates.get(template);
    if (found?.kind !== 'file/ipfs') throw new Error(`There is no template ${template}.`);
    loadMappings(this.#build, found).run(found.handler, { kind: 'file', content }, this.#host(cid));
  }

  #run(source: DataSource, handler: EventHandler, log: PlacedLog, logIndex: bigint, time: bigint, from: string): void {
    const hash = keccak256(toHex(this.#block));
    const trigger: Trigger = {
      kind: 'event',
      address: log.address.toLowerCase(),
      logIndex,
      block: {
        ...{ number: this.#block, hash, parentHash: ZERO_HASH, timestamp: time, author: NOBODY, stateRoot: ZERO_HASH },
        ...{ transactionsRoot: ZERO_HASH, receiptsRoot: ZERO_HASH, unclesHash: ZERO_HASH, gasUsed: 0n, gasLimit: 0n },
        ...{ difficulty: 0n, totalDifficulty: 0n, size: null, baseFeePerGas: null },
      },
      transaction: {
        ...{ hash, index: 0n, from, to: log.address, value: 0n, gasLimit: 0n, gasPrice: 0n, input: '0x', nonce: 0n },
      },
      receipt: null,
      arguments: argumentsOf(handler, log),
    };
    loadMappings(this.#build, source).run(handler.handler, trigger, this.#host(log.address.toLowerCase()));
  }

  #host(address: string): Host {
    return {
      dataSource: { address, network: 'devnet', context: null },
      store: {
        get: (type, id) => this.get(type, id) ?? null,
        getInBlock: (type, id) => this.get(type, id) ?? null,
        loadRelated: () => [],
        set: (type, id, data) => this.#set(type, id, data),
        remove: (type, id) => void this.entities.get(type)?.delete(id),
      },
      call: this.#answer,
      createDataSource: (template, parameters) => void this.created.push({ template, parameters }),
      log: () => {},
    };
  }

  #set(type: string, id: string, data: Entity): void {
    const table = this.entities.get(type) ?? new Map<string, Entity>();
    this.entities.set(type, table);
    const key = this.#build.schema.types.get(type)?.kind === 'timeseries' ? String(this.#points++) : id;
    table.set(key, { ...table.get(key), ...data });
  }

  /** Required fields that an entity lacks, as `Type.field`. */
  missing(): string[] {
    const lacking = new Set<string>();
    for (const { name, kind, fields } of this.#build.schema.types.values()) {
      if (kind === 'timeseries' || kind === 'aggregation') continue;
      for (const entity of this.all(name)) {
        for (const field of fields) {
          const derived = field.derivedFrom !== null;
          if (field.required && !derived && (entity[field.name] ?? null) === null) lacking.add(`${name}.${field.name}`);
        }
      }
    }
    return [...lacking];
  }
}

function argumentsOf({ event }: EventHandler, { topics, data }: PlacedLog): AbiArgument[] {
  const plain = event.inputs.filter(({ indexed }) => !indexed);
  const values = decodeAbiParameters(plain, data);
  let [topic, next] = [1, 0];
  return event.inputs.map((input) => {
    const value = input.indexed ? decodeAbiParameters([input], topics[topic++] as Hex)[0] : values[next++];
    return { name: input.name ?? '', type: input, value: abiValue(input, value) };
  });
}
