import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ENGINE } from './rpc/chain.ts';
import type { RunningNode } from './rpc/start.ts';

const folder = fileURLToPath(new URL('ponder/', import.meta.url));
const program = `${folder}node_modules/ponder/dist/esm/bin/ponder.js`;
/** Under which Ponder sees the node: it bounds the rate of each by itself. */
const ADDRESSES = 64;

export type Place = { readonly folder: string } | { readonly postgres: string };

/** Installs Ponder as its lockfile says, once. */
export function installPonder(): void {
  if (!existsSync(program)) execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
}

/**
 * Indexes the chain by Ponder.
 * @param schema Where its tables go; what it has fetched of the chain is kept beside, for the next run.
 * @returns Seconds from the start of its backfill to its end, by its own log.
 */
export async function runPonder(node: RunningNode, place: Place, schema: string, port: number): Promise<number> {
  const options = ['--log-format', 'json', 'start', '--schema', schema, '--hostname', '127.0.0.1', '--port', `${port}`];
  const child = spawn(process.execPath, [program, ...options], {
    cwd: folder,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PONDER_TELEMETRY_DISABLED: '1',
      BENCH_RPC: `http://127.0.0.1:${node.port}`,
      BENCH_ADDRESSES: `${ADDRESSES}`,
      BENCH_ENGINE: ENGINE,
      BENCH_LAST: `${node.last}`,
      ...('postgres' in place ? { BENCH_POSTGRES: place.postgres } : { BENCH_FOLDER: place.folder }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let started: number | undefined;
  const told: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    told.push(line);
    const entry = parsed(line);
    if (entry?.msg === 'Started backfill indexing') started = entry.time;
    if (entry?.msg !== 'Completed backfill indexing across all chains' || started === undefined) continue;
    child.kill('SIGTERM');
    await exited;
    return (entry.time - started) / 1000;
  }
  throw new Error(`Ponder ended before it was done:\n${told.slice(-5).join('\n')}`);
}

function parsed(line: string): { msg: string; time: number } | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
