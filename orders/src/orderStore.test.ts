import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Database,
  type DatabaseConfig,
  DatabaseFailedError,
  DatabaseTakenError,
  openDatabase,
  restoreFolder,
} from '@tidemark/database';
import { limitOrder, orderIdOf, orderOf, type SignedOrder } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyBackup } from '../../database/test/empty.ts';
import { startWire } from '../test/wire.ts';
import { OrderStore, type StoredOrder } from './orderStore.ts';

// The same on a folder and through the driver of Postgres: on a real one where TIDEMARK_POSTGRES names an empty database.

const exchange = { chainId: 901, engine: `0x${'22'.repeat(20)}` } as const;
const accountOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const signed = (nonce: bigint, account = accountOf(1)): SignedOrder => ({
  market: 1n,
  order: orderOf({ ...limitOrder({ account, sizeDelta: 10n ** 12n, price: 10n ** 18n }), nonce }),
  signature: `0x${'ab'.repeat(64)}`,
});
const waiting = (nonce: bigint, account?: Hex): StoredOrder => ({ signed: signed(nonce, account), marks: [] });
const gone = (nonce: bigint, block: bigint | null, account?: Hex): StoredOrder => {
  const reason = block === null ? 'cancelled' : 'filled';
  return { signed: signed(nonce, account), marks: [{ kind: 'gone', block, reason }] };
};

const folder = mkdtempSync(join(tmpdir(), 'tidemark-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

const ownFolder = async () => {
  const own = join(folder, 'orders');
  await restoreFolder(own, await emptyBackup());
  return { config: { folder: own }, end: async () => {} };
};
const wire = async () => {
  const own = process.env.TIDEMARK_POSTGRES;
  if (own) return { config: { postgres: own }, end: async () => {} };
  const { url, end } = await startWire();
  return { config: { postgres: url }, end };
};

describe.each([
  ['a folder', ownFolder],
  ['a Postgres', wire],
] as const)('orders in %s', (_, prepare) => {
  let config: DatabaseConfig;
  let end: () => Promise<void>;
  let database: Database;
  let store: OrderStore;

  beforeAll(async () => {
    ({ config, end } = await prepare());
    database = await openDatabase(config, 'order service');
    await database.query('drop table if exists orders, facts, migrations');
    store = await OrderStore.open(database, exchange);
  }, 120_000);
  afterAll(async () => {
    await database?.close();
    await end?.();
  });

  it('are there again as they were saved, in the order in which they came', async () => {
    const committed: StoredOrder = {
      signed: { ...signed(3n), byContract: true },
      marks: [
        { kind: 'committed', block: 7n, index: 2n ** 39n, turn: 1 },
        { kind: 'released', block: 9n },
        { kind: 'committed', block: 11n, index: 5n, turn: 0 },
      ],
    };
    await store.save([waiting(2n), committed], 12n);
    await store.save([waiting(1n)]);
    await store.save([{ ...waiting(2n), marks: [{ kind: 'gone', block: 13n, reason: 'filled' }] }], 13n);
    expect(await store.load(14n)).toEqual([committed, waiting(1n)]);
    expect(await store.load(13n)).toEqual([gone(2n, 13n), committed, waiting(1n)]);
    expect(await store.scanned()).toBe(13n);
  });

  it('are found by their ids, also when they are gone', async () => {
    const ids = [orderIdOf(signed(2n)), orderIdOf(signed(1n)), orderIdOf(signed(99n))];
    const found = await store.find(ids);
    expect(new Map(found.map(({ id, status, reason }) => [id, [status, reason]]))).toEqual(
      new Map([
        [ids[0], ['gone', 'filled']],
        [ids[1], ['waiting', undefined]],
      ]),
    );
  });

  it('are saved all or none', async () => {
    const unsound = { ...waiting(5n), signed: { ...signed(5n), market: 2n ** 70n } } as StoredOrder;
    Object.defineProperty(unsound, 'marks', { value: [{ kind: 'gone', block: 2n ** 80n, reason: 'filled' }] });
    await expect(store.save([waiting(4n), unsound], 99n)).rejects.toBeInstanceOf(DatabaseFailedError);
    expect(await store.find([orderIdOf(signed(4n))])).toEqual([]);
    expect(await store.scanned()).toBe(13n);
  });

  it('that were cancelled are counted and remembered, others are forgotten after a month', async () => {
    const account = accountOf(2);
    await store.save([gone(1n, null, account), gone(2n, 5n, account), gone(3n, 6n, account), waiting(4n, account)]);
    expect(await store.countCancelled(account)).toBe(1);
    expect(await store.countCancelled(accountOf(3))).toBe(0);
    const old = [1n, 2n, 4n].map((nonce) => orderIdOf(signed(nonce, account)));
    await database.query(
      "update orders set changed = now() - interval '31 days' where id in (select jsonb_array_elements_text($1::jsonb))",
      [JSON.stringify(old)],
    );
    await store.prune();
    const left = await store.find([1n, 2n, 3n, 4n].map((nonce) => orderIdOf(signed(nonce, account))));
    expect(left.map(({ order }) => order.terms).sort()).toEqual(
      [1n, 3n, 4n].map((nonce) => signed(nonce, account).order.terms).sort(),
    );
  });

  it('are those of one exchange, opened any number of times', async () => {
    const again = await OrderStore.open(database, exchange);
    expect(await again.scanned()).toBe(13n);
    const other = OrderStore.open(database, { ...exchange, chainId: 10 });
    await expect(other).rejects.toBeInstanceOf(DatabaseTakenError);
  });

  it('go on after the database was closed', async () => {
    const before = await store.load(0n);
    await database.close();
    database = await openDatabase(config, 'order service');
    store = await OrderStore.open(database, exchange);
    expect(await store.load(0n)).toEqual(before);
  });
});

describe('a database', () => {
  it('in a folder is used by one process only', async () => {
    writeFileSync(join(folder, 'lock'), `${process.pid}`);
    await expect(openDatabase({ folder }, 'order service')).rejects.toBeInstanceOf(DatabaseTakenError);
  });

  it('that does not answer fails in one line without its password', async () => {
    const failure = await openDatabase({ postgres: 'postgres://me:hunter2@127.0.0.1:1/x' }, 'order service').catch(
      (error) => error,
    );
    expect(failure).toBeInstanceOf(DatabaseFailedError);
    expect(failure.line).not.toMatch(/\n|hunter2/);
  });
});
