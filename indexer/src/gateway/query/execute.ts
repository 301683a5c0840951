import { DatabaseFailedError } from '@tidemark/database';
import {
  type DocumentNode,
  execute as executeDocument,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Block, Served } from '../../store/types.ts';
import { querySchema } from './apiSchema.ts';
import { headOf, indexedBlock, isCanonical, pin, timeAt } from './blocks.ts';
import { checkCost } from './cost.ts';
import { operationOf, readDocument } from './documents.ts';
import { childKey, type FetchedEntity, fetchRoot, type Read } from './fetch.ts';
import { DEFAULT_LIMITS, limit } from './limits.ts';
import { plan, type RootField } from './plan.ts';
import type { CheckRequest, PinnedBlock, QueryRequest, QueryResponse } from './types.ts';

/** How often a request is answered anew because the chain reorganised meanwhile. */
const ATTEMPTS = 5;

/**
 * Answers a request, all of it at the blocks that were canonical when it was answered. What is wrong with it, or is too much, is
 * among its errors. @throws {DatabaseFailedError}
 */
export async function execute(request: QueryRequest): Promise<QueryResponse> {
  try {
    const prepared = prepare(request);
    if ('errors' in prepared) return { ...prepared, blocks: [] };
    if (prepared.fields.length === 0) return { ...(await resolve(request, prepared, {})), blocks: [] };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const head = headOf(request.served.standing());
      const { values, blocks } = await fetchAll(request, prepared.fields, head);
      if (
        await isCanonical(
          head,
          blocks.map(({ number }) => number),
          request.served,
        )
      ) {
        return { ...(await resolve(request, prepared, values)), blocks };
      }
    }
    throw new GraphQLError('The chain reorganises faster than this request can be answered. Send it again.');
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error], blocks: [] };
    if (error instanceof DatabaseFailedError && (error.cause as { code?: string } | undefined)?.code === CANCELLED) {
      return { errors: [new GraphQLError('The request took too long. Ask for less, or filter by an id.')], blocks: [] };
    }
    throw error;
  }
}

/** Postgres' code of a statement that took longer than it may. */
const CANCELLED = '57014';

/** What is wrong with a request, or too much, as far as it can be told without data. */
export function check(request: CheckRequest): readonly GraphQLError[] {
  try {
    const prepared = prepare(request);
    return 'errors' in prepared ? prepared.errors : [];
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

interface Prepared {
  readonly api: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fields: readonly RootField[];
}

function prepare(request: CheckRequest): Prepared | { readonly errors: readonly GraphQLError[] } {
  const { schema } = request.served;
  const limits = request.limits ?? DEFAULT_LIMITS;
  const api = request.schema ?? querySchema(schema);
  const { document, errors } = readDocument(api, request.document, limits);
  if (!document || errors.length > 0) return { errors };
  const operation = operationOf(document, request.operationName);
  const root = api.getRootType(operation.operation);
  if (!root) throw new GraphQLError(`There is no ${operation.operation} here.`);
  const read = getVariableValues(api, operation.variableDefinitions ?? [], request.variables ?? {}, { maxErrors: 10 });
  if (read.errors) return { errors: read.errors };
  const fragments = new Map(
    document.definitions.flatMap((one): [string, FragmentDefinitionNode][] =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [],
    ),
  );
  const fields = plan(operation, root, { schema, api, limits, fragments, variables: read.coerced });
  return { api, document, operation, fields };
}

async function fetchAll({ served, limits = DEFAULT_LIMITS }: QueryRequest, fields: readonly RootField[], head: Block) {
  let entities = 0;
  const read: Read = async (statement) => {
    await checkCost(statement, served.database, limits.cost);
    const rows = await served.database.read(statement.sql, statement.parameters);
    entities += rows.length;
    limit('entities', entities, limits.entities);
    return rows;
  };
  const blocks = new Map<bigint, PinnedBlock>();
  const values: FetchedEntity = {};
  await Promise.all(
    fields.map(async ({ key, level, block }) => {
      const number = await pin(block, head, served);
      const indexed = level === null || number === head.number ? await indexedBlock(number, head, served) : null;
      blocks.set(number, { number, hash: indexed?.hash ?? null });
      const current = level?.relation.kind === 'all' && level.relation.current;
      const time = current ? await timeAt(number, head, served) : null;
      const state = { namespace: served.namespace, block: number, time };
      values[childKey(key)] =
        level === null ? meta(number, indexed, served) : await fetchRoot(level, served, state, read);
    }),
  );
  return { values, blocks: [...blocks.values()] };
}

function meta(number: bigint, block: Block | null, served: Served): FetchedEntity {
  const { failed, chain } = served.standing();
  const int = (value: bigint | null | undefined) => (value == null ? null : Number(value));
  return {
    block: {
      number: Number(number),
      hash: block?.hash ?? null,
      parentHash: block?.parentHash ?? null,
      timestamp: int(block?.time),
    },
    deployment: served.id,
    hasIndexingErrors: failed !== null,
    safe: int(chain?.safe),
    finalized: int(chain?.finalized),
  };
}

async function resolve(
  { variables, operationName, context }: QueryRequest,
  { api, document }: Prepared,
  rootValue: FetchedEntity,
) {
  return executeDocument({
    schema: api,
    document,
    rootValue,
    contextValue: context,
    variableValues: variables,
    operationName,
    fieldResolver: fetched,
  });
}

/** What was read for a field: by the name under which it is answered where it holds entities, else by its own. */
const fetched: GraphQLFieldResolver<FetchedEntity, unknown> = (source, _, __, info) => {
  const below = source[childKey(String(info.path.key))];
  return below === undefined ? source[info.fieldName] : below;
};
