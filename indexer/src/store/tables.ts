import { createHash } from 'node:crypto';
import type { Query } from '@tidemark/database';
import type { EntityType, Field, Schema } from '../build/schema.ts';
import { type Column, columnsOf } from './columns.ts';
import { isVersioned, SQL_TYPES, tableOf } from './layout.ts';

/** Where the entities of a type lie; aggregations have one an interval. */
export interface Table {
  readonly type: EntityType;
  readonly interval: 'hour' | 'day' | null;
  /** Quoted, with its namespace. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly fields: ReadonlyMap<string, Field>;
  readonly id: Field;
  readonly versioned: boolean;
}

export function tablesOf(schema: Schema, namespace: string): readonly Table[] {
  return [...schema.types.values()].flatMap((type) => {
    const intervals = type.aggregation?.intervals ?? [null];
    return intervals.map((interval) => ({
      type,
      interval,
      name: `${namespace}.${tableOf(type, interval ?? undefined)}`,
      columns: columnsOf(type),
      fields: new Map(type.fields.map((field) => [field.name, field])),
      id: type.fields.find(({ name }) => name === 'id') as Field,
      versioned: isVersioned(type),
    }));
  });
}

/** Makes the namespace of a deployment and all in it. */
export async function createTables(query: Query, namespace: string, tables: readonly Table[]): Promise<void> {
  await query(`create schema ${namespace}`);
  await query(`create table ${namespace}._blocks (
    number bigint primary key, hash text not null, parent text not null, time bigint not null
  )`);
  await query(`create index "_blocks_hash" on ${namespace}._blocks (hash)`);
  await query(`create table ${namespace}._sources (
    number integer primary key, template text not null, parameters jsonb not null, context jsonb,
    "from" bigint not null, done bigint
  )`);
  // Which entities were written by the handlers of files.
  await query(`create table ${namespace}._files (
    type text not null, id text not null, file text not null, "from" bigint not null, primary key (type, id)
  )`);
  await query(
    `create table ${namespace}._deployment (id text not null, schema text not null, earliest bigint not null)`,
  );
  for (const table of tables) {
    await query(`create table ${table.name} (${[...columnDefinitions(table)].join(', ')})`);
    for (const index of indexesOf(table)) {
      const [kind, on] = index.split(' on ', 2) as [string, string];
      await query(`create ${kind} ${indexName(table, on)} on ${table.name} ${on}`);
    }
  }
}

function* columnDefinitions({ columns, versioned }: Table): Generator<string> {
  for (const { name, field } of columns) {
    const [type, ...collation] = SQL_TYPES[field.scalar].split(' ');
    yield [name, `${type}${field.list ? '[]' : ''}`, ...collation, ...(field.required ? ['not null'] : [])].join(' ');
  }
  yield '_from bigint not null';
  if (versioned) yield '_to bigint';
}

/** Names of fields that order a type in time; the first that it has does. */
const CLOCKS = ['sequence', 'timestamp', 'start'];
/** That keep several series in time apart. */
const SERIES = ['interval', 'period'];
/** By which lists are asked for, besides references. */
const KEYS = ['owner', 'controller'];
/** By which mutable entities are ranked. */
const RANKS = ['netProfit', 'votes', 'ordinal'];

/**
 * Of mutable types only current versions are in them, but for `_from` and `_to`: what a reorganisation takes back, what is pruned,
 * what changed since a block, what stood at an earlier one.
 */
function* indexesOf({ columns, versioned }: Table): Generator<string> {
  yield 'index on (_from)';
  if (versioned) yield 'index on (_to) where _to is not null';
  const current = versioned ? ' where _to is null' : '';
  yield `unique index on ("id")${current}`;
  const named = (names: readonly string[]) =>
    names.flatMap((name) => columns.filter(({ field }) => field.name === name && !field.list));
  const time = [...named(SERIES).slice(0, 1), ...named(CLOCKS).slice(0, 1)];
  const keys = columns.filter(({ field }) => !field.list && (field.target || KEYS.includes(field.name)));
  const lists = keys.map((column) => [column, ...time]);
  const ranks = versioned ? named(RANKS).map((column) => [...(time.length > 1 ? time : []), column]) : [];
  for (const ordered of [...lists, ...ranks, ...(time.length > 0 ? [time] : [])]) {
    yield `index on (${[...ordered.map(({ name }) => name), '"id"'].join(', ')})${current}`;
  }
  for (const { name, field } of columns) {
    if (field.target && field.list) yield `index on using gin (${name})${current}`;
  }
}

/** Names of indexes and tables are of one space, and 63 bytes at most: a table's name has no such ending. */
const indexName = (table: Table, on: string) =>
  `"_i_${createHash('sha256').update(`${table.name} ${on}`).digest('hex').slice(0, 24)}"`;
