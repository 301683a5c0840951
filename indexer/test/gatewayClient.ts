import { createClient as createEventClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface Heard {
  /** Answers so far, the newest last. */
  readonly answers: unknown[];
  readonly errors: unknown[];
  /** Resolves when an answer satisfies it, at once where the last one does. */
  until(isIt: (answer: unknown) => boolean): Promise<unknown>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  end(): void;
}

type Kind = 'websocket' | 'events';

/** Clients of a gateway, by the libraries that applications use. */
export class GatewayClient {
  readonly #url: string;
  readonly #kind: Kind;
  readonly #sockets;
  readonly #events;

  constructor(port: number, kind: Kind) {
    this.#url = `http://127.0.0.1:${port}/graphql`;
    this.#kind = kind;
    this.#sockets = createClient({
      url: this.#url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazyCloseTimeout: 0,
      onNonLazyError: () => {},
    });
    this.#events = createEventClient({ url: this.#url, retryAttempts: 0 });
  }

  async query(query: string, variables?: Record<string, unknown>): Promise<unknown> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  }

  subscribe(query: string, variables?: Record<string, unknown>): Heard {
    const [answers, errors]: unknown[][] = [[], []];
    let waiting: (() => void)[] = [];
    let finish = () => {};
    const ended = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const sink = {
      next: (answer: unknown) => {
        answers?.push(answer);
        for (const check of waiting) check();
      },
      error: (error: unknown) => {
        errors?.push(error);
        finish();
      },
      complete: finish,
    };
    const client = this.#kind === 'websocket' ? this.#sockets : this.#events;
    const end = client.subscribe({ query, ...(variables && { variables }) }, sink);
    return {
      answers: answers ?? [],
      errors: errors ?? [],
      ended,
      end,
      until: (isIt) =>
        new Promise((resolve) => {
          const check = () => {
            const last = answers?.at(-1);
            if (last === undefined || !isIt(last)) return;
            waiting = waiting.filter((one) => one !== check);
            resolve(last);
          };
          waiting.push(check);
          check();
        }),
    };
  }

  async close(): Promise<void> {
    await this.#sockets.dispose();
    this.#events.dispose();
  }
}
