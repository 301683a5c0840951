import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  type Account,
  type Chain,
  createClient,
  defineChain,
  http,
  publicActions,
  testActions,
  walletActions,
} from 'viem';
import { foundryBinary } from '../../scripts/foundry.mjs';
import { DevnetError } from './errors.ts';

/** The devnet's chain id. */
export const CHAIN_ID = 901;

/** A running chain. */
export interface RunningChain {
  /** The process that ends last. */
  readonly pid: number;
  readonly rpc: string;
  /** Resolves when the process has ended; state is written before. */
  stop(): Promise<void>;
  /** Called when the process ends by itself. */
  onExit(listener: () => void): void;
}

/** The chain as viem knows it. */
export const devnetChain: Chain = defineChain({
  id: CHAIN_ID,
  name: 'Tidemark devnet',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
});

/** A client that reads, signs with `account` and controls the chain. */
export function connect<A extends Account>(rpc: string, account: A) {
  return createClient({ account, chain: devnetChain, transport: http(rpc), pollingInterval: 50, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
    .extend(testActions({ mode: 'anvil' }));
}

/**
 * Makes sure a port is free before anything is started on it.
 * @throws {DevnetError} When it is taken.
 */
export async function requireFreePort(port: number, option: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', ({ code }: NodeJS.ErrnoException) => {
      const what = code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${code})`;
      reject(new DevnetError(`Port ${port} ${what}.`, `Stop what uses it, or choose another with ${option}.`));
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

const guard = fileURLToPath(new URL('guard.mjs', import.meta.url));

/** Blocks whose state and transactions a chain that is not kept remembers. */
const REMEMBERED = '256';

/**
 * Starts an OP-mode chain whose state is kept in a file: read once, written each minute and at the end. It ends with this
 * process, even when that is killed.
 * @param stateFile What an earlier chain left is gone on with.
 * @param genesis Chain time of the first block of a new chain, seconds.
 * @param kept Whether the state is written; a chain of many blocks for one run would write ever longer, and forgets.
 * @throws {DevnetError} When it does not come up.
 */
export async function startChain(port: number, stateFile: string, genesis: number, kept = true): Promise<RunningChain> {
  const written = keepLastState(stateFile);
  const args = ['--network', 'optimism', '--chain-id', `${CHAIN_ID}`, '--port', `${port}`, '--host', '127.0.0.1'];
  if (existsSync(stateFile)) args.push('--load-state', stateFile);
  args.push('--timestamp', `${genesis}`, '--order', 'fifo', '--quiet', '--gas-limit', '60000000');
  if (kept) args.push('--dump-state', written, '--state-interval', '60');
  else args.push('--prune-history', REMEMBERED, '--transaction-block-keeper', REMEMBERED);
  const child = spawn(process.execPath, [guard, foundryBinary('anvil'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const listeners: (() => void)[] = [];
  let running = true;
  let stopping = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running = false;
      if (!stopping) for (const listener of listeners) listener();
      resolve();
    });
  });
  const stop = async () => {
    stopping = true;
    if (running && child.connected) child.disconnect();
    await exited;
  };
  const rpc = `http://127.0.0.1:${port}`;
  if (!(await answers(rpc, () => running))) {
    await stop();
    const reason = stderr.split('\n')[0]?.replace(/^error: /, '') || 'no answer in a minute';
    throw new DevnetError(`The chain did not start: ${reason}.`, `Restore ${stateFile}, or start anew with --fresh.`);
  }
  return { pid: child.pid ?? 0, rpc, onExit: (listener) => void listeners.push(listener), stop };
}

/** How a state that was written to its end ends. */
const WHOLE = '"historical_states":null}';

/**
 * The chain writes beside its state's file, so that a write cut short harms nothing; what is whole replaces the file at the
 * next start.
 * @returns The file beside.
 */
function keepLastState(stateFile: string): string {
  const written = `${stateFile}.next`;
  if (!existsSync(written)) return written;
  const tail = Buffer.alloc(WHOLE.length);
  const file = openSync(written, 'r');
  readSync(file, tail, 0, tail.length, Math.max(0, fstatSync(file).size - tail.length));
  closeSync(file);
  if (tail.toString() === WHOLE) renameSync(written, stateFile);
  else rmSync(written);
  return written;
}

async function answers(rpc: string, running: () => boolean): Promise<boolean> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const deadline = Date.now() + 60_000;
  while (running() && Date.now() < deadline) {
    try {
      const answer = await fetch(rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      if (answer.ok) return true;
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
