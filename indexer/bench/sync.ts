import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Place } from './ponder.ts';

export interface SyncSettings {
  /** Folder of the subgraph. */
  readonly build: string;
  readonly rpc: string;
  /** The block that is to be reached. */
  readonly last: number;
  /** Of the database. */
  readonly place: Place;
}

const run = promisify(execFile);
const script = fileURLToPath(new URL('syncProcess.ts', import.meta.url));

/** Indexes the chain by the runtime in a process of its own, tables made included. @returns Seconds. */
export async function sync(settings: SyncSettings, nodeOptions: readonly string[] = []): Promise<number> {
  const { stdout } = await run(process.execPath, [...nodeOptions, '--import', 'tsx', script, JSON.stringify(settings)]);
  return JSON.parse(stdout).seconds;
}
