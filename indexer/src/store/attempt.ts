import type { Entity } from '../values.ts';
import { HandlerFailed } from '../wasm/host.ts';
import type { FileMark } from './batch.ts';
import { merge, parseId } from './checks.ts';
import { timestampOf } from './rollup.ts';
import type { SourceRow } from './sources.ts';
import { refersTo, type State } from './state.ts';
import type { Table } from './tables.ts';
import type { Attempt, Block } from './types.ts';

/** Entities by type and id; null where one was removed. */
export class Layer {
  readonly types = new Map<string, Map<string, Entity | null>>();

  get(type: string, id: string): Entity | null | undefined {
    return this.types.get(type)?.get(id);
  }

  set(type: string, id: string, entity: Entity | null): void {
    const entities = this.types.get(type);
    if (entities) entities.set(id, entity);
    else this.types.set(type, new Map([[id, entity]]));
  }
}

/** A block whose handlers run. */
export interface OpenBlock {
  readonly block: Block;
  readonly layer: Layer;
  /** Ids that were made up in it. */
  made: number;
  readonly files: FileMark[];
  readonly sources: SourceRow[];
  readonly finished: SourceRow[];
}

/** What one handler sees and does. */
export class HandlerAttempt implements Attempt {
  readonly #state: State;
  readonly #open: OpenBlock;
  readonly #file: string | null;
  readonly #layer = new Layer();
  readonly #files: FileMark[] = [];
  #made: number;

  constructor(state: State, open: OpenBlock, file: string | null) {
    [this.#state, this.#open, this.#file, this.#made] = [state, open, file, open.made];
  }

  get(type: string, id: string): Entity | null {
    const table = this.#state.table(type);
    const key = parseId(table, id);
    return this.#sees(type, key) ? this.#current(table, key) : null;
  }

  getInBlock(type: string, id: string): Entity | null {
    const key = parseId(this.#state.table(type), id);
    return (this.#sees(type, key) && this.#inBlock(type, key)) || null;
  }

  loadRelated(type: string, id: string, field: string): readonly Entity[] {
    const table = this.#state.table(type);
    const { derivedFrom, target } = table.fields.get(field) ?? {};
    if (!derivedFrom || !target) throw new HandlerFailed(`${type}.${field} is not derived: it has nothing to load.`);
    const [related, key] = [this.#state.table(target), parseId(table, id)];
    const ids = new Set(this.#state.referring(related, derivedFrom, key));
    for (const { types } of [this.#open.layer, this.#layer]) {
      for (const [other, entity] of types.get(target) ?? []) if (refersTo(entity, derivedFrom, key)) ids.add(other);
    }
    const seen = [...ids].filter((other) => this.#sees(target, other));
    const unknown = seen.filter((other) => this.#known(target, other) === undefined);
    if (unknown.length > 0) throw this.#state.missing(related, unknown);
    return seen
      .sort(related.id.scalar === 'Int8' ? (a, b) => Number(BigInt(a) - BigInt(b)) : undefined)
      .map((other) => this.#known(target, other))
      .filter((entity): entity is Entity => refersTo(entity, derivedFrom, key));
  }

  set(type: string, id: string, data: Entity): void {
    const table = this.#state.table(type);
    const timeseries = table.type.kind === 'timeseries';
    const key = timeseries || id === 'auto' ? this.#makeId(table) : parseId(table, id);
    const given = timeseries
      ? { ...data, id: BigInt(key), timestamp: timestampOf(this.#open.block) }
      : id === 'auto'
        ? { ...data, id: table.id.scalar === 'Int8' ? BigInt(key) : key }
        : data;
    this.#claim(table, key);
    const before = table.versioned ? this.#current(table, key) : this.#unwritten(table, key);
    this.#layer.set(type, key, merge(this.#state.schema, table, key, before, given));
  }

  remove(type: string, id: string): void {
    const table = this.#state.table(type);
    const key = parseId(table, id);
    if (!this.#sees(type, key)) return;
    if (table.versioned) this.#current(table, key);
    else if (!this.#inBlock(type, key)) throw this.#immutable(table, key);
    this.#layer.set(type, key, null);
  }

  keep(): void {
    const { layer, files } = this.#open;
    for (const [type, entities] of this.#layer.types) {
      for (const [id, entity] of entities) layer.set(type, id, entity);
    }
    this.#open.made = this.#made;
    files.push(...this.#files);
    this.#state.mark(this.#files);
  }

  /** Undefined where only the database knows. */
  #known(type: string, id: string): Entity | null | undefined {
    const entity = this.#inBlock(type, id);
    return entity === undefined ? this.#state.get(type, id) : entity;
  }

  #current(table: Table, id: string): Entity | null {
    const entity = this.#known(table.type.name, id);
    if (entity === undefined) throw this.#state.missing(table, [id]);
    return entity;
  }

  #inBlock(type: string, id: string): Entity | null | undefined {
    const entity = this.#layer.get(type, id);
    return entity === undefined ? this.#open.layer.get(type, id) : entity;
  }

  /** Of what may be written in one block only: what that block has written of it so far. */
  #unwritten(table: Table, id: string): Entity | null {
    if (this.#state.waiting(table.type.name, id)) throw this.#immutable(table, id);
    return this.#inBlock(table.type.name, id) ?? null;
  }

  #immutable({ type }: Table, id: string): HandlerFailed {
    return new HandlerFailed(`${type.name}[${id}] is immutable: only the block that made it may change it.`);
  }

  /** Handlers of files and of the chain see nothing of one another. */
  #sees(type: string, id: string): boolean {
    return this.#owner(type, id) === this.#file;
  }

  #owner(type: string, id: string): string | null {
    return this.#files.some((mark) => mark.type === type && mark.id === id) ? this.#file : this.#state.fileOf(type, id);
  }

  /** @throws {HandlerFailed} when an entity is another's. */
  #claim(table: Table, id: string): void {
    const type = table.type.name;
    if (this.#sees(type, id)) return;
    const owner = this.#owner(type, id);
    if (owner !== null || this.#current(table, id)) {
      throw new HandlerFailed(
        `${type}[${id}] was written by ${owner ? `the file ${owner}` : 'a handler of the chain'}.`,
      );
    }
    this.#files.push({ type, id, file: this.#file as string, from: this.#open.block.number });
  }

  /** Block and number within it: 4 bytes each. @throws {HandlerFailed} */
  #makeId({ type, id: { scalar } }: Table): string {
    if (this.#file !== null) throw new HandlerFailed(`${type.name}: only handlers of the chain are given ids.`);
    const id = (this.#open.block.number << 32n) | BigInt(this.#made++);
    if (scalar === 'Int8') return String(id);
    if (scalar === 'Bytes') return `0x${id.toString(16).padStart(16, '0')}`;
    throw new HandlerFailed(`${type.name}: an id of type ${scalar} cannot be made up.`);
  }
}
