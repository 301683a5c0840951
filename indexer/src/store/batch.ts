import type { Entity } from '../values.ts';
import type { SourceRow } from './sources.ts';
import type { Block } from './types.ts';

/** An entity from a block on; null where it was removed. */
export interface Version {
  readonly from: bigint;
  readonly entity: Entity | null;
}

export interface Versions {
  /** Whether the database, or an earlier batch, has a current version. */
  readonly replaces: boolean;
  /** In the order of their blocks, one a block. */
  readonly versions: Version[];
}

/** An interval that is over since a block. */
export interface Bucket {
  readonly interval: 'hour' | 'day';
  /** Microseconds. */
  readonly start: bigint;
  readonly block: bigint;
}

/** Which file's handler wrote an entity. */
export interface FileMark {
  readonly type: string;
  readonly id: string;
  readonly file: string;
  readonly from: bigint;
}

/** Blocks that are written at once. */
export class Batch {
  readonly blocks: Block[] = [];
  readonly types = new Map<string, Map<string, Versions>>();
  buckets: Bucket[] = [];
  files: FileMark[] = [];
  sources: SourceRow[] = [];
  /** Of files that were handled. */
  finished: SourceRow[] = [];
  /** Versions. */
  rows = 0;

  /** Undefined where it changes nothing. */
  get(type: string, id: string): Entity | null | undefined {
    return this.types.get(type)?.get(id)?.versions.at(-1)?.entity;
  }

  add(type: string, id: string, replaces: boolean, version: Version): void {
    const entities = this.types.get(type) ?? new Map<string, Versions>();
    this.types.set(type, entities);
    const known = entities.get(id);
    if (known) known.versions.push(version);
    else entities.set(id, { replaces, versions: [version] });
    this.rows++;
  }

  /** Forgets what is of blocks above one. */
  revertTo(number: bigint): void {
    while (this.blocks.length > 0 && (this.blocks.at(-1) as Block).number > number) this.blocks.pop();
    for (const entities of this.types.values()) {
      for (const [id, { versions }] of entities) {
        while (versions.length > 0 && (versions.at(-1) as Version).from > number) {
          versions.pop();
          this.rows--;
        }
        if (versions.length === 0) entities.delete(id);
      }
    }
    this.buckets = this.buckets.filter(({ block }) => block <= number);
    this.files = this.files.filter(({ from }) => from <= number);
    this.sources = this.sources.filter(({ source }) => source.from <= number);
    this.finished = this.finished.filter(({ source }) => (source.done as bigint) <= number);
  }
}
