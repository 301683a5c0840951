import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
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
    probe.once('error', () =>
      reject(new DevnetError(`Port ${port} is in use.`, `Stop what uses it, or choose another with ${option}.`)),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

/**
 * Starts an OP-mode chain whose state is kept in a file.
 * @param genesis Chain time of the first block of a new chain, seconds.
 * @throws {DevnetError} When it does not come up.
 */
export async function startChain(port: number, stateFile: string, genesis: number): Promise<RunningChain> {
  const args = ['--network', 'optimism', '--chain-id', `${CHAIN_ID}`, '--port', `${port}`, '--host', '127.0.0.1'];
  args.push('--state', stateFile, '--state-interval', '5', '--timestamp', `${genesis}`, '--order', 'fifo', '--quiet');
  args.push('--gas-limit', '60000000');
  const child = spawn(foundryBinary('anvil'), args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const listeners: (() => void)[] = [];
  let stopping = false;
  child.once('exit', () => {
    if (!stopping) for (const listener of listeners) listener();
  });
  const rpc = `http://127.0.0.1:${port}`;
  await answering(rpc, exited, () => stderr);
  return {
    rpc,
    onExit: (listener) => void listeners.push(listener),
    stop: async () => {
      stopping = true;
      child.kill('SIGINT');
      await exited;
    },
  };
}

async function answering(rpc: string, exited: Promise<void>, stderr: () => string): Promise<void> {
  let gone = false;
  exited.then(() => {
    gone = true;
  });
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const deadline = Date.now() + 60_000;
  while (!gone && Date.now() < deadline) {
    try {
      const answer = await fetch(rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      if (answer.ok) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new DevnetError(`The chain did not start: ${stderr().trim() || 'no answer in a minute'}.`, 'Try --fresh.');
}
