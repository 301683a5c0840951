import type { Entity } from '../values.ts';

interface WarmType {
  /** In the order of their use, the latest last; null where it is known that there is none. */
  readonly entities: Map<string, Entity | null>;
  /** Whether all there are are here. */
  complete: boolean;
}

/** Current entities as the database has them, as many as fit. */
export class Warm {
  readonly #types = new Map<string, WarmType>();
  readonly #capacity: number;

  /** @param capacity Entities of all types. */
  constructor(types: Iterable<string>, capacity: number) {
    this.#capacity = capacity;
    for (const type of types) this.#types.set(type, { entities: new Map(), complete: false });
  }

  /** Undefined where only the database knows. */
  get(type: string, id: string): Entity | null | undefined {
    const { entities, complete } = this.#of(type);
    const entity = entities.get(id);
    if (entity === undefined) return complete ? null : undefined;
    entities.delete(id);
    entities.set(id, entity);
    return entity;
  }

  put(type: string, id: string, entity: Entity | null): void {
    const { entities, complete } = this.#of(type);
    entities.delete(id);
    if (entity || !complete) entities.set(id, entity);
  }

  /** What was read from the database, unless something newer is here. */
  add(type: string, id: string, entity: Entity | null): void {
    if (!this.#of(type).entities.has(id)) this.put(type, id, entity);
  }

  /** Of a type whose entities are not kept after they were written: unless somebody asked for this one. */
  refresh(type: string, id: string, entity: Entity | null): void {
    if (this.#of(type).entities.has(id)) this.put(type, id, entity);
  }

  /** All that the database has of a type is here now. */
  complete(type: string): void {
    this.#of(type).complete = true;
  }

  /** Makes room: the least used of the types that have most. */
  evict(): void {
    const all = [...this.#types.values()];
    let surplus = all.reduce((sum, { entities }) => sum + entities.size, 0) - this.#capacity;
    if (surplus <= 0) return;
    // More than has to go, so that it is not every block's work.
    surplus += this.#capacity / 10;
    for (const one of all.sort((a, b) => b.entities.size - a.entities.size)) {
      const going = Math.min(surplus, one.entities.size);
      let gone = 0;
      for (const id of one.entities.keys()) {
        if (gone >= going) break;
        one.entities.delete(id);
        one.complete = false;
        gone++;
      }
      surplus -= gone;
    }
  }

  #of(type: string): WarmType {
    return this.#types.get(type) as WarmType;
  }
}
