import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { IndexerError } from '../errors.ts';
import { readBuild } from './readBuild.ts';

const ABI = [
  {
    type: 'event',
    name: 'Transfer',
    inputs: [
      { name: 'from', type: 'address', indexed: true },
      { name: 'to', type: 'address', indexed: true },
      { name: 'value', type: 'uint256' },
    ],
  },
  {
    type: 'event',
    name: 'Filled',
    inputs: [
      {
        name: 'fills',
        type: 'tuple[]',
        components: [
          { name: 'a', type: 'uint64' },
          { name: 'b', type: 'bool' },
        ],
      },
    ],
  },
];

const MANIFEST = `
specVersion: 1.3.0
schema: { file: schema.graphql }
dataSources:
  - kind: ethereum
    name: Token
    network: optimism
    source: { address: '0xC0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0C0', abi: Token, startBlock: 120, endBlock: 900 }
    context:
      fee: { type: BigInt, data: '12' }
      on: { type: Bool, data: true }
      names: { type: List, data: [{ type: String, data: a }] }
    mapping:
      kind: ethereum/events
      apiVersion: 0.0.9
      language: wasm/assemblyscript
      entities: [Thing]
      abis: [{ name: Token, file: Token/abis/Token.json }]
      file: Token/Token.wasm
      eventHandlers:
        - event: Transfer(indexed address,indexed address,uint256)
          topic2: ['0xA1', '0x00000000000000000000000000000000000000000000000000000000000000b2']
          handler: handleTransfer
          receipt: true
        - { event: 'Filled((uint64,bool)[])', handler: handleFilled }
      blockHandlers:
        - { handler: handleAll }
        - { handler: handleSome, filter: { kind: polling, every: 10 } }
        - { handler: handleOnce, filter: { kind: once } }
templates:
  - kind: ethereum
    name: Child
    network: optimism
    source: { abi: Token }
    mapping:
      kind: ethereum/events
      apiVersion: 0.0.9
      language: wasm/assemblyscript
      entities: [Thing]
      abis: [{ name: Token, file: Token/abis/Token.json }]
      file: ./Token/Token.wasm
      eventHandlers: [{ event: 'Transfer(indexed address,indexed address,uint256)', handler: handleTransfer }]
  - kind: file/ipfs
    name: Document
    network: optimism
    mapping:
      kind: ethereum/events
      apiVersion: 0.0.9
      language: wasm/assemblyscript
      entities: [Thing]
      abis: []
      file: Token/Token.wasm
      handler: handleDocument
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-'));
  write('subgraph.yaml', MANIFEST);
  write('schema.graphql', 'type Thing @entity(immutable: true) { id: Bytes! }');
  write('Token/Token.wasm', 'the module');
  write('Token/abis/Token.json', JSON.stringify(ABI));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const replaced = (from: string, to: string) => {
  expect(MANIFEST).toContain(from);
  write('subgraph.yaml', MANIFEST.replace(from, to));
};

it('reads data sources, handlers and templates', () => {
  const { dataSources, templates, schema } = readBuild(folder);
  const [token] = dataSources;
  expect([...schema.types.keys()]).toEqual(['Thing']);
  expect(token).toMatchObject({
    kind: 'ethereum',
    name: 'Token',
    network: 'optimism',
    address: '0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0',
    startBlock: 120n,
    endBlock: 900n,
    context: { fee: ['BigInt', '12'], on: ['Boolean', 'true'], names: ['List', [['String', 'a']]] },
    code: { file: 'Token/Token.wasm', entities: null },
  });
  expect(Buffer.from(token?.code.wasm ?? []).toString()).toBe('the module');
  expect(token?.code.abis.get('Token')).toEqual(ABI);
  expect([...templates.keys()]).toEqual(['Child', 'Document']);
  expect(templates.get('Document')).toMatchObject({
    kind: 'file/ipfs',
    handler: 'handleDocument',
    code: { entities: ['Thing'] },
  });
});

it('reads event handlers with their topics', () => {
  const [transfer, filled] = readBuild(folder).dataSources[0]?.eventHandlers ?? [];
  expect(transfer).toEqual({
    handler: 'handleTransfer',
    event: ABI[0],
    topic0: '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    topics: [null, [`0x${'a1'.padStart(64, '0')}`, `0x${'b2'.padStart(64, '0')}`], null],
    receipt: true,
  });
  expect(filled).toMatchObject({ handler: 'handleFilled', event: ABI[1], topics: [null, null, null], receipt: false });
});

it('reads block handlers with their filters', () => {
  expect(readBuild(folder).dataSources[0]?.blockHandlers).toEqual([
    { handler: 'handleAll', blocks: { kind: 'all' } },
    { handler: 'handleSome', blocks: { kind: 'every', n: 10n } },
    { handler: 'handleOnce', blocks: { kind: 'once' } },
  ]);
});

it('gives sources with the same file the same module', () => {
  const { dataSources, templates } = readBuild(folder);
  expect(templates.get('Child')?.code.wasm).toBe(dataSources[0]?.code.wasm);
});

it('names a build by all of its bytes', () => {
  const { id } = readBuild(folder);
  expect(id).toMatch(/^0x[\da-f]{64}$/);
  expect(readBuild(folder).id).toBe(id);
  write('notes.txt', 'is no part of it');
  expect(readBuild(folder).id).toBe(id);
  const others = ['Token/Token.wasm', 'schema.graphql', 'Token/abis/Token.json', 'subgraph.yaml'].map((path, index) => {
    write('schema.graphql', 'type Thing @entity(immutable: true) { id: Bytes! }');
    if (index === 0) write(path, 'another module');
    if (index === 1) write(path, 'type Thing @entity(immutable: false) { id: Bytes! }');
    if (index === 2) write(path, JSON.stringify(ABI, null, 1));
    if (index === 3) write(path, `${MANIFEST}\n`);
    return readBuild(folder).id;
  });
  expect(new Set([id, ...others]).size).toBe(5);
});

it.each<[name: string, from: string, to: string, message: RegExp]>([
  [
    'an unknown specVersion',
    'specVersion: 1.3.0',
    'specVersion: 9.0.0',
    /specVersion '9.0.0' is unknown to this runtime/,
  ],
  ['an unknown apiVersion', 'apiVersion: 0.0.9', 'apiVersion: 0.0.5', /mapping\.apiVersion '0.0.5' is unknown/],
  ['an unknown kind of source', 'kind: ethereum\n', 'kind: near\n', /dataSources\[0\]\.kind 'near' is unknown/],
  [
    'an unknown kind of template',
    'kind: file/ipfs',
    'kind: file/arweave',
    /templates\[1\]\.kind 'file\/arweave' is unknown/,
  ],
  [
    'call handlers',
    'blockHandlers:',
    'callHandlers: [{ function: f(), handler: h }]\n      blockHandlers:',
    /callHandlers is not supported/,
  ],
  ['a feature', 'dataSources:', 'features: [fullTextSearch]\ndataSources:', /features is not supported/],
  ['a graft', 'dataSources:', 'graft: { base: Qm, block: 1 }\ndataSources:', /graft is not supported/],
  ['a filter for calls', 'kind: once', 'kind: call', /filter\.kind 'call' is unknown/],
  [
    'an event that the ABI does not have',
    'Filled((uint64,bool)[])',
    'Filled(uint64)',
    /'Filled\(uint64\)' is none of the ABI's events/,
  ],
  ['an ABI that the mapping does not have', 'abi: Token,', 'abi: Other,', /source\.abi names no ABI of the mapping/],
  ['an address that is none', '0xC0C0', '0xZZC0', /source\.address .* is not an address/],
  ['a start block that is no number', 'startBlock: 120', 'startBlock: soon', /startBlock 'soon' is not a whole number/],
  [
    'a missing handler',
    'handler: handleDocument',
    'other: handleDocument',
    /templates\[1\]\.mapping\.handler is missing/,
  ],
  ['a file that is not there', 'file: schema.graphql', 'file: other.graphql', /no readable file .*other\.graphql/],
  ['no manifest at all', 'dataSources:', 'dataSources: [', /subgraph\.yaml cannot be read/],
  ['an unknown kind of context', 'type: BigInt', 'type: Float', /context\.fee\.type is none of/],
  ['every zero blocks', 'every: 10', 'every: 0', /filter\.every is zero/],
])('refuses %s and says where', (_, from, to, message) => {
  replaced(from, to);
  expect(() => readBuild(folder)).toThrow(IndexerError);
  expect(() => readBuild(folder)).toThrow(message);
});

it('refuses a folder that is none', () => {
  expect(() => readBuild(join(folder, 'nowhere'))).toThrow(/no readable file .*subgraph\.yaml/);
});
