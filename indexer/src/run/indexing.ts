import { setImmediate } from 'node:timers/promises';
import type { DataSource } from '../build/manifest.ts';
import { blockOf, ChainMoved } from '../chain/chain.ts';
import { fetchBlock } from '../chain/fetch.ts';
import { Prefetch, RangeSize } from '../chain/prefetch.ts';
import { Tips } from '../chain/tips.ts';
import type { BlockData } from '../chain/triggers.ts';
import type { Files } from '../ipfs/files.ts';
import type { Block, Standing } from '../store/types.ts';
import { type BlockInfo, HandlerFailed } from '../wasm/host.ts';
import { findAncestor } from './ancestor.ts';
import { Arrivals } from './arrivals.ts';
import { Handlers, type HandlersOptions } from './handlers.ts';
import { Loop } from './loop.ts';
import { fileOf, onChainSources } from './sources.ts';

/** Blocks below the newest one that are written one by one, at once; what is further behind, in batches. */
const NEAR = 64n;
/** A batch is written when it has so many entities and blocks, or is so old, milliseconds. */
const BATCH = 20_000;
const BATCH_MS = 1_000;
/** Blocks whose states can be asked. */
const HISTORY = 50_000n;
/** Blocks after which older states are forgotten. */
const PRUNE_EVERY = 1_000n;
/** Blocks of which the hashes are remembered here. */
const RECENT = 2_000;
/** Milliseconds that handlers run until others have their turn. */
const SLICE_MS = 10;

/** How far a sync is. */
export interface Progress {
  /** The first block of all. */
  readonly from: bigint;
  /** The last one that is written. */
  readonly block: bigint;
  /** The chain's newest. */
  readonly to: bigint;
  /** Logs that were handled since the start. */
  readonly events: number;
}

export interface IndexingOptions extends HandlersOptions {
  readonly files: Files;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs: number;
  readonly onProgress: (progress: Progress) => void;
  /** Told, in one line, what goes wrong: once, until it goes well again. */
  readonly onWarning: (line: string) => void;
}

/** Keeps the entities of one deployment up to date with the chain. */
export class Indexing {
  readonly #options: IndexingOptions;
  readonly #first: bigint;
  readonly #size = new RangeSize();
  readonly #tips: Tips;
  readonly #loop: Loop;
  readonly #arrivals = new Arrivals();
  #sources: readonly DataSource[] = [];
  /** Created sources, as many as are known to those who use them. */
  #created = -1;
  /** The last blocks that are done, written or waiting. */
  #recent: Pick<Block, 'number' | 'hash'>[] = [];
  /** Whether a block is begun and not done. */
  #begun = false;
  #failed: { block: BlockInfo; why: string } | null = null;
  #events = 0;
  #pruned = 0n;
  #writtenAt = performance.now();
  #yieldedAt = performance.now();

  constructor(options: IndexingOptions) {
    this.#options = options;
    const { build, store, chain, pollMs, onWarning } = options;
    this.#tips = new Tips(chain);
    this.#loop = new Loop({ turn: () => this.#turn(), pauseMs: pollMs, onWarning });
    this.#first = build.dataSources.map(({ startBlock }) => startBlock).reduce((a, b) => (a < b ? a : b));
    if (store.head) this.#recent.push(store.head);
    this.#learnSources();
  }

  start(): void {
    this.#loop.start();
  }

  standing(): Standing {
    const { head } = this.#options.store;
    const pruned = head ? head.number - HISTORY : 0n;
    const earliest = pruned > this.#first ? pruned : this.#first;
    return {
      head,
      earliest,
      chain: this.#tips.tips,
      failed: this.#failed?.why ?? null,
      waitingFiles: this.#options.files.waiting(),
    };
  }

  /** Resolves when a block, or a later one, is written. */
  reached(block: bigint): Promise<void> {
    if ((this.#options.store.head?.number ?? -1n) >= block) return Promise.resolve();
    return this.#arrivals.at(block);
  }

  /** Looks at the chain now. */
  look(): void {
    this.#loop.wake();
  }

  /** Ends after the block at hand. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#options.files.end();
  }

  /** @returns Whether there may be more to do at once. */
  async #turn(): Promise<boolean> {
    const { chain } = this.#options;
    await this.#drop();
    const latest = await chain.header('latest');
    if (!latest) return false;
    this.#tips.note(latest);
    if (this.#failed) {
      const { block } = this.#failed;
      if ((await chain.header(block.number))?.hash === block.hash) return false;
      this.#failed = null;
    }
    if (!(await this.#isOurs(latest))) await this.#rewind();
    const last = this.#recent.at(-1);
    const next = last ? last.number + 1n : this.#first;
    if (next > latest.number) return false;
    if (latest.number - next >= NEAR) await this.#sync(next, latest.number - NEAR);
    else await this.#follow(next, latest);
    return this.#failed === null;
  }

  /** Whether the newest block is on top of the last one that is done, or that one, or one below it. */
  async #isOurs(latest: BlockInfo): Promise<boolean> {
    const last = this.#recent.at(-1);
    if (!last) return true;
    if (latest.number === last.number) return latest.hash === last.hash;
    if (latest.number === last.number + 1n) return latest.parentHash === last.hash;
    if (latest.number > last.number) return (await this.#options.chain.header(last.number))?.hash === last.hash;
    const known = this.#recent.find(({ number }) => number === latest.number);
    const hash = known?.hash ?? (await this.#options.store.hashOf(latest.number));
    // An RPC that is behind is waited for.
    return hash === null || hash === latest.hash;
  }

  async #rewind(): Promise<void> {
    const { chain, store, onWarning } = this.#options;
    await this.#write();
    const lost = this.#recent.at(-1);
    const ancestor = await findAncestor(chain, { store, recent: this.#recent, first: this.#first });
    await store.revertTo(ancestor?.number ?? this.#first - 1n);
    this.#recent = ancestor ? this.#recent.filter(({ number }) => number < ancestor.number).concat(ancestor) : [];
    this.#created = -1;
    this.#learnSources();
    const from = (ancestor?.number ?? this.#first - 1n) + 1n;
    onWarning(`The chain went another way: blocks ${from} to ${lost?.number} are indexed again.`);
  }

  /** What is far behind, in batches. */
  async #sync(from: bigint, to: bigint): Promise<void> {
    const prefetch = new Prefetch(this.#options.chain, this.#sources, { from, to, size: this.#size });
    while (!this.#loop.stopped) {
      const range = await prefetch.next();
      if (!range) break;
      this.#requireParent(range.from, range.parentHash);
      for (const data of range.blocks) {
        const isKnown = await this.#index(data);
        const { waiting } = this.#options.store;
        if (waiting >= BATCH || performance.now() - this.#writtenAt > BATCH_MS) await this.#write();
        // What follows was read without the sources that are new.
        if (!isKnown || this.#failed || this.#loop.stopped) return this.#write();
      }
    }
    await this.#write();
  }

  /** The newest blocks, each written at once. */
  async #follow(next: bigint, latest: BlockInfo): Promise<void> {
    const { chain } = this.#options;
    const numbers = Array.from({ length: Number(latest.number - next) }, (_, i) => next + BigInt(i));
    const headers = [...(await chain.headers(numbers)), latest];
    const sources = this.#sources;
    const blocks = await Promise.all(headers.map((header) => fetchBlock(chain, sources, header)));
    for (const data of blocks) {
      this.#requireParent(data.info.number, data.info.parentHash);
      const isKnown = await this.#index(data);
      await this.#write();
      if (!isKnown || this.#failed || this.#loop.stopped) return;
    }
  }

  #requireParent(number: bigint, hash: string): void {
    const last = this.#recent.at(-1);
    if (last && (last.number !== number - 1n || last.hash !== hash)) throw new ChainMoved('Another parent.');
  }

  /** @returns False when the block brought a source, or failed: what was read beyond it is of no use. */
  async #index(data: BlockData): Promise<boolean> {
    const { store, chain } = this.#options;
    if (performance.now() - this.#yieldedAt > SLICE_MS) {
      await setImmediate();
      this.#yieldedAt = performance.now();
    }
    const { info } = data;
    const block = blockOf(info);
    store.begin(block);
    this.#begun = true;
    const before = this.#sources.length;
    let known = this.#sources;
    try {
      const handlers = new Handlers(this.#options, block);
      await handlers.run(data, known);
      while (this.#learnSources()) {
        const added = this.#sources.slice(known.length);
        known = this.#sources;
        if (added.length > 0) await handlers.run(await fetchBlock(chain, added, info), added);
      }
      await this.#takeFiles(handlers);
      store.end();
    } catch (error) {
      if (!(error instanceof HandlerFailed)) throw error;
      await this.#fail(info, error);
      return false;
    }
    this.#begun = false;
    this.#events += data.logs.length;
    this.#recent.push({ number: block.number, hash: block.hash });
    if (this.#recent.length > 2 * RECENT) this.#recent = this.#recent.slice(-RECENT);
    return this.#sources.length === before;
  }

  async #takeFiles(handlers: Handlers): Promise<void> {
    const { build, store, files } = this.#options;
    for (const { source, content } of files.ready()) {
      const template = fileOf(build, source);
      if (template) await handlers.runFile(template, source, content);
      store.finishSource(source);
      this.#created = -1;
    }
    this.#learnSources();
  }

  /** @returns Whether there are other sources than before. */
  #learnSources(): boolean {
    const { build, store, files } = this.#options;
    const created = store.sources;
    if (created.length === this.#created) return false;
    this.#created = created.length;
    this.#sources = onChainSources(build, created);
    files.want(created.filter((source) => source.done === null && fileOf(build, source)));
    return true;
  }

  async #fail(block: BlockInfo, error: HandlerFailed): Promise<void> {
    const why = `Block ${block.number} cannot be indexed: ${error.message}`;
    await this.#drop();
    this.#created = -1;
    this.#learnSources();
    this.#failed = { block, why };
    this.#options.onWarning(`${why} What is indexed up to it is served on.`);
  }

  /** What shows only in the database fails its block, which the store has forgotten with all above it. */
  async #refuse(error: unknown): Promise<void> {
    if (!(error instanceof HandlerFailed)) throw error;
    const { store, chain } = this.#options;
    const isKept = async ({ number }: { number: bigint }) => (await store.hashOf(number)) !== null;
    let lost = this.#recent.at(-1);
    while (this.#recent.length > 0 && !(await isKept(this.#recent.at(-1) as Block))) lost = this.#recent.pop();
    const block = lost && (await chain.header(lost.number));
    if (block?.hash !== lost?.hash || !block) throw new ChainMoved('The block that failed is gone.');
    await this.#fail(block, error);
    await store.flush();
  }

  /** Forgets the block that was begun. */
  async #drop(): Promise<void> {
    if (!this.#begun) return;
    await this.#options.store.revertTo(this.#recent.at(-1)?.number ?? this.#first - 1n);
    this.#begun = false;
    this.#created = -1;
    this.#learnSources();
  }

  async #write(): Promise<void> {
    const { store, onProgress } = this.#options;
    if (store.waiting > 0) await store.flush().catch((error: unknown) => this.#refuse(error));
    this.#writtenAt = performance.now();
    const number = store.head?.number;
    if (number === undefined) return;
    if (number >= this.#pruned + PRUNE_EVERY) {
      if (number - HISTORY > this.#first) await store.prune(number - HISTORY);
      this.#pruned = number;
    }
    onProgress({ from: this.#first, block: number, to: this.#tips.tips?.latest ?? number, events: this.#events });
    this.#arrivals.settle(number);
  }
}
