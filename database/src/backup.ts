import { existsSync, openAsBlob, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { dataOf, failing, lock } from './database.ts';
import { DatabaseTakenError } from './errors.ts';

/**
 * Writes the database of a folder to a file, compressed. Nothing else may use the folder meanwhile.
 * @throws {DatabaseTakenError} When another process uses it.
 * @throws {DatabaseFailedError} When there is none, or the file cannot be written.
 */
export function backUpFolder(folder: string, file: string): Promise<void> {
  return locked(folder, async () => {
    if (!existsSync(dataOf(folder))) throw new Error(`there is no database in ${folder}`);
    const db = await PGlite.create(dataOf(folder));
    try {
      const dump = await db.dumpDataDir('gzip');
      await writeFile(file, new Uint8Array(await dump.arrayBuffer()));
    } finally {
      await db.close();
    }
  });
}

/**
 * Makes the database of a folder from such a file; the folder has none yet.
 * @throws {DatabaseTakenError} When it has one.
 * @throws {DatabaseFailedError} When the file is no such backup; the folder then has none as before.
 */
export function restoreFolder(folder: string, file: string): Promise<void> {
  return locked(folder, async () => {
    if (existsSync(dataOf(folder))) {
      throw new DatabaseTakenError(`The folder ${folder} has a database.`, {
        next: 'Move it away, or restore into another folder.',
      });
    }
    const unfinished = `${dataOf(folder)}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    const db = await PGlite.create({ dataDir: unfinished, loadDataDir: await openAsBlob(file) });
    await db.query('select 1');
    await db.close();
    renameSync(unfinished, dataOf(folder));
  });
}

async function locked(folder: string, run: () => Promise<void>): Promise<void> {
  const unlock = lock(folder);
  try {
    await failing(run);
  } finally {
    unlock();
  }
}
