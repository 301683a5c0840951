import type { Database } from '@tidemark/database';
import type { Schema } from '../build/schema.ts';
import type { Entity, Value } from '../values.ts';
import { HandlerFailed, Missing } from '../wasm/host.ts';
import { Batch, type FileMark } from './batch.ts';
import { loadAll, loadByIds, loadReferring } from './load.ts';
import type { Table } from './tables.ts';
import { Warm } from './warm.ts';

/** A type of up to this many entities is read whole when one of them is asked for. */
const WHOLE = 10_000;
/** Entities whose referring ones are known, of a field. */
const MAX_RELATED = 100_000;

/** Ids of entities by those they refer to; some may refer to it no more. */
type Referring = Map<string, Set<string>>;

/** Entities as the blocks that ended left them: what the database has, with what waits to be written before it. */
export class State {
  readonly schema: Schema;
  /** What waits, the oldest first; the last takes more. */
  batches: Batch[] = [new Batch()];
  readonly #database: Database;
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #warm: Warm;
  /** Types of more entities than are read whole. */
  readonly #large = new Set<string>();
  /** By type and id. */
  readonly #files = new Map<string, FileMark>();
  readonly #referring = new Map<string, Referring>();

  constructor(
    database: Database,
    schema: Schema,
    tables: readonly Table[],
    { files, capacity, empty }: { files: readonly FileMark[]; capacity: number; empty: boolean },
  ) {
    [this.#database, this.schema] = [database, schema];
    this.#tables = new Map(tables.flatMap((table) => (table.interval ? [] : [[table.type.name, table]])));
    const versioned = [...this.#tables.values()].filter((table) => table.versioned);
    this.#warm = new Warm(this.#tables.keys(), capacity);
    if (empty) for (const { type } of versioned) this.#warm.complete(type.name);
    this.mark(files);
  }

  /** Of what handlers may read and write. @throws {HandlerFailed} */
  table(type: string): Table {
    const table = this.#tables.get(type);
    if (table) return table;
    const known = this.schema.types.has(type);
    throw new HandlerFailed(
      known ? `${type} is an aggregation, handlers cannot use it.` : `The schema has no ${type}.`,
    );
  }

  get batch(): Batch {
    return this.batches.at(-1) as Batch;
  }

  /** What waits to be written of an entity; undefined where nothing does. */
  waiting(type: string, id: string): Entity | null | undefined {
    for (let n = this.batches.length - 1; n >= 0; n--) {
      const entity = this.batches[n]?.get(type, id);
      if (entity !== undefined) return entity;
    }
    return undefined;
  }

  /** Undefined where only the database knows. */
  get(type: string, id: string): Entity | null | undefined {
    const waiting = this.waiting(type, id);
    return waiting === undefined ? this.#warm.get(type, id) : waiting;
  }

  missing(table: Table, ids: readonly string[]): Missing {
    return new Missing(() => this.load(table, ids));
  }

  /** Reads entities into memory. */
  async load(table: Table, ids: readonly string[]): Promise<void> {
    const { name } = table.type;
    if (table.versioned && !this.#large.has(name)) {
      const all = await loadAll(this.#database, table, WHOLE);
      if (all) {
        for (const entity of all) this.#warm.add(name, String(entity.id), entity);
        this.#warm.complete(name);
        return;
      }
      this.#large.add(name);
    }
    const found = new Map((await loadByIds(this.#database, table, ids)).map((entity) => [String(entity.id), entity]));
    for (const id of ids) this.#warm.add(name, id, found.get(id) ?? null);
  }

  /** Ids of entities that refer to another, and of some that no longer do. @throws {Missing} */
  referring(table: Table, field: string, id: string): ReadonlySet<string> {
    const referring = this.#referring.get(`${table.type.name}.${field}`)?.get(id);
    if (referring) return referring;
    throw new Missing(() => this.#loadReferring(table, field, id));
  }

  async #loadReferring(table: Table, field: string, id: string): Promise<void> {
    const { name } = table.type;
    const entities = await loadReferring(this.#database, table, field, id);
    for (const entity of entities) this.#warm.add(name, String(entity.id), entity);
    const ids = new Set(entities.map((entity) => String(entity.id)));
    for (const batch of this.batches) {
      for (const [other, { versions }] of batch.types.get(name) ?? []) {
        if (refersTo(versions.at(-1)?.entity, field, id)) ids.add(other);
      }
    }
    const key = `${name}.${field}`;
    const referring: Referring = this.#referring.get(key) ?? new Map();
    if (referring.size >= MAX_RELATED) referring.clear();
    this.#referring.set(key, referring.set(id, ids));
  }

  /** The file whose handler wrote an entity; null where the chain's did, or nobody. */
  fileOf(type: string, id: string): string | null {
    return this.#files.get(`${type} ${id}`)?.file ?? null;
  }

  mark(files: readonly FileMark[]): void {
    for (const mark of files) this.#files.set(`${mark.type} ${mark.id}`, mark);
  }

  /** Makes an entity's new version part of what waits. */
  add(table: Table, id: string, before: Entity | null, entity: Entity | null, block: bigint): void {
    const { name } = table.type;
    this.batch.add(name, id, before !== null, { from: block, entity });
    for (const { field } of table.columns) {
      const referring = field.target && this.#referring.get(`${name}.${field.name}`);
      if (referring && entity) for (const other of referred(entity, field.name)) referring.get(other)?.add(id);
    }
  }

  /** The oldest batch is in the database now. */
  written(): void {
    const batch = this.batches.shift() as Batch;
    for (const [type, entities] of batch.types) {
      const { versioned } = this.table(type);
      for (const [id, { versions }] of entities) {
        const entity = versions.at(-1)?.entity ?? null;
        if (versioned) this.#warm.put(type, id, entity);
        else this.#warm.refresh(type, id, entity);
      }
    }
    this.#warm.evict();
  }

  /** Forgets what waits of blocks above one. */
  revertTo(number: bigint): void {
    for (const batch of this.batches) batch.revertTo(number);
    for (const [key, { from }] of this.#files) if (from > number) this.#files.delete(key);
    this.#referring.clear();
  }

  /** What a reorganisation left of an entity in the database. */
  reverted(table: Table, id: string, entity: Entity | null): void {
    if (table.versioned) this.#warm.put(table.type.name, id, entity);
    else this.#warm.refresh(table.type.name, id, entity);
  }
}

/** Ids to which a field refers. */
function referred(entity: Entity, field: string): readonly string[] {
  const value: Value = entity[field] ?? [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

export const refersTo = (entity: Entity | null | undefined, field: string, id: string) =>
  entity ? referred(entity, field).includes(id) : false;
