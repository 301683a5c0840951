import { type Database, DatabaseTakenError, type Query, type Row } from '@tidemark/database';
import {
  decodeOrder,
  encodeOrder,
  type KeptOrder,
  keptOf,
  type OrderMark,
  orderIdOf,
  ownerOf,
  standingOf,
  type TrackedOrder,
} from '@tidemark/sdk';
import type { Address, Hex } from 'viem';

/** Each is run once, in its order, and never changed. */
const MIGRATIONS = [
  [
    `create table orders (
     id text primary key,
     owner text not null,
     account text not null,
     body jsonb not null,
     marks jsonb not null,
     status text not null,
     reason text,
     -- Of the last mark of one that is gone, or -1 where the chain knows nothing of it.
     gone_block bigint,
     placed bigint generated always as identity,
     changed timestamptz not null default now()
   )`,
    "create index orders_live on orders (placed) where status <> 'gone'",
    "create index orders_gone on orders (gone_block) where status = 'gone'",
    'create table facts (name text primary key, value text not null)',
  ],
] as const;

/** Whose orders are kept. */
export interface Exchange {
  readonly chainId: number;
  readonly engine: Address;
}

/** What is kept of an order: its bytes, and all that happened to it. */
export type StoredOrder = Pick<TrackedOrder, 'signed' | 'marks'>;

/** Days for which it is known what became of an order. */
const KEPT_DAYS = 30;

/** The orders in the database. What is saved is durable when the call returns. */
export class OrderStore {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Brings the database up to date.
   * @throws {DatabaseTakenError} When it keeps the orders of another exchange.
   * @throws {DatabaseFailedError}
   */
  static async open(database: Database, { chainId, engine }: Exchange): Promise<OrderStore> {
    const store = new OrderStore(database);
    await database.query('create table if not exists migrations (number integer primary key)');
    for (const [number, statements] of MIGRATIONS.entries()) {
      await database.transaction(async (query) => {
        const [done] = await query('select number from migrations where number = $1', [number]);
        if (done) return;
        for (const statement of statements) await query(statement);
        await query('insert into migrations values ($1)', [number]);
      });
    }
    const exchange = `${chainId} ${engine.toLowerCase()}`;
    const known = await factOf(database, 'exchange');
    if (known === undefined) await setFact(database.query, 'exchange', exchange);
    else if (known !== exchange) {
      throw new DatabaseTakenError('The database keeps the orders of another exchange.', {
        next: 'Give this one a database of its own.',
      });
    }
    return store;
  }

  /** The last block learned from; undefined when there is none. */
  async scanned(): Promise<bigint | undefined> {
    const value = await factOf(this.#database, 'scanned');
    return value === undefined ? undefined : BigInt(value);
  }

  /** Those that wait or are committed, and those gone from a block on; in the order in which they were placed. */
  async load(goneFrom: bigint): Promise<StoredOrder[]> {
    const rows = await this.#database.query(
      "select body, marks from orders where status <> 'gone' or gone_block >= $1 order by placed",
      [`${goneFrom}`],
    );
    return rows.map(storedOf);
  }

  async find(ids: readonly Hex[]): Promise<KeptOrder[]> {
    const sql = 'select body, marks from orders where id in (select jsonb_array_elements_text($1::jsonb))';
    const rows = await this.#database.query(sql, [JSON.stringify(ids)]);
    return rows.map(storedOf).map((stored) => keptOf({ id: orderIdOf(stored.signed), ...stored }));
  }

  /** How many orders of an account it has been told to forget, and must remember so as not to take them again. */
  async countCancelled(account: Hex): Promise<number> {
    const sql = "select count(*)::integer as count from orders where account = $1 and reason = 'cancelled'";
    const [row] = await this.#database.query(sql, [account]);
    return Number(row?.count);
  }

  /** Writes orders as they are now, and up to which block that is known, all or nothing. */
  async save(orders: Iterable<StoredOrder>, scanned?: bigint): Promise<void> {
    const rows = [...orders].map(rowOf);
    await this.#database.transaction(async (query) => {
      if (rows.length > 0) {
        await query(
          `insert into orders (id, owner, account, body, marks, status, reason, gone_block)
           select id, owner, account, body, marks, status, reason, gone_block
           from jsonb_to_recordset($1::jsonb) as row
             (id text, owner text, account text, body jsonb, marks jsonb, status text, reason text, gone_block bigint)
           on conflict (id) do update set body = excluded.body, marks = excluded.marks, status = excluded.status,
             reason = excluded.reason, gone_block = excluded.gone_block, changed = now()`,
          [JSON.stringify(rows)],
        );
      }
      if (scanned !== undefined) await setFact(query, 'scanned', `${scanned}`);
    });
  }

  /** Forgets what became of orders long ago; not those that were cancelled here, which could be placed again. */
  async prune(): Promise<void> {
    await this.#database.query(
      `delete from orders where status = 'gone' and reason <> 'cancelled' and changed < now() - interval '${KEPT_DAYS} days'`,
    );
  }
}

/** What is noted by a name; undefined when nothing is. */
export async function factOf({ query }: Pick<Database, 'query'>, name: string): Promise<string | undefined> {
  const [row] = await query('select value from facts where name = $1', [name]);
  return row?.value as string | undefined;
}

export async function setFact(query: Query, name: string, value: string): Promise<void> {
  const sql = 'insert into facts values ($1, $2) on conflict (name) do update set value = excluded.value';
  await query(sql, [name, value]);
}

function rowOf({ signed, marks }: StoredOrder) {
  const { status, reason = null } = standingOf({ marks });
  const { account } = signed.order;
  return {
    id: orderIdOf(signed),
    owner: ownerOf(account).toLowerCase(),
    account,
    body: encodeOrder(signed),
    marks: marks.map((mark) =>
      JSON.parse(JSON.stringify(mark, (_, value) => (typeof value === 'bigint' ? `${value}` : value))),
    ),
    status,
    reason,
    gone_block: status === 'gone' ? Number(marks.at(-1)?.block ?? -1n) : null,
  };
}

function storedOf({ body, marks }: Row): StoredOrder {
  return { signed: decodeOrder(body), marks: (marks as Record<string, unknown>[]).map(markOf) };
}

function markOf(mark: Record<string, unknown>): OrderMark {
  const block = mark.block === null ? null : BigInt(mark.block as string);
  return { ...mark, block, ...(mark.index !== undefined && { index: BigInt(mark.index as string) }) } as OrderMark;
}
