import type { EntityType, Field, Scalar } from '../build/schema.ts';

// How entities lie in SQL; the store writes it, the gateway reads it.
//
// Every deployment has a namespace of its own. An entity's table has a column for each field that is stored, and `_from`, the
// block that wrote the row. A mutable one has `_to` besides, the block that replaced it, null while none has: at block n the row
// with _from <= n and (_to is null or _to > n) stands. Immutable, timeseries and aggregated rows have no `_to`.
// `_blocks` holds the blocks that were indexed: number, hash, parent, time.

/** SQL's type of each scalar. Text is ordered by its bytes. */
export const SQL_TYPES: Readonly<Record<Scalar, string>> = {
  ID: 'text collate "C"',
  String: 'text collate "C"',
  Bytes: 'text collate "C"',
  BigInt: 'numeric',
  BigDecimal: 'numeric',
  Boolean: 'boolean',
  Int: 'integer',
  Int8: 'bigint',
  Timestamp: 'bigint',
};

const snake = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

/** The namespace of a deployment. @param id Hash of the build, hex. */
export const namespaceOf = (id: string) => `"sg_${id.replace(/^0x/, '').slice(0, 16)}"`;

/** @param interval Of an aggregation. */
export const tableOf = ({ name }: Pick<EntityType, 'name'>, interval?: 'hour' | 'day') =>
  `"${snake(name)}${interval ? `_${interval}` : ''}"`;

export const columnOf = ({ name }: Pick<Field, 'name'>) => `"${snake(name)}"`;

export const isStored = ({ derivedFrom }: Pick<Field, 'derivedFrom'>) => derivedFrom === null;

export const isVersioned = ({ kind }: Pick<EntityType, 'kind'>) => kind === 'mutable';
