import { TidemarkError } from '@tidemark/sdk';
import { ChainMoved } from '../chain/chain.ts';

export interface LoopOptions {
  /** Does what there is to do. @returns Whether there may be more to do at once. */
  readonly turn: () => Promise<boolean>;
  /** Milliseconds between two turns when there is nothing more to do. */
  readonly pauseMs: number;
  /** Told, in one line, why a turn failed: once, until one succeeds. */
  readonly onWarning: (line: string) => void;
}

/** Milliseconds after which is tried again what failed, doubled each time. */
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 10_000;

/** Turn after turn until it is stopped; one that fails is tried again, ever more rarely. */
export class Loop {
  readonly #options: LoopOptions;
  #stopped = false;
  #trouble: string | null = null;
  #failures = 0;
  #woken = false;
  #wake = () => {};
  #running: Promise<void> | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Begins the next turn now. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Resolves when the turn at hand is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const pauseMs = await this.#turn();
      if (pauseMs > 0 && !this.#stopped && !this.#woken) await this.#pause(pauseMs);
      this.#woken = false;
    }
  }

  /** @returns Milliseconds until the next. */
  async #turn(): Promise<number> {
    const { turn, pauseMs, onWarning } = this.#options;
    try {
      const more = await turn();
      [this.#trouble, this.#failures] = [null, 0];
      return more ? 0 : pauseMs;
    } catch (error) {
      if (error instanceof ChainMoved) return pauseMs;
      const line = error instanceof TidemarkError ? error.line : `Indexing failed: ${(error as Error).message}`;
      if (line !== this.#trouble) onWarning(line);
      this.#trouble = line;
      return Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, LAST_RETRY_MS);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
