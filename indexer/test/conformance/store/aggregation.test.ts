import { describe, expect, test } from 'vitest';
import { readSchema } from '../../../src/build/schema.ts';
import { IndexerError } from '../../../src/errors.ts';
import type { EntityStore } from '../../../src/store/entityStore.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { HandlerFailed } from '../../../src/wasm/host.ts';
import { testDatabase } from '../../database.ts';
import { blockAt, decimal, handle, inBlock, newStore, reopened, rowsOf } from './fixture.ts';

const database = testDatabase();
const HOUR = 3_600;
const DAY = 24 * HOUR;

const point = (store: EntityStore, block: number, time: number, market: string, price: number, size: bigint) =>
  inBlock(store, blockAt(block, time), (attempt) =>
    attempt.set('Point', 'auto', { market, price: decimal(BigInt(price), -1), size, ...(size > 0n && { lots: 1 }) }),
  );
const micros = (seconds: number) => BigInt(seconds) * 1_000_000n;

describe('timeseries', () => {
  test('are given ids in the order of the chain, and the time of their block in microseconds', async () => {
    const opening = newStore(database());
    const store = await opening;
    store.begin(blockAt(7, 100));
    const data = { id: 5n, timestamp: 1n, market: 'A', price: decimal(1n, 0), size: 1n };
    for (let n = 0; n < 2; n++) await handle(store, (attempt) => attempt.set('Point', 'any', data));
    store.end();
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'point')).toMatchObject([
      { id: 7n << 32n, timestamp: micros(100) },
      { id: (7n << 32n) | 1n, timestamp: micros(100) },
    ]);
  });

  test('cannot be removed by a later block', async () => {
    const store = await newStore(database());
    await point(store, 1, 0, 'A', 1, 1n);
    store.begin(blockAt(2, 1));
    await expect(handle(store, (attempt) => attempt.remove('Point', String(1n << 32n)))).rejects.toThrow(HandlerFailed);
  });
});

describe('aggregations', () => {
  test('are made when their interval is over, by the block that comes after it', async () => {
    const opening = newStore(database());
    const store = await opening;
    await point(store, 1, 10, 'A', 20, 3n);
    await point(store, 2, HOUR - 1, 'A', 10, -2n);
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toEqual([]);
    await inBlock(store, blockAt(3, HOUR), () => {});
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toEqual([
      {
        ...{ id: 2n << 32n, timestamp: 0n, market: 'A', _from: 3n },
        ...{ volume: '4', bought: '3', open: '2', close: '1', high: '2', low: '1', count: 2n, lots: 1 },
        ...{ total: '5', trades: 2n, highest: '2', lowest: '1', began: '2' },
      },
    ]);
    expect(await rowsOf(database(), opening.id, 'stat_day')).toEqual([]);
  });

  test('keep their dimensions apart', async () => {
    const opening = newStore(database());
    const store = await opening;
    store.begin(blockAt(1, DAY - 1));
    for (const market of ['A', 'B', 'A']) {
      await handle(store, (attempt) => attempt.set('Point', 'auto', { market, price: decimal(1n, 0), size: 1n }));
    }
    store.end();
    await inBlock(store, blockAt(2, DAY + 5), () => {});
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'stat_day')).toMatchObject([
      { market: 'B', count: 1n, timestamp: 0n },
      { market: 'A', count: 2n, timestamp: 0n },
    ]);
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toMatchObject([
      { market: 'B', timestamp: micros(DAY - HOUR) },
      { market: 'A', timestamp: micros(DAY - HOUR) },
    ]);
    expect(await rowsOf(database(), opening.id, '"all_day"')).toMatchObject([{ count: 3n }]);
  });

  test('have no row for an interval without data', async () => {
    const opening = newStore(database());
    const store = await opening;
    await point(store, 1, 0, 'A', 1, 1n);
    await inBlock(store, blockAt(2, 5 * HOUR), () => {});
    await inBlock(store, blockAt(3, 6 * HOUR), () => {});
    await inBlock(store, blockAt(4, 2 * DAY), () => {});
    await inBlock(store, blockAt(5, 3 * DAY), () => {});
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toHaveLength(1);
    expect(await rowsOf(database(), opening.id, '"all_day"')).toHaveLength(1);
  });

  test('that are cumulative go on from the last interval that had data, whenever it was written', async () => {
    const opening = newStore(database());
    const store = await opening;
    await point(store, 1, 0, 'A', 30, 5n);
    await point(store, 2, HOUR, 'B', 1, 1n);
    await point(store, 3, 2 * HOUR, 'A', 20, 7n);
    await store.flush();
    await point(store, 4, 5 * HOUR, 'A', 10, 1n);
    await inBlock(store, blockAt(5, 6 * HOUR), () => {});
    await store.flush();
    const rows = (await rowsOf(database(), opening.id, 'stat_hour')).filter(({ market }) => market === 'A');
    expect(rows).toMatchObject([
      { total: '5', trades: 1n, highest: '3', lowest: '3', began: '3', bought: '5' },
      { total: '12', trades: 2n, highest: '3', lowest: '2', began: '3', bought: '7' },
      { total: '13', trades: 3n, highest: '3', lowest: '1', began: '3', bought: '1' },
    ]);
  });

  test('are taken back by a reorganisation, and made again', async () => {
    const opening = newStore(database());
    const store = await opening;
    await point(store, 1, 0, 'A', 1, 1n);
    await point(store, 2, 10, 'A', 1, 1n);
    await point(store, 3, HOUR, 'A', 1, 1n);
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toMatchObject([{ count: 2n, _from: 3n }]);
    await store.revertTo(1n);
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toEqual([]);
    await inBlock(store, blockAt(2, 2 * HOUR, 1), () => {});
    await store.flush();
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toMatchObject([{ count: 1n, _from: 2n }]);
  });

  test('are made by a process that was started in the middle of the interval', async () => {
    const opening = newStore(database());
    await point(await opening, 1, 0, 'A', 1, 1n);
    await (await opening).flush();
    const again = await reopened(database(), opening.id);
    await inBlock(again, blockAt(2, HOUR), () => {});
    await again.flush();
    expect(await rowsOf(database(), opening.id, 'stat_hour')).toMatchObject([{ count: 1n }]);
  });

  const schemaOf = (aggregate: string) =>
    readSchema(`type Point @entity(timeseries: true) { id: Int8! timestamp: Timestamp! value: BigInt! }
      type Stat @aggregation(intervals: ["hour"], source: "Point") { id: Int8! timestamp: Timestamp! ${aggregate} }`);

  test.each([
    ['an unknown field', 'sum: BigInt! @aggregate(fn: "sum", arg: "values")'],
    ['a function that is none of numbers', 'sum: BigInt! @aggregate(fn: "sum", arg: "pg_sleep(value)")'],
    ['another statement', 'sum: BigInt! @aggregate(fn: "sum", arg: "value); drop table x; --")'],
    ['quotes', 'sum: BigInt! @aggregate(fn: "sum", arg: "\'1\'")'],
    ['what is no expression', 'sum: BigInt! @aggregate(fn: "sum", arg: "value +")'],
  ])('are refused for %s', async (_, aggregate) => {
    const opening = openStore({ database: database(), schema: schemaOf(aggregate), id: '0xbad' });
    await expect(opening).rejects.toThrow(IndexerError);
  });
});
