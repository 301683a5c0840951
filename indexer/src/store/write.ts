import type { Query } from '@tidemark/database';
import type { Entity } from '../values.ts';
import type { Batch } from './batch.ts';
import { encode } from './columns.ts';
import { type ColumnValues, insert, listOf } from './insert.ts';
import { rollUp } from './rollup.ts';
import { writeSources } from './sources.ts';
import type { Table } from './tables.ts';

/** Writes a batch, within a transaction. @param earliest Versions that ended by then are seen by nobody. */
export async function writeBatch(
  query: Query,
  namespace: string,
  tables: readonly Table[],
  batch: Batch,
  earliest: bigint,
): Promise<void> {
  await insert(query, `${namespace}._blocks`, [
    ['number', 'bigint', batch.blocks.map(({ number }) => `${number}`)],
    ['hash', 'text', batch.blocks.map(({ hash }) => hash)],
    ['parent', 'text', batch.blocks.map(({ parentHash }) => parentHash)],
    ['time', 'bigint', batch.blocks.map(({ time }) => `${time}`)],
  ]);
  for (const table of tables) {
    if (table.interval === null) await writeType(query, table, batch, earliest);
  }
  for (const bucket of batch.buckets) await rollUp(query, tables, bucket);
  await writeSources(query, namespace, batch.sources, batch.finished);
  await writeFiles(query, namespace, batch);
}

async function writeType(query: Query, table: Table, batch: Batch, earliest: bigint): Promise<void> {
  const entities = batch.types.get(table.type.name);
  if (!entities || entities.size === 0) return;
  const closed: [id: string, to: string][] = [];
  const rows: { entity: Entity; from: string; to: string | null }[] = [];
  for (const [id, { replaces, versions }] of entities) {
    if (replaces) closed.push([id, `${versions[0]?.from}`]);
    versions.forEach(({ from, entity }, n) => {
      const to = versions[n + 1]?.from ?? null;
      if (entity && (to === null || to > earliest))
        rows.push({ entity, from: `${from}`, to: to === null ? null : `${to}` });
    });
  }
  if (closed.length > 0) {
    const [ids, ends] = [closed.map(([id]) => id), closed.map(([, to]) => to)];
    await query(
      `update ${table.name} as row set _to = ended.at
       from unnest($1::${table.id.scalar === 'Int8' ? 'bigint' : 'text'}[], $2::bigint[]) as ended (id, at)
       where row."id" = ended.id and row._to is null`,
      [listOf(ids), listOf(ends)],
    );
  }
  if (rows.length === 0) return;
  await insert(query, table.name, [
    ...table.columns.map(
      (column): ColumnValues => [
        column.name,
        column.parameterType,
        rows.map(({ entity }) => encode(column, entity[column.field.name])),
        column.fromParameter,
      ],
    ),
    ['_from', 'bigint', rows.map(({ from }) => from)],
    ...(table.versioned ? [['_to', 'bigint', rows.map(({ to }) => to)] as ColumnValues] : []),
  ]);
}

async function writeFiles(query: Query, namespace: string, { files }: Batch): Promise<void> {
  if (files.length === 0) return;
  await insert(query, `${namespace}._files`, [
    ['type', 'text', files.map(({ type }) => type)],
    ['id', 'text', files.map(({ id }) => id)],
    ['file', 'text', files.map(({ file }) => file)],
    ['"from"', 'bigint', files.map(({ from }) => `${from}`)],
  ]);
}
