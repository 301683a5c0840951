import { type Database, openDatabase } from '@tidemark/database';
import { afterAll, beforeAll } from 'vitest';
import { openEmpty } from '../../database/test/empty.ts';
import { type RunningPostgres, startPostgres } from './postgres.ts';

/** A database for the tests of a file: PGlite in memory, or with TIDEMARK_REAL_POSTGRES a real Postgres. */
export function testDatabase(): () => Database {
  let [database, server]: [Database | null, RunningPostgres | null] = [null, null];
  beforeAll(async () => {
    if (process.env.TIDEMARK_REAL_POSTGRES) server = await startPostgres();
    database = server ? await openDatabase({ postgres: await server.createDatabase() }, 'indexer') : await openEmpty();
  }, 120_000);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  return () => database as Database;
}
