import type { EntityType, Field, Scalar } from '../../build/schema.ts';
import { columnOf, isVersioned, SQL_TYPES, tableOf } from '../../store/layout.ts';

/** The state that is read: a deployment's tables at one block. */
export interface State {
  readonly namespace: string;
  readonly block: bigint;
}

/** SQL's type of a parameter. */
export const parameterType = (scalar: Scalar) => SQL_TYPES[scalar].split(' ')[0] ?? 'text';

/** What to select from: the rows that may stand at the block. With {@link standing} it is exactly those that do. */
export function source(type: EntityType, { namespace, block }: State, interval: 'hour' | 'day' | null = null): string {
  const table = `${namespace}.${tableOf(type, interval ?? undefined)}`;
  if (!isVersioned(type)) return table;
  // Two halves, each with an index of its own: what still stands, and what was replaced after the block.
  return `(select * from ${table} where _to is null union all select * from ${table} where _to > ${block})`;
}

/** The rows of a source that stand at the block. */
export const standing = (alias: string, { block }: State) => `${alias}._from <= ${block}`;

/** A column as it is answered: numbers as text, so that no digit is lost. */
export function answered(alias: string, field: Field): string {
  const column = `${alias}.${columnOf(field)}`;
  if (field.list) return NUMBERS.has(field.scalar) ? `${column}::text[]` : column;
  if (field.scalar === 'BigDecimal') return `trim_scale(${column})::text`;
  return NUMBERS.has(field.scalar) ? `${column}::text` : column;
}

const NUMBERS: ReadonlySet<Scalar> = new Set(['BigInt', 'BigDecimal', 'Int8', 'Timestamp']);
