import type { Database, Row } from '@tidemark/database';
import type { EntityType } from '../build/schema.ts';
import { IndexerError } from '../errors.ts';
import { type Column, columnsOf } from './columns.ts';
import { namespaceOf, tableOf } from './layout.ts';

/** Rows that are read at once. */
const PAGE = 5_000;

export interface ExportOptions {
  readonly database: Database;
  /** Of the deployment. */
  readonly id: string;
  readonly type: EntityType;
  /** Of an aggregation. */
  readonly interval?: 'hour' | 'day';
  readonly format: 'csv' | 'json';
  /** Takes the next piece of text. */
  readonly write: (text: string) => void | Promise<void>;
}

/**
 * Writes all entities of a type as the last block left them, by their ids: comma-separated values with a header, or a JSON object
 * a line. Numbers beyond 53 bits and decimals are text in JSON; lists are JSON in a table.
 * @throws {IndexerError} When an aggregation's interval is missing.
 * @throws {DatabaseFailedError}
 */
export async function exportEntities({ database, id, type, interval, format, write }: ExportOptions): Promise<void> {
  if (type.aggregation && !(interval && type.aggregation.intervals.includes(interval))) {
    throw new IndexerError(
      `${type.name} is an aggregation.`,
      `Name one of its intervals: ${type.aggregation.intervals.join(', ')}.`,
    );
  }
  const columns = columnsOf(type);
  const table = `${namespaceOf(id)}.${tableOf(type, interval)}`;
  const current = type.kind === 'mutable' ? '_to is null' : 'true';
  if (format === 'csv') await write(`${columns.map(({ field }) => field.name).join()}\n`);
  for (let last: Row | undefined, rows: Row[]; ; last = rows.at(-1)) {
    rows = await database.query(
      `select * from ${table} where ${current} ${last ? 'and "id" > $1' : ''} order by "id" limit ${PAGE}`,
      last ? [last.id] : [],
    );
    if (rows.length > 0)
      await write(rows.map((row) => `${format === 'csv' ? csvOf(columns, row) : jsonOf(columns, row)}\n`).join(''));
    if (rows.length < PAGE) return;
  }
}

const cellOf = ({ name }: Column, row: Row) => row[name.slice(1, -1)];
const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

const jsonOf = (columns: readonly Column[], row: Row) =>
  JSON.stringify(Object.fromEntries(columns.map((column) => [column.field.name, cellOf(column, row)])), exact);

function csvOf(columns: readonly Column[], row: Row): string {
  return columns
    .map((column) => {
      const value = cellOf(column, row);
      if (value === null) return '';
      const text = Array.isArray(value) ? JSON.stringify(value, exact) : String(value);
      // Empty text is told apart from nothing.
      return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join();
}
