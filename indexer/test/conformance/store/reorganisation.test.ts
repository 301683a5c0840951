import { type Database, DatabaseFailedError } from '@tidemark/database';
import { describe, expect, test } from 'vitest';
import { IndexerError } from '../../../src/errors.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Change, CreatedSource } from '../../../src/store/types.ts';
import { testDatabase } from '../../database.ts';
import { ANN, BOB, blockAt, decimal, handle, inBlock, newStore, pet, reopened, rowsOf, schema } from './fixture.ts';

const database = testDatabase();
const source = (from: bigint, cid: string): CreatedSource => ({
  template: 'File',
  parameters: [cid],
  context: { big: 2n ** 200n, decimal: decimal(5n, -1), list: [1n, 'a', true, null] },
  from,
  done: null,
});

describe('flush', () => {
  test('writes every version of what waits, each until the next', async () => {
    const opening = newStore(database());
    const store = await opening;
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    await store.flush();
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'rex', { age: 2n }));
    await inBlock(store, blockAt(5), (attempt) => attempt.remove('Pet', 'rex'));
    await inBlock(store, blockAt(6), (attempt) => attempt.set('Pet', 'rex', pet({ age: 6n })));
    expect(store.waiting).toBe(6);
    await store.flush();
    expect(store.waiting).toBe(0);
    expect(await rowsOf(database(), opening.id, 'pet')).toMatchObject([
      { age: '1', _from: 1n, _to: 2n },
      { age: '2', _from: 2n, _to: 5n },
      { age: '6', _from: 6n, _to: null },
    ]);
    expect(store.head).toEqual(blockAt(6));
  });

  test('leaves a block at hand alone, whose handlers go on', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    store.begin(blockAt(2));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', { age: 2n }));
    await store.flush();
    expect(store.head).toEqual(blockAt(1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', { legs: 3 }));
    store.end();
    await store.flush();
    expect(store.head).toEqual(blockAt(2));
    store.begin(blockAt(3));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toEqual(pet({ age: 2n, legs: 3 }));
  });

  test('takes blocks while it writes others', async () => {
    const opening = newStore(database());
    const store = await opening;
    const writes: Promise<void>[] = [];
    for (let n = 1; n <= 5; n++) {
      await inBlock(store, blockAt(n), (attempt) => attempt.set('Pet', 'rex', pet({ age: BigInt(n) })));
      writes.push(store.flush());
    }
    await Promise.all(writes);
    const rows = await rowsOf(database(), opening.id, 'pet');
    expect(rows.map(({ age, _from, _to }) => [age, _from, _to])).toEqual(
      [1n, 2n, 3n, 4n, 5n].map((n) => [String(n), n, n < 5n ? n + 1n : null]),
    );
  });

  test('that failed leaves everything to the next one', async () => {
    const { broken, store, id } = await breakable();
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    broken.before = true;
    await expect(store.flush()).rejects.toThrow(DatabaseFailedError);
    expect([store.head, store.waiting]).toEqual([null, 2]);
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'rex', { age: 2n }));
    broken.before = false;
    await store.flush();
    expect(await rowsOf(database(), id, 'pet')).toMatchObject([{ age: '1' }, { age: '2', _to: null }]);
  });

  test('whose answer was lost is not repeated', async () => {
    const { broken, store, id } = await breakable();
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    broken.after = true;
    await expect(store.flush()).rejects.toThrow(DatabaseFailedError);
    broken.after = false;
    await store.flush();
    expect(store.head).toEqual(blockAt(1));
    expect(await rowsOf(database(), id, 'pet')).toHaveLength(1);
  });

  test('whose answer was lost is taken back with what waits', async () => {
    const { broken, store, id } = await breakable();
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'rex', { age: 2n }));
    broken.after = true;
    await expect(store.flush()).rejects.toThrow(DatabaseFailedError);
    broken.after = false;
    await store.revertTo(1n);
    await inBlock(store, blockAt(2, 2, 1), (attempt) => attempt.set('Pet', 'rex', { age: 3n }));
    await store.flush();
    expect(await rowsOf(database(), id, 'pet')).toMatchObject([
      { age: '1', _to: 2n },
      { age: '3', _to: null },
    ]);
  });

  test('tells what changed, aggregations of a timeseries too', async () => {
    const store = await newStore(database());
    const changes: Change[] = [];
    const end = store.subscribe((change) => changes.push(change));
    await inBlock(store, blockAt(1), (attempt) => {
      attempt.set('Pet', 'rex', pet());
      attempt.set('Point', 'auto', { market: 'A', price: decimal(1n, 0), size: 1n });
    });
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'rex', pet()));
    await store.flush();
    await inBlock(store, blockAt(3), (attempt) => attempt.set('Pet', 'rex', pet()));
    await store.flush();
    end();
    await inBlock(store, blockAt(4), (attempt) => attempt.remove('Pet', 'rex'));
    await store.flush();
    expect(changes).toEqual([
      { head: blockAt(2), types: new Set(['Pet', 'Point', 'Stat', 'All']), reorganised: false },
      { head: blockAt(3), types: new Set(), reorganised: false },
    ]);
  });

  /** A store whose database fails before or after it did what it was asked. */
  async function breakable() {
    const broken = { before: false, after: false };
    const fail = (now: boolean) => {
      if (now) throw new DatabaseFailedError('connection lost');
    };
    const failing: Database = {
      ...database(),
      transaction: async (run) => {
        fail(broken.before);
        const result = await database().transaction(run);
        fail(broken.after);
        return result;
      },
    };
    const opening = newStore(failing);
    return { broken, store: await opening, id: opening.id };
  }
});

describe('revertTo', () => {
  test('brings back what was changed, removed and made since', async () => {
    const opening = newStore(database());
    const store = await opening;
    await inBlock(store, blockAt(1), (attempt) => {
      for (const id of ['a', 'b']) attempt.set('Pet', id, pet({ id, owner: ANN }));
    });
    const before = async () => [
      await rowsOf(database(), opening.id, 'pet'),
      await handle(store, (attempt) => [attempt.loadRelated('Owner', ANN, 'pets'), attempt.get('Pet', 'c')]),
    ];
    await store.flush();
    store.begin(blockAt(2));
    const expected = await before();
    await handle(store, (attempt) => {
      attempt.set('Pet', 'a', { owner: BOB });
      attempt.remove('Pet', 'b');
      attempt.set('Pet', 'c', pet({ id: 'c' }));
      attempt.set('Mark', '0x01', { text: 'a' });
    });
    store.end();
    await store.flush();
    await store.revertTo(1n);
    expect(store.head).toEqual(blockAt(1));
    store.begin(blockAt(2, 2, 1));
    expect(await before()).toEqual(expected);
    await handle(store, (attempt) => attempt.set('Mark', '0x01', { text: 'b' }));
    store.end();
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'mark')).toMatchObject([{ text: 'b', _from: 2n }]);
  });

  test('forgets what waits above a block, and keeps what waits below', async () => {
    const store = await newStore(database());
    for (let n = 1; n <= 4; n++) {
      await inBlock(store, blockAt(n), (attempt) => attempt.set('Pet', 'rex', pet({ age: BigInt(n) })));
    }
    await store.revertTo(2n);
    expect(await store.hashOf(2n)).toBe(blockAt(2).hash);
    expect(await store.hashOf(3n)).toBeNull();
    store.begin(blockAt(3, 3, 1));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toEqual(pet({ age: 2n }));
    store.end();
    await store.flush();
    expect(store.head).toEqual(blockAt(3, 3, 1));
  });

  test('drops a block at hand', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), () => {});
    store.begin(blockAt(2));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()));
    await store.revertTo(1n);
    store.begin(blockAt(2, 2, 1));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toBeNull();
  });

  test('takes everything back from before the first block on', async () => {
    const opening = newStore(database());
    const store = await opening;
    await inBlock(store, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    await store.flush();
    await store.revertTo(0n);
    expect([store.head, await store.hashOf(1n), await rowsOf(database(), opening.id, 'pet')]).toEqual([null, null, []]);
  });

  test('tells that everything may have changed, even when the new blocks are empty', async () => {
    const store = await newStore(database());
    for (const n of [1, 2]) await inBlock(store, blockAt(n), () => {});
    await store.flush();
    const changes: Change[] = [];
    store.subscribe((change) => changes.push(change));
    await store.revertTo(1n);
    expect(changes).toEqual([{ head: blockAt(1), types: new Set(schema.types.keys()), reorganised: true }]);
  });

  test('forgets sources created since, and handles files again that were handled since', async () => {
    const opening = newStore(database());
    let store = await opening;
    store.begin(blockAt(1));
    store.addSource(source(1n, 'a'));
    store.addSource(source(1n, 'b'));
    store.end();
    store.begin(blockAt(2));
    store.addSource(source(2n, 'c'));
    store.finishSource(source(1n, 'b'));
    store.end();
    await store.flush();
    const all = [source(1n, 'a'), { ...source(1n, 'b'), done: 2n }, source(2n, 'c')];
    expect(store.sources).toEqual(all);
    store = await reopened(database(), opening.id);
    expect(store.sources).toEqual(all);
    await store.revertTo(1n);
    const left = [source(1n, 'a'), source(1n, 'b')];
    expect(store.sources).toEqual(left);
    expect((await reopened(database(), opening.id)).sources).toEqual(left);
  });

  test('lets a file write again what it had written since', async () => {
    const store = await newStore(database());
    await inBlock(store, blockAt(1), () => {});
    store.begin(blockAt(2));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()), 'bafy');
    store.end();
    await store.flush();
    await store.revertTo(1n);
    store.begin(blockAt(2, 2, 1));
    await handle(store, (attempt) => attempt.set('Pet', 'rex', pet()));
    expect(await handle(store, (attempt) => attempt.get('Pet', 'rex'))).toEqual(pet());
  });
});

describe('prune', () => {
  test('forgets versions that ended by a block, written or waiting, and keeps the state at that block', async () => {
    const opening = newStore(database());
    const store = await opening;
    for (let n = 1; n <= 3; n++) {
      await inBlock(store, blockAt(n), (attempt) => {
        attempt.set('Pet', 'rex', pet({ age: BigInt(n) }));
        attempt.set('Mark', `0x0${n}`, { text: 'a' });
      });
    }
    await store.flush();
    await inBlock(store, blockAt(4), (attempt) => attempt.set('Pet', 'rex', pet({ age: 4n })));
    await inBlock(store, blockAt(6), (attempt) => attempt.set('Pet', 'rex', pet({ age: 6n })));
    await store.prune(3n);
    expect(await rowsOf(database(), opening.id, 'pet')).toMatchObject([{ age: '3', _to: null }]);
    await store.prune(7n);
    await store.flush();
    await store.prune(8n);
    expect(await rowsOf(database(), opening.id, 'pet')).toMatchObject([{ age: '6', _to: null }]);
    expect(await rowsOf(database(), opening.id, 'mark')).toHaveLength(3);
    expect((await reopened(database(), opening.id)).earliest).toBe(8n);
  });

  test('leaves no way back behind the history that is kept', async () => {
    const store = await newStore(database());
    for (const n of [1, 2, 3]) await inBlock(store, blockAt(n), () => {});
    await store.flush();
    await store.prune(2n);
    await expect(store.revertTo(1n)).rejects.toThrow(IndexerError);
    await store.revertTo(2n);
    expect(store.head).toEqual(blockAt(2));
  });
});

describe('openStore', () => {
  test('goes on where the last flush ended', async () => {
    const opening = newStore(database());
    await inBlock(await opening, blockAt(1), () => {});
    await (await opening).flush();
    await inBlock(await opening, blockAt(2), () => {});
    const again = await reopened(database(), opening.id);
    expect([again.head, await again.hashOf(1n), await again.hashOf(2n)]).toEqual([blockAt(1), blockAt(1).hash, null]);
  });

  test('refuses tables of another schema', async () => {
    const opening = newStore(database());
    await opening;
    const other = { ...schema, source: `${schema.source} ` };
    await expect(openStore({ database: database(), schema: other, id: opening.id })).rejects.toThrow(IndexerError);
  });
});
