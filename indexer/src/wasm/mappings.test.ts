import { expect, it } from 'vitest';
import { readSchema } from '../build/schema.ts';
import { IndexerError } from '../errors.ts';
import { loadMappings } from './mappings.ts';

const schema = readSchema('type Thing @entity(immutable: true) { id: Bytes! }');
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

it.each<[name: string, bytes: readonly number[]]>([
  ['no bytes', []],
  ['bytes that are no module', [...Buffer.from('not a module')]],
  ['a module that ends too early', [...HEADER, 6, 100, 1]],
  ['a module without mappings', HEADER],
])('refuses %s and says which file', (_, bytes) => {
  const code = { file: 'Token/Token.wasm', wasm: Uint8Array.from(bytes), abis: new Map(), entities: null };
  expect(() => loadMappings({ schema }, { code })).toThrow(IndexerError);
  expect(() => loadMappings({ schema }, { code })).toThrow(/Token\/Token\.wasm/);
});
