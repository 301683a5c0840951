import type { ExecutionResult } from 'graphql';
import { GraphNodeError } from './errors.ts';

/** Milliseconds within which a graph-node has to answer. */
const TIMEOUT = 30_000;

/** Asks a graph-node by HTTP; what the URL holds beside its host is never told. */
export class GraphNodeClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws {GraphNodeError} When there is no answer, or none as GraphQL has them. */
  async ask(
    query: string,
    variables: Readonly<Record<string, unknown>> | null = null,
    operationName: string | null = null,
  ): Promise<ExecutionResult<Record<string, unknown>>> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables, operationName }),
      signal: AbortSignal.timeout(TIMEOUT),
    }).catch((cause) => {
      throw this.#failed('does not answer', cause);
    });
    const answer = await response.json().catch((cause) => {
      throw this.#failed(`answers ${response.status} without JSON`, cause);
    });
    if (!isResult(answer)) throw this.#failed(`answers ${response.status} with neither data nor errors`);
    return answer;
  }

  #failed(what: string, cause?: unknown): GraphNodeError {
    return new GraphNodeError(
      `The graph-node at ${new URL(this.#url).host} ${what}.`,
      'Check that it runs, and that the URL is that of a subgraph: …/subgraphs/name/NAME.',
      cause,
    );
  }
}

const isResult = (answer: unknown): answer is ExecutionResult<Record<string, unknown>> =>
  typeof answer === 'object' &&
  answer !== null &&
  (('data' in answer && typeof answer.data === 'object') || ('errors' in answer && Array.isArray(answer.errors)));
