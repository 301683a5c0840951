import { describe, expect, test } from 'vitest';
import type { Entity, Value } from '../../../src/values.ts';
import { HandlerFailed } from '../../../src/wasm/host.ts';
import { testDatabase } from '../../database.ts';
import { ANN, BOB, blockAt, decimal, handle, inBlock, newStore, pet, rowsOf } from './fixture.ts';

const database = testDatabase();

describe('store.set', () => {
  const fails = async (type: string, id: string, data: Entity) => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await expect(handle(store, (attempt) => attempt.set(type, id, data))).rejects.toThrow(HandlerFailed);
  };

  test('makes an entity of which a later handler of the block sees every field', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    const whole = pet({ owner: ANN, keepers: [ANN, BOB], weight: decimal(-125n, -2), legs: 4, seen: 9n, at: 7n });
    const rest: Entity = { tame: false, side: 'long', data: '0x', tags: ['a', ''], ages: [1n], notes: [] };
    await handle(store, (attempt) => attempt.set('Pet', 'rex', { ...whole, ...rest }));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toEqual({ ...whole, ...rest });
  });

  test('merges: a field that is left out stays as it was', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet({ legs: 4 })));
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'rex', { age: 2n }));
    store.begin(blockAt(3));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toEqual(pet({ age: 2n, legs: 4 }));
  });

  test('takes a field away by null', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet({ legs: 4 })));
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'rex', { legs: null }));
    store.begin(blockAt(3));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toEqual(pet());
  });

  test('does not bring fields back that were there before the entity was removed', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet({ legs: 4 })));
    await inBlock(store, blockAt(2), (attempt) => {
      attempt.remove('Pet', 'rex');
      attempt.set('Pet', 'rex', pet());
    });
    store.begin(blockAt(3));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toEqual(pet());
  });

  test('takes the id from its argument where the data has none', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Count', '7', { value: 1 }));
    expect(await handle(store, (attempt) => attempt.get('Count', '7'))).toEqual({ id: 7n, value: 1 });
  });

  test('writes no new version of what it leaves as it was', async () => {
    const opening = newStore(database());
    const store = await opening;
    await inBlock(store, blockAt(1), (attempt) =>
      attempt.set('Pet', 'rex', pet({ tags: ['a'], weight: decimal(5n, -1) })),
    );
    await inBlock(store, blockAt(2), (attempt) =>
      attempt.set('Pet', 'rex', pet({ tags: ['a'], weight: decimal(5n, -1) })),
    );
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'pet')).toMatchObject([{ id: 'rex', _from: 1n, _to: null }]);
  });

  test('leaves one version of several in a block', async () => {
    const opening = newStore(database());
    const store = await opening;
    store.begin(blockAt(1));
    for (const age of [1n, 2n, 3n]) await handle(store, (attempt) => attempt.set('Pet', 'rex', pet({ age })));
    store.end();
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'pet')).toMatchObject([{ age: '3', _from: 1n, _to: null }]);
  });

  test('reads Bytes as an id in any case, and keeps them in lower case', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Owner', '0xAB', { name: 'Ann' }));
    expect(await handle(store, (attempt) => attempt.get('Owner', 'ab'))).toEqual({ id: '0xab', name: 'Ann' });
  });

  test('makes up an Int8 of block and number for the id "auto"', async () => {
    const store = await newStore(database());
    store.begin(blockAt(3));
    await handle(store, (attempt) => attempt.set('Count', 'auto', { id: 0n, value: 1 }));
    await handle(store, (attempt) => attempt.set('Count', 'auto', { value: 2 }));
    expect(await handle(store, (attempt) => attempt.get('Count', String((3n << 32n) | 1n)))).toMatchObject({
      value: 2,
    });
  });

  test('makes up Bytes of block and number for the id "auto"', async () => {
    const store = await newStore(database());
    store.begin(blockAt(3));
    await handle(store, (attempt) => attempt.set('Auto', 'auto', { value: 1 }));
    expect(await handle(store, (attempt) => attempt.get('Auto', '0x0000000300000000'))).toMatchObject({ value: 1 });
  });

  test('gives the numbers of a handler that is run again to the next one', async () => {
    const store = await newStore(database());
    store.begin(blockAt(3));
    store.attempt().set('Auto', 'auto', { value: 1 });
    await handle(store, (attempt) => attempt.set('Auto', 'auto', { value: 2 }));
    expect(await handle(store, (attempt) => attempt.get('Auto', '0x0000000300000000'))).toMatchObject({ value: 2 });
  });

  test.each<[string, string, string, Entity]>([
    ['makes up no String as an id', 'Pet', 'auto', { age: 1n }],
    ['refuses an unknown type', 'Cat', 'rex', {}],
    ['refuses an aggregation', 'Stat', '1', {}],
    ['refuses an id of Bytes that is not hexadecimal', 'Owner', 'ann', { name: 'Ann' }],
    ['refuses an id of Bytes with half a byte', 'Owner', '0xabc', { name: 'Ann' }],
    ['refuses an id of Int8 that is no number', 'Count', 'x', { value: 1 }],
    ['refuses another id in the data', 'Pet', 'rex', pet({ id: 'max' })],
    ['refuses an id that no index holds', 'Pet', 'x'.repeat(1_001), { age: 1n }],
    ['refuses a field that the schema does not have', 'Pet', 'rex', pet({ colour: 'red' })],
    ['refuses a field that is derived', 'Owner', ANN, { name: 'Ann', pets: [] }],
    ['refuses an entity without a required field', 'Pet', 'rex', { id: 'rex' }],
    ['refuses null for a required field', 'Pet', 'rex', pet({ age: null })],
  ])('%s', (_, type, id, data) => fails(type, id, data));

  test.each<[string, Value]>([
    ['age', 1],
    ['age', '1'],
    ['weight', 1n],
    ['legs', 1n],
    ['legs', 0.5],
    ['legs', 2 ** 31],
    ['seen', 1],
    ['seen', 2n ** 63n],
    ['at', -(2n ** 63n) - 1n],
    ['tame', 'true'],
    ['side', 'up'],
    ['side', 1],
    ['data', 'ab'],
    ['data', '0xAB'],
    ['tags', 'a'],
    ['tags', ['a', 1]],
    ['tags', ['a', null]],
    ['ages', ['1']],
    ['owner', [ANN]],
    ['owner', 'ann'],
  ])('refuses for %s the value %s of another kind', (field, value) => fails('Pet', 'rex', pet({ [field]: value })));

  test.each([['\0'], ['\ud800'], ['a\udc00b']])('refuses the text %j, which no database holds', (text) =>
    fails('Owner', ANN, { name: text }),
  );

  test('of a handler that failed leaves nothing', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    const failing = handle(store, (attempt) => {
      attempt.set('Pet', 'rex', pet());
      attempt.set('Pet', 'max', {});
    });
    await expect(failing).rejects.toThrow('Pet[max].age is required');
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toBeNull();
  });
});

describe('immutable entities', () => {
  test('may be changed in the block that made them', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Mark', '0x01', { text: 'a', owner: ANN }));
    await handle(store, (attempt) => attempt.set('Mark', '0x01', { text: 'b' }));
    expect(await handle(store, (attempt) => attempt.get('Mark', '0x01'))).toEqual({
      id: '0x01',
      text: 'b',
      owner: ANN,
    });
  });

  test('may be removed in the block that made them', async () => {
    const opening = newStore(database());
    const store = await opening;
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Mark', '0x01', { text: 'a' }));
    await handle(store, (attempt) => attempt.remove('Mark', '0x01'));
    store.end();
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'mark')).toEqual([]);
  });

  test('may not be changed by a later block, before they are written', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Mark', '0x01', { text: 'a' }));
    store.begin(blockAt(2));
    await expect(handle(store, (attempt) => attempt.set('Mark', '0x01', { text: 'a' }))).rejects.toThrow(HandlerFailed);
  });

  test('may not be changed by a later block, after they were written: what came before it stays', async () => {
    const opening = newStore(database());
    const store = await opening;
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Mark', '0x01', { text: 'a' }));
    await store.flush();
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Mark', '0x02', { text: 'b' }));
    await inBlock(store, blockAt(3), (attempt) => attempt.set('Mark', '0x01', { text: 'c' }));
    await inBlock(store, blockAt(4), (attempt) => attempt.set('Mark', '0x04', { text: 'd' }));
    await expect(store.flush()).rejects.toThrow('Mark[0x01] is immutable: block 3');
    await store.flush();
    expect(store.head).toEqual(blockAt(2));
    expect(await rowsOf(database(), opening.id, 'mark')).toMatchObject([{ id: '0x01', text: 'a' }, { id: '0x02' }]);
  });

  test('may not be removed by a later block', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Mark', '0x01', { text: 'a' }));
    store.begin(blockAt(2));
    await expect(handle(store, (attempt) => attempt.remove('Mark', '0x01'))).rejects.toThrow(HandlerFailed);
  });
});
