import {
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { EntityType, Field, Schema } from '../../build/schema.ts';
import { limit, type QueryLimits } from './limits.ts';
import { type Budget, type ListArguments, listArguments } from './listArguments.ts';
import { memo } from './memo.ts';
import { queryNames } from './names.ts';
import { bytes } from './scalars.ts';
import { type SelectionContext, selectedFields } from './selections.ts';

/** Which block is asked: the first that is not null counts, the newest when all are. */
export interface BlockHeight {
  readonly hash?: string | null;
  readonly number?: number | null;
  readonly number_gte?: number | null;
}

/** How the entities of a level are found: at the root, or from those of the level above. */
export type Relation =
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'all';
      /** Of an aggregation. */
      readonly interval: 'hour' | 'day' | null;
      /** Whether the one that is not over is asked too. */
      readonly current: boolean;
    }
  | { readonly kind: 'reference'; readonly field: Field }
  /** The parent's list of ids. */
  | { readonly kind: 'references'; readonly field: Field }
  /** This type's field that refers to the parent. */
  | { readonly kind: 'derived'; readonly field: Field; readonly many: boolean };

/** Entities of one type that one SQL statement reads. */
export interface Level {
  /** Under which they are answered. */
  readonly key: string;
  readonly type: EntityType;
  readonly parent: EntityType | null;
  readonly relation: Relation;
  readonly list: ListArguments;
  /** Stored fields that are read. */
  readonly fields: readonly Field[];
  readonly children: readonly Level[];
}

export interface RootField {
  /** Null of `_meta`. */
  readonly level: Level | null;
  readonly key: string;
  readonly block: BlockHeight | null;
}

interface PlanContext extends SelectionContext {
  readonly schema: Schema;
  readonly api: GraphQLSchema;
  readonly limits: QueryLimits;
}

const ONE: ListArguments = { first: 1, skip: 0, orderBy: null, descending: false, where: null };

/**
 * What a request reads, before it is read. Fields at the root that are no entities are left out.
 * @throws {GraphQLError} When an argument is out of its range, or it asks for too much.
 */
export function plan(
  operation: OperationDefinitionNode,
  root: GraphQLObjectType,
  context: PlanContext,
): readonly RootField[] {
  const budget = { entities: 0, conditions: 0 };
  const names = rootNames(context.schema);
  const planned: RootField[] = [];
  for (const [key, nodes] of selectedFields([operation.selectionSet], root, context)) {
    const name = nodes[0]?.name.value ?? '';
    const definition = root.getFields()[name];
    if (!definition || !nodes[0]) continue;
    const args = getArgumentValues(definition, nodes[0], context.variables);
    const block = (args.block as BlockHeight | undefined) ?? null;
    if (name === '_meta') planned.push({ level: null, key, block });
    const type = names.get(name);
    if (!type) continue;
    const one = name === queryNames(type).one && type.kind !== 'aggregation';
    const relation: Relation = one
      ? { kind: 'id', id: idOf(type, String(args.id)) }
      : { kind: 'all', interval: intervalOf(type, args.interval), current: args.current === 'include' };
    const list = one ? ONE : listArguments(type, args, context, budget);
    planned.push({
      level: level({ key, type, parent: null, relation, list, parents: 1, nodes }, context, budget),
      key,
      block,
    });
  }
  return planned;
}

interface Start extends Pick<Level, 'key' | 'type' | 'parent' | 'relation' | 'list'> {
  /** Entities of the level above, at most. */
  readonly parents: number;
  readonly nodes: readonly FieldNode[];
}

function level(
  { key, type, parent, relation, list, parents, nodes }: Start,
  context: PlanContext,
  budget: Budget,
): Level {
  const entities = parents * list.first;
  budget.entities += entities;
  limit('entities that could come back, by `first` of its fields', budget.entities, context.limits.possibleEntities);
  const fields = new Map<string, Field>();
  const children: Level[] = [];
  const object = context.api.getType(type.name) as GraphQLObjectType;
  const sets = nodes.flatMap(({ selectionSet }): SelectionSetNode[] => (selectionSet ? [selectionSet] : []));
  for (const [childKey, childNodes] of selectedFields(sets, object, context)) {
    const node = childNodes[0];
    const field = type.fields.find(({ name }) => name === node?.name.value);
    if (!field || !node) continue;
    if (field.derivedFrom === null) fields.set(field.name, field);
    const target = field.target ? context.schema.types.get(field.target) : undefined;
    if (!target) continue;
    const definition = object.getFields()[field.name];
    const args = definition ? getArgumentValues(definition, node, context.variables) : {};
    const childList = field.list ? listArguments(target, args, context, budget) : ONE;
    const start = { key: childKey, type: target, parent: type, relation: relationOf(field, target) };
    children.push(level({ ...start, list: childList, parents: entities, nodes: childNodes }, context, budget));
  }
  return { key, type, parent, relation, list, fields: [...fields.values()], children };
}

function relationOf(field: Field, target: EntityType): Relation {
  if (field.derivedFrom === null) return { kind: field.list ? 'references' : 'reference', field };
  const back = target.fields.find(({ name }) => name === field.derivedFrom);
  if (!back) throw new GraphQLError(`${target.name} has no field ${field.derivedFrom}.`);
  return { kind: 'derived', field: back, many: field.list };
}

function intervalOf({ name, aggregation }: EntityType, asked: unknown): 'hour' | 'day' | null {
  const interval = aggregation?.intervals.find((one) => one === asked);
  if (aggregation && !interval) throw new GraphQLError(`\`${name}\` is not summed up by the ${asked}.`);
  return interval ?? null;
}

/** @throws {GraphQLError} When it cannot be an id of that type. */
function idOf(type: EntityType, id: string): string {
  const { scalar } = type.fields.find(({ name }) => name === 'id') ?? {};
  if (scalar === 'Bytes') return bytes(id);
  if (scalar === 'Int8' && !/^-?\d{1,18}$/.test(id))
    throw new GraphQLError(`Failed to decode \`Int8\` value: \`${id}\`.`);
  return id;
}

/** Which entity each field at the root is about. */
const rootNames = memo(
  ({ types }: Schema): ReadonlyMap<string, EntityType> =>
    new Map(
      [...types.values()].flatMap((type): [string, EntityType][] => {
        const { one, many } = queryNames(type);
        return type.kind === 'aggregation'
          ? [[many, type]]
          : [
              [one, type],
              [many, type],
            ];
      }),
    ),
);
