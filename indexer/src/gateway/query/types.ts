import type { ExecutionResult, GraphQLSchema } from 'graphql';
import type { Served } from '../../store/types.ts';
import type { QueryLimits } from './limits.ts';

/** A block at which a request was answered. */
export interface PinnedBlock {
  readonly number: bigint;
  /** Null of one that was asked for by its number and of which nothing was indexed. */
  readonly hash: string | null;
}

/** A request as far as it can be judged without data. */
export interface CheckRequest {
  readonly served: Pick<Served, 'schema'>;
  /** GraphQL's text. A subscription is answered once, as the query of the same fields. */
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
  /** Those of DEFAULT_LIMITS where it is left out. */
  readonly limits?: QueryLimits;
  /** An extension of `querySchema(served.schema)`, whose further fields resolve themselves. */
  readonly schema?: GraphQLSchema;
}

export interface QueryRequest extends CheckRequest {
  readonly served: Served;
  /** What the resolvers of an extension's fields are handed. */
  readonly context?: unknown;
}

/** Refused requests have `errors` and no `data`. */
export interface QueryResponse extends ExecutionResult {
  /** Each once, in the document's order; none of what was refused or reads no entities. */
  readonly blocks: readonly PinnedBlock[];
}
