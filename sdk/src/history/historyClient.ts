import type { Hex } from 'viem';
import type { TidemarkError } from '../errors/index.ts';
import { asSubscription, type Document, decode, encodeVariables } from './document.ts';
import { HistoryMalformedError, HistoryRefusedError, HistoryUnreachableError } from './historyErrors.ts';
import { LiveConnection } from './liveConnection.ts';

export interface HistoryOptions {
  /** Of the gateway's GraphQL, http or https; subscriptions are asked at the same address by ws or wss. */
  url: string;
  fetch?: typeof fetch;
  /** The platform's unless told; Node has none before version 22. */
  webSocket?: unknown;
  /** Milliseconds until an answer has to be here, and within which a connection has to show a sign of life. */
  timeout?: number;
  /** Milliseconds between two tries to connect: the first, doubled up to the last. */
  retries?: readonly [first: number, last: number];
}

/** What a subscription tells. */
export interface HistoryListener<result> {
  /** The answer now, and again whenever it has changed; after a loss the one that holds then. */
  onResult: (result: result) => void;
  /** It is over: nothing more will come. */
  onRefused: (why: TidemarkError) => void;
  /** Told once each time the connection is lost, and that it is back. */
  onLost?: (why: TidemarkError) => void;
  onBack?: () => void;
}

/** How far the index is. */
export interface IndexStanding {
  /** The newest block that is indexed. */
  block: { number: bigint; hash: Hex; timestamp: bigint };
  /** Up to which block the chain calls its blocks safe, and final; null while unknown. */
  safe: bigint | null;
  finalized: bigint | null;
  /** Of the build that is served. */
  deployment: string;
  /** Whether indexing has ended at a block for good; what was indexed before is served. */
  hasIndexingErrors: boolean;
}

/** What {@link IndexStanding} is asked by; for subscriptions, too. */
export const Standing: Document<{ _meta: IndexStanding }, Record<string, never>> = {
  name: 'Standing',
  source: 'query Standing{_meta{block{number hash timestamp}safe finalized deployment hasIndexingErrors}}',
  integers: { _meta: { block: { number: true, timestamp: true }, safe: true, finalized: true } },
};

/** The exchange's history and what has come of it, with every digit of its numbers. */
export class HistoryClient {
  readonly url: string;
  /** What errors call it: of the address only the host, since a path may hold a key. */
  readonly name: string;
  readonly #fetch: typeof fetch;
  readonly #timeout: number;
  readonly #connect: () => LiveConnection;
  #connection: LiveConnection | undefined;

  constructor({ url, fetch: fetcher = fetch, timeout = 10_000, ...rest }: HistoryOptions) {
    [this.url, this.name, this.#timeout] = [url, new URL(url).origin, timeout];
    // A browser's fetch refuses to be called as a method.
    this.#fetch = (input, init) => fetcher(input, init);
    const { retries = [250, 8_000], webSocket } = rest;
    const live = { url: url.replace(/^http/, 'ws'), name: this.name, webSocket, timeout, retries };
    this.#connect = () => new LiveConnection(live);
  }

  /**
   * Asks once.
   * @throws {HistoryUnreachableError} {@link HistoryRefusedError} {@link HistoryMalformedError}
   */
  async query<result, variables>(document: Document<result, variables>, variables: variables): Promise<result> {
    const { name: operationName, source: query } = document;
    const body = JSON.stringify({ query, operationName, variables: encodeVariables(variables) });
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
        body,
        signal: AbortSignal.timeout(this.#timeout),
      });
      text = await response.text();
    } catch (cause) {
      throw new HistoryUnreachableError(this.name, cause);
    }
    return this.#read(document, parse(text), { status: response.ok ? 0 : response.status, text });
  }

  /** How far the index is. @throws As {@link query}. */
  async standing(): Promise<IndexStanding> {
    return (await this.query(Standing, {}))._meta;
  }

  /** Asks, and is told again with each change, over one connection for all. @returns Ends it. */
  subscribe<result, variables>(
    document: Document<result, variables>,
    variables: variables,
    { onResult, onRefused, onLost, onBack }: HistoryListener<result>,
  ): () => void {
    this.#connection ??= this.#connect();
    const payload = { query: asSubscription(document.source), variables: encodeVariables(variables) };
    const end = this.#connection.subscribe(payload, {
      onLost,
      onBack,
      onRefused,
      onAnswer: (answer) => {
        let result: result;
        try {
          result = this.#read(document, answer);
        } catch (error) {
          end();
          onRefused(error as TidemarkError);
          return;
        }
        onResult(result);
      },
    });
    return end;
  }

  #read<result>(
    { integers }: Document<result, unknown>,
    answer: unknown,
    { status, text }: { status: number; text: string } = { status: 0, text: '' },
  ): result {
    const { data, errors } = (answer ?? {}) as { data?: unknown; errors?: readonly GraphQLFailure[] };
    const [first] = Array.isArray(errors) ? errors : [];
    if (first || status !== 0) {
      const [what, code] = [String(first?.message ?? text), String(first?.extensions?.code ?? '')];
      throw new HistoryRefusedError(this.name, { status, code, what });
    }
    try {
      if (data == null || Array.isArray(data)) throw new TypeError('it has no data');
      return decode(data, integers) as result;
    } catch (error) {
      throw new HistoryMalformedError(this.name, (error as Error).message, error);
    }
  }
}

interface GraphQLFailure {
  readonly message?: unknown;
  readonly extensions?: { readonly code?: unknown };
}

/** JSON; undefined when it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
