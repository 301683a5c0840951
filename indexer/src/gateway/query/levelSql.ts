import type { EntityType, Field, Schema } from '../../build/schema.ts';
import { columnOf } from '../../store/layout.ts';
import { aggregationSql } from './aggregationSql.ts';
import { type FilterContext, filterSql, isReferredTo, refers } from './filterSql.ts';
import type { Level } from './plan.ts';
import { answered, parameterType, type State, standing, standingParts, tableSql } from './rows.ts';
import { Statement } from './statement.ts';

/** Under which a row names the entity above that it belongs to. */
export const PARENT = '_parent';

/** Writes the statement that reads a level. @param ids Of the entities above it; of a reference those that it refers to. */
export function levelSql(level: Level, ids: readonly string[], schema: Schema, state: State): Statement {
  const statement = new Statement();
  statement.sql = write(level, ids, { schema, state, statement });
  statement.byIds = level.relation.kind === 'id' || level.relation.kind === 'reference';
  return statement;
}

function write(level: Level, ids: readonly string[], context: FilterContext): string {
  const { type, relation, parent } = level;
  const { state, statement } = context;
  const key = (of: EntityType) => parameterType(idOf(of).scalar);
  if (relation.kind === 'id') {
    const condition = `c."id" = ${statement.bind(relation.id, key(type))}`;
    return `select ${columns(level)} from ${standing(type, 'c', state, condition)}`;
  }
  if (relation.kind === 'reference') {
    const condition = `c."id" = any(${statement.bind(ids, `${key(type)}[]`)})`;
    return `select ${columns(level)} from ${standing(type, 'c', state, condition)}`;
  }
  const order = orderOf(level, context);
  if (relation.kind === 'all') return list(level, 'true', order, context);
  if (!parent) throw new Error(`${level.key} is read without its parent.`);
  const parents = `unnest(${statement.bind(ids, `${key(parent)}[]`)}) as p(id)`;
  const [above, related] =
    relation.kind === 'derived'
      ? [parents, isReferredTo(relation.field, 'p.id', 'c')]
      : [
          `${parents} cross join lateral ${standing(parent, 'q', state, 'q."id" = p.id')}`,
          `c."id" = any(q.${columnOf(relation.field)})`,
        ];
  const each = list(level, related, order, context);
  return `select p.id::text as "${PARENT}", c.* from ${above} cross join lateral (${each}) c order by ${order.of('c."_by"', 'c."_id"')}`;
}

interface Order {
  /** Of the table that holds what it is ordered by. */
  readonly join: string;
  readonly by: string;
  of(by: string, id: string): string;
}

/** By the field that is asked, then by id in the same direction; nulls are the greatest. */
function orderOf({ type, list }: Level, { schema, state }: FilterContext): Order {
  const direction = list.descending ? 'desc' : 'asc';
  const of = (by: string, id: string) => (by === id ? `${id} ${direction}` : `${by} ${direction}, ${id} ${direction}`);
  const { field, of: nested } = list.orderBy ?? { field: idOf(type), of: null };
  const target = nested && schema.types.get(field.target ?? '');
  if (!target || !nested) return { join: '', by: sortKey('c', field, schema), of };
  const join = ` left join ${standing(target, 's', state)} on ${refers(field, target, 'c', 's')}`;
  return { join, by: sortKey('s', nested, schema), of };
}

/** Enums are ordered as they are declared. */
function sortKey(alias: string, field: Field, { enums }: Schema): string {
  const column = `${alias}.${columnOf(field)}`;
  if (!field.enumName) return column;
  const values = (enums.get(field.enumName) ?? []).map((value) => `'${value}'`);
  return `array_position(array[${values.join(', ')}], ${column}::text)`;
}

/** A list is cut in each part of what stands, where an index may give its order, and then as a whole. */
function list(level: Level, related: string, order: Order, context: FilterContext): string {
  const { type, relation } = level;
  const { where, skip } = level.list;
  // Of a derived field that is no list two are read: then it is ambiguous.
  const first = relation.kind === 'derived' && !relation.many ? 2 : level.list.first;
  const interval = relation.kind === 'all' ? relation.interval : null;
  const { state, schema } = context;
  const table = interval ? aggregationSql(type, interval, state, schema) : tableSql(type, state);
  const condition = where ? filterSql(where, type, 'c', context) : 'true';
  const parts = standingParts(type, 'c', state).map(
    (part) =>
      `(select ${columns(level)}, ${order.by} as "_by", c."id" as "_id" from ${table} c${order.join} where ${related} and ${part} and ${condition} order by ${order.of(order.by, 'c."id"')} limit ${first + skip})`,
  );
  return `select * from (${parts.join(' union all ')}) c order by ${order.of('c."_by"', 'c."_id"')} limit ${first} offset ${skip}`;
}

function columns({ type, fields }: Level): string {
  const read = [idOf(type), ...fields.filter(({ name }) => name !== 'id')];
  return read.map((field) => `${answered('c', field)} as "${field.name}"`).join(', ');
}

function idOf({ name, fields }: EntityType): Field {
  const id = fields.find((field) => field.name === 'id');
  if (!id) throw new Error(`${name} has no id.`);
  return id;
}
