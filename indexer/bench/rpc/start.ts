import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Chain, ChainSize } from './chain.ts';

/** The node of the bench, in a process of its own. */
export interface RunningNode extends Pick<Chain, 'last' | 'events' | 'allEvents'> {
  readonly port: number;
  /** The chain's newest block from now on. */
  setHead(number: number): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a chain and serves it, all of it: some seconds pass for each 10,000 events. */
export async function startNode(size: ChainSize): Promise<RunningNode> {
  const script = fileURLToPath(new URL('process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(size)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The node of the bench has ended.');
    return value;
  };
  const told = JSON.parse(await next());
  return {
    ...told,
    setHead: async (number) => {
      child.stdin.write(`${number}\n`);
      await next();
    },
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
