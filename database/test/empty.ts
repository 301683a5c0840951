import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { type Database, openBackup } from '../src/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = `${root}node_modules/.cache/tidemark`;

/** The backup of an empty database. Making one takes seconds, a copy a fraction: all tests copy the same one. */
export async function emptyBackup(): Promise<string> {
  const { version } = JSON.parse(readFileSync(`${root}node_modules/@electric-sql/pglite/package.json`, 'utf8'));
  const file = `${CACHE}/empty-${version}.tar`;
  if (existsSync(file)) return file;
  const database = await PGlite.create('memory://');
  const backup = await database.dumpDataDir('none');
  await database.close();
  mkdirSync(CACHE, { recursive: true });
  // Whoever looks meanwhile finds all of it or nothing.
  const unfinished = `${file}-${process.pid}`;
  writeFileSync(unfinished, new Uint8Array(await backup.arrayBuffer()));
  renameSync(unfinished, file);
  return file;
}

/** An empty database in memory. */
export const openEmpty = async (): Promise<Database> => openBackup(await emptyBackup());
