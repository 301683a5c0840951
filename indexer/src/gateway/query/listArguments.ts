import { GraphQLError } from 'graphql';
import type { EntityType, Schema } from '../../build/schema.ts';
import { filterInputsByName, type OrderInput, orderInputs } from './filterInputs.ts';
import { limit, type QueryLimits } from './limits.ts';

/** A filter as it was written; its keys are those of filterInputsByName, `_change_block`, `and` and `or`. */
export interface Filter {
  readonly [input: string]: unknown;
}

/** Which of many entities, in which order. */
export interface ListArguments {
  readonly first: number;
  readonly skip: number;
  readonly orderBy: OrderInput | null;
  readonly descending: boolean;
  readonly where: Filter | null;
}

/** What the fields of a request ask for so far. */
export interface Budget {
  entities: number;
  conditions: number;
}

/** @throws {GraphQLError} When one is out of its range, or its filter asks for too much. */
export function listArguments(
  type: EntityType,
  args: Readonly<Record<string, unknown>>,
  { schema, limits }: { readonly schema: Schema; readonly limits: QueryLimits },
  budget: Budget,
): ListArguments {
  const first = (args.first as number | null | undefined) ?? 100;
  const skip = (args.skip as number | null | undefined) ?? 0;
  inRange('first', first, 1, limits.first);
  inRange('skip', skip, 0, limits.skip);
  const where = (args.where as Filter | null | undefined) ?? null;
  if (where) checkFilter(where, type, schema, limits, budget);
  const orderBy = orderInputs(type, schema).find(({ name }) => name === args.orderBy) ?? null;
  if (orderBy && (orderBy.field.list || (orderBy.field.derivedFrom !== null && !orderBy.of))) {
    throw new GraphQLError(`Ordering by attribute \`${orderBy.name}\` is not supported for type \`${type.name}\`.`);
  }
  const descending = args.orderDirection === 'desc';
  if (orderBy) return { first, skip, where, orderBy, descending };
  // A direction alone has no meaning. Hours and days come newest first.
  const byTime = type.kind === 'aggregation' && orderInputs(type, schema).find(({ name }) => name === 'timestamp');
  return { first, skip, where, orderBy: byTime || null, descending: Boolean(byTime) };
}

function inRange(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new GraphQLError(
    `The value of the argument \`${name}\` must be between ${least} and ${most}, but is ${value}.`,
  );
}

function checkFilter(
  filter: Filter,
  type: EntityType,
  schema: Schema,
  limits: QueryLimits,
  budget: Budget,
  nested = false,
): void {
  const inputs = filterInputsByName(type);
  const keys = Object.keys(filter);
  const columns = keys.filter((key) => inputs.has(key) || key === '_change_block');
  if (columns.length > 0 && keys.includes('or')) {
    throw new GraphQLError(
      `Cannot mix column filters with 'or' operator at the same level: put ${columns.map((one) => `'${one}'`).join(', ')} into each of its filters, or beside it under 'and'.`,
    );
  }
  for (const [key, value] of Object.entries(filter)) {
    const input = inputs.get(key);
    budget.conditions++;
    limit('conditions', budget.conditions, limits.conditions);
    if (Array.isArray(value)) limit(`values in \`${key}\``, value.length, limits.values);
    if (key === 'and' || key === 'or') {
      for (const one of (value ?? []) as Filter[]) checkFilter(one ?? {}, type, schema, limits, budget, nested);
    } else if (input?.comparison === 'child') {
      const target = schema.types.get(input.field.target ?? '');
      if (nested) throw new GraphQLError(`Child filter nesting not supported by value \`${key}\`.`);
      if (!value || !target) throw new GraphQLError(`The filter \`${key}\` needs a filter as its value.`);
      checkFilter(value as Filter, target, schema, limits, budget, true);
    } else if (value === null && key !== '_change_block' && input?.comparison !== '' && input?.comparison !== 'not') {
      throw new GraphQLError(`Unsupported filter \`${key}\` for value \`null\`.`);
    }
  }
}
