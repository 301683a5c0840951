import type { Query, Row } from '@tidemark/database';
import type { Entity } from '../values.ts';
import { decodeRow } from './columns.ts';
import type { Table } from './tables.ts';
import type { Block } from './types.ts';

/** An entity as it stands after a reorganisation; null where there is none. */
export interface Reverted {
  readonly table: Table;
  readonly id: string;
  readonly entity: Entity | null;
}

/** Takes back what blocks above one wrote, within a transaction. */
export async function revertTables(
  query: Query,
  namespace: string,
  tables: readonly Table[],
  number: bigint,
): Promise<{ head: Block | null; reverted: Reverted[] }> {
  const above = [`${number}`];
  const reverted: Reverted[] = [];
  for (const table of tables) {
    const gone = await query(`delete from ${table.name} where _from > $1 returning "id"`, above);
    const back = table.versioned
      ? await query(`update ${table.name} set _to = null where _to > $1 returning *`, above)
      : [];
    if (table.interval) continue;
    reverted.push(...gone.map(({ id }) => ({ table, id: String(id), entity: null })));
    reverted.push(...back.map((row) => ({ table, id: String(row.id), entity: decodeRow(table.columns, row) })));
  }
  await query(`delete from ${namespace}._blocks where number > $1`, above);
  await query(`delete from ${namespace}._sources where "from" > $1`, above);
  await query(`update ${namespace}._sources set done = null where done > $1`, above);
  await query(`delete from ${namespace}._files where "from" > $1`, above);
  return { head: await headOf(query, namespace), reverted };
}

/** Forgets versions that ended by a block, and the blocks before it, within a transaction. */
export async function pruneTables(
  query: Query,
  namespace: string,
  tables: readonly Table[],
  before: bigint,
): Promise<void> {
  for (const table of tables) {
    if (table.versioned) await query(`delete from ${table.name} where _to <= $1`, [`${before}`]);
  }
  await query(`delete from ${namespace}._blocks where number < $1`, [`${before}`]);
  await query(`update ${namespace}._deployment set earliest = $1`, [`${before}`]);
}

/** The last block that was written. */
export async function headOf(query: Query, namespace: string): Promise<Block | null> {
  const [row] = await query(`select * from ${namespace}._blocks order by number desc limit 1`);
  return row ? blockOf(row) : null;
}

const blockOf = (row: Row): Block => ({
  number: row.number as bigint,
  hash: row.hash as string,
  parentHash: row.parent as string,
  time: row.time as bigint,
});
