/** Chain seconds between blocks at most, whatever the speed. */
export const MAX_BLOCK_TIME = 6;
/** Chain seconds between blocks at speed 1, as on Optimism. */
export const BLOCK_TIME = 2;

/** What makes blocks: `mine` one at a timestamp. */
export interface Miner {
  mine(timestamp: number): Promise<void>;
}

/**
 * The timestamp of the next block: where the clock ought to be, but no further than a block may be away.
 * @param last Timestamp of the last block, seconds.
 * @param target Where chain time ought to be, seconds.
 * @returns Undefined while it is too early for a block.
 */
export function nextTimestamp(last: number, target: number): number | undefined {
  const ahead = Math.floor(target) - last;
  return ahead < BLOCK_TIME ? undefined : last + Math.min(ahead, MAX_BLOCK_TIME);
}

/** The chain's clock: makes a block whenever one is due. */
export class Clock {
  #last: number;
  #stopped = false;
  #loop: Promise<void> | undefined;
  readonly #speed: number;
  readonly #miner: Miner;
  readonly #listeners: ((now: number) => void)[] = [];
  #reached = 0;

  /**
   * @param last Timestamp of the chain's last block, seconds: time goes on from there.
   * @param speed Chain seconds per second.
   */
  constructor(last: number, speed: number, miner: Miner) {
    this.#last = last;
    this.#speed = speed;
    this.#miner = miner;
  }

  /** Timestamp of the last block, seconds. */
  readonly now = (): number => this.#last;

  /** Chain seconds per second since the start, as measured. */
  get reached(): number {
    return this.#reached;
  }

  /** Called after each block with its timestamp. */
  onBlock(listener: (now: number) => void): void {
    this.#listeners.push(listener);
  }

  /** @param onFailure Told when a block could not be made; the clock has stopped then. */
  start(onFailure: (error: Error) => void): void {
    this.#loop ??= this.#run().catch(onFailure);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    let anchor = this.#last;
    let started = performance.now();
    const first = this.#last;
    const begun = started;
    while (!this.#stopped) {
      const target = anchor + ((performance.now() - started) / 1000) * this.#speed;
      const next = nextTimestamp(this.#last, target);
      if (next === undefined) {
        const wait = ((this.#last + BLOCK_TIME - target) / this.#speed) * 1000;
        await new Promise((resolve) => setTimeout(resolve, Math.max(5, Math.min(wait, 250))));
        continue;
      }
      await this.#miner.mine(next);
      this.#last = next;
      this.#reached = (next - first) / ((performance.now() - begun) / 1000);
      // A machine too slow for the speed does not build up a debt.
      if (target - next > MAX_BLOCK_TIME) {
        anchor = next;
        started = performance.now();
      }
      for (const listener of this.#listeners) listener(next);
    }
  }
}
