import type { EntityType, Field, Schema } from '../../build/schema.ts';
import { columnOf } from '../../store/layout.ts';
import { type Comparison, filterInputsByName } from './filterInputs.ts';
import type { Filter } from './listArguments.ts';
import { parameterType, type State, standing } from './rows.ts';
import { bytes } from './scalars.ts';
import type { Statement } from './statement.ts';

/** What filters are written into. */
export interface FilterContext {
  readonly schema: Schema;
  readonly state: State;
  readonly statement: Statement;
}

/** The condition of a filter, of which all parts hold. @param alias Of the rows that it is about. */
export function filterSql(filter: Filter, type: EntityType, alias: string, context: FilterContext): string {
  const inputs = filterInputsByName(type);
  const conditions = Object.entries(filter).map(([key, value]) => {
    if (key === '_change_block') {
      const change = value as { number_gte: number } | null;
      return change ? `${alias}._from >= ${context.statement.bind(change.number_gte, 'bigint')}` : 'true';
    }
    if (key === 'and' || key === 'or') {
      const parts = ((value ?? []) as (Filter | null)[]).map((one) => filterSql(one ?? {}, type, alias, context));
      if (parts.length === 0) return key === 'and' ? 'true' : 'false';
      return `(${parts.join(` ${key} `)})`;
    }
    const input = inputs.get(key);
    if (!input) return 'true';
    if (input.comparison === 'child') return child(input.field, value as Filter, alias, context);
    return compare(`${alias}.${columnOf(input.field)}`, input.field, input.comparison, value, context.statement);
  });
  return conditions.length === 0 ? 'true' : `(${conditions.join(' and ')})`;
}

/** That what an entity refers to fulfils a filter. What does is found once, not for each entity. */
function child(field: Field, filter: Filter, alias: string, context: FilterContext): string {
  const target = context.schema.types.get(field.target ?? '');
  if (!target) return 'false';
  const rows = standing(target, 'i', context.state, filterSql(filter, target, 'i', context));
  const back = target.fields.find(({ name }) => name === field.derivedFrom);
  if (back) {
    const column = `i.${columnOf(back)}`;
    return `${alias}."id" in (select ${back.list ? `unnest(${column})` : column} from ${rows})`;
  }
  const column = `${alias}.${columnOf(field)}`;
  return field.list ? `${column} && array(select i."id" from ${rows})` : `${column} in (select i."id" from ${rows})`;
}

/** That one row refers to another by a field of the first's type. */
export function refers(field: Field, target: EntityType, alias: string, targetAlias: string): string {
  if (field.derivedFrom !== null) {
    const back = target.fields.find(({ name }) => name === field.derivedFrom);
    return back ? isReferredTo(back, `${alias}."id"`, targetAlias) : 'false';
  }
  const column = `${alias}.${columnOf(field)}`;
  return field.list ? `${targetAlias}."id" = any(${column})` : `${targetAlias}."id" = ${column}`;
}

/** That a row refers to an id, by one of its own fields. */
export const isReferredTo = (field: Field, id: string, alias: string) =>
  field.list ? `${alias}.${columnOf(field)} @> array[${id}]` : `${alias}.${columnOf(field)} = ${id}`;

const OPERATORS = { '': '=', not: '<>', gt: '>', lt: '<', gte: '>=', lte: '<=' } as const;

function compare(column: string, field: Field, comparison: Comparison, value: unknown, statement: Statement): string {
  const type = parameterType(field.scalar);
  // An id of bytes may be written in capitals, as an address is.
  const read = (one: unknown) => (field.scalar === 'Bytes' && typeof one === 'string' ? lenientBytes(one) : one);
  if (field.list) {
    const list = value === null ? null : (value as unknown[]).map((one) => text(read(one)));
    if (list === null) return `${column} is ${comparison === '' ? '' : 'not '}null`;
    const bound = statement.bind(list, `${type}[]`);
    if (comparison === '') return `${column} = ${bound}`;
    if (comparison === 'not') return `${column} <> ${bound}`;
    return comparison.startsWith('not') ? `not ${column} && ${bound}` : `${column} @> ${bound}`;
  }
  if (comparison === 'in' || comparison === 'not_in') {
    const list = (value as unknown[]).map((one) => text(read(one)));
    // As in graph-node an empty list holds for nothing, negated too.
    if (list.length === 0) return 'false';
    const bound = statement.bind(list, `${type}[]`);
    return comparison === 'in' ? `${column} = any(${bound})` : `${column} <> all(${bound})`;
  }
  if (value === null) return `${column} is ${comparison === '' ? '' : 'not '}null`;
  if (comparison in OPERATORS) {
    return `${column} ${OPERATORS[comparison as keyof typeof OPERATORS]} ${statement.bind(text(read(value)), type)}`;
  }
  statement.unpredictable = true;
  if (field.scalar === 'Bytes' && !field.target) return containsBytes(column, comparison, String(value), statement);
  return `${column} ${comparison.startsWith('not') ? 'not ' : ''}${comparison.endsWith('nocase') ? 'ilike' : 'like'} ${statement.bind(pattern(comparison, String(value)), 'text')}`;
}

/** As in graph-node `%` and `_` stand for what they do in SQL; with `%` at an end the whole is the pattern. */
function pattern(comparison: Comparison, value: string): string {
  if (comparison.includes('starts_with')) return `${value}%`;
  if (comparison.includes('ends_with')) return `%${value}`;
  return value.startsWith('%') || value.endsWith('%') ? value : `%${value}%`;
}

function containsBytes(column: string, comparison: Comparison, value: string, statement: Statement): string {
  const decoded = (hex: string) => `decode(substr(${hex}, 3), 'hex')`;
  const position = `position(${decoded(statement.bind(value, 'text'))} in ${decoded(column)})`;
  return `${position} ${comparison.startsWith('not') ? '= 0' : '> 0'}`;
}

/** A reference's value is any text: what are no bytes refers to nothing. */
function lenientBytes(value: string): string {
  try {
    return bytes(value);
  } catch {
    return value;
  }
}

/** Numbers travel as text. */
const text = (value: unknown) => (typeof value === 'number' ? String(value) : value);
