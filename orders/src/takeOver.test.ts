import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, DatabaseTakenError, openDatabase } from '@tidemark/database';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openEmpty } from '../../database/test/empty.ts';
import { OLD_CHANGED, OLD_ORDERS, writeOldFolder } from '../test/oldFolder.ts';
import { OrderStore } from './orderStore.ts';
import { takeOver } from './takeOver.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const exchange = { chainId: 901, engine: `0x${'22'.repeat(20)}` } as const;
const folder = mkdtempSync(join(tmpdir(), 'tidemark-take-over-'));
const old = join(folder, 'orders');
let database: Database;
let store: OrderStore;

const rows = (of: Database) =>
  of.query('select id, owner, account, body, marks, status, reason, gone_block, changed from orders order by placed');
const [waiting, , cancelled] = OLD_ORDERS;

beforeAll(async () => {
  await writeOldFolder(old);
  database = await openEmpty();
});
afterAll(async () => {
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.query('drop table if exists orders, facts, migrations');
  store = await OrderStore.open(database, exchange);
});

it('takes every order of a folder over as it was, in the order in which they were placed', async () => {
  expect(await takeOver(database, old, exchange)).toBe(4);
  const taken = await rows(database);
  expect(taken.map(({ id, marks, status, reason, changed }) => ({ id, marks, status, reason, changed }))).toEqual(
    OLD_ORDERS.map(({ id, marks, status, reason }) => ({ id, marks, status, reason, changed: new Date(OLD_CHANGED) })),
  );
  expect(await store.scanned()).toBe(1_234n);
  expect((await store.load(1_100n)).map(({ marks }) => marks.length)).toEqual([0, 1, 2]);
  expect(await store.countCancelled(waiting.body.account as `0x${string}`)).toBe(1);
  expect(await store.find([cancelled.id])).toMatchObject([{ id: cancelled.id, status: 'gone', reason: 'cancelled' }]);
  const before = await openDatabase({ folder: old }, 'order service');
  expect(await rows(before)).toEqual(taken);
  await before.close();
});

it('takes a folder over once, so that what was pruned or has changed since does not come back', async () => {
  await takeOver(database, old, exchange);
  await database.query('delete from orders where id = $1', [waiting.id]);
  expect(await takeOver(database, old, exchange)).toBe(0);
  expect(await rows(database)).toHaveLength(3);
});

it('leaves what the database knows already, and looks at the chain from where the older of both had ended', async () => {
  await store.save([], 2_000n);
  await database.query(
    `insert into orders (id, owner, account, body, marks, status, reason, gone_block)
     values ($1, '0x', '0x', '{}', '[]', 'gone', 'cancelled', -1)`,
    [waiting.id],
  );
  await takeOver(database, old, exchange);
  expect((await rows(database)).map(({ id, status }) => [id, status])).toEqual([
    [waiting.id, 'gone'],
    ...OLD_ORDERS.slice(1).map(({ id, status }) => [id, status]),
  ]);
  expect(await store.scanned()).toBe(1_234n);
});

it('takes nothing of a folder that keeps the orders of another exchange, and may be asked again', async () => {
  await expect(takeOver(database, old, { ...exchange, chainId: 902 })).rejects.toBeInstanceOf(DatabaseTakenError);
  expect(await rows(database)).toEqual([]);
  expect(await takeOver(database, old, exchange)).toBe(4);
});

it('takes nothing where there is no folder, and makes none', async () => {
  expect(await takeOver(database, join(folder, 'none'), exchange)).toBe(0);
  mkdirSync(join(folder, 'empty'));
  expect(await takeOver(database, join(folder, 'empty'), exchange)).toBe(0);
  expect(existsSync(join(folder, 'none'))).toBe(false);
});
