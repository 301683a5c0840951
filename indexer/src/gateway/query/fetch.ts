import { GraphQLError } from 'graphql';
import type { Served } from '../../store/types.ts';
import { levelSql, PARENT } from './levelSql.ts';
import type { Level } from './plan.ts';
import type { State } from './rows.ts';
import type { Statement } from './statement.ts';

/** An entity as it is answered: values by their fields' names, the entities of levels below by {@link childKey}. */
export type FetchedEntity = Record<string, unknown>;

/** Under which an entity holds those of a level below. */
export const childKey = (key: string) => `:${key}`;

/** Runs a statement. */
export type Read = (statement: Statement) => Promise<FetchedEntity[]>;

/** Reads a level at the root and all below it, each level by one statement. */
export async function fetchRoot(level: Level, served: Served, state: State, read: Read): Promise<unknown> {
  const entities = await read(levelSql(level, [], served.schema, state));
  await fetchChildren(level, entities, served, state, read);
  return level.relation.kind === 'id' ? (entities[0] ?? null) : entities;
}

async function fetchChildren(
  level: Level,
  parents: readonly FetchedEntity[],
  served: Served,
  state: State,
  read: Read,
): Promise<void> {
  await Promise.all(
    level.children.map(async (child) => {
      const of = child.relation.kind === 'reference' ? child.relation.field.name : 'id';
      const ids = [...new Set(parents.map((parent) => parent[of]).filter((id) => id !== null))].map(String);
      const entities = ids.length === 0 ? [] : await read(levelSql(child, ids, served.schema, state));
      const byParent = grouped(entities, child.relation.kind === 'reference' ? 'id' : PARENT);
      for (const parent of parents) parent[childKey(child.key)] = answer(child, byParent.get(parent[of]) ?? []);
      await fetchChildren(child, entities, served, state, read);
    }),
  );
}

function grouped(entities: readonly FetchedEntity[], key: string): ReadonlyMap<unknown, FetchedEntity[]> {
  const groups = new Map<unknown, FetchedEntity[]>();
  for (const entity of entities) {
    const group = groups.get(entity[key]);
    if (group) group.push(entity);
    else groups.set(entity[key], [entity]);
  }
  return groups;
}

function answer({ relation, parent, key }: Level, entities: readonly FetchedEntity[]): unknown {
  if (relation.kind === 'references' || (relation.kind === 'derived' && relation.many)) return entities;
  if (entities.length < 2) return entities[0] ?? null;
  return new GraphQLError(
    `Ambiguous result for derived field \`${key}\` of \`${parent?.name}\`: several entities refer to it.`,
  );
}
