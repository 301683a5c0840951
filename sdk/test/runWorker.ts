import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a worker sends: how far it has come, many times, and its result, once. */
export type Message<Progress, Result> = { progress: Progress } | { result: Result };

/**
 * Runs a share of the work in a process of its own, which finds the share in its arguments.
 * @throws When the worker fails, which tells why itself, or is ended.
 */
export function runWorker<Progress, Result>(
  module: URL,
  share: unknown,
  onProgress: (progress: Progress) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(module), [JSON.stringify(share)]);
    // One that fails ends the others with whoever runs them.
    process.once('exit', () => worker.kill());
    worker.on('message', (message: Message<Progress, Result>) => {
      if ('result' in message) resolve(message.result);
      else onProgress(message.progress);
    });
    worker.once('exit', (code, signal) => {
      if (signal) reject(new Error(`A worker was ended by ${signal}: run the command again.`));
      else if (code) reject(new Error('A difference was found: see above.'));
    });
  });
}

/** The share of this worker. */
export const shareOf = <Share>(): Share => JSON.parse(process.argv[2] ?? '{}') as Share;

/** Sends to whoever runs this worker. */
export function send<Progress, Result>(message: Message<Progress, Result>): void {
  process.send?.(message);
}

/** Does the worker's work; a failure is told and ends it with 2, since Node ends with 1 when it cannot run it. */
export async function beWorker(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
