import { describe, expect, test } from 'vitest';
import { blockAt, decimal, inBlock, newStore, pet, reopened, schema } from '../../test/conformance/store/fixture.ts';
import { testDatabase } from '../../test/database.ts';
import type { EntityType } from '../build/schema.ts';
import { IndexerError } from '../errors.ts';
import { currentDeployment, dropStore, listStores, makeCurrent } from './deployments.ts';
import { exportEntities } from './exportEntities.ts';

const database = testDatabase();

describe('deployments', () => {
  test('lie beside one another, one is the current one, and each goes alone', async () => {
    const [first, second] = [newStore(database()), newStore(database())];
    await inBlock(await first, blockAt(1), (attempt) => attempt.set('Pet', 'rex', pet()));
    await (await first).flush();
    await second;
    expect(await listStores(database())).toEqual(expect.arrayContaining([first.id, second.id]));
    expect(await currentDeployment(database())).toBeNull();
    await makeCurrent(database(), first.id);
    await makeCurrent(database(), second.id);
    expect(await currentDeployment(database())).toBe(second.id);
    await dropStore(database(), first.id);
    await dropStore(database(), first.id);
    expect(await listStores(database())).not.toContain(first.id);
    expect((await reopened(database(), second.id)).head).toBeNull();
  });
});

describe('exportEntities', () => {
  const exported = async (id: string, name: string, format: 'csv' | 'json', interval?: 'hour') => {
    const parts: string[] = [];
    const type = schema.types.get(name) as EntityType;
    const write = (text: string) => void parts.push(text);
    await exportEntities({ database: database(), id, type, format, write, ...(interval && { interval }) });
    return parts.join('');
  };

  test('writes every entity as it stands, with every digit', async () => {
    const opening = newStore(database());
    const store = await opening;
    const seen = 2n ** 63n - 1n;
    await inBlock(store, blockAt(1), (attempt) => {
      attempt.set('Pet', 'rex', pet({ age: 2n ** 200n, weight: decimal(-5n, -20), seen, tags: ['a,b', '"'] }));
      attempt.set('Pet', 'max', pet({ id: 'max', tags: [], tame: true }));
      attempt.set('Owner', '0xa1', { name: 'a "b",\nc' });
      attempt.set('Owner', '0xb2', { name: '' });
    });
    await inBlock(store, blockAt(2), (attempt) => attempt.set('Pet', 'max', { age: 2n }));
    await store.flush();
    const names = schema.types.get('Pet')?.fields.map(({ name }) => name) ?? [];
    const csv = await exported(opening.id, 'Pet', 'csv');
    expect(csv.split('\n')).toEqual([
      names.join(),
      'max,,,2,,,,,true,,,[],,,',
      `rex,,,${2n ** 200n},-0.00000000000000000005,,${seen},,,,,"[""a,b"",""\\""""]",,,`,
      '',
    ]);
    expect(await exported(opening.id, 'Owner', 'csv')).toBe('id,name\n0xa1,"a ""b"",\nc"\n0xb2,""\n');
    const [, rex] = (await exported(opening.id, 'Pet', 'json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rex).toMatchObject({
      age: String(2n ** 200n),
      weight: '-0.00000000000000000005',
      seen: String(seen),
      legs: null,
    });
  });

  test('reads on where a page ends', async () => {
    const opening = newStore(database());
    await inBlock(await opening, blockAt(1), (attempt) => {
      for (let n = 0; n < 10_001; n++) attempt.set('Count', String(n - 5_000), { value: n });
    });
    await (await opening).flush();
    const lines = (await exported(opening.id, 'Count', 'csv')).trim().split('\n');
    expect(lines).toEqual(['id,value', ...Array.from({ length: 10_001 }, (_, n) => `${n - 5_000},${n}`)]);
  });

  test('asks for the interval of an aggregation', async () => {
    const opening = newStore(database());
    await opening;
    await expect(exported(opening.id, 'Stat', 'csv')).rejects.toThrow(IndexerError);
    expect(await exported(opening.id, 'Stat', 'csv', 'hour')).toMatch(/^id,timestamp,market,volume/);
  });
});
