import type { EntityType, Field, Scalar } from '../../build/schema.ts';
import { columnOf, isVersioned, SQL_TYPES, tableOf } from '../../store/layout.ts';

/** The state that is read: a deployment's tables at one block. */
export interface State {
  readonly namespace: string;
  readonly block: bigint;
  /** Of the block, microseconds; null where no interval that is not over is asked. */
  readonly time: bigint | null;
}

/** SQL's type of a parameter. */
export const parameterType = (scalar: Scalar) => SQL_TYPES[scalar].split(' ')[0] ?? 'text';

/** A type's table. @param interval Of an aggregation. */
export const tableSql = (type: EntityType, { namespace }: State, interval: 'hour' | 'day' | null = null) =>
  `${namespace}.${tableOf(type, interval ?? undefined)}`;

/**
 * Which rows stand at the block, in parts: what still stands, and what was replaced since. Each has an index of its own, and
 * almost all is in the first when the block is the newest. A planner does not see that of the two joined by `or`.
 */
export function standingParts(type: EntityType, alias: string, { block }: State): readonly string[] {
  const written = `${alias}._from <= ${block}`;
  if (!isVersioned(type)) return [written];
  return [`${written} and ${alias}._to is null`, `${written} and ${alias}._to > ${block}`];
}

/** The rows that stand at the block and fulfil a condition, as something to select from. */
export function standing(type: EntityType, alias: string, state: State, condition = 'true'): string {
  const parts = standingParts(type, alias, state).map(
    (part) => `select ${alias}.* from ${tableSql(type, state)} ${alias} where ${part} and ${condition}`,
  );
  return `(${parts.join(' union all ')}) ${alias}`;
}

/** A column as it is answered: numbers as text, so that no digit is lost. */
export function answered(alias: string, field: Field): string {
  const column = `${alias}.${columnOf(field)}`;
  if (field.list) return NUMBERS.has(field.scalar) ? `${column}::text[]` : column;
  if (field.scalar === 'BigDecimal') return `trim_scale(${column})::text`;
  return NUMBERS.has(field.scalar) ? `${column}::text` : column;
}

const NUMBERS: ReadonlySet<Scalar> = new Set(['BigInt', 'BigDecimal', 'Int8', 'Timestamp']);
