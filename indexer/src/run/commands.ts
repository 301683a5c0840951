import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { backUpFolder, type DatabaseConfig, openDatabase, restoreFolder } from '@tidemark/database';
import type { ExportConfig, StatusConfig } from '../config.ts';
import { IndexerError } from '../errors.ts';
import { isCid } from '../ipfs/cid.ts';
import { currentDeployment, dropStore, listStores } from '../store/deployments.ts';
import { exportEntities } from '../store/exportEntities.ts';
import { openDeployment } from './deployments.ts';

type Print = (line: string) => void;

/** What an index tells of itself; amounts of blocks and times as text. */
interface Status {
  readonly running: boolean;
  readonly healthy: boolean;
  readonly deployment: string | null;
  readonly block: string | null;
  /** Of the block, seconds. */
  readonly time: string | null;
  /** Blocks that the chain is ahead; null while unknown. */
  readonly behind: number | null;
  /** What is wrong. */
  readonly reasons: readonly string[];
  /** CIDs of files that handlers asked for and nobody has given yet. */
  readonly missingFiles: readonly string[];
}

/** Tells how far an index is. @returns Whether nothing is wrong. */
export async function status({ json, ...config }: StatusConfig, print: Print): Promise<boolean> {
  const found = (await askRunning(config)) ?? (await readStored(config.database));
  print(json ? JSON.stringify(found) : textOf(found));
  return found.healthy;
}

/** Of the indexer that is served there; null when none is. */
async function askRunning({ host, port }: Pick<StatusConfig, 'host' | 'port'>): Promise<Status | null> {
  const answer = await fetch(`http://${host}:${port}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  if (!answer) return null;
  const health = (await answer.json().catch(() => null)) as Omit<Status, 'running'> | null;
  if (health?.deployment === undefined) {
    throw new IndexerError(`What answers at ${host}:${port} is no indexer.`, 'Name its place by --host and --port.');
  }
  return { ...health, running: true };
}

async function readStored(config: DatabaseConfig): Promise<Status> {
  const rest = { running: false, healthy: false, time: null, behind: null, missingFiles: [] };
  const nothing = { ...rest, deployment: null, block: null, reasons: ['Nothing is indexed.'] };
  if ('folder' in config && !existsSync(config.folder ?? '')) return nothing;
  const database = await openDatabase(config, 'indexer');
  try {
    const current = await currentDeployment(database);
    if (current === null) return nothing;
    const { head, sources } = await openDeployment(database, current);
    const missing = sources.filter(({ parameters, done }) => done === null && isCid(parameters[0] ?? ''));
    return {
      ...{ ...rest, deployment: current, reasons: ['It does not run.'] },
      ...{ block: head && `${head.number}`, time: head && `${head.time}` },
      missingFiles: missing.map(({ parameters }) => parameters[0] ?? ''),
    };
  } finally {
    await database.close();
  }
}

function textOf({ running, deployment, block, time, behind, reasons, missingFiles }: Status): string {
  const when = time === null ? '' : `, of ${new Date(Number(time) * 1000).toISOString()}`;
  const lines = [
    `deployment ${deployment ?? 'none'}${running ? ', running' : ''}`,
    `block      ${block ?? 'none'}${when}`,
    ...(behind === null ? [] : [`behind     ${behind} blocks`]),
    ...reasons.map((reason) => `wrong      ${reason}`),
    ...missingFiles.map((cid) => `no file    ${cid}`),
  ];
  return lines.join('\n');
}

/** Removes all that was indexed. */
export async function resync(config: DatabaseConfig, print: Print): Promise<void> {
  const database = await openDatabase(config, 'indexer');
  try {
    const deployments = await listStores(database);
    for (const id of deployments) await dropStore(database, id);
    print(`${deployments.length} deployments removed: the next run begins at the beginning.`);
  } finally {
    await database.close();
  }
}

/** Writes all entities of a type of the deployment that is served. @throws {IndexerError} when there is no such type. */
export async function exportAll(
  { database: config, entity, format, interval }: ExportConfig,
  output: Writable,
): Promise<void> {
  const database = await openDatabase(config, 'indexer');
  try {
    const id = await currentDeployment(database);
    if (id === null) throw new IndexerError('Nothing is indexed.', 'Run the indexer first.');
    const { schema } = await openDeployment(database, id);
    const type = schema.types.get(entity);
    if (!type) {
      throw new IndexerError(`The schema has no ${entity}.`, `There are ${[...schema.types.keys()].join(', ')}.`);
    }
    const write = async (text: string) => {
      if (!output.write(text)) await once(output, 'drain');
    };
    await exportEntities({ ...{ database, id, type, format, write }, ...(interval && { interval }) });
  } finally {
    await database.close();
  }
}

interface BackupPlaces {
  readonly folder: string;
  readonly file: string;
}

/** Writes a folder's database to a file. */
export async function backUp({ folder, file }: BackupPlaces, print: Print): Promise<void> {
  await backUpFolder(folder, file);
  print(`${folder} is backed up to ${file}.`);
}

/** Makes a folder's database from such a file. */
export async function restore({ folder, file }: BackupPlaces, print: Print): Promise<void> {
  await restoreFolder(folder, file);
  print(`${folder} is restored from ${file}.`);
}
