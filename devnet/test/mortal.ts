import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A line that a process tells, as JSON. */
export interface Told {
  readonly event: string;
  readonly block?: string;
  readonly action?: { readonly kind: string; readonly key: string };
  readonly why?: string;
}

/** A process that can be killed at a moment of its own telling, and started again. */
export class Mortal {
  readonly told: Told[] = [];
  kills = 0;
  readonly #command: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #onTold: (told: Told) => void;
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  #stderr = '';
  #doom: ((told: Told) => boolean) | undefined;
  #waiting: { until: (told: Told) => boolean; resolve: (died: boolean) => void }[] = [];

  /** @param onTold Called with each line that it tells. */
  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
    onTold: (told: Told) => void = () => {},
  ) {
    this.#command = command;
    this.#env = env;
    this.#onTold = onTold;
  }

  /** Starts it, and waits until it says so. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--import', 'tsx', ...this.#command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
    });
    this.#child = child;
    child.stderr.on('data', (chunk) => {
      this.#stderr += chunk;
    });
    createInterface(child.stdout).on('line', (line) => this.#hear(JSON.parse(line) as Told, child));
    child.once('exit', (_code, signal) => {
      if (this.#child === child) this.#child = undefined;
      for (const { resolve } of this.#waiting.splice(0)) resolve(signal === 'SIGKILL');
    });
    if (await this.waitFor(({ event }) => event === 'started')) throw new Error('It died while it started.');
  }

  #hear(told: Told, child: ChildProcessByStdio<null, Readable, Readable>): void {
    if (child !== this.#child) return;
    this.told.push(told);
    this.#onTold(told);
    if (this.#doom?.(told)) {
      this.#doom = undefined;
      this.kills++;
      child.kill('SIGKILL');
      return;
    }
    const heard = this.#waiting.filter(({ until }) => until(told));
    this.#waiting = this.#waiting.filter((one) => !heard.includes(one));
    for (const { resolve } of heard) resolve(false);
  }

  /** Kills it by SIGKILL as soon as it tells something that fits. */
  killWhen(doom: (told: Told) => boolean): void {
    this.#doom = doom;
  }

  get isDoomed(): boolean {
    return this.#doom !== undefined;
  }

  /** Waits until it tells something that fits. @returns Whether it was killed instead. */
  async waitFor(until: (told: Told) => boolean): Promise<boolean> {
    if (!this.#child) return true;
    const died = await new Promise<boolean>((resolve) => this.#waiting.push({ until, resolve }));
    if (!died && !this.#child) throw new Error(`A process ended by itself:\n${this.#stderr}`);
    return died;
  }

  /** Waits until it has done what a block asks for. @returns Whether it was killed instead. */
  waitForTurn(block: bigint): Promise<boolean> {
    const reached = ({ event, block: at }: Told) => event === 'turn' && at !== undefined && BigInt(at) >= block;
    if (this.#child && this.told.findLast(reached)) return Promise.resolve(false);
    return this.waitFor(reached);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.kills++;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
