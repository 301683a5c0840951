import { readSchema } from '../src/build/schema.ts';
import type { Attempt, Block, Change, CreatedSource, Store } from '../src/store/types.ts';
import type { Entity } from '../src/values.ts';
import { Missing } from '../src/wasm/host.ts';

type Entities = ReadonlyMap<string, Entity>;

interface State {
  readonly block: Block;
  /** By type and id. */
  readonly entities: Entities;
  readonly sources: readonly CreatedSource[];
}

/** A store that keeps the state of every block, in memory. Each entity that a block has not seen is missed once. */
export class MemoryStore implements Store {
  readonly schema = readSchema('type Total @entity(immutable: false) { id: String! sum: BigInt! }');
  /** Those that are written. */
  written: readonly State[] = [];
  /** Those that wait. */
  #states: State[] = [];
  #block: { block: Block; entities: Map<string, Entity>; sources: CreatedSource[]; seen: Set<string> } | null = null;
  readonly #listeners = new Set<(change: Change) => void>();

  get head(): Block | null {
    return this.written.at(-1)?.block ?? null;
  }

  readonly earliest = 0n;

  get sources(): readonly CreatedSource[] {
    return this.#block?.sources ?? this.#last()?.sources ?? [];
  }

  get waiting(): number {
    return this.#states.length;
  }

  /** What stands, as text that can be compared. */
  get rows(): string[] {
    const entities = [...(this.written.at(-1)?.entities ?? [])].map(([key, entity]) => `${key} ${entity.sum ?? ''}`);
    return entities.sort();
  }

  #last(): State | undefined {
    return this.#states.at(-1) ?? this.written.at(-1);
  }

  begin(block: Block): void {
    const last = this.#last();
    if (last && last.block.number >= block.number) throw new Error(`Block ${block.number} is begun twice.`);
    this.#block = { block, entities: new Map(last?.entities), sources: [...(last?.sources ?? [])], seen: new Set() };
  }

  attempt(): Attempt {
    const own = this.#block;
    if (!own) throw new Error('No block is begun.');
    const changes = new Map<string, Entity | null>();
    const get = (type: string, id: string) => {
      const key = `${type} ${id}`;
      if (!own.seen.has(key)) {
        throw new Missing(async () => {
          own.seen.add(key);
        });
      }
      const changed = changes.get(key);
      return changed === undefined ? (own.entities.get(key) ?? null) : changed;
    };
    return {
      get,
      getInBlock: () => null,
      loadRelated: () => [],
      set: (type, id, data) => changes.set(`${type} ${id}`, { ...changes.get(`${type} ${id}`), ...data }),
      remove: (type, id) => changes.set(`${type} ${id}`, null),
      keep: () => {
        for (const [key, entity] of changes) entity ? own.entities.set(key, entity) : own.entities.delete(key);
      },
    };
  }

  addSource(source: CreatedSource): void {
    this.#block?.sources.push(source);
  }

  finishSource(source: CreatedSource): void {
    const own = this.#block;
    if (own) own.sources = own.sources.map((one) => (one === source ? { ...one, done: own.block.number } : one));
  }

  end(): void {
    if (!this.#block) throw new Error('No block is begun.');
    this.#states.push(this.#block);
    this.#block = null;
  }

  async flush(): Promise<void> {
    this.written = [...this.written, ...this.#states];
    this.#states = [];
    this.#tell(false);
  }

  async revertTo(number: bigint): Promise<void> {
    this.#block = null;
    const isKept = ({ block }: State) => block.number <= number;
    const isReorganised = !this.written.every(isKept);
    this.written = this.written.filter(isKept);
    this.#states = this.#states.filter(isKept);
    if (isReorganised) this.#tell(true);
  }

  async hashOf(number: bigint): Promise<string | null> {
    return [...this.written, ...this.#states].find(({ block }) => block.number === number)?.block.hash ?? null;
  }

  async prune(): Promise<void> {}

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(reorganised: boolean): void {
    const { head } = this;
    if (head) for (const listener of this.#listeners) listener({ head, types: new Set(['Total']), reorganised });
  }
}
