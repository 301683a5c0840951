import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emptyBackup } from '../test/empty.ts';
import { backUpFolder, restoreFolder } from './backup.ts';
import { openBackup, openDatabase } from './database.ts';
import { DatabaseFailedError, DatabaseTakenError } from './errors.ts';

const root = mkdtempSync(join(tmpdir(), 'tidemark-backup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const [folder, other, file] = ['folder', 'other', 'backup'].map((name) => join(root, name)) as [string, string, string];

test('a backup opened in memory, and then restored in another folder, has every row', async () => {
  await restoreFolder(folder, await emptyBackup());
  const database = await openDatabase({ folder }, 'indexer');
  await database.query('create table kept (number numeric primary key)');
  await database.query('insert into kept select n * 1e30::numeric from generate_series(1, 5000) n');
  await expect(backUpFolder(folder, file)).rejects.toThrow(DatabaseTakenError);
  await database.close();
  await backUpFolder(folder, file);

  const copy = await openBackup(file);
  expect(await copy.query('select count(*) from kept')).toEqual([{ count: 5000n }]);
  await copy.query('delete from kept');
  await copy.close();

  await restoreFolder(other, file);
  const restored = await openDatabase({ folder: other }, 'indexer');
  expect(await restored.query('select count(*), sum(number) from kept')).toEqual([
    { count: 5000n, sum: `12502500${'0'.repeat(30)}` },
  ]);
  await restored.close();
}, 120_000);

test('a folder that has a database is not restored over', async () => {
  await expect(restoreFolder(folder, file)).rejects.toThrow(DatabaseTakenError);
});

test('a file that is no backup is refused, and leaves the folder without a database', async () => {
  const broken = join(root, 'broken');
  writeFileSync(broken, 'no backup');
  const target = join(root, 'target');
  await expect(restoreFolder(target, broken)).rejects.toThrow(DatabaseFailedError);
  expect(existsSync(join(target, 'database'))).toBe(false);
});

test('a folder without a database is not backed up', async () => {
  await expect(backUpFolder(join(root, 'empty'), file)).rejects.toThrow(DatabaseFailedError);
});
