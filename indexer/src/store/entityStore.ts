import { type Database, DatabaseFailedError } from '@tidemark/database';
import type { Schema } from '../build/schema.ts';
import { IndexerError } from '../errors.ts';
import { HandlerFailed } from '../wasm/host.ts';
import { HandlerAttempt, Layer, type OpenBlock } from './attempt.ts';
import { Batch } from './batch.ts';
import { equal } from './columns.ts';
import { conflictOf } from './conflict.ts';
import { pruneTables, revertTables } from './revert.ts';
import { bucketsOver } from './rollup.ts';
import type { SourceRow } from './sources.ts';
import type { State } from './state.ts';
import type { Table } from './tables.ts';
import type { Attempt, Block, Change, CreatedSource, Store } from './types.ts';
import { Upkeep } from './upkeep.ts';
import { writeBatch } from './write.ts';

/** What a deployment's tables tell when they are opened. */
export interface Opened {
  readonly database: Database;
  readonly namespace: string;
  readonly tables: readonly Table[];
  readonly state: State;
  readonly head: Block | null;
  readonly earliest: bigint;
  readonly sources: readonly SourceRow[];
}

export class EntityStore implements Store {
  readonly schema: Schema;
  readonly #database: Database;
  readonly #namespace: string;
  readonly #tables: readonly Table[];
  readonly #state: State;
  readonly #listeners = new Set<(change: Change) => void>();
  #head: Block | null;
  #earliest: bigint;
  #sources: SourceRow[];
  #open: OpenBlock | null = null;
  /** The last write, at whose end the next begins. */
  #writing: Promise<void> = Promise.resolve();
  /** Whether a batch may have been written although the database said otherwise. */
  #uncertain = false;
  readonly #upkeep: Upkeep;
  /** Whether something was taken back of which nobody was told yet. */
  #reorganised = false;

  constructor({ database, namespace, tables, state, head, earliest, sources }: Opened) {
    this.schema = state.schema;
    [this.#database, this.#namespace, this.#tables, this.#state] = [database, namespace, tables, state];
    this.#upkeep = new Upkeep(database, namespace, tables);
    [this.#head, this.#earliest, this.#sources] = [head, earliest, [...sources]];
  }

  get head(): Block | null {
    return this.#head;
  }

  get earliest(): bigint {
    return this.#earliest;
  }

  get sources(): readonly CreatedSource[] {
    return this.#sources.map(({ source }) => source);
  }

  get waiting(): number {
    return this.#state.batches.reduce((sum, { rows, blocks }) => sum + rows + blocks.length, 0);
  }

  begin(block: Block): void {
    // What a block did that never ended does not count.
    if (this.#open) this.#forgetAbove(this.#open.block.number - 1n);
    const last = this.#last();
    if (last && block.number <= last.number) throw new Error(`Block ${block.number} after block ${last.number}.`);
    this.#open = { block, layer: new Layer(), made: 0, files: [], sources: [], finished: [] };
  }

  attempt(file?: string): Attempt {
    return new HandlerAttempt(this.#state, this.#opened(), file ?? null);
  }

  addSource(source: CreatedSource): void {
    const row = { number: (this.#sources.at(-1)?.number ?? -1) + 1, source };
    this.#opened().sources.push(row);
    this.#sources.push(row);
  }

  finishSource(source: CreatedSource): void {
    const { block, finished } = this.#opened();
    const name = ({ template, parameters, from }: CreatedSource) =>
      JSON.stringify([template, parameters, String(from)]);
    const at = this.#sources.findIndex((one) => one.source.done === null && name(one.source) === name(source));
    const row = this.#sources[at];
    if (!row) throw new Error(`The source of ${source.template} ${source.parameters.join()} is not waiting.`);
    this.#sources[at] = { ...row, source: { ...row.source, done: block.number } };
    finished.push(this.#sources[at] as SourceRow);
  }

  end(): void {
    const { block, layer, files, sources, finished } = this.#opened();
    const { batch } = this.#state;
    for (const [type, entities] of layer.types) {
      const table = this.#state.table(type);
      for (const [id, entity] of entities) {
        const before = (table.versioned && this.#state.get(type, id)) || null;
        if (entity ? before && equal(before, entity) : !before) continue;
        this.#state.add(table, id, before, entity, block.number);
      }
    }
    const last = this.#last();
    if (last) batch.buckets.push(...bucketsOver(last, block));
    batch.files.push(...files);
    batch.sources.push(...sources);
    batch.finished.push(...finished);
    batch.blocks.push(block);
    this.#open = null;
  }

  flush(): Promise<void> {
    const { batch, batches } = this.#state;
    if (batch.blocks.length > 0) batches.push(new Batch());
    return this.#next(async () => {
      while (batches.length > 1) await this.#write(batches[0] as Batch);
    });
  }

  revertTo(number: bigint): Promise<void> {
    return this.#next(async () => {
      if (this.#uncertain || (this.#head && this.#head.number > number)) {
        if (number < this.#earliest) {
          throw new IndexerError(
            `The chain was reorganised from block ${number} on, of which the history from ${this.#earliest} on is kept.`,
            'Index again from the beginning: resync.',
          );
        }
        const { head, reverted } = await this.#database.transaction((query) =>
          revertTables(query, this.#namespace, this.#tables, number),
        );
        this.#forgetAbove(number);
        for (const { table, id, entity } of reverted) this.#state.reverted(table, id, entity);
        this.#head = head;
        this.#reorganised = true;
        this.#notify(new Set(this.schema.types.keys()));
      } else this.#forgetAbove(number);
    });
  }

  async hashOf(number: bigint): Promise<string | null> {
    for (const { blocks } of this.#state.batches) {
      const block = blocks.find((one) => one.number === number);
      if (block) return block.hash;
    }
    const sql = `select hash from ${this.#namespace}._blocks where number = $1`;
    const [row] = await this.#database.query(sql, [`${number}`]);
    return (row?.hash as string | undefined) ?? null;
  }

  prune(before: bigint): Promise<void> {
    if (before <= this.#earliest) return Promise.resolve();
    return this.#next(async () => {
      await this.#database.transaction((query) => pruneTables(query, this.#namespace, this.#tables, before));
      this.#earliest = before;
    });
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs after what is being written, whether that fails or not. */
  #next(run: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(run);
    this.#writing = done.catch(() => {});
    return done;
  }

  async #write(batch: Batch): Promise<void> {
    const last = batch.blocks.at(-1) as Block;
    if (batch.blocks.length > 0 && !(this.#uncertain && (await this.#isWritten(last)))) {
      try {
        this.#uncertain = true;
        await this.#database.transaction((query) =>
          writeBatch(query, this.#namespace, this.#tables, batch, this.#earliest),
        );
      } catch (error) {
        await this.#explain(batch, error);
      }
    }
    this.#uncertain = false;
    this.#state.written();
    if (!last) return;
    this.#head = last;
    this.#notify(this.#touched(batch));
    await this.#upkeep.after(batch.rows);
  }

  /** A batch of which the answer got lost may be there. */
  async #isWritten({ number, hash }: Block): Promise<boolean> {
    const sql = `select hash from ${this.#namespace}._blocks where number = $1`;
    return (await this.#database.query(sql, [`${number}`]))[0]?.hash === hash;
  }

  /** What can never be written is the handler's failure: the blocks before stay to be written. */
  async #explain(batch: Batch, error: unknown): Promise<never> {
    const conflict =
      error instanceof DatabaseFailedError && (await conflictOf(this.#database, this.#tables, batch, error));
    if (!conflict) throw error;
    this.#uncertain = false;
    this.#open = null;
    this.#forgetAbove(conflict.block - 1n);
    throw new HandlerFailed(`${conflict.type}[${conflict.id}] is immutable: block ${conflict.block} wrote it again.`);
  }

  #forgetAbove(number: bigint): void {
    if (this.#open && this.#open.block.number > number) this.#open = null;
    this.#state.revertTo(number);
    this.#sources = this.#sources.flatMap((row) => {
      const { from, done } = row.source;
      if (from > number) return [];
      return [done !== null && done > number ? { ...row, source: { ...row.source, done: null } } : row];
    });
  }

  #touched({ types }: Batch): Set<string> {
    const touched = new Set([...types].flatMap(([type, entities]) => (entities.size > 0 ? [type] : [])));
    for (const { name, aggregation } of this.schema.types.values()) {
      if (aggregation && touched.has(aggregation.source)) touched.add(name);
    }
    return touched;
  }

  #notify(types: ReadonlySet<string>): void {
    if (!this.#head) return;
    const change = { head: this.#head, types, reorganised: this.#reorganised };
    this.#reorganised = false;
    for (const listener of this.#listeners) listener(change);
  }

  #last(): Block | null {
    for (const { blocks } of [...this.#state.batches].reverse()) if (blocks.length > 0) return blocks.at(-1) as Block;
    return this.#head;
  }

  #opened(): OpenBlock {
    if (!this.#open) throw new Error('No block was begun.');
    return this.#open;
  }
}
