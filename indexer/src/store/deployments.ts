import type { Database } from '@tidemark/database';
import { namespaceOf } from './layout.ts';

// Deployments that lie beside one another in a database: one is served while the next one is indexed.

const CURRENT = 'sg_indexer._current';

/** Ids of all deployments. */
export async function listStores({ query }: Database): Promise<string[]> {
  const namespaces = await query(
    `select table_schema as name from information_schema.tables where table_name = '_deployment' order by 1`,
  );
  const ids: string[] = [];
  for (const { name } of namespaces) {
    const [row] = await query(`select id from "${name}"._deployment`);
    if (row) ids.push(row.id as string);
  }
  return ids;
}

/** Removes a deployment with all of its entities, if there is one. */
export async function dropStore(database: Database, id: string): Promise<void> {
  await database.query(`drop schema if exists ${namespaceOf(id)} cascade`);
}

/** Id of the deployment that is served; null before there is one. */
export async function currentDeployment({ query }: Database): Promise<string | null> {
  const [found] = await query('select to_regclass($1) as found', [CURRENT]);
  if (!found?.found) return null;
  const [row] = await query(`select id from ${CURRENT}`);
  return (row?.id as string | undefined) ?? null;
}

/** From now on that deployment is the one that is served. */
export async function makeCurrent(database: Database, id: string): Promise<void> {
  await database.transaction(async (query) => {
    await query('create schema if not exists sg_indexer');
    await query(`create table if not exists ${CURRENT} (id text not null)`);
    await query(`delete from ${CURRENT}`);
    await query(`insert into ${CURRENT} values ($1)`, [id]);
  });
}
