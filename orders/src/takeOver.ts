import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Database, openDatabase, type Query, type Row } from '@tidemark/database';
import { type Exchange, factOf, OrderStore, setFact } from './orderStore.ts';

/** Orders that are written at once. */
const CHUNK = 1_000;

/**
 * Takes what an order service has kept in a folder of its own into a database that is up to date, once: whatever else happens
 * to the folder later is not looked at. Nothing in it is changed. An order that the database knows already stays as it is.
 * @returns How many orders were there.
 * @throws {DatabaseTakenError} When the folder is in use, or keeps the orders of another exchange.
 * @throws {DatabaseFailedError} When it cannot be read; then nothing was taken.
 */
export async function takeOver(database: Database, folder: string, exchange: Exchange): Promise<number> {
  const fact = `taken over ${resolve(folder)}`;
  if (!existsSync(join(folder, 'database')) || (await factOf(database, fact)) !== undefined) return 0;
  const old = await openDatabase({ folder }, 'order service');
  try {
    await OrderStore.open(old, exchange);
    const rows = await old.query('select to_jsonb(orders) as "order" from orders order by placed');
    const scanned = await factOf(old, 'scanned');
    await database.transaction(async (query) => {
      for (let from = 0; from < rows.length; from += CHUNK) await insert(query, rows.slice(from, from + CHUNK));
      if (scanned !== undefined) await lookFrom(query, scanned);
      await setFact(query, fact, `${rows.length}`);
    });
    return rows.length;
  } finally {
    await old.close();
  }
}

async function insert(query: Query, rows: readonly Row[]): Promise<void> {
  await query(
    `insert into orders (id, owner, account, body, marks, status, reason, gone_block, changed)
     select id, owner, account, body, marks, status, reason, gone_block, changed
     from jsonb_to_recordset($1::jsonb) as row
       (id text, owner text, account text, body jsonb, marks jsonb, status text, reason text, gone_block bigint,
        changed timestamptz, placed bigint)
     order by row.placed
     on conflict (id) do nothing`,
    [JSON.stringify(rows.map(({ order }) => order))],
  );
}

/** What has happened to these orders since then is not known yet. */
async function lookFrom(query: Query, scanned: string): Promise<void> {
  await query(
    `insert into facts values ('scanned', $1) on conflict (name) do update
     set value = least(facts.value::numeric, excluded.value::numeric)::text`,
    [scanned],
  );
}
