import { describe, expect, test } from 'vitest';
import type { Entity } from '../../../src/values.ts';
import { HandlerFailed, Missing } from '../../../src/wasm/host.ts';
import { testDatabase } from '../../database.ts';
import { ANN, BOB, blockAt, decimal, handle, inBlock, newStore, pet, reopened } from './fixture.ts';

const database = testDatabase();

describe('store.get', () => {
  test('finds nothing of an unknown id', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toBeNull();
  });

  test('finds nothing of what was removed', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    store.begin(blockAt(2));
    await handle(store, (attempt) => attempt.remove('Pet', 'rex'));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toBeNull();
  });

  test('sees what the same handler did', async () => {
    const store = await newStore(database());
    const seen = await inBlock(store, blockAt(1), (attempt) => {
      attempt.set('Pet', 'rex', pet());
      const set = attempt.get('Pet', 'rex');
      attempt.remove('Pet', 'rex');
      return [set, attempt.get('Pet', 'rex')];
    });
    expect(seen).toEqual([pet(), null]);
  });

  test('does not see what an attempt did that was not kept', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    store.attempt().set('Pet', 'rex', pet());
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toBeNull();
  });

  test('does not see what a block did that never ended', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()));
    store.begin(blockAt(2));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toBeNull();
  });

  test.each<[string, Entity]>([
    [
      'every kind of value',
      { owner: ANN, legs: -(2 ** 31), seen: -(2n ** 63n), at: 2n ** 63n - 1n, tame: false, side: 'short' },
    ],
    ['the largest integers', { age: -(2n ** 4_000n), ages: [2n ** 255n, -1n, 0n] }],
    ['34 digits', { weight: decimal(-1234567890123456789012345678901234n, -40) }],
    [
      'tiny and huge decimals',
      { weight: decimal(1n, -6_143), weights: [decimal(9n, 6_000), decimal(0n, 0), decimal(15n, -1)] },
    ],
    ['text that SQL has signs for', { tags: ['', ' ', '"', '\\', '{a,b}', 'NULL', "'", 'a,b', '\n', 'ü🐾'] }],
    ['empty lists', { tags: [], ages: [], weights: [], notes: [] }],
    ['bytes', { data: '0x', notes: ['0x', '0x00ff'], keepers: [ANN, BOB] }],
  ])('reads %s back from the database as it was', async (_, data) => {
    const opening = newStore(database());
    const store = await opening;
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet(data)));
    await store.flush();
    const again = await reopened(database(), opening.id);
    again.begin(blockAt(2));
    expect(await handle(again, (attempt) => attempt.get('Pet', 'rex'))).toEqual(pet(data));
  });

  test('reads immutable entities and ids of Int8 back', async () => {
    const opening = newStore(database());
    const store = await opening;
    await inBlock(store, blockAt(1), (attempt) => {
      attempt.set('Mark', '0x01', { text: 'a' });
      attempt.set('Count', '-7', { value: 1 });
    });
    await store.flush();
    const again = await reopened(database(), opening.id);
    again.begin(blockAt(2));
    expect(await handle(again, (attempt) => attempt.get('Mark', '0x01'))).toEqual({ id: '0x01', text: 'a' });
    expect(await handle(again, (attempt) => attempt.get('Count', '-7'))).toEqual({ id: -7n, value: 1 });
    expect(await handle(again, (attempt) => attempt.get('Mark', '0x02'))).toBeNull();
  });

  test('finds again what there is no room for in memory', async () => {
    const opening = newStore(database(), 10);
    const store = await opening;
    for (let n = 1; n <= 30; n++) {
      await inBlock(store, blockAt(n), (attempt) => attempt.set('Pet', `${n}`, { age: BigInt(n) }));
      await store.flush();
    }
    store.begin(blockAt(31));
    let loads = 0;
    for (let n = 1; n <= 30; n++) {
      const age = await handle(store, (attempt) => {
        try {
          return attempt.get('Pet', `${n}`)?.age;
        } catch (error) {
          loads++;
          throw error;
        }
      });
      expect(age).toBe(BigInt(n));
    }
    expect(loads).toBeGreaterThan(0);
  });

  test('asks the database nothing of a type that is in memory whole', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    await store.flush();
    store.begin(blockAt(2));
    expect([store.attempt().get('Pet', 'rex'), store.attempt().get('Pet', 'max')]).toEqual([pet(), null]);
  });

  test('asks the database once of a type that is small', async () => {
    const opening = newStore(database());
    await inBlock(await opening, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    await (await opening).flush();
    const again = await reopened(database(), opening.id);
    again.begin(blockAt(2));
    expect(() => again.attempt().get('Pet', 'max')).toThrow(Missing);
    await handle(again, (attempt) => attempt.get('Pet', 'max'));
    expect([again.attempt().get('Pet', 'rex'), again.attempt().get('Pet', 'other')]).toEqual([pet(), null]);
  });
});

describe('store.getInBlock', () => {
  test('finds what an earlier handler of the block made', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()));
    expect(await handle(store, (attempt) => attempt.getInBlock('Pet', 'rex'))).toEqual(pet());
  });

  test('does not find what an earlier block made', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    store.begin(blockAt(2));
    expect(await handle(store, (attempt) => attempt.getInBlock('Pet', 'rex'))).toBeNull();
  });

  test('does not find what the block removed', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()));
    await handle(store, (attempt) => attempt.remove('Pet', 'rex'));
    expect(await handle(store, (attempt) => attempt.getInBlock('Pet', 'rex'))).toBeNull();
  });

  test('never asks the database', async () => {
    const opening = newStore(database());
    await inBlock(await opening, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    await (await opening).flush();
    const again = await reopened(database(), opening.id);
    again.begin(blockAt(2));
    expect(again.attempt().getInBlock('Pet', 'rex')).toBeNull();
  });
});

describe('store.loadRelated', () => {
  const ids = (entities: readonly Entity[]) => entities.map(({ id }) => id);

  test('finds what is written, what waits, and what the handler itself made, in the order of their ids', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'c', pet({ id: 'c', owner: ANN })));
    await store.flush();
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'd', pet({ id: 'd', owner: ANN })));
    store.begin(blockAt(3));
    await handle(store, (attempt) => attempt.set('Pet', 'b', pet({ id: 'b', owner: ANN })));
    const related = await handle(store, (attempt) => {
      attempt.set('Pet', 'a', pet({ id: 'a', owner: ANN }));
      attempt.set('Pet', 'z', pet({ id: 'z', owner: BOB }));
      return attempt.loadRelated('Owner', ANN, 'pets');
    });
    expect(ids(related)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('does not find what refers to another by now, or was removed', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => {
      for (const id of ['a', 'b', 'c']) attempt.set('Pet', id, pet({ id, owner: ANN }));
    });
    await store.flush();
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'a', { owner: BOB }));
    store.begin(blockAt(3));
    const related = await handle(store, (attempt) => {
      attempt.remove('Pet', 'b');
      return [attempt.loadRelated('Owner', ANN, 'pets'), attempt.loadRelated('Owner', BOB, 'pets')].map(ids);
    });
    expect(related).toEqual([['c'], ['a']]);
  });

  test('finds what came to be related after it was asked first', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.loadRelated('Owner', ANN, 'pets'));
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'rex', pet({ owner: ANN })));
    await store.flush();
    store.begin(blockAt(3));
    expect(ids(await handle(store, (attempt) => attempt.loadRelated('Owner', ANN, 'pets')))).toEqual(['rex']);
  });

  test('follows lists of references', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet({ keepers: [ANN, BOB] })));
    await store.flush();
    store.begin(blockAt(2));
    expect(ids(await handle(store, (attempt) => attempt.loadRelated('Owner', BOB, 'shared')))).toEqual(['rex']);
  });

  test('finds immutable entities', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.loadRelated('Owner', ANN, 'marks'));
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Mark', '0x02', { owner: ANN, text: 'a' }));
    await store.flush();
    store.begin(blockAt(3));
    const related = await handle(store, (attempt) => {
      attempt.set('Mark', '0x01', { owner: ANN, text: 'b' });
      return attempt.loadRelated('Owner', ANN, 'marks');
    });
    expect(ids(related)).toEqual(['0x01', '0x02']);
  });

  test('reads back from the database', async () => {
    const opening = newStore(database());
    await inBlock(await opening, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet({ owner: ANN })));
    await (await opening).flush();
    const again = await reopened(database(), opening.id);
    again.begin(blockAt(2));
    expect(await handle(again, (attempt) => attempt.loadRelated('Owner', ANN, 'pets'))).toEqual([pet({ owner: ANN })]);
  });

  test('refuses a field that is not derived', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await expect(handle(store, (attempt) => attempt.loadRelated('Owner', ANN, 'name'))).rejects.toThrow(HandlerFailed);
  });
});

describe('handlers of files', () => {
  const FILE = 'bafkreia';

  test('see nothing of the chain', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'), FILE)).toBeNull();
    expect(await handle(store, (attempt) => attempt.getInBlock('Pet', 'rex'), FILE)).toBeNull();
  });

  test('are not seen by the chain, nor by those of another file', async () => {
    const opening = newStore(database());
    let store = await opening;
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet({ owner: ANN })), FILE);
    for (const file of [undefined, 'bafkreib']) {
      expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'), file)).toBeNull();
      expect(await handle(store, (attempt) => attempt.loadRelated('Owner', ANN, 'pets'), file)).toEqual([]);
    }
    store.end();
    await store.flush();
    store = await reopened(database(), opening.id);
    store.begin(blockAt(2));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toBeNull();
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'), FILE)).toEqual(pet({ owner: ANN }));
    expect(await handle(store, (attempt) => attempt.loadRelated('Owner', ANN, 'pets'), FILE)).toHaveLength(1);
  });

  test('cannot write an entity of the chain', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    store.begin(blockAt(2));
    await expect(handle(store, (attempt) => attempt.set('Pet', 'rex', pet()), FILE)).rejects.toThrow(HandlerFailed);
  });

  test('write entities that the chain cannot write', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()), FILE);
    await expect(handle(store, (attempt) => attempt.set('Pet', 'rex', pet()))).rejects.toThrow(FILE);
  });

  test('are given no ids', async () => {
    const store = await newStore(database());
    store.begin(blockAt(1));
    await expect(handle(store, (attempt) => attempt.set('Auto', 'auto', { value: 1 }), FILE)).rejects.toThrow(
      HandlerFailed,
    );
  });
});
