import type { Abi } from 'viem';
import type { Build, Code } from '../../../src/build/manifest.ts';
import { readSchema } from '../../../src/build/schema.ts';
import type { Entity } from '../../../src/values.ts';
import type {
  AbiArgument,
  AbiValue,
  BlockInfo,
  ContractCall,
  DataSourceInfo,
  HandlerStore,
  Host,
  Mappings,
  Trigger,
} from '../../../src/wasm/host.ts';
import { loadMappings } from '../../../src/wasm/mappings.ts';
import { compiledMappings } from './compile.ts';

const schema = readSchema(`
  enum Color { red green }
  type Thing @entity(immutable: false) {
    id: ID!
    text: String
    bytes: Bytes
    integer: BigInt
    decimal: BigDecimal
    flag: Boolean
    small: Int
    long: Int8
    time: Timestamp
    integers: [BigInt!]
    texts: [String!]
    color: Color
    parent: Parent
  }
  type Parent @entity(immutable: false) { id: Bytes!  things: [Thing!]! @derivedFrom(field: "parent") }
`);

const TOKEN: Abi = [
  {
    type: 'function',
    name: 'balanceOf',
    stateMutability: 'view',
    inputs: [{ name: 'owner', type: 'address' }],
    outputs: [{ name: '', type: 'uint256' }],
  },
  {
    type: 'function',
    name: 'balanceOf',
    stateMutability: 'view',
    inputs: [{ name: 'owner', type: 'address' }],
    outputs: [
      { name: 'amounts', type: 'int64[]' },
      {
        name: 'state',
        type: 'tuple',
        components: [
          { name: 'on', type: 'bool' },
          { name: 'name', type: 'string' },
        ],
      },
    ],
  },
  { type: 'function', name: 'poke', stateMutability: 'nonpayable', inputs: [], outputs: [] },
];

const code: Code = {
  file: 'mapping.wasm',
  wasm: compiledMappings(),
  abis: new Map([['Token', TOKEN]]),
  entities: null,
};

const build: Pick<Build, 'schema'> = { schema };

/** The test mappings. @param entities Those that their data source may touch; all when left out. */
export const testMappings = (entities: readonly string[] | null = null): Mappings =>
  loadMappings(build, { code: { ...code, entities } });

const hash = (byte: string) => `0x${byte.repeat(32)}`;

export const BLOCK: BlockInfo = {
  number: 123_456_789n,
  hash: hash('ab'),
  parentHash: hash('aa'),
  timestamp: 1_700_000_000n,
  author: `0x${'0a'.repeat(20)}`,
  stateRoot: hash('01'),
  transactionsRoot: hash('02'),
  receiptsRoot: hash('03'),
  unclesHash: hash('04'),
  gasUsed: 21_000n,
  gasLimit: 30_000_000n,
  difficulty: 0n,
  totalDifficulty: 2n ** 70n,
  size: 512n,
  baseFeePerGas: null,
};

type EventTrigger = Extract<Trigger, { kind: 'event' }>;

const EVENT: EventTrigger = {
  kind: 'event',
  address: `0x${'c0'.repeat(20)}`,
  logIndex: 300n,
  block: BLOCK,
  transaction: {
    hash: hash('dd'),
    index: 4n,
    from: `0x${'0f'.repeat(20)}`,
    to: null,
    value: 10n ** 18n,
    gasLimit: 50_000n,
    gasPrice: 7n,
    input: '0x',
    nonce: 9n,
  },
  receipt: null,
  arguments: [],
};

/** An event; its arguments are texts unless others are given. */
export const eventOf = (texts: readonly string[], other: Partial<EventTrigger> = {}): Trigger => ({
  ...EVENT,
  arguments: texts.map((value): AbiArgument => ({ name: 'text', type: { type: 'string' }, value })),
  ...other,
});

interface Options {
  readonly store?: Partial<HandlerStore>;
  readonly call?: (call: ContractCall) => readonly AbiValue[] | null;
  readonly dataSource?: Partial<DataSourceInfo>;
}

export interface TestHost extends Host {
  /** What handlers said, without its level when that is `info`. */
  readonly said: string[];
  /** What handlers stored and removed. */
  readonly done: { type: string; id: string; data: Entity | null }[];
  readonly created: { template: string; parameters: readonly string[]; context: Entity | null }[];
}

const unused = (): never => {
  throw new Error('no case of this asks for it');
};

/** A host that only remembers what it is told. */
export function testHost({ store, call, dataSource }: Options = {}): TestHost {
  const host: TestHost = {
    said: [],
    done: [],
    created: [],
    dataSource: { address: EVENT.address, network: 'devnet', context: null, ...dataSource },
    store: {
      get: unused,
      getInBlock: unused,
      loadRelated: unused,
      set: (type, id, data) => host.done.push({ type, id, data }),
      remove: (type, id) => host.done.push({ type, id, data: null }),
      ...store,
    },
    call: call ?? unused,
    createDataSource: (template, parameters, context) => host.created.push({ template, parameters, context }),
    log: (level, message) => host.said.push(level === 'info' ? message : `${level} ${message}`),
  };
  return host;
}

/** What a handler says, in one text; or why it failed. */
export function outcome(mappings: Mappings, handler: string, texts: readonly string[]): string {
  const host = testHost();
  try {
    mappings.run(handler, eventOf(texts), host);
    return host.said.join('\n');
  } catch (error) {
    return `${(error as Error).name} ${(error as Error).message}`;
  }
}
