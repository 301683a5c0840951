import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Move } from './graphNodeDouble.ts';

/** A double of a graph-node in a process of its own. */
export interface GraphNodeProcess {
  readonly url: string;
  /** Moves its chain. */
  move(move: Move): Promise<void>;
  end(): Promise<void>;
}

export async function startGraphNodeDouble(): Promise<GraphNodeProcess> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./graphNodeDouble.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const { port } = await new Promise<{ port: number }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { port: number }));
    child.once('exit', () => reject(new Error('The double of a graph-node ended before it began.')));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    move: async (move) => {
      const done = once(child, 'message');
      child.send(move);
      await done;
    },
    end: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
