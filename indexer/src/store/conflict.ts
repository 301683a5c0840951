import type { Database, DatabaseFailedError } from '@tidemark/database';
import type { Batch } from './batch.ts';
import { loadByIds } from './load.ts';
import type { Table } from './tables.ts';

const UNIQUE_VIOLATION = '23505';

export interface Conflict {
  readonly type: string;
  readonly id: string;
  readonly block: bigint;
}

/** The first immutable entity of a batch that was in the database before; null when that is not why the batch failed. */
export async function conflictOf(
  database: Database,
  tables: readonly Table[],
  batch: Batch,
  error: DatabaseFailedError,
): Promise<Conflict | null> {
  if ((error.cause as { code?: string } | undefined)?.code !== UNIQUE_VIOLATION) return null;
  let first: Conflict | null = null;
  for (const table of tables) {
    const type = table.type.name;
    const entities = batch.types.get(type);
    if (table.versioned || table.interval || !entities) continue;
    for (const entity of await loadByIds(database, table, [...entities.keys()])) {
      const id = String(entity.id);
      const block = entities.get(id)?.versions[0]?.from;
      if (block !== undefined && (!first || block < first.block)) first = { type, id, block };
    }
  }
  return first;
}
