import { mkdirSync, openAsBlob, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { TidemarkError } from '@tidemark/sdk';
import { Pool, types } from 'pg';
import { DatabaseFailedError, DatabaseTakenError } from './errors.ts';

/** No digit is lost: `bigint` comes as bigint, `numeric` as its text, lists of them likewise. */
export type Row = Record<string, unknown>;
export type Query = (sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/** A Postgres, in this process or elsewhere: the same SQL. */
export interface Database {
  /** In the order of its calls, one at a time. */
  readonly query: Query;
  /** Beside what is being written, several at a time where the engine can: of what is committed. */
  readonly read: Query;
  /** Runs queries all or none of which count. */
  transaction<result>(run: (query: Query) => Promise<result>): Promise<result>;
  close(): Promise<void>;
}

/** A folder of this machine, nothing but memory, or a Postgres by its URL. */
export type DatabaseConfig = { readonly folder: string | null } | { readonly postgres: string };

/**
 * Opens a database, one process a database.
 * @param purpose Whose: two of one purpose never share a Postgres.
 * @throws {DatabaseFailedError} When it cannot be opened.
 * @throws {DatabaseTakenError} When another process uses it.
 */
export function openDatabase(config: DatabaseConfig, purpose: Purpose): Promise<Database> {
  return 'postgres' in config ? openPostgres(config.postgres, purpose) : openFolder(config.folder);
}

/**
 * Opens a database in memory that begins as a backup, of which it changes nothing.
 * @throws {DatabaseFailedError} When the file is no backup.
 */
export const openBackup = (file: string): Promise<Database> => openFolder(null, file);

async function openFolder(folder: string | null, backup?: string): Promise<Database> {
  const unlock = folder === null ? () => {} : lock(folder);
  try {
    const dataDir = folder === null ? 'memory://' : dataOf(folder);
    const db = await failing(async () => {
      const loadDataDir = backup === undefined ? {} : { loadDataDir: await openAsBlob(backup) };
      return PGlite.create({ dataDir, parsers: { [INT8]: BigInt }, ...loadDataDir });
    });
    const query: Query = async (sql, parameters) =>
      (await failing(() => db.query<Row>(sql, [...(parameters ?? [])]))).rows;
    return {
      query,
      read: query,
      transaction: (run) =>
        failing(() =>
          db.transaction((tx) =>
            run(async (sql, parameters) => (await tx.query<Row>(sql, [...(parameters ?? [])])).rows),
          ),
        ),
      close: async () => {
        await db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Where the database lies within its folder. */
export const dataOf = (folder: string) => join(folder, 'database');

/** The database of a folder has no lock of its own: two processes would destroy it. */
export function lock(folder: string): () => void {
  const file = join(folder, 'lock');
  try {
    mkdirSync(folder, { recursive: true });
    const holder = holderOf(file);
    if (holder !== null) {
      throw new DatabaseTakenError(`The folder ${folder} is in use by process ${holder}.`, {
        next: 'End it, or choose another folder.',
      });
    }
    writeFileSync(file, `${process.pid}`);
  } catch (error) {
    if (error instanceof TidemarkError) throw error;
    throw new DatabaseFailedError(`${folder} cannot be used (${(error as NodeJS.ErrnoException).code})`, error);
  }
  return () => rmSync(file, { force: true });
}

/** The process that holds a lock; null when it does not live. */
function holderOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? Number(readFileSync(file, 'utf8')) : null;
  }
}

// Postgres's own numbers of its types.
const INT8 = 20;
const INT8_LIST = 1016;
const NUMERIC_LIST = 1231;
const TEXT_LIST = 1009;

const texts = types.getTypeParser(TEXT_LIST as never) as (text: string) => (string | null)[];

/** The driver's own but for what would lose digits, or would come otherwise than from a folder. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [INT8, BigInt],
  [INT8_LIST, (text) => texts(text).map((one) => (one === null ? null : BigInt(one)))],
  [NUMERIC_LIST, texts],
]);

const PARSING = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    PARSERS.get(type) ?? types.getTypeParser(type, format as 'text'),
};

/** Of each purpose, among the advisory locks of a Postgres. */
const LOCKS = { 'order service': 7_436_002, indexer: 7_436_003 } as const;
export type Purpose = keyof typeof LOCKS;
/** Connections that read. */
const READERS = 8;
/** After which a reading statement is given up. */
const READ_TIMEOUT_MS = 10_000;

async function openPostgres(connectionString: string, purpose: Purpose): Promise<Database> {
  const taken = () =>
    new DatabaseTakenError(`The Postgres is in use by another ${purpose}.`, {
      next: 'End it, or give this one a database of its own.',
    });
  // One connection keeps the order of writes, and holds the lock as long as it lives.
  const pool = new Pool({
    connectionString,
    types: PARSING,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 10_000,
    onConnect: async (client) => {
      const { rows } = await client.query('select pg_try_advisory_lock($1) as mine', [LOCKS[purpose]]);
      if (!rows[0]?.mine) throw taken();
    },
  });
  // A connection that breaks while nobody uses it; the next query opens another.
  pool.on('error', () => {});
  const readers = new Pool({
    connectionString,
    types: PARSING,
    max: READERS,
    statement_timeout: READ_TIMEOUT_MS,
    connectionTimeoutMillis: 10_000,
  });
  readers.on('error', () => {});
  const database: Database = {
    read: async (sql, parameters) => (await failing(() => readers.query(sql, [...(parameters ?? [])]))).rows,
    query: async (sql, parameters) => (await failing(() => pool.query(sql, [...(parameters ?? [])]))).rows,
    transaction: (run) =>
      failing(async () => {
        const client = await pool.connect();
        let broken = false;
        try {
          await client.query('begin');
          const result = await run(async (sql, parameters) => (await client.query(sql, [...(parameters ?? [])])).rows);
          await client.query('commit');
          return result;
        } catch (error) {
          await client.query('rollback').catch(() => {
            broken = true;
          });
          throw error;
        } finally {
          client.release(broken);
        }
      }),
    close: async () => {
      await readers.end();
      await pool.end();
    },
  };
  try {
    await database.query('select 1');
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Only the database's own words: an address may hold a password. */
export async function failing<result>(call: () => Promise<result>): Promise<result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TidemarkError) throw error;
    const { code, message } = error as { code?: string; message?: string };
    throw new DatabaseFailedError((message?.split('\n')[0] || code) ?? 'no reason given', error);
  }
}
