import type { Database, Query } from '@tidemark/database';
import type { Schema } from '../build/schema.ts';
import { IndexerError } from '../errors.ts';
import type { FileMark } from './batch.ts';
import { EntityStore } from './entityStore.ts';
import { namespaceOf } from './layout.ts';
import { headOf } from './revert.ts';
import { checkAggregates } from './rollup.ts';
import { readSources } from './sources.ts';
import { State } from './state.ts';
import { createTables, type Table, tablesOf } from './tables.ts';

/** Entities of all types that are kept in memory by default: about a kilobyte each. */
const CAPACITY = 200_000;

export interface StoreOptions {
  readonly database: Database;
  readonly schema: Schema;
  /** Hash of the build, hex. */
  readonly id: string;
  /** Entities that are kept in memory, of all types. */
  readonly capacity?: number;
}

/**
 * Opens a deployment's entities, and makes its tables when there are none.
 * @throws {IndexerError} When the schema's aggregations cannot be formed, or the tables are another schema's.
 * @throws {DatabaseFailedError}
 */
export async function openStore({ database, schema, id, capacity = CAPACITY }: StoreOptions): Promise<EntityStore> {
  const namespace = namespaceOf(id);
  const tables = tablesOf(schema, namespace);
  await database.transaction((query) => prepare(query, { namespace, tables, schema, id }));
  const { query } = database;
  const [deployment] = await query(`select * from ${namespace}._deployment`);
  const files = (await query(`select * from ${namespace}._files`)) as unknown as FileMark[];
  const head = await headOf(query, namespace);
  return new EntityStore({
    database,
    namespace,
    tables,
    state: new State(database, schema, tables, { files, capacity, empty: head === null }),
    head,
    earliest: deployment?.earliest as bigint,
    sources: await readSources(query, namespace),
  });
}

interface Deployment {
  readonly namespace: string;
  readonly tables: readonly Table[];
  readonly schema: Schema;
  readonly id: string;
}

async function prepare(query: Query, { namespace, tables, schema, id }: Deployment): Promise<void> {
  const [existing] = await query('select to_regclass($1) as found', [`${namespace}._deployment`]);
  if (existing?.found) {
    const [row] = await query(`select * from ${namespace}._deployment`);
    if (row?.id === id && row.schema === schema.source) return;
    throw new IndexerError(
      `The tables of deployment ${id} are of another one.`,
      'Index again from the beginning: resync.',
    );
  }
  await createTables(query, namespace, tables);
  for (const table of tables) if (table.interval) await checkAggregates(query, tables, table);
  await query(`insert into ${namespace}._deployment values ($1, $2, 0)`, [id, schema.source]);
}
