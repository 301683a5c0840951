import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { RateLimit } from '@tidemark/orders';
import { type GraphQLError, printSchema } from 'graphql';
import { GatewayPortError, refusal } from './errors.ts';
import type { Executor } from './executor.ts';
import { explore, isExplorer } from './explorer.ts';
import { GraphqlRoute } from './graphqlRoute.ts';
import type { Health } from './health.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import { Places } from './places.ts';
import { addressOf, pathOf, statusOf } from './requests.ts';
import { NotWanted } from './turns.ts';
import { WebSockets } from './webSockets.ts';

/** Answers a request that is not for the gateway. @returns Whether it does. */
export type Routes = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface ServerOptions {
  readonly executor: Executor;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly health: () => Health;
  /** As Prometheus reads it. */
  readonly scrape: () => Promise<string>;
  readonly routes: Routes;
  readonly trustProxy: boolean;
  readonly warn: (error: unknown) => void;
}

/** Milliseconds that requests have to be answered when it ends. */
const GRACE = 5_000;
/** Milliseconds between two looks for connections without a request, when it ends. */
const IDLE = 20;
/** Milliseconds between two looks for requests that take too long. */
const CHECK = 1_000;
const GRAPHQL = '/graphql';

/** The gateway's HTTP server. */
export class GatewayServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #route: GraphqlRoute;
  readonly #sockets: WebSockets;
  readonly #rate: RateLimit;
  readonly #connections: Places;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { executor, limits, metrics, trustProxy } = options;
    this.#rate = new RateLimit(limits.rate);
    this.#route = new GraphqlRoute(executor, limits, metrics);
    this.#sockets = new WebSockets({ ...options, rate: this.#rate });
    // Behind a proxy all connections are of one address.
    const perAddress = trustProxy ? limits.connections.total : limits.connections.perAddress;
    this.#connections = new Places('Connections', { ...limits.connections, perAddress });
    this.#server = createServer(
      {
        requestTimeout: limits.request,
        headersTimeout: limits.request,
        connectionsCheckingInterval: CHECK,
        maxHeaderSize: limits.headers,
      },
      (request, response) => {
        this.#answer(request, response).catch((error) => this.#fail(error, response));
      },
    );
    // Of a connection on which nothing moves.
    this.#server.setTimeout(limits.drain + limits.request);
    this.#server.on('connection', (socket) => {
      try {
        const leave = this.#connections.take(socket.remoteAddress ?? '');
        socket.once('close', leave);
      } catch {
        metrics.drops.inc({ reason: 'crowd' });
        socket.destroy();
      }
    });
    this.#server.on('upgrade', (request, stream, head) => this.#upgrade(request, stream, head));
  }

  get connections() {
    return { http: this.#connections.taken - this.#sockets.size, websocket: this.#sockets.size };
  }

  /** @returns The port. @throws {GatewayPortError} When it cannot be had. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening').catch((cause) => {
      throw new GatewayPortError(host, port, cause);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** What is just being answered is answered still. */
  async close(): Promise<void> {
    this.#sockets.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    // Connections become idle one by one; whoever does not take its answer is not waited for.
    const idle = setInterval(() => this.#server.closeIdleConnections(), IDLE);
    const timer = setTimeout(() => this.#server.closeAllConnections(), GRACE);
    await closed;
    clearInterval(idle);
    clearTimeout(timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#options.routes(request, response)) return;
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'retry-after');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    const path = pathOf(request);
    const methods = path === GRAPHQL ? ['GET', 'POST'] : ['GET', 'HEAD'];
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-methods': methods.join(', '),
        'access-control-allow-headers': 'content-type, accept',
        'access-control-max-age': '86400',
      });
      response.end();
      return;
    }
    if (!methods.includes(request.method ?? '')) {
      response.setHeader('allow', methods.join(', '));
      throw refusal('METHOD_NOT_ALLOWED', 405, `${path} takes ${methods.join(' and ')} only.`);
    }
    if (path === GRAPHQL) {
      const address = addressOf(request, this.#options.trustProxy);
      const wait = this.#rate.take(address, 1);
      if (wait > 0) {
        response.setHeader('retry-after', `${wait}`);
        throw refusal('RATE_LIMITED', 429, `This address asks too often. Ask again in ${wait} s.`);
      }
      return this.#route.answer(request, response, address);
    }
    if (path === '/health') {
      const health = this.#options.health();
      return send(response, health.healthy ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`);
    }
    if (path === '/metrics')
      return send(response, 200, this.#options.metrics.registry.contentType, await this.#options.scrape());
    if (path === '/schema.graphql') {
      const schema = printSchema(this.#options.executor.schema);
      return send(response, 200, 'application/graphql; charset=utf-8', schema);
    }
    if (isExplorer(path)) return explore(path, response);
    throw refusal('NOT_FOUND', 404, `There is nothing at ${path}. See docs/indexing-gateway.md.`);
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy());
    const address = addressOf(request, this.#options.trustProxy);
    if (pathOf(request) !== GRAPHQL) {
      stream.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
      return;
    }
    if (this.#rate.take(address, 1) > 0) {
      stream.end('HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\r\n');
      return;
    }
    this.#sockets.upgrade(request, stream, head, address);
  }

  #fail(error: unknown, response: ServerResponse): void {
    if (response.headersSent || error instanceof NotWanted) {
      response.destroy();
      return;
    }
    const told: GraphQLError = this.#options.executor.failure(error);
    const status = statusOf(told);
    // Who sends too much shall hear why, and then send no more.
    if (status === 413) response.setHeader('connection', 'close');
    send(response, status, 'application/json; charset=utf-8', JSON.stringify({ errors: [told] }));
  }
}

function send(response: ServerResponse, status: number, type: string, content: string): void {
  response.writeHead(status, { 'content-type': type }).end(content);
}
