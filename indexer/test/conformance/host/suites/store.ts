import { expect, it } from 'vitest';
import { BigDecimal } from '../../../../src/bigDecimal.ts';
import type { Entity } from '../../../../src/values.ts';
import { type HandlerStore, Missing } from '../../../../src/wasm/host.ts';
import { eventOf, testHost, testMappings } from '../testHost.ts';

const mappings = testMappings();

const THING: Entity = {
  id: 'one',
  text: 'naïve 🐚',
  bytes: '0x00ff',
  integer: -(2n ** 127n) - 1n,
  decimal: BigDecimal.parse('-1.5'),
  flag: true,
  small: -7,
  long: -9007199254740993n,
  time: 1700000000000001n,
  integers: [1n, -1n],
  color: 'red',
  parent: '0xaa',
};

const SHOWN =
  'bytes: Bytes 0x00ff, color: String red, decimal: BigDecimal -1.5, flag: Boolean true, id: String one, ' +
  'integer: BigInt -170141183460469231731687303715884105729, integers: [BigInt 1 BigInt -1], ' +
  'long: Int8 -9007199254740993, parent: Bytes 0xaa, small: Int -7, text: String naïve 🐚, ' +
  'time: Timestamp 1700000000000001';

function said(texts: readonly string[], store: Partial<HandlerStore>): string {
  const host = testHost({ store });
  mappings.run('stored', eventOf(texts), host);
  return host.said.join('\n');
}

function stored(field: string, kind: string) {
  const host = testHost();
  mappings.run('setField', eventOf([field, kind]), host);
  return host.done[0]?.data;
}

it('hands every kind of value to the store', () => {
  const host = testHost();
  mappings.run('setAll', eventOf([]), host);
  expect(host.done).toEqual([{ type: 'Thing', id: 'one', data: THING }]);
});

it('hands every kind of value to a handler, sorted by field, by the kind that the schema has', () => {
  expect(said(['get', 'Thing', 'one'], { get: () => THING })).toBe(SHOWN);
});

it('leaves fields away that are null', () => {
  expect(said(['get', 'Thing', 'one'], { get: () => ({ id: 'one', text: null }) })).toBe('id: String one');
});

it('gives null for an entity that is not there', () => {
  expect(said(['get', 'Thing', 'two'], { get: () => null })).toBe('nothing');
});

it('asks for the type and the id as they are written', () => {
  const asked: string[] = [];
  const get = (type: string, id: string) => {
    asked.push(type, id);
    return null;
  };
  said(['get', 'Parent', '0xAA'], { get });
  expect(asked).toEqual(['Parent', '0xAA']);
});

it('asks for what the block has set', () => {
  expect(said(['get_in_block', 'Thing', 'one'], { getInBlock: () => ({ id: 'one', small: 1 }) })).toBe(
    'id: String one, small: Int 1',
  );
  expect(said(['get_in_block', 'Thing', 'one'], { getInBlock: () => null })).toBe('nothing');
});

it('loads the entities of a derived field', () => {
  const loadRelated = (): Entity[] => [{ id: 'one' }, { id: 'two', flag: false }];
  expect(said(['loadRelated', 'Parent', '0xaa', 'things'], { loadRelated })).toBe(
    '2: id: String one; flag: Boolean false, id: String two',
  );
  expect(said(['loadRelated', 'Parent', '0xaa', 'things'], { loadRelated: () => [] })).toBe('0');
});

it('refuses to load the entities of a field that is not derived', () => {
  expect(() => said(['loadRelated', 'Thing', 'one', 'parent'], {})).toThrow(
    /Thing.parent is derived from no other entity/,
  );
});

it('removes', () => {
  const host = testHost();
  mappings.run('stored', eventOf(['remove', 'Thing', 'one']), host);
  expect(host.done).toEqual([{ type: 'Thing', id: 'one', data: null }]);
});

it('refuses a type that the schema does not have', () => {
  expect(() => said(['get', 'Nothing', 'one'], {})).toThrow(/the schema has no entity Nothing/);
});

it('takes a field away by null', () => {
  expect(stored('text', 'null')).toEqual({ id: 'one', text: null });
});

it.each([
  ['text', 'Int', 'Thing.text is String, not Int'],
  ['text', 'Bytes', 'Thing.text is String, not Bytes'],
  ['bytes', 'String', 'Thing.bytes is Bytes, not String'],
  ['integer', 'Int', 'Thing.integer is BigInt, not Int'],
  ['small', 'BigInt', 'Thing.small is Int, not BigInt'],
  ['parent', 'String', 'Thing.parent is Bytes, not String'],
  ['text', 'list', 'Thing.text is String, not List'],
  ['texts', 'String', 'Thing.texts is a list of String, not String'],
  ['integers', 'list', 'Thing.integers is a list of BigInt, not String'],
  ['nowhere', 'String', 'Thing has no field nowhere'],
  ['text', 'kind 77', 'a value has the unknown kind 77'],
])('refuses for %s a value of the kind %s', (field, kind, message) => {
  expect(() => stored(field, kind)).toThrow(message);
});

it('lets a file’s handlers touch only the entities on their list', () => {
  const restricted = testMappings(['Parent']);
  expect(() => restricted.run('setAll', eventOf([]), testHost())).toThrow(/Thing is not on the list of entities/);
});

it('lets what is not in memory through, and runs again from the beginning', async () => {
  let loaded = false;
  const get = () => {
    if (loaded) return THING;
    throw new Missing(async () => {
      loaded = true;
    });
  };
  const first = testHost({ store: { get } });
  const missing = await new Promise<unknown>((resolve) => {
    try {
      resolve(mappings.run('stored', eventOf(['get', 'Thing', 'one']), first));
    } catch (error) {
      resolve(error);
    }
  });
  expect(missing).toBeInstanceOf(Missing);
  await (missing as Missing).load();
  const second = testHost({ store: { get } });
  mappings.run('stored', eventOf(['get', 'Thing', 'one']), second);
  expect([first.said, second.said]).toEqual([[], [SHOWN]]);
});

it('lets an error that is not the handler’s through as it is', () => {
  const broken = new TypeError('the host is broken');
  const get = () => {
    throw broken;
  };
  expect(() => said(['get', 'Thing', 'one'], { get })).toThrow(broken);
});
