import type { Database, Row } from '@tidemark/database';
import { BigDecimal } from '../../../src/bigDecimal.ts';
import { readSchema } from '../../../src/build/schema.ts';
import type { EntityStore } from '../../../src/store/entityStore.ts';
import { namespaceOf } from '../../../src/store/layout.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Attempt, Block } from '../../../src/store/types.ts';
import type { Entity } from '../../../src/values.ts';
import { Missing } from '../../../src/wasm/host.ts';

export const schema = readSchema(`
  enum Side { long short }
  type Owner @entity(immutable: false) {
    id: Bytes!
    name: String!
    pets: [Pet!]! @derivedFrom(field: "owner")
    shared: [Pet!]! @derivedFrom(field: "keepers")
    marks: [Mark!]! @derivedFrom(field: "owner")
  }
  type Pet @entity(immutable: false) {
    id: String!
    owner: Owner
    keepers: [Owner!]
    age: BigInt!
    weight: BigDecimal
    legs: Int
    seen: Int8
    at: Timestamp
    tame: Boolean
    side: Side
    data: Bytes
    tags: [String!]
    ages: [BigInt!]
    weights: [BigDecimal!]
    notes: [Bytes!]
  }
  type Mark @entity(immutable: true) { id: Bytes! owner: Owner text: String! }
  type Count @entity(immutable: false) { id: Int8! value: Int! }
  type Auto @entity(immutable: true) { id: Bytes! value: Int! }
  type Point @entity(timeseries: true) {
    id: Int8!
    timestamp: Timestamp!
    market: String!
    price: BigDecimal!
    size: BigInt!
    lots: Int
  }
  type Stat @aggregation(intervals: ["hour", "day"], source: "Point") {
    id: Int8!
    timestamp: Timestamp!
    market: String!
    volume: BigDecimal! @aggregate(fn: "sum", arg: "price * size")
    bought: BigInt! @aggregate(fn: "sum", arg: "case when size > 0 then size else 0 end")
    open: BigDecimal! @aggregate(fn: "first", arg: "price")
    close: BigDecimal! @aggregate(fn: "last", arg: "price")
    high: BigDecimal! @aggregate(fn: "max", arg: "price")
    low: BigDecimal! @aggregate(fn: "min", arg: "price")
    count: Int8! @aggregate(fn: "count")
    lots: Int @aggregate(fn: "sum", arg: "lots")
    total: BigInt! @aggregate(fn: "sum", arg: "abs(size)", cumulative: true)
    trades: Int8! @aggregate(fn: "count", cumulative: true)
    highest: BigDecimal! @aggregate(fn: "max", arg: "price", cumulative: true)
    lowest: BigDecimal! @aggregate(fn: "min", arg: "price", cumulative: true)
    began: BigDecimal! @aggregate(fn: "first", arg: "price", cumulative: true)
  }
  type All @aggregation(intervals: ["day"], source: "Point") {
    id: Int8!
    timestamp: Timestamp!
    count: Int8! @aggregate(fn: "count")
  }
`);

/** A block of its own for every fork; a second each unless told otherwise. */
export const blockAt = (number: number, time = number, fork = 0): Block => ({
  number: BigInt(number),
  hash: `0x${fork.toString(16).padStart(8, '0')}${number.toString(16).padStart(56, '0')}`,
  parentHash: `0x${fork.toString(16).padStart(8, '0')}${(number - 1).toString(16).padStart(56, '0')}`,
  time: BigInt(time),
});

let stores = 0;

/** A store of this schema with tables of its own. */
export function newStore(database: Database, capacity?: number): Promise<EntityStore> & { id: string } {
  const id = `0x${(++stores).toString(16).padStart(16, '0')}`;
  return Object.assign(openStore({ database, schema, id, ...(capacity !== undefined && { capacity }) }), { id });
}

/** The same store, as another process opens it. */
export const reopened = (database: Database, id: string) => openStore({ database, schema, id });

/** Runs a handler as the indexer does: again and again until nothing is missing, then what it did is kept. */
export async function handle<result>(
  store: EntityStore,
  handler: (attempt: Attempt) => result,
  file?: string,
): Promise<result> {
  for (;;) {
    const attempt = store.attempt(file);
    try {
      const result = handler(attempt);
      attempt.keep();
      return result;
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      await error.load();
    }
  }
}

/** A whole block of one handler. */
export async function inBlock<result>(
  store: EntityStore,
  block: Block,
  handler: (attempt: Attempt) => result,
): Promise<result> {
  store.begin(block);
  const result = await handle(store, handler);
  store.end();
  return result;
}

/** All rows of a table, by id and block. */
export async function rowsOf(database: Database, id: string, table: string): Promise<Row[]> {
  return database.query(`select * from ${namespaceOf(id)}.${table} order by id, _from`);
}

export const decimal = (digits: bigint, exp: number) => BigDecimal.of(digits, exp);
export const ANN = '0xa1';
export const BOB = '0xb2';
export const pet = (data: Entity = {}): Entity => ({ id: 'rex', age: 1n, ...data });
