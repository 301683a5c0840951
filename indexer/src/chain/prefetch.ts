import type { DataSource } from '../build/manifest.ts';
import { type Chain, ChainMoved } from './chain.ts';
import { fetchRange, type Range } from './fetch.ts';

/** Ranges that are read at the same time, or read and not taken yet. */
const DEPTH = 4;
const MAX_BLOCKS = 20_000n;
/** A range of fewer logs, read within this time, is followed by a longer one. */
const FEW_LOGS = 1_000;
const QUICK_MS = 1_000;
/** A range of more is followed by a shorter one. */
const MANY_LOGS = 4_000;
/** Ranges after which a length that was refused is tried again. */
const PATIENCE = 100;

/** How many blocks a range has: what the node answers quickly, learned as it goes. */
export class RangeSize {
  #blocks = 500n;
  #ceiling = MAX_BLOCKS;
  #since = 0;

  get blocks(): bigint {
    return this.#blocks;
  }

  /** A range was answered. */
  fits({ from, to, logs }: Range, ms: number): void {
    if (++this.#since === PATIENCE) this.#ceiling = MAX_BLOCKS;
    const blocks = to - from + 1n;
    if (logs > MANY_LOGS && blocks <= this.#blocks) this.#blocks = blocks / 2n || 1n;
    // What is left at the end of the way says nothing of a longer one.
    else if (logs < FEW_LOGS && ms < QUICK_MS && blocks === this.#blocks) {
      this.#blocks = blocks * 2n < this.#ceiling ? blocks * 2n : this.#ceiling;
    }
  }

  /** A range was refused. @returns Whether a shorter one may do. */
  failed(blocks: bigint): boolean {
    if (blocks === 1n) return false;
    this.#blocks = blocks / 2n;
    this.#ceiling = this.#blocks;
    this.#since = 0;
    return true;
  }
}

/** Reads ahead of whoever takes the ranges, in their order. */
export class Prefetch {
  readonly #chain: Chain;
  readonly #sources: readonly DataSource[];
  readonly #size: RangeSize;
  readonly #to: bigint;
  #from: bigint;
  #queue: { from: bigint; to: bigint; answer: Promise<{ range: Range; ms: number }> }[] = [];

  /** @param size Of the ranges, kept beyond this reading. */
  constructor(
    chain: Chain,
    sources: readonly DataSource[],
    { from, to, size }: { from: bigint; to: bigint; size: RangeSize },
  ) {
    [this.#chain, this.#sources, this.#size, this.#from, this.#to] = [chain, sources, size, from, to];
  }

  /** The next range; null after the last. @throws {TidemarkError} {@link ChainMoved} */
  async next(): Promise<Range | null> {
    for (;;) {
      this.#fill();
      const first = this.#queue.shift();
      if (!first) return null;
      try {
        const { range, ms } = await first.answer;
        this.#size.fits(range, ms);
        return range;
      } catch (error) {
        // Begin again here; what was asked for beyond is left to itself.
        this.#queue = [];
        this.#from = first.from;
        if (error instanceof ChainMoved || !this.#size.failed(first.to - first.from + 1n)) throw error;
      }
    }
  }

  #fill(): void {
    while (this.#queue.length < DEPTH && this.#from <= this.#to) {
      const from = this.#from;
      const end = from + this.#size.blocks - 1n;
      const to = end < this.#to ? end : this.#to;
      const answer = this.#read({ from, to });
      // It is told when its turn comes.
      answer.catch(() => {});
      this.#queue.push({ from, to, answer });
      this.#from = to + 1n;
    }
  }

  async #read(blocks: { from: bigint; to: bigint }): Promise<{ range: Range; ms: number }> {
    const began = performance.now();
    const range = await fetchRange(this.#chain, this.#sources, blocks);
    return { range, ms: performance.now() - began };
  }
}
