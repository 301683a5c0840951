import type { Database } from '@tidemark/database';
import { readSchema } from '../build/schema.ts';
import { currentDeployment, dropStore, listStores } from '../store/deployments.ts';
import type { EntityStore } from '../store/entityStore.ts';
import { namespaceOf } from '../store/layout.ts';
import { openStore } from '../store/openStore.ts';
import type { Served } from '../store/types.ts';

/**
 * What was served when a process ended, as it was then; null when nothing was, or the build that is to be indexed now.
 * @param id The build's.
 */
export async function openPrevious(database: Database, id: string): Promise<Served | null> {
  const current = await currentDeployment(database);
  if (current === null || current === id) return null;
  const { head, earliest, schema } = await openDeployment(database, current);
  return {
    ...{ id: current, schema, database, namespace: namespaceOf(current) },
    standing: () => ({ head, earliest, chain: null, failed: null }),
    subscribe: () => () => {},
  };
}

/** A deployment as it lies in the database, by the schema that it was indexed with. */
export async function openDeployment(database: Database, id: string): Promise<EntityStore> {
  const [deployment] = await database.query(`select schema from ${namespaceOf(id)}._deployment`);
  return openStore({ database, schema: readSchema(String(deployment?.schema)), id });
}

/** Removes the deployments that are neither served nor indexed. */
export async function dropOthers(database: Database, id: string): Promise<void> {
  const current = await currentDeployment(database);
  for (const one of await listStores(database)) if (one !== id && one !== current) await dropStore(database, one);
}
