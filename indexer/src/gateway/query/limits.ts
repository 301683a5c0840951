import { type DocumentNode, GraphQLError, Kind, type SelectionSetNode } from 'graphql';

/** What a request may ask for at most. */
export interface QueryLimits {
  /** Of the document, characters. */
  readonly characters: number;
  /** Of the document, as GraphQL's parser counts them. */
  readonly tokens: number;
  /** Levels of fields, 1 at the root, introspection apart. */
  readonly depth: number;
  /** Fields at the root. */
  readonly rootFields: number;
  /** Fields altogether, with those of a fragment wherever it is spread. */
  readonly fields: number;
  /** Fields under another name than their own, likewise. */
  readonly aliases: number;
  /** Conditions in all `where` of the document. */
  readonly conditions: number;
  /** Values in a condition's list. */
  readonly values: number;
  /** `first` of one field. */
  readonly first: number;
  readonly skip: number;
  /** Entities that could come back: `first` of each field times those of its parent. */
  readonly possibleEntities: number;
  /** Entities that do come back. */
  readonly entities: number;
  /** Of one SQL statement, as its planner estimates it. */
  readonly cost: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  characters: 20_000,
  tokens: 2_000,
  depth: 10,
  rootFields: 30,
  fields: 500,
  aliases: 50,
  conditions: 100,
  values: 1_000,
  first: 1_000,
  skip: 5_000,
  possibleEntities: 150_000,
  entities: 25_000,
  cost: 30_000,
};

/** @throws {GraphQLError} When a document has more of something than it may. */
export function limit(what: string, actual: number | bigint, most: number): void {
  if (actual > most) throw new GraphQLError(`The request has ${actual} ${what}, of which ${most} are allowed.`);
}

/** Counts what a document spreads out to, before it is validated. @throws {GraphQLError} */
export function checkShape(document: DocumentNode, limits: QueryLimits): void {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  let [fields, aliases] = [0, 0];
  const visit = ({ selections }: SelectionSetNode, depth: number): number => {
    let here = 0;
    for (const selection of selections) {
      limit('fields', ++fields, limits.fields);
      if (selection.kind === Kind.FIELD) {
        here++;
        if (selection.alias) limit('aliases', ++aliases, limits.aliases);
        if (!selection.selectionSet || selection.name.value.startsWith('__')) continue;
        limit('levels of fields', depth + 1, limits.depth);
        visit(selection.selectionSet, depth + 1);
      } else {
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (inner) here += visit(inner.selectionSet, depth);
      }
    }
    return here;
  };
  for (const one of document.definitions) {
    if (one.kind !== Kind.OPERATION_DEFINITION) continue;
    limit('fields at its root', visit(one.selectionSet, 1), limits.rootFields);
  }
}
