import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import type { Schema } from '../build/schema.ts';
import type { Engine, EngineChange, EngineRequest } from './engine.ts';
import { GraphNodeError } from './errors.ts';
import { GraphNodeClient } from './graphNodeClient.ts';
import { graphNodeDocument, withoutReplaced } from './graphNodeDocument.ts';
import { changedSince, type GraphNodeHead, readHead } from './graphNodeHead.ts';
import { check, querySchema, touchedTypes } from './query/index.ts';

/** Of a graph-node. */
export interface GraphNodeOptions {
  /** Its HTTP endpoint for queries of one subgraph. */
  readonly url: string;
  /** Of the build that it indexes. */
  readonly schema: Schema;
  /** Milliseconds between two looks at its newest block; default 500. */
  readonly pollMs?: number;
}

/** Milliseconds after which all may have changed: that entities were removed a graph-node does not tell. */
const REFRESH = 30_000;

interface Listener {
  readonly tell: (change: EngineChange) => void;
  readonly watched: () => ReadonlySet<string>;
}

/** A graph-node as an engine: its queries with our limits, and subscriptions, which it does not have, by looking for changes. */
export class GraphNodeEngine implements Engine {
  readonly #client: GraphNodeClient;
  readonly #own: Schema;
  readonly #pollMs: number;
  readonly #warn: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  #head: GraphNodeHead;
  #refreshedAt = performance.now();
  #isSilent = false;
  #timer: NodeJS.Timeout | null = null;

  /** @throws {GraphNodeError} When it does not answer, has no block yet, or serves another subgraph. */
  static async open(options: GraphNodeOptions, warn: (error: unknown) => void): Promise<GraphNodeEngine> {
    const client = new GraphNodeClient(options.url);
    const { data } = await client.ask(getIntrospectionQuery());
    const served =
      data &&
      buildClientSchema(data as unknown as IntrospectionQuery)
        .getQueryType()
        ?.getFields();
    const wanted = Object.keys(querySchema(options.schema).getQueryType()?.getFields() ?? {});
    const missing = wanted.filter((name) => !served || !Object.hasOwn(served, name));
    if (missing.length > 0)
      throw new GraphNodeError(
        `The graph-node serves another subgraph than the build: it has no ${missing.slice(0, 3).join(', ')}.`,
        'Deploy the build first, or give the URL of its deployment.',
      );
    return new GraphNodeEngine(options, client, await readHead(client), warn);
  }

  private constructor(
    { schema, pollMs = 500 }: GraphNodeOptions,
    client: GraphNodeClient,
    head: GraphNodeHead,
    warn: (error: unknown) => void,
  ) {
    [this.#client, this.#own, this.#pollMs, this.#warn, this.#head] = [client, schema, pollMs, warn, head];
    this.#later();
  }

  get schema(): GraphQLSchema {
    return querySchema(this.#own);
  }

  async execute({ text, variables, operationName }: EngineRequest): Promise<ExecutionResult> {
    const errors = check({ served: { schema: this.#own }, document: text, variables, operationName });
    if (errors.length > 0) return { errors };
    const query = graphNodeDocument(text, operationName, this.schema);
    return withoutReplaced(await this.#client.ask(query.text, variables, operationName), query.replaced);
  }

  touched(text: string): ReadonlySet<string> {
    return touchedTypes(this.#own, text);
  }

  standing() {
    const { number, time, deployment, hasErrors } = this.#head;
    const failed = hasErrors ? 'The graph-node reports errors of the subgraph.' : null;
    return { deployment, block: number, time, latest: null, failed, missingFiles: [] };
  }

  subscribe(tell: (change: EngineChange) => void, watched: () => ReadonlySet<string> = () => new Set()) {
    const listener = { tell, watched };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #later(): void {
    this.#timer = setTimeout(async () => {
      try {
        await this.#look();
        this.#isSilent = false;
      } catch (error) {
        // Once, not with every look.
        if (!this.#isSilent) this.#warn(error);
        this.#isSilent = true;
      }
      if (this.#timer) this.#later();
    }, this.#pollMs);
  }

  async #look(): Promise<void> {
    const [before, head] = [this.#head, await readHead(this.#client)];
    const isDue = performance.now() - this.#refreshedAt > REFRESH;
    if (head.hash === before.hash && head.deployment === before.deployment && !isDue) return;
    const isNext = head.number === before.number + 1n && head.parentHash === before.hash;
    const isKnown = isNext && head.deployment === before.deployment && !isDue;
    const types = isKnown ? await this.#changes(before.number) : null;
    if (!isKnown) this.#refreshedAt = performance.now();
    this.#head = head;
    const reorganised = !isNext && head.hash !== before.hash && head.number <= before.number + 1n;
    for (const { tell } of this.#listeners) tell({ types, reorganised });
  }

  #changes(since: bigint): Promise<ReadonlySet<string>> {
    const watched = new Set([...this.#listeners].flatMap((one) => [...one.watched()]));
    return changedSince(this.#client, this.#own, watched, since);
  }
}
