import { type Client, createClient } from 'graphql-ws/client';
import type { TidemarkError } from '../errors/index.ts';
import { HistoryRefusedError, HistoryUnreachableError } from './historyErrors.ts';

export interface LiveConnectionOptions {
  /** ws or wss. */
  readonly url: string;
  /** What errors call it. */
  readonly name: string;
  readonly webSocket: unknown;
  /** Milliseconds within which a connection has to show a sign of life. */
  readonly timeout: number;
  readonly retries: readonly [first: number, last: number];
}

export interface LiveListener {
  readonly onAnswer: (answer: unknown) => void;
  readonly onRefused: (why: TidemarkError) => void;
  readonly onLost?: ((why: TidemarkError) => void) | undefined;
  readonly onBack?: (() => void) | undefined;
}

/** Of a close that was meant. */
const NORMAL = 1000;

/** One connection for all subscriptions, made with the first and ended with the last; one that is lost is made again. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #client: Client;
  readonly #listeners = new Set<LiveListener>();
  #isLost = false;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
    const { url, webSocket, timeout, retries } = options;
    let silence: ReturnType<typeof setTimeout>;
    this.#client = createClient({
      url,
      ...(webSocket !== undefined && { webSocketImpl: webSocket }),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (tried) =>
        new Promise((resolve) => setTimeout(resolve, Math.min(retries[0] * 2 ** tried, retries[1]))),
      connectionAckWaitTimeout: timeout,
      keepAlive: timeout,
      on: {
        ping: (received) => {
          if (!received) silence = setTimeout(() => this.#client.terminate(), timeout);
        },
        pong: (received) => received && clearTimeout(silence),
        connected: () => this.#back(),
        error: (error) => this.#lost(error),
        closed: (event) => {
          clearTimeout(silence);
          // Else it was ended with the last subscription.
          if ((event as { code?: number }).code !== NORMAL) this.#lost(event);
        },
      },
    });
  }

  /** @returns Ends it. */
  subscribe(payload: { query: string; variables: unknown }, listener: LiveListener): () => void {
    this.#listeners.add(listener);
    const end = () => this.#listeners.delete(listener);
    const refused = (why: TidemarkError) => end() && listener.onRefused(why);
    const { name } = this.#options;
    const unsubscribe = this.#client.subscribe(payload as { query: string; variables: Record<string, unknown> }, {
      next: (answer) => this.#listeners.has(listener) && listener.onAnswer(answer),
      error: (error) => refused(refusalOf(name, error)),
      complete: () => refused(new HistoryRefusedError(name, { what: 'the subscription was ended' })),
    });
    return () => {
      end();
      unsubscribe();
    };
  }

  #lost(cause: unknown): void {
    if (this.#isLost || this.#listeners.size === 0) return;
    this.#isLost = true;
    const why = new HistoryUnreachableError(this.#options.name, cause);
    for (const { onLost } of this.#listeners) onLost?.(why);
  }

  #back(): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    for (const { onBack } of this.#listeners) onBack?.();
  }
}

/** What ended a subscription for good: errors of GraphQL, or a close that is not to be tried again. */
function refusalOf(name: string, error: unknown): TidemarkError {
  const [first] = Array.isArray(error) ? error : [];
  if (first) return new HistoryRefusedError(name, { what: first.message, code: String(first.extensions?.code ?? '') });
  const { code, reason } = error as { code?: number; reason?: string };
  if (typeof code === 'number') return new HistoryRefusedError(name, { status: code, what: reason ?? '' });
  return new HistoryUnreachableError(name, error);
}
