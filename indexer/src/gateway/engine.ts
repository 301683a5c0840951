import type { ExecutionResult, GraphQLSchema } from 'graphql';

/** What became visible at once. */
export interface EngineChange {
  /** Names of what changed, as {@link Engine.touched} has them; null when it may be anything. */
  readonly types: ReadonlySet<string> | null;
  readonly reorganised: boolean;
}

/** How far an engine is. */
export interface EngineStanding {
  readonly deployment: string;
  readonly block: bigint | null;
  /** Of the block, seconds; null while unknown. */
  readonly time: bigint | null;
  /** The chain's newest block; null while unknown. */
  readonly latest: bigint | null;
  /** Why indexing ended for good, if it did. */
  readonly failed: string | null;
  /** CIDs of files that handlers asked for and nobody has given yet; none where that is not known. */
  readonly missingFiles: readonly string[];
}

/** A document as a client sent it: a query, or a subscription, which is answered once. */
export interface EngineRequest {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>> | null;
  readonly operationName: string | null;
}

/** What answers queries: the embedded runtime, or a graph-node. */
export interface Engine {
  /** Of its queries; another object when it serves another deployment. */
  readonly schema: GraphQLSchema;
  /** Answers at the newest block that it has. What is wrong with a request is among the errors. Throws where nobody can be answered. */
  execute(request: EngineRequest): Promise<ExecutionResult>;
  /** Names of the entities, and `_meta`, whose change may change a document's answer. */
  touched(text: string): ReadonlySet<string>;
  standing(): EngineStanding;
  /** @param watched Names that matter to the listener; of others an engine need not tell. */
  subscribe(listener: (change: EngineChange) => void, watched?: () => ReadonlySet<string>): () => void;
  close(): void;
}
