import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RateLimit } from '@tidemark/orders';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { handleProtocols, makeServer, type Server } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { tooMany } from './errors.ts';
import type { Answers, Executor } from './executor.ts';
import { askedOf } from './graphqlRoute.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Operation } from './operation.ts';

/** Why a WebSocket is closed, beside what graphql-transport-ws knows. */
export const CLOSE = { goingAway: 1001, flood: 1008, internal: 1011, slow: 1013 } as const;
/** Milliseconds that a client has to hear why it is dropped. */
const LAST_WORDS = 1_000;

interface Connection {
  readonly socket: WebSocket;
  readonly address: string;
}

type Context = { readonly operation: Operation; readonly answers: Answers | null; readonly socket: WebSocket };

/** GraphQL over WebSocket, by the protocol graphql-transport-ws. */
export class WebSockets {
  readonly #server: WebSocketServer;
  readonly #protocol: Server<Connection>;
  readonly #executor: Executor;
  readonly #limits: GatewayLimits;
  readonly #metrics: GatewayMetrics;
  readonly #rate: RateLimit;
  readonly #warn: (error: unknown) => void;

  constructor(options: {
    executor: Executor;
    limits: GatewayLimits;
    metrics: GatewayMetrics;
    rate: RateLimit;
    warn: (error: unknown) => void;
  }) {
    [this.#executor, this.#limits, this.#metrics] = [options.executor, options.limits, options.metrics];
    [this.#rate, this.#warn] = [options.rate, options.warn];
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: this.#limits.body,
      perMessageDeflate: false,
      handleProtocols,
    });
    this.#protocol = makeServer<Record<string, unknown>, Connection>({
      connectionInitWaitTimeout: this.#limits.request,
      onSubscribe: ({ subscriptions, extra }, _id, parameters) =>
        this.#subscribe(parameters, extra, Object.keys(subscriptions).length),
      execute: async ({ contextValue }) => {
        const { operation, socket } = contextValue as Context;
        try {
          return await this.#executor.answer(operation, () => socket.readyState === socket.OPEN);
        } catch (error) {
          return { errors: [this.#executor.failure(error)] };
        }
      },
      subscribe: ({ contextValue }) => (contextValue as Context & { answers: Answers }).answers,
    });
  }

  get size(): number {
    return this.#server.clients.size;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, address: string): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#open({ socket, address }));
  }

  /** Ends all of them. */
  close(): void {
    for (const socket of this.#server.clients) this.#end(socket, CLOSE.goingAway, 'The gateway ends.');
    this.#server.close();
  }

  async #subscribe(parameters: Parameters<typeof askedOf>[0], { address, socket }: Connection, running: number) {
    try {
      const { perConnection } = this.#limits.subscriptions;
      if (running > perConnection) throw tooMany('Operations of a connection', perConnection, 'Complete others first.');
      const operation = this.#executor.read(askedOf(parameters, address));
      const { document, operationName } = operation;
      const isSubscription = operation.kind === OperationTypeNode.SUBSCRIPTION;
      const answers = isSubscription ? await this.#executor.subscribe(operation) : null;
      if (Array.isArray(answers)) return answers as GraphQLError[];
      const contextValue = { operation, answers, socket };
      return { schema: this.#executor.schema, document, operationName, contextValue };
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  }

  #open(connection: Connection): void {
    const { socket, address } = connection;
    socket.on('error', () => this.#metrics.drops.inc({ reason: 'malformed' }));
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => this.#send(socket, text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) =>
          socket.on('message', (message) => {
            if (socket.readyState !== socket.OPEN) return;
            if (this.#rate.take(address, 1) > 0) return this.#drop(socket, 'flood', 'This address sends too much.');
            take(String(message)).catch((error) => {
              this.#warn(error);
              this.#end(socket, CLOSE.internal, 'The gateway failed.');
            });
          }),
      },
      connection,
    );
    const beat = this.#beat(socket);
    socket.once('close', (code, reason) => {
      clearInterval(beat);
      closed(code, String(reason));
    });
  }

  /** Ends a connection whose client is not there any more. */
  #beat(socket: WebSocket): NodeJS.Timeout {
    let isAlive = true;
    socket.on('pong', () => {
      isAlive = true;
    });
    return setInterval(() => {
      if (!isAlive) {
        this.#metrics.drops.inc({ reason: 'silent' });
        return socket.terminate();
      }
      isAlive = false;
      socket.ping();
    }, this.#limits.heartbeat);
  }

  /** Resolves when the network has taken a message; ends the connection of a client that does not read. */
  #send(socket: WebSocket, text: string): Promise<void> {
    return new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) return resolve();
      const drop = () => this.#drop(socket, 'slow', 'This client reads too slowly.');
      if (socket.bufferedAmount > this.#limits.unread) {
        drop();
        return resolve();
      }
      const timer = setTimeout(drop, this.#limits.drain);
      socket.send(text, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #drop(socket: WebSocket, reason: 'slow' | 'flood', words: string): void {
    if (socket.readyState !== socket.OPEN) return;
    this.#metrics.drops.inc({ reason });
    this.#end(socket, CLOSE[reason], words);
  }

  #end(socket: WebSocket, code: number, words: string): void {
    socket.close(code, words);
    setTimeout(() => socket.terminate(), LAST_WORDS).unref();
  }
}
