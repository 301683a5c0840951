import type { EntityType, Field, Schema } from '../../build/schema.ts';
import { columnOf } from '../../store/layout.ts';
import { filterSql, isReferredTo, refers } from './filterSql.ts';
import type { Level } from './plan.ts';
import { answered, parameterType, type State, source, standing } from './rows.ts';
import { Statement } from './statement.ts';

/** Under which a row names the entity above that it belongs to. */
export const PARENT = '_parent';

interface Writer {
  readonly schema: Schema;
  readonly state: State;
  readonly statement: Statement;
}

/** Writes the statement that reads a level. @param ids Of the entities above it; of a reference those that it refers to. */
export function levelSql(level: Level, ids: readonly string[], schema: Schema, state: State): Statement {
  const statement = new Statement();
  const writer: Writer = { schema, state, statement };
  const { type, relation, parent } = level;
  const key = (of: EntityType) => parameterType(idOf(of).scalar);
  switch (relation.kind) {
    case 'all':
      statement.sql = list(level, 'true', order(level, writer), writer);
      break;
    case 'id':
      statement.sql = `${from(level, writer)} where c."id" = ${statement.bind(relation.id, key(type))} and ${standing('c', state)}`;
      break;
    case 'reference':
      statement.sql = `${from(level, writer)} where c."id" = any(${statement.bind(ids, `${key(type)}[]`)}) and ${standing('c', state)}`;
      break;
    default: {
      if (!parent) throw new Error(`${level.key} is read without its parent.`);
      const parents = `unnest(${statement.bind(ids, `${key(parent)}[]`)}) as p(id)`;
      const ordered = order(level, writer);
      const [above, related] =
        relation.kind === 'derived'
          ? ['', isReferredTo(relation.field, 'p.id', 'c')]
          : [
              ` join ${source(parent, state)} q on q."id" = p.id and ${standing('q', state)}`,
              `c."id" = any(q.${columnOf(relation.field)})`,
            ];
      const each = list(level, related, ordered, writer);
      statement.sql = `select p.id::text as "${PARENT}", c.* from ${parents}${above} cross join lateral (${each}) c order by ${ordered.outside}`;
    }
  }
  return statement;
}

interface Order {
  /** Of the table that holds what it is ordered by. */
  readonly join: string;
  readonly by: string;
  /** Columns by which the order is kept outside of a subselect, and that order. */
  readonly columns: string;
  readonly outside: string;
}

/** By the field that is asked, then by id in the same direction; nulls are the greatest. */
function order({ type, list }: Level, { schema, state }: Writer): Order {
  const direction = list.descending ? 'desc' : 'asc';
  const { field, of } = list.orderBy ?? { field: idOf(type), of: null };
  const target = of && schema.types.get(field.target ?? '');
  const by = target && of ? sortKey('s', of, schema) : sortKey('c', field, schema);
  return {
    join: target
      ? ` left join ${source(target, state)} s on ${refers(field, target, 'c', 's')} and ${standing('s', state)}`
      : '',
    by: by === 'c."id"' ? `${by} ${direction}` : `${by} ${direction}, c."id" ${direction}`,
    columns: `, ${by} as "_by", c."id" as "_id"`,
    outside: `c."_by" ${direction}, c."_id" ${direction}`,
  };
}

/** Enums are ordered as they are declared. */
function sortKey(alias: string, field: Field, { enums }: Schema): string {
  const column = `${alias}.${columnOf(field)}`;
  if (!field.enumName) return column;
  const values = (enums.get(field.enumName) ?? []).map((value) => `'${value}'`);
  return `array_position(array[${values.join(', ')}], ${column}::text)`;
}

const from = ({ type, fields, relation }: Level, { state }: Writer, columns = '', join = '') =>
  `select ${[idOf(type), ...fields.filter(({ name }) => name !== 'id')].map((field) => `${answered('c', field)} as "${field.name}"`).join(', ')}${columns} from ${source(type, state, relation.kind === 'all' ? relation.interval : null)} c${join}`;

function list(level: Level, related: string, { join, by, columns }: Order, writer: Writer): string {
  const { type, list } = level;
  const condition = list.where ? filterSql(list.where, type, 'c', writer) : 'true';
  const rows = from(level, writer, level.parent ? columns : '', join);
  // Of a derived field that is no list two are read: then it is ambiguous.
  const most = level.relation.kind === 'derived' && !level.relation.many ? 2 : list.first;
  return `${rows} where ${related} and ${standing('c', writer.state)} and ${condition} order by ${by} limit ${most} offset ${list.skip}`;
}

function idOf({ name, fields }: EntityType): Field {
  const id = fields.find((field) => field.name === 'id');
  if (!id) throw new Error(`${name} has no id.`);
  return id;
}
