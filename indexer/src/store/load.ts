import type { Database } from '@tidemark/database';
import type { Entity } from '../values.ts';
import { decodeRow } from './columns.ts';
import type { Table } from './tables.ts';

// Reads current entities.

/** All of a type; null when there are more than some number. */
export async function loadAll(database: Database, table: Table, most: number): Promise<Entity[] | null> {
  const rows = await database.query(`select * from ${table.name} ${currentOf(table)} limit ${most + 1}`);
  return rows.length > most ? null : rows.map((row) => decodeRow(table.columns, row));
}

export async function loadByIds(database: Database, table: Table, ids: readonly string[]): Promise<Entity[]> {
  const type = table.id.scalar === 'Int8' ? 'bigint' : 'text';
  const rows = await database.query(`select * from ${table.name} ${currentOf(table)} and "id" = any($1::${type}[])`, [
    ids,
  ]);
  return rows.map((row) => decodeRow(table.columns, row));
}

/** Those that refer to an entity by a field. */
export async function loadReferring(database: Database, table: Table, field: string, id: string): Promise<Entity[]> {
  const column = table.columns.find((one) => one.field.name === field) as Table['columns'][number];
  const type = column.field.scalar === 'Int8' ? 'bigint' : 'text';
  const refers = column.field.list ? `${column.name} @> array[$1::${type}]` : `${column.name} = $1::${type}`;
  const rows = await database.query(`select * from ${table.name} ${currentOf(table)} and ${refers}`, [id]);
  return rows.map((row) => decodeRow(table.columns, row));
}

const currentOf = ({ versioned }: Table) => `where ${versioned ? '_to is null' : 'true'}`;
